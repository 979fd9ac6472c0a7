#ifndef MAIN_WIRING_H
#define MAIN_WIRING_H

/*
 * Which listener speaks what: the only place that knows sockets and protocols, protocols and
 * interfaces. Made before the address book is there, so that ports can be bound first; serves after
 * wiring_serve().
 */

#include "auth/auth.h"
#include "conf/conf.h"
#include "net/net.h"
#include "nspi/nspi.h"
#include "rpc/rpc.h"

struct wiring;

/* Borrows the configuration, until the next wiring_reload(). */
struct wiring *wiring_new(const struct conf *c);
void wiring_free(struct wiring *w); /* NULL is fine */

/* Binds every listener. */
int wiring_listen(struct wiring *w, struct error *e);

/* Starts to answer; what is given here is borrowed until wiring_stop(). */
int wiring_serve(struct wiring *w, struct directory *directory, struct nspi_service *nspi,
                 struct auth_service *auth, struct error *e);
/* Ends all connections; answers under way get the configured time. */
void wiring_stop(struct wiring *w);

/* Reads those of all listeners again; what cannot be read is told, and stays as it was. */
int wiring_load_certificates(struct wiring *w, struct error *e);

/* The limits and timeouts of another configuration. */
void wiring_reload(struct wiring *w, const struct conf *c);

/* Ends sessions that have been idle for too long, where that is how they end. For one thread to
 * call every second or so while it serves. */
void wiring_tick(struct wiring *w);

/* What a listener is called, and the port it has. */
struct wiring_listener {
	const struct conf_listener *conf;
	uint16_t port;
};
size_t wiring_listeners(const struct wiring *w, struct wiring_listener *out, size_t max);

#endif
