#ifndef MAIN_WIRING_PRIVATE_H
#define MAIN_WIRING_PRIVATE_H

/* What the parts of the wiring share: one file a protocol. */

#include "main/wiring.h"
#include "mapihttp/mapihttp.h"
#include "net/tls.h"
#include "rfr/rfr.h"
#include "web/web.h"

enum { MAX_BINDINGS = 3, MAX_ROUTES = 8 };

/* A listener, and the service that its associations share. */
struct listener {
	struct wiring *wiring;
	struct conf_listener conf; /* its strings are our own */
	uint16_t port;
	struct net_tls *tls; /* NULL: none is spoken */
	enum nspi_profile profile;
	struct rpc_binding bindings[MAX_BINDINGS];
	struct rpc_service service; /* of RPC */
};

struct wiring {
	const struct conf *conf;
	struct net *net;
	struct rpc_limits limits;
	struct rpc_groups *groups;
	struct rpc_endpoints *endpoints;
	struct web_limits web_limits;
	struct web_route routes[MAX_ROUTES];
	size_t route_count;
	struct web_service *web; /* of all HTTP listeners, once they serve */
	struct mapihttp_limits mapihttp_limits;
	struct mapihttp *mapihttp; /* while they serve */
	struct rfr *rfr;
	_Atomic bool anybody_reads; /* without a login */
	struct directory *directory;
	struct nspi_service *nspi;
	struct listener *listeners;
	size_t listener_count;
};

/* What all connections of a loop share. */
struct loop_data {
	struct rpc_scratch *rpc;
	struct web_scratch *web;
	struct directory_reader reader;
};

static inline struct loop_data *loop_data_of(struct net_connection *c)
{
	return net_loop_data(net_connection_loop(c));
}

/* Wakes the connection of a call that waits. */
struct nspi_waker wiring_waker(struct net_connection *c);

/* wiring_rpc.c: context is the listener, an association's driver its connection. */
struct address wiring_rpc_local_address(void *driver);
extern const struct net_protocol wiring_rpc_over_tcp;
extern const struct rpc_interface wiring_nspi_over_rpc;

/* wiring_http.c: context is the listener. */
extern const struct net_protocol wiring_http;
int wiring_http_start(struct wiring *w, struct auth_service *auth, struct error *e);
void wiring_http_reload(struct wiring *w, const struct conf *c);
void wiring_http_stop(struct wiring *w); /* after the last connection */
/* Of whom a handler has before it. */
struct net_connection *wiring_http_connection(const struct web_peer *peer);
const struct listener *wiring_http_listener(const struct web_peer *peer);

/* wiring_rfr.c: context is the wiring. */
extern const struct rpc_interface wiring_rfr_over_rpc;
void wiring_rfr_configure(struct wiring *w, const struct conf *c);

/* wiring_autodiscover.c: context is the wiring. */
extern const struct web_handler wiring_autodiscover;

/* wiring_mapihttp.c: context is the wiring. */
extern const struct mapihttp_endpoint wiring_nspi_over_http;
void wiring_mapihttp_set_limits(struct mapihttp_limits *limits, const struct conf *c);

#endif
