#ifndef DIRECTORY_CONTAINER_PRIVATE_H
#define DIRECTORY_CONTAINER_PRIVATE_H

#include "directory/object-private.h"
#include "directory/view.h"

/* Address lists that have a number in the indexes; the global address list needs none. */
enum { CONTAINER_LISTS = 5 };

struct container {
	uint32_t id; /* below ENTRY_MID_FIRST */
	int list;    /* its number in the indexes, INDEX_ALL of the global address list */
	const char *dn;
	const char *name;
	uint32_t flags;
	uint32_t depth;
	const struct container *parent;
	enum object_category category; /* of its members */
};

/* The address lists an object belongs to, one bit each. */
uint64_t containers_of(const struct object *o);

bool container_holds(const struct container *c, const struct object *o);

#endif
