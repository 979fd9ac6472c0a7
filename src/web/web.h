#ifndef WEB_WEB_H
#define WEB_WEB_H

/*
 * The server side of HTTP, without sockets: bytes in, bytes out. One struct web_connection is one
 * connection: what is read of a request, who logged in, the request in progress. A request whose
 * path has a route, and whose sender may, goes to the route's handler as a whole; requests of a
 * connection are answered one after the other, in order.
 *
 * A connection is used by one thread. The service, with its routes, is shared by all.
 *
 * How a handler answers:
 *
 *	enum web_run status_start(void *context, struct web_request *r)
 *	{
 *		web_respond(r, 200);
 *		web_header(r, "Content-Type", "text/plain");
 *		buffer_put_string(web_body(r), "ok\n");
 *		return WEB_DONE;
 *	}
 *
 * A response that is whole when the handler first returns has a Content-Length. One that has begun
 * when the handler waits or yields is sent in chunks: what there is of it goes out at once, and so
 * does what each later call adds. Whoever wants nothing sent yet begins later.
 */

#include <stdatomic.h>

#include "auth/auth.h"
#include "base/arena.h"
#include "http/http.h"

enum web_run {
	WEB_DONE,  /* the response is whole */
	WEB_YIELD, /* resume after other events */
	WEB_WAIT,  /* resume once the handler has had the driver woken, see web_peer.driver */
};

enum web_method {
	WEB_GET = 1,
	WEB_HEAD = 2, /* answered as GET; the body is not sent */
	WEB_POST = 4,
	WEB_OTHER = 8, /* whatever it is: the handler looks at r->method */
	WEB_ANY_METHOD = 15,
};

/* One request, as a handler sees it. It stays where it is, with all that it points to, until DONE
 * or cancel. */
struct web_request {
	struct arena *arena;
	const struct http_head *head; /* http_header(), http_cookie() */
	struct slice method;
	struct slice path;  /* unescaped; no "." or ".." segment, no control character in it */
	struct slice rest;  /* of the path, behind the route's */
	struct slice query; /* as sent; { NULL, 0 } without one */
	struct slice host;  /* as sent, maybe with a port; { NULL, 0 } without one */
	struct slice body;
	bool too_large; /* the body was longer than max_body and is not here; see web_handler */
	bool tls;       /* the client's connection, as far as we know, is secured */
	const struct principal *principal; /* never NULL */
	const char *client_address;        /* numeric; behind a believed proxy, what that says */
	const struct web_peer *peer;       /* the connection itself */
	uint64_t now_ms;                   /* monotonic, of this call */
	uint64_t tick_ms;      /* set it: call tick() then, while the handler waits; 0: do not */
	void *state;           /* the handler's, between calls */
	struct web_work *work; /* web/ only */
};

struct web_handler {
	const char *name;    /* for logs */
	unsigned methods;    /* enum web_method, ored; others get 405 */
	bool anonymous;      /* whoever asks; else 401 until the client has logged in */
	bool sees_too_large; /* is called with too_large (the connection ends then); else 413 */
	size_t max_body;     /* and never more than the limits allow */
	enum web_run (*start)(void *context, struct web_request *r);
	enum web_run (*resume)(void *context, struct web_request *r); /* NULL: never needed */
	/* Between start and DONE, when tick_ms has come (which is 0 again): may add to the
	 * response, which is sent at once. NULL: never needed. */
	void (*tick)(void *context, struct web_request *r);
	/* Instead of resume, when the peer has gone. NULL: nothing to do. */
	void (*cancel)(void *context, struct web_request *r);
};

struct web_route {
	const char *path; /* "/mapi/nspi/": that, all below it, and without its last slash; else
	                     exactly that. Compared without case; the longest wins */
	const struct web_handler *handler;
	void *context;
};

/* The response. In this order: web_respond, web_header as often as wanted, web_body. */
void web_respond(struct web_request *r, uint16_t status);
void web_header(struct web_request *r, const char *name, const char *value);
void web_header_slice(struct web_request *r, const char *name, struct slice value);
void web_header_number(struct web_request *r, const char *name, uint64_t value);
/* name, value and path are ours. Over TLS the client keeps it for TLS. */
void web_cookie(struct web_request *r, const char *name, struct slice value, const char *path);
/* Ends the head. Append the body; ask again in each call. Beyond the limit of what the driver
 * lent the connection is closed. */
