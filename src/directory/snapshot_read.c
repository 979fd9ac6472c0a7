#include "directory/snapshot_file-private.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "directory/chunk-private.h"
#include "directory/index_writer-private.h"
#include "directory/load-private.h"
#include "directory/object_check-private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_reader {
	const char *path;
	struct directory_settings *settings; /* those in force, with the secret of the file */
	uint8_t *map;
	size_t size;
	const struct file_header *header;
	const struct file_region *regions; /* the table */
	size_t region_count;
	uint64_t *offsets;             /* of each region */
	uint32_t *first_objects;       /* of each chunk, a place in objects */
	const struct object **objects; /* as they lie in the file */
	uint64_t *present;             /* a bit for each MId up to highest */
	uint32_t highest;
	int wanted[FILE_INDEXES_MAX]; /* the number of each index of the file, -1: not used */
	struct object_kinds kinds;
	_Atomic size_t damaged; /* regions */
};

static int corrupt(const struct file_reader *r, struct error *e, const char *what)
{
	return error_set(e, ERR_CORRUPT, "%s is damaged: %s", r->path, what);
}

/* The file, to be changed in memory only. */
static int map_file(struct file_reader *r, struct error *e)
{
	struct stat st;
	int fd = open(r->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return error_set(e, ERR_NOT_FOUND, "there is no %s", r->path);
	int failed = fd < 0 || fstat(fd, &st) ? errno : 0;
	if (!failed && (st.st_size < FILE_PAGE || !S_ISREG(st.st_mode))) {
		close(fd);
		return corrupt(r, e, "it is too short");
	}
	if (!failed) {
		r->size = (size_t)st.st_size;
		void *map = mmap(NULL, r->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
		                 fd, 0);
		failed = map == MAP_FAILED ? errno : 0;
		r->map = failed ? NULL : map;
	}
	if (fd >= 0)
		close(fd);
	return failed ? error_set(e, ERR_SYSTEM, "cannot read %s: %s", r->path, strerror(failed))
	              : 0;
}

static bool is_of_this_program(const struct file_header *h)
{
	return memcmp(h->magic, FILE_MAGIC, sizeof h->magic) == 0 && h->version == FILE_VERSION;
}

static int check_header(struct file_reader *r, const struct guid *book, struct error *e)
{
	const struct file_header *h = r->header = (const void *)r->map;
	if (!is_of_this_program(h))
		return error_set(e, ERR_UNSUPPORTED, "%s was written by another version", r->path);
	if (h->checksum != file_header_checksum(h))
		return corrupt(r, e, "the checksum of its header is wrong");
	if (h->size != r->size || h->index_count > FILE_INDEXES_MAX)
		return corrupt(r, e, "its size is not what it was");
	if (!guid_equal(&h->book, book))
		return error_set(e, ERR_UNSUPPORTED, "%s is of another store", r->path);
	if (h->identity != settings_identity(r->settings))
		return error_set(e, ERR_UNSUPPORTED,
		                 "%s was written with other settings, or another ICU", r->path);
	return 0;
}

/* Where the regions are: one behind the other. */
static bool place_regions(struct file_reader *r)
{
	uint64_t offset = FILE_PAGE;
	r->offsets = xcalloc(r->region_count + 1, sizeof *r->offsets);
	for (size_t i = 0; i < r->region_count; i++) {
		r->offsets[i] = offset;
		offset += file_pages(r->regions[i].size);
		if (r->regions[i].size == 0 || offset > r->header->table_offset)
			return false;
	}
	return offset == r->header->table_offset;
}

static int check_table(struct file_reader *r, struct error *e)
{
	const struct file_header *h = r->header;
	uint64_t count = h->chunk_count, objects = 0;
	for (uint32_t i = 0; i < h->index_count; i++)
		count += h->indexes[i].blocks;
	uint64_t size = file_table_size(count);
	if (size > r->size || h->table_offset != r->size - size ||
	    file_checksum(r->map + h->table_offset, size) != h->table_checksum)
		return corrupt(r, e, "the checksum of its table is wrong");
	r->regions = (const void *)(r->map + h->table_offset);
	r->region_count = count;
	for (uint32_t i = 0; i < h->chunk_count; i++)
		objects += r->regions[i].count;
	if (!place_regions(r) || objects != h->object_count || objects > r->size)
		return corrupt(r, e, "its table is not of this file");
	return 0;
}

/* Which indexes of the file are those that are wanted now. */
static void match_indexes(struct file_reader *r)
{
	const struct file_header *h = r->header;
	size_t wanted = INDEX_ORDERS + r->settings->order_count;
	for (uint32_t i = 0; i < h->index_count; i++) {
		r->wanted[i] = -1;
		for (size_t k = 0; k < wanted; k++)
			if (h->indexes[i].identity == settings_index_identity(r->settings, k) &&
			    h->indexes[i].lists == keys_lists(r->settings, k))
				r->wanted[i] = (int)k;
	}
}

static bool region_is_good(const struct file_reader *r, size_t i)
{
	return file_checksum(r->map + r->offsets[i], file_pages(r->regions[i].size)) ==
	       r->regions[i].checksum;
}

struct chunk_reader {
	const struct object_kinds *kinds;
	const struct object **next;
	uint64_t lists;
};

static size_t take_object(void *context, const void *at, size_t left)
{
	struct chunk_reader *c = context;
	const struct object *o = at;
	if (!object_check(c->kinds, at, left, c->lists))
		return 0;
	*c->next++ = o;
	return o->size;
}

static void read_chunk(void *context, size_t i)
{
	struct file_reader *r = context;
	unsigned lists = keys_lists(r->settings, INDEX_ORDERS);
	struct chunk_reader c = {&r->kinds, r->objects + r->first_objects[i],
	                         lists == 64 ? UINT64_MAX : (UINT64_C(1) << lists) - 1};
	if (!region_is_good(r, i) || !object_chunk_walk(r->map + r->offsets[i], r->regions[i].size,
	                                                r->regions[i].count, take_object, &c))
		r->damaged++;
}

/* Whether no two have the same MId. */
static bool note_present(struct file_reader *r)
{
	uint32_t count = r->header->object_count;
	for (uint32_t i = 0; i < count; i++)
		if (r->objects[i]->mid > r->highest)
			r->highest = r->objects[i]->mid;
	r->present = xcalloc(r->highest / 64 + 1, sizeof *r->present);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t mid = r->objects[i]->mid;
		uint64_t bit = UINT64_C(1) << (mid % 64);
		if (r->present[mid / 64] & bit)
			return false;
		r->present[mid / 64] |= bit;
	}
	return true;
}

