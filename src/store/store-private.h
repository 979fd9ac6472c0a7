#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

/*
 * What the files of this folder share: the environment, its tables, and transactions whose failures
 * have texts that an operator can act upon.
 */

#include <lmdb.h>

#include "base/buffer.h"
#include "store/store.h"
#include "store/turn.h"

enum store_table {
	TABLE_META,    /* text -> see store.c */
	TABLE_USERS,   /* folded name -> account, see accounts.h */
	TABLE_GROUPS,  /* folded name -> name */
	TABLE_LIMITS,  /* scope byte, folded name -> limit, see limits.c */
	TABLE_NAMES,   /* attribute id (native uint32_t) -> attribute name, see names.h */
	TABLE_ENTRIES, /* MId (native uint32_t) -> record, see record.h */
	TABLE_GUIDS,   /* GUID -> MId */
	TABLE_DNS,     /* digest of the normalised DN -> MId */
	TABLE_LEGACY,  /* digest of the legacyExchangeDN -> MId */
	TABLE_JOURNAL, /* generation and MId, big-endian -> nothing, see journal.h */
	TABLE_COUNT,
};

/* How long one waits for its turn; an import may well take longer. */
enum { TURN_WAIT_MS = 10000 };

struct accounts;

struct store {
	MDB_env *env;
	MDB_dbi tables[TABLE_COUNT];
	int lock_fd;
	uint64_t map_size;
	char *snapshot_path;
	_Atomic uint64_t saved_source; /* of the snapshot file; 0: there is none to build upon */
	struct guid server_guid;
	struct accounts *accounts;
	_Atomic bool no_nt_hashes; /* are kept */
	struct turn turn;          /* of those who change entries */
	_Atomic bool importing;    /* an import has the turn, and the write transaction */
	struct directory
		*directory; /* changes are published to it; NULL before store_attach_directory */
};

/* The text and ERR_* of an LMDB or errno value. what: "cannot write account x". */
int store_fail(const struct store *s, struct error *e, int rc, const char *what);

int store_begin_read(struct store *s, MDB_txn **txn, struct error *e);
int store_begin_write(struct store *s, MDB_txn **txn, struct error *e);
/* Ends the transaction whatever it returns. */
int store_commit(struct store *s, MDB_txn *txn, struct error *e);

int store_get(struct store *s, MDB_txn *txn, enum store_table t, struct slice key,
              struct slice *value, struct error *e); /* ERR_NOT_FOUND without a text */
int store_put(struct store *s, MDB_txn *txn, enum store_table t, struct slice key,
              struct slice value, struct error *e);
int store_delete(struct store *s, MDB_txn *txn, enum store_table t, struct slice key,
                 struct error *e);

/* One put or delete as a transaction of its own. */
int store_put_one(struct store *s, enum store_table t, struct slice key, struct slice value,
                  struct error *e);
int store_delete_one(struct store *s, enum store_table t, struct slice key, struct error *e);

/* Numbers of TABLE_META; 0 when never set. */
uint64_t store_meta_number(struct store *s, MDB_txn *txn, const char *name);
int store_set_meta_number(struct store *s, MDB_txn *txn, const char *name, uint64_t value,
                          struct error *e);

static inline MDB_val val_of(struct slice s)
{
	/* LMDB's type has no const, though it never writes through it. */
	MDB_val v = {.mv_size = s.size};
	memcpy(&v.mv_data, &s.data, sizeof v.mv_data);
	return v;
}

static inline struct slice slice_of_val(MDB_val v)
{
	return slice_of(v.mv_data, v.mv_size);
}

#endif