struct buffer *web_body(struct web_request *r);
bool web_responded(const struct web_request *r); /* web_respond has been called */
/* A whole response of one line of plain text. */
void web_answer(struct web_request *r, uint16_t status, const char *text);

/* Each may be changed at any time, from any thread. */
struct web_limits {
	_Atomic uint32_t max_call_memory; /* arena ceiling, beside the request itself */
	_Atomic uint32_t head_timeout_ms; /* from the first byte of a request to its last header */
	_Atomic uint32_t body_timeout_ms; /* from there to the end of the body */
	_Atomic uint32_t idle_timeout_ms; /* between requests; 0: none */
	_Atomic uint32_t max_requests;    /* of a connection, which is closed then; 0: any number */
	_Atomic uint32_t max_request_bytes; /* of one body */
	_Atomic uint64_t max_body_bytes;    /* of all half-received bodies together */
};

enum web_binding { WEB_BINDING_OFF, WEB_BINDING_ACCEPT, WEB_BINDING_REQUIRE };

/* Copied. */
struct web_config {
	bool basic;                 /* offered where it is safe */
	bool negotiate;             /* NTLM and Negotiate are offered */
	bool proxied_negotiate;     /* also through proxies: those must not share connections */
	enum web_binding binding;   /* extended protection of NTLM logins over TLS */
	const char *realm;          /* of Basic */
	const char *const *proxies; /* "192.0.2.1", "10.0.0.0/8", "2001:db8::/32": believed */
	size_t proxy_count;
};

/* What the connections of one listener share: routes, logins, the cache of good passwords.
 * Thread-safe. */
struct web_service;

/* Has job's work run where it may block, then done on the driver's thread: also when the connection
 * has gone meanwhile. */
struct web_pool {
	void (*run)(void *driver, void (*work)(void *job), void (*done)(void *job), void *job);
	void (*wake)(void *driver);
};

/* Borrows all but config. 0 or ERR_INVALID with what is wrong about the configuration: then the old
 * one stays in force. */
int web_service_new(const struct web_config *config, struct auth_service *auth,
                    const struct web_pool *pool, const struct web_limits *limits,
                    const struct web_route *routes, size_t route_count,
                    struct web_service **service, struct error *e);
int web_service_reconfigure(struct web_service *s, const struct web_config *config,
                            struct error *e);
void web_service_free(struct web_service *s); /* after its connections; NULL is fine */

/* The strings are borrowed and outlive the connection. */
struct web_peer {
	const char *address; /* numeric */
	uint16_t port;
	bool tls;
	struct slice tls_binding; /* tls-server-end-point, RFC 5929: the certificate's hash */
	void *driver;             /* whose this connection is; a handler that WAITs wakes it */
};

/* Memory that requests are handled in, one of it a loop, lent to the connections of that loop. */
struct web_scratch;
struct web_scratch *web_scratch_new(void);
void web_scratch_free(struct web_scratch *s); /* after all its connections; NULL is fine */

struct web_connection;

/* What the driver has to do next. */
enum web_next {
	WEB_NEXT_READ,   /* give more input when there is some */
	WEB_NEXT_RESUME, /* call web_connection_resume() after other events; no input meanwhile */
	WEB_NEXT_WAIT,   /* as RESUME, but only once woken; the deadline counts meanwhile */
	WEB_NEXT_CLOSE,  /* send what is in out, then close */
};

/* Never NULL. peer is copied, its strings are not. */
struct web_connection *web_connection_new(struct web_service *service, struct web_scratch *scratch,
                                          const struct web_peer *peer, uint64_t now_ms);
/* Also cancels a request in progress. NULL is fine. */
void web_connection_free(struct web_connection *c);

/* Consumes from data and appends answers to out. *consumed tells how much was taken; the driver
 * keeps the rest and gives it again with more behind it: it never has to keep more than
 * HTTP_MAX_HEAD. */
enum web_next web_connection_input(struct web_connection *c, struct slice data, size_t *consumed,
                                   uint64_t now_ms, struct buffer *out);
enum web_next web_connection_resume(struct web_connection *c, uint64_t now_ms, struct buffer *out);

/* When the driver should call web_connection_timer at the latest (monotonic ms); 0: never. Ask
 * again after each input, resume and timer. */
uint64_t web_connection_deadline(const struct web_connection *c);
enum web_next web_connection_timer(struct web_connection *c, uint64_t now_ms, struct buffer *out);

#endif
