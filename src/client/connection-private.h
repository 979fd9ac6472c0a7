#ifndef CLIENT_CONNECTION_PRIVATE_H
#define CLIENT_CONNECTION_PRIVATE_H

/*
 * A socket and the association on it: one call at a time, in a blocking form and in steps for who
 * waits for many connections at once. One thread.
 */

#include "base/error.h"
#include "rpc/rpc_client.h"

struct connection;

struct connection_config {
	const char *host; /* a name, or a numeric address */
	uint16_t port;
	uint32_t timeout_ms; /* for connecting, and for each answer */
	struct rpc_client_config rpc;
};

/* Connects and binds. */
int connection_open(const struct connection_config *config, struct connection **out,
                    struct error *e);
void connection_close(struct connection *c); /* NULL is fine */

/* The reply is borrowed until the next use of the connection. ERR_DENIED: a fault, the connection
 * goes on; else it is of no more use. */
int connection_call(struct connection *c, uint16_t opnum, struct slice stub, struct slice *reply,
                    struct error *e);

/* The same in two steps. connection_receive() takes what has arrived and does not wait for more: 1
 * when the reply is there, 0 when not yet. */
int connection_send(struct connection *c, uint16_t opnum, struct slice stub, struct error *e);
int connection_receive(struct connection *c, struct slice *reply, struct error *e);

int connection_descriptor(const struct connection *c);
uint32_t connection_group(const struct connection *c);

#endif
