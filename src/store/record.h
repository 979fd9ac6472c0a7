#ifndef STORE_RECORD_H
#define STORE_RECORD_H

/*
 * An entry as it stands in the store: packed, attribute names as numbers, values grouped by name,
 * in the order of their file within one. Two records of the same content are the same bytes behind
 * the generation.
 */

#include "base/buffer.h"
#include "base/guid.h"

enum guid_origin {
	GUID_MADE, /* from the DN */
	GUID_OBJECT_GUID,
	GUID_ENTRY_UUID,
};

struct record_value {
	uint16_t name;
	uint32_t order; /* among values added later and earlier */
	struct slice value;
};

struct record {
	uint64_t generation; /* of the last change */
	enum guid_origin guid_origin;
	struct guid guid;
	struct slice legacy_dn;
	struct slice dn;
	struct record_value *values;
	size_t count, room;
};

enum { RECORD_MAX = 65 << 20 }; /* bytes: more than an LDIF record can have */

void record_clear(struct record *r); /* keeps memory */
void record_free(struct record *r);
void record_add(struct record *r, uint16_t name, struct slice value);
/* Groups the values by name; a name's values keep their order. */
void record_sort(struct record *r);

/* The record is sorted. */
void record_encode(const struct record *r, struct buffer *out);
/* Whether two encoded records say the same, whenever they were written. */
bool record_same(struct slice a, struct slice b);
/* Borrows from bytes. false when they are damaged. */
bool record_decode(struct record *r, struct slice bytes);

/* The values of a name: the index of the first and their number. */
size_t record_values(const struct record *r, uint16_t name, size_t *first);

#endif
