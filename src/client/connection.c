#include "client/connection-private.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "client/socket-private.h"

enum {
	INPUT_LIMIT = 256 * 1024, /* a fragment has at most 64 KiB */
	OUTPUT_LIMIT = 32 << 20,
};

struct connection {
	int fd;
	uint32_t timeout_ms;
	struct rpc_client *rpc;
	struct buffer in, out;
	size_t taken; /* of in, by the last event: its reply may still be looked at */
};

static int refused(const struct connection *c, struct error *e)
{
	const char *reason = rpc_client_reason(c->rpc);

	return error_set(e, ERR_DENIED, "the server refuses to talk: %s",
	                 reason ? reason : "no reason given");
}

static int broken(const struct connection *c, struct error *e)
{
	const char *reason = rpc_client_reason(c->rpc);

	return error_set(e, ERR_INVALID, "the server's answer is broken: %s",
	                 reason ? reason : "malformed");
}

static int faulted(const struct connection *c, struct error *e)
{
	uint32_t fault = rpc_client_fault(c->rpc);
	const char *name = rpc_fault_name(fault);

	return error_set(e, ERR_DENIED, "fault: %s (0x%08x)", name ? name : "unknown", fault);
}

/* 1 when what was asked for is there, 0 when more input is needed. */
static int judge(const struct connection *c, enum rpc_client_event event, struct error *e)
{
	switch (event) {
	case RPC_CLIENT_MORE: return 0;
	case RPC_CLIENT_BOUND:
	case RPC_CLIENT_REPLY: return 1;
	case RPC_CLIENT_FAULT: return faulted(c, e);
	case RPC_CLIENT_REFUSED: return refused(c, e);
	case RPC_CLIENT_BROKEN: return broken(c, e);
	}
	return 0;
}

static int next_event(struct connection *c, struct error *e)
{
	buffer_consume(&c->in, c->taken);
	c->taken = 0;
	enum rpc_client_event event =
		rpc_client_input(c->rpc, buffer_slice(&c->in), &c->taken, &c->out);
	int err = c->out.size > 0 ? socket_send(c->fd, &c->out, c->timeout_ms, e) : 0;
	return err ? err : judge(c, event, e);
}

/* What is there already is looked at before more is received: several fragments may have come at
 * once. */
static int advance(struct connection *c, struct error *e)
{
	for (;;) {
		int result = next_event(c, e);
		if (result)
			return result;
		if (c->taken > 0)
			continue;
		result = socket_receive(c->fd, &c->in, e);
		if (result <= 0)
			return result;
	}
}

static int wait_for_event(struct connection *c, struct error *e)
{
	int result = advance(c, e);

	while (result == 0) {
		result = socket_wait(c->fd, POLLIN, c->timeout_ms, e);
		if (!result)
			result = advance(c, e);
	}
	return result < 0 ? result : 0;
}

int connection_open(const struct connection_config *config, struct connection **out,
                    struct error *e)
{
	int fd = socket_connect(config->host, config->port, config->timeout_ms, e);

	if (fd < 0)
		return fd;
	struct connection *c = xcalloc(1, sizeof *c);
	c->fd = fd;
	c->timeout_ms = config->timeout_ms;
	buffer_init(&c->in, INPUT_LIMIT);
	buffer_init(&c->out, OUTPUT_LIMIT);
	c->rpc = rpc_client_new(&config->rpc, &c->out);
	int err = socket_send(c->fd, &c->out, c->timeout_ms, e);
	if (!err)
		err = wait_for_event(c, e);
	if (err)
		connection_close(c);
	else
		*out = c;
	return err;
}

void connection_close(struct connection *c)
{
	if (!c)
		return;
	rpc_client_free(c->rpc);
	buffer_free(&c->in);
	buffer_free(&c->out);
	close(c->fd);
	free(c);
}

int connection_send(struct connection *c, uint16_t opnum, struct slice stub, struct error *e)
{
	int err = rpc_client_request(c->rpc, opnum, stub, &c->out);

	if (err)
		return error_set(e, err, "cannot make the request: %s", err_text(err));
	return socket_send(c->fd, &c->out, c->timeout_ms, e);
}

int connection_receive(struct connection *c, struct slice *reply, struct error *e)
{
	int result = advance(c, e);

	if (result > 0)
		*reply = rpc_client_reply(c->rpc);
	return result;
}

int connection_call(struct connection *c, uint16_t opnum, struct slice stub, struct slice *reply,
                    struct error *e)
{
	int err = connection_send(c, opnum, stub, e);

	if (!err)
		err = wait_for_event(c, e);
	if (!err)
		*reply = rpc_client_reply(c->rpc);
	return err;
}

int connection_descriptor(const struct connection *c)
{
	return c->fd;
}

uint32_t connection_group(const struct connection *c)
{
	return rpc_client_assoc_group(c->rpc);
}
