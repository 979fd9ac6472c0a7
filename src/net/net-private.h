#ifndef NET_NET_PRIVATE_H
#define NET_NET_PRIVATE_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/network.h"
#include "net/net.h"
#include "net/wheel.h"

enum { READ_BUFFER_SIZE = 65536 };

/* What another thread has for a loop; run on the loop's thread, which then owns it. */
struct post {
	STAILQ_ENTRY(post) entry;
	void (*run)(struct net_loop *l, struct post *p);
};

STAILQ_HEAD(post_queue, post);
TAILQ_HEAD(pending_list, pending);

/* Where a ticket finds its connection: the generation goes up with each that has had the slot. */
struct slot {
	struct net_connection *connection; /* NULL: free */
	uint32_t generation;
	uint32_t next_free;
};

struct slots {
	struct slot *items;
	uint32_t count, used;
	uint32_t free; /* 1 + index of the first free one, 0: none */
};

enum loop_phase { LOOP_RUNNING, LOOP_STOPPING, LOOP_DRAINED, LOOP_ENDING };

struct net_loop {
	struct net *net;
	struct event_base *base;
	pthread_t thread;
	bool started;

	/* of any thread */
	pthread_mutex_t lock; /* of posted and closed */
	struct post_queue posted;
	bool closed; /* takes no more posts */
	int wake_fd;
	_Atomic uint32_t connections; /* those on their way here too */
	sem_t drained;                /* no connection is left, after net_loop_stop() */

	/* of the loop's thread */
	struct event wake_event, wheel_event, stop_event, watch_event;
	int watch_fd; /* the epoll set of its connections */
	struct net_limits limits;
	struct wheel wheel;
	uint64_t wheel_armed_ms;   /* 0: not */
	struct pending_list ready; /* resume() is to be called */
	size_t ready_count;
	struct slots slots;
	struct buffer out;           /* lent to protocols */
	struct buffer plain, sealed; /* what came and goes over TLS */
	void *data;
	enum loop_phase phase;
	uint8_t read_buffer[READ_BUFFER_SIZE];
};

struct listener {
	SLIST_ENTRY(listener) entry;
	struct net *net;
	struct net_loop *loop; /* that accepts */
	int fd;
	uint16_t port;
	struct event event, pause_event;
	const struct net_protocol *protocol;
	void *context;
	struct net_tls *tls;   /* NULL: none is spoken */
	uint64_t next_note_ms; /* when trouble may be logged again */
	uint64_t trouble;      /* not logged since */
};

struct pool;

/* Bytes that all connections together may hold. */
struct budget {
	_Atomic size_t used;
};

static inline bool net_budget_take(struct budget *b, size_t size, size_t limit)
{
	if (atomic_fetch_add(&b->used, size) + size <= limit)
		return true;
	atomic_fetch_sub(&b->used, size);
	return false;
}

static inline void net_budget_give(struct budget *b, size_t size)
{
	atomic_fetch_sub(&b->used, size);
}

struct net {
	struct net_loop *loops;
	uint32_t loop_count;
	SLIST_HEAD(, listener) listeners;
	uint32_t listener_count;
	struct net_limits limits; /* of the thread that calls net_*(); every loop has its copy */
	struct pool *pool;
	struct addresses *addresses;
	_Atomic uint32_t connections;
	struct budget kept, unsent;
	void *(*make_data)(void *context);
	void (*free_data)(void *data);
	void *data_context;
	bool running;
};

/* net.c */
void net_stop_listeners(struct net_loop *l); /* those that accept on it, on its thread */

/* loop.c */
void net_loop_init(struct net_loop *l, struct net *n);
int net_loop_start(struct net_loop *l, struct error *e);
bool net_loop_post(
	struct net_loop *l,
	struct post *p); /* from any thread; false: the loop has ended, p is the caller's */
void net_loop_set_limits(struct net_loop *l, const struct net_limits *limits);
void net_loop_set_timer(struct net_loop *l, struct wheel_timer *t, uint64_t due_ms);
void net_loop_output_done(struct net_loop *l);
/* The three steps of an end; loops that were not started take none. */
void net_loop_stop(struct net_loop *l, uint32_t grace_ms);
void net_loop_wait_drained(struct net_loop *l);
void net_loop_end(struct net_loop *l);
void net_loop_free(struct net_loop *l);

/* slots.c */
uint64_t net_slots_take(struct slots *s, struct net_connection *c);
struct net_connection *net_slots_find(const struct slots *s, uint64_t id);
void net_slots_release(struct slots *s, uint64_t id);

