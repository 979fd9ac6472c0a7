#include "session/session.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/memory.h"
#include "session/session-private.h"

#define EVENTS_KEPT 1024

struct sessions *sessions_new(const struct sessions_config *config, struct limits *limits)
{
	struct sessions *t = xcalloc(1, sizeof *t);
	pthread_rwlock_init(&t->config_lock, NULL);
	t->config = *config;
	t->limits = limits;
	t->events = events_new(EVENTS_KEPT);
	t->notices = notices_new();
	for (size_t i = 0; i < SHARDS; i++) {
		shard_init(&t->shards[i], t);
		group_shard_init(&t->group_shards[i]);
	}
	return t;
}

void sessions_free(struct sessions *t)
{
	if (!t)
		return;
	sessions_end_all(t, SESSION_END_SHUTDOWN);
	for (size_t i = 0; i < SHARDS; i++) {
		shard_free(&t->shards[i]);
		group_shard_free(&t->group_shards[i]);
	}
	notices_free(t->notices);
	events_free(t->events);
	pthread_rwlock_destroy(&t->config_lock);
	free(t);
}

void sessions_reconfigure(struct sessions *t, const struct sessions_config *config)
{
	pthread_rwlock_wrlock(&t->config_lock);
	t->config = *config;
	pthread_rwlock_unlock(&t->config_lock);
}

void sessions_get_config(struct sessions *t, struct sessions_config *out)
{
	pthread_rwlock_rdlock(&t->config_lock);
	*out = t->config;
	pthread_rwlock_unlock(&t->config_lock);
}

uint32_t sessions_limit_of(struct sessions *t, const char *account)
{
	struct account_status status;
	struct sessions_config config;
	struct limit limit;

	sessions_get_config(t, &config);
	config.accounts.status(config.accounts.context, account, &status);
	limits_effective(t->limits, account, &status, clock_wall_ms(), &limit);
	return limit.sessions;
}

struct events *sessions_events(struct sessions *t)
{
	return t->events;
}

void session_ref(struct session *s)
{
	atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
}

void session_unpin(struct session *s)
{
	if (atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
		return;
	principal_unref(s->principal);
	free(s);
}

struct session *session_pin(struct sessions *t, const struct guid *id,
                            const struct principal *caller, uint64_t group)
{
	uint64_t now_ms = clock_mono_ms();
	struct shard *shard = shard_of(t, caller->account);

	pthread_mutex_lock(&shard->lock);
	struct session *s = shard_find(shard, id);
	if (s && (s->group != group || strcmp(s->account->name, caller->account) != 0))
		s = NULL;
	if (s) {
		s->used_ms = now_ms;
		s->calls++;
		session_ref(s);
	}
	pthread_mutex_unlock(&shard->lock);
	return s;
}

static void count_end(enum session_end why)
{
	counter_add(COUNTER_SESSIONS_OPEN, -1);
	if (why == SESSION_END_RUNDOWN)
		counter_add(COUNTER_SESSIONS_RUNDOWN, 1);
	if (why == SESSION_END_OPERATOR || why == SESSION_END_ACCOUNT)
		counter_add(COUNTER_SESSIONS_ENDED_BY_OPERATOR, 1);
}

bool session_close(struct session *s, enum session_end why)
{
	struct shard *shard = s->shard;
	struct sessions *t = shard->table;

	pthread_mutex_lock(&shard->lock);
	bool was_live = s->live;
	if (was_live) {
		s->live = false;
		shard_unlink(shard, s);
		group_unlink(t, s);
		s->account->held--;
		s->account = NULL;
		atomic_fetch_sub(&t->count, 1);
	}
	pthread_mutex_unlock(&shard->lock);

	if (was_live) {
		count_end(why);
		session_unpin(s); /* the table's reference */
	}
	return was_live;
}

const struct guid *session_id(const struct session *s)
{
	return &s->id;
}

const struct principal *session_principal(const struct session *s)
{
	return s->principal;
}

void *session_data(struct session *s)
{
	return s->data;
}

size_t sessions_count(struct sessions *t)
{
	return atomic_load(&t->count);
}

size_t sessions_count_account(struct sessions *t, const char *account)
{
	struct shard *shard = shard_of(t, account);

	pthread_mutex_lock(&shard->lock);
	const struct account *a = hashmap_get(shard->accounts, slice_of_string(account));
	size_t held = a ? a->held : 0;
	pthread_mutex_unlock(&shard->lock);
	return held;
}

const char *session_transport_name(enum session_transport t)
{
	static const char *const names[] = {
		[SESSION_RPC_TCP] = "rpc-tcp",
		[SESSION_RPC_HTTP] = "rpc-http",
		[SESSION_MAPI_HTTP] = "mapi-http",
	};
	return names[t];
}

const char *session_end_name(enum session_end why)
{
	static const char *const names[] = {
		[SESSION_END_UNBIND] = "unbind",   [SESSION_END_RUNDOWN] = "rundown",
		[SESSION_END_EXPIRED] = "expired", [SESSION_END_OPERATOR] = "operator",
		[SESSION_END_ACCOUNT] = "account", [SESSION_END_SHUTDOWN] = "shutdown",
		[SESSION_END_UNDONE] = "undone",
	};
	return names[why];
}

const char *session_refusal_name(enum session_refusal r)
{
	static const char *const names[] = {
		[SESSION_GRANTED] = "granted",
		[SESSION_REFUSED_LIMIT] = "limit",
		[SESSION_REFUSED_UNAUTHENTICATED] = "unauthenticated",
		[SESSION_REFUSED_DISABLED] = "disabled",
		[SESSION_REFUSED_NO_RIGHT] = "no right",
	};
	return names[r];
}
