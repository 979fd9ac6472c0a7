#include "store/accounts.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"

struct domain {
	char *name;
	bool accept;
};

struct accounts {
	pthread_rwlock_t lock;  /* of all below */
	struct hashmap *by_key; /* folded name -> struct account */
	struct domain *domains;
	size_t domain_count;
	bool some_accepted; /* then domains that are not named are not ours */
};

struct accounts *accounts_new(void)
{
	struct accounts *all = xcalloc(1, sizeof *all);
	pthread_rwlock_init(&all->lock, NULL);
	all->by_key = hashmap_new();
	return all;
}

static void free_domains(struct accounts *all)
{
	for (size_t i = 0; i < all->domain_count; i++)
		free(all->domains[i].name);
	free(all->domains);
}

void accounts_free(struct accounts *all)
{
	if (!all)
		return;
	size_t position = 0;
	void *a = NULL;
	while (hashmap_next(all->by_key, &position, NULL, &a))
		account_free(a);
	hashmap_free(all->by_key);
	free_domains(all);
	pthread_rwlock_destroy(&all->lock);
	free(all);
}

int accounts_load(struct accounts *all, MDB_txn *txn, MDB_dbi users, struct error *e)
{
	MDB_cursor *cursor = NULL;
	MDB_val key, value;
	int err = 0;
	if (mdb_cursor_open(txn, users, &cursor))
		return error_set(e, ERR_CORRUPT, "cannot read the accounts of the store");
	while (!err && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		struct account *a = account_decode(slice_of(value.mv_data, value.mv_size));
		if (a)
			accounts_put(all, a);
		else
			err = error_set(e, ERR_CORRUPT,
			                "an account of the store is damaged: restore a backup");
	}
	mdb_cursor_close(cursor);
	return err;
}

void accounts_put(struct accounts *all, struct account *a)
{
	pthread_rwlock_wrlock(&all->lock);
	struct account *old = hashmap_put(all->by_key, name_key_slice(&a->key), a);
	pthread_rwlock_unlock(&all->lock);
	account_free(old);
}

void accounts_remove(struct accounts *all, struct slice key)
{
	pthread_rwlock_wrlock(&all->lock);
	struct account *old = hashmap_remove(all->by_key, key);
	pthread_rwlock_unlock(&all->lock);
	account_free(old);
}

struct account *accounts_get(struct accounts *all, struct slice key)
{
	pthread_rwlock_rdlock(&all->lock);
	const struct account *a = hashmap_get(all->by_key, key);
	struct account *copy = a ? account_clone(a) : NULL;
	pthread_rwlock_unlock(&all->lock);
	return copy;
}

struct account **accounts_in_group(struct accounts *all, const char *group, size_t *count)
{
	struct account **list = NULL;
	size_t n = 0, position = 0;
	void *value = NULL;
	pthread_rwlock_rdlock(&all->lock);
	while (hashmap_next(all->by_key, &position, NULL, &value)) {
		const struct account *a = value;
		if (group && !account_in_group(a, group))
			continue;
		list = xrealloc_array(list, n + 1, sizeof *list);
		list[n++] = account_clone(a);
	}
	pthread_rwlock_unlock(&all->lock);
	*count = n;
	return list;
}

void accounts_set_domains(struct accounts *all, const struct store_domain *domains, size_t count)
{
	struct domain *copy = xcalloc(count ? count : 1, sizeof *copy);
	bool some_accepted = false;
	for (size_t i = 0; i < count; i++) {
		copy[i] = (struct domain){xstrdup(domains[i].name), domains[i].accept};
		some_accepted |= domains[i].accept;
	}
	pthread_rwlock_wrlock(&all->lock);
	free_domains(all);
	all->domains = copy;
	all->domain_count = count;
	all->some_accepted = some_accepted;
	pthread_rwlock_unlock(&all->lock);
}

/* "DOMAIN\user" and "user@domain" carry their domain in the user field. */
static void split_user(struct slice *user, struct slice *domain)
{
	const uint8_t *at = memrchr(user->data, '@', user->size);
	const uint8_t *backslash = memchr(user->data, '\\', user->size);
	if (backslash) {
		size_t before = (size_t)(backslash - user->data);
		*domain = slice_of(user->data, before);
		*user = slice_of(backslash + 1, user->size - before - 1);
	} else if (at) {
		size_t before = (size_t)(at - user->data);
		*domain = slice_of(at + 1, user->size - before - 1);
		*user = slice_of(user->data, before);
	}
}

static bool domain_is_ours(const struct accounts *all, struct slice domain)
{
	if (domain.size == 0)
		return true;
	for (size_t i = 0; i < all->domain_count; i++)
		if (slice_equal_nocase(domain, slice_of_string(all->domains[i].name)))
			return all->domains[i].accept;
	return !all->some_accepted;
}

static int find(void *context, struct slice user, struct slice domain, struct account_secret *out)
{
	struct accounts *all = context;
	struct name_key key;
	int err = ERR_NOT_FOUND;
	split_user(&user, &domain);
	if (name_key(user, &key, NULL))
		return ERR_NOT_FOUND;
	pthread_rwlock_rdlock(&all->lock);
	const struct account *a = hashmap_get(all->by_key, name_key_slice(&key));
	if (a && domain_is_ours(all, domain)) {
		memset(out, 0, sizeof *out);
		memcpy(out->name, a->name, strlen(a->name));
		memcpy(out->nt_hash, a->nt_hash, sizeof out->nt_hash);
		out->has_nt_hash = a->has_nt_hash;
		memcpy(out->crypt_hash, a->crypt_hash, sizeof out->crypt_hash);
		out->disabled = a->disabled;
		err = 0;
	}
	pthread_rwlock_unlock(&all->lock);
	return err;
}

static void status(void *context, const char *account, struct account_status *out)
{
	struct accounts *all = context;
	struct name_key key;
	out->exists = out->disabled = false;
	out->group_count = 0;
	if (name_key(slice_of_string(account), &key, NULL))
		return;
	pthread_rwlock_rdlock(&all->lock);
	const struct account *a = hashmap_get(all->by_key, name_key_slice(&key));
	if (a) {
		out->exists = true;
		out->disabled = a->disabled;
		out->group_count = a->group_count;
		for (size_t i = 0; i < a->group_count; i++)
			memcpy(out->groups[i], a->groups[i], strlen(a->groups[i]) + 1);
	}
	pthread_rwlock_unlock(&all->lock);
}

struct account_source accounts_source(struct accounts *all)
{
	return (struct account_source){.context = all, .find = find, .status = status};
}
