#ifndef RPC_GROUP_H
#define RPC_GROUP_H

/*
 * Association groups (MS-RPCE 3.3.1.4.1, 3.3.1.5.7): what context handles belong to. Shared by the
 * connections of one client on one service, on any thread; gone, with rundown of what it holds,
 * when the last of them leaves.
 */

#include "rpc/rpc.h"

struct rpc_group {
	uint64_t id;      /* of this process; never given out twice */
	uint32_t wire_id; /* random, not 0: assoc_group_id */
	uint32_t members; /* under the lock of the groups */
	uint64_t host;    /* keyed hash of the client's address */
	const struct rpc_service *service;
	struct rpc_group *next; /* of its bucket */
};

/* wire_id 0: a new group. NULL when there is none of that id for this client on this service. */
struct rpc_group *rpc_group_join(const struct rpc_service *service, uint32_t wire_id,
                                 const struct address *client);

/* The last one out runs all interfaces' rundown, with no lock held. NULL is fine. */
void rpc_group_leave(struct rpc_group *group);

/* Live context handles of the group. */
size_t rpc_group_holds(const struct rpc_group *group);

/* The budget of half-received requests. false: not granted. */
bool rpc_budget_take(struct rpc_groups *g, size_t bytes);
void rpc_budget_give(struct rpc_groups *g, size_t bytes);

#endif
