#include "store/journal.h"

#include <endian.h>
#include <stdlib.h>

#include "base/memory.h"

/* Ordered as bytes. */
struct journal_key {
	uint8_t bytes[12];
};

static struct journal_key key_of(uint64_t generation, uint32_t mid)
{
	struct journal_key key;
	uint64_t high = htobe64(generation);
	uint32_t low = htobe32(mid);
	memcpy(key.bytes, &high, sizeof high);
	memcpy(key.bytes + sizeof high, &low, sizeof low);
	return key;
}

static uint64_t generation_of(MDB_val key)
{
	uint64_t generation;
	memcpy(&generation, key.mv_data, sizeof generation);
	return be64toh(generation);
}

static uint32_t mid_of(MDB_val key)
{
	uint32_t mid;
	memcpy(&mid, (const uint8_t *)key.mv_data + sizeof(uint64_t), sizeof mid);
	return be32toh(mid);
}

static bool is_key(MDB_val key)
{
	return key.mv_size == sizeof(struct journal_key);
}

/* Everything after this generation is in the journal. */
static int set_start(struct store *s, MDB_txn *txn, uint64_t generation, struct error *e)
{
	return store_set_meta_number(s, txn, "journal-start", generation, e);
}

static int forget_all(struct store *s, MDB_txn *txn, uint64_t generation, struct error *e)
{
	int rc = mdb_drop(txn, s->tables[TABLE_JOURNAL], 0);
	if (rc)
		return store_fail(s, e, rc, "cannot write to the store");
	return set_start(s, txn, generation, e);
}

/* Drops what the snapshot file has. */
static int forget_saved(struct store *s, MDB_txn *txn, struct error *e)
{
	uint64_t saved = s->saved_source;
	MDB_cursor *cursor = NULL;
	MDB_val key, value;
	if (saved <= store_meta_number(s, txn, "journal-start"))
		return 0;
	int rc = mdb_cursor_open(txn, s->tables[TABLE_JOURNAL], &cursor);
	while (!rc && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0 &&
	       (!is_key(key) || generation_of(key) <= saved))
		rc = mdb_cursor_del(cursor, 0);
	mdb_cursor_close(cursor);
	return rc ? store_fail(s, e, rc, "cannot write to the store") : set_start(s, txn, saved, e);
}

static int add_list(struct store *s, MDB_txn *txn, uint64_t generation, const struct mid_list *list,
                    struct error *e)
{
	int err = 0;
	for (size_t i = 0; i < list->count && !err; i++) {
		struct journal_key key = key_of(generation, list->mids[i]);
		err = store_put(s, txn, TABLE_JOURNAL, slice_of(key.bytes, sizeof key.bytes),
		                slice_of(NULL, 0), e);
	}
	return err;
}

int journal_add(struct store *s, MDB_txn *txn, uint64_t generation, const struct mid_list *lists,
                size_t list_count, struct error *e)
{
	MDB_stat stat;
	size_t count = 0;
	int err = forget_saved(s, txn, e);
	if (err)
		return err;
	mdb_stat(txn, s->tables[TABLE_JOURNAL], &stat);
	for (size_t i = 0; i < list_count; i++)
		count += lists[i].count;
	if (count + stat.ms_entries > JOURNAL_MAX)
		return forget_all(s, txn, generation, e);
	for (size_t i = 0; i < list_count && !err; i++)
		err = add_list(s, txn, generation, &lists[i], e);
	return err;
}

bool journal_reaches(struct store *s, MDB_txn *txn, uint64_t generation)
{
	return generation >= store_meta_number(s, txn, "journal-start") &&
	       generation <= store_meta_number(s, txn, "generation");
}

int journal_since(struct store *s, MDB_txn *txn, uint64_t generation, uint32_t **mids,
                  size_t *count, struct error *e)
{
	struct journal_key first = key_of(generation + 1, 0);
	MDB_val key = {sizeof first.bytes, first.bytes}, value;
	MDB_cursor *cursor = NULL;
	MDB_stat stat;
	if (!journal_reaches(s, txn, generation))
		return ERR_NOT_FOUND;
	int rc = mdb_cursor_open(txn, s->tables[TABLE_JOURNAL], &cursor);
	if (rc)
		return store_fail(s, e, rc, "cannot read the store");
	mdb_stat(txn, s->tables[TABLE_JOURNAL], &stat);
	*mids = xcalloc(stat.ms_entries + 1, sizeof **mids);
	*count = 0;
	for (rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE); rc == 0;
	     rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))
		if (is_key(key) && *count < stat.ms_entries)
			(*mids)[(*count)++] = mid_of(key);
	mdb_cursor_close(cursor);
	return 0;
}
