#include "rpc/endpoints.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"

enum { HANDLES_PER_GROUP = 16 };

struct lookups { /* of one group */
	size_t count;
	struct {
		struct guid handle;
		size_t position;
	} at[HANDLES_PER_GROUP];
};

struct rpc_endpoints {
	pthread_mutex_t lock;
	struct endpoint *entries;
	size_t count;
	struct hashmap *by_group; /* group id -> struct lookups */
};

struct rpc_endpoints *rpc_endpoints_new(void)
{
	struct rpc_endpoints *e = xcalloc(1, sizeof *e);
	pthread_mutex_init(&e->lock, NULL);
	e->by_group = hashmap_new();
	return e;
}

void rpc_endpoints_free(struct rpc_endpoints *e)
{
	size_t position = 0;
	struct slice key;
	void *lookups;
	if (!e)
		return;
	while (hashmap_next(e->by_group, &position, &key, &lookups))
		free(lookups);
	hashmap_free(e->by_group);
	pthread_mutex_destroy(&e->lock);
	free(e->entries);
	free(e);
}

void rpc_endpoints_add(struct rpc_endpoints *e, const struct rpc_interface *interface,
                       enum rpc_protseq protseq, const char *address, uint16_t port)
{
	static const uint8_t any[4] = {0};
	struct endpoint added = {.interface = interface, .protseq = (uint8_t)protseq, .port = port};
	added.wildcard = inet_pton(AF_INET, address, added.address) != 1 ||
	                 memcmp(added.address, any, sizeof any) == 0;
	pthread_mutex_lock(&e->lock);
	e->entries = xrealloc_array(e->entries, e->count + 1, sizeof *e->entries);
	e->entries[e->count++] = added;
	pthread_mutex_unlock(&e->lock);
}

bool endpoints_next(struct rpc_endpoints *e, size_t *position, endpoint_matches *matches,
                    const void *query, struct endpoint *found)
{
	bool hit = false;
	pthread_mutex_lock(&e->lock);
	while (!hit && *position < e->count) {
		*found = e->entries[(*position)++];
		hit = matches(found, query);
	}
	pthread_mutex_unlock(&e->lock);
	return hit;
}

static struct slice key_of(const uint64_t *group)
{
	return slice_of(group, sizeof *group);
}

/* Index of the handle, or count. The lock is held. */
static size_t find(const struct lookups *l, const struct guid *handle)
{
	size_t i = 0;
	while (i < l->count && !guid_equal(&l->at[i].handle, handle))
		i++;
	return i;
}

bool endpoints_resume(struct rpc_endpoints *e, uint64_t group, const struct guid *handle,
                      size_t *position)
{
	*position = 0;
	if (guid_is_zero(handle))
		return true;
	pthread_mutex_lock(&e->lock);
	const struct lookups *l = hashmap_get(e->by_group, key_of(&group));
	size_t i = l ? find(l, handle) : 0;
	bool known = l && i < l->count;
	if (known)
		*position = l->at[i].position;
	pthread_mutex_unlock(&e->lock);
	return known;
}

static struct lookups *lookups_of(struct rpc_endpoints *e, uint64_t group)
{
	struct lookups *l = hashmap_get(e->by_group, key_of(&group));
	if (!l) {
		l = xcalloc(1, sizeof *l);
		hashmap_put(e->by_group, key_of(&group), l);
	}
	return l;
}

void endpoints_keep(struct rpc_endpoints *e, uint64_t group, struct guid *handle, size_t position)
{
	if (guid_is_zero(handle))
		*handle = guid_random();
	pthread_mutex_lock(&e->lock);
	struct lookups *l = lookups_of(e, group);
	size_t i = find(l, handle);
	if (i == HANDLES_PER_GROUP) {
		memmove(&l->at[0], &l->at[1], --i * sizeof l->at[0]);
		l->count--;
	}
	l->at[i].handle = *handle;
	l->at[i].position = position;
	l->count += i == l->count;
	pthread_mutex_unlock(&e->lock);
}

void endpoints_forget(struct rpc_endpoints *e, uint64_t group, const struct guid *handle)
{
	pthread_mutex_lock(&e->lock);
	struct lookups *l = hashmap_get(e->by_group, key_of(&group));
	size_t i = l ? find(l, handle) : 0;
	if (l && i < l->count)
		l->at[i] = l->at[--l->count];
	if (l && l->count == 0)
		free(hashmap_remove(e->by_group, key_of(&group)));
	pthread_mutex_unlock(&e->lock);
}

void endpoints_forget_group(struct rpc_endpoints *e, uint64_t group)
{
	pthread_mutex_lock(&e->lock);
	void *lookups = hashmap_remove(e->by_group, key_of(&group));
	pthread_mutex_unlock(&e->lock);
	free(lookups);
}

size_t endpoints_kept(struct rpc_endpoints *e, uint64_t group)
{
	pthread_mutex_lock(&e->lock);
	const struct lookups *l = hashmap_get(e->by_group, key_of(&group));
	size_t count = l ? l->count : 0;
	pthread_mutex_unlock(&e->lock);
	return count;
}
