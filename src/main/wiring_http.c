#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "main/wiring-private.h"

/* A connection that speaks HTTP. */
struct peer {
	const struct listener *listener;
	struct net_connection *connection;
	struct web_connection *web;
	char address[ADDRESS_TEXT_SIZE];
};

/* HTTP: net/ <-> web/ */

static void *peer_open(struct net_connection *c, void *context)
{
	const struct listener *l = context;
	struct peer *p = xcalloc(1, sizeof *p);

	p->listener = l;
	p->connection = c;
	const struct web_peer about = {
		.address = address_text(net_connection_peer(c), p->address),
		.port = net_connection_peer(c)->port,
		.tls = l->tls != NULL,
		.tls_binding = net_connection_tls_binding(c),
		.driver = p,
	};
	p->web = web_connection_new(l->wiring->web, loop_data_of(c)->web, &about, clock_mono_ms());
	net_connection_set_deadline(c, web_connection_deadline(p->web));
	return p;
}

static enum net_next hand_back(struct peer *p, enum web_next next)
{
	static const enum net_next nexts[] = {
		[WEB_NEXT_READ] = NET_READ,
		[WEB_NEXT_RESUME] = NET_RESUME,
		[WEB_NEXT_WAIT] = NET_WAIT,
		[WEB_NEXT_CLOSE] = NET_CLOSE,
	};

	net_connection_set_deadline(p->connection, web_connection_deadline(p->web));
	return nexts[next];
}

static enum net_next peer_input(void *state, struct slice data, size_t *consumed,
                                struct buffer *out)
{
	struct peer *p = state;

	return hand_back(p, web_connection_input(p->web, data, consumed, clock_mono_ms(), out));
}

static enum net_next peer_resume(void *state, struct buffer *out)
{
	struct peer *p = state;

	return hand_back(p, web_connection_resume(p->web, clock_mono_ms(), out));
}

static enum net_next peer_timer(void *state, struct buffer *out)
{
	struct peer *p = state;

	return hand_back(p, web_connection_timer(p->web, clock_mono_ms(), out));
}

static void peer_close(void *state)
{
	struct peer *p = state;

	web_connection_free(p->web);
	free(p);
}

const struct net_protocol wiring_http = {
	.name = "http",
	.open = peer_open,
	.input = peer_input,
	.resume = peer_resume,
	.timer = peer_timer,
	.close = peer_close,
};

struct net_connection *wiring_http_connection(const struct web_peer *peer)
{
	const struct peer *p = peer->driver;

	return p->connection;
}

const struct listener *wiring_http_listener(const struct web_peer *peer)
{
	const struct peer *p = peer->driver;

	return p->listener;
}

static void pool_run(void *driver, void (*work)(void *job), void (*done)(void *job), void *job)
{
	const struct peer *p = driver;

	net_work(net_connection_loop(p->connection), work, done, job);
}

static void pool_wake(void *driver)
{
	const struct peer *p = driver;

	net_wake(net_connection_ticket(p->connection));
}

static const struct web_pool pool = {.run = pool_run, .wake = pool_wake};

/* What is served where. */

static enum web_run status_start(void *context, struct web_request *r)
{
	(void)context;
	web_answer(r, 200, "ok");
	return WEB_DONE;
}

/* For load balancers and for whoever looks whether it lives. */
static const struct web_handler status_page = {
	.name = "status",
	.methods = WEB_GET | WEB_HEAD,
	.anonymous = true,
	.start = status_start,
};

static enum web_run login_start(void *context, struct web_request *r)
{
	(void)context;
	web_respond(r, 200);
	web_header(r, "Content-Type", "text/plain; charset=utf-8");
	buffer_printf(web_body(r), "account=%s mechanism=%s client=%s tls=%s\n",
	              r->principal->account, r->principal->mechanism, r->client_address,
	              r->tls ? "yes" : "no");
	return WEB_DONE;
}

/* What a login through all proxies comes to, for whoever sets them up. */
static const struct web_handler login_page = {
	.name = "login",
	.methods = WEB_GET | WEB_HEAD | WEB_POST,
	.max_body = 1 << 20,
	.start = login_start,
};

static void route(struct wiring *w, const char *path, const struct web_handler *handler,
                  void *context)
{
	w->routes[w->route_count++] = (struct web_route){path, handler, context};
}

/* Of what is below /mapi/ and not an endpoint clients of MAPI are told in their own way. */
static void make_routes(struct wiring *w)
{
	route(w, "/nspid/login", &login_page, NULL);
	route(w, "/nspid/status", &status_page, NULL);
	route(w, "/mapi/nspi/", &mapihttp_handler, w->mapihttp);
	route(w, "/mapi/", &mapihttp_no_endpoint, w->mapihttp);
	route(w, "/autodiscover/autodiscover.xml", &wiring_autodiscover, w);
}

static struct web_config config_of(const struct conf *c)
{
	static const enum web_binding bindings[] = {
		[BINDING_OFF] = WEB_BINDING_OFF,
		[BINDING_ACCEPT] = WEB_BINDING_ACCEPT,
		[BINDING_REQUIRE] = WEB_BINDING_REQUIRE,
	};

	return (struct web_config){
		.basic = c->http_basic,
		.negotiate = c->ntlm,
		.proxied_negotiate = c->http_proxy_ntlm,
		.binding = bindings[c->http_binding],
		.realm = "nspid",
		.proxies = (const char *const *)c->http_proxies.items,
		.proxy_count = c->http_proxies.count,
	};
}

static void set_limits(struct wiring *w, const struct conf *c)
{
	bool unlimited = c->http_max_requests == CONF_UNLIMITED;

	w->web_limits.max_call_memory = c->max_call_memory;
	w->web_limits.head_timeout_ms = c->http_head_timeout_ms;
	w->web_limits.body_timeout_ms = c->http_body_timeout_ms;
	w->web_limits.idle_timeout_ms = c->http_idle_timeout_ms;
	w->web_limits.max_requests = unlimited ? 0 : c->http_max_requests;
	w->web_limits.max_request_bytes = c->max_request_bytes;
	w->web_limits.max_body_bytes = c->max_reassembly_bytes;
	wiring_mapihttp_set_limits(&w->mapihttp_limits, c);
}

int wiring_http_start(struct wiring *w, struct auth_service *auth, struct error *e)
{
	const struct web_config config = config_of(w->conf);

	set_limits(w, w->conf);
	w->mapihttp = mapihttp_new(&wiring_nspi_over_http, w, &w->mapihttp_limits);
	make_routes(w);
	return web_service_new(&config, auth, &pool, &w->web_limits, w->routes, w->route_count,
	                       &w->web, e);
}

void wiring_http_stop(struct wiring *w)
{
	mapihttp_free(w->mapihttp);
	w->mapihttp = NULL;
}

void wiring_http_reload(struct wiring *w, const struct conf *c)
{
	const struct web_config config = config_of(c);
	struct error e = {0};

	set_limits(w, c);
	if (web_service_reconfigure(w->web, &config, &e))
		log_error("http: %s; what was in force before still is", e.text);
}
