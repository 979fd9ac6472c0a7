#include <inttypes.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "directory/snapshot_file.h"
#include "store/feed.h"
#include "store/publish.h"

enum { TASKS = 64 };
enum { TELL_EVERY_US = 5000000, TELL_AFTER_US = 2000000 };

/* All entries in ranges of MIds, each of which one thread puts. */
struct loading {
	enum parallel_pace pace;
	struct store *store;
	struct directory_builder *builder;
	uint32_t first, last;
	struct feed feeds[TASKS];
	_Atomic size_t warnings;
	_Atomic size_t done;
	size_t total;
	_Atomic uint64_t tell_us; /* when progress is told next */
	_Atomic int err;
	struct error *e; /* of who set err */
};

static void tell_progress(struct loading *l)
{
	uint64_t now = clock_mono_us(), due = l->tell_us;
	size_t done = atomic_fetch_add(&l->done, 1) + 1;
	if (now >= due && atomic_compare_exchange_strong(&l->tell_us, &due, now + TELL_EVERY_US))
		log_info("building the book: %zu of %zu entries", done, l->total);
}

static int put_range(struct loading *l, struct feed *f, uint32_t first, uint32_t end,
                     struct error *e)
{
	MDB_cursor *cursor = NULL;
	MDB_val key = {sizeof first, &first}, value;
	int err = 0;
	int rc = mdb_cursor_open(f->txn, l->store->tables[TABLE_ENTRIES], &cursor);
	if (rc)
		return store_fail(l->store, e, rc, "cannot read the store");
	for (rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE); !rc && !err && !l->err;
	     rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
		uint32_t mid;
		memcpy(&mid, key.mv_data, sizeof mid);
		if (mid >= end)
			break;
		err = feed_put(f, mid, slice_of_val(value), e);
		tell_progress(l);
	}
	mdb_cursor_close(cursor);
	return err;
}

static void load_range(void *context, size_t task)
{
	struct loading *l = context;
	struct error e = {0};
	uint64_t span = (uint64_t)l->last - l->first + 1;
	uint32_t first = l->first + (uint32_t)(span * task / TASKS);
	uint32_t end = l->first + (uint32_t)(span * (task + 1) / TASKS);
	struct feed *f = &l->feeds[task];
	int none = 0, err = feed_open(f, l->store, l->builder, &l->warnings, &e);
	if (!err)
		err = put_range(l, f, first, end, &e);
	if (err && atomic_compare_exchange_strong(&l->err, &none, err) && l->e)
		*l->e = e;
}

/* The MIds that there are; false when there are none. */
static bool find_ends(struct loading *l, MDB_txn *txn)
{
	MDB_cursor *cursor = NULL;
	MDB_val first, last, value;
	MDB_stat stat;
	bool found = mdb_cursor_open(txn, l->store->tables[TABLE_ENTRIES], &cursor) == 0 &&
	             mdb_cursor_get(cursor, &first, &value, MDB_FIRST) == 0 &&
	             mdb_cursor_get(cursor, &last, &value, MDB_LAST) == 0;
	if (found) {
		memcpy(&l->first, first.mv_data, sizeof l->first);
		memcpy(&l->last, last.mv_data, sizeof l->last);
	}
	mdb_cursor_close(cursor);
	mdb_stat(txn, l->store->tables[TABLE_ENTRIES], &stat);
	l->total = stat.ms_entries;
	return found;
}

static int load_all(struct loading *l, struct error *e)
{
	MDB_txn *txn = NULL;
	int err = store_begin_read(l->store, &txn, e);
	if (err)
		return err;
	l->tell_us = clock_mono_us() + TELL_AFTER_US;
	builder_set_source(l->builder, store_meta_number(l->store, txn, "generation"));
	if (find_ends(l, txn))
		parallel_run(l->pace, TASKS, load_range, l);
	mdb_txn_abort(txn);
	for (size_t i = 0; i < TASKS; i++) {
		if (!l->err && l->feeds[i].part)
			feed_join(&l->feeds[i], l->builder);
		feed_close(&l->feeds[i]);
	}
	feed_tell_warnings(l->warnings);
	return l->err;
}

/* Nobody has read the book in any order yet. */
static bool is_first_book(struct directory *d)
{
	const struct snapshot *now = directory_acquire(d);
	bool empty = snapshot_count(now) == 0;
	snapshot_unref(now);
	return empty;
}

int publish_all(struct store *s, enum parallel_pace pace, struct error *e)
{
	struct loading *l = xcalloc(1, sizeof *l);
	*l = (struct loading){.pace = pace, .store = s, .e = e};
	l->builder = builder_new(s->directory, NULL);
	if (pace == PARALLEL_AT_ONCE || is_first_book(s->directory))
		builder_leave_orders(l->builder);
	int err = load_all(l, e);
	if (err)
		builder_free(l->builder);
	else
		directory_publish(s->directory, builder_finish(l->builder));
	free(l);
	malloc_trim(0); /* what building the book took */
	return err;
}

/* What changed after the file was written. */
static int follow_journal(struct store *s, const struct snapshot *base, size_t *count,
                          struct error *e)
{
	MDB_txn *txn = NULL;
	uint32_t *mids = NULL;
	int err = store_begin_read(s, &txn, e);
	if (err)
		return err;
	err = journal_since(s, txn, snapshot_source(base), &mids, count, e);
	mdb_txn_abort(txn);
	if (err == ERR_NOT_FOUND)
		error_set(e, err, "%s is from before very many changes", s->snapshot_path);
	if (err)
		return err;
	struct directory_builder *b = builder_new(s->directory, base);
	err = publish_entries(s, b, mids, *count, e);
	if (err)
		builder_free(b);
	else
		directory_publish(s->directory, builder_finish(b));
	free(mids);
	return err;
}

static int attach_file(struct store *s, struct error *e)
{
	const struct snapshot *base = NULL;
	uint64_t start = clock_mono_ms();
	size_t changes = 0;
	int err = snapshot_file_read(s->directory, &s->server_guid, s->snapshot_path, &base, e);
	if (err)
		return err;
	err = follow_journal(s, base, &changes, e);
	if (!err) {
		s->saved_source = snapshot_source(base);
		log_info("book of %zu objects from %s, with %zu changes since, in %" PRIu64 " ms",
		         snapshot_count(base), s->snapshot_path, changes, clock_mono_ms() - start);
	}
	snapshot_unref(base);
	return err;
}

/* The store has everything, the file only saves time. */
static int attach_entries(struct store *s, int why_not_file, const char *why, struct error *e)
{
	uint64_t start = clock_mono_ms();
	struct store_counts counts;
	store_counts(s, &counts);
	if (why_not_file == ERR_CORRUPT)
		log_warn("%s; the book is built from the store's %zu entries", why, counts.entries);
	else if (counts.entries > 0)
		log_info("%s; the book is built from the store's %zu entries", why, counts.entries);
	int err = publish_all(s, PARALLEL_AT_ONCE, e);
	if (!err && counts.entries > 0)
		log_info("book built in %" PRIu64 " ms", clock_mono_ms() - start);
	return err;
}

int store_attach_directory(struct store *s, struct directory *d, struct error *e)
{
	struct error why = {0};
	s->directory = d;
	int err = attach_file(s, &why);
	if (err)
		err = attach_entries(s, err, why.text, e);
	if (err)
		s->directory = NULL;
	return err;
}
