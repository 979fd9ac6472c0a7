#ifndef DIRECTORY_LOOKUP_PRIVATE_H
#define DIRECTORY_LOOKUP_PRIVATE_H

/* Finding the objects of a view by what is in the indexes; hidden ones too. */

#include "directory/keys-private.h"

/* Walks the MIds under one key, or under all keys that begin with a prefix. */
struct index_range {
	struct index_cursor cursor;
	uint32_t left;
};

struct index_range index_range_exact(const struct index *ix, struct slice key);
struct index_range index_range_prefix(const struct index *ix, struct slice prefix);
/* The next object that the view has; NULL at the end. */
const struct object *index_range_next(struct index_range *r, const struct view *v);

/* Of several objects the one with the lowest MId; NULL when there is none. */
const struct object *lookup_legacy_dn(const struct view *v, struct slice dn);
const struct object *lookup_dn_hash(const struct view *v, uint64_t hash);
const struct object *lookup_guid(const struct view *v, const struct guid *guid);

/* Those with a name of that kind (an account or an address), in order of MId: fills at most max,
 * returns how many there are to fill. */
size_t lookup_name(const struct view *v, enum name_kind kind, struct slice name,
                   const struct object **found, size_t max);

#endif
