#ifndef NET_NET_H
#define NET_NET_H

/*
 * Event loops, listeners, connections. Knows protocols as a table of functions. A connection
 * belongs to one loop for its life; all functions of a protocol are called on that loop's thread.
 * An idle connection owns no buffer.
 */

#include "base/buffer.h"
#include "base/error.h"
#include "base/network.h"
#include "base/slice.h"

struct net;      /* all loops */
struct net_loop; /* one, with a thread */
struct net_connection;

enum net_next {
	NET_READ,   /* more input, when there is some */
	NET_RESUME, /* call resume() after other events; no input meanwhile */
	NET_WAIT,   /* as NET_RESUME, but only after net_wake(); no input meanwhile */
	NET_CLOSE,  /* send what is in out, then close */
};

struct net_protocol {
	const char *name;
	/* The connection's state, NULL to refuse it. context is the listener's. */
	void *(*open)(struct net_connection *c, void *context);
	/* Takes what it can; the rest is kept and given again with more behind it. out is lent:
	 * what is in it is sent at once. Output that the peer does not take stops input and resume,
	 * so what one call may write is what a connection may hold. */
	enum net_next (*input)(void *state, struct slice data, size_t *consumed,
	                       struct buffer *out);
	enum net_next (*resume)(void *state, struct buffer *out);
	/* The deadline set by net_connection_set_deadline has passed, and is gone. */
	enum net_next (*timer)(void *state, struct buffer *out);
	void (*close)(void *state);
};

struct net_limits {
	uint32_t max_connections;
	uint32_t max_connections_per_address;
	uint32_t write_timeout_ms; /* without progress */
	uint32_t keepalive_idle_s, keepalive_interval_s,
		keepalive_count;   /* idle 0: no keep-alive */
	uint32_t user_timeout_ms;  /* 0: the system's */
	uint32_t max_unread_bytes; /* of kept input a connection */
	uint64_t max_kept_bytes;   /* of all connections together; beyond it one is closed */
	uint64_t max_unsent_bytes; /* likewise: answers that clients do not read */
	uint32_t max_output_bytes; /* of one call of a protocol; beyond it the connection is closed
	                            */
};

/* loops 0: one a core. Nothing runs yet. */
struct net *net_new(uint32_t loops, const struct net_limits *limits);
/* From any thread; for what comes after. */
void net_set_limits(struct net *n, const struct net_limits *limits);
/* Binds, before net_start. address: numeric, or "*" for all of both families. port 0: chosen;
 * *bound_port tells. */
int net_listen(struct net *n, const char *address, uint16_t port,
               const struct net_protocol *protocol, void *context, uint16_t *bound_port,
               struct error *e);
/* Listens and starts the threads, which have all signals blocked. */
int net_start(struct net *n, struct error *e);
/* Stops listening, closes all connections (after answering what is under way, at most grace_ms),
 * joins the threads.
 */
void net_stop(struct net *n, uint32_t grace_ms);
void net_free(struct net *n); /* stops it first; NULL is fine */

/* Of the connection's thread. */
struct net_loop *net_connection_loop(struct net_connection *c);
const struct address *net_connection_peer(const struct net_connection *c); /* lives as long as c */
struct address net_connection_local(const struct net_connection *c); /* where it came in; asks the
                                                                      * system */
/* One a connection; monotonic ms (base/clock.h), up to WHEEL_TICK_MS late. 0: none. */
void net_connection_set_deadline(struct net_connection *c, uint64_t mono_ms);

/* From any thread: resume() will be called on the connection's loop if it waits then. Harmless when
 * the connection has gone: take a ticket while on its thread. */
struct net_ticket {
	struct net_loop *loop;
	uint64_t id;
};
struct net_ticket net_connection_ticket(struct net_connection *c);
void net_wake(struct net_ticket ticket);

/* Per-loop data of whoever wires protocols (a directory reader, an arena): made on the loop's
 * thread at start. */
void net_set_loop_data(struct net *n, void *(*make)(void *context), void (*free_data)(void *data),
                       void *context);
void *net_loop_data(struct net_loop *l);

/* Blocking work on a small pool; done() is called on the loop, also when the connection that asked
 * has gone. From a loop's thread. */
void net_work(struct net_loop *l, void (*work)(void *job), void (*done)(void *job), void *job);

struct net_counts {
	uint32_t connections, loops;
};
void net_counts(struct net *n, struct net_counts *out);

#endif
