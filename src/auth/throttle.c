#include "auth/throttle-private.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"

#define FREE_FAILURES  3 /* the first delay follows this many */
#define FIRST_DELAY_MS 250
#define FORGET_MS      (15 * 60 * 1000) /* without a further failure */
#define QUEUE_TURNS    4 /* a turn later than that many longest delays is not given */

/* A set holds the pairs whose key falls on it; a full one gives up the pair with the fewest
 * failures, so a flood of made-up names does not wash out a pair that is under attack. */
#define SETS 512
#define WAYS 8

struct pair {
	uint64_t key;
	uint64_t failed_ms;    /* last failure */
	uint64_t next_turn_ms; /* the first turn nobody has taken */
	uint32_t failures;     /* in a row; 0: the place is free */
};

struct throttle {
	pthread_mutex_t lock;
	struct pair pairs[SETS][WAYS];
};

struct throttle *throttle_new(void)
{
	struct throttle *t = xcalloc(1, sizeof *t);
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void throttle_free(struct throttle *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* The bytes of an address that tell clients apart; text that is no address counts as it is. */
static struct slice address_bytes(const char *address, uint8_t bytes[16])
{
	static const uint8_t mapped_v4[12] = {[10] = 0xff, [11] = 0xff};
	if (inet_pton(AF_INET, address, bytes) == 1)
		return slice_of(bytes, 4);
	if (inet_pton(AF_INET6, address, bytes) != 1)
		return slice_of_string(address);
	if (memcmp(bytes, mapped_v4, sizeof mapped_v4) == 0)
		return slice_of(bytes + sizeof mapped_v4, 4);
	return slice_of(bytes, 8);
}

uint64_t throttle_key(struct slice account, const char *address)
{
	uint8_t bytes[16];
	uint64_t halves[2] = {
		hash_bytes(account),
		hash_bytes(address_bytes(address, bytes)),
	};
	return hash_bytes(slice_of(halves, sizeof halves));
}

static uint32_t delay_ms(uint32_t failures, uint32_t max_delay_ms)
{
	if (failures < FREE_FAILURES)
		return 0;
	uint32_t doublings = failures - FREE_FAILURES;
	uint64_t delay = doublings < 32 ? (uint64_t)FIRST_DELAY_MS << doublings : UINT32_MAX;
	return delay < max_delay_ms ? (uint32_t)delay : max_delay_ms;
}

static bool forgotten(const struct pair *p, uint64_t now_ms)
{
	return now_ms > p->failed_ms + FORGET_MS && now_ms > p->next_turn_ms;
}

static struct pair *find(struct throttle *t, uint64_t key)
{
	struct pair *set = t->pairs[key % SETS];
	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].failures > 0 && set[i].key == key)
			return &set[i];
	}
	return NULL;
}

/* A pair that has just lost its place is not worth more than one that failed longer ago. */
static bool worth_less(const struct pair *a, const struct pair *b)
{
	return a->failures != b->failures ? a->failures < b->failures : a->failed_ms < b->failed_ms;
}

static struct pair *make_place(struct throttle *t, uint64_t key, uint64_t now_ms)
{
	struct pair *set = t->pairs[key % SETS];
	struct pair *place = &set[0];
	for (size_t i = 0; i < WAYS; i++) {
		if (forgotten(&set[i], now_ms))
			set[i].failures = 0;
		if (worth_less(&set[i], place))
			place = &set[i];
	}
	*place = (struct pair){.key = key};
	return place;
}

/* Takes the next free turn of the pair. */
static uint64_t take_turn(struct pair *p, uint32_t max_delay_ms, uint64_t now_ms)
{
	uint64_t turn_ms = p->next_turn_ms > now_ms ? p->next_turn_ms : now_ms;
	if (turn_ms - now_ms > (uint64_t)QUEUE_TURNS * max_delay_ms)
		return THROTTLE_NEVER;
	p->next_turn_ms = turn_ms + delay_ms(p->failures, max_delay_ms);
	return turn_ms;
}

bool throttle_admit(struct throttle *t, uint64_t key, uint32_t max_delay_ms, uint64_t now_ms,
                    uint64_t *turn_ms)
{
	uint64_t turn = now_ms;
	pthread_mutex_lock(&t->lock);
	struct pair *p = find(t, key);
	if (p && max_delay_ms > 0 && !forgotten(p, now_ms))
		turn = take_turn(p, max_delay_ms, now_ms);
	pthread_mutex_unlock(&t->lock);
	if (turn <= now_ms)
		return true;
	*turn_ms = turn;
	return false;
}

void throttle_failed(struct throttle *t, uint64_t key, uint32_t max_delay_ms, uint64_t now_ms)
{
	pthread_mutex_lock(&t->lock);
	struct pair *p = find(t, key);
	if (!p || forgotten(p, now_ms))
		p = make_place(t, key, now_ms);
	p->failures++;
	p->failed_ms = now_ms;
	uint64_t next_ms = now_ms + delay_ms(p->failures, max_delay_ms);
	if (next_ms > p->next_turn_ms)
		p->next_turn_ms = next_ms;
	pthread_mutex_unlock(&t->lock);
}

void throttle_succeeded(struct throttle *t, uint64_t key)
{
	pthread_mutex_lock(&t->lock);
	struct pair *p = find(t, key);
	if (p)
		p->failures = 0;
	pthread_mutex_unlock(&t->lock);
}
