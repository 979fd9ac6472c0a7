#include "directory/snapshot_file-private.h"

#include "base/memory.h"
#include "directory/chunk-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 256 * 1024 };

struct file_writer {
	const struct snapshot *snapshot;
	const _Atomic bool *cancel;
	int fd;
	uint64_t offset;
	uint8_t *page_buffer; /* the region that is being made */
	size_t room;
	size_t used;
	uint32_t count; /* of what is in it */
	struct file_region *regions;
	size_t region_count, region_room;
	struct file_header header;
	int error; /* errno; nothing more is written after the first one */
};

static void write_all(struct file_writer *w, const void *data, size_t size, uint64_t offset)
{
	const uint8_t *p = data;
	if (!w->error && w->cancel && *w->cancel)
		w->error = ECANCELED;
	while (size > 0 && !w->error) {
		ssize_t written = pwrite(w->fd, p, size, (off_t)offset);
		if (written < 0 && errno != EINTR)
			w->error = errno;
		if (written <= 0)
			continue;
		p += written;
		size -= (size_t)written;
		offset += (uint64_t)written;
	}
}

/* Room for `size` bytes in the region that is being made. */
static uint8_t *reserve(struct file_writer *w, size_t size)
{
	if (file_pages(w->used + size) > w->room) {
		w->room = file_pages(w->used + size);
		w->page_buffer = xrealloc(w->page_buffer, w->room);
	}
	return w->page_buffer + w->used;
}

static void end_region(struct file_writer *w)
{
	size_t whole = file_pages(w->used);
	memset(w->page_buffer + w->used, 0, whole - w->used);
	if (w->region_count == w->region_room) {
		w->region_room = w->region_room ? 2 * w->region_room : 1024;
		w->regions = xrealloc_array(w->regions, w->region_room, sizeof *w->regions);
	}
	w->regions[w->region_count++] =
		(struct file_region){.size = (uint32_t)w->used,
	                             .count = w->count,
	                             .checksum = file_checksum(w->page_buffer, whole)};
	write_all(w, w->page_buffer, whole, w->offset);
	w->offset += whole;
	w->used = 0;
	w->count = 0;
}

static void end_chunk(struct file_writer *w)
{
	if (w->count == 0)
		return;
	object_chunk_put_image(w->page_buffer, w->used, w->count);
	w->header.chunk_count++;
	end_region(w);
}

static void put_object(void *context, const struct object *o)
{
	struct file_writer *w = context;
	size_t room = object_room(o);
	if (w->used + room > CHUNK_BYTES)
		end_chunk(w);
	if (w->count == 0) {
		reserve(w, object_chunk_head());
		w->used = object_chunk_head();
	}
	reserve(w, room);
	object_put_image(o, w->page_buffer, w->used);
	w->used += room;
	w->count++;
	w->header.object_count++;
}

static void put_unlisted(void *context, const struct object *o)
{
	if (!object_listed(o))
		put_object(context, o);
}

/* In the order of the default locale, as they are in memory after a load. */
static void write_objects(struct file_writer *w)
{
	const struct snapshot *s = w->snapshot;
	struct index_cursor c = index_at(s->indexes[INDEX_ORDERS], 0);
	for (; index_cursor_valid(&c) && !w->error; index_cursor_next(&c, INDEX_ALL))
		put_object(w, records_get(&s->records, index_cursor_mid(&c)));
	records_each(&s->records, put_unlisted, w);
	end_chunk(w);
}

static void write_index(struct file_writer *w, size_t number)
{
	const struct index *ix = w->snapshot->indexes[number];
	struct file_index *row = &w->header.indexes[w->header.index_count];
	if (!ix)
		return;
	w->header.index_count++;
	*row = (struct file_index){settings_index_identity(w->snapshot->settings, number),
	                           ix->lists, (uint32_t)ix->block_count};
	for (size_t i = 0; i < ix->block_count && !w->error; i++) {
		const struct index_block *b = ix->blocks[i];
		memcpy(reserve(w, b->payload), b->bits, b->payload);
		w->used = b->payload;
		w->count = b->count;
		end_region(w);
	}
}

static void write_table(struct file_writer *w)
{
	size_t rows = w->region_count * sizeof *w->regions, size = file_table_size(w->region_count);
	uint8_t *table = xcalloc(1, size + 1);
	if (rows > 0)
		memcpy(table, w->regions, rows);
	w->header.table_offset = w->offset;
	w->header.table_checksum = file_checksum(table, size);
	write_all(w, table, size, w->offset);
	w->header.size = w->offset + size;
	free(table);
}

static void write_header(struct file_writer *w, const struct guid *book)
{
	const struct snapshot *s = w->snapshot;
	uint8_t page[FILE_PAGE] = {0};
	struct file_header *h = &w->header;

	memcpy(h->magic, FILE_MAGIC, sizeof h->magic);
	h->version = FILE_VERSION;
	h->identity = settings_identity(s->settings);
	h->book = *book;
	h->source = s->source;
	h->secret = s->settings->secret;
	h->checksum = file_header_checksum(h);
	memcpy(page, h, sizeof *h);
	write_all(w, page, sizeof page, 0);
}

static void write_content(struct file_writer *w, const struct guid *book)
{
	w->offset = FILE_PAGE;
	write_objects(w);
	for (size_t i = 0; i < snapshot_index_count(w->snapshot); i++)
		write_index(w, i);
	write_table(w);
	write_header(w, book);
	if (!w->error && fsync(w->fd))
		w->error = errno;
	free(w->page_buffer);
	free(w->regions);
}

/* The name has to be as durable as the file. */
static int rename_durably(const char *from, const char *to)
{
	char *directory = xstrdup(to);
	char *slash = strrchr(directory, '/');
	if (slash)
		*slash = '\0';
	int fd = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 || rename(from, to) || fsync(fd) ? errno : 0;
	if (fd >= 0)
		close(fd);
	free(directory);
	return err;
}

int snapshot_file_write(const struct snapshot *s, const struct guid *book, const char *path,
                        const _Atomic bool *cancel, struct error *e)
{
	struct file_writer w = {.snapshot = s, .cancel = cancel};
	char *new_path = xasprintf("%s.new", path);
	w.fd = open(new_path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (w.fd < 0) {
		w.error = errno;
	} else {
		write_content(&w, book);
		if (close(w.fd) && !w.error)
			w.error = errno;
		if (!w.error)
			w.error = rename_durably(new_path, path);
		if (w.error)
			unlink(new_path);
	}
	int err = w.error == ECANCELED ? ERR_BUSY : w.error ? ERR_SYSTEM : 0;
	if (err)
		error_set(e, err, "cannot write %s: %s", new_path, strerror(w.error));
	free(new_path);
	return err;
}
