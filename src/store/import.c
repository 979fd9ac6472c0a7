#include "store/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf.h"
#include "directory/entry.h"
#include "store/import-private.h"
#include "store/journal.h"
#include "store/publish.h"

/* MIds from 0x80000000 on are not for clients: some take them as signed. */
enum { MID_MAX = 0x7FFFFFFF };

void mids_add(struct mids *m, uint32_t mid)
{
	if (m->count == m->room) {
		m->room = m->room ? 2 * m->room : 64;
		m->items = xrealloc_array(m->items, m->room, sizeof *m->items);
	}
	m->items[m->count++] = mid;
}

void import_warn(struct import *i, size_t line, const char *format, ...)
{
	char what[300];
	va_list ap;
	i->result.warnings++;
	if (!i->warn)
		return;
	va_start(ap, format);
	vsnprintf(what, sizeof what, format, ap);
	va_end(ap);
	char *text = xasprintf("%s:%zu: %s", ldif_source(i->ldif), line, what);
	i->warn(i->warn_context, text);
	free(text);
}

bool import_seen(const struct import *i, uint32_t mid)
{
	size_t at = mid / 8;
	return at < i->seen_room && i->seen[at] >> mid % 8 & 1;
}

void import_set_seen(struct import *i, uint32_t mid, bool seen)
{
	size_t at = mid / 8;
	if (at >= i->seen_room) {
		size_t room = 2 * at + 1024;
		i->seen = xrealloc(i->seen, room);
		memset(i->seen + i->seen_room, 0, room - i->seen_room);
		i->seen_room = room;
	}
	uint8_t bit = (uint8_t)(1 << mid % 8);
	i->seen[at] = seen ? i->seen[at] | bit : i->seen[at] & (uint8_t)~bit;
}

static struct slice mid_slice(const uint32_t *mid)
{
	return slice_of(mid, sizeof *mid);
}

int import_load(struct import *i, uint32_t mid, struct error *e)
{
	struct slice bytes = {0};
	int err = store_get(i->store, i->txn, TABLE_ENTRIES, mid_slice(&mid), &bytes, e);
	if (err == ERR_NOT_FOUND || (!err && !record_decode(&i->old, bytes)))
		return store_fail(i->store, e, MDB_CORRUPTED, "cannot read an entry");
	return err;
}

static void set_keys(struct import *i, const struct record *r, uint32_t mid)
{
	struct key key;
	memcpy(key.bytes, r->guid.bytes, sizeof key.bytes);
	keys_set(i->guids, &key, mid);
	if (key_of_dn(r->dn, 0, &key))
		keys_set(i->dns, &key, mid);
	key_of_text(r->legacy_dn, &key);
	keys_set(i->legacy_dns, &key, mid);
}

static void drop_key(struct keys *keys, const struct key *key, uint32_t mid)
{
	if (keys_get(keys, key) == mid)
		keys_set(keys, key, 0);
}

/* The old record's keys, where they are still its own. */
static void drop_keys(struct import *i, const struct record *r, uint32_t mid)
{
	struct key key;
	memcpy(key.bytes, r->guid.bytes, sizeof key.bytes);
	drop_key(i->guids, &key, mid);
	if (key_of_dn(r->dn, 0, &key))
		drop_key(i->dns, &key, mid);
	key_of_text(r->legacy_dn, &key);
	drop_key(i->legacy_dns, &key, mid);
}

static bool is_renamed(const struct import *i)
{
	return !slice_equal(i->old.dn, i->record.dn) ||
	       !guid_equal(&i->old.guid, &i->record.guid) ||
	       !slice_equal(i->old.legacy_dn, i->record.legacy_dn);
}

static int put_record(struct import *i, uint32_t mid, bool is_new, struct error *e)
{
	struct slice key_bytes = mid_slice(&mid);
	MDB_val key = val_of(key_bytes), value = val_of(buffer_slice(&i->bytes));
	int rc = mdb_put(i->txn, i->store->tables[TABLE_ENTRIES], &key, &value,
	                 is_new ? MDB_APPEND : 0);
	return rc ? store_fail(i->store, e, rc, "cannot write to the store") : 0;
}

static bool is_unchanged(struct import *i, uint32_t mid)
{
	struct slice old = {0};
	int err = store_get(i->store, i->txn, TABLE_ENTRIES, mid_slice(&mid), &old, NULL);
	return !err && record_same(old, buffer_slice(&i->bytes));
}

static int add_record(struct import *i, uint32_t mid, struct error *e)
{
	if (mid > MID_MAX)
		return error_set(e, ERR_LIMIT,
		                 "the store has given out all of its %d entry numbers", MID_MAX);
	i->next_mid++;
	i->result.added++;
	set_keys(i, &i->record, mid);
	return put_record(i, mid, true, e);
}

