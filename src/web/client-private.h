#ifndef WEB_CLIENT_PRIVATE_H
#define WEB_CLIENT_PRIVATE_H

/* Who sent a request, and how safe the way was: the peer itself, or behind a proxy that the
 * configuration names, whom that says. */

#include <netinet/in.h>

#include "web/service-private.h"

struct web_client {
	char address[INET6_ADDRSTRLEN];
	bool proxied;
	bool tls;
	bool secure; /* TLS, or this host, or behind a believed proxy: passwords may travel there */
};

void web_client_of(const struct web_settings *settings, const struct web_peer *peer,
                   const struct http_head *head, struct web_client *out);

#endif
