#include "store/publish.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "directory/policy.h"
#include "store/names.h"
#include "store/record.h"

/* A record in the form that the directory takes. */
struct publisher {
	struct store *store;
	MDB_txn *txn;
	struct names *names;
	struct directory_builder *builder;
	struct record record;
	struct slice *values;
	struct entry_attribute *attributes;
	size_t room; /* of both */
	size_t warnings;
};

enum { WARNINGS_TOLD = 20 }; /* of one publication: a book may have as many as it has entries */

static void make_room(struct publisher *p)
{
	if (p->record.count <= p->room)
		return;
	p->room = p->record.count * 2;
	p->values = xrealloc_array(p->values, p->room, sizeof *p->values);
	p->attributes = xrealloc_array(p->attributes, p->room, sizeof *p->attributes);
}

/* Values stand grouped by name. */
static size_t group_values(struct publisher *p)
{
	const struct record *r = &p->record;
	size_t attributes = 0;
	make_room(p);
	for (size_t i = 0, first; i < r->count;) {
		const struct name *name = names_at(p->names, r->values[i].name);
		for (first = i; i < r->count && r->values[i].name == r->values[first].name; i++)
			p->values[i] = r->values[i].value;
		if (name && name->plain)
			p->attributes[attributes++] = (struct entry_attribute){
				.name = slice_of_string(name->spelled),
				.values = &p->values[first],
				.count = i - first,
			};
	}
	return attributes;
}

static int put_entry(struct publisher *p, uint32_t mid, struct slice bytes, struct error *e)
{
	struct error what = { 0 };
	if (!record_decode(&p->record, bytes))
		return error_set(e, ERR_CORRUPT,
		                 "entry %" PRIu32 " of the store is damaged: restore a backup",
		                 mid);
	struct entry entry = {
		.mid = mid,
		.guid = p->record.guid,
		.dn = p->record.dn,
		.legacy_dn = p->record.legacy_dn,
		.count = group_values(p),
	};
	entry.attributes = p->attributes; /* which the grouping may have moved */
	int err = builder_put(p->builder, &entry, &what);
	if (what.text[0] && p->warnings++ < WARNINGS_TOLD)
		log_warn("entry %" PRIu32 ": %s", mid, what.text);
	if (err)
		builder_remove(p->builder, mid);
	return 0;
}

static int open_publisher(struct publisher *p, struct store *s, struct directory *d,
                          const struct snapshot *base, struct error *e)
{
	*p = (struct publisher){ .store = s };
	int err = store_begin_read(s, &p->txn, e);
	if (!err)
		err = names_load(s, p->txn, &p->names, e);
	if (!err)
		p->builder = builder_new(d, base);
	return err;
}

static void close_publisher(struct publisher *p)
{
	builder_free(p->builder);
	names_free(p->names);
	record_free(&p->record);
	free(p->values);
	free(p->attributes);
	mdb_txn_abort(p->txn);
}

static void publish(struct publisher *p, struct directory *d)
{
	if (p->warnings > WARNINGS_TOLD)
		log_warn("%zu more entries are not as they should be", p->warnings - WARNINGS_TOLD);
	directory_publish(d, builder_finish(p->builder));
	p->builder = NULL;
}

static int put_changed(struct publisher *p, const uint32_t *mids, size_t count, struct error *e)
{
	int err = 0;
	for (size_t i = 0; i < count && !err; i++) {
		struct slice bytes = { 0 };
		err = store_get(p->store, p->txn, TABLE_ENTRIES, slice_of(&mids[i], sizeof mids[i]),
		                &bytes, e);
		if (err == ERR_NOT_FOUND)
			err = 0; /* changed and then removed */
		else if (!err)
			err = put_entry(p, mids[i], bytes, e);
	}
	return err;
}

void publish_changes(struct store *s, const uint32_t *changed, size_t changed_count,
                     const uint32_t *gone, size_t gone_count)
{
	const struct snapshot *base = directory_acquire(s->directory);
	struct publisher p;
	struct error e = { 0 };
	int err = open_publisher(&p, s, s->directory, base, &e);
	if (!err)
		err = put_changed(&p, changed, changed_count, &e);
	for (size_t i = 0; i < gone_count && !err; i++)
		builder_remove(p.builder, gone[i]);
	if (err)
		log_error(
			"a change is in the store, but readers do not see it before a restart: %s",
			e.text);
	else
		publish(&p, s->directory);
	close_publisher(&p);
	snapshot_unref(base);
}

/* Where values lie in the store's map: from the first page of all to the end of the last. */
struct span {
	uintptr_t start, end;
};

static void span_add(struct span *s, struct slice value)
{
	uintptr_t start = (uintptr_t)value.data, end = start + value.size;
	if (s->end == 0 || start < s->start)
		s->start = start;
	if (end > s->end)
		s->end = end;
}

/* What was read once stays in the system's cache and need not count as ours, nor what building the
 * book took. */
static void give_back(const struct span *read)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = read->start & ~(page - 1);
	if (read->end > start)
		madvise((void *)start, read->end - start, MADV_DONTNEED);
	malloc_trim(0);
}

static int put_all(struct publisher *p, struct span *read,
                   void (*progress)(void *context, size_t done, size_t total), void *context,
                   struct error *e)
{
	MDB_cursor *cursor = NULL;
	MDB_val key, value;
	MDB_stat stat;
	int err = 0;
	int rc = mdb_cursor_open(p->txn, p->store->tables[TABLE_ENTRIES], &cursor);
	if (rc)
		return store_fail(p->store, e, rc, "cannot read the store");
	mdb_stat(p->txn, p->store->tables[TABLE_ENTRIES], &stat);
	for (size_t done = 1; !err && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0; done++) {
		uint32_t mid;
		memcpy(&mid, key.mv_data, sizeof mid);
		span_add(read, slice_of_val(value));
		err = put_entry(p, mid, slice_of_val(value), e);
		if (progress && (done % 1000 == 0 || done == stat.ms_entries))
			progress(context, done, stat.ms_entries);
	}
	mdb_cursor_close(cursor);
	return err;
}

static int publish_all(struct store *s, struct directory *d,
                       void (*progress)(void *context, size_t done, size_t total), void *context,
                       struct error *e)
{
	struct publisher p;
	struct span read = { 0 };
	int err = open_publisher(&p, s, d, NULL, e);
	if (!err)
		err = put_all(&p, &read, progress, context, e);
	if (!err)
		publish(&p, d);
	close_publisher(&p);
	give_back(&read);
	return err;
}

static int set_policy(struct store *s, struct policy *p, struct error *e)
{
	struct policy *before = directory_policy(s->directory);
	bool rebuild = false;
	int err = directory_set_policy(s->directory, p, &rebuild, e);
	if (!err && rebuild) {
		err = publish_all(s, s->directory, NULL, NULL, e);
		if (err) /* the lists of the snapshot that there is */
			directory_set_policy(s->directory, before, &rebuild, NULL);
	}
	policy_unref(before);
	return err;
}

int store_set_policy(struct store *s, struct policy *p, struct error *e)
{
	if (!turn_take(&s->turn, TURN_WAIT_MS))
		return error_set(e, ERR_BUSY, "an import is under way; try again when it is done");
	int err = set_policy(s, p, e);
	turn_give(&s->turn);
	return err;
}

int store_attach_directory(struct store *s, struct directory *d,
                           void (*progress)(void *context, size_t done, size_t total),
                           void *context, struct error *e)
{
	int err = publish_all(s, d, progress, context, e);
	if (!err)
		s->directory = d;
	return err;
}
