#ifndef TESTS_UNIT_RPC_SITE_H
#define TESTS_UNIT_RPC_SITE_H

/* An RPC service with a toy interface, mgmt and the endpoint mapper, and what drives an association
 * of it. */

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth_site.h"
#include "rpc/pdu.h"
#include "rpc/rpc_client.h"

enum {
	TOY_ECHO,  /* the stub back */
	TOY_FAULT, /* a context mismatch */
	TOY_OPEN,  /* one more handle of the group */
	TOY_YIELD, /* three slices, then the stub back */
	TOY_WAIT,  /* the same, but waits */
	TOY_GROW,  /* as many bytes back as the first 4 of the stub say */
	TOY_WHO,   /* the account's name and the level */
	TOY_OPNUMS,
};

struct toy {
	_Atomic unsigned handles, rundowns, cancelled, calls;
	_Atomic uint64_t last_group;
};

static inline void toy_echo(struct rpc_call *call)
{
	buffer_put(call->out, call->stub.data, call->stub.size);
}

static inline void toy_grow(struct rpc_call *call)
{
	struct reader r;
	reader_init(&r, call->stub.data, call->stub.size);
	r.big_endian = call->big_endian;
	uint32_t size = reader_u32(&r);
	uint8_t *p = buffer_extend(call->out, size);
	for (uint32_t i = 0; p && i < size; i++)
		p[i] = (uint8_t)(i * 31);
}

static inline enum rpc_run toy_resume(void *context, struct rpc_call *call)
{
	unsigned *slices = call->state;
	(void)context;
	if (++*slices < 3)
		return call->opnum == TOY_WAIT ? RPC_WAIT : RPC_YIELD;
	toy_echo(call);
	return RPC_DONE;
}

static inline enum rpc_run toy_start(void *context, struct rpc_call *call)
{
	struct toy *toy = context;
	atomic_fetch_add(&toy->calls, 1);
	atomic_store(&toy->last_group, call->group);
	switch (call->opnum) {
	case TOY_ECHO: toy_echo(call); break;
	case TOY_FAULT: call->fault = RPC_FAULT_CONTEXT_MISMATCH; break;
	case TOY_OPEN: atomic_fetch_add(&toy->handles, 1); break;
	case TOY_GROW: toy_grow(call); break;
	case TOY_WHO:
		buffer_printf(call->out, "%s/%d", call->principal->account, (int)call->level);
		break;
	case TOY_YIELD:
	case TOY_WAIT:
		call->state = arena_alloc(call->arena, sizeof(unsigned));
		return toy_resume(context, call);
	}
	return RPC_DONE;
}

static inline void toy_cancel(void *context, struct rpc_call *call)
{
	struct toy *toy = context;
	(void)call;
	atomic_fetch_add(&toy->cancelled, 1);
}

static inline void toy_rundown(void *context, uint64_t group)
{
	struct toy *toy = context;
	(void)group;
	atomic_fetch_add(&toy->rundowns, 1);
	atomic_store(&toy->handles, 0);
}

static inline size_t toy_holds(void *context, uint64_t group)
{
	struct toy *toy = context;
	(void)group;
	return atomic_load(&toy->handles);
}

