#include <stdlib.h>

#include "base/memory.h"
#include "session/session-private.h"

void group_shard_init(struct group_shard *g)
{
	pthread_mutex_init(&g->lock, NULL);
	g->groups = hashmap_new();
}

void group_shard_free(struct group_shard *g)
{
	hashmap_free(g->groups);
	pthread_mutex_destroy(&g->lock);
}

static struct slice key_of(const uint64_t *group)
{
	return slice_of(group, sizeof *group);
}

static struct group_shard *group_shard_of(struct sessions *t, uint64_t group)
{
	return &t->group_shards[hash_bytes(key_of(&group)) % SHARDS];
}

void group_link(struct sessions *t, struct session *session)
{
	struct group_shard *shard = group_shard_of(t, session->group);

	pthread_mutex_lock(&shard->lock);
	struct group *g = hashmap_get(shard->groups, key_of(&session->group));
	if (!g) {
		g = xcalloc(1, sizeof *g);
		hashmap_put(shard->groups, key_of(&session->group), g);
	}
	session->group_next = g->first;
	if (g->first)
		g->first->group_prev = session;
	g->first = session;
	g->count++;
	pthread_mutex_unlock(&shard->lock);
}

void group_unlink(struct sessions *t, struct session *session)
{
	struct group_shard *shard = group_shard_of(t, session->group);

	pthread_mutex_lock(&shard->lock);
	struct group *g = hashmap_get(shard->groups, key_of(&session->group));
	*(session->group_prev ? &session->group_prev->group_next : &g->first) = session->group_next;
	if (session->group_next)
		session->group_next->group_prev = session->group_prev;
	if (--g->count == 0)
		free(hashmap_remove(shard->groups, key_of(&session->group)));
	pthread_mutex_unlock(&shard->lock);
}

size_t sessions_count_group(struct sessions *t, uint64_t group)
{
	struct group_shard *shard = group_shard_of(t, group);

	pthread_mutex_lock(&shard->lock);
	const struct group *g = hashmap_get(shard->groups, key_of(&group));
	size_t count = g ? g->count : 0;
	pthread_mutex_unlock(&shard->lock);
	return count;
}

/* One of the group's sessions, pinned; NULL when there is none. */
static struct session *pin_first(struct sessions *t, uint64_t group)
{
	struct group_shard *shard = group_shard_of(t, group);

	pthread_mutex_lock(&shard->lock);
	const struct group *g = hashmap_get(shard->groups, key_of(&group));
	struct session *first = g ? g->first : NULL;
	if (first)
		session_ref(first);
	pthread_mutex_unlock(&shard->lock);
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
