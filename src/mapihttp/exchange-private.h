#ifndef MAPIHTTP_EXCHANGE_PRIVATE_H
#define MAPIHTTP_EXCHANGE_PRIVATE_H

/* One request and its response, from the first byte to the last. */

#include "mapihttp/contexts-private.h"

struct mapihttp {
	const struct mapihttp_endpoint *endpoint;
	void *context; /* the endpoint's */
	const struct mapihttp_limits *limits;
	struct contexts *contexts;
};

struct exchange { /* in the request's arena */
	struct mapihttp *mapihttp;
	struct web_request *request;
	enum mapihttp_kind kind;
	bool ping;
	struct mapihttp_call call;
	struct context *context; /* in the hands of this request; NULL: none */
	uint64_t started_ms, started_wall_ms;
	uint64_t due_ms; /* of the next sign of life, once the response has begun */
};

/* response.c */
/* The whole response of a request that is not, or no longer, for the endpoint. */
void exchange_fail(struct exchange *x, enum mapihttp_code code);
/* The rest of the response, or all of it, with the endpoint's body. */
void exchange_succeed(struct exchange *x);
/* Of a request that takes longer: begins the response, says from time to time that it goes on. */
void exchange_keep_alive(struct exchange *x);

#endif
