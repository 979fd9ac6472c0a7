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
	RPC_CLIENT_MORE,    /* input is not complete */
	RPC_CLIENT_BOUND,   /* calls may be made */
	RPC_CLIENT_REPLY,   /* rpc_client_reply() */
	RPC_CLIENT_FAULT,   /* rpc_client_fault() */
	RPC_CLIENT_REFUSED, /* bind_nak, rejected context, failed authentication:
	                       rpc_client_reason() */
	RPC_CLIENT_BROKEN,  /* malformed, or a wrong signature: rpc_client_reason() */
};

struct rpc_client *rpc_client_new(const struct rpc_client_config *config,
                                  struct buffer *out); /* writes the bind */
void rpc_client_free(struct rpc_client *c);

/* One event a call; takes at most one PDU from data. */
enum rpc_client_event rpc_client_input(struct rpc_client *c, struct slice data, size_t *consumed,
                                       struct buffer *out);
/* Writes a request. One at a time. */
int rpc_client_request(struct rpc_client *c, uint16_t opnum, struct slice stub, struct buffer *out);

struct slice rpc_client_reply(const struct rpc_client *c); /* until the next input */
uint32_t rpc_client_fault(const struct rpc_client *c);
const char *rpc_client_reason(const struct rpc_client *c);
uint32_t rpc_client_assoc_group(const struct rpc_client *c);

#endif
