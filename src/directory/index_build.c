#include "directory/index_writer-private.h"

#include "base/memory.h"

#include <stdlib.h>

void index_batch_init(struct index_batch *b)
{
	*b = (struct index_batch){0};
	arena_init(&b->keys, SIZE_MAX);
}

void index_batch_free(struct index_batch *b)
{
	free(b->changes);
	arena_free(&b->keys);
	*b = (struct index_batch){0};
}

void index_batch_put(struct index_batch *b, struct slice key, uint32_t mid, uint64_t lists,
                     bool removed)
{
	if (key.size > INDEX_KEY_MAX)
		key.size = INDEX_KEY_MAX;
	if (b->count == b->capacity) {
		b->capacity = b->capacity ? b->capacity + b->capacity / 2 : 64;
		b->changes = xrealloc_array(b->changes, b->capacity, sizeof *b->changes);
	}
	uint64_t prefix = index_key_prefix(key);
	const uint8_t *copy = arena_slice(&b->keys, key).data;
	b->changes[b->count++] = (struct index_change){.prefix = prefix,
	                                               .lists = lists,
	                                               .key = copy,
	                                               .mid = mid,
	                                               .key_size = (uint8_t)key.size,
	                                               .removed = removed};
}

static struct slice change_key(const struct index_change *c)
{
	return slice_of(c->key, c->key_size);
}

bool index_same_entry(const struct index_change *a, const struct index_change *b)
{
	return a->prefix == b->prefix && a->mid == b->mid &&
	       slice_equal(change_key(a), change_key(b));
}

/*
 * One change for each entry: the last addition, else one removal. An entry that was removed and
 * comes back on the same lists is no change at all.
 */
static void reduce(struct index_batch *b)
{
	size_t kept = 0;
	for (size_t i = 0, next; i < b->count; i = next) {
		for (next = i + 1; next < b->count; next++)
			if (!index_same_entry(&b->changes[i], &b->changes[next]))
				break;
		const struct index_change *first = &b->changes[i], *last = &b->changes[next - 1];
		if (first->removed && !last->removed && first->lists == last->lists)
			continue;
		b->changes[kept++] = *last;
	}
	b->count = kept;
}

static void write_change(struct index_writer *w, const struct index_change *c)
{
	struct index_entry e = {.key = change_key(c), .mid = c->mid, .lists = c->lists};
	if (!c->removed)
		index_writer_put(w, &e);
}

/* Copies a block with the changes that fall into it; returns the first one behind. */
static const struct index_change *merge_block(struct index_writer *w, const struct index_block *b,
                                              const struct index_change *c,
                                              const struct index_change *end)
{
	for (uint32_t slot = 0; slot < b->count; slot++) {
		struct index_entry e = index_block_entry(b, slot, w->index->lists);
		int order = 1;
		while (c < end && (order = index_compare(change_key(c), c->mid, e.key, e.mid)) < 0)
			write_change(w, c++);
		if (c < end && order == 0)
			write_change(w, c++);
		else
			index_writer_put(w, &e);
	}
	return c;
}

/* Consecutive blocks that are copied together, and the changes in them. */
struct region {
	size_t first, end;
	const struct index_change *changes, *changes_end;
	size_t entries; /* at most */
};

/* The changes that are less than the first entry of a block. */
static const struct index_change *changes_before(const struct index *base, size_t block,
                                                 const struct index_change *c,
                                                 const struct index_change *end)
{
	if (block >= base->block_count)
		return end;
	struct index_entry first = index_block_entry(base->blocks[block], 0, 0);
	size_t low = 0, high = (size_t)(end - c);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (index_compare(change_key(&c[middle]), c[middle].mid, first.key, first.mid) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return c + low;
}

/* Takes one more block into the region, with its changes. */
static void extend(struct region *r, const struct index *base, const struct index_change *end)
{
	const struct index_change *before = r->changes_end;
	if (r->end < base->block_count)
		r->entries += base->blocks[r->end++]->count;
	r->changes_end = changes_before(base, r->end, before, end);
	for (const struct index_change *c = before; c < r->changes_end; c++)
		r->entries += c->removed ? -(r->entries > 0) : 1;
}

static void write_region(struct index_writer *w, const struct index *base, const struct region *r)
{
	size_t limit = r->entries > BLOCK_ENTRIES_MAX ? BLOCK_ENTRIES_FILL : BLOCK_ENTRIES_MAX;
	size_t pieces = (r->entries + limit - 1) / limit;
	const struct index_change *c = r->changes;

	w->target = BLOCK_ENTRIES_MAX;
	if (pieces > 1)
		w->target = (uint32_t)((r->entries + pieces - 1) / pieces);
	for (size_t i = r->first; i < r->end; i++)
		c = merge_block(w, base->blocks[i], c, r->changes_end);
	while (c < r->changes_end)
		write_change(w, c++);
	index_writer_flush(w);
}

static void write_all(struct index_writer *w, const struct index *base,
                      const struct index_batch *batch)
{
	const struct index_change *end = batch->changes + batch->count;
	struct region r = {.changes_end = batch->changes};

	while (r.end < base->block_count || r.changes_end < end) {
		r = (struct region){r.end, r.end, r.changes_end, r.changes_end, 0};
		extend(&r, base, end);
		if (r.changes == r.changes_end) {
			index_writer_append(w, index_block_ref(base->blocks[r.first]));
			continue;
		}
		while (r.entries < BLOCK_ENTRIES_MIN && r.end < base->block_count)
			extend(&r, base, end);
		write_region(w, base, &r);
	}
}

const struct index *index_apply(const struct index *base, struct index_batch *b)
{
	index_batch_sort(b);
	reduce(b);
	if (b->count == 0)
		return index_ref(base);
	struct index_writer *w = index_writer_new(base->lists, BLOCK_ENTRIES_MAX);
	write_all(w, base, b);
	struct index *ix = index_writer_finish(w);
	index_finish_spine(ix);
	index_batch_free(b);
	index_batch_init(b);
	return ix;
}
