#ifndef DIRECTORY_LOOKUP_PRIVATE_H
#define DIRECTORY_LOOKUP_PRIVATE_H

/* Finding objects by what is in the indexes. Nothing here looks at visibility: view.c does. */

#include "directory/keys-private.h"

/* Walks the MIds under one key, or under all keys that begin with a prefix. */
struct index_range {
	struct index_cursor cursor;
	uint32_t left;
};

struct index_range index_range_exact(const struct index *ix, struct slice key);
struct index_range index_range_prefix(const struct index *ix, struct slice prefix);
/* The next one's object; NULL at the end. */
const struct object *index_range_next(struct index_range *r, const struct snapshot *s);

/* Of several objects the one with the lowest MId; NULL when there is none. */
const struct object *lookup_legacy_dn(const struct snapshot *s, struct slice dn);
const struct object *lookup_dn_hash(const struct snapshot *s, uint64_t hash);
const struct object *lookup_guid(const struct snapshot *s, const struct guid *guid);

/* Those with a name of that kind (an account or an address), in order of MId: fills at most max,
 * returns how many there are to fill. */
size_t lookup_name(const struct snapshot *s, enum name_kind kind, struct slice name,
                   const struct object **found, size_t max);

#endif
