#ifndef STORE_KEYS_H
#define STORE_KEYS_H

/*
 * An index of the store (16 bytes -> MId) during an import: what changes is kept in memory, looked
 * at before the disk, and written in order of the key at the end. Random inserts into a large
 * B-tree are what an import would otherwise spend its time on.
 */

#include "store/store-private.h"

struct key {
	uint8_t bytes[16];
};

struct keys;

struct keys *keys_new(struct store *s, MDB_txn *txn, enum store_table table);
void keys_free(struct keys *k); /* NULL is fine */

/* 0 when there is none. A store that cannot be read is told by keys_save(). */
uint32_t keys_get(struct keys *k, const struct key *key);
/* mid 0 takes the key out. */
void keys_set(struct keys *k, const struct key *key, uint32_t mid);
/* The last that is done with it. */
int keys_save(struct keys *k, struct error *e);

/* A digest of the normalised DN; the number is for a second and third one of the same DN. */
bool key_of_dn(struct slice dn, uint32_t number, struct key *key);

/* A digest of the text, in which ASCII letters count without case. */
void key_of_text(struct slice text, struct key *key);

#endif
