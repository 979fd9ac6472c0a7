#include "store/keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "directory/snapshot_file.h"
#include "store/journal.h"
#include "store/store-private.h"

enum {
	LOOK_MS = 1000,
	QUIET_MS = 5000,      /* without a change before the file is written */
	PATIENCE_MS = 600000, /* however many changes there are */
	PAUSE_FACTOR = 20,    /* of the time that writing it takes: so much is between two times */
};

struct keeper {
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	_Atomic bool ending;
	uint64_t source;     /* that was seen last */
	uint64_t changed_ms; /* when another one was seen */
	uint64_t unsaved_ms; /* since when the file is behind; 0: it is not */
	uint64_t next_ms;    /* not before */
	bool incomplete;     /* an order was made that the file lacks */
	bool failed;         /* was told */
};

static const struct snapshot *now_published(const struct keeper *k)
{
	return directory_acquire(k->store->directory);
}

/* False when the keeper ends before its turn comes. */
static bool take_turn(struct keeper *k)
{
	while (!k->ending)
		if (turn_take(&k->store->turn, LOOK_MS))
			return true;
	return false;
}

static bool make_one_order(struct keeper *k)
{
	const struct snapshot *s = now_published(k);
	uint64_t start = clock_mono_ms();
	struct order *o = order_make(s);
	snapshot_unref(s);
	if (!o)
		return false;
	if (!take_turn(k)) {
		order_free(o);
		return false;
	}
	order_publish(o, k->store->directory);
	turn_give(&k->store->turn);
	log_info("a sort order was made in %" PRIu64 " ms", clock_mono_ms() - start);
	return true;
}

static void tell_failure(struct keeper *k, const struct error *e)
{
	if (!k->failed)
		log_warn("%s; the next start will take longer", e->text);
	k->failed = true;
}

static void save(struct keeper *k, const _Atomic bool *cancel)
{
	struct store *s = k->store;
	const struct snapshot *book = now_published(k);
	uint64_t start = clock_mono_ms();
	struct error e = {0};
	int err = snapshot_file_write(book, &s->server_guid, s->snapshot_path, cancel, &e);
	uint64_t took = clock_mono_ms() - start;
	if (!err) {
		s->saved_source = snapshot_source(book);
		k->unsaved_ms = 0;
		k->incomplete = k->failed = false;
		log_debug("%s was written in %" PRIu64 " ms", s->snapshot_path, took);
	} else if (err != ERR_BUSY) {
		tell_failure(k, &e);
	}
	k->next_ms = clock_mono_ms() + PAUSE_FACTOR * took;
	snapshot_unref(book);
}

/* Notes when the book changed. */
static void look(struct keeper *k)
{
	const struct snapshot *book = now_published(k);
	uint64_t source = snapshot_source(book), now = clock_mono_ms();
	bool empty = snapshot_count(book) == 0;
	snapshot_unref(book);
	if (source != k->source)
		k->changed_ms = now;
	k->source = source;
	if ((source == k->store->saved_source && !k->incomplete) ||
	    (empty && !k->store->saved_source))
		k->unsaved_ms = 0;
	else if (!k->unsaved_ms)
		k->unsaved_ms = now;
}

static bool is_due(const struct keeper *k)
{
	uint64_t now = clock_mono_ms();
	bool calm = now - k->changed_ms >= QUIET_MS || now - k->unsaved_ms >= PATIENCE_MS;
	return k->unsaved_ms && calm && now >= k->next_ms;
}

/* Whether the file, with the journal, is no way to the book as it is. */
static bool is_out_of_reach(const struct keeper *k)
{
	struct store *s = k->store;
	MDB_txn *txn = NULL;
	if (!k->unsaved_ms || store_begin_read(s, &txn, NULL))
		return false;
	bool reached = s->saved_source && journal_reaches(s, txn, s->saved_source);
	mdb_txn_abort(txn);
	return !reached;
}

static void wait_a_while(struct keeper *k)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LOOK_MS / 1000;
	pthread_mutex_lock(&k->lock);
	if (!k->ending)
		pthread_cond_timedwait(&k->wake, &k->lock, &until);
	pthread_mutex_unlock(&k->lock);
}

static void *keep(void *context)
{
	struct keeper *k = context;
	parallel_give_way();
	look(k);
	k->changed_ms = clock_mono_ms() - QUIET_MS; /* what a start has built need not settle */
	while (!k->ending) {
		while (!k->ending && make_one_order(k))
			k->incomplete = true;
		look(k);
		if (is_due(k))
			save(k, &k->ending);
		wait_a_while(k);
	}
	look(k);
	if (is_out_of_reach(k))
		save(k, NULL);
	return NULL;
}

static int start_thread(struct keeper *k, struct error *e)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before); /* they are for the main thread */
	int rc = pthread_create(&k->thread, NULL, keep, k);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc ? error_set(e, ERR_SYSTEM, "cannot start a thread: %s", strerror(rc)) : 0;
}

static void free_keeper(struct keeper *k)
{
	pthread_cond_destroy(&k->wake);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

int keeper_start(struct store *s, struct keeper **out, struct error *e)
{
	struct keeper *k = xcalloc(1, sizeof *k);
	pthread_condattr_t monotonic;
	k->store = s;
	pthread_mutex_init(&k->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&k->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	int err = start_thread(k, e);
	if (err)
		free_keeper(k);
	else
		*out = k;
	return err;
}

void keeper_stop(struct keeper *k)
{
	if (!k)
		return;
	pthread_mutex_lock(&k->lock);
	k->ending = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
	free_keeper(k);
}
