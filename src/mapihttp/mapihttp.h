#ifndef MAPIHTTP_MAPIHTTP_H
#define MAPIHTTP_MAPIHTTP_H

/*
 * MAPI over HTTP (MS-OXCMAPIHTTP), server side, without sockets: the envelope around the requests
 * of an endpoint. Headers, session contexts with their cookies, sequence and expiry, responses that
 * begin before they are done. What the requests are is the endpoint's business: it is given.
 *
 * A session context belongs to the account that opened it, and lives until it is closed, replaced
 * or idle for too long; requests of it may come on any connection, one at a time. Safe from any
 * thread.
 */

#include <stdatomic.h>

#include "base/guid.h"
#include "web/web.h"

/* X-ResponseCode, 2.2.3.3.3 */
enum mapihttp_code {
	MAPIHTTP_SUCCESS = 0,
	MAPIHTTP_UNKNOWN_FAILURE = 1,
	MAPIHTTP_INVALID_VERB = 2,
	MAPIHTTP_INVALID_PATH = 3,
	MAPIHTTP_INVALID_HEADER = 4,
	MAPIHTTP_INVALID_REQUEST_TYPE = 5,
	MAPIHTTP_INVALID_CONTEXT_COOKIE = 6,
	MAPIHTTP_MISSING_HEADER = 7,
	MAPIHTTP_ANONYMOUS_NOT_ALLOWED = 8,
	MAPIHTTP_TOO_LARGE = 9,
	MAPIHTTP_CONTEXT_NOT_FOUND = 10,
	MAPIHTTP_NO_PRIVILEGE = 11,
	MAPIHTTP_INVALID_BODY = 12,
	MAPIHTTP_MISSING_COOKIE = 13,
	MAPIHTTP_INVALID_SEQUENCE = 15,
	MAPIHTTP_ENDPOINT_DISABLED = 16,
	MAPIHTTP_INVALID_RESPONSE = 17,
	MAPIHTTP_SHUTTING_DOWN = 18,
};

/* "Context Not Found"; NULL for one that is none, and for success. */
const char *mapihttp_code_name(enum mapihttp_code code);

/* What a request type has to do with session contexts. */
enum mapihttp_kind {
	MAPIHTTP_UNKNOWN,  /* no such type */
	MAPIHTTP_OPENS,    /* Bind */
	MAPIHTTP_CLOSES,   /* Unbind */
	MAPIHTTP_INSIDE,   /* needs one */
	MAPIHTTP_ANYWHERE, /* needs none; PING is one, and answered here */
};

/* One request, as the endpoint sees it. It stays where it is, with all that it points to, until
 * DONE or cancel. */
struct mapihttp_call {
	struct arena *arena;
	struct slice request_type, body;
	const struct web_request *request; /* who asks, and from where */
	uint64_t group;      /* of the context, never given out twice; 0: outside of one */
	struct guid session; /* what the context stands for; set by what OPENS, zero to refuse */
	enum mapihttp_code code; /* set it to fail; CONTEXT_NOT_FOUND ends the context */
	void *state;             /* the endpoint's */
};

struct mapihttp_endpoint {
	const char *path; /* of its cookies */
	enum mapihttp_kind (*kind)(void *context, struct slice request_type);
	enum web_run (*start)(void *context, struct mapihttp_call *call);
	enum web_run (*resume)(void *context, struct mapihttp_call *call);
	/* After DONE with code 0: appends the body. False: it cannot be written. */
	bool (*answer)(void *context, struct mapihttp_call *call, struct buffer *out);
	/* Instead of resume or answer, when the peer has gone. */
	void (*cancel)(void *context, struct mapihttp_call *call);
	/* The context has gone, with whatever it still held. */
	void (*end)(void *context, uint64_t group, bool expired);
};

/* Each may be changed at any time, from any thread. */
struct mapihttp_limits {
	_Atomic uint32_t session_timeout_ms; /* without a request */
	_Atomic uint32_t moment_ms;          /* after which a response begins that is not done */
	_Atomic uint32_t pending_ms;         /* between its PENDINGs */
	_Atomic bool disabled;               /* everything is refused */
	_Atomic bool shutting_down;          /* the same, for good */
};

struct mapihttp;

/* Borrows all. */
struct mapihttp *mapihttp_new(const struct mapihttp_endpoint *endpoint, void *context,
                              const struct mapihttp_limits *limits);
void mapihttp_free(struct mapihttp *m); /* after all its requests; NULL is fine */

/* Ends what has been idle for too long. For one thread to call every second or so. */
void mapihttp_tick(struct mapihttp *m);

size_t mapihttp_count(struct mapihttp *m); /* session contexts */

/* For a route of web/ with a struct mapihttp as its context. It is for the endpoint's path and all
 * below it. */
extern const struct web_handler mapihttp_handler;
/* The same where no endpoint is: it says so in the way of this protocol. */
extern const struct web_handler mapihttp_no_endpoint;

#endif
