#include "directory/table-private.h"

#include <stdlib.h>

#include "directory/snapshot-private.h"

enum { MANY = 1024, SHARE = 64 }; /* of the whole order, from which on it is walked */

/* A MId on its way into order. */
struct sorted_mid {
	struct slice key;
	uint32_t mid;
};

static int compare_sorted(const void *a, const void *b)
{
	const struct sorted_mid *x = a, *y = b;
	return index_compare(x->key, x->mid, y->key, y->mid);
}

/* Each by its key; those outside the table too. */
static int sort_by_keys(const struct view *v, const struct table *t, uint32_t *mids, size_t *count,
                        struct arena *a)
{
	struct sorted_mid *sorted = arena_alloc_array(a, *count, sizeof *sorted);
	uint8_t key[INDEX_KEY_MAX];
	size_t known = 0;
	if (!sorted)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < *count; i++) {
		const struct object *o = view_object(v, mids[i]);
		if (!o)
			continue;
		struct slice copy = arena_slice(a, slice_of(key, table_key(t, o, key)));
		if (!copy.data)
			return ERR_NO_MEMORY;
		sorted[known++] = (struct sorted_mid){copy, mids[i]};
	}
	qsort(sorted, known, sizeof *sorted, compare_sorted);
	for (size_t i = 0; i < known; i++)
		mids[i] = sorted[i].mid;
	*count = known;
	return 0;
}

/* A bit for each MId of a list. */
struct mid_set {
	uint64_t *words;
	uint32_t highest;
	size_t count; /* of different ones */
};

static bool has_mid(const struct mid_set *set, uint32_t mid)
{
	return mid <= set->highest && (set->words[mid / 64] >> (mid % 64) & 1);
}

/* Those that the view knows. */
static bool fill_set(struct mid_set *set, const struct view *v, const uint32_t *mids, size_t count,
                     struct arena *a)
{
	for (size_t i = 0; i < count; i++)
		if (mids[i] > set->highest)
			set->highest = mids[i];
	/* Where the MIds are few among many it would be large for them. */
	if (set->highest / SHARE > count * sizeof(uint64_t))
		return false;
	set->words = arena_alloc_array(a, set->highest / 64 + 1, sizeof *set->words);
	for (size_t i = 0; i < count && set->words; i++) {
		if (has_mid(set, mids[i]) || !view_object(v, mids[i]))
			continue;
		set->words[mids[i] / 64] |= UINT64_C(1) << (mids[i] % 64);
		set->count++;
	}
	return set->words;
}

/* A good part of the book is met sooner by a walk through its order. false: it is not that, or some
 * of it is not in the order, or there twice. */
static bool sort_by_walk(const struct view *v, const struct table *t, uint32_t *mids, size_t *count,
                         struct arena *a)
{
	struct mid_set set = {NULL, 0, 0};
	size_t met = 0;
	if (*count < MANY || *count < index_count(t->order, INDEX_ALL) / SHARE)
		return false;
	uint32_t *sorted = arena_alloc_array(a, *count, sizeof *sorted);
	if (!sorted || !fill_set(&set, v, mids, *count, a))
		return false;
	struct index_cursor c = index_at(t->order, 0);
	for (; index_cursor_valid(&c) && met < set.count; index_cursor_next(&c, INDEX_ALL))
		if (has_mid(&set, index_cursor_mid(&c)))
			sorted[met++] = index_cursor_mid(&c);
	if (met < *count)
		return false;
	memcpy(mids, sorted, met * sizeof *mids);
	return true;
}

int table_sort_mids(const struct view *v, const struct table *t, uint32_t *mids, size_t *count,
                    struct arena *a)
{
	return sort_by_walk(v, t, mids, count, a) ? 0 : sort_by_keys(v, t, mids, count, a);
}
