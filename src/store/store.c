#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/accounts.h"
#include "store/lock.h"
#include "store/store-private.h"

/* TABLE_META: "format" -> uint64_t, "server-guid" -> 16 bytes, and the numbers of the importer. */
enum { STORE_FORMAT = 1 };

static const struct table_def {
	const char *name;
	unsigned flags;
} table_defs[TABLE_COUNT] = {
	[TABLE_META] = {"meta",    0             },
	[TABLE_USERS] = {"users",   0             },
	[TABLE_GROUPS] = {"groups",  0             },
	[TABLE_LIMITS] = {"limits",  0             },
	[TABLE_NAMES] = {"names",   MDB_INTEGERKEY},
	[TABLE_ENTRIES] = {"entries", MDB_INTEGERKEY},
	[TABLE_GUIDS] = {"guids",   0             },
	[TABLE_DNS] = {"dns",     0             },
	[TABLE_LEGACY] = {"legacy",  0             },
	[TABLE_JOURNAL] = {"journal", 0             },
};

/* LMDB gives EIO for a short write, which is how a disk that fills up looks at first. */
static bool disk_is_full(int rc)
{
	return rc == ENOSPC || rc == EDQUOT || rc == EFBIG || rc == EIO;
}

static bool data_is_bad(int rc)
{
	return rc == MDB_CORRUPTED || rc == MDB_INVALID || rc == MDB_VERSION_MISMATCH ||
	       rc == MDB_PAGE_NOTFOUND || rc == MDB_INCOMPATIBLE;
}

int store_fail(const struct store *s, struct error *e, int rc, const char *what)
{
	if (rc == MDB_MAP_FULL || rc == MDB_TXN_FULL)
		return error_set(e, ERR_FULL,
		                 "%s: the store has reached its map_size of %" PRIu64
		                 " MiB; nothing was changed. Raise map_size in the configuration",
		                 what, s->map_size >> 20);
	if (disk_is_full(rc))
		return error_set(e, ERR_FULL,
		                 "%s: no space left on the disk%s; nothing was changed", what,
		                 rc == EIO ? ", or it failed" : "");
	if (data_is_bad(rc))
		return error_set(e, ERR_CORRUPT,
		                 "%s: the store's file is damaged (%s); restore it from a backup",
		                 what, mdb_strerror(rc));
	if (rc == MDB_PANIC)
		return error_set(e, ERR_SYSTEM,
		                 "%s: an earlier write failed half-way; restart to go on", what);
	return error_set(e, ERR_SYSTEM, "%s: %s", what, mdb_strerror(rc));
}

int store_begin_read(struct store *s, MDB_txn **txn, struct error *e)
{
	int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, txn);
	return rc ? store_fail(s, e, rc, "cannot read the store") : 0;
}

int store_begin_write(struct store *s, MDB_txn **txn, struct error *e)
{
	if (s->importing)
		return error_set(e, ERR_BUSY, "an import is under way; try again when it is done");
	int rc = mdb_txn_begin(s->env, NULL, 0, txn);
	return rc ? store_fail(s, e, rc, "cannot write to the store") : 0;
}

int store_commit(struct store *s, MDB_txn *txn, struct error *e)
{
	int rc = mdb_txn_commit(txn);
	return rc ? store_fail(s, e, rc, "cannot write to the store") : 0;
}

int store_get(struct store *s, MDB_txn *txn, enum store_table t, struct slice key,
              struct slice *value, struct error *e)
{
	MDB_val k = val_of(key), v;
	int rc = mdb_get(txn, s->tables[t], &k, &v);
	if (rc == MDB_NOTFOUND)
		return ERR_NOT_FOUND;
	if (rc)
		return store_fail(s, e, rc, "cannot read the store");
	*value = slice_of_val(v);
	return 0;
}

int store_put(struct store *s, MDB_txn *txn, enum store_table t, struct slice key,
              struct slice value, struct error *e)
{
	MDB_val k = val_of(key), v = val_of(value);
	int rc = mdb_put(txn, s->tables[t], &k, &v, 0);
	return rc ? store_fail(s, e, rc, "cannot write to the store") : 0;
}

int store_delete(struct store *s, MDB_txn *txn, enum store_table t, struct slice key,
                 struct error *e)
{
	MDB_val k = val_of(key);
	int rc = mdb_del(txn, s->tables[t], &k, NULL);
	if (rc == MDB_NOTFOUND)
		return ERR_NOT_FOUND;
	return rc ? store_fail(s, e, rc, "cannot write to the store") : 0;
}

int store_put_one(struct store *s, enum store_table t, struct slice key, struct slice value,
                  struct error *e)
{
	MDB_txn *txn = NULL;
	int err = store_begin_write(s, &txn, e);
	if (err)
		return err;
	err = store_put(s, txn, t, key, value, e);
	if (!err)
		return store_commit(s, txn, e);
	mdb_txn_abort(txn);
	return err;
}

int store_delete_one(struct store *s, enum store_table t, struct slice key, struct error *e)
{
	MDB_txn *txn = NULL;
	int err = store_begin_write(s, &txn, e);
	if (err)
		return err;
	err = store_delete(s, txn, t, key, e);
	if (!err)
		return store_commit(s, txn, e);
	mdb_txn_abort(txn);
	return err;
}

uint64_t store_meta_number(struct store *s, MDB_txn *txn, const char *name)
{
	struct slice value = {0};
	uint64_t number = 0;
	if (store_get(s, txn, TABLE_META, slice_of_string(name), &value, NULL) == 0 &&
	    value.size == sizeof number)
		memcpy(&number, value.data, sizeof number);
	return number;
}

