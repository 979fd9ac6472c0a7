#include "main/wiring.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "nspi/nspi_ndr.h"

enum {
	UNREAD_BYTES = 128 << 10, /* of a connection: the longest PDU and what came behind it */
	MAX_BINDINGS = 3,
};

/* A listener, and the service that its associations share. */
struct listener {
	struct wiring *wiring;
	struct conf_listener conf; /* its strings are our own */
	uint16_t port;
	enum nspi_profile profile;
	struct rpc_binding bindings[MAX_BINDINGS];
	struct rpc_service service;
};

struct wiring {
	const struct conf *conf;
	struct net *net;
	struct rpc_limits limits;
	struct rpc_groups *groups;
	struct rpc_endpoints *endpoints;
	struct directory *directory;
	struct nspi_service *nspi;
	struct listener *listeners;
	size_t listener_count;
};

/* What all connections of a loop share. */
struct loop_data {
	struct rpc_scratch *scratch;
	struct directory_reader reader;
};

/* A connection that speaks RPC. */
struct peer {
	struct net_connection *connection;
	struct rpc_association *association;
	char address[64], local_address[64];
};

static void *make_loop_data(void *context)
{
	const struct wiring *w = context;
	struct loop_data *d = xcalloc(1, sizeof *d);

	d->scratch = rpc_scratch_new();
	directory_reader_init(&d->reader, w->directory);
	return d;
}

static void free_loop_data(void *data)
{
	struct loop_data *d = data;

	directory_reader_done(&d->reader);
	rpc_scratch_free(d->scratch);
	free(d);
}

static struct loop_data *data_of(const struct peer *p)
{
	return net_loop_data(net_connection_loop(p->connection));
}

/* RPC over TCP: net/ <-> rpc/ */

static void *peer_open(struct net_connection *c, void *context)
{
	const struct listener *l = context;
	struct peer *p = xcalloc(1, sizeof *p);

	p->connection = c;
	snprintf(p->address, sizeof p->address, "%s", net_connection_address(c));
	snprintf(p->local_address, sizeof p->local_address, "%s", net_connection_local_address(c));
	const struct rpc_peer about = {
		.address = p->address,
		.local_address = p->local_address,
		.port = net_connection_port(c),
		.local_port = net_connection_local_port(c),
		.driver = p,
	};
	p->association =
		rpc_association_new(&l->service, data_of(p)->scratch, &about, clock_mono_ms());
	net_connection_set_deadline(c, rpc_association_deadline(p->association));
	return p;
}

static enum net_next hand_back(struct peer *p, enum rpc_next next)
{
	static const enum net_next nexts[] = {
		[RPC_NEXT_READ] = NET_READ,
		[RPC_NEXT_RESUME] = NET_RESUME,
		[RPC_NEXT_WAIT] = NET_WAIT,
		[RPC_NEXT_CLOSE] = NET_CLOSE,
	};

	net_connection_set_deadline(p->connection, rpc_association_deadline(p->association));
	return nexts[next];
}

/* One PDU at a time, so that its answer is on its way before the next is looked at: what a client
 * that does not read can make us hold is one answer. */
static enum net_next peer_input(void *state, struct slice data, size_t *consumed,
                                struct buffer *out)
{
	struct peer *p = state;
	size_t size = rpc_pdu_size(data);

	if (size && size < data.size)
		data.size = size;
	return hand_back(
		p, rpc_association_input(p->association, data, consumed, clock_mono_ms(), out));
}

static enum net_next peer_resume(void *state, struct buffer *out)
{
	struct peer *p = state;

	return hand_back(p, rpc_association_resume(p->association, clock_mono_ms(), out));
}

static enum net_next peer_timer(void *state, struct buffer *out)
{
	struct peer *p = state;

	return hand_back(p, rpc_association_timer(p->association, clock_mono_ms(), out));
}

static void peer_close(void *state)
{
	struct peer *p = state;

	rpc_association_free(p->association);
	free(p);
}

static const struct net_protocol rpc_over_tcp = {
	.name = "rpc",
	.open = peer_open,
	.input = peer_input,
	.resume = peer_resume,
	.timer = peer_timer,
	.close = peer_close,
};