/* connection.c */
enum mode {
	MODE_READING,   /* input goes to the protocol */
	MODE_BACKLOG,   /* it would, but others have their turn first */
	MODE_READY,     /* the protocol wants its turn */
	MODE_WAITING,   /* the protocol waits for a wake */
	MODE_CLOSING,   /* the protocol has gone, its last output goes out */
	MODE_LINGERING, /* all is sent; a close with unread input would destroy it on its way */
	MODE_DEAD,      /* net_connection_settle() frees it */
};

enum watch { WATCH_NOTHING, WATCH_INPUT, WATCH_ROOM };

/* Kept small: most of them do nothing. */
struct net_connection {
	struct net_loop *loop;
	const struct net_protocol *protocol;
	void *state;             /* NULL when the protocol has gone */
	struct tls_stream *tls;  /* NULL: none is spoken */
	struct pending *pending; /* NULL: there is nothing */
	uint64_t id;
	uint64_t deadline_ms; /* the protocol's */
	struct wheel_timer timer;
	int fd;
	struct address peer;
	uint8_t mode, watched; /* enum mode, enum watch */
};

/* What a connection has only while something is under way. */
struct pending {
	struct net_connection *connection;
	TAILQ_ENTRY(pending) turn; /* in loop->ready, when it is queued */
	bool queued;
	struct buffer kept;      /* input that the protocol did not take */
	size_t kept_counted;     /* bytes of the process's budget that it has */
	uint64_t io_deadline_ms; /* of writing and lingering */
	struct {                 /* output that the peer did not take; data NULL: none */
		uint8_t *data;
		size_t size, sent;
	} unsent;
};

struct accepted {
	int fd;
	struct address peer;
	const struct net_protocol *protocol;
	void *context;
	struct net_tls *tls;
};
void net_connection_new(struct net_loop *l,
                        const struct accepted *a); /* takes the place and the descriptor */
void net_connection_refuse(struct net_loop *l,
                           const struct accepted *a); /* instead of net_connection_new */
void net_connection_resume(struct net_connection *c); /* its turn has come */
void net_connection_woken(struct net_connection *c);
void net_connection_expired(struct wheel_timer *t);
void net_connection_stop(struct net_connection *c, bool now);
void net_connection_die(struct net_connection *c); /* it is freed at the end of what goes on */
/* The end of whatever happened to a connection: it gets the events, turns and deadline of its mode,
 * or is freed. */
void net_connection_settle(struct net_connection *c);

void net_connection_ready(struct net_connection *c); /* what it watches for has come */

/* watch.c */
void net_watch_open(struct net_loop *l);
void net_watch_close(struct net_loop *l);
/* false: the system has no room for it. A descriptor that is closed is watched no more. */
bool net_watch(struct net_connection *c, enum watch what);

/* pending.c */
struct pending *net_pending(struct net_connection *c); /* made when there is none */
void net_pending_free(struct net_connection *c);
void net_pending_settle(struct net_connection *c); /* frees it when there is nothing in it */
void net_set_queued(struct net_connection *c, bool queued);
struct slice net_kept(const struct net_connection *c);
void net_kept_add(struct net_connection *c, struct slice data);
void net_kept_drop(struct net_connection *c, size_t size); /* from the front */
/* The process has one budget for all that is kept: beyond it the connection dies. */
void net_kept_account(struct net_connection *c);

/* output.c */
bool net_output_waits(const struct net_connection *c); /* the socket has not taken all */
void net_output_send(struct net_connection *c);        /* what is in the loop's lent buffer */
bool net_output_continue(
	struct net_connection *c); /* what the socket did not take before; true: all is sent */
void net_output_drop(struct net_connection *c);

/* peer.c */
struct address net_local_address(int fd);

/* listener.c */
int net_listener_open(struct net *n, const char *address, uint16_t port,
                      const struct accepted *like, /* what its connections have in common */
                      uint16_t *bound_port, struct error *e);
int net_listener_start(struct listener *s, struct error *e);
void net_listener_stop(struct listener *s); /* on its loop's thread */
void net_listener_free(struct listener *s);
void net_listener_set_options(struct listener *s,
                              const struct net_limits *limits); /* from any thread */

/* addresses.c: connections a client address, of the whole process. */
struct addresses *net_addresses_new(void);
void net_addresses_free(struct addresses *a);
bool net_addresses_enter(struct addresses *a, const struct address *client, uint32_t max);
void net_addresses_leave(struct addresses *a, const struct address *client);

/* pool.c */
struct pool *net_pool_new(struct error *e);
void net_pool_add(struct pool *p, struct net_loop *l, void (*work)(void *job),
                  void (*done)(void *job), void *job);
void net_pool_free(struct pool *p); /* finishes what was added */

#endif
