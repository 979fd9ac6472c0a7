#include "store/feed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"

enum { MANY = 1000 };
enum { WARNINGS_TOLD = 20 }; /* of one publication: a book may have as many as it has entries */

static void make_room(struct feed *f)
{
	if (f->record.count <= f->room)
		return;
	f->room = f->record.count * 2;
	f->values = xrealloc_array(f->values, f->room, sizeof *f->values);
	f->attributes = xrealloc_array(f->attributes, f->room, sizeof *f->attributes);
}

/* Values stand grouped by name. */
static size_t group_values(struct feed *f)
{
	const struct record *r = &f->record;
	size_t attributes = 0;
	make_room(f);
	for (size_t i = 0, first; i < r->count;) {
		const struct name *name = names_at(f->names, r->values[i].name);
		for (first = i; i < r->count && r->values[i].name == r->values[first].name; i++)
			f->values[i] = r->values[i].value;
		if (name && name->plain)
			f->attributes[attributes++] = (struct entry_attribute){
				.name = slice_of_string(name->spelled),
				.values = &f->values[first],
				.count = i - first,
			};
	}
	return attributes;
}

static void tell(void *warnings, uint32_t mid, const char *text)
{
	_Atomic size_t *count = warnings;
	if ((*count)++ < WARNINGS_TOLD)
		log_warn("entry %" PRIu32 ": %s", mid, text);
}

static void note_read(struct feed *f, struct slice bytes)
{
	uintptr_t start = (uintptr_t)bytes.data, end = start + bytes.size;
	if (f->taken++ == 0 || start < f->read_start)
		f->read_start = start;
	if (end > f->read_end)
		f->read_end = end;
}

/* What was read once stays in the system's cache and need not count as ours. */
static void give_back(const struct feed *f)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = f->read_start & ~(page - 1);
	if (f->taken >= MANY)
		madvise((void *)start, f->read_end - start, MADV_DONTNEED);
}

int feed_put(struct feed *f, uint32_t mid, struct slice bytes, struct error *e)
{
	struct error what = {0};
	note_read(f, bytes);
	if (!record_decode(&f->record, bytes))
		return error_set(e, ERR_CORRUPT,
		                 "entry %" PRIu32 " of the store is damaged: restore a backup",
		                 mid);
	struct entry entry = {
		.mid = mid,
		.guid = f->record.guid,
		.dn = f->record.dn,
		.legacy_dn = f->record.legacy_dn,
		.count = group_values(f),
	};
	entry.attributes = f->attributes; /* which the grouping may have moved */
	if (builder_part_put(f->part, &entry, &what) || what.text[0])
		tell(f->warnings, mid, what.text);
	return 0;
}

int feed_open(struct feed *f, struct store *s, struct directory_builder *b,
              _Atomic size_t *warnings, struct error *e)
{
	*f = (struct feed){.store = s, .warnings = warnings, .part = builder_part_new(b)};
	int err = store_begin_read(s, &f->txn, e);
	return err ? err : names_load(s, f->txn, &f->names, e);
}

void feed_join(struct feed *f, struct directory_builder *b)
{
	builder_join(b, f->part, tell, f->warnings);
	f->part = NULL;
}

void feed_close(struct feed *f)
{
	builder_part_free(f->part);
	names_free(f->names);
	record_free(&f->record);
	free(f->values);
	free(f->attributes);
	mdb_txn_abort(f->txn);
	give_back(f);
	*f = (struct feed){0};
}

void feed_tell_warnings(size_t warnings)
{
	if (warnings > WARNINGS_TOLD)
		log_warn("%zu more entries are not as they should be", warnings - WARNINGS_TOLD);
}
