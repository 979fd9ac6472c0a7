#include "session/events.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

struct events {
	pthread_mutex_t lock;
	size_t capacity, count, next; /* next: where the next one goes */
	struct event ring[];
};

struct events *events_new(size_t capacity)
{
	struct events *e = xcalloc(1, sizeof *e + capacity * sizeof e->ring[0]);
	pthread_mutex_init(&e->lock, NULL);
	e->capacity = capacity;
	return e;
}

void events_free(struct events *e)
{
	if (!e)
		return;
	pthread_mutex_destroy(&e->lock);
	free(e);
}

void events_add(struct events *e, const struct event *event)
{
	pthread_mutex_lock(&e->lock);
	e->ring[e->next] = *event;
	e->next = (e->next + 1) % e->capacity;
	if (e->count < e->capacity)
		e->count++;
	pthread_mutex_unlock(&e->lock);
}

size_t events_copy(struct events *e, struct event *out, size_t max)
{
	pthread_mutex_lock(&e->lock);
	size_t count = e->count < max ? e->count : max;
	size_t first = e->next + e->capacity - count;
	for (size_t i = 0; i < count; i++)
		out[i] = e->ring[(first + i) % e->capacity];
	pthread_mutex_unlock(&e->lock);
	return count;
}

const char *event_name(enum event_id id)
{
	static const struct {
		enum event_id id;
		const char *name;
	} names[] = {
		{EVENT_SESSION_WARNING,         "session-warning"        },
		{EVENT_REFUSED_LIMIT,           "refused-limit"          },
		{EVENT_REFUSED_UNAUTHENTICATED, "refused-unauthenticated"},
		{EVENT_REFUSED_DISABLED,        "refused-disabled"       },
		{EVENT_REFUSED_NO_RIGHT,        "refused-no-right"       },
		{EVENT_WOULD_REFUSE,            "would-refuse"           },
		{EVENT_SESSIONS_ENDED,          "sessions-ended"         },
		{EVENT_LIMIT_CHANGED,           "limit-changed"          },
		{EVENT_LOGIN_FAILED,            "login-failed"           },
		{EVENT_ENTRY_CHANGED,           "entry-changed"          },
		{EVENT_CHANGE_FAILED,           "change-failed"          },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].id == id)
			return names[i].name;
	return "unknown";
}
