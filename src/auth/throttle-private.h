#ifndef AUTH_THROTTLE_PRIVATE_H
#define AUTH_THROTTLE_PRIVATE_H

/*
 * Wrong passwords in a row slow down the pair of an account and a client address: from the third
 * on, each doubles the time until the next attempt of that pair may be checked. Attempts that come
 * meanwhile, over whatever connection, queue for one turn each. No account is ever locked, and
 * other addresses are not affected. The table is bounded and forgets. Thread-safe.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct throttle;

struct throttle *throttle_new(void);
void throttle_free(struct throttle *t); /* NULL is fine */

/* Names a pair. Spellings of an account have to be made equal before. IPv6 addresses of one /64 are
 * one client. */
uint64_t throttle_key(struct slice account, const char *address);

/* May an attempt be checked now? If not, false, and *turn_ms is when it may (then without asking
 * again), or THROTTLE_NEVER when too many of the pair are waiting. max_delay_ms 0 switches the
 * slow-down off. */
#define THROTTLE_NEVER UINT64_MAX
bool throttle_admit(struct throttle *t, uint64_t key, uint32_t max_delay_ms, uint64_t now_ms,
                    uint64_t *turn_ms);

void throttle_failed(struct throttle *t, uint64_t key, uint32_t max_delay_ms, uint64_t now_ms);
void throttle_succeeded(struct throttle *t, uint64_t key);

#endif
