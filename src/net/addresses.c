#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"
#include "net/net-private.h"

struct addresses {
	pthread_mutex_t lock;
	struct hashmap *counts; /* address -> count, as a pointer */
};

struct addresses *net_addresses_new(void)
{
	struct addresses *a = xcalloc(1, sizeof *a);

	pthread_mutex_init(&a->lock, NULL);
	a->counts = hashmap_new();
	return a;
}

void net_addresses_free(struct addresses *a)
{
	hashmap_free(a->counts);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

bool net_addresses_enter(struct addresses *a, const struct address *client, uint32_t max)
{
	struct slice key = slice_of(client->bytes, sizeof client->bytes);

	pthread_mutex_lock(&a->lock);
	uintptr_t count = (uintptr_t)hashmap_get(a->counts, key);
	bool room = count < max;
	if (room)
		hashmap_put(a->counts, key, (void *)(count + 1));
	pthread_mutex_unlock(&a->lock);
	return room;
}

void net_addresses_leave(struct addresses *a, const struct address *client)
{
	struct slice key = slice_of(client->bytes, sizeof client->bytes);

	pthread_mutex_lock(&a->lock);
	uintptr_t count = (uintptr_t)hashmap_get(a->counts, key);
	if (count > 1)
		hashmap_put(a->counts, key, (void *)(count - 1));
	else
		hashmap_remove(a->counts, key);
	pthread_mutex_unlock(&a->lock);
}
