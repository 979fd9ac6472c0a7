#include <stdlib.h>

#include "base/memory.h"
#include "session/session-private.h"

#define FIRST_BITS  4
#define MOST_BITS   24
#define FIRST_SWEEP 256

void shard_init(struct shard *s, struct sessions *table)
{
	pthread_mutex_init(&s->lock, NULL);
	s->table = table;
	s->accounts = hashmap_new();
	s->sweep_at = FIRST_SWEEP;
	s->bits = FIRST_BITS;
	s->buckets = xcalloc((size_t)1 << s->bits, sizeof(struct session *));
}

void shard_free(struct shard *s)
{
	size_t position = 0;
	void *account;
	while (hashmap_next(s->accounts, &position, NULL, &account))
		free(account);
	hashmap_free(s->accounts);
	free(s->buckets);
	pthread_mutex_destroy(&s->lock);
}

struct shard *shard_of(struct sessions *t, const char *account)
{
	return &t->shards[hash_bytes(slice_of_string(account)) % SHARDS];
}

/* Accounts exist as often as someone could log in, so their number is bounded, but not small. */
static void sweep(struct shard *s)
{
	struct hashmap *rest = hashmap_new();
	size_t position = 0;
	struct slice key;
	void *value;

	while (hashmap_next(s->accounts, &position, &key, &value)) {
		struct account *a = value;
		if (a->held > 0)
			hashmap_put(rest, key, a);
		else
			free(a);
	}
	hashmap_free(s->accounts);
	s->accounts = rest;
	s->sweep_at = 2 * hashmap_count(s->accounts) + FIRST_SWEEP;
}

struct account *shard_account(struct shard *s, const char *name)
{
	struct slice key = slice_of_string(name);
	struct account *a = hashmap_get(s->accounts, key);
	if (a)
		return a;
	if (hashmap_count(s->accounts) >= s->sweep_at)
		sweep(s);
	a = xcalloc(1, sizeof *a + key.size + 1);
	memcpy(a->name, name, key.size);
	hashmap_put(s->accounts, key, a);
	return a;
}

/* Ids are random, so their first bits spread as well as any hash of them. */
static uint64_t id_prefix(const struct guid *id)
{
	uint64_t prefix;
	memcpy(&prefix, id->bytes, sizeof prefix);
	return prefix;
}

static struct session **bucket_of(const struct shard *s, const struct guid *id)
{
	return &s->buckets[id_prefix(id) >> (64 - s->bits)];
}

static void grow(struct shard *s)
{
	struct session **old = s->buckets;
	size_t old_count = (size_t)1 << s->bits;

	s->bits++;
	s->buckets = xcalloc(2 * old_count, sizeof(struct session *));
	for (size_t i = 0; i < old_count; i++) {
		for (struct session *p = old[i], *next; p; p = next) {
			struct session **bucket = bucket_of(s, &p->id);
			next = p->next;
			p->next = *bucket;
			*bucket = p;
		}
	}
	free(old);
}

void shard_link(struct shard *s, struct session *session)
{
	struct account *a = session->account;

	if (s->count >= (size_t)1 << s->bits && s->bits < MOST_BITS)
		grow(s);
	struct session **bucket = bucket_of(s, &session->id);
	session->next = *bucket;
	*bucket = session;
	s->count++;

	session->account_prev = a->newest;
	*(a->newest ? &a->newest->account_next : &a->oldest) = session;
	a->newest = session;
}

void shard_unlink(struct shard *s, struct session *session)
{
	struct account *a = session->account;
	struct session **p = bucket_of(s, &session->id);

	while (*p != session)
		p = &(*p)->next;
	*p = session->next;
	s->count--;

	*(session->account_prev ? &session->account_prev->account_next : &a->oldest) =
		session->account_next;
	*(session->account_next ? &session->account_next->account_prev : &a->newest) =
		session->account_prev;
}

struct session *shard_find(const struct shard *s, const struct guid *id)
{
	struct session *p = *bucket_of(s, id);
	while (p && !guid_equal(&p->id, id))
		p = p->next;
	return p;
}

bool shard_next_bucket(const struct shard *s, uint64_t *position, struct session **first)
{
	/* A position is the first prefix of a bucket; no bucket starts at the highest one. */
	if (*position == UINT64_MAX)
		return false;
	uint64_t index = *position >> (64 - s->bits);
	*first = s->buckets[index];
	*position =
		index + 1 == (uint64_t)1 << s->bits ? UINT64_MAX : (index + 1) << (64 - s->bits);
	return true;
}

void account_standing(const struct account *a, uint64_t now_ms, struct standing *out)
{
	out->held = a->held;
	out->oldest_age_ms = a->oldest ? now_ms - a->oldest->opened_ms : 0;
	out->oldest_idle_ms = a->oldest ? now_ms - a->oldest->used_ms : 0;
}
