#ifndef DIRECTORY_INDEX_WRITER_PRIVATE_H
#define DIRECTORY_INDEX_WRITER_PRIVATE_H

/* Entries in their order become the blocks of an index that is being made. */

#include "directory/index-private.h"

struct index_writer {
	struct index *index;
	size_t capacity; /* of index->blocks */
	uint32_t target; /* entries that a block gets */
	uint32_t count;
	uint32_t key_bytes;
	struct slice last_key;
	uint32_t mids[BLOCK_ENTRIES_MAX];
	uint16_t offsets[BLOCK_ENTRIES_MAX];
	uint8_t keys[BLOCK_KEYS_MAX + 1 + INDEX_KEY_MAX];
	uint64_t bits[INDEX_LISTS_MAX][BLOCK_WORDS];
};

struct index_writer *index_writer_new(unsigned lists, uint32_t target);
void index_writer_put(struct index_writer *w, const struct index_entry *e);
void index_writer_flush(struct index_writer *w); /* the next entry begins a block */
/* Takes the reference to a block that stands behind what was put. */
void index_writer_append(struct index_writer *w, const struct index_block *b);
/* The index as it is, without its spine; frees the writer. */
struct index *index_writer_finish(struct index_writer *w);

/* Counts what the blocks hold. */
void index_finish_spine(struct index *ix);

/* Points a block to its payload, which is so long. */
void index_block_lay_out(struct index_block *b, uint32_t count, uint32_t key_bytes, unsigned lists,
                         uint8_t *payload);
size_t index_block_payload(uint32_t count, uint32_t key_bytes, unsigned lists);

#endif