static const struct guid toy_uuid = {
	{0x70, 0x0f, 0x70, 0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
};

static const struct rpc_interface toy_interface = {
	.name = "toy",
	.annotation = "Toy",
	.uuid = &toy_uuid,
	.version_major = 2,
	.version_minor = 1,
	.opnum_count = TOY_OPNUMS,
	.start = toy_start,
	.resume = toy_resume,
	.cancel = toy_cancel,
	.rundown = toy_rundown,
	.holds = toy_holds,
};

struct rpc_site {
	struct site auth;
	struct toy toy;
	struct rpc_endpoints *endpoints;
	struct rpc_limits limits;
	struct rpc_binding bindings[3];
	struct rpc_service service;
	struct rpc_scratch *scratch;
};

static const struct address site_client = {
	.bytes = {[10] = 0xff, 0xff, 192, 0, 2, 1},
          .port = 1066
};
static struct address site_local = {
	.bytes = {[10] = 0xff, 0xff, 192, 0, 2, 9},
          .port = 4997
};
/* The driver is the address that the connection came in at. */
static const struct rpc_peer site_peer = {.client = &site_client, .driver = &site_local};

static inline struct address site_local_address(void *driver)
{
	return *(const struct address *)driver;
}

static inline void rpc_site_open(struct rpc_site *s)
{
	*s = (struct rpc_site){
		.limits = {.max_request_bytes = 4 << 20,
	                   .max_call_memory = 8 << 20,
	                   .max_answer_bytes = 8 << 20,
	                   .bind_timeout_ms = 10000,
	                   .auth_timeout_ms = 20000,
	                   .idle_timeout_ms = 60000},
	};
	site_open(&s->auth);
	s->endpoints = rpc_endpoints_new();
	s->bindings[0] = (struct rpc_binding){&toy_interface, &s->toy};
	s->bindings[1] = (struct rpc_binding){&rpc_endpoint_mapper_interface, s->endpoints};
	s->bindings[2] = (struct rpc_binding){&rpc_mgmt_interface, &s->service};
	s->service = (struct rpc_service){.bindings = s->bindings,
	                                  .binding_count = 3,
	                                  .groups = rpc_groups_new(64 << 20),
	                                  .auth = s->auth.service,
	                                  .limits = &s->limits,
	                                  .port = 4997,
	                                  .local_address = site_local_address};
	s->scratch = rpc_scratch_new();
}

static inline void rpc_site_close(struct rpc_site *s)
{
	rpc_scratch_free(s->scratch);
	rpc_groups_free(s->service.groups);
	rpc_endpoints_free(s->endpoints);
	site_close(&s->auth);
}

/* What a driver does with one run of input: until the association wants something that only time
 * brings. */
static inline enum rpc_next drive(struct rpc_association *a, struct slice data, uint64_t now_ms,
                                  struct buffer *out)
{
	for (;;) {
		size_t taken = 0;
		enum rpc_next next = rpc_association_input(a, data, &taken, now_ms, out);
		(void)pdu_take_part(&data, taken);
		if (next == RPC_NEXT_CLOSE || (next == RPC_NEXT_READ && taken == 0))
			return next;
		for (int i = 0; i < 10 && next != RPC_NEXT_READ; i++)
			next = rpc_association_resume(a, now_ms, out);
		if (next != RPC_NEXT_READ)
			return next; /* a login that is slowed down */
	}
}

/* A client and its association, with a wire between them. */
struct line {
	struct rpc_client *client;
	struct rpc_association *server;
	struct buffer to_server, to_client;
	enum rpc_client_event event;
	enum rpc_next next;
};

/* Carries bytes until neither side has anything to say; the last event that said something. */
static inline enum rpc_client_event line_run(struct line *l)
{
	l->event = RPC_CLIENT_MORE;
	do {
		l->next = drive(l->server, buffer_slice(&l->to_server), 0, &l->to_client);
		buffer_clear(&l->to_server);
		size_t taken = 0;
		do {
			enum rpc_client_event event = rpc_client_input(
				l->client, buffer_slice(&l->to_client), &taken, &l->to_server);
			buffer_consume(&l->to_client, taken);
			if (taken > 0 && event != RPC_CLIENT_MORE)
				l->event = event;
		} while (taken > 0);
	} while (l->to_server.size > 0 && l->next != RPC_NEXT_CLOSE);
	return l->event;
}

static inline enum rpc_client_event line_open_group(struct line *l, struct rpc_site *s,
                                                    const struct rpc_interface *interface,
                                                    const struct auth_initiator_config *auth,
                                                    uint32_t group)
{
	*l = (struct line){0};
	buffer_init(&l->to_server, 16 << 20);
	buffer_init(&l->to_client, 16 << 20);
	struct rpc_client_config config = {.interface = interface->uuid,
	                                   .version_major = interface->version_major,
	                                   .version_minor = interface->version_minor,
	                                   .auth = auth,
	                                   .assoc_group = group};
	l->server = rpc_association_new(&s->service, s->scratch, &site_peer, 0);
	l->client = rpc_client_new(&config, &l->to_server);
	return line_run(l);
}

static inline enum rpc_client_event line_open(struct line *l, struct rpc_site *s,
                                              const struct auth_initiator_config *auth)
{
	return line_open_group(l, s, &toy_interface, auth, 0);
}

static inline enum rpc_client_event line_call(struct line *l, uint16_t opnum, struct slice stub)
{
	if (rpc_client_request(l->client, opnum, stub, &l->to_server) != 0)
		return RPC_CLIENT_BROKEN;
	return line_run(l);
}

static inline void line_close(struct line *l)
{
	rpc_client_free(l->client);
	rpc_association_free(l->server);
	buffer_free(&l->to_server);
	buffer_free(&l->to_client);
}

static inline int rpc_site_setup(void **state)
{
	struct rpc_site *s = malloc(sizeof *s);
	rpc_site_open(s);
	*state = s;
	return 0;
}

static inline int rpc_site_teardown(void **state)
{
	rpc_site_close(*state);
	free(*state);
	return 0;
}

#endif
