#include "directory/mids-private.h"

/* A MId is 8 bits for the branch, 8 for its leaf, 10 for the word of it, 6 for the bit. */
struct mid_set_leaf {
	uint64_t words[1024];
};

struct mid_set_branch {
	struct mid_set_leaf *leaves[256];
};

static uint64_t bit_of(uint32_t mid)
{
	return UINT64_C(1) << (mid & 63);
}

static uint64_t *word_of(struct mid_set_leaf *leaf, uint32_t mid)
{
	return &leaf->words[mid >> 6 & 1023];
}

bool mid_set_has(const struct mid_set *set, uint32_t mid)
{
	const struct mid_set_branch *branch = set->branches[mid >> 24];
	struct mid_set_leaf *leaf = branch ? branch->leaves[mid >> 16 & 255] : NULL;
	return leaf && *word_of(leaf, mid) & bit_of(mid);
}

bool mid_set_add(struct mid_set *set, uint32_t mid, struct arena *a)
{
	struct mid_set_branch **branch = &set->branches[mid >> 24];
	if (!*branch)
		*branch = arena_alloc(a, sizeof **branch);
	if (!*branch)
		return false;
	struct mid_set_leaf **leaf = &(*branch)->leaves[mid >> 16 & 255];
	if (!*leaf)
		*leaf = arena_alloc(a, sizeof **leaf);
	if (!*leaf)
		return false;
	uint64_t *word = word_of(*leaf, mid);
	set->count += !(*word & bit_of(mid));
	*word |= bit_of(mid);
	return true;
}

bool mid_array_add(struct mid_array *array, uint32_t mid, struct arena *a)
{
	if (array->count == array->capacity) {
		uint32_t capacity = array->capacity ? 2 * array->capacity : 32;
		uint32_t *bigger = arena_alloc_array(a, capacity, sizeof *bigger);
		if (!bigger)
			return false;
		if (array->count > 0)
			memcpy(bigger, array->mids, array->count * sizeof *bigger);
		array->mids = bigger;
		array->capacity = capacity;
	}
	array->mids[array->count++] = mid;
	return true;
}
