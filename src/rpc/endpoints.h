#ifndef RPC_ENDPOINTS_H
#define RPC_ENDPOINTS_H

/* What the endpoint mapper knows: where interfaces are served, and how far lookups have come.
 * Thread-safe. */

#include "rpc/epm_ndr.h"
#include "rpc/rpc.h"
#include "rpc/tower.h"

struct endpoint {
	const struct rpc_interface *interface;
	uint8_t protseq;
	uint16_t port;
	uint8_t address[4];
	bool wildcard; /* the address that the request came in on */
};

/* The first endpoint at or after *position that matches says; *position is then behind it. false:
 * none. */
typedef bool endpoint_matches(const struct endpoint *e, const void *query);
bool endpoints_next(struct rpc_endpoints *e, size_t *position, endpoint_matches *matches,
                    const void *query, struct endpoint *found);

/* Lookup handles belong to an association group, which has a few at most. */

/* Where the handle's lookup goes on; a zero handle begins. false: not a handle of that group. */
bool endpoints_resume(struct rpc_endpoints *e, uint64_t group, const struct guid *handle,
                      size_t *position);
/* Keeps the position under the handle, which is made if it is zero; of too many, the oldest is
 * forgotten. */
void endpoints_keep(struct rpc_endpoints *e, uint64_t group, struct guid *handle, size_t position);
void endpoints_forget(struct rpc_endpoints *e, uint64_t group, const struct guid *handle);
void endpoints_forget_group(struct rpc_endpoints *e, uint64_t group);
size_t endpoints_kept(struct rpc_endpoints *e, uint64_t group);

#endif
