#ifndef AUTH_PROVEN_PRIVATE_H
#define AUTH_PROVEN_PRIVATE_H

/*
 * Passwords that proved right a moment ago, so that clients which send theirs with each request are
 * not checked the hard way each time. Kept is an HMAC under a random key of the process, for
 * minutes; the table is bounded and forgets. Thread-safe.
 */

#include "base/slice.h"

enum { PROVEN_SIZE = 32 };

struct proven;

struct proven *proven_new(void);
void proven_free(struct proven *p); /* NULL is fine */

void proven_make(const struct proven *p, const struct slice *parts, size_t count,
                 uint8_t proof[PROVEN_SIZE]);
void proven_put(struct proven *p, const uint8_t proof[PROVEN_SIZE], uint64_t now_ms);
bool proven_has(struct proven *p, const uint8_t proof[PROVEN_SIZE], uint64_t now_ms);

#endif