static int change_record(struct import *i, uint32_t mid, struct error *e)
{
	i->result.changed++;
	if (is_renamed(i)) {
		drop_keys(i, &i->old, mid);
		set_keys(i, &i->record, mid);
	}
	return put_record(i, mid, false, e);
}

int import_write(struct import *i, uint32_t mid, struct error *e)
{
	bool is_new = mid == i->next_mid;
	i->record.generation = i->generation;
	buffer_clear(&i->bytes);
	record_encode(&i->record, &i->bytes);
	if (i->bytes.failed)
		return error_set(e, ERR_LIMIT, "an entry is larger than %d MiB", RECORD_MAX >> 20);
	import_set_seen(i, mid, true);
	if (!is_new && is_unchanged(i, mid)) {
		i->result.unchanged++;
		return 0;
	}
	mids_add(&i->changed, mid);
	return is_new ? add_record(i, mid, e) : change_record(i, mid, e);
}

int import_remove(struct import *i, uint32_t mid, struct error *e)
{
	int err = import_load(i, mid, e);
	if (err)
		return err;
	drop_keys(i, &i->old, mid);
	import_set_seen(i, mid, false);
	mids_add(&i->gone, mid);
	i->result.removed++;
	return store_delete(i->store, i->txn, TABLE_ENTRIES, mid_slice(&mid), e);
}

static void warn_left_out(struct import *i, size_t line, struct name *name)
{
	if (name->use != NAME_SECRET || name->warned)
		return;
	name->warned = true;
	import_warn(i, line, "%s is a secret or looks like one, and is left out everywhere",
	            name->spelled);
}

int import_name(struct import *i, size_t line, struct slice attribute, struct slice options,
                struct name **name, struct error *e)
{
	struct name *found = names_take(i->names, attribute, options);
	if (!found)
		return ldif_fail(i->ldif, e, ERR_LIMIT, line,
		                 "more different attribute names than a directory has");
	warn_left_out(i, line, found);
	bool taken =
		found->use == NAME_KEPT || found->use == NAME_GUID || found->use == NAME_LEGACY_DN;
	*name = taken ? found : NULL;
	return 0;
}

/* "member;range=0-1499": the first 1500 of them; "1500-*" are the last. */
static bool is_cut_short(struct slice options)
{
	return slice_starts_nocase(options, "range=") && options.data[options.size - 1] != '*';
}

static bool is_text(struct slice value)
{
	return utf8_valid(value) && !memchr(value.data, 0, value.size);
}

bool import_value_is_good(struct import *i, const struct name *name, const struct ldif_value *v)
{
	if (v->value.size == 0)
		return false; /* an empty string is no value in LDAP */
	if (name->syntax != SYNTAX_BYTES && !is_text(v->value)) {
		import_warn(i, v->line, "a value of %s is no UTF-8 text and is left out",
		            name->spelled);
		return false;
	}
	if (v->options.size && is_cut_short(v->options) && v->line != i->cut_line + 1)
		import_warn(i, v->line, "%s has only the values that the server sent first",
		            name->spelled);
	if (v->options.size && is_cut_short(v->options))
		i->cut_line = v->line;
	return true;
}

static int take_record(void *context, const struct ldif_record *r, struct error *e)
{
	static int (*const takers[])(struct import * i, const struct ldif_record *r,
	                             struct error *e) = {
		[LDIF_CONTENT] = import_content,
		[LDIF_DELETE] = import_delete,
		[LDIF_MODIFY] = import_modify,
		[LDIF_RENAME] = import_rename,
	};
	struct import *i = context;
	i->result.records++;
	arena_reset(&i->scratch);
	if (i->replace && r->change != LDIF_CONTENT)
		return ldif_fail(i->ldif, e, ERR_INVALID, r->line,
		                 "a file of changes cannot replace the whole book");
	return takers[r->change](i, r, e);
}

static int begin(struct import *i, struct error *e)
{
	int err = store_begin_write(i->store, &i->txn, e);
	if (err)
		return err;
	i->store->importing = true;
	err = names_load(i->store, i->txn, &i->names, e);
	if (err)
		return err;
	i->guids = keys_new(i->store, i->txn, TABLE_GUIDS);
	i->dns = keys_new(i->store, i->txn, TABLE_DNS);
	i->legacy_dns = keys_new(i->store, i->txn, TABLE_LEGACY);
	i->next_mid = (uint32_t)store_meta_number(i->store, i->txn, "next-mid");
	if (i->next_mid < ENTRY_MID_FIRST)
		i->next_mid = ENTRY_MID_FIRST;
	i->generation = store_meta_number(i->store, i->txn, "generation") + 1;
	return 0;
}

static int take_turn(struct import *i, struct error *e)
{
	if (i->store->importing)
		return error_set(e, ERR_BUSY, "an import is under way; try again when it is done");
	i->begun = turn_take(&i->store->turn, TURN_WAIT_MS);
	return i->begun ? 0 : error_set(e, ERR_BUSY, "other changes are being written; try again");
}