/* NSPI over RPC: rpc/ <-> nspi/ */

static enum rpc_run run_of(enum nspi_run run, const struct nspi_call *n, struct rpc_call *call)
{
	static const enum rpc_run runs[] = {
		[NSPI_DONE] = RPC_DONE,
		[NSPI_YIELD] = RPC_YIELD,
		[NSPI_WAIT] = RPC_WAIT,
	};

	if (run == NSPI_DONE)
		call->fault = n->fault;
	return runs[run];
}

static enum rpc_run nspi_start(void *context, struct rpc_call *call)
{
	const struct listener *l = context;
	struct peer *p = call->peer->driver;
	struct nspi_call *n = arena_alloc(call->arena, sizeof *n);

	if (!n) {
		call->fault = RPC_FAULT_NO_MEMORY;
		return RPC_DONE;
	}
	*n = (struct nspi_call){
		.service = l->wiring->nspi,
		.snapshot = directory_reader_refresh(&data_of(p)->reader),
		.profile = l->profile,
		.arena = call->arena,
		.principal = call->principal,
		.client_address = call->peer->address,
		.client_port = call->peer->port,
		.transport = SESSION_RPC_TCP,
		.group = call->group,
	};
	call->state = n;
	return run_of(nspi_call_start_rpc(n, call->opnum, call->stub, call->big_endian, call->out),
	              n, call);
}

static enum rpc_run nspi_resume(void *context, struct rpc_call *call)
{
	struct nspi_call *n = call->state;

	(void)context;
	return run_of(nspi_call_run(n, call->out), n, call);
}

static void nspi_cancel(void *context, struct rpc_call *call)
{
	(void)context;
	nspi_call_cancel(call->state);
}

static void nspi_group_gone(void *context, uint64_t group)
{
	const struct listener *l = context;

	nspi_rundown(l->wiring->nspi, group);
}

static size_t nspi_group_holds(void *context, uint64_t group)
{
	const struct listener *l = context;

	return nspi_holds(l->wiring->nspi, group);
}

static const struct rpc_interface nspi_over_rpc = {
	.name = "nspi",
	.annotation = "NSPI",
	.uuid = &NSPI_INTERFACE,
	.version_major = NSPI_VERSION_MAJOR,
	.version_minor = NSPI_VERSION_MINOR,
	.opnum_count = NSPI_OPNUM_COUNT,
	.start = nspi_start,
	.resume = nspi_resume,
	.cancel = nspi_cancel,
	.rundown = nspi_group_gone,
	.holds = nspi_group_holds,
};

/* Which listener speaks what. */

static void offer(struct listener *l, const struct rpc_interface *interface, void *context)
{
	l->bindings[l->service.binding_count++] = (struct rpc_binding){ interface, context };
}

static void offer_interfaces(struct listener *l)
{
	switch (l->conf.service) {
	case SERVICE_RPC: offer(l, &nspi_over_rpc, l); break;
	case SERVICE_ENDPOINT_MAPPER:
		offer(l, &rpc_endpoint_mapper_interface, l->wiring->endpoints);
		break;
	}
	offer(l, &rpc_mgmt_interface, &l->service);
}

static void make_listener(struct wiring *w, struct listener *l, const struct conf_listener *conf)
{
	static const enum nspi_profile profiles[] = {
		[PROFILE_DIRECTORY] = NSPI_PROFILE_DIRECTORY,
		[PROFILE_EXCHANGE] = NSPI_PROFILE_EXCHANGE,
	};

	*l = (struct listener){
		.wiring = w,
		.conf = *conf,
		.profile = profiles[conf->profile],
		.service = {.bindings = l->bindings, .groups = w->groups, .limits = &w->limits},
	};
	l->conf.name = xstrdup(conf->name);
	l->conf.address = xstrdup(conf->address);
	offer_interfaces(l);
}

