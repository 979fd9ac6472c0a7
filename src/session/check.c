#include "session/session-private.h"

static size_t list_length(const struct account *a)
{
	size_t length = 0;
	for (const struct session *s = a->oldest; s; s = s->account_next)
		length++;
	return length;
}

static size_t table_size(const struct shard *shard)
{
	size_t size = 0;
	uint64_t position = 0;
	struct session *s;
	while (shard_next_bucket(shard, &position, &s))
		for (; s; s = s->next)
			size++;
	return size;
}

/* Under the shard's lock: each account's count is the length of its list, their sum the size of the
 * table. */
static int check_shard(const struct shard *shard, struct error *e)
{
	size_t position = 0, sum = 0;
	void *value;
	while (hashmap_next(shard->accounts, &position, NULL, &value)) {
		const struct account *a = value;
		size_t length = list_length(a);
		if (length != a->held)
			return error_set(e, ERR_CORRUPT,
			                 "account %s counts %u sessions and has %zu", a->name,
			                 a->held, length);
		sum += length;
	}
	size_t size = table_size(shard);
	if (size != sum || size != shard->count)
		return error_set(e, ERR_CORRUPT,
		                 "a shard counts %zu sessions, has %zu, its accounts hold %zu",
		                 shard->count, size, sum);
	return 0;
}

/* As far as the buckets show it. */
static size_t count_grouped(const struct group_shard *g)
{
	size_t sum = 0;
	for (size_t i = 0; i < (size_t)1 << g->bits; i++)
		for (const struct session *s = g->buckets[i]; s; s = s->group_next)
			sum++;
	return sum;
}

/* Under all locks, so that nothing moves from one count to another meanwhile. */
static int check_all(struct sessions *t, struct error *e)
{
	size_t held = 0, grouped = 0;
	for (size_t i = 0; i < SHARDS; i++) {
		int err = check_shard(&t->shards[i], e);
		if (err)
			return err;
		held += t->shards[i].count;
		grouped += count_grouped(&t->group_shards[i]);
	}
	size_t count = sessions_count(t);
	if (held != count || grouped != count)
		return error_set(e, ERR_CORRUPT,
		                 "%zu sessions are counted, %zu held, %zu in groups", count, held,
		                 grouped);
	return 0;
}

int sessions_check(struct sessions *t, struct error *e)
{
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_lock(&t->shards[i].lock);
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_lock(&t->group_shards[i].lock);
	int err = check_all(t, e);
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_unlock(&t->group_shards[i].lock);
		pthread_mutex_unlock(&t->shards[i].lock);
	}
	return err;
}
