#ifndef WEB_CLIENT_PRIVATE_H
#define WEB_CLIENT_PRIVATE_H

/* Who sent a request, and how safe the way was: the peer itself, or behind a proxy that the
 * configuration names, whom that says. */

#include <netinet/in.h>

#include "web/service-private.h"

struct web_client {
	const char *address;              /* the peer's, or forwarded */
	char forwarded[INET6_ADDRSTRLEN]; /* what a proxy said */
	bool proxied;
	bool tls;
	bool secure; /* TLS, or this host, or behind a believed proxy: passwords may travel there */
};

/* local: the peer is on this host. */
void web_client_of(const struct web_settings *settings, const struct web_peer *peer, bool local,
                   const struct http_head *head, struct web_client *out);

#endif
