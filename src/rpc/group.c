#include "rpc/group.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/counters.h"
#include "base/hashmap.h"
#include "base/memory.h"
#include "base/random.h"

enum { FIRST_BUCKETS = 16 };

/* Found by their wire ids, which are random numbers of ours: their last bits choose a bucket. */
struct rpc_groups {
	pthread_mutex_t lock; /* of buckets, last_id and every group's members */
	struct rpc_group **buckets;
	size_t bucket_count, count; /* the first is a power of two */
	uint64_t last_id;
	_Atomic uint64_t budget, reserved; /* bytes */
};

struct rpc_groups *rpc_groups_new(uint64_t max_reassembly_bytes)
{
	struct rpc_groups *g = xcalloc(1, sizeof *g);
	pthread_mutex_init(&g->lock, NULL);
	g->bucket_count = FIRST_BUCKETS;
	g->buckets = xcalloc(g->bucket_count, sizeof(struct rpc_group *));
	rpc_groups_set_budget(g, max_reassembly_bytes);
	return g;
}

void rpc_groups_set_budget(struct rpc_groups *g, uint64_t max_reassembly_bytes)
{
	atomic_store(&g->budget, max_reassembly_bytes);
}

void rpc_groups_free(struct rpc_groups *g)
{
	if (!g)
		return;
	free(g->buckets);
	pthread_mutex_destroy(&g->lock);
	free(g);
}

/* Where the pointer to that group is, or would be at the end of its bucket. */
static struct rpc_group **place_of(const struct rpc_groups *g, uint32_t wire_id)
{
	struct rpc_group **p = &g->buckets[wire_id & (g->bucket_count - 1)];
	while (*p && (*p)->wire_id != wire_id)
		p = &(*p)->next;
	return p;
}

static void insert(struct rpc_groups *g, struct rpc_group *group)
{
	group->next = NULL;
	*place_of(g, group->wire_id) = group;
}

static void grow(struct rpc_groups *g)
{
	struct rpc_group **old = g->buckets;
	size_t old_count = g->bucket_count;
	g->bucket_count *= 2;
	g->buckets = xcalloc(g->bucket_count, sizeof(struct rpc_group *));
	for (size_t i = 0; i < old_count; i++) {
		for (struct rpc_group *group = old[i], *next; group; group = next) {
			next = group->next;
			insert(g, group);
		}
	}
	free(old);
}

static struct rpc_group *create(struct rpc_groups *g, const struct rpc_service *service,
                                uint64_t host)
{
	struct rpc_group *group = xcalloc(1, sizeof *group);
	*group = (struct rpc_group){.members = 1, .host = host, .service = service};
	pthread_mutex_lock(&g->lock);
	do
		group->wire_id = random_u32();
	while (group->wire_id == 0 || *place_of(g, group->wire_id));
	group->id = ++g->last_id;
	if (g->count++ == g->bucket_count)
		grow(g);
	insert(g, group);
	pthread_mutex_unlock(&g->lock);
	return group;
}

struct rpc_group *rpc_group_join(const struct rpc_service *service, uint32_t wire_id,
                                 const struct address *client)
{
	struct rpc_groups *g = service->groups;
	uint64_t host = hash_bytes(slice_of(client->bytes, sizeof client->bytes));
	if (wire_id == 0)
		return create(g, service, host);
	pthread_mutex_lock(&g->lock);
	struct rpc_group *group = *place_of(g, wire_id);
	if (group && (group->host != host || group->service != service))
		group = NULL;
	if (group)
		group->members++;
	pthread_mutex_unlock(&g->lock);
	return group;
}

void rpc_group_leave(struct rpc_group *group)
{
	if (!group)
		return;
	const struct rpc_service *service = group->service;
	struct rpc_groups *g = service->groups;
	pthread_mutex_lock(&g->lock);
	bool last = --group->members == 0;
	if (last) {
		*place_of(g, group->wire_id) = group->next;
		g->count--;
	}
	pthread_mutex_unlock(&g->lock);
	if (!last)
		return;
	for (size_t i = 0; i < service->binding_count; i++) {
		const struct rpc_binding *b = &service->bindings[i];
		if (b->interface->rundown)
			b->interface->rundown(b->context, group->id);
	}
	free(group);
}

size_t rpc_group_holds(const struct rpc_group *group)
{
	size_t held = 0;
	for (size_t i = 0; i < group->service->binding_count; i++) {
		const struct rpc_binding *b = &group->service->bindings[i];
		if (b->interface->holds)
			held += b->interface->holds(b->context, group->id);
	}
	return held;
}

bool rpc_budget_take(struct rpc_groups *g, size_t bytes)
{
	uint64_t before = atomic_fetch_add(&g->reserved, bytes);
	if (before + bytes > atomic_load(&g->budget)) {
		atomic_fetch_sub(&g->reserved, bytes);
		counter_add(COUNTER_REASSEMBLY_REFUSED, 1);
		return false;
	}
	counter_add(COUNTER_REASSEMBLY_BYTES, (int64_t)bytes);
	return true;
}

void rpc_budget_give(struct rpc_groups *g, size_t bytes)
{
	atomic_fetch_sub(&g->reserved, bytes);
	counter_add(COUNTER_REASSEMBLY_BYTES, -(int64_t)bytes);
}