/* A response may be longer than max_answer: there is always room for one row. */
static void set_rpc_limits(struct wiring *w, const struct conf *c)
{
	w->limits.max_request_bytes = c->max_request_bytes;
	w->limits.max_call_memory = c->max_call_memory;
	w->limits.max_answer_bytes = c->max_call_memory;
	w->limits.bind_timeout_ms = c->bind_timeout_ms;
	w->limits.auth_timeout_ms = c->auth_timeout_ms;
	w->limits.idle_timeout_ms = c->idle_timeout_ms;
}

static struct net_limits net_limits_of(const struct conf *c)
{
	return (struct net_limits){
		.max_connections = c->max_connections,
		.max_connections_per_address = c->max_connections_per_address,
		.write_timeout_ms = c->write_timeout_ms,
		.keepalive_idle_s = c->keepalive_idle_s,
		.keepalive_interval_s = c->keepalive_interval_s,
		.keepalive_count = c->keepalive_count,
		.user_timeout_ms = c->user_timeout_ms,
		.max_unread_bytes = UNREAD_BYTES,
		.max_kept_bytes = c->max_reassembly_bytes,
		.max_unsent_bytes = c->max_unsent_bytes,
		/* The stub with the headers, padding and signatures of its fragments. */
		.max_output_bytes = c->max_call_memory + c->max_call_memory / 8 + RPC_MAX_PDU,
	};
}

struct wiring *wiring_new(const struct conf *c)
{
	const struct net_limits limits = net_limits_of(c);
	struct wiring *w = xcalloc(1, sizeof *w);

	w->conf = c;
	w->net = net_new(c->loops, &limits);
	w->groups = rpc_groups_new(c->max_reassembly_bytes);
	w->endpoints = rpc_endpoints_new();
	set_rpc_limits(w, c);
	net_set_loop_data(w->net, make_loop_data, free_loop_data, w);
	w->listener_count = c->listener_count;
	w->listeners = xcalloc(c->listener_count, sizeof *w->listeners);
	for (size_t i = 0; i < c->listener_count; i++)
		make_listener(w, &w->listeners[i], &c->listeners[i]);
	return w;
}

int wiring_listen(struct wiring *w, struct error *e)
{
	for (size_t i = 0; i < w->listener_count; i++) {
		struct listener *l = &w->listeners[i];
		int err = net_listen(w->net, l->conf.address, l->conf.port, &rpc_over_tcp, l,
		                     &l->port, e);
		if (err) {
			error_prefix(e, "listener \"%s\"", l->conf.name);
			return err;
		}
		if (l->conf.service == SERVICE_RPC)
			rpc_endpoints_add(w->endpoints, &nspi_over_rpc, RPC_NCACN_IP_TCP,
			                  strcmp(l->conf.address, "*") == 0 ? "" : l->conf.address,
			                  l->port);
	}
	return 0;
}

int wiring_serve(struct wiring *w, struct directory *directory, struct nspi_service *nspi,
                 struct auth_service *auth, struct error *e)
{
	w->directory = directory;
	w->nspi = nspi;
	for (size_t i = 0; i < w->listener_count; i++)
		w->listeners[i].service.auth = auth;
	return net_start(w->net, e);
}

void wiring_stop(struct wiring *w)
{
	net_stop(w->net, w->conf->stop_timeout_ms);
}

void wiring_reload(struct wiring *w, const struct conf *c)
{
	const struct net_limits limits = net_limits_of(c);

	w->conf = c;
	set_rpc_limits(w, c);
	rpc_groups_set_budget(w->groups, c->max_reassembly_bytes);
	net_set_limits(w->net, &limits);
}

size_t wiring_listeners(const struct wiring *w, struct wiring_listener *out, size_t max)
{
	size_t n = 0;

	for (; n < w->listener_count && n < max; n++)
		out[n] = (struct wiring_listener){ &w->listeners[n].conf, w->listeners[n].port };
	return n;
}

void wiring_free(struct wiring *w)
{
	if (!w)
		return;
	net_free(w->net);
	rpc_groups_free(w->groups);
	rpc_endpoints_free(w->endpoints);
	for (size_t i = 0; i < w->listener_count; i++) {
		free(w->listeners[i].conf.name);
		free(w->listeners[i].conf.address);
	}
	free(w->listeners);
	free(w);
}
