#include "directory/index_writer-private.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <stdlib.h>

/* Each run is cut at the same keys; what lies between two cuts is merged by one thread. */
struct load {
	unsigned lists;
	struct index_batch *runs;
	size_t run_count, range_count;
	size_t *cuts;          /* of each range and one more, a place in each run */
	struct index **pieces; /* one a range */
};

static size_t *cuts_of(const struct load *l, size_t range)
{
	return l->cuts + range * l->run_count;
}

static int compare(const struct index_change *a, const struct index_change *b)
{
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	return index_compare(slice_of(a->key, a->key_size), a->mid, slice_of(b->key, b->key_size),
	                     b->mid);
}

static size_t lower_bound(const struct index_batch *run, const struct index_change *than)
{
	size_t low = 0, high = run->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(&run->changes[middle], than) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void cut(struct load *l)
{
	const struct index_batch *longest = &l->runs[0];
	for (size_t i = 1; i < l->run_count; i++)
		if (l->runs[i].count > longest->count)
			longest = &l->runs[i];
	for (size_t range = 1; range < l->range_count && longest->count > 0; range++) {
		size_t at = longest->count * range / l->range_count;
		for (size_t i = 0; i < l->run_count; i++)
			cuts_of(l, range)[i] = lower_bound(&l->runs[i], &longest->changes[at]);
	}
	for (size_t i = 0; i < l->run_count; i++)
		cuts_of(l, l->range_count)[i] = l->runs[i].count;
}

/* The least of what is left of the runs; NULL at the end. */
static const struct index_change *take_least(const struct load *l, size_t *next, const size_t *ends)
{
	const struct index_change *least = NULL;
	size_t from = 0;
	for (size_t i = 0; i < l->run_count; i++) {
		if (next[i] == ends[i])
			continue;
		const struct index_change *c = &l->runs[i].changes[next[i]];
		if (least && compare(least, c) <= 0)
			continue;
		least = c;
		from = i;
	}
	if (least)
		next[from]++;
	return least;
}

static void merge_range(void *context, size_t range)
{
	struct load *l = context;
	struct index_writer *w = index_writer_new(l->lists, BLOCK_ENTRIES_FILL);
	size_t *next = xmemdup(cuts_of(l, range), l->run_count * sizeof *next);
	const size_t *ends = cuts_of(l, range + 1);
	const struct index_change *c, *last = NULL;

	for (; (c = take_least(l, next, ends)); last = c) {
		struct index_entry e = {slice_of(c->key, c->key_size), c->mid, c->lists};
		if (!last || !index_same_entry(last, c))
			index_writer_put(w, &e);
	}
	free(next);
	l->pieces[range] = index_writer_finish(w);
}

static const struct index *join(struct load *l)
{
	struct index_writer *w = index_writer_new(l->lists, BLOCK_ENTRIES_FILL);
	for (size_t i = 0; i < l->range_count; i++) {
		struct index *piece = l->pieces[i];
		for (size_t k = 0; k < piece->block_count; k++)
			index_writer_append(w, piece->blocks[k]);
		free(piece->blocks);
		free(piece);
	}
	struct index *ix = index_writer_finish(w);
	index_finish_spine(ix);
	return ix;
}

const struct index *index_load(unsigned lists, struct index_batch *runs, size_t run_count)
{
	struct load l = {.lists = lists, .runs = runs, .run_count = run_count};
	l.range_count = parallel_threads();
	l.cuts = xcalloc((l.range_count + 1) * run_count, sizeof *l.cuts);
	l.pieces = xcalloc(l.range_count, sizeof(void *));
	cut(&l);
	parallel_run(PARALLEL_GENTLY, l.range_count, merge_range, &l);
	const struct index *ix = join(&l);
	for (size_t i = 0; i < run_count; i++) {
		index_batch_free(&runs[i]);
		index_batch_init(&runs[i]);
	}
	free(l.cuts);
	free(l.pieces);
	return ix;
}
