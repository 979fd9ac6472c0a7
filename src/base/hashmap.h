#ifndef BASE_HASHMAP_H
#define BASE_HASHMAP_H

/*
 * Bytes -> pointer. Keys are copied; values are the caller's. Hashing is keyed with a random
 * secret of the process, so that a peer cannot choose collisions. Not thread-safe.
 */

#include "base/slice.h"

struct hashmap;

struct hashmap *hashmap_new(void);
void hashmap_free(struct hashmap *m); /* NULL is fine; values are not touched */

size_t hashmap_count(const struct hashmap *m);

/* NULL when there is none. */
void *hashmap_get(const struct hashmap *m, struct slice key);

/* Puts or replaces; returns the value that was there, NULL when there was none. */
void *hashmap_put(struct hashmap *m, struct slice key, void *value);

/* Returns the value removed, NULL when there was none. */
void *hashmap_remove(struct hashmap *m, struct slice key);

/* Walks in no order: start with *position = 0; false at the end. The map must not change meanwhile.
 * key may be NULL. */
bool hashmap_next(const struct hashmap *m, size_t *position, struct slice *key, void **value);

/* The keyed hash itself (SipHash-2-4), for tables with a layout of their own. */
uint64_t hash_bytes(struct slice key);

/* The same with a secret of the caller's, for hashes that outlive the process. */
struct hash_secret {
	uint64_t halves[2];
};

uint64_t hash_with(const struct hash_secret *secret, struct slice key);

#endif
