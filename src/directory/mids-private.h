#ifndef DIRECTORY_MIDS_PRIVATE_H
#define DIRECTORY_MIDS_PRIVATE_H

/* MIds that are collected, in an arena: as a set, a bit each; as an array. All zero is empty. What
 * adds is false when the arena is full. */

#include "base/arena.h"

enum { MID_SET_BRANCHES = 256 };

struct mid_set {
	size_t count;
	struct mid_set_branch *branches[MID_SET_BRANCHES];
};

bool mid_set_has(const struct mid_set *set, uint32_t mid);
bool mid_set_add(struct mid_set *set, uint32_t mid, struct arena *a); /* or it is there already */

struct mid_array {
	uint32_t *mids;
	uint32_t count, capacity;
};

bool mid_array_add(struct mid_array *array, uint32_t mid, struct arena *a);

#endif
