#ifndef DIRECTORY_SNAPSHOT_FILE_PRIVATE_H
#define DIRECTORY_SNAPSHOT_FILE_PRIVATE_H

/*
 * A header of one page; regions, each of whole pages: chunks of objects, then the blocks of each
 * index; a table with a row for each region. Everything is as it is in memory, so that it can be
 * used where it is mapped.
 */

#include "directory/snapshot-private.h"
#include "directory/snapshot_file.h"

/* Goes up whenever the same entries would give other objects or keys than before. */
enum { FILE_VERSION = 1 };
enum { FILE_PAGE = 4096, FILE_INDEXES_MAX = INDEX_ORDERS + ORDERS_MAX };
#define FILE_MAGIC "nspidbk\n"

struct file_region {
	uint32_t size;  /* without the padding to whole pages */
	uint32_t count; /* objects, or entries of an index */
	uint64_t checksum;
};

struct file_index {
	uint64_t identity; /* of what it is made by */
	uint32_t lists;
	uint32_t blocks;
};

struct file_header {
	char magic[8];
	uint32_t version;
	uint32_t index_count;
	uint64_t identity; /* of the settings and of the program */
	struct guid book;
	uint64_t source;
	struct hash_secret secret;
	uint64_t size; /* of the file */
	uint64_t table_offset;
	uint64_t table_checksum;
	uint32_t object_count;
	uint32_t chunk_count;
	struct file_index indexes[FILE_INDEXES_MAX];
	uint64_t checksum; /* of what stands before it */
};

static inline uint64_t file_pages(uint64_t size)
{
	return (size + FILE_PAGE - 1) / FILE_PAGE * FILE_PAGE;
}

static inline uint64_t file_table_size(uint64_t regions)
{
	return file_pages(regions * sizeof(struct file_region));
}

/* Of a multiple of 32 bytes; not meant for adversaries. */
uint64_t file_checksum(const void *data, size_t size);
uint64_t file_header_checksum(const struct file_header *h);

#endif