int store_set_meta_number(struct store *s, MDB_txn *txn, const char *name, uint64_t value,
                          struct error *e)
{
	return store_put(s, txn, TABLE_META, slice_of_string(name), slice_of(&value, sizeof value),
	                 e);
}

static int make_state_dir(const char *path, struct error *e)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	return error_set(e, errno == ENOSPC ? ERR_FULL : ERR_SYSTEM, "cannot create %s: %s", path,
	                 strerror(errno));
}

/* A file that lost its end would be a SIGBUS in the middle of some read: better told now. */
static int check_length(struct store *s, const char *path, struct error *e)
{
	MDB_envinfo info;
	MDB_stat stat_meta;
	struct stat st;
	mdb_env_info(s->env, &info);
	mdb_env_stat(s->env, &stat_meta);
	if (stat(path, &st))
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	if ((uint64_t)st.st_size / stat_meta.ms_psize > info.me_last_pgno)
		return 0;
	return error_set(e, ERR_CORRUPT, "%s is shorter than its content: restore it from a backup",
	                 path);
}

static int open_env(struct store *s, const char *path, struct error *e)
{
	int rc = mdb_env_create(&s->env);
	if (!rc)
		rc = mdb_env_set_maxdbs(s->env, TABLE_COUNT);
	if (!rc)
		rc = mdb_env_set_mapsize(s->env, s->map_size);
	/* Read transactions belong to whoever holds them, not to a thread. */
	if (!rc)
		rc = mdb_env_open(s->env, path, MDB_NOSUBDIR | MDB_NOTLS, 0600);
	if (rc == ENOMEM)
		return error_set(e, ERR_SYSTEM,
		                 "cannot map %" PRIu64
		                 " MiB of %s: lower map_size, or raise the limit on address space",
		                 s->map_size >> 20, path);
	if (rc)
		return store_fail(s, e, rc, path);
	return check_length(s, path, e);
}

static int open_tables(struct store *s, MDB_txn *txn, struct error *e)
{
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		int rc = mdb_dbi_open(txn, table_defs[i].name, table_defs[i].flags | MDB_CREATE,
		                      &s->tables[i]);
		if (rc)
			return store_fail(s, e, rc, "cannot open the store");
	}
	return 0;
}

static int open_identity(struct store *s, MDB_txn *txn, struct error *e)
{
	struct slice key = slice_of_string("server-guid");
	struct slice value = {0};
	int err = store_get(s, txn, TABLE_META, key, &value, e);
	if (err == ERR_NOT_FOUND) {
		s->server_guid = guid_random();
		value = slice_of(s->server_guid.bytes, sizeof s->server_guid.bytes);
		err = store_put(s, txn, TABLE_META, key, value, e);
		return err ? err : store_set_meta_number(s, txn, "format", STORE_FORMAT, e);
	}
	if (err)
		return err;
	uint64_t format = store_meta_number(s, txn, "format");
	if (format != STORE_FORMAT || value.size != sizeof s->server_guid.bytes)
		return error_set(e, ERR_CORRUPT,
		                 "the store has format %" PRIu64 ", this program reads format %d",
		                 format, STORE_FORMAT);
	memcpy(s->server_guid.bytes, value.data, value.size);
	return 0;
}

static int open_content(struct store *s, struct error *e)
{
	MDB_txn *txn = NULL;
	int err = store_begin_write(s, &txn, e);
	if (err)
		return err;
	err = open_tables(s, txn, e);
	if (!err)
		err = open_identity(s, txn, e);
	if (!err)
		err = accounts_load(s->accounts, txn, s->tables[TABLE_USERS], e);
	if (!err)
		return store_commit(s, txn, e);
	mdb_txn_abort(txn);
	return err;
}

int store_open(const char *state_dir, uint64_t map_size, struct store **out, struct error *e)
{
	char *path = xasprintf("%s/store.mdb", state_dir);
	struct store *s = xcalloc(1, sizeof *s);
	s->map_size = map_size;
	s->snapshot_path = xasprintf("%s/book.snapshot", state_dir);
	s->lock_fd = -1;
	s->accounts = accounts_new();
	turn_init(&s->turn);
	int err = make_state_dir(state_dir, e);
	if (err)
		goto out;
	err = s->lock_fd = lock_acquire(state_dir, e);
	if (err < 0)
		goto out;
	err = open_env(s, path, e);
	if (err)
		goto out;
	err = open_content(s, e);
	if (err)
		goto out;
	*out = s;
	s = NULL;
out:
	store_close(s);
	free(path);
	return err;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	mdb_env_close(s->env);
	accounts_free(s->accounts);
	turn_destroy(&s->turn);
	free(s->snapshot_path);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s);
}

struct guid store_server_guid(struct store *s)
{
	return s->server_guid;
}

void store_counts(struct store *s, struct store_counts *out)
{
	MDB_txn *txn = NULL;
	MDB_envinfo info;
	MDB_stat env_stat, stats[TABLE_COUNT] = {0};
	mdb_env_info(s->env, &info);
	mdb_env_stat(s->env, &env_stat);
	if (store_begin_read(s, &txn, NULL) == 0) {
		for (size_t i = 0; i < TABLE_COUNT; i++)
			mdb_stat(txn, s->tables[i], &stats[i]);
		mdb_txn_abort(txn);
	}
	*out = (struct store_counts){
		.entries = stats[TABLE_ENTRIES].ms_entries,
		.accounts = stats[TABLE_USERS].ms_entries,
		.groups = stats[TABLE_GROUPS].ms_entries,
		.limits = stats[TABLE_LIMITS].ms_entries,
		.bytes_used = (uint64_t)(info.me_last_pgno + 1) * env_stat.ms_psize,
		.bytes_map = info.me_mapsize,
	};
}
