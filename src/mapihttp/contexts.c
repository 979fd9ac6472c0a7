#include "mapihttp/contexts-private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

enum { SHARDS = 16, FIRST_BITS = 4, MOST_BITS = 24 };
#define HTTP_GROUPS                                                                                \
	(UINT64_C(1) << 63) /* numbers that RPC, which counts from 1, does not reach               \
	                     */

struct shard {
	pthread_mutex_t lock;
	struct context **buckets; /* by the last bits of the id */
	unsigned bits;
	size_t count;
	struct context *oldest, *newest;
};

struct contexts {
	struct shard shards[SHARDS];
	_Atomic uint64_t last_group;
	void (*ended)(void *context, uint64_t group, bool expired);
	void *context;
};

/* An id is random in all its bits. */
static struct shard *shard_of(struct contexts *t, const struct guid *id)
{
	return &t->shards[id->bytes[0] % SHARDS];
}

struct contexts *contexts_new(void (*ended)(void *context, uint64_t group, bool expired),
                              void *context)
{
	struct contexts *t = xcalloc(1, sizeof *t);

	t->ended = ended;
	t->context = context;
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&t->shards[i].lock, NULL);
		t->shards[i].bits = FIRST_BITS;
		t->shards[i].buckets = xcalloc((size_t)1 << FIRST_BITS, sizeof(struct context *));
	}
	return t;
}

static struct context **bucket_of(const struct shard *s, const struct guid *id)
{
	uint64_t last;

	memcpy(&last, id->bytes + sizeof id->bytes - sizeof last, sizeof last);
	return &s->buckets[last & (((uint64_t)1 << s->bits) - 1)];
}

static void grow(struct shard *s)
{
	struct context **old = s->buckets;
	size_t old_count = (size_t)1 << s->bits;

	s->bits++;
	s->buckets = xcalloc(2 * old_count, sizeof(struct context *));
	for (size_t i = 0; i < old_count; i++) {
		for (struct context *c = old[i], *next; c; c = next) {
			struct context **bucket = bucket_of(s, &c->id);
			next = c->next;
			c->next = *bucket;
			*bucket = c;
		}
	}
	free(old);
}

static void table_put(struct shard *s, struct context *c)
{
	if (s->count >= (size_t)1 << s->bits && s->bits < MOST_BITS)
		grow(s);
	struct context **bucket = bucket_of(s, &c->id);
	c->next = *bucket;
	*bucket = c;
	s->count++;
}

static struct context *table_get(const struct shard *s, const struct guid *id)
{
	struct context *c = *bucket_of(s, id);

	while (c && !guid_equal(&c->id, id))
		c = c->next;
	return c;
}

static void table_remove(struct shard *s, struct context *c)
{
	struct context **at = bucket_of(s, &c->id);

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	s->count--;
}

static void queue_put(struct shard *s, struct context *c)
{
	c->older = s->newest;
	c->newer = NULL;
	if (s->newest)
		s->newest->newer = c;
	else
		s->oldest = c;
	s->newest = c;
}

static void queue_remove(struct shard *s, struct context *c)
{
	if (c->older)
		c->older->newer = c->newer;
	else
		s->oldest = c->newer;
	if (c->newer)
		c->newer->older = c->older;
	else
		s->newest = c->older;
}

static void free_context(struct context *c)
{
	principal_unref(c->principal);
	free(c);
}

/* Takes it out of the table, with the shard's lock, which is given back. Somebody who has the
 * context may give it back from now on: then it is freed there. */
static void end_and_unlock(struct contexts *t, struct shard *s, struct context *c, bool expired)
{
	uint64_t group = c->group;
	bool busy = c->busy;

	table_remove(s, c);
	c->live = false;
	if (!busy)
		queue_remove(s, c);
	pthread_mutex_unlock(&s->lock);
	t->ended(t->context, group, expired);
	if (!busy)
		free_context(c);
}

uint64_t contexts_next_group(struct contexts *t)
{
	return HTTP_GROUPS | ++t->last_group;
}

static uint64_t random_sequence(void)
{
	uint64_t sequence;

	random_bytes(&sequence, sizeof sequence);
	return sequence;
}

