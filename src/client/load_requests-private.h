#ifndef CLIENT_LOAD_REQUESTS_PRIVATE_H
#define CLIENT_LOAD_REQUESTS_PRIVATE_H

/* What load consists of: entries of the book to ask for, and the requests that do. */

#include "client/load.h"

struct load_sample { /* of entries at random positions of the list; in the arena */
	struct slice *names;
	uint32_t *mids;
	uint32_t count;
	uint32_t total; /* entries of the list */
};

struct load_source {
	const struct load_config *config;
	struct load_sample sample;
	struct mapi_tags page; /* columns to ask for */
	uint64_t random;       /* state */
};

/* Writes a request for a session; returns its opnum. reply is that of the request before it, of
 * operations that take two. */
typedef uint16_t load_request_fn(struct load_source *s, const struct nspi_handle *handle,
                                 struct slice reply, struct buffer *stub);

struct load_operation {
	const char *name;
	load_request_fn *first, *second; /* second NULL: there is one only */
};

const struct load_operation *load_find_operation(const char *name);

int load_take_sample(struct load_source *s, struct client *c, const struct nspi_bind_out *session,
                     struct arena *a, struct error *e);

#endif
