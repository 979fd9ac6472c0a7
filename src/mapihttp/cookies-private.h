#ifndef MAPIHTTP_COOKIES_PRIVATE_H
#define MAPIHTTP_COOKIES_PRIVATE_H

/* The cookies of a session context, 3.2.5.1: MapiContext names it, MapiSequence is that of the next
 * request, and new in each response. */

#include "mapihttp/contexts-private.h"

struct cookies {
	bool has_context, has_sequence; /* they are there */
	bool context_valid;             /* it could be one of ours */
	struct guid context;
	uint64_t sequence; /* of one that could not be ours, any */
};

void cookies_read(const struct http_head *head, struct cookies *c);

/* Set-Cookie headers of the response that has begun. */
void cookies_put(struct web_request *r, const char *path, const struct context *c);

#endif