static int read_objects(struct file_reader *r, struct error *e)
{
	uint32_t chunks = r->header->chunk_count, first = 0;
	r->objects = xcalloc(r->header->object_count + 1, sizeof *r->objects);
	r->first_objects = xcalloc(chunks + 1, sizeof *r->first_objects);
	for (uint32_t i = 0; i < chunks; i++) {
		r->first_objects[i] = first;
		first += r->regions[i].count;
	}
	parallel_run(PARALLEL_AT_ONCE, chunks, read_chunk, r);
	if (r->damaged > 0 || !note_present(r))
		return corrupt(r, e, "objects in it are not as they were written");
	return 0;
}

/* The number of the index that a region is a block of, as the file counts. */
static uint32_t index_of_region(const struct file_reader *r, size_t region)
{
	uint32_t index = 0;
	for (size_t first = r->header->chunk_count;; index++) {
		first += r->header->indexes[index].blocks;
		if (region < first)
			return index;
	}
}

static bool lists_are_good(const struct index_block *b, unsigned lists)
{
	size_t words = (b->count + 63) / 64;
	uint64_t beyond = b->count % 64 ? ~UINT64_C(0) << (b->count % 64) : 0;
	for (unsigned list = 0; list < lists; list++) {
		const uint64_t *bits = b->bits + list * words;
		uint32_t on_list = 0;
		for (size_t i = 0; i < words; i++)
			on_list += (uint32_t)__builtin_popcountll(bits[i]);
		if (on_list != b->on_list[list] || (bits[words - 1] & beyond))
			return false;
	}
	return true;
}

static bool entries_are_good(const struct file_reader *r, const struct index_block *b,
                             uint32_t key_bytes)
{
	for (uint32_t i = 0; i < b->count; i++) {
		uint32_t mid = b->mids[i], at = b->offsets[i];
		if (at >= key_bytes || b->keys[at] >= key_bytes - at || mid > r->highest ||
		    !(r->present[mid / 64] >> (mid % 64) & 1))
			return false;
	}
	return true;
}

/* The block that a region is; false when it cannot be one. */
static bool lay_out_block(const struct file_reader *r, size_t region, struct index_block *b,
                          uint32_t *key_bytes)
{
	const struct file_region *row = &r->regions[region];
	unsigned lists = r->header->indexes[index_of_region(r, region)].lists;
	if (row->count == 0 || row->count > BLOCK_ENTRIES_MAX)
		return false;
	size_t without_keys = index_block_payload(row->count, 0, lists);
	if (row->size < without_keys || row->size - without_keys > BLOCK_KEYS_MAX)
		return false;
	*key_bytes = (uint32_t)(row->size - without_keys);
	index_block_lay_out(b, row->count, *key_bytes, lists, r->map + r->offsets[region]);
	return true;
}

