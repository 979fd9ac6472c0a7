#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "session/session-private.h"

/* docs/events.md says the same to operators. */
static const struct report {
	enum event_id id;
	const char *what, *reason, *why;
} reports[] = {
	{EVENT_SESSION_WARNING,          "Granted a session", "near limit",      "the limit is near"      },
	{ EVENT_REFUSED_LIMIT,           "Refused a session", "limit",           "the limit is reached"   },
	{ EVENT_REFUSED_UNAUTHENTICATED, "Refused a session", "unauthenticated",
         "nobody has logged in"									   },
	{ EVENT_REFUSED_DISABLED,        "Refused a session", "disabled",        "the account is disabled"},
	{ EVENT_REFUSED_NO_RIGHT,        "Refused a session", "no right",
         "the account is not one of this book"							    },
	{ EVENT_WOULD_REFUSE,            "Granted a session", "limit",
         "the limit is reached, but only audited"							 },
};

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

static void describe(const struct report *r, struct event *event)
{
	char limit[16], age[CLOCK_TEXT_SIZE], idle[CLOCK_TEXT_SIZE];
	char oldest[96] = "", often[48] = "";

	format_limit(event->limit, limit);
	clock_format_span(event->oldest_age_ms, age);
	clock_format_span(event->oldest_idle_ms, idle);
	if (event->held > 0)
		snprintf(oldest, sizeof oldest, ", the oldest opened %s ago and idle for %s", age,
		         idle);
	if (event->count > 1)
		snprintf(often, sizeof often, " (%" PRIu32 " times in the last minute)",
		         event->count);
	snprintf(event->text, sizeof event->text,
	         "%s of %s from %s: %s; %" PRIu32 " of %s held%s%s", r->what,
	         event->account[0] ? event->account : "an anonymous caller", event->client_address,
	         r->why, event->held, limit, oldest, often);
}

static void log_report(const struct report *r, const struct event *event)
{
	char limit[16], held[16], count[16], age[24], idle[24];

	format_limit(event->limit, limit);
	snprintf(held, sizeof held, "%" PRIu32, event->held);
	snprintf(count, sizeof count, "%" PRIu32, event->count);
	snprintf(age, sizeof age, "%" PRIu64, event->oldest_age_ms);
	snprintf(idle, sizeof idle, "%" PRIu64, event->oldest_idle_ms);
	const struct log_field fields[] = {
		{"reason",          r->reason                },
		{ "account",        event->account           },
		{ "client",         event->client_address    },
		{ "limit",          limit                    },
		{ "held",           held                     },
		{ "oldest_age_ms",  event->held ? age : NULL },
		{ "oldest_idle_ms", event->held ? idle : NULL},
		{ "count",          count                    },
	};
	log_event(LOG_LEVEL_WARN, event->id, fields, sizeof fields / sizeof fields[0], event->text);
}

static void tell(struct sessions *t, enum event_id id, const char *account,
                 const char *client_address, const struct standing *standing, uint32_t count)
{
	const struct report *r = report_of(id);
	struct event event = {
		.wall_ms = clock_wall_ms(),
		.id = id,
		.limit = standing->limit,
		.held = standing->held,
		.count = count,
		.oldest_age_ms = standing->oldest_age_ms,
		.oldest_idle_ms = standing->oldest_idle_ms,
	};
	snprintf(event.account, sizeof event.account, "%s", account);
	snprintf(event.client_address, sizeof event.client_address, "%s", client_address);
	describe(r, &event);
	log_report(r, &event);
	events_add(t->events, &event);
}

void report_account(struct sessions *t, enum event_id id, const char *account,
                    const char *client_address, const struct standing *standing)
{
	uint32_t count =
		notices_due(t->notices, id, account, client_address, standing, clock_mono_ms());
	if (count > 0)
		tell(t, id, account, client_address, standing, count);
}

void sessions_tick(struct sessions *t)
{
	struct notice n;
	while (notices_overdue(t->notices, clock_mono_ms(), &n))
		tell(t, n.id, n.account, n.client_address, &n.standing, n.pending);
}

void report_ended(struct sessions *t, enum session_end why, const char *account,
                  const char *client_address, size_t count)
{
	if (count == 0 || (why != SESSION_END_OPERATOR && why != SESSION_END_ACCOUNT))
		return;
	struct event event = { .wall_ms = clock_wall_ms(),
		               .id = EVENT_SESSIONS_ENDED,
		               .count = (uint32_t)count };
	snprintf(event.account, sizeof event.account, "%s", account);
	snprintf(event.client_address, sizeof event.client_address, "%s", client_address);
	snprintf(event.text, sizeof event.text, "Ended %zu session%s%s%s%s%s%s", count,
	         count == 1 ? "" : "s", account[0] ? " of " : "", account,
	         client_address[0] ? " from " : "", client_address,
	         why == SESSION_END_OPERATOR ? " for an operator"
	                                     : ": the account is disabled or deleted");

	char number[24];
	snprintf(number, sizeof number, "%zu", count);
	const struct log_field fields[] = {
		{"reason",   session_end_name(why)                    },
		{ "account", account[0] ? account : NULL              },
		{ "client",  client_address[0] ? client_address : NULL},
		{ "count",   number				   },
	};
	log_event(LOG_LEVEL_INFO, event.id, fields, sizeof fields / sizeof fields[0], event.text);
	events_add(t->events, &event);
}
