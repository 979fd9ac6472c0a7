#include "store/writer.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "mapi/attributes.h"
#include "store/change.h"
#include "store/store-private.h"

enum {
	WAITING_MAX_BYTES = 64 << 20,
	BATCH_MAX = 256,       /* changes in a transaction */
	COMPLAIN_MS = 60000,   /* a disk that is full is told of once in that time */
	PROPERTIES_SIZE = 256, /* of their names in an event */
};

struct writer {
	struct writer_config config;
	pthread_t thread;
	uint64_t complained_ms;
	pthread_mutex_t lock; /* over what follows */
	pthread_cond_t added;
	struct change *first, **last;
	size_t waiting_bytes;
	bool ending;
};

int writer_submit(struct writer *w, struct change *c)
{
	int err = 0;

	pthread_mutex_lock(&w->lock);
	if (w->waiting_bytes + c->memory.used > WAITING_MAX_BYTES) {
		err = ERR_LIMIT;
	} else {
		c->next = NULL;
		*w->last = c;
		w->last = &c->next;
		w->waiting_bytes += c->memory.used;
		pthread_cond_signal(&w->added);
	}
	pthread_mutex_unlock(&w->lock);
	return err;
}

/* Takes the first so many off the queue. */
static struct change *take_batch(struct writer *w)
{
	struct change *batch = w->first, **end = &w->first;

	for (size_t i = 0; i < BATCH_MAX && *end; i++) {
		w->waiting_bytes -= (*end)->memory.used;
		end = &(*end)->next;
	}
	w->first = *end;
	*end = NULL;
	if (!w->first)
		w->last = &w->first;
	return batch;
}

/* NULL when it is time to end, and nothing waits any more. */
static struct change *wait_for_batch(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->first && !w->ending)
		pthread_cond_wait(&w->added, &w->lock);
	struct change *batch = w->first ? take_batch(w) : NULL;
	pthread_mutex_unlock(&w->lock);
	return batch;
}

static void list_properties(const struct change *c, char text[PROPERTIES_SIZE])
{
	size_t size = 0;

	text[0] = '\0';
	for (size_t i = 0; i < c->edit_count && size < PROPERTIES_SIZE; i++)
		size += (size_t)snprintf(text + size, PROPERTIES_SIZE - size, "%s%s", i ? "," : "",
		                         attribute_by_id(c->edits[i].property_id)->ldap_name);
}

static void remember(const struct writer *w, const struct change *c, struct event *event)
{
	event->wall_ms = clock_wall_ms();
	snprintf(event->account, sizeof event->account, "%s", c->viewer.account);
	snprintf(event->client_address, sizeof event->client_address, "%s", c->client_address);
	if (w->config.events)
		events_add(w->config.events, event);
}

/* Who changed which properties of which entry; never their values. */
static void tell_change(const struct writer *w, const struct change *c, const struct snapshot *now)
{
	const struct view v = {.snapshot = now, .viewer = &c->viewer};
	const struct object *o = view_object(&v, c->mid);
	struct slice dn = o ? object_dn(&v, o) : slice_of_string("?");
	const char *right = right_name(change_right(c, w->config.rights, now));
	struct event event = {.id = EVENT_ENTRY_CHANGED, .count = 1};
	char properties[PROPERTIES_SIZE], entry[300];

	list_properties(c, properties);
	snprintf(entry, sizeof entry, "%.*s", (int)dn.size, (const char *)dn.data);
	snprintf(event.reason, sizeof event.reason, "%s", right);
	snprintf(event.text, sizeof event.text, "%s changed %s of %s", c->viewer.account,
	         properties, entry);
	const struct log_field fields[] = {
		{"reason",     right            },
		{"account",    c->viewer.account},
		{"client",     c->client_address},
		{"entry",      entry            },
		{"properties", properties       },
	};
	log_event(LOG_LEVEL_INFO, event.id, fields, sizeof fields / sizeof fields[0], event.text);
	remember(w, c, &event);
}

static void tell_failure(struct writer *w, const struct change *c, const struct error *e)
{
	struct event event = {.id = EVENT_CHANGE_FAILED, .count = 1};
	const struct log_field fields[] = {
		{"account", c->viewer.account},
		{"client",  c->client_address},
	};

	counter_add(COUNTER_CHANGES_FAILED, 1);
	if (w->complained_ms && clock_mono_ms() - w->complained_ms < COMPLAIN_MS)
		return;
	w->complained_ms = clock_mono_ms();
	snprintf(event.text, sizeof event.text, "A change by %s was refused: %s", c->viewer.account,
	         e->text);
	log_event(LOG_LEVEL_ERROR, event.id, fields, sizeof fields / sizeof fields[0], event.text);
	remember(w, c, &event);
}

/* All in one transaction, or where that fails, each in its own: one that is too large for what is
 * left of the disk does not hold up the others. */
static void write_list(struct writer *w, struct change *list)
{
	struct error e = {0};
	int err = changes_write(w->config.store, w->config.rights, list, &e);

	if (!err)
		return;
	if (!list->next) {
		list->err = err;
		tell_failure(w, list, &e);
		return;
	}
	for (struct change *c = list, *next; c; c = next) {
		next = c->next;
		c->next = NULL;
		write_list(w, c);
		c->next = next;
	}
}

static void write_batch(struct writer *w, struct change *batch)
{
	struct turn *turn = &w->config.store->turn;
	struct error e = {0};

	if (turn_take(turn, TURN_WAIT_MS)) {
		write_list(w, batch);
		turn_give(turn);
		return;
	}
	error_set(&e, ERR_BUSY, "an import has been under way for too long");
	for (struct change *c = batch; c; c = c->next) {
		c->err = ERR_BUSY;
		tell_failure(w, c, &e);
	}
}

static void finish_batch(const struct writer *w, struct change *batch)
{
	const struct snapshot *now = directory_acquire(w->config.store->directory);

	for (struct change *c = batch, *next; c; c = next) {
		next = c->next;
		if (!c->err && c->changed) {
			counter_add(COUNTER_CHANGES, 1);
			tell_change(w, c, now);
		}
		c->done(c->context, c->err);
		change_free(c);
	}
	snapshot_unref(now);
}

static void *write_all(void *context)
{
	struct writer *w = context;
	struct change *batch;

	while ((batch = wait_for_batch(w))) {
		write_batch(w, batch);
		finish_batch(w, batch);
	}
	return NULL;
}

/* Signals are for the thread that waits for them. */
static int start_thread(struct writer *w)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&w->thread, NULL, write_all, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

static void free_writer(struct writer *w)
{
	pthread_cond_destroy(&w->added);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

int writer_start(const struct writer_config *config, struct writer **out, struct error *e)
{
	struct writer *w = xcalloc(1, sizeof *w);

	w->config = *config;
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->added, NULL);
	int failed = start_thread(w);
	if (failed) {
		free_writer(w);
		return error_set(e, ERR_SYSTEM, "the writer's thread cannot be started: %s",
		                 strerror(failed));
	}
	*out = w;
	return 0;
}

void writer_stop(struct writer *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_signal(&w->added);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	free_writer(w);
}
