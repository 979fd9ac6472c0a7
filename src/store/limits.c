#include <stdlib.h>

#include "base/memory.h"
#include "base/reader.h"
#include "store/accounts.h"
#include "store/store-private.h"
#include "store/users.h"

struct limit_key {
	size_t size;
	uint8_t bytes[1 + NAME_KEY_SIZE];
};

static int limit_key(enum limit_scope scope, const char *name, struct limit_key *key,
                     struct error *e)
{
	struct name_key folded = {0};
	int err = scope == LIMIT_DEFAULT ? 0 : name_key(slice_of_string(name), &folded, e);
	if (err)
		return err;
	key->bytes[0] = (uint8_t)scope;
	memcpy(key->bytes + 1, folded.bytes, folded.size);
	key->size = 1 + folded.size;
	return 0;
}

static void put_text(struct buffer *out, const char *text)
{
	size_t size = strlen(text);
	buffer_put_u16(out, (uint16_t)size);
	buffer_put(out, text, size);
}

static void read_text(struct reader *r, char *out, size_t room)
{
	struct slice text = reader_slice(r, reader_u16(r));
	if (text.size >= room) {
		r->failed = true;
		return;
	}
	memcpy(out, text.size ? text.data : (const uint8_t *)"", text.size);
	out[text.size] = 0;
}

static void encode(const struct limit *l, struct buffer *out)
{
	put_text(out, l->name);
	put_text(out, l->reason);
	buffer_put_u32(out, l->sessions);
	buffer_put_u64(out, l->until_ms);
	buffer_put_u64(out, l->review_ms);
	buffer_put_u64(out, l->set_ms);
}

static bool decode(struct slice key, struct slice record, struct limit *l)
{
	struct reader r;
	reader_init(&r, record.data, record.size);
	*l = (struct limit){.scope = key.size ? key.data[0] : LIMIT_DEFAULT, .origin = LIMIT_SET};
	read_text(&r, l->name, sizeof l->name);
	read_text(&r, l->reason, sizeof l->reason);
	l->sessions = reader_u32(&r);
	l->until_ms = reader_u64(&r);
	l->review_ms = reader_u64(&r);
	l->set_ms = reader_u64(&r);
	return !r.failed && reader_left(&r) == 0 && l->scope <= LIMIT_ACCOUNT;
}

int store_limit_set(struct store *s, const struct limit *limit, struct error *e)
{
	struct limit_key key;
	struct buffer record;
	int err = limit_key(limit->scope, limit->name, &key, e);
	if (err)
		return err;
	buffer_init(&record, 4096);
	encode(limit, &record);
	err = store_put_one(s, TABLE_LIMITS, slice_of(key.bytes, key.size), buffer_slice(&record),
	                    e);
	buffer_free(&record);
	return err;
}

int store_limit_clear(struct store *s, enum limit_scope scope, const char *name, struct error *e)
{
	struct limit_key key;
	int err = limit_key(scope, name, &key, e);
	if (err)
		return err;
	err = store_delete_one(s, TABLE_LIMITS, slice_of(key.bytes, key.size), e);
	if (err == ERR_NOT_FOUND)
		error_set(e, err, "no limit is set for %s",
		          scope == LIMIT_DEFAULT ? "the default" : name);
	return err;
}

int store_limit_list(struct store *s, struct limit **list, size_t *count, struct error *e)
{
	MDB_txn *txn = NULL;
	MDB_cursor *cursor = NULL;
	MDB_val key, value;
	struct limit *limits = NULL;
	size_t n = 0;
	int err = store_begin_read(s, &txn, e);
	if (err)
		return err;
	if (mdb_cursor_open(txn, s->tables[TABLE_LIMITS], &cursor))
		err = error_set(e, ERR_SYSTEM, "cannot read the limits of the store");
	while (!err && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		limits = xrealloc_array(limits, n + 1, sizeof *limits);
		if (decode(slice_of_val(key), slice_of_val(value), &limits[n]))
			n++;
		else
			err = error_set(e, ERR_CORRUPT,
			                "a limit of the store is damaged: restore a backup");
	}
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	if (err) {
		free(limits);
		return err;
	}
	*list = limits;
	*count = n;
	return 0;
}
