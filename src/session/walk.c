#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "session/session-private.h"

/* Copied under one hold of a lock; a bucket is never split. */
#define BATCH 256

struct batch {
	struct session_info *list;
	size_t count, capacity;
	uint64_t mono_ms, wall_ms;
};

/* Cuts what does not fit before a character, not in it. */
static void copy_text(char *out, size_t size, const char *text)
{
	size_t length = strnlen(text, size);
	if (length == size) {
		length--;
		while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
			length--;
	}
	memcpy(out, text, length);
	out[length] = 0;
}

static void describe(const struct session *s, const struct batch *b, struct session_info *out)
{
	*out = (struct session_info){
		.id = s->id,
		.client_port = s->client.port,
		.transport = (enum session_transport)s->transport,
		.group = s->group,
		.age_ms = b->mono_ms - s->opened_ms,
		.idle_ms = b->mono_ms - s->used_ms,
		.calls = s->calls,
	};
	out->opened_wall_ms = b->wall_ms - out->age_ms;
	copy_text(out->account, sizeof out->account, s->account->name);
	address_text(&s->client, out->client_address);
	copy_text(out->workstation, sizeof out->workstation, s->principal->workstation);
}

static void add(struct batch *b, const struct session *s)
{
	if (b->count == b->capacity) {
		b->capacity = b->capacity ? 2 * b->capacity : BATCH;
		b->list = xrealloc_array(b->list, b->capacity, sizeof b->list[0]);
	}
	describe(s, b, &b->list[b->count++]);
}

/* false when nothing is left in the shard. */
static bool fill(struct batch *b, struct shard *shard, uint64_t *position)
{
	struct session *s;
	bool more = true;

	b->count = 0;
	pthread_mutex_lock(&shard->lock);
	b->mono_ms = clock_mono_ms();
	b->wall_ms = clock_wall_ms();
	while (b->count < BATCH && (more = shard_next_bucket(shard, position, &s)))
		for (; s; s = s->next)
			add(b, s);
	pthread_mutex_unlock(&shard->lock);
	return more;
}

void sessions_walk(struct sessions *t,
                   bool (*visit)(void *context, const struct session_info *info), void *context)
{
	struct batch b = {0};
	bool wanted = true;

	for (size_t i = 0; i < SHARDS && wanted; i++) {
		uint64_t position = 0;
		bool more = true;
		while (more && wanted) {
			more = fill(&b, &t->shards[i], &position);
			for (size_t k = 0; k < b.count && wanted; k++)
				wanted = visit(context, &b.list[k]);
		}
	}
	free(b.list);
}

/* A copy of the shard's accounts but for their limits; the list is the caller's. */
static struct session_account_info *copy_accounts(struct shard *shard, size_t *count)
{
	size_t position = 0;
	void *value;

	pthread_mutex_lock(&shard->lock);
	struct session_account_info *list =
		xcalloc(hashmap_count(shard->accounts) + 1, sizeof *list);
	*count = 0;
	while (hashmap_next(shard->accounts, &position, NULL, &value)) {
		const struct account *a = value;
		struct session_account_info *out = &list[(*count)++];
		copy_text(out->account, sizeof out->account, a->name);
		out->held = a->held;
		out->highest = a->highest;
		out->refused = a->refused;
	}
	pthread_mutex_unlock(&shard->lock);
	return list;
}

void sessions_walk_accounts(struct sessions *t,
                            bool (*visit)(void *context, const struct session_account_info *info),
                            void *context)
{
	bool wanted = true;
	for (size_t i = 0; i < SHARDS && wanted; i++) {
		size_t count;
		struct session_account_info *list = copy_accounts(&t->shards[i], &count);
		for (size_t k = 0; k < count && wanted; k++) {
			list[k].limit = sessions_limit_of(t, list[k].account);
			wanted = visit(context, &list[k]);
		}
		free(list);
	}
}
