#include "directory/index_writer-private.h"

#include "base/memory.h"

#include <stdlib.h>

struct index_writer *index_writer_new(unsigned lists, uint32_t target)
{
	struct index_writer *w = xcalloc(1, sizeof *w);
	w->index = xcalloc(1, sizeof *w->index);
	w->index->refs = 1;
	w->index->lists = lists;
	w->target = target;
	return w;
}

struct index *index_writer_finish(struct index_writer *w)
{
	index_writer_flush(w);
	struct index *ix = w->index;
	free(w);
	return ix;
}

void index_writer_append(struct index_writer *w, const struct index_block *b)
{
	struct index *ix = w->index;
	if (ix->block_count == w->capacity) {
		w->capacity = w->capacity ? w->capacity * 2 : 16;
		ix->blocks = xrealloc_array(ix->blocks, w->capacity, sizeof(void *));
	}
	ix->blocks[ix->block_count++] = b;
}

size_t index_block_payload(uint32_t count, uint32_t key_bytes, unsigned lists)
{
	size_t bits = lists * ((count + 63) / 64) * sizeof(uint64_t);
	return bits + count * (sizeof(uint32_t) + sizeof(uint16_t)) + lists * sizeof(uint16_t) +
	       key_bytes;
}

/* The payload: bits, MIds, offsets, counts, keys, in falling order of alignment. */
void index_block_lay_out(struct index_block *b, uint32_t count, uint32_t key_bytes, unsigned lists,
                         uint8_t *payload)
{
	*b = (struct index_block){.refs = 1, .count = count};
	b->payload = (uint32_t)index_block_payload(count, key_bytes, lists);
	b->bits = (uint64_t *)(void *)payload;
	payload += lists * ((count + 63) / 64) * sizeof(uint64_t);
	b->mids = (uint32_t *)(void *)payload;
	payload += count * sizeof(uint32_t);
	b->offsets = (uint16_t *)(void *)payload;
	payload += count * sizeof(uint16_t);
	b->on_list = (uint16_t *)(void *)payload;
	b->keys = payload + lists * sizeof(uint16_t);
}

static struct index_block *new_block(uint32_t count, uint32_t key_bytes, unsigned lists)
{
	struct index_block *b = xmalloc(sizeof *b + index_block_payload(count, key_bytes, lists));
	index_block_lay_out(b, count, key_bytes, lists, (uint8_t *)(b + 1));
	return b;
}

static void fill_lists(struct index_writer *w, struct index_block *b)
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

void index_writer_flush(struct index_writer *w)
{
	if (w->count == 0)
		return;
	struct index_block *b = new_block(w->count, w->key_bytes, w->index->lists);
	memcpy(b->mids, w->mids, w->count * sizeof *b->mids);
	memcpy(b->offsets, w->offsets, w->count * sizeof *b->offsets);
	memcpy(b->keys, w->keys, w->key_bytes);
	fill_lists(w, b);
	index_writer_append(w, b);
	w->count = 0;
	w->key_bytes = 0;
}

static void write_key(struct index_writer *w, struct slice key)
{
	uint8_t *at = w->keys + w->key_bytes;
	at[0] = (uint8_t)key.size;
	if (key.size > 0)
		memcpy(at + 1, key.data, key.size);
	w->last_key = slice_of(at + 1, key.size);
	w->key_bytes += 1 + (uint32_t)key.size;
}

void index_writer_put(struct index_writer *w, const struct index_entry *e)
{
	if (w->count >= w->target || w->key_bytes + 1 + e->key.size > BLOCK_KEYS_MAX)
		index_writer_flush(w);
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

void index_finish_spine(struct index *ix)
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