int import_begin(struct store *s, const struct import_options *options, struct import **out,
                 struct error *e)
{
	struct import *i = xcalloc(1, sizeof *i);
	i->store = s;
	i->ldif = ldif_new(options->source, take_record, i);
	i->organization = xstrdup(options->organization);
	i->replace = options->replace;
	buffer_init(&i->bytes, RECORD_MAX);
	arena_init(&i->scratch, RECORD_MAX);
	int err = take_turn(i, e);
	if (!err)
		err = begin(i, e);
	if (err)
		import_abort(i);
	else
		*out = i;
	return err;
}

void import_on_warning(struct import *i, void (*warn)(void *context, const char *text),
                       void *context)
{
	i->warn = warn;
	i->warn_context = context;
}

int import_feed(struct import *i, struct slice bytes, struct error *e)
{
	return ldif_feed(i->ldif, bytes, e);
}

void import_progress(const struct import *i, struct import_result *so_far)
{
	*so_far = i->result;
}

static int remove_displaced(struct import *i, struct error *e)
{
	int err = 0;
	for (size_t k = 0; k < i->displaced.count && !err; k++)
		if (!import_seen(i, i->displaced.items[k]))
			err = import_remove(i, i->displaced.items[k], e);
	return err;
}

/* Collected first: a cursor does not like its table to change under it. */
int import_all(struct import *i, struct mids *all, struct error *e)
{
	MDB_cursor *cursor = NULL;
	MDB_val key, value;
	int rc = mdb_cursor_open(i->txn, i->store->tables[TABLE_ENTRIES], &cursor);
	if (rc)
		return store_fail(i->store, e, rc, "cannot read the store");
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		uint32_t mid;
		memcpy(&mid, key.mv_data, sizeof mid);
		mids_add(all, mid);
	}
	mdb_cursor_close(cursor);
	return 0;
}

static int remove_unseen(struct import *i, struct error *e)
{
	struct mids all = {0};
	int err = import_all(i, &all, e);
	for (size_t k = 0; k < all.count && !err; k++)
		if (!import_seen(i, all.items[k]))
			err = import_remove(i, all.items[k], e);
	free(all.items);
	return err;
}

static int save(struct import *i, struct error *e)
{
	const struct mid_list changes[] = {
		{i->changed.items, i->changed.count},
		{i->gone.items,    i->gone.count   },
	};
	int err = names_save(i->names, i->store, i->txn, e);
	if (!err)
		err = keys_save(i->guids, e);
	if (!err)
		err = keys_save(i->dns, e);
	if (!err)
		err = keys_save(i->legacy_dns, e);
	if (!err)
		err = store_set_meta_number(i->store, i->txn, "next-mid", i->next_mid, e);
	if (!err)
		err = store_set_meta_number(i->store, i->txn, "generation", i->generation, e);
	if (!err)
		err = journal_add(i->store, i->txn, i->generation, changes, 2, e);
	if (err)
		return err;
	err = store_commit(i->store, i->txn, e);
	i->txn = NULL;
	return err;
}

/* A file without entries would empty the book: most likely it is another file than was meant. */
static int check_content(const struct import *i, struct error *e)
{
	size_t entries = i->result.added + i->result.changed + i->result.unchanged;
	if (i->result.records > 0 && (entries > 0 || !i->replace))
		return 0;
	return error_set(e, ERR_INVALID, "%s: no LDIF record of an entry in it",
	                 ldif_source(i->ldif));
}

static int finish(struct import *i, struct error *e)
{
	int err = ldif_finish(i->ldif, e);
	if (!err)
		err = check_content(i, e);
	if (!err)
		err = import_follow_renames(i, e);
	if (!err)
		err = i->replace ? remove_unseen(i, e) : remove_displaced(i, e);
	if (err || i->changed.count + i->gone.count == 0)
		return err;
	return save(i, e);
}

int import_commit(struct import *i, struct import_result *result, struct error *e)
{
	int err = finish(i, e);
	bool written = !err && !i->txn;
	const struct mid_list changes[] = {
		{i->changed.items, i->changed.count},
		{i->gone.items,    i->gone.count   },
	};
	if (written && i->store->directory)
		publish_changes(i->store, changes, 2);
	if (!err)
		*result = i->result;
	import_abort(i);
	return err;
}

void import_abort(struct import *i)
{
	if (!i)
		return;
	mdb_txn_abort(i->txn);
	if (i->begun) {
		i->store->importing = false;
		turn_give(&i->store->turn);
	}
	ldif_free(i->ldif);
	names_free(i->names);
	keys_free(i->guids);
	keys_free(i->dns);
	keys_free(i->legacy_dns);
	record_free(&i->record);
	record_free(&i->old);
	buffer_free(&i->bytes);
	arena_free(&i->scratch);
	free(i->seen);
	free(i->changed.items);
	free(i->displaced.items);
	free(i->gone.items);
	renames_free(i->renames);
	free(i->organization);
	free(i);
}
