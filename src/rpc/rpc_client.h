#ifndef RPC_RPC_CLIENT_H
#define RPC_RPC_CLIENT_H

/* The client side of an association, without sockets: for nspi, for tests and for the fuzzer's
 * seeds. */

#include "rpc/rpc.h"

struct rpc_client;

struct rpc_client_config {
	const struct guid *interface;
	uint16_t version_major, version_minor;
	const struct auth_initiator_config *auth; /* NULL: none */
	uint32_t assoc_group;                     /* 0: a new one */
	uint16_t max_fragment;                    /* 0: 5840 */
};

enum rpc_client_event {
	RPC_CLIENT_MORE,  /* input is not complete; what was written to out is to be sent */
	RPC_CLIENT_BOUND, /* calls may be made */
	RPC_CLIENT_REPLY, /* rpc_client_reply() */
	RPC_CLIENT_FAULT, /* rpc_client_fault(); calls may be made, if the server does not close */
	RPC_CLIENT_REFUSED, /* bind_nak, rejected context, failed authentication:
	                       rpc_client_reason() */
	RPC_CLIENT_BROKEN,  /* malformed, or a wrong signature: rpc_client_reason() */
};

/* Writes the bind. What config points to need not outlive the call. */
struct rpc_client *rpc_client_new(const struct rpc_client_config *config, struct buffer *out);
void rpc_client_free(struct rpc_client *c); /* NULL is fine */

/* One event a call; takes at most one PDU from data. */
enum rpc_client_event rpc_client_input(struct rpc_client *c, struct slice data, size_t *consumed,
                                       struct buffer *out);
/* Writes a request. One at a time: ERR_BUSY before the reply to the last one, ERR_CLOSED when not
 * bound. */
int rpc_client_request(struct rpc_client *c, uint16_t opnum, struct slice stub, struct buffer *out);

struct slice rpc_client_reply(const struct rpc_client *c); /* until the next input or request */
uint32_t rpc_client_fault(
	const struct rpc_client *c); /* also of a refusal that was a fault; else 0 */
const char *rpc_client_reason(const struct rpc_client *c);
uint32_t rpc_client_assoc_group(const struct rpc_client *c);

/* Asking an endpoint mapper (rpc_endpoint_mapper_interface) where an interface is served over TCP:
 * the stub of the request (opnum 3, ept_map), and the port that the reply says. 0, ERR_NOT_FOUND or
 * ERR_INVALID. */
#define RPC_EPT_MAP 3
void rpc_ept_map_request(const struct guid *interface, uint16_t major, uint16_t minor,
                         struct buffer *stub);
int rpc_ept_map_reply(struct slice stub, uint16_t *port);

#endif
