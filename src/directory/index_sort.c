#include "directory/index-private.h"

#include <stdlib.h>

enum { SMALL = 40 }; /* changes that are sorted by insertion */
enum { WINDOW = sizeof(uint64_t) };
enum { DEPTH_OF_MIDS = INDEX_KEY_MAX + 1 }; /* behind every key */

static struct slice change_key(const struct index_change *c)
{
	return slice_of(c->key, c->key_size);
}

static int compare_changes(const void *a, const void *b)
{
	const struct index_change *x = a, *y = b;
	if (x->prefix != y->prefix)
		return x->prefix < y->prefix ? -1 : 1;
	int order = index_compare(change_key(x), x->mid, change_key(y), y->mid);
	return order ? order : (int)y->removed - (int)x->removed;
}

static void sort_small(struct index_change *c, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct index_change moved = c[i];
		size_t at = i;
		for (; at > 0 && compare_changes(&moved, &c[at - 1]) < 0; at--)
			c[at] = c[at - 1];
		c[at] = moved;
	}
}

static uint8_t digit_of(const struct index_change *c, unsigned level)
{
	return (uint8_t)(c->prefix >> (8 * (WINDOW - 1 - level)));
}

/* Where the changes with each digit end, once they are put in order of it; false when all have the
 * same. */
static bool count_digits(const struct index_change *c, size_t count, unsigned level,
                         size_t ends[256])
{
	size_t counts[256] = {0}, end = 0;
	for (size_t i = 0; i < count; i++)
		counts[digit_of(&c[i], level)]++;
	for (size_t i = 0; i < 256; i++)
		ends[i] = end += counts[i];
	return counts[digit_of(&c[0], level)] < count;
}

/* Swaps each change into the part of its digit. Afterwards starts[i] is where digit i begins. */
static void permute(struct index_change *c, unsigned level, const size_t ends[256],
                    size_t starts[256])
{
	size_t next[256];
	for (size_t i = 0; i < 256; i++)
		next[i] = starts[i] = i > 0 ? ends[i - 1] : 0;
	for (size_t i = 0; i < 256; i++) {
		while (next[i] < ends[i]) {
			struct index_change *here = &c[next[i]];
			uint8_t digit = digit_of(here, level);
			if (digit == i) {
				next[i]++;
				continue;
			}
			struct index_change *there = &c[next[digit]++], moved = *there;
			*there = *here;
			*here = moved;
		}
	}
}

static void sort_range(struct index_change *c, size_t count, unsigned level, size_t depth);

/* What comes behind `depth` bytes of a key: more bytes, or behind its end the MId. */
static uint64_t window_at(const struct index_change *c, size_t depth, bool ended)
{
	if (ended)
		return c->mid;
	if (c->key_size <= depth)
		return 0;
	return index_key_prefix(slice_of(c->key + depth, c->key_size - depth));
}

/* Those whose keys are the same up to depth + WINDOW. */
static void sort_behind(struct index_change *c, size_t count, size_t depth)
{
	uint64_t prefix = c[0].prefix;
	bool ended = depth < DEPTH_OF_MIDS;
	for (size_t i = 0; i < count && ended; i++)
		ended = c[i].key_size == c[0].key_size && c[i].key_size <= depth + WINDOW;
	size_t longer = 0;
	for (size_t i = 0; i < count; i++)
		longer += c[i].key_size > depth + WINDOW;
	if (!ended && longer == 0) {
		qsort(c, count, sizeof *c, compare_changes);
		return;
	}
	depth = ended ? DEPTH_OF_MIDS : depth + WINDOW;
	for (size_t i = 0; i < count; i++)
		c[i].prefix = window_at(&c[i], depth, ended);
	sort_range(c, count, 0, depth);
	for (size_t i = 0; i < count; i++)
		c[i].prefix = prefix;
}

/* Byte by byte of the keys, in place: recursion is bounded by the length of a key. */
static void sort_range(struct index_change *c, size_t count, unsigned level, size_t depth)
{
	size_t ends[256], starts[256];
	if (count <= SMALL) {
		sort_small(c, count);
		return;
	}
	while (level < WINDOW && !count_digits(c, count, level, ends))
		level++;
	if (level == WINDOW) {
		sort_behind(c, count, depth);
		return;
	}
	permute(c, level, ends, starts);
	for (size_t i = 0; i < 256; i++)
		if (ends[i] > starts[i])
			sort_range(c + starts[i], ends[i] - starts[i], level + 1, depth);
}

void index_batch_sort(struct index_batch *b)
{
	sort_range(b->changes, b->count, 0, 0);
}
