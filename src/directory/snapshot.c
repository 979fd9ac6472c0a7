#include "directory/snapshot-private.h"

#include "base/memory.h"
#include "directory/collation-private.h"
#include "directory/directory.h"
#include "directory/hierarchy-private.h"
#include "mapi/tags.h"

#include <pthread.h>
#include <stdlib.h>

struct directory {
	pthread_mutex_t lock;         /* over current and settings */
	_Atomic uint64_t published;   /* generation of current, read without the lock */
	_Atomic uint64_t generations; /* given out */
	const struct snapshot *current;
	struct directory_settings *settings;
};

struct directory_settings *directory_settings(struct directory *d)
{
	pthread_mutex_lock(&d->lock);
	struct directory_settings *s = directory_settings_ref(d->settings);
	pthread_mutex_unlock(&d->lock);
	return s;
}

struct snapshot *snapshot_new(struct directory *d, struct directory_settings *settings)
{
	struct snapshot *s = xcalloc(1, sizeof *s);
	s->refs = 1;
	s->generation = atomic_fetch_add_explicit(&d->generations, 1, memory_order_relaxed) + 1;
	s->settings = directory_settings_ref(settings);
	return s;
}

static struct snapshot *copy_with(struct directory *d, const struct snapshot *base,
                                  struct directory_settings *settings)
{
	struct snapshot *s = snapshot_new(d, settings);

	s->count = base->count;
	s->source = base->source;
	s->records = records_share(&base->records);
	for (size_t i = 0; i < snapshot_index_count(s); i++)
		s->indexes[i] = base->indexes[i] ? index_ref(base->indexes[i]) : NULL;
	return s;
}

struct policy *directory_policy(struct directory *d)
{
	struct directory_settings *s = directory_settings(d);
	struct policy *p = policy_ref(s->policy);

	directory_settings_unref(s);
	return p;
}

struct snapshot *snapshot_copy(struct directory *d, const struct snapshot *base)
{
	return copy_with(d, base, base->settings);
}

int directory_set_policy(struct directory *d, struct policy *p, bool *rebuild, struct error *e)
{
	struct directory_settings *old = d->settings;
	struct address_lists *lists = NULL;
	int err = lists_new(p, &lists, e);

	if (err)
		return err;
	struct directory_settings *s = directory_settings_with(old, p, lists);
	*rebuild = !lists_alike(old->lists, lists);
	pthread_mutex_lock(&d->lock);
	d->settings = s;
	pthread_mutex_unlock(&d->lock);
	if (!*rebuild)
		directory_publish(d, copy_with(d, d->current, s));
	directory_settings_unref(old);
	return 0;
}

struct directory_settings *directory_settings_copy(struct directory *d)
{
	struct directory_settings *old = directory_settings(d);
	struct directory_settings *s = xmemdup(old, sizeof *s);

	s->refs = 1;
	lists_ref(s->lists);
	policy_ref(s->policy);
	directory_settings_unref(old);
	return s;
}

void directory_adopt_settings(struct directory *d, struct directory_settings *s)
{
	pthread_mutex_lock(&d->lock);
	struct directory_settings *old = d->settings;
	d->settings = directory_settings_ref(s);
	pthread_mutex_unlock(&d->lock);
	directory_settings_unref(old);
}

struct directory *directory_new(const struct directory_config *config)
{
	struct directory *d = xcalloc(1, sizeof *d);
	pthread_mutex_init(&d->lock, NULL);
	d->settings = directory_settings_new(config);
	directory_publish(d, builder_finish(builder_new(d, NULL)));
	return d;
}

void directory_free(struct directory *d)
{
	if (!d)
		return;
	snapshot_unref(d->current);
	directory_settings_unref(d->settings);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

const struct snapshot *directory_acquire(struct directory *d)
{
	pthread_mutex_lock(&d->lock);
	const struct snapshot *s = snapshot_ref(d->current);
	pthread_mutex_unlock(&d->lock);
	return s;
}

/* The last of what a snapshot needs, which may well be what the one before has. */
static void complete(struct snapshot *s, const struct snapshot *before)
{
	if (s->hierarchy)
		return;
	if (before && hierarchy_fits(before->hierarchy, s))
		s->hierarchy = hierarchy_ref(before->hierarchy);
	else
		s->hierarchy = hierarchy_new(s);
}

void directory_publish(struct directory *d, const struct snapshot *s)
{
	const struct snapshot *before = d->current ? directory_acquire(d) : NULL;
	complete((struct snapshot *)(uintptr_t)s, before);
	snapshot_unref(before);
	pthread_mutex_lock(&d->lock);
	const struct snapshot *old = d->current;
	d->current = s;
	atomic_store_explicit(&d->published, s->generation, memory_order_release);
	pthread_mutex_unlock(&d->lock);
	snapshot_unref(old);
}

const struct snapshot *snapshot_ref(const struct snapshot *s)
{
	struct snapshot *shared = (struct snapshot *)(uintptr_t)s;
	atomic_fetch_add_explicit(&shared->refs, 1, memory_order_relaxed);
	return s;
}

void snapshot_unref(const struct snapshot *s)
{
	struct snapshot *shared = (struct snapshot *)(uintptr_t)s;
	if (!s || atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < snapshot_index_count(s); i++)
		index_unref(s->indexes[i]);
	hierarchy_unref(shared->hierarchy);
	records_free(&shared->records);
	directory_settings_unref(shared->settings);
	free(shared);
}

void directory_reader_init(struct directory_reader *r, struct directory *d)
{
	*r = (struct directory_reader){.directory = d, .snapshot = directory_acquire(d)};
	r->generation = r->snapshot->generation;
}

const struct snapshot *directory_reader_refresh(struct directory_reader *r)
{
	struct directory *d = r->directory;
	if (atomic_load_explicit(&d->published, memory_order_acquire) != r->generation) {
		snapshot_unref(r->snapshot);
		r->snapshot = directory_acquire(d);
		r->generation = r->snapshot->generation;
	}
	return r->snapshot;
}

void directory_reader_done(struct directory_reader *r)
{
	snapshot_unref(r->snapshot);
	*r = (struct directory_reader){0};
}

size_t snapshot_count(const struct snapshot *s)
{
	return s->count;
}

uint64_t snapshot_generation(const struct snapshot *s)
{
	return s->generation;
}

uint64_t snapshot_source(const struct snapshot *s)
{
	return s->source;
}