struct context *contexts_open(struct contexts *t, uint64_t group, const struct guid *session,
                              const struct principal *principal)
{
	struct context *c = xcalloc(1, sizeof *c);

	random_bytes(c->id.bytes, sizeof c->id.bytes);
	c->group = group;
	c->session = *session;
	c->principal = principal_ref(principal);
	c->sequence = random_sequence();
	c->busy = c->live = true;
	struct shard *s = shard_of(t, &c->id);
	pthread_mutex_lock(&s->lock);
	table_put(s, c);
	pthread_mutex_unlock(&s->lock);
	return c;
}

static bool is_expired(const struct context *c, uint32_t timeout_ms, uint64_t now_ms)
{
	return !c->busy && now_ms > c->used_ms && now_ms - c->used_ms > timeout_ms;
}

/* With the shard's lock. */
static enum mapihttp_code check(const struct context *c, const uint64_t *sequence,
                                const char *account)
{
	if (!c || strcmp(c->principal->account, account) != 0)
		return MAPIHTTP_CONTEXT_NOT_FOUND;
	if (c->busy || (sequence && c->sequence != *sequence))
		return MAPIHTTP_INVALID_SEQUENCE;
	return MAPIHTTP_SUCCESS;
}

enum mapihttp_code contexts_take(struct contexts *t, const struct guid *id,
                                 const uint64_t *sequence, const char *account, uint32_t timeout_ms,
                                 uint64_t now_ms, struct context **out)
{
	struct shard *s = shard_of(t, id);

	pthread_mutex_lock(&s->lock);
	struct context *c = table_get(s, id);
	if (c && is_expired(c, timeout_ms, now_ms)) {
		end_and_unlock(t, s, c, true);
		return MAPIHTTP_CONTEXT_NOT_FOUND;
	}
	enum mapihttp_code code = check(c, sequence, account);
	if (code == MAPIHTTP_SUCCESS) {
		queue_remove(s, c);
		c->busy = true;
		c->sequence = random_sequence();
		*out = c;
	}
	pthread_mutex_unlock(&s->lock);
	return code;
}

void contexts_give(struct contexts *t, struct context *c, uint64_t now_ms)
{
	struct shard *s = shard_of(t, &c->id);

	pthread_mutex_lock(&s->lock);
	bool live = c->live;
	c->busy = false;
	c->used_ms = now_ms;
	if (live)
		queue_put(s, c);
	pthread_mutex_unlock(&s->lock);
	if (!live)
		free_context(c);
}

void contexts_end(struct contexts *t, struct context *c)
{
	struct shard *s = shard_of(t, &c->id);

	pthread_mutex_lock(&s->lock);
	if (c->live)
		end_and_unlock(t, s, c, false);
	else
		pthread_mutex_unlock(&s->lock);
}

void contexts_end_id(struct contexts *t, const struct guid *id, const char *account)
{
	struct shard *s = shard_of(t, id);

	pthread_mutex_lock(&s->lock);
	struct context *c = table_get(s, id);
	if (c && strcmp(c->principal->account, account) == 0)
		end_and_unlock(t, s, c, false);
	else
		pthread_mutex_unlock(&s->lock);
}

static bool end_expired(struct contexts *t, struct shard *s, uint32_t timeout_ms, uint64_t now_ms)
{
	pthread_mutex_lock(&s->lock);
	bool found = s->oldest && is_expired(s->oldest, timeout_ms, now_ms);
	if (found)
		end_and_unlock(t, s, s->oldest, true);
	else
		pthread_mutex_unlock(&s->lock);
	return found;
}

void contexts_expire(struct contexts *t, uint32_t timeout_ms, uint64_t now_ms)
{
	for (size_t i = 0; i < SHARDS; i++)
		while (end_expired(t, &t->shards[i], timeout_ms, now_ms))
			;
}

size_t contexts_count(struct contexts *t)
{
	size_t count = 0;

	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&t->shards[i].lock);
		count += t->shards[i].count;
		pthread_mutex_unlock(&t->shards[i].lock);
	}
	return count;
}

void contexts_free(struct contexts *t)
{
	for (size_t i = 0; i < SHARDS; i++) {
		struct shard *s = &t->shards[i];
		while (s->oldest) {
			pthread_mutex_lock(&s->lock);
			end_and_unlock(t, s, s->oldest, false);
		}
		free(s->buckets);
		pthread_mutex_destroy(&s->lock);
	}
	free(t);
}
