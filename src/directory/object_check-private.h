#ifndef DIRECTORY_OBJECT_CHECK_PRIVATE_H
#define DIRECTORY_OBJECT_CHECK_PRIVATE_H

#include "directory/object-private.h"

/* What the values of each property are like, by its id. */
struct object_kinds {
	uint8_t of[UINT16_MAX + 1];
};

void object_kinds_init(struct object_kinds *k);

/* Whether bytes from a file, which are aligned as one, are a whole object that can be used; lists
 * are those that there are. */
bool object_check(const struct object_kinds *kinds, const void *bytes, size_t size, uint64_t lists);

#endif
