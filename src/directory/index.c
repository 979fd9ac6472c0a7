#include "directory/index-private.h"

#include "base/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

uint64_t index_key_prefix(struct slice key)
{
	uint64_t prefix = 0;
	for (size_t i = 0; i < 8; i++)
		prefix = prefix << 8 | (i < key.size ? key.data[i] : 0);
	return prefix;
}

int index_compare(struct slice key_a, uint32_t mid_a, struct slice key_b, uint32_t mid_b)
{
	size_t shorter = key_a.size < key_b.size ? key_a.size : key_b.size;
	int order = shorter > 0 ? memcmp(key_a.data, key_b.data, shorter) : 0;
	if (order == 0)
		order = (key_a.size > key_b.size) - (key_a.size < key_b.size);
	return order ? order : (mid_a > mid_b) - (mid_a < mid_b);
}

const struct index_block *index_block_ref(const struct index_block *b)
{
	struct index_block *shared = (struct index_block *)(uintptr_t)b;
	atomic_fetch_add_explicit(&shared->refs, 1, memory_order_relaxed);
	return b;
}

static void block_free(struct index_block *b)
{
	/* It can fail only for want of memory, and then only address space is lost. */
	if (b->mapped)
		(void)munmap(b->bits, b->payload);
	free(b);
}

void index_block_unref(const struct index_block *b)
{
	struct index_block *shared = (struct index_block *)(uintptr_t)b;
	if (atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) == 1)
		block_free(shared);
}

const struct index *index_empty(unsigned lists)
{
	struct index *ix = xcalloc(1, sizeof *ix);
	ix->refs = 1;
	ix->lists = lists;
	ix->starts = xcalloc(1 + lists, sizeof *ix->starts);
	return ix;
}

const struct index *index_ref(const struct index *ix)
{
	struct index *shared = (struct index *)(uintptr_t)ix;
	atomic_fetch_add_explicit(&shared->refs, 1, memory_order_relaxed);
	return ix;
}

void index_unref(const struct index *ix)
{
	struct index *shared = (struct index *)(uintptr_t)ix;
	if (!ix || atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < ix->block_count; i++)
		index_block_unref(ix->blocks[i]);
	free(shared->blocks);
	free(shared->prefixes);
	free(shared->starts);
	free(shared);
}

size_t index_bytes(const struct index *ix)
{
	size_t spine = sizeof(void *) + sizeof(uint64_t) + (1 + ix->lists) * sizeof(uint32_t);
	size_t bytes = sizeof *ix + ix->block_count * spine;
	for (size_t i = 0; i < ix->block_count; i++)
		bytes += sizeof(struct index_block) + ix->blocks[i]->payload;
	return bytes;
}

/* Entries before each block, of a list or of all. */
static const uint32_t *starts_of(const struct index *ix, int list)
{
	return ix->starts + (size_t)(list + 1) * (ix->block_count + 1);
}

uint32_t index_count(const struct index *ix, int list)
{
	return starts_of(ix, list)[ix->block_count];
}

static struct slice key_at(const struct index_block *b, uint32_t slot)
{
	const uint8_t *key = b->keys + b->offsets[slot];
	return slice_of(key + 1, key[0]);
}

struct index_entry index_block_entry(const struct index_block *b, uint32_t slot, unsigned lists)
{
	size_t words = (b->count + 63) / 64;
	struct index_entry e = {.key = key_at(b, slot), .mid = b->mids[slot]};
	for (unsigned list = 0; list < lists; list++)
		e.lists |= (b->bits[list * words + slot / 64] >> (slot % 64) & 1) << list;
	return e;
}

/* The last block whose first entry is not greater than (key, mid); 0 when all are. */
static size_t find_block(const struct index *ix, struct slice key, uint32_t mid)
{
	uint64_t prefix = index_key_prefix(key);
	size_t low = 0, high = ix->block_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct index_block *b = ix->blocks[middle];
		bool greater = ix->prefixes[middle] > prefix;
		if (ix->prefixes[middle] == prefix)
			greater = index_compare(key_at(b, 0), b->mids[0], key, mid) > 0;
		if (greater)
			high = middle;
		else
			low = middle + 1;
	}
	return low > 0 ? low - 1 : 0;
}

/* The block that holds the position-th entry of those that starts counts; the last start not
 * greater. */
