#ifndef DIRECTORY_LOAD_PRIVATE_H
#define DIRECTORY_LOAD_PRIVATE_H

/* Indexes made from all objects at once, on several threads. */

#include "directory/keys-private.h"

struct object_list {
	const struct object **objects; /* in order of MId; borrowed */
	size_t count;
};

struct object_list object_list_new(const struct records *r, size_t count);
void object_list_free(struct object_list *l);

const struct index *index_of_objects(const struct directory_settings *settings, size_t index,
                                     const struct object_list *list);

#endif
