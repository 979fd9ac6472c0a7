#include <stdlib.h>

#include "base/memory.h"
#include "session/session-private.h"

#define FIRST_BITS 4
#define MOST_BITS  24

void group_shard_init(struct group_shard *g)
{
	pthread_mutex_init(&g->lock, NULL);
	g->bits = FIRST_BITS;
	g->buckets = xcalloc((size_t)1 << g->bits, sizeof(struct session *));
}

void group_shard_free(struct group_shard *g)
{
	free(g->buckets);
	pthread_mutex_destroy(&g->lock);
}

/* Groups are numbered by us, so nobody chooses where they fall; its first bits spread best. */
static uint64_t hash_of(uint64_t group)
{
	return group * UINT64_C(0x9E3779B97F4A7C15);
}

static struct group_shard *group_shard_of(struct sessions *t, uint64_t group)
{
	return &t->group_shards[(hash_of(group) >> (64 - MOST_BITS - SHARD_BITS)) % SHARDS];
}

static struct session **bucket_of(const struct group_shard *g, uint64_t group)
{
	return &g->buckets[hash_of(group) >> (64 - g->bits)];
}

static void put(struct group_shard *g, struct session *session)
{
	struct session **bucket = bucket_of(g, session->group);

	session->group_prev = NULL;
	session->group_next = *bucket;
	if (*bucket)
		(*bucket)->group_prev = session;
	*bucket = session;
}

static void grow(struct group_shard *g)
{
	struct session **old = g->buckets;
	size_t old_count = (size_t)1 << g->bits;

	g->bits++;
	g->buckets = xcalloc(2 * old_count, sizeof(struct session *));
	for (size_t i = 0; i < old_count; i++) {
		for (struct session *s = old[i], *next; s; s = next) {
			next = s->group_next;
			put(g, s);
		}
	}
	free(old);
}

void group_link(struct sessions *t, struct session *session)
{
	struct group_shard *g = group_shard_of(t, session->group);

	pthread_mutex_lock(&g->lock);
	if (g->count >= (size_t)1 << g->bits && g->bits < MOST_BITS)
		grow(g);
	put(g, session);
	g->count++;
	pthread_mutex_unlock(&g->lock);
}

void group_unlink(struct sessions *t, struct session *session)
{
	struct group_shard *g = group_shard_of(t, session->group);

	pthread_mutex_lock(&g->lock);
	*(session->group_prev ? &session->group_prev->group_next : bucket_of(g, session->group)) =
		session->group_next;
	if (session->group_next)
		session->group_next->group_prev = session->group_prev;
	g->count--;
	pthread_mutex_unlock(&g->lock);
}

/* The next one of that group in a bucket, s itself maybe; NULL when there is none. */
static struct session *next_of(struct session *s, uint64_t group)
{
	while (s && s->group != group)
		s = s->group_next;
	return s;
}

size_t sessions_count_group(struct sessions *t, uint64_t group)
{
	struct group_shard *g = group_shard_of(t, group);
	size_t count = 0;

	pthread_mutex_lock(&g->lock);
	struct session *s = next_of(*bucket_of(g, group), group);
	for (; s; s = next_of(s->group_next, group))
		count++;
	pthread_mutex_unlock(&g->lock);
	return count;
}

/* One of the group's sessions, pinned; NULL when there is none. */
static struct session *pin_first(struct sessions *t, uint64_t group)
{
	struct group_shard *g = group_shard_of(t, group);

	pthread_mutex_lock(&g->lock);
	struct session *first = next_of(*bucket_of(g, group), group);
	if (first)
		session_ref(first);
	pthread_mutex_unlock(&g->lock);
	return first;
}

size_t sessions_end_group(struct sessions *t, uint64_t group, enum session_end why)
{
	size_t ended = 0;
	struct session *s;

	/* Whoever ends a group has no more connections that could open another one in it. */
	while ((s = pin_first(t, group)) != NULL) {
		ended += session_close(s, why);
		session_unpin(s);
	}
	return ended;
}
