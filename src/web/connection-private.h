#ifndef WEB_CONNECTION_PRIVATE_H
#define WEB_CONNECTION_PRIVATE_H

/* One connection, the request in progress, and the parts that deal with it. */

#include "auth/password.h"
#include "web/client-private.h"

enum web_state {
	WEB_STATE_HEAD,    /* waits for a head, or is in the middle of one */
	WEB_STATE_LOGIN,   /* the login waits for its turn, or for the pool */
	WEB_STATE_BODY,    /* reads the body */
	WEB_STATE_RUNNING, /* the handler has parked the request */
	WEB_STATE_CLOSED,
};

/* The response as far as it is written. */
enum web_response_state {
	WEB_RESPONSE_NONE,
	WEB_RESPONSE_HEAD,
	WEB_RESPONSE_BODY,      /* in one piece, as long as the handler does not wait */
	WEB_RESPONSE_STREAMING, /* in chunks */
};

struct web_response {
	enum web_response_state state;
	struct buffer *out;
	size_t framing, body; /* offsets in out, of this call */
	bool bodiless;        /* 204, 304 */
};

/* A password check on the pool. */
struct web_job {
	struct web_connection *connection; /* NULL: has gone meanwhile */
	struct web_service *service;
	struct auth_password *password; /* the job's while it runs */
};

/* What a request needs; lent by the scratch. */
struct web_work {
	struct web_connection *connection;
	struct arena arena;
	struct web_settings *settings;
	struct http_request http;
	struct web_client client;
	struct http_body reading;
	struct buffer body;
	uint64_t body_size; /* as far as it has come, kept or not */
	size_t reserved;    /* of the budget for bodies */
	const struct web_route *route;
	struct web_request request;
	struct web_response response;

	struct principal *principal; /* of this request; NULL: nobody */
	struct buffer token;         /* for the client, of a login step */
	const char *scheme;          /* of that token */
	struct auth_password *password;
	struct web_job *job;
	uint64_t turn_ms; /* when a slowed-down login goes on; 0: it waits for the pool */
	uint16_t refusal; /* the body is read without keeping it, then this is answered */
};

/* What belongs to the connection, as NTLM does it: the login under way, or who logged in. */
struct web_login {
	struct auth_context *context;
	struct principal *principal;
	char address[INET6_ADDRSTRLEN]; /* of that client; a proxy may bring another's requests */
};

struct web_connection {
	struct web_service *service;
	struct web_scratch *scratch;
	struct web_peer peer;
	enum web_state state;
	enum web_next parked;
	bool keep_alive;
	bool local; /* the peer is on this host */
	uint32_t requests;
	size_t scanned;    /* of the head */
	uint64_t since_ms; /* of the head or body under way; 0: none */
	uint64_t active_ms;
	struct web_login login;
	struct web_work *work; /* NULL between requests */
};

/* scratch.c */
struct web_work *web_work_take(struct web_connection *c);
void web_work_give(struct web_connection *c, struct web_work *w);

/* login.c: who may send this request? */
enum web_login_result {
	WEB_LOGIN_GOOD,
	WEB_LOGIN_REFUSED, /* 401, with what it says to the client */
	WEB_LOGIN_WAITS,   /* for work->turn_ms, or for a wake */
	WEB_LOGIN_BUSY,    /* 503: too many are being checked */
};
enum web_login_result web_login_begin(struct web_connection *c, uint64_t now_ms);
enum web_login_result web_login_go_on(struct web_connection *c, uint64_t now_ms);
void web_login_put_offers(const struct web_connection *c, struct web_request *r);
void web_login_end(struct web_connection *c); /* of the connection */

/* basic.c: a login by name and password. */
enum web_login_result web_basic_begin(struct web_connection *c, struct slice credentials,
                                      uint64_t now_ms);
enum web_login_result web_basic_go_on(struct web_connection *c, uint64_t now_ms);
void web_basic_drop(struct web_work *w);

/* request.c: from a head to its answer. */
enum web_next web_request_head(struct web_connection *c, struct slice head, uint64_t now_ms,
                               struct buffer *out);
enum web_next web_request_malformed(struct web_connection *c, uint16_t status, struct buffer *out);
enum web_next web_request_login(struct web_connection *c, uint64_t now_ms, struct buffer *out);
enum web_next web_request_body(struct web_connection *c, struct slice data, size_t *consumed,
                               uint64_t now_ms, struct buffer *out);
enum web_next web_request_resume(struct web_connection *c, uint64_t now_ms, struct buffer *out);
enum web_next web_request_tick(struct web_connection *c, uint64_t now_ms, struct buffer *out);
void web_request_cancel(struct web_connection *c);

/* response.c: around each call of a handler. */
void web_response_enter(struct web_work *w, struct buffer *out);
void web_response_park(struct web_work *w);   /* what there is goes out in chunks */
void web_response_finish(struct web_work *w); /* it is whole */

#endif
