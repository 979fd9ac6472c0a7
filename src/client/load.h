#ifndef CLIENT_LOAD_H
#define CLIENT_LOAD_H

/*
 * Load on a server: many connections, each with a session, make one operation over and over, from
 * one event loop. Answers are not decoded but for their status, so that the server is what is
 * measured.
 */

#include "client/client.h"

struct load_config {
	struct client_config client;
	const char *operation; /* see load_operations() */
	uint32_t container;
	uint32_t rows; /* of a page */
	uint32_t connections;
	uint32_t seconds;
};

struct load_result {
	uint64_t calls;   /* answered with success; for "bind" pairs of NspiBind and NspiUnbind */
	uint64_t refused; /* answered with anything else */
	uint32_t status; /* the last such answer, or the fault's; of a refused NspiBind at the start
	                    too */
	uint64_t bytes;  /* of answers */
	double seconds;
	uint64_t p50_us, p99_us, max_us;
};

/* "bind updatestat queryrows ..." */
const char *load_operations(void);
bool load_knows(const char *operation);

/* The operation is a known one. ERR_DENIED with a status in the result: a session was not
 * granted. */
int load_run(const struct load_config *config, struct load_result *result, struct error *e);

#endif
