#include <stdlib.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/memory.h"
#include "base/random.h"
#include "session/session-private.h"

/* One attempt to open a session. */
struct attempt {
	struct sessions *table;
	const struct session_request *request;
	const char *account;
	struct shard *shard;
	uint64_t ends_seen;
	bool audit_only;
	struct standing standing;
	bool excess; /* granted beyond the limit */
};

/* Who may have sessions at all; no right: an account that is not, or no more, one of this book. */
static enum session_refusal judge(struct attempt *a, struct account_status *status)
{
	struct sessions_config config;
	sessions_get_config(a->table, &config);

	if (!a->request->principal->authenticated)
		return config.anonymous_read ? SESSION_GRANTED : SESSION_REFUSED_UNAUTHENTICATED;
	config.accounts.status(config.accounts.context, a->account, status);
	if (!status->exists)
		return SESSION_REFUSED_NO_RIGHT;
	return status->disabled ? SESSION_REFUSED_DISABLED : SESSION_GRANTED;
}

static uint64_t ends_of(struct shard *shard)
{
	pthread_mutex_lock(&shard->lock);
	uint64_t ends = shard->ends;
	pthread_mutex_unlock(&shard->lock);
	return ends;
}

/* Everything that is decided without the shard's lock, for the functions of the account source are
 * not ours. */
static enum session_refusal prepare(struct attempt *a)
{
	struct account_status status; /* 16 KB, which are not zeroed for nothing */
	struct limit limit;

	status.group_count = 0;
	a->ends_seen = ends_of(a->shard);
	enum session_refusal verdict = judge(a, &status);
	limits_effective(a->table->limits, a->account, &status, clock_wall_ms(), &limit);
	a->standing.limit = limit.sessions;
	a->audit_only = limits_audit_only(a->table->limits);
	return verdict;
}

static struct session *make(const struct attempt *a, struct account *account, uint64_t now_ms)
{
	const struct session_request *r = a->request;
	struct session *s = xcalloc(1, sizeof *s + r->data_size);

	atomic_init(&s->refs, 2); /* the table's, and the caller's pin */
	random_bytes(s->id.bytes, sizeof s->id.bytes);
	s->live = true;
	s->shard = a->shard;
	s->account = account;
	s->principal = principal_ref(r->principal);
	s->client = *r->client;
	s->transport = (uint8_t)r->transport;
	s->group = r->group;
	s->opened_ms = s->used_ms = now_ms;
	return s;
}

/* Counts first: nothing is made for a session that is refused. */
static struct session *take_place(struct attempt *a, struct account *account, uint64_t now_ms)
{
	a->excess = a->standing.limit != LIMIT_UNLIMITED && account->held >= a->standing.limit;
	if (a->excess && !a->audit_only)
		return NULL;
	account->held++;
	if (account->highest < account->held)
		account->highest = account->held;
	atomic_fetch_add(&a->table->count, 1);
	counter_add(COUNTER_SESSIONS_OPEN, 1);

	struct session *s = make(a, account, now_ms);
	shard_link(a->shard, s);
	group_link(a->table, s);
	return s;
}

/*
 * false: all sessions of an account in this shard were ended since the account was looked at,
 * perhaps because it was disabled, so that it has to be looked at again.
 */
static bool settle(struct attempt *a, enum session_refusal *verdict, struct session **out)
{
	uint64_t now_ms = clock_mono_ms();

	pthread_mutex_lock(&a->shard->lock);
	bool settled = a->shard->ends == a->ends_seen;
	if (settled) {
		struct account *account = shard_account(a->shard, a->account);
		if (*verdict == SESSION_GRANTED && !(*out = take_place(a, account, now_ms)))
			*verdict = SESSION_REFUSED_LIMIT;
		if (*verdict != SESSION_GRANTED)
			account->refused++;
		account_standing(account, now_ms, &a->standing);
	}
	pthread_mutex_unlock(&a->shard->lock);
	return settled;
}

/* The session that brings an account to the mark, not each one above it. */
static bool reaches_mark(const struct attempt *a)
{
	uint64_t limit = a->standing.limit;
	uint64_t mark = (limit * limits_warn_percent(a->table->limits) + 99) / 100;
	return limit != LIMIT_UNLIMITED && mark > 0 && a->standing.held == mark;
}

static void report(const struct attempt *a, enum session_refusal verdict)
{
	static const enum event_id events[] = {
		[SESSION_REFUSED_LIMIT] = EVENT_REFUSED_LIMIT,
		[SESSION_REFUSED_UNAUTHENTICATED] = EVENT_REFUSED_UNAUTHENTICATED,
		[SESSION_REFUSED_DISABLED] = EVENT_REFUSED_DISABLED,
		[SESSION_REFUSED_NO_RIGHT] = EVENT_REFUSED_NO_RIGHT,
	};
	char client[ADDRESS_TEXT_SIZE];
	enum event_id id;

	if (verdict != SESSION_GRANTED)
		id = events[verdict];
	else if (a->excess)
		id = EVENT_WOULD_REFUSE;
	else if (reaches_mark(a))
		id = EVENT_SESSION_WARNING;
	else
		return;
	report_account(a->table, id, a->account, address_text(a->request->client, client),
	               &a->standing);
}

enum session_refusal session_open(struct sessions *t, const struct session_request *request,
                                  struct session **out)
{
	struct attempt a = {
		.table = t,
		.request = request,
		.account = request->principal->account,
		.shard = shard_of(t, request->principal->account),
	};
	enum session_refusal verdict;

	do {
		verdict = prepare(&a);
	} while (!settle(&a, &verdict, out));

	counter_add(verdict == SESSION_GRANTED ? COUNTER_SESSIONS_OPENED : COUNTER_SESSIONS_REFUSED,
	            1);
	report(&a, verdict);
	return verdict;
}
