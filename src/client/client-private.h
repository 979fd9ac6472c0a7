#ifndef CLIENT_CLIENT_PRIVATE_H
#define CLIENT_CLIENT_PRIVATE_H

#include "client/client.h"
#include "client/connection-private.h"

/* The calls as they are on the wire, for who makes many of them and looks at no row. */
struct connection *client_connection(struct client *c);

#endif
