#ifndef STORE_ACCOUNTS_H
#define STORE_ACCOUNTS_H

/*
 * The accounts of the store in memory, so that a login never waits for the disk. Many readers, one
 * writer: the functions lock for themselves.
 */

#include <lmdb.h>

#include "store/account.h"

struct accounts;

struct accounts *accounts_new(void);
void accounts_free(struct accounts *all); /* NULL is fine */
int accounts_load(struct accounts *all, MDB_txn *txn, MDB_dbi users, struct error *e);

void accounts_put(struct accounts *all, struct account *a); /* owns a */
void accounts_remove(struct accounts *all, struct slice key);
struct account *accounts_get(struct accounts *all,
                             struct slice key); /* a copy, NULL when there is none */
/* Copies of the accounts in a group, or of all when it is NULL; the array and its members are the
 * caller's. */
struct account **accounts_in_group(struct accounts *all, const char *group, size_t *count);

void accounts_set_domains(struct accounts *all, const struct store_domain *domains, size_t count);
struct account_source accounts_source(struct accounts *all);

#endif