static void check_block(void *context, size_t block)
{
	struct file_reader *r = context;
	size_t region = r->header->chunk_count + block;
	uint32_t index = index_of_region(r, region), key_bytes = 0;
	struct index_block b;
	if (r->wanted[index] < 0)
		return;
	if (!region_is_good(r, region) || !lay_out_block(r, region, &b, &key_bytes) ||
	    !lists_are_good(&b, r->header->indexes[index].lists) ||
	    !entries_are_good(r, &b, key_bytes))
		r->damaged++;
}

static int check_blocks(struct file_reader *r, struct error *e)
{
	parallel_run(PARALLEL_AT_ONCE, r->region_count - r->header->chunk_count, check_block, r);
	return r->damaged > 0 ? corrupt(r, e, "an index in it is not as it was written") : 0;
}

/* From here on nothing fails, and the pages belong to the chunks and blocks in them. */

static const struct index *take_index(struct file_reader *r, uint32_t number, size_t region)
{
	const struct file_index *row = &r->header->indexes[number];
	struct index_writer *w = index_writer_new(row->lists, BLOCK_ENTRIES_FILL);
	for (uint32_t i = 0; i < row->blocks; i++) {
		struct index_block *b = xmalloc(sizeof *b);
		uint32_t key_bytes;
		lay_out_block(r, region + i, b, &key_bytes);
		b->mapped = true;
		index_writer_append(w, b);
	}
	struct index *ix = index_writer_finish(w);
	index_finish_spine(ix);
	return ix;
}

static void drop_blocks(struct file_reader *r, uint32_t number, size_t region)
{
	for (uint32_t i = 0; i < r->header->indexes[number].blocks; i++)
		munmap(r->map + r->offsets[region + i], r->regions[region + i].size);
}

static void take_indexes(struct file_reader *r, struct snapshot *s)
{
	size_t region = r->header->chunk_count;
	for (uint32_t i = 0; i < r->header->index_count; i++) {
		if (r->wanted[i] >= 0 && !s->indexes[r->wanted[i]])
			s->indexes[r->wanted[i]] = take_index(r, i, region);
		else
			drop_blocks(r, i, region);
		region += r->header->indexes[i].blocks;
	}
}

static struct snapshot *take_all(struct file_reader *r, struct directory *d)
{
	struct snapshot *s = snapshot_new(d, r->settings);
	s->count = r->header->object_count;
	s->source = r->header->source;
	for (size_t i = 0; i < s->count; i++)
		records_set(&s->records, r->objects[i]->mid, r->objects[i]);
	take_indexes(r, s);
	munmap(r->map + r->header->table_offset, r->size - r->header->table_offset);
	munmap(r->map, FILE_PAGE);
	r->map = NULL;
	return s;
}

/* What a snapshot cannot be without. */
static void make_missing(struct snapshot *s)
{
	struct object_list all = object_list_new(&s->records, s->count);
	for (size_t i = 0; i <= INDEX_ORDERS; i++)
		if (!s->indexes[i])
			s->indexes[i] = index_of_objects(s->settings, i, &all);
	object_list_free(&all);
}

static int read_content(struct file_reader *r, const struct guid *book, struct error *e)
{
	int err = map_file(r, e);
	if (!err)
		err = check_header(r, book, e);
	if (!err)
		err = check_table(r, e);
	if (err)
		return err;
	r->settings->secret = r->header->secret;
	match_indexes(r);
	object_kinds_init(&r->kinds);
	err = read_objects(r, e);
	return err ? err : check_blocks(r, e);
}

int snapshot_file_read(struct directory *d, const struct guid *book, const char *path,
                       const struct snapshot **out, struct error *e)
{
	struct file_reader r = {.path = path, .settings = directory_settings_copy(d)};
	int err = read_content(&r, book, e);
	if (!err) {
		struct snapshot *s = take_all(&r, d);
		make_missing(s);
		directory_adopt_settings(d, r.settings);
		*out = s;
	}
	if (r.map)
		munmap(r.map, r.size);
	directory_settings_unref(r.settings);
	free(r.offsets);
	free(r.first_objects);
	free(r.objects);
	free(r.present);
	return err;
}
