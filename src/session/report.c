#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "session/session-private.h"

/* docs/events.md says the same to operators. */
/* clang-format off */
static const struct report {
	enum event_id id;
	const char *what, *reason, *why;
} reports[] = {
	{ EVENT_SESSION_WARNING, "Granted a session", "near limit",
	  "the limit is near" },
	{ EVENT_REFUSED_LIMIT, "Refused a session", "limit",
	  "the limit is reached" },
	{ EVENT_REFUSED_UNAUTHENTICATED, "Refused a session", "unauthenticated",
	  "nobody has logged in" },
	{ EVENT_REFUSED_DISABLED, "Refused a session", "disabled",
	  "the account is disabled" },
	{ EVENT_REFUSED_NO_RIGHT, "Refused a session", "no right",
	  "the account is not one of this book" },
	{ EVENT_WOULD_REFUSE, "Granted a session", "limit",
	  "the limit is reached, but only audited" },
};
/* clang-format on */

static const struct report *report_of(enum event_id id)
{
	const struct report *r = reports;
	while (r->id != id)
		r++;
	return r;
}

static void format_limit(uint32_t limit, char text[16])
{
	if (limit == LIMIT_UNLIMITED)
		snprintf(text, 16, "unlimited");
	else
		snprintf(text, 16, "%" PRIu32, limit);
}

static void describe_often(const struct event *event, char text[48])
{
	text[0] = 0;
	if (event->count > 1)
		snprintf(text, 48, " (%" PRIu32 " times in the last minute)", event->count);
}

static void describe_login(struct event *event)
{
	char often[48];
	describe_often(event, often);
	snprintf(event->text, sizeof event->text, "A login as %s from %s failed: %s%s",
	         event->account, event->client_address, event->reason, often);
}

static void describe_session(struct event *event)
{
	const struct report *r = report_of(event->id);
	char limit[16], age[CLOCK_TEXT_SIZE], idle[CLOCK_TEXT_SIZE];
	char oldest[96] = "", often[48];

	format_limit(event->limit, limit);
	clock_format_span(event->oldest_age_ms, age);
	clock_format_span(event->oldest_idle_ms, idle);
	describe_often(event, often);
	if (event->held > 0)
		snprintf(oldest, sizeof oldest, ", the oldest opened %s ago and idle for %s", age,
		         idle);
	snprintf(event->text, sizeof event->text,
	         "%s of %s from %s: %s; %" PRIu32 " of %s held%s%s", r->what,
	         event->account[0] ? event->account : "an anonymous caller", event->client_address,
	         r->why, event->held, limit, oldest, often);
}

static void log_told(const struct event *event)
{
	bool session = event->id != EVENT_LOGIN_FAILED;
	bool holds = event->held > 0;
	char limit[16], held[16], count[16], age[24], idle[24];

	format_limit(event->limit, limit);
	snprintf(held, sizeof held, "%" PRIu32, event->held);
	snprintf(count, sizeof count, "%" PRIu32, event->count);
	snprintf(age, sizeof age, "%" PRIu64, event->oldest_age_ms);
	snprintf(idle, sizeof idle, "%" PRIu64, event->oldest_idle_ms);
	const struct log_field fields[] = {
		{"reason",         event->reason         },
		{"account",        event->account        },
		{"client",         event->client_address },
		{"limit",          session ? limit : NULL},
		{"held",           session ? held : NULL },
		{"oldest_age_ms",  holds ? age : NULL    },
		{"oldest_idle_ms", holds ? idle : NULL   },
		{"count",          count                 },
	};
	log_event(LOG_LEVEL_WARN, event->id, fields, sizeof fields / sizeof fields[0], event->text);
}

static void tell(struct sessions *t, struct event *event)
{
	event->wall_ms = clock_wall_ms();
	if (event->id == EVENT_LOGIN_FAILED)
		describe_login(event);
	else
		describe_session(event);
	log_told(event);
	events_add(t->events, event);
}

static void tell_if_due(struct sessions *t, const char *key, struct event *event)
{
	event->count = notices_due(t->notices, key, event, clock_mono_ms());
	if (event->count > 0)
		tell(t, event);
}

static struct event make_event(enum event_id id, const char *account, const char *client_address,
                               const char *reason)
{
	struct event event = {.id = id};
	snprintf(event.account, sizeof event.account, "%s", account);
	snprintf(event.client_address, sizeof event.client_address, "%s", client_address);
	snprintf(event.reason, sizeof event.reason, "%s", reason);
	return event;
}

void report_account(struct sessions *t, enum event_id id, const char *account,
                    const char *client_address, const struct standing *standing)
{
	struct event event = make_event(id, account, client_address, report_of(id)->reason);
	event.limit = standing->limit;
	event.held = standing->held;
	event.oldest_age_ms = standing->oldest_age_ms;
	event.oldest_idle_ms = standing->oldest_idle_ms;
	tell_if_due(t, account, &event);
}

void sessions_login_failed(struct sessions *t, const char *account, const char *client_address,
                           const char *reason)
{
	struct event event = make_event(EVENT_LOGIN_FAILED, account, client_address, reason);
	tell_if_due(t, client_address, &event);
}

void sessions_tick(struct sessions *t)
{
	struct event event;
	while (notices_overdue(t->notices, clock_mono_ms(), &event))
		tell(t, &event);
}

void report_ended(struct sessions *t, enum session_end why, const char *account,
                  const char *client_address, size_t count)
{
	if (count == 0 || (why != SESSION_END_OPERATOR && why != SESSION_END_ACCOUNT))
		return;
	struct event event =
		make_event(EVENT_SESSIONS_ENDED, account, client_address, session_end_name(why));
	event.wall_ms = clock_wall_ms();
	event.count = (uint32_t)count;
	snprintf(event.text, sizeof event.text, "Ended %zu session%s%s%s%s%s%s", count,
	         count == 1 ? "" : "s", account[0] ? " of " : "", account,
	         client_address[0] ? " from " : "", client_address,
	         why == SESSION_END_OPERATOR ? " for an operator"
	                                     : ": the account is disabled or deleted");

	char number[24];
	snprintf(number, sizeof number, "%zu", count);
	const struct log_field fields[] = {
		{"reason",  session_end_name(why)                    },
		{"account", account[0] ? account : NULL              },
		{"client",  client_address[0] ? client_address : NULL},
		{"count",   number				   },
	};
	log_event(LOG_LEVEL_INFO, event.id, fields, sizeof fields / sizeof fields[0], event.text);
	events_add(t->events, &event);
}
