#include <stdlib.h>

#include "base/memory.h"
#include "session/session-private.h"

/* Sessions pinned under a lock, to be closed without it. */
struct picked {
	struct session **list;
	size_t count, capacity;
};

static void pick(struct picked *p, struct session *s)
{
	if (p->count == p->capacity) {
		p->capacity = p->capacity ? 2 * p->capacity : 64;
		p->list = xrealloc_array(p->list, p->capacity, sizeof(struct session *));
	}
	session_ref(s);
	p->list[p->count++] = s;
}

/* Frees the list; returns how many this caller ended. */
static size_t close_picked(struct picked *p, enum session_end why)
{
	size_t ended = 0;
	for (size_t i = 0; i < p->count; i++) {
		ended += session_close(p->list[i], why);
		session_unpin(p->list[i]);
	}
	free(p->list);
	return ended;
}

size_t sessions_end_account(struct sessions *t, const char *account, enum session_end why)
{
	struct shard *shard = shard_of(t, account);
	struct picked picked = {0};

	pthread_mutex_lock(&shard->lock);
	shard->ends++;
	const struct account *a = hashmap_get(shard->accounts, slice_of_string(account));
	for (struct session *s = a ? a->oldest : NULL; s; s = s->account_next)
		pick(&picked, s);
	pthread_mutex_unlock(&shard->lock);

	size_t ended = close_picked(&picked, why);
	report_ended(t, why, account, "", ended);
	return ended;
}

/* Of one client, or all when that is NULL. */
static size_t end_in_shard(struct shard *shard, const struct address *client, enum session_end why)
{
	struct picked picked = {0};
	uint64_t position = 0;
	struct session *s;

	pthread_mutex_lock(&shard->lock);
	while (shard_next_bucket(shard, &position, &s))
		for (; s; s = s->next)
			if (!client || address_same_host(&s->client, client))
				pick(&picked, s);
	pthread_mutex_unlock(&shard->lock);
	return close_picked(&picked, why);
}

static size_t end_everywhere(struct sessions *t, const struct address *client, enum session_end why)
{
	char text[ADDRESS_TEXT_SIZE];
	size_t ended = 0;
	for (size_t i = 0; i < SHARDS; i++)
		ended += end_in_shard(&t->shards[i], client, why);
	report_ended(t, why, "", client ? address_text(client, text) : "", ended);
	return ended;
}

size_t sessions_end_client(struct sessions *t, const char *client_address, enum session_end why)
{
	struct address client;
	return address_parse(client_address, 0, &client) ? end_everywhere(t, &client, why) : 0;
}

size_t sessions_end_all(struct sessions *t, enum session_end why)
{
	return end_everywhere(t, NULL, why);
}

static struct session *pin_by_id(struct sessions *t, const struct guid *id)
{
	struct session *s = NULL;
	for (size_t i = 0; i < SHARDS && !s; i++) {
		struct shard *shard = &t->shards[i];
		pthread_mutex_lock(&shard->lock);
		s = shard_find(shard, id);
		if (s)
			session_ref(s);
		pthread_mutex_unlock(&shard->lock);
	}
	return s;
}

bool sessions_end_id(struct sessions *t, const struct guid *id, enum session_end why)
{
	struct session *s = pin_by_id(t, id);
	if (!s)
		return false;
	char client[ADDRESS_TEXT_SIZE];
	bool ended = session_close(s, why);
	report_ended(t, why, s->principal->account, address_text(&s->client, client), ended);
	session_unpin(s);
	return ended;
}
