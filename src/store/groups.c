#include <stdlib.h>

#include "base/memory.h"
#include "store/accounts.h"
#include "store/users-private.h"

/* The name as the group was made; the caller frees it. */
static int find_group(struct store *s, const char *name, struct name_key *key, char **spelled,
                      struct error *e)
{
	MDB_txn *txn = NULL;
	struct slice value = {0};
	int err = name_key(slice_of_string(name), key, e);
	if (!err)
		err = store_begin_read(s, &txn, e);
	if (err)
		return err;
	err = store_get(s, txn, TABLE_GROUPS, name_key_slice(key), &value, e);
	if (err == ERR_NOT_FOUND)
		error_set(e, err, "there is no group %s", name);
	if (!err)
		*spelled = xstrndup((const char *)value.data, value.size);
	mdb_txn_abort(txn);
	return err;
}

int store_group_add(struct store *s, const char *name, struct error *e)
{
	struct name_key key;
	char *spelled = NULL;
	int err = find_group(s, name, &key, &spelled, NULL);
	if (!err) {
		err = error_set(e, ERR_EXISTS, "there is a group %s already", spelled);
		free(spelled);
		return err;
	}
	err = name_key(slice_of_string(name), &key, e);
	return err ? err
	           : store_put_one(s, TABLE_GROUPS, name_key_slice(&key), slice_of_string(name), e);
}

/* The members lose the group in the transaction that removes it. */
static int delete_group(struct store *s, MDB_txn *txn, struct slice key, const char *group,
                        struct account **members, size_t count, struct error *e)
{
	int err = store_delete(s, txn, TABLE_GROUPS, key, e);
	for (size_t i = 0; i < count && !err; i++) {
		account_leave(members[i], group);
		err = user_write(s, txn, members[i], e);
	}
	return err;
}

int store_group_delete(struct store *s, const char *name, struct error *e)
{
	struct name_key key;
	char *group = NULL;
	MDB_txn *txn = NULL;
	size_t count = 0;
	int err = find_group(s, name, &key, &group, e);
	if (err)
		return err;
	struct account **members = accounts_in_group(s->accounts, group, &count);
	err = store_begin_write(s, &txn, e);
	if (!err)
		err = delete_group(s, txn, name_key_slice(&key), group, members, count, e);
	if (!err) {
		err = store_commit(s, txn, e);
		txn = NULL;
	}
	mdb_txn_abort(txn);
	for (size_t i = 0; i < count; i++) {
		if (err)
			account_free(members[i]);
		else
			accounts_put(s->accounts, members[i]);
	}
	free(members);
	free(group);
	return err;
}

int store_group_member(struct store *s, const char *group, const char *user, bool member,
                       struct error *e)
{
	struct name_key key;
	char *spelled = NULL;
	int err = find_group(s, group, &key, &spelled, e);
	if (err)
		return err;
	struct account *a = NULL;
	err = user_edit(s, user, &a, e);
	if (err || account_in_group(a, spelled) == member)
		goto out;
	if (member)
		err = account_join(a, spelled, e);
	else
		account_leave(a, spelled);
	if (!err) {
		err = user_save(s, a, e);
		a = NULL;
	}
out:
	account_free(a);
	free(spelled);
	return err;
}

static bool visit_group(struct store *s, const char *group,
                        bool (*visit)(void *context, const char *group, const char *const *members,
                                      size_t count),
                        void *context)
{
	size_t count = 0;
	struct account **members = accounts_in_group(s->accounts, group, &count);
	const char **names = xcalloc(count + 1, sizeof *names);
	for (size_t i = 0; i < count; i++)
		names[i] = members[i]->name;
	bool more = visit(context, group, names, count);
	for (size_t i = 0; i < count; i++)
		account_free(members[i]);
	free(names);
	free(members);
	return more;
}

int store_group_walk(struct store *s,
                     bool (*visit)(void *context, const char *group, const char *const *members,
                                   size_t count),
                     void *context)
{
	MDB_txn *txn = NULL;
	MDB_cursor *cursor = NULL;
	MDB_val key, value;
	bool more = true;
	int err = store_begin_read(s, &txn, NULL);
	if (err)
		return err;
	if (mdb_cursor_open(txn, s->tables[TABLE_GROUPS], &cursor))
		err = ERR_SYSTEM;
	while (!err && more && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		char *group = xstrndup(value.mv_data, value.mv_size);
		more = visit_group(s, group, visit, context);
		free(group);
	}
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	return err;
}
