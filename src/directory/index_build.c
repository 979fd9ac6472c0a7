#include "directory/index-private.h"

#include "base/memory.h"

#include <stdlib.h>

void index_batch_init(struct index_batch *b)
{
	*b = (struct index_batch){ 0 };
	arena_init(&b->keys, SIZE_MAX);
}

void index_batch_free(struct index_batch *b)
{
	free(b->changes);
	arena_free(&b->keys);
	*b = (struct index_batch){ 0 };
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
	b->changes[b->count++] = (struct index_change){ .prefix = prefix,
		                                        .lists = lists,
		                                        .key = copy,
		                                        .mid = mid,
		                                        .key_size = (uint8_t)key.size,
		                                        .removed = removed };
}

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

static bool same_entry(const struct index_change *a, const struct index_change *b)
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
			if (!same_entry(&b->changes[i], &b->changes[next]))
				break;
		const struct index_change *first = &b->changes[i], *last = &b->changes[next - 1];
		if (first->removed && !last->removed && first->lists == last->lists)
			continue;
		b->changes[kept++] = *last;
	}
	b->count = kept;
}

/* Entries on their way into blocks. Each of the blocks of a region gets about `target` of them. */
struct writer {
	struct index *index;
	size_t capacity; /* of index->blocks */
	uint32_t target;
	uint32_t count;
	uint32_t key_bytes;
	struct slice last_key;
	uint32_t mids[BLOCK_ENTRIES_MAX];
	uint16_t offsets[BLOCK_ENTRIES_MAX];
	uint8_t keys[BLOCK_KEYS_MAX + 1 + INDEX_KEY_MAX];
	uint64_t bits[INDEX_LISTS_MAX][BLOCK_WORDS];
};

static void append_block(struct writer *w, const struct index_block *b)
{
	struct index *ix = w->index;
	if (ix->block_count == w->capacity) {
		w->capacity = w->capacity ? w->capacity * 2 : 16;
		ix->blocks = xrealloc_array(ix->blocks, w->capacity, sizeof(void *));
	}
	ix->blocks[ix->block_count++] = b;
}

/* One allocation: the head, bits, MIds, offsets, counts, keys, in falling order of alignment. */
static struct index_block *new_block(uint32_t count, uint32_t key_bytes, unsigned lists)
{
	size_t bits = lists * ((count + 63) / 64) * sizeof(uint64_t);
	size_t mids = count * sizeof(uint32_t), offsets = count * sizeof(uint16_t);
	size_t on_list = lists * sizeof(uint16_t);
	size_t size = sizeof(struct index_block) + bits + mids + offsets + on_list + key_bytes;
	struct index_block *b = xmalloc(size);
	uint8_t *p = (uint8_t *)(b + 1);

	*b = (struct index_block){ .refs = 1, .count = count, .size = (uint32_t)size };
	b->bits = (uint64_t *)(void *)p;
	b->mids = (uint32_t *)(void *)(p + bits);
	b->offsets = (uint16_t *)(void *)(p + bits + mids);
	b->on_list = (uint16_t *)(void *)(p + bits + mids + offsets);
	b->keys = p + bits + mids + offsets + on_list;
	return b;
}

static void fill_lists(struct writer *w, struct index_block *b)
{
	size_t words = (b->count + 63) / 64;
	for (unsigned list = 0; list < w->index->lists; list++) {
		uint32_t on_list = 0;
		for (size_t i = 0; i < words; i++)
			on_list += (uint32_t)__builtin_popcountll(w->bits[list][i]);
		memcpy(b->bits + list * words, w->bits[list], words * sizeof(uint64_t));
		memset(w->bits[list], 0, words * sizeof(uint64_t));
		b->on_list[list] = (uint16_t)on_list;
	}
}

