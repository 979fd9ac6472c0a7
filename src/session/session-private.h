#ifndef SESSION_SESSION_PRIVATE_H
#define SESSION_SESSION_PRIVATE_H

/*
 * The table from inside. A session and its account live in the shard that the account's name hashes
 * to, so that one mutex makes count, list and look-up of an account agree. Association groups have
 * an index of their own.
 *
 * Order of locks: a shard's, then a group shard's. A session is freed by whoever gives the last
 * reference back, with no lock held: the table holds one while the session is live, each pin is
 * another.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "base/hashmap.h"
#include "session/events.h"
#include "session/limits.h"
#include "session/notices.h"
#include "session/session.h"

#define SHARD_BITS 4
#define SHARDS     (1 << SHARD_BITS)

struct session {
	_Atomic uint32_t refs;
	struct address client;
	uint8_t transport;
	bool live;
	struct guid id;
	struct session *next; /* of its bucket */
	struct shard *shard;
	struct account *account; /* while live */
	const struct principal *principal;
	uint64_t group;
	uint64_t opened_ms, used_ms; /* monotonic */
	uint64_t calls;
	struct session *account_prev, *account_next; /* in order of opening */
	struct session *group_prev, *group_next;     /* of its bucket */
	uint64_t data[];
};

/* Kept when it holds nothing, for its figures, until the shard has many such. */
struct account {
	struct session *oldest, *newest;
	uint32_t held, highest;
	uint64_t refused;
	char name[];
};

struct shard {
	pthread_mutex_t lock;
	struct sessions *table;
	struct hashmap *accounts;
	size_t sweep_at;          /* accounts, when those that hold nothing are dropped */
	struct session **buckets; /* by the first bits of the id */
	unsigned bits;
	size_t count;
	uint64_t ends; /* how often all sessions of an account were ended */
};

/* Sessions by the hash of their group: most groups have one session, and cost nothing beside it. */
struct group_shard {
	pthread_mutex_t lock;
	struct session **buckets;
	unsigned bits;
	size_t count;
};

struct sessions {
	pthread_rwlock_t config_lock;
	struct sessions_config config;
	struct limits *limits;
	struct events *events;
	struct notices *notices;
	_Atomic size_t count;
	struct shard shards[SHARDS];
	struct group_shard group_shards[SHARDS];
};

/* What an account holds, for a refusal or a warning. */
struct standing {
	uint32_t held, limit;
	uint64_t oldest_age_ms, oldest_idle_ms;
};

/* shard.c; all but shard_of() under the shard's lock */
void shard_init(struct shard *s, struct sessions *table);
void shard_free(struct shard *s);
struct shard *shard_of(struct sessions *t, const char *account);
struct account *shard_account(struct shard *s, const char *name); /* made when it is not there */
void shard_link(struct shard *s, struct session *session);
void shard_unlink(struct shard *s, struct session *session);
struct session *shard_find(const struct shard *s, const struct guid *id);
/* The sessions of the bucket at *position (0 at first), which moves on; false behind the last one.
 * Positions stay good when the table grows between two calls. */
bool shard_next_bucket(const struct shard *s, uint64_t *position, struct session **first);
void account_standing(const struct account *a, uint64_t now_ms,
                      struct standing *out); /* all but the limit */

/* groups.c; under the shard's lock */
void group_shard_init(struct group_shard *g);
void group_shard_free(struct group_shard *g);
void group_link(struct sessions *t, struct session *session);
void group_unlink(struct sessions *t, struct session *session);

/* session.c */
void session_ref(struct session *s); /* under the shard's or the group's lock */
void sessions_get_config(struct sessions *t, struct sessions_config *out);
uint32_t sessions_limit_of(struct sessions *t, const char *account);

/* report.c: into the log and the ring of events */
void report_account(struct sessions *t, enum event_id id, const char *account,
                    const char *client_address, const struct standing *standing);
void report_ended(struct sessions *t, enum session_end why, const char *account,
                  const char *client_address, size_t count);

#endif
