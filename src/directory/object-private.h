#ifndef DIRECTORY_OBJECT_PRIVATE_H
#define DIRECTORY_OBJECT_PRIVATE_H

/*
 * An object of the address book: one packed, immutable, reference counted allocation that snapshots
 * share. Its properties lie in order of id, each as
 *   text, binary, String8   its bytes
 *   multi-valued ones       for each value a length (base 128, low groups first) and the bytes
 *   integer, Boolean, time  4, 1, 8 bytes, little-endian
 *   links                   8 bytes each, the hash of the target's LDAP DN, ascending
 */

#include <stdatomic.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/guid.h"
#include "base/hashmap.h"
#include "directory/entry.h"
#include "directory/view.h"
#include "mapi/attributes.h"

enum object_category {
	CATEGORY_NONE, /* not a recipient: not in the book at all */
	CATEGORY_USER,
	CATEGORY_GROUP,
	CATEGORY_CONTACT,
	CATEGORY_RESOURCE, /* rooms and equipment */
	CATEGORY_FOLDER,
};

struct object {
	_Atomic uint32_t refs;
	uint32_t mid;
	uint32_t size;         /* all of it */
	uint32_t chunk_offset; /* from the start of its chunk; 0: an allocation of its own */
	uint16_t count;
	uint8_t display_type;
	uint8_t category;
	bool hidden;
	bool members_hidden;
	bool wide;        /* offsets have 32 bits instead of 16 */
	uint64_t lists;   /* address lists that it would be on if it were not hidden */
	uint64_t dn_hash; /* of the normalised LDAP DN */
	struct guid guid;
	uint16_t ids[]; /* count; then count + 1 offsets from the values' start; then the values */
};

/* Where the values begin, and where among them one does; the count-th is their end. */
static inline const uint8_t *object_values(const struct object *o)
{
	return (const uint8_t *)(o->ids + o->count) + (o->count + 1u) * (o->wide ? 4 : 2);
}

static inline uint32_t object_offset(const struct object *o, size_t index)
{
	const uint8_t *offsets = (const uint8_t *)(o->ids + o->count);
	uint32_t offset = 0;
	if (o->wide)
		memcpy(&offset, offsets + 4 * index, 4);
	else
		memcpy(&offset, offsets + 2 * index, 2);
	return offset;
}

/* Whether it may stand in a table, a match, a resolution or a list of links: the one place that
 * says so. */
static inline bool object_listed(const struct object *o)
{
	return !o->hidden;
}

const struct object *object_ref(const struct object *o);
void object_unref(const struct object *o); /* NULL is fine */

/* The stored bytes of a property; false when it has none. */
bool object_raw(const struct object *o, uint16_t id, struct slice *raw);

/* Text of a single-valued property; data is NULL when it has none. */
struct slice object_text(const struct object *o, uint16_t id);

/* Whether a client gets a value of it, or a link of it that leads somewhere. */
bool object_has(const struct view *v, const struct object *o, const struct attribute *a);

/* Takes the next of several values from the front; false at the end. */
bool values_next(struct slice *raw, struct slice *value);

static inline uint64_t link_at(struct slice raw, size_t index)
{
	uint64_t hash;
	memcpy(&hash, raw.data + index * sizeof hash, sizeof hash);
	return hash;
}

/* Whether links (raw) have one to a DN of that hash. */
bool links_have(struct slice raw, uint64_t hash);

/* Hash of a DN as links and objects keep it; 0 when it is none. */
uint64_t ldap_dn_hash(const struct hash_secret *secret, struct slice dn);

/* An object with properties and not yet packed. */
struct draft_property {
	uint16_t id;
	struct slice raw;
};

struct object_packer;

struct draft {
	const struct hash_secret *secret; /* of the hashes of links */
	struct arena arena;
	struct draft_property *properties;
	size_t count, capacity;
	bool hidden, members_hidden;
	enum object_category category;
	enum display_type display_type;
};

/* Takes what the attribute table allows from an entry. A warning goes to e->text (the first one
 * stays). */
void draft_init(struct draft *d, const struct hash_secret *secret);
void draft_reset(struct draft *d); /* for the next entry */
void draft_free(struct draft *d);
void draft_take(struct draft *d, const struct entry *entry, struct error *e);
void draft_put(struct draft *d, uint16_t id, struct slice raw); /* sets or replaces */
struct slice draft_get(const struct draft *d, uint16_t id); /* data is NULL when there is none */
/* Category, display type, hidden. */
void draft_classify(struct draft *d);
struct object *draft_pack(struct draft *d, const struct entry *entry,
                          struct object_packer *packer /* or NULL */);

/* The stored form of an attribute's values; data is NULL when none could be taken, and warned is
 * set when at least one could not. */
struct slice convert_values(struct draft *d, const struct attribute *a,
                            const struct entry_attribute *from, bool *warned);

#endif
