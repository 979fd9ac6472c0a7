#ifndef SESSION_EVENTS_H
#define SESSION_EVENTS_H

/*
 * The last events about sessions, in memory, for `nspictl events`: refusals, ends by an operator,
 * warnings at 80 %, changed limits. A ring of fixed size; safe from any thread. Each has an id;
 * docs/events.md lists them.
 */

#include "base/guid.h"
#include "session/session.h"

enum event_id {
	EVENT_SESSION_WARNING = 2000, /* an account holds warn_percent of its limit */
	EVENT_REFUSED_LIMIT = 2001,
	EVENT_REFUSED_UNAUTHENTICATED = 2002,
	EVENT_REFUSED_DISABLED = 2003,
	EVENT_REFUSED_NO_RIGHT = 2004,
	EVENT_WOULD_REFUSE = 2005,   /* on_excess = audit */
	EVENT_SESSIONS_ENDED = 2006, /* by an operator, or with their account */
	EVENT_LIMIT_CHANGED = 2007,
	EVENT_LOGIN_FAILED = 2008,
	EVENT_ENTRY_CHANGED = 2100, /* by a client */
	EVENT_CHANGE_FAILED = 2101, /* it could not be written */
};

struct event {
	uint64_t wall_ms;
	enum event_id id;
	char account[ACCOUNT_NAME_SIZE];
	char client_address[64];
	char reason[48];             /* "limit", "wrong password"; "" when there is none to tell */
	uint32_t limit, held, count; /* count: how often it happened in the minute before */
	uint64_t oldest_age_ms, oldest_idle_ms;
	char text[512]; /* a sentence */
};

struct events;

struct events *events_new(size_t capacity);
void events_free(struct events *e);
void events_add(struct events *e, const struct event *event);
/* Copies the newest `max`, oldest first; returns how many. */
size_t events_copy(struct events *e, struct event *out, size_t max);

/* A login that failed, as auth/ tells it; account is what the client wrote. Told once a minute for
 * each client. */
void sessions_login_failed(struct sessions *t, const char *account, const char *client_address,
                           const char *reason);

const char *event_name(enum event_id id); /* "refused-limit" */

/* The ring of a session table, to which admin adds its own (limit changes). */
struct events *sessions_events(struct sessions *t);

#endif
