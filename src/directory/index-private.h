#ifndef DIRECTORY_INDEX_PRIVATE_H
#define DIRECTORY_INDEX_PRIVATE_H

/*
 * An index is a sorted multiset of (key, MId): a sort order, the words of name resolution, a map
 * from hashes. Immutable and reference counted; made of blocks of up to two thousand entries, which
 * indexes of successive snapshots share, so that applying a few changes copies a few blocks.
 * Entries are counted: positions are exact.
 *
 * An entry can be on lists (address lists), one bit each; each list has positions of its own in the
 * same order, at the price of a bit an entry.
 */

#include <stdatomic.h>

#include "base/arena.h"
#include "base/slice.h"

enum { INDEX_KEY_MAX = 255, INDEX_LISTS_MAX = 64 };
enum { INDEX_ALL = -1 }; /* instead of a list's number: every entry */

struct index_block;

struct index {
	_Atomic uint32_t refs;
	unsigned lists;
	size_t block_count;
	const struct index_block **blocks;
	uint64_t *prefixes; /* of each block's first key, for the search */
	/* Entries before each block and, last, in all: of the whole index, then of each list. */
	uint32_t *starts;
};

struct index_entry {
	struct slice key;
	uint32_t mid;
	uint64_t lists;
};

const struct index *index_empty(unsigned lists);
const struct index *index_ref(const struct index *ix);
void index_unref(const struct index *ix);   /* NULL is fine */
size_t index_bytes(const struct index *ix); /* memory */

/* Entries on a list, or all with INDEX_ALL. */
uint32_t index_count(const struct index *ix, int list);

/* How many entries are less than (key, mid). */
uint32_t index_lower(const struct index *ix, struct slice key, uint32_t mid);
/* The same when at least `from` are: cheap when it is hardly more. */
uint32_t index_lower_from(const struct index *ix, uint32_t from, struct slice key, uint32_t mid);

/* How many entries of a list are among the first `position` of all; and the reverse, the position
 * of the rank-th of a list, which must exist. */
uint32_t index_rank(const struct index *ix, int list, uint32_t position);
uint32_t index_select(const struct index *ix, int list, uint32_t rank);

/* A place in an index; valid while block < block_count. */
struct index_cursor {
	const struct index *index;
	size_t block;
	uint32_t slot;
};

struct index_cursor index_at(const struct index *ix, uint32_t position);
bool index_cursor_valid(const struct index_cursor *c);
uint32_t index_cursor_mid(const struct index_cursor *c);
struct slice index_cursor_key(const struct index_cursor *c);
/* On, if need be, to an entry of the list; index_cursor_next goes one on first. */
void index_cursor_settle(struct index_cursor *c, int list);
void index_cursor_next(struct index_cursor *c, int list);

/* What is to change in an index. */
struct index_change {
	uint64_t prefix;
	uint64_t lists;
	const uint8_t *key;
	uint32_t mid;
	uint8_t key_size;
	bool removed;
};

struct index_batch {
	struct index_change *changes;
	size_t count, capacity;
	struct arena keys;
};

void index_batch_init(struct index_batch *b);
void index_batch_free(struct index_batch *b);
/* Keys longer than INDEX_KEY_MAX are cut. */
void index_batch_put(struct index_batch *b, struct slice key, uint32_t mid, uint64_t lists,
                     bool removed);
void index_batch_sort(struct index_batch *b);

/* An index of a book that is loaded: from runs of additions, which are sorted already. Empties
 * them. */
const struct index *index_load(unsigned lists, struct index_batch *runs, size_t run_count);

/* A new index with the changes in it, whose order does not matter. Removing what is not there and
 * adding twice are fine; an entry both removed and added stays, on the lists it was added with.
 * Empties the batch. */
const struct index *index_apply(const struct index *base, struct index_batch *b);

/* Between the files of the index. */
enum {
	BLOCK_ENTRIES_MAX = 2048,
	BLOCK_ENTRIES_FILL = 1536,
	BLOCK_ENTRIES_MIN = 384,
	BLOCK_KEYS_MAX = 0xFFFF
};
enum { BLOCK_WORDS = BLOCK_ENTRIES_MAX / 64 };

struct index_block {
	_Atomic uint32_t refs;
	uint32_t count;
	uint32_t payload; /* bytes of what the pointers below point to */
	bool mapped;      /* the payload is pages of a file, of which nobody else knows */
	uint32_t *mids;
	uint16_t *offsets; /* into keys; equal keys are stored once */
	uint8_t *keys;     /* a length byte and the key, each */
	uint64_t *bits;    /* for each list (count + 63) / 64 words */
	uint16_t *on_list; /* for each list the number of its entries */
};

bool index_same_entry(const struct index_change *a, const struct index_change *b);
uint64_t index_key_prefix(struct slice key);
struct index_entry index_block_entry(const struct index_block *b, uint32_t slot, unsigned lists);
int index_compare(struct slice key_a, uint32_t mid_a, struct slice key_b, uint32_t mid_b);
const struct index_block *index_block_ref(const struct index_block *b);
void index_block_unref(const struct index_block *b);

#endif
