#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

/*
 * Who holds what. A session is one live NSPI context, counted per account over all transports. It
 * is opened in one place, session_open(), the only function that refuses; and closed in one place,
 * whatever ends it. The table is sharded with short mutexes and safe from any thread; no lock is
 * held over a callback.
 */

#include "auth/accounts.h"
#include "auth/principal.h"
#include "base/error.h"
#include "base/guid.h"
#include "base/network.h"

struct sessions;
struct session;

enum session_transport {
	SESSION_RPC_TCP,
	SESSION_RPC_HTTP,
	SESSION_MAPI_HTTP,
};

enum session_end {
	SESSION_END_UNBIND,
	SESSION_END_RUNDOWN, /* last connection of the association group gone */
	SESSION_END_EXPIRED, /* MAPI/HTTP only */
	SESSION_END_OPERATOR,
	SESSION_END_ACCOUNT, /* disabled or deleted */
	SESSION_END_SHUTDOWN,
	SESSION_END_UNDONE, /* NspiBind failed after the place was taken */
};

enum session_refusal {
	SESSION_GRANTED,
	SESSION_REFUSED_LIMIT,
	SESSION_REFUSED_UNAUTHENTICATED,
	SESSION_REFUSED_DISABLED,
	SESSION_REFUSED_NO_RIGHT,
};

struct session_request {
	const struct principal *principal; /* a reference is taken */
	const struct address *client;      /* copied */
	enum session_transport transport;
	uint64_t group;   /* association group or HTTP context, never 0 */
	size_t data_size; /* of what the caller keeps with the session */
};

struct sessions_config {
	bool anonymous_read; /* unauthenticated callers get sessions, counted as one account "" */
	struct account_source accounts; /* states and groups, asked at each open */
};

struct limits; /* session/limits.h */

/* Borrows the limits, which must live longer. */
struct sessions *sessions_new(const struct sessions_config *config, struct limits *limits);
void sessions_reconfigure(struct sessions *t, const struct sessions_config *config);
void sessions_free(struct sessions *t);

/* Counts first, allocates after. On SESSION_GRANTED *out is pinned. Refusals are counted and logged
 * here (once per account and minute, event 2001..2004), and remembered for `nspictl events`. */
enum session_refusal session_open(struct sessions *t, const struct session_request *request,
                                  struct session **out);

/* The live session with that id if it belongs to that account and group; pinned. NULL otherwise.
 * Also marks it used (idle time, calls). */
struct session *session_pin(struct sessions *t, const struct guid *id,
                            const struct principal *caller, uint64_t group);

/* The owner gives the pin back; a session ended meanwhile dies here. */
void session_unpin(struct session *s);

/* Of a pinned session. Ends it: it is found no more, and its place is free at once. Exactly one of
 * racing callers gets true. */
bool session_close(struct session *s, enum session_end why);

/* Many at once; they return how many ended. */
size_t sessions_end_group(struct sessions *t, uint64_t group, enum session_end why);
size_t sessions_end_account(struct sessions *t, const char *account, enum session_end why);
size_t sessions_end_client(struct sessions *t, const char *client_address, enum session_end why);
size_t sessions_end_all(struct sessions *t, enum session_end why);
bool sessions_end_id(struct sessions *t, const struct guid *id, enum session_end why);

/* Of a pinned session. */
const struct guid *session_id(const struct session *s);
const struct principal *session_principal(const struct session *s);

/* What nspi/ keeps with the session: zeros at first, aligned for a pointer, gone with it. */
void *session_data(struct session *s);

size_t sessions_count(struct sessions *t);
size_t sessions_count_account(struct sessions *t, const char *account);
size_t sessions_count_group(struct sessions *t, uint64_t group);

/* A copy of what a listing shows. */
struct session_info {
	struct guid id;
	char account[ACCOUNT_NAME_SIZE];
	char client_address[ADDRESS_TEXT_SIZE];
	char workstation[64];
	uint16_t client_port;
	enum session_transport transport;
	uint64_t group;
	uint64_t opened_wall_ms;
	uint64_t age_ms, idle_ms;
	uint64_t calls;
};

/* Calls back for a copy of each session, a shard at a time, without a lock held. Stops when it
 * returns false. */
void sessions_walk(struct sessions *t,
                   bool (*visit)(void *context, const struct session_info *info), void *context);

/* Per account: held and limit, the same way. */
struct session_account_info {
	char account[ACCOUNT_NAME_SIZE];
	uint32_t held, highest, limit; /* limit UINT32_MAX: unlimited */
	uint64_t refused;
};
void sessions_walk_accounts(struct sessions *t,
                            bool (*visit)(void *context, const struct session_account_info *info),
                            void *context);

/* Tells of refusals that were only counted in the minute before. For one thread to call every
 * second or so. */
void sessions_tick(struct sessions *t);

/* Counts the table and compares it with the counters; 0, or ERR_CORRUPT. For tests and nspictl
 * debug. */
int sessions_check(struct sessions *t, struct error *e);

const char *session_transport_name(enum session_transport t); /* "rpc-tcp" */
const char *session_end_name(enum session_end why);           /* "rundown" */
const char *session_refusal_name(enum session_refusal r);     /* "limit" */

#endif
