/*
 * Changes of a good snapshot file: four bytes say where, one byte what. Checksums are made right
 * again, so that what lies behind them is met. What is read is then looked at all over.
 */

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "directory/snapshot_file-private.h"
#include "mapi/tags.h"

#include "../unit/book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PEOPLE = 300, CHANGE = 5 };

static const struct guid book = {{1}};

static struct {
	uint8_t *good, *bytes;
	size_t size;
	char path[64];
} file;

static void make_book(struct directory *d)
{
	struct entry *entries[PEOPLE];
	struct book_random r = {7};
	struct arena a;
	arena_init(&a, SIZE_MAX);
	for (uint32_t i = 0; i < PEOPLE; i++) {
		struct book_person p = book_person(&a, &r, ENTRY_MID_FIRST + i);
		entries[i] = book_person_entry(&a, &p);
	}
	book_publish(d, entries, PEOPLE);
	arena_free(&a);
}

/* In memory, where it is fast. */
static void prepare(void)
{
	struct directory *d = directory_new(NULL);
	const struct snapshot *s;
	snprintf(file.path, sizeof file.path, "/dev/shm/fuzz-snapshot-%d", (int)getpid());
	make_book(d);
	s = directory_acquire(d);
	if (snapshot_file_write(s, &book, file.path, NULL, NULL))
		abort();
	FILE *f = fopen(file.path, "r");
	if (!f)
		abort();
	fseek(f, 0, SEEK_END);
	file.size = (size_t)ftell(f);
	rewind(f);
	file.good = malloc(file.size);
	file.bytes = malloc(file.size);
	if (fread(file.good, 1, file.size, f) != file.size)
		abort();
	fclose(f);
	unlink(file.path);
	snapshot_unref(s);
	directory_free(d);
}

/* Where the changed header and table still make sense. */
static void make_checksums(void)
{
	struct file_header h;
	memcpy(&h, file.bytes, sizeof h);
	uint64_t count = h.chunk_count, offset = FILE_PAGE;
	for (size_t i = 0; i < FILE_INDEXES_MAX; i++)
		count += h.indexes[i].blocks;
	if (h.table_offset > file.size || h.table_offset % FILE_PAGE ||
	    count > (file.size - h.table_offset) / sizeof(struct file_region))
		return;
	struct file_region *rows = (void *)(file.bytes + h.table_offset);
	for (size_t i = 0; i < count; i++) {
		uint64_t pages = file_pages(rows[i].size);
		if (pages > h.table_offset - offset)
			break;
		rows[i].checksum = file_checksum(file.bytes + offset, pages);
		offset += pages;
	}
	h.table_checksum = file_checksum(rows, file.size - h.table_offset);
	h.checksum = file_header_checksum(&h);
	memcpy(file.bytes, &h, sizeof h);
}

static void write_file(void)
{
	FILE *f = fopen(file.path, "w");
	if (!f || fwrite(file.bytes, 1, file.size, f) != file.size)
		abort();
	fclose(f);
}

static void look_around(struct directory *d, const struct snapshot *s)
{
	struct view v = {.snapshot = s};
	struct mapi_value value;
	struct table t;
	struct arena a;
	uint16_t ids[64];
	uint32_t mid;
	arena_init(&a, 1 << 20);
	if (table_open(&v, view_container(&v, 0x10), 0, 0x0409, &t))
		abort();
	for (uint32_t row = 0; (mid = table_mid_at(&t, row)) && row < 2 * PEOPLE; row++) {
		const struct object *o = view_object(&v, mid);
		size_t count = o ? object_property_ids(&v, o, ids, 64) : 0;
		for (size_t i = 0; i < count; i++)
			object_value(&v, o, ids[i], &a, &value);
		arena_reset(&a);
	}
	view_resolve(&v, t.container, slice_of_string("anna"), &mid);
	struct directory_builder *b = builder_new(d, s);
	for (mid = ENTRY_MID_FIRST; mid < ENTRY_MID_FIRST + 20; mid++)
		builder_remove(b, mid);
	snapshot_unref(builder_finish(b));
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct snapshot *s = NULL;
	struct error e;
	if (!file.good)
		prepare();
	memcpy(file.bytes, file.good, file.size);
	for (; size >= CHANGE; data += CHANGE, size -= CHANGE) {
		uint32_t at;
		memcpy(&at, data, sizeof at);
		file.bytes[at % file.size] = data[4];
	}
	make_checksums();
	write_file();
	struct directory *d = directory_new(NULL);
	if (snapshot_file_read(d, &book, file.path, &s, &e) == 0)
		look_around(d, s);
	snapshot_unref(s);
	directory_free(d);
	unlink(file.path);
	return 0;
}
