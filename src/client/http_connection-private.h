#ifndef CLIENT_HTTP_CONNECTION_PRIVATE_H
#define CLIENT_HTTP_CONNECTION_PRIVATE_H

/* POST to one path of one server, over a connection that is kept, logged in: blocking. One thread.
 */

#include "auth/auth.h"
#include "client/stream-private.h"
#include "http/http.h"

struct http_connection;

enum http_login { HTTP_LOGIN_NONE, HTTP_LOGIN_BASIC, HTTP_LOGIN_NTLM, HTTP_LOGIN_NEGOTIATE };

/* All strings are borrowed, as long as the connection lives. */
struct http_connection_config {
	struct stream_config stream;
	const char *path;
	enum http_login login;
	struct auth_initiator_config auth;
};

struct http_connection *http_connection_new(const struct http_connection_config *config);
void http_connection_free(struct http_connection *c); /* NULL is fine */

struct http_reply { /* borrowed until the next use of the connection */
	struct http_response head;
	struct slice body;
};

/* headers: lines of the head beside those that any request has. ERR_DENIED: not logged in. */
int http_connection_post(struct http_connection *c, struct slice headers, struct slice body,
                         struct http_reply *reply, struct error *e);

#endif
