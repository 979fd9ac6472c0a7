#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

/*
 * Which entries each generation of the store changed or removed, so that a book made from an
 * earlier one can follow. It is short: what the snapshot file knows already goes, and where a
 * generation changed very many, a book made before it has to be made anew.
 */

#include "store/store-private.h"

enum { JOURNAL_MAX = 50000 }; /* changes */

struct mid_list {
	const uint32_t *mids;
	size_t count;
};

/* In the transaction that makes the change. */
int journal_add(struct store *s, MDB_txn *txn, uint64_t generation, const struct mid_list *lists,
                size_t list_count, struct error *e);

/* MIds that changed or went after a generation, some of them twice; the caller frees them.
 * ERR_NOT_FOUND when the journal does not reach so far back. */
int journal_since(struct store *s, MDB_txn *txn, uint64_t generation, uint32_t **mids,
                  size_t *count, struct error *e);

/* Whether it reaches back to a generation. */
bool journal_reaches(struct store *s, MDB_txn *txn, uint64_t generation);

#endif
