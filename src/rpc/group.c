#include "rpc/group.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/counters.h"
#include "base/hashmap.h"
#include "base/memory.h"
#include "base/random.h"

struct rpc_groups {
	pthread_mutex_t lock; /* of by_wire_id, last_id and every group's members */
	struct hashmap *by_wire_id;
	uint64_t last_id;
	_Atomic uint64_t budget, reserved; /* bytes */
};

struct rpc_groups *rpc_groups_new(uint64_t max_reassembly_bytes)
{
	struct rpc_groups *g = xcalloc(1, sizeof *g);
	pthread_mutex_init(&g->lock, NULL);
	g->by_wire_id = hashmap_new();
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
	hashmap_free(g->by_wire_id);
	pthread_mutex_destroy(&g->lock);
	free(g);
}

static struct slice key_of(const uint32_t *wire_id)
{
	return slice_of(wire_id, sizeof *wire_id);
}

static struct rpc_group *create(struct rpc_groups *g, const struct rpc_service *service,
                                uint64_t address)
{
	struct rpc_group *group = xcalloc(1, sizeof *group);
	*group = (struct rpc_group){.members = 1, .address = address, .service = service};
	pthread_mutex_lock(&g->lock);
	do
		group->wire_id = random_u32();
	while (group->wire_id == 0 || hashmap_get(g->by_wire_id, key_of(&group->wire_id)));
	group->id = ++g->last_id;
	hashmap_put(g->by_wire_id, key_of(&group->wire_id), group);
	pthread_mutex_unlock(&g->lock);
	return group;
}

struct rpc_group *rpc_group_join(const struct rpc_service *service, uint32_t wire_id,
                                 const char *client_address)
{
	struct rpc_groups *g = service->groups;
	uint64_t address = hash_bytes(slice_of_string(client_address));
	if (wire_id == 0)
		return create(g, service, address);
	pthread_mutex_lock(&g->lock);
	struct rpc_group *group = hashmap_get(g->by_wire_id, key_of(&wire_id));
	if (group && (group->address != address || group->service != service))
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
	if (last)
		hashmap_remove(g->by_wire_id, key_of(&group->wire_id));
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
