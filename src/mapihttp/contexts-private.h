#ifndef MAPIHTTP_CONTEXTS_PRIVATE_H
#define MAPIHTTP_CONTEXTS_PRIVATE_H

/*
 * Session contexts. A context is in the table until it ends, and in the hands of at most one
 * request at a time; one that ends meanwhile goes when that request gives it back. The table is
 * sharded with short mutexes; no lock is held over a callback.
 */

#include "mapihttp/mapihttp.h"

struct contexts;

struct context {           /* kept small: there may be very many */
	struct guid id;    /* the cookie MapiContext */
	uint64_t sequence; /* the cookie MapiSequence, of the next request */
	uint64_t group;
	struct guid session;
	const struct principal *principal;
	uint64_t used_ms : 62;
	bool busy : 1;                 /* a request has it */
	bool live : 1;                 /* it is in the table */
	struct context *next;          /* of its bucket */
	struct context *older, *newer; /* of those that are live and not busy */
};

/* ended is called, without a lock, for the group of each context that ends. */
struct contexts *contexts_new(void (*ended)(void *context, uint64_t group, bool expired),
                              void *context);
void contexts_free(struct contexts *t); /* ends all; none is taken */

/* A number for the group of a new context, different from those that RPC gives out. */
uint64_t contexts_next_group(struct contexts *t);

/* A new context in the hands of the request that opens it. */
struct context *contexts_open(struct contexts *t, uint64_t group, const struct guid *session,
                              const struct principal *principal);

/* The context of that account, idle not longer than timeout_ms. sequence NULL: any.
 * MAPIHTTP_SUCCESS and *out, or why not. */
enum mapihttp_code contexts_take(struct contexts *t, const struct guid *id,
                                 const uint64_t *sequence, const char *account, uint32_t timeout_ms,
                                 uint64_t now_ms, struct context **out);
/* The request is done with it. */
void contexts_give(struct contexts *t, struct context *c, uint64_t now_ms);
/* Of one that was taken, and is still to be given back. */
void contexts_end(struct contexts *t, struct context *c);
/* Of one that others may have taken, if it is that account's. */
void contexts_end_id(struct contexts *t, const struct guid *id, const char *account);

/* Ends those that have been idle for longer than timeout_ms. */
void contexts_expire(struct contexts *t, uint32_t timeout_ms, uint64_t now_ms);

size_t contexts_count(struct contexts *t);

#endif
