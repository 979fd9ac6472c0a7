#include "main/wiring.h"

#include <stdlib.h>

#include "base/memory.h"
#include "main/wiring-private.h"

enum {
	UNREAD_BYTES = 128 << 10
}; /* of a connection: the longest PDU or head, and what came behind */

static void *make_loop_data(void *context)
{
	const struct wiring *w = context;
	struct loop_data *d = xcalloc(1, sizeof *d);

	d->rpc = rpc_scratch_new();
	d->web = web_scratch_new();
	directory_reader_init(&d->reader, w->directory);
	return d;
}

static void free_loop_data(void *data)
{
	struct loop_data *d = data;

	directory_reader_done(&d->reader);
	rpc_scratch_free(d->rpc);
	web_scratch_free(d->web);
	free(d);
}

static void wake_connection(void *loop, uint64_t connection)
{
	net_wake((struct net_ticket){.loop = loop, .id = connection});
}

struct nspi_waker wiring_waker(struct net_connection *c)
{
	struct net_ticket ticket = net_connection_ticket(c);

	return (struct nspi_waker){wake_connection, ticket.loop, ticket.id};
}

/* Which listener speaks what. */

static void offer(struct listener *l, const struct rpc_interface *interface, void *context)
{
	l->bindings[l->service.binding_count++] = (struct rpc_binding){interface, context};
}

static void offer_interfaces(struct listener *l)
{
	switch (l->conf.service) {
	case SERVICE_RPC:
		offer(l, &wiring_nspi_over_rpc, l);
		offer(l, &wiring_rfr_over_rpc, l->wiring);
		break;
	case SERVICE_ENDPOINT_MAPPER:
		offer(l, &rpc_endpoint_mapper_interface, l->wiring->endpoints);
		break;
	case SERVICE_HTTP:
	case SERVICE_HTTPS: return;
	}
	offer(l, &rpc_mgmt_interface, &l->service);
}

static void settle_profile(struct listener *l)
{
	bool http = l->conf.service == SERVICE_HTTP || l->conf.service == SERVICE_HTTPS;

	if (l->conf.profile == PROFILE_AUTO)
		l->conf.profile = http ? PROFILE_EXCHANGE : PROFILE_DIRECTORY;
	l->profile = l->conf.profile == PROFILE_EXCHANGE ? NSPI_PROFILE_EXCHANGE
	                                                 : NSPI_PROFILE_DIRECTORY;
}

static void make_listener(struct wiring *w, struct listener *l, const struct conf_listener *conf)
{
	*l = (struct listener){
		.wiring = w,
		.conf = *conf,
		.service = {.bindings = l->bindings,
	                    .groups = w->groups,
	                    .limits = &w->limits,
	                    .local_address = wiring_rpc_local_address},
	};
	settle_profile(l);
	l->conf.name = xstrdup(conf->name);
	l->conf.address = xstrdup(conf->address);
	l->conf.certificate = xstrdup(conf->certificate);
	l->conf.key = xstrdup(conf->key);
	if (conf->service == SERVICE_HTTPS)
		l->tls = net_tls_new();
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
	wiring_rfr_configure(w, c);
	net_set_loop_data(w->net, make_loop_data, free_loop_data, w);
	w->listener_count = c->listener_count;
	w->listeners = xcalloc(c->listener_count, sizeof *w->listeners);
	for (size_t i = 0; i < c->listener_count; i++)
		make_listener(w, &w->listeners[i], &c->listeners[i]);
	return w;
}

static const struct net_protocol *protocol_of(const struct listener *l)
{
	bool http = l->conf.service == SERVICE_HTTP || l->conf.service == SERVICE_HTTPS;
	return http ? &wiring_http : &wiring_rpc_over_tcp;
}

static int listen_on(struct wiring *w, struct listener *l, struct error *e)
{
	const struct conf_listener *c = &l->conf;
	const struct net_protocol *protocol = protocol_of(l);

	return l->tls
	             ? net_listen_tls(w->net, l->tls, c->address, c->port, protocol, l, &l->port, e)
	             : net_listen(w->net, c->address, c->port, protocol, l, &l->port, e);
}

static void map_endpoints(struct wiring *w, const struct listener *l)
{
	const char *address = strcmp(l->conf.address, "*") == 0 ? "" : l->conf.address;

	rpc_endpoints_add(w->endpoints, &wiring_nspi_over_rpc, RPC_NCACN_IP_TCP, address, l->port);
	rpc_endpoints_add(w->endpoints, &wiring_rfr_over_rpc, RPC_NCACN_IP_TCP, address, l->port);
}

int wiring_listen(struct wiring *w, struct error *e)
{
	for (size_t i = 0; i < w->listener_count; i++) {
		struct listener *l = &w->listeners[i];
		int err = listen_on(w, l, e);
		if (err) {
			error_prefix(e, "listener \"%s\"", l->conf.name);
			return err;
		}
		l->service.port = l->port;
		if (l->conf.service == SERVICE_RPC)
			map_endpoints(w, l);
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
	int err = wiring_load_certificates(w, e);
	if (!err)
		err = wiring_http_start(w, auth, e);
	return err ? err : net_start(w->net, e);
}

void wiring_stop(struct wiring *w)
{
	w->mapihttp_limits.shutting_down = true;
	net_stop(w->net, w->conf->stop_timeout_ms);
	wiring_http_stop(w);
}

void wiring_reload(struct wiring *w, const struct conf *c)
{
	const struct net_limits limits = net_limits_of(c);

	w->conf = c;
	set_rpc_limits(w, c);
	rpc_groups_set_budget(w->groups, c->max_reassembly_bytes);
	net_set_limits(w->net, &limits);
	wiring_rfr_configure(w, c);
	wiring_http_reload(w, c);
}

void wiring_tick(struct wiring *w)
{
	mapihttp_tick(w->mapihttp);
}

size_t wiring_listeners(const struct wiring *w, struct wiring_listener *out, size_t max)
{
	size_t n = 0;

	for (; n < w->listener_count && n < max; n++)
		out[n] = (struct wiring_listener){&w->listeners[n].conf, w->listeners[n].port};
	return n;
}

void wiring_free(struct wiring *w)
{
	if (!w)
		return;
	net_free(w->net);
	web_service_free(w->web);
	rpc_groups_free(w->groups);
	rpc_endpoints_free(w->endpoints);
	rfr_free(w->rfr);
	for (size_t i = 0; i < w->listener_count; i++) {
		free(w->listeners[i].conf.name);
		free(w->listeners[i].conf.address);
		free(w->listeners[i].conf.certificate);
		free(w->listeners[i].conf.key);
		net_tls_free(w->listeners[i].tls);
	}
	free(w->listeners);
	free(w);
}
