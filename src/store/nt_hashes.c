#include <stdlib.h>

#include "base/memory.h"
#include "store/accounts.h"
#include "store/users-private.h"

void store_set_nt_hashes(struct store *s, bool kept)
{
	s->no_nt_hashes = !kept;
}

static int write_all(struct store *s, struct account **list, size_t count, struct error *e)
{
	MDB_txn *txn = NULL;
	int err = store_begin_write(s, &txn, e);
	for (size_t i = 0; i < count && !err; i++)
		err = user_write(s, txn, list[i], e);
	if (err)
		mdb_txn_abort(txn);
	else
		err = store_commit(s, txn, e);
	return err;
}

/* Moves those that can do without to the front; how many they are. */
static size_t choose(struct account **list, size_t count, size_t *left)
{
	size_t chosen = 0;
	*left = 0;
	for (size_t i = 0; i < count; i++) {
		struct account *a = list[i];
		bool can = a->has_nt_hash && a->crypt_hash[0];
		*left += a->has_nt_hash && !can;
		if (!can)
			continue;
		list[i] = list[chosen];
		list[chosen++] = a;
		a->has_nt_hash = false;
		wipe(a->nt_hash, sizeof a->nt_hash);
	}
	return chosen;
}

int store_drop_nt_hashes(struct store *s, size_t *left, struct error *e)
{
	size_t count = 0, shown = 0;
	struct account **list = accounts_in_group(s->accounts, NULL, &count);
	size_t chosen = choose(list, count, left);
	int err = chosen ? write_all(s, list, chosen, e) : 0;
	for (; shown < chosen && !err; shown++)
		accounts_put(s->accounts, list[shown]);
	for (size_t i = shown; i < count; i++)
		account_free(list[i]);
	free(list);
	return err;
}
