#include "store/import.h"
#include "store/ldif_write.h"
#include "store/names.h"
#include "store/record.h"

static void put_identity(const struct record *r, struct buffer *out)
{
	char text[GUID_TEXT_SIZE];
	if (r->guid_origin == GUID_OBJECT_GUID)
		ldif_put(out, "objectGUID", slice_of(r->guid.bytes, sizeof r->guid.bytes));
	guid_format(&r->guid, text);
	if (r->guid_origin == GUID_ENTRY_UUID)
		ldif_put(out, "entryUUID", slice_of_string(text));
	ldif_put(out, "legacyExchangeDN", r->legacy_dn);
}

static int put_record(const struct record *r, const struct names *names, struct buffer *out,
                      struct error *e)
{
	buffer_put_string(out, "\n");
	ldif_put(out, "dn", r->dn);
	put_identity(r, out);
	for (size_t i = 0; i < r->count; i++) {
		const struct name *name = names_at(names, r->values[i].name);
		if (!name)
			return error_set(e, ERR_CORRUPT,
			                 "an entry of the store is damaged: restore a backup");
		ldif_put(out, name->spelled, r->values[i].value);
	}
	return 0;
}

struct export
{
	struct store *store;
	MDB_txn *txn;
	struct names *names;
	struct record record;
	struct buffer text;
	bool (*write)(void *context, struct slice bytes);
	void *context;
};

static int flush(struct export *x, struct error *e)
{
	bool ok = x->write(x->context, buffer_slice(&x->text));
	buffer_clear(&x->text);
	return ok ? 0 : error_set(e, ERR_CLOSED, "the export was stopped");
}

static int put_all(struct export *x, MDB_cursor *cursor, struct error *e)
{
	enum { CHUNK = 64 * 1024 };
	MDB_val key, value;
	int err = 0;
	buffer_put_string(&x->text, "version: 1\n");
	while (!err && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		if (record_decode(&x->record, slice_of_val(value)))
			err = put_record(&x->record, x->names, &x->text, e);
		else
			err = error_set(e, ERR_CORRUPT,
			                "an entry of the store is damaged: restore a backup");
		if (!err && x->text.size >= CHUNK)
			err = flush(x, e);
	}
	return err ? err : flush(x, e);
}

int store_export(struct store *s, bool (*write)(void *context, struct slice bytes), void *context,
                 struct error *e)
{
	struct export x = {.store = s, .write = write, .context = context};
	MDB_cursor *cursor = NULL;
	buffer_init(&x.text, SIZE_MAX);
	int err = store_begin_read(s, &x.txn, e);
	if (!err)
		err = names_load(s, x.txn, &x.names, e);
	if (!err && mdb_cursor_open(x.txn, s->tables[TABLE_ENTRIES], &cursor))
		err = error_set(e, ERR_SYSTEM, "cannot read the store");
	if (!err)
		err = put_all(&x, cursor, e);
	mdb_cursor_close(cursor);
	mdb_txn_abort(x.txn);
	names_free(x.names);
	record_free(&x.record);
	buffer_free(&x.text);
	return err;
}
