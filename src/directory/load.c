#include "directory/load-private.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <stdlib.h>

static void add_object(void *context, const struct object *o)
{
	struct object_list *l = context;
	l->objects[l->count++] = o;
}

struct object_list object_list_new(const struct records *r, size_t count)
{
	struct object_list l = {xcalloc(count + 1, sizeof *l.objects), 0};
	records_each(r, add_object, &l);
	return l;
}

void object_list_free(struct object_list *l)
{
	free(l->objects);
	*l = (struct object_list){0};
}

/* Runs of keys, each of a slice of the objects. */
struct key_runs {
	const struct directory_settings *settings;
	const struct object_list *list;
	size_t index;
	size_t count;
	struct index_batch *batches;
};

static void make_run(void *context, size_t run)
{
	const struct key_runs *r = context;
	size_t first = r->list->count * run / r->count, end = r->list->count * (run + 1) / r->count;
	for (size_t i = first; i < end; i++)
		keys_put(r->settings, r->index, r->list->objects[i], false, &r->batches[run]);
	index_batch_sort(&r->batches[run]);
}

const struct index *index_of_objects(const struct directory_settings *settings, size_t index,
                                     const struct object_list *list)
{
	struct key_runs r = {settings, list, index, parallel_threads(), NULL};
	r.batches = xcalloc(r.count, sizeof *r.batches);
	for (size_t i = 0; i < r.count; i++)
		index_batch_init(&r.batches[i]);
	parallel_run(PARALLEL_GENTLY, r.count, make_run, &r);
	const struct index *ix = index_load(keys_lists(settings, index), r.batches, r.count);
	for (size_t i = 0; i < r.count; i++)
		index_batch_free(&r.batches[i]);
	free(r.batches);
	return ix;
}
