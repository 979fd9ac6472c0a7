#ifndef STORE_USERS_PRIVATE_H
#define STORE_USERS_PRIVATE_H

/* Changing an account: take a copy, edit it, save it. */

#include "store/account.h"
#include "store/store-private.h"

/* The copy is the caller's. ERR_NOT_FOUND with a text. */
int user_edit(struct store *s, const char *name, struct account **out, struct error *e);
/* Into a transaction; readers do not see it yet. */
int user_write(struct store *s, MDB_txn *txn, const struct account *a, struct error *e);
/* Writes the account down for good, then shows it to readers. Owns a. */
int user_save(struct store *s, struct account *a, struct error *e);

#endif
