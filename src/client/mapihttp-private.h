#ifndef CLIENT_MAPIHTTP_PRIVATE_H
#define CLIENT_MAPIHTTP_PRIVATE_H

/* The client's side of the envelope of MAPI over HTTP: headers, meta-tags, and the cookies of any
 * number of session contexts. One thread. */

#include "base/guid.h"
#include "client/http_connection-private.h"

struct mapihttp_client;

struct mapihttp_client *mapihttp_client_new(const struct http_connection_config *config);
void mapihttp_client_free(struct mapihttp_client *c); /* NULL is fine */

/* Session contexts are known by ids of our own making. */
void mapihttp_client_open(struct mapihttp_client *c, struct guid *session);
void mapihttp_client_drop(struct mapihttp_client *c, const struct guid *session);

/* A request of that context. The reply is borrowed until the next use of the client. ERR_DENIED: an
 * X-ResponseCode, or no login. */
int mapihttp_client_call(struct mapihttp_client *c, const struct guid *session,
                         const char *request_type, struct slice body, struct slice *reply,
                         struct error *e);

#endif