static size_t block_of(const uint32_t *starts, size_t block_count, uint32_t position)
{
	size_t low = 0, high = block_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (starts[middle + 1] <= position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct index_cursor index_at(const struct index *ix, uint32_t position)
{
	size_t block = block_of(ix->starts, ix->block_count, position);
	uint32_t slot = block < ix->block_count ? position - ix->starts[block] : 0;
	return (struct index_cursor){.index = ix, .block = block, .slot = slot};
}

static bool is_less(const struct index_block *b, uint32_t slot, struct slice key, uint32_t mid)
{
	return index_compare(key_at(b, slot), b->mids[slot], key, mid) < 0;
}

/* The first slot from low on, before high, that is not less; high when all are. */
static uint32_t lower_slot(const struct index_block *b, uint32_t low, uint32_t high,
                           struct slice key, uint32_t mid)
{
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (is_less(b, middle, key, mid))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t index_lower(const struct index *ix, struct slice key, uint32_t mid)
{
	if (ix->block_count == 0)
		return 0;
	size_t block = find_block(ix, key, mid);
	const struct index_block *b = ix->blocks[block];
	return ix->starts[block] + lower_slot(b, 0, b->count, key, mid);
}

uint32_t index_lower_from(const struct index *ix, uint32_t from, struct slice key, uint32_t mid)
{
	struct index_cursor c = index_at(ix, from);
	if (!index_cursor_valid(&c))
		return from;
	const struct index_block *b = ix->blocks[c.block];
	uint32_t low = c.slot, high = low;
	for (uint32_t step = 1; high < b->count && is_less(b, high, key, mid); step *= 2) {
		low = high + 1;
		high += step;
	}
	low = lower_slot(b, low, high < b->count ? high : b->count, key, mid);
	return low < b->count ? ix->starts[c.block] + low : index_lower(ix, key, mid);
}

static const uint64_t *bits_of(const struct index_block *b, int list)
{
	return b->bits + (size_t)list * ((b->count + 63) / 64);
}

static uint32_t count_bits(const uint64_t *bits, uint32_t slot)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < slot / 64; i++)
		count += (uint32_t)__builtin_popcountll(bits[i]);
	if (slot % 64)
		count += (uint32_t)__builtin_popcountll(bits[slot / 64] << (64 - slot % 64));
	return count;
}

/* The slot of the rank-th bit that is set; it must exist. */
static uint32_t select_bit(const uint64_t *bits, uint32_t rank)
{
	uint32_t word = 0, here;
	while ((here = (uint32_t)__builtin_popcountll(bits[word])) <= rank) {
		rank -= here;
		word++;
	}
	uint64_t left = bits[word];
	while (rank-- > 0)
		left &= left - 1;
	return word * 64 + (uint32_t)__builtin_ctzll(left);
}

uint32_t index_rank(const struct index *ix, int list, uint32_t position)
{
	if (list == INDEX_ALL)
		return position;
	size_t block = block_of(ix->starts, ix->block_count, position);
	uint32_t rank = starts_of(ix, list)[block];
	if (block < ix->block_count)
		rank += count_bits(bits_of(ix->blocks[block], list), position - ix->starts[block]);
	return rank;
}

uint32_t index_select(const struct index *ix, int list, uint32_t rank)
{
	if (list == INDEX_ALL)
		return rank;
	const uint32_t *starts = starts_of(ix, list);
	size_t block = block_of(starts, ix->block_count, rank);
	return ix->starts[block] +
	       select_bit(bits_of(ix->blocks[block], list), rank - starts[block]);
}

bool index_cursor_valid(const struct index_cursor *c)
{
	return c->block < c->index->block_count;
}

uint32_t index_cursor_mid(const struct index_cursor *c)
{
	return c->index->blocks[c->block]->mids[c->slot];
}

struct slice index_cursor_key(const struct index_cursor *c)
{
	return key_at(c->index->blocks[c->block], c->slot);
}

/* The first slot from `slot` on that is on the list; the block's count when there is none. */
static uint32_t next_on_list(const struct index_block *b, int list, uint32_t slot)
{
	if (list == INDEX_ALL || slot >= b->count)
		return slot;
	const uint64_t *bits = bits_of(b, list);
	uint64_t left = bits[slot / 64] >> (slot % 64) << (slot % 64);
	for (uint32_t word = slot / 64;; left = bits[word]) {
		if (left)
			return word * 64 + (uint32_t)__builtin_ctzll(left);
		if (++word >= (b->count + 63) / 64)
			return b->count;
	}
}

void index_cursor_settle(struct index_cursor *c, int list)
{
	for (; index_cursor_valid(c); c->block++, c->slot = 0) {
		const struct index_block *b = c->index->blocks[c->block];
		if (list != INDEX_ALL && b->on_list[list] == 0)
			continue;
		c->slot = next_on_list(b, list, c->slot);
		if (c->slot < b->count)
			return;
	}
}

void index_cursor_next(struct index_cursor *c, int list)
{
	c->slot++;
	index_cursor_settle(c, list);
}
