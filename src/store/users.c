#include "store/users.h"

#include <stdlib.h>

#include "auth/password.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/accounts.h"
#include "store/users-private.h"

enum { RECORD_LIMIT = 64 * 1024 };

static int fail_unknown(const char *name, struct error *e)
{
	return error_set(e, ERR_NOT_FOUND, "there is no account %s", name);
}

int user_write(struct store *s, MDB_txn *txn, const struct account *a, struct error *e)
{
	struct buffer record;
	buffer_init(&record, RECORD_LIMIT);
	account_encode(a, &record);
	int err = record.failed ? error_set(e, ERR_LIMIT, "account %s is too large", a->name)
	                        : store_put(s, txn, TABLE_USERS, name_key_slice(&a->key),
	                                    buffer_slice(&record), e);
	wipe(record.data, record.size);
	buffer_free(&record);
	return err;
}

int user_save(struct store *s, struct account *a, struct error *e)
{
	MDB_txn *txn = NULL;
	int err = store_begin_write(s, &txn, e);
	if (err)
		goto out;
	err = user_write(s, txn, a, e);
	if (!err) {
		err = store_commit(s, txn, e);
		txn = NULL;
	}
	if (err)
		goto out;
	accounts_put(s->accounts, a);
	a = NULL;
out:
	mdb_txn_abort(txn);
	account_free(a);
	return err;
}

static int set_password(const struct store *s, struct account *a, const char *password,
                        struct error *e)
{
	if (password[0] == 0)
		return error_set(e, ERR_INVALID, "the password is empty");
	if (auth_nt_hash(password, a->nt_hash))
		return error_set(e, ERR_INVALID, "the password is not valid UTF-8");
	if (auth_crypt_hash(password, a->crypt_hash))
		return error_set(e, ERR_INVALID, "the password is too long");
	a->has_nt_hash = !s->no_nt_hashes;
	if (!a->has_nt_hash)
		wipe(a->nt_hash, sizeof a->nt_hash);
	a->password_set_ms = clock_wall_ms();
	return 0;
}

int user_edit(struct store *s, const char *name, struct account **out, struct error *e)
{
	struct name_key key;
	int err = name_key(slice_of_string(name), &key, e);
	if (err)
		return err;
	struct account *a = accounts_get(s->accounts, name_key_slice(&key));
	if (!a)
		return fail_unknown(name, e);
	*out = a;
	return 0;
}

int store_user_add(struct store *s, const char *name, const char *password, const char *entry_dn,
                   struct error *e)
{
	struct name_key key;
	int err = name_key(slice_of_string(name), &key, e);
	if (err)
		return err;
	struct account *a = accounts_get(s->accounts, name_key_slice(&key));
	if (a) {
		err = error_set(e, ERR_EXISTS, "there is an account %s already", a->name);
		account_free(a);
		return err;
	}
	if (entry_dn && strlen(entry_dn) >= USER_ENTRY_DN_SIZE)
		return error_set(e, ERR_LIMIT, "the entry's DN is too long");
	a = account_new(name, entry_dn);
	a->created_ms = clock_wall_ms();
	err = set_password(s, a, password, e);
	if (!err)
		return user_save(s, a, e);
	account_free(a);
	return err;
}

int store_user_passwd(struct store *s, const char *name, const char *password, struct error *e)
{
	struct account *a = NULL;
	int err = user_edit(s, name, &a, e);
	if (err)
		return err;
	err = set_password(s, a, password, e);
	if (!err)
		return user_save(s, a, e);
	account_free(a);
	return err;
}

int store_user_disable(struct store *s, const char *name, bool disabled, struct error *e)
{
	struct account *a = NULL;
	int err = user_edit(s, name, &a, e);
	if (err)
		return err;
	a->disabled = disabled;
	return user_save(s, a, e);
}

int store_user_delete(struct store *s, const char *name, struct error *e)
{
	struct name_key key;
	int err = name_key(slice_of_string(name), &key, e);
	if (err)
		return err;
	err = store_delete_one(s, TABLE_USERS, name_key_slice(&key), e);
	if (err == ERR_NOT_FOUND)
		return fail_unknown(name, e);
	if (!err)
		accounts_remove(s->accounts, name_key_slice(&key));
	return err;
}

static void copy_text(char *out, size_t size, const char *text)
{
	size_t length = strnlen(text, size - 1);
	memcpy(out, text, length);
	out[length] = 0;
}

static void describe(const struct account *a, struct user *out)
{
	copy_text(out->name, sizeof out->name, a->name);
	copy_text(out->entry_dn, sizeof out->entry_dn, a->entry_dn);
	out->disabled = a->disabled;
	out->created_ms = a->created_ms;
	out->password_set_ms = a->password_set_ms;
	out->group_count = a->group_count;
	for (size_t i = 0; i < a->group_count; i++)
		copy_text(out->groups[i], sizeof out->groups[i], a->groups[i]);
}

int store_user_get(struct store *s, const char *name, struct user *out, struct error *e)
{
	struct account *a = NULL;
	int err = user_edit(s, name, &a, e);
	if (err)
		return err;
	describe(a, out);
	account_free(a);
	return 0;
}

int store_user_walk(struct store *s, bool (*visit)(void *context, const struct user *u),
                    void *context)
{
	MDB_txn *txn = NULL;
	MDB_cursor *cursor = NULL;
	MDB_val key, value;
	bool more = true;
	int err = store_begin_read(s, &txn, NULL);
	if (err)
		return err;
	struct user *user = xcalloc(1, sizeof *user);
	if (mdb_cursor_open(txn, s->tables[TABLE_USERS], &cursor))
		err = ERR_SYSTEM;
	while (!err && more && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		struct account *a = account_decode(slice_of_val(value));
		if (a) {
			describe(a, user);
			more = visit(context, user);
		} else {
			err = ERR_CORRUPT;
		}
		account_free(a);
	}
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	free(user);
	return err;
}

void store_set_domains(struct store *s, const struct store_domain *domains, size_t count)
{
	accounts_set_domains(s->accounts, domains, count);
}

struct account_source store_account_source(struct store *s)
{
	return accounts_source(s->accounts);
}