static void flush(struct writer *w)
{
	if (w->count == 0)
		return;
	struct index_block *b = new_block(w->count, w->key_bytes, w->index->lists);
	memcpy(b->mids, w->mids, w->count * sizeof *b->mids);
	memcpy(b->offsets, w->offsets, w->count * sizeof *b->offsets);
	memcpy(b->keys, w->keys, w->key_bytes);
	fill_lists(w, b);
	append_block(w, b);
	w->count = 0;
	w->key_bytes = 0;
}

static void write_key(struct writer *w, struct slice key)
{
	uint8_t *at = w->keys + w->key_bytes;
	at[0] = (uint8_t)key.size;
	if (key.size > 0)
		memcpy(at + 1, key.data, key.size);
	w->last_key = slice_of(at + 1, key.size);
	w->key_bytes += 1 + (uint32_t)key.size;
}

static void write_entry(struct writer *w, const struct index_entry *e)
{
	if (w->count >= w->target || w->key_bytes + 1 + e->key.size > BLOCK_KEYS_MAX)
		flush(w);
	uint32_t slot = w->count++;
	if (slot > 0 && slice_equal(w->last_key, e->key)) {
		w->offsets[slot] = w->offsets[slot - 1];
	} else {
		w->offsets[slot] = (uint16_t)w->key_bytes;
		write_key(w, e->key);
	}
	w->mids[slot] = e->mid;
	for (uint64_t left = e->lists; left; left &= left - 1)
		w->bits[__builtin_ctzll(left)][slot / 64] |= UINT64_C(1) << (slot % 64);
}

static void write_change(struct writer *w, const struct index_change *c)
{
	struct index_entry e = { .key = change_key(c), .mid = c->mid, .lists = c->lists };
	if (!c->removed)
		write_entry(w, &e);
}

/* Copies a block with the changes that fall into it; returns the first one behind. */
static const struct index_change *merge_block(struct writer *w, const struct index_block *b,
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
			write_entry(w, &e);
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

static void write_region(struct writer *w, const struct index *base, const struct region *r)
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
	flush(w);
}

static void finish_spine(struct index *ix)
{
	size_t row = ix->block_count + 1;
	ix->prefixes = xcalloc(row, sizeof *ix->prefixes);
	ix->starts = xcalloc(row * (1 + ix->lists), sizeof *ix->starts);
	for (size_t i = 0; i < ix->block_count; i++) {
		const struct index_block *b = ix->blocks[i];
		ix->prefixes[i] = index_key_prefix(index_block_entry(b, 0, 0).key);
		ix->starts[i + 1] = ix->starts[i] + b->count;
		for (unsigned list = 0; list < ix->lists; list++) {
			uint32_t *starts = ix->starts + (list + 1) * row;
			starts[i + 1] = starts[i] + b->on_list[list];
		}
	}
}

static void write_all(struct writer *w, const struct index *base, const struct index_batch *batch)
{
	const struct index_change *end = batch->changes + batch->count;
	struct region r = { .changes_end = batch->changes };

	while (r.end < base->block_count || r.changes_end < end) {
		r = (struct region){ r.end, r.end, r.changes_end, r.changes_end, 0 };
		extend(&r, base, end);
		if (r.changes == r.changes_end) {
			append_block(w, index_block_ref(base->blocks[r.first]));
			continue;
		}
		while (r.entries < BLOCK_ENTRIES_MIN && r.end < base->block_count)
			extend(&r, base, end);
		write_region(w, base, &r);
	}
}

const struct index *index_apply(const struct index *base, struct index_batch *b)
{
	if (b->count > 1)
		qsort(b->changes, b->count, sizeof *b->changes, compare_changes);
	reduce(b);
	if (b->count == 0)
		return index_ref(base);
	struct writer *w = xcalloc(1, sizeof *w);
	w->index = xcalloc(1, sizeof *w->index);
	w->index->refs = 1;
	w->index->lists = base->lists;
	write_all(w, base, b);
	struct index *ix = w->index;
	free(w);
	finish_spine(ix);
	index_batch_free(b);
	index_batch_init(b);
	return ix;
}
