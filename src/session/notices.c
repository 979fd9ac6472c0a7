#include "session/notices.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"

#define QUIET_MS 60000

/* A notice lives in one of the WAYS places of its set; the one told longest ago makes room for a
 * new one, and what it had still to tell is lost: better than memory that peers make grow. */
#define SETS 64
#define WAYS 8

struct notice {
	char key[ACCOUNT_NAME_SIZE];
	struct event last;
	uint64_t told_ms; /* monotonic */
	uint32_t pending; /* times since then */
	bool used;
};

struct notices {
	pthread_mutex_t lock;
	struct notice places[SETS][WAYS];
};

struct notices *notices_new(void)
{
	struct notices *n = xcalloc(1, sizeof *n);
	pthread_mutex_init(&n->lock, NULL);
	return n;
}

void notices_free(struct notices *n)
{
	if (!n)
		return;
	pthread_mutex_destroy(&n->lock);
	free(n);
}

static bool is_about(const struct notice *n, enum event_id id, const char *key)
{
	return n->used && n->last.id == id && strcmp(n->key, key) == 0;
}

/* The place of that notice, or the one that it may take over. */
static struct notice *find_place(struct notices *n, enum event_id id, const char *key)
{
	struct notice *set = n->places[(hash_bytes(slice_of_string(key)) + id) % SETS];
	struct notice *oldest = set;
	for (struct notice *p = set; p < set + WAYS; p++) {
		if (is_about(p, id, key))
			return p;
		if (p->told_ms < oldest->told_ms)
			oldest = p;
	}
	return oldest;
}

static uint32_t tell(struct notice *n, uint64_t now_ms)
{
	uint32_t count = n->pending;
	n->pending = 0;
	n->told_ms = now_ms;
	return count;
}

uint32_t notices_due(struct notices *n, const char *key, const struct event *event, uint64_t now_ms)
{
	uint32_t count = 0;

	pthread_mutex_lock(&n->lock);
	struct notice *place = find_place(n, event->id, key);
	bool known = is_about(place, event->id, key);
	if (!known) {
		*place = (struct notice){.used = true};
		snprintf(place->key, sizeof place->key, "%s", key);
	}
	place->last = *event;
	place->pending++;
	if (!known || now_ms - place->told_ms >= QUIET_MS)
		count = tell(place, now_ms);
	pthread_mutex_unlock(&n->lock);
	return count;
}

static bool is_overdue(const struct notice *n, uint64_t now_ms)
{
	return n->used && n->pending > 0 && now_ms - n->told_ms >= QUIET_MS;
}

bool notices_overdue(struct notices *n, uint64_t now_ms, struct event *out)
{
	bool found = false;

	pthread_mutex_lock(&n->lock);
	for (size_t i = 0; i < SETS * WAYS && !found; i++) {
		struct notice *place = &n->places[i / WAYS][i % WAYS];
		found = is_overdue(place, now_ms);
		if (found) {
			*out = place->last;
			out->count = tell(place, now_ms);
		}
	}
	pthread_mutex_unlock(&n->lock);
	return found;
}
