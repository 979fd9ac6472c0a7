#include "directory/predicate-private.h"

#include "base/clock.h"
#include "directory/hierarchy-private.h"

enum { CANDIDATES_MAX = 16384 }; /* more are met by walking the table */
enum { CLOCK_NODES = 512 };      /* work between two looks at the clock */

struct scan {
	struct view view;
	struct table table;
	const struct predicate *predicate;
	const uint32_t *candidates; /* in table order; NULL: the table itself */
	size_t candidate_count, next;
	struct index_cursor cursor;
	uint32_t objects_a_look; /* at the clock */
	struct arena *arena;
	uint32_t *matches;
	uint32_t count, capacity, max_matches;
};

/* The part of a conjunction that already names its objects. */
static const struct predicate *find_resolved(const struct predicate *p)
{
	if (p->kind == PREDICATE_RESOLVED)
		return p;
	for (uint32_t i = 0; p->kind == PREDICATE_AND && i < p->count; i++)
		if (p->children[i].kind == PREDICATE_RESOLVED)
			return &p->children[i];
	return NULL;
}

static bool take_candidates(struct scan *s)
{
	const struct roster *roster = s->table.container->roster;
	const struct predicate *p = roster ? NULL : find_resolved(s->predicate);
	size_t count = p ? p->count : 0;
	if (roster) {
		s->candidates = roster->mids;
		s->candidate_count = roster->count;
		return true;
	}
	if (!p || count > CANDIDATES_MAX)
		return true;
	uint32_t *mids = arena_alloc_array(s->arena, count, sizeof *mids);
	if (!mids)
		return false;
	if (count > 0)
		memcpy(mids, p->mids, count * sizeof *mids);
	if (table_sort_mids(&s->view, &s->table, mids, &count, s->arena) != 0)
		return false;
	s->candidates = mids;
	s->candidate_count = count;
	return true;
}

struct scan *scan_new(const struct view *v, const struct table *t, const struct mapi_restriction *r,
                      uint32_t codepage, uint32_t max_matches, struct arena *a,
                      enum scan_status *status)
{
	size_t nodes;
	struct scan *s = arena_alloc(a, sizeof *s);
	*status = SCAN_NO_MEMORY;
	if (!s)
		return NULL;
	*s = (struct scan){.view = *v, .table = *t, .arena = a, .max_matches = max_matches};
	s->predicate = predicate_new(v, t, r, codepage, a, &nodes, status);
	if (!s->predicate)
		return NULL;
	if (!take_candidates(s))
		return NULL;
	s->cursor = index_at(t->order, 0);
	index_cursor_settle(&s->cursor, t->container->list);
	s->objects_a_look = (uint32_t)(1 + CLOCK_NODES / nodes);
	*status = SCAN_MORE;
	return s;
}

/* The next object to look at; NULL at the end. */
static const struct object *next_object(struct scan *s)
{
	uint32_t mid;
	if (s->candidates) {
		if (s->next == s->candidate_count)
			return NULL;
		mid = s->candidates[s->next++];
	} else {
		if (!index_cursor_valid(&s->cursor))
			return NULL;
		mid = index_cursor_mid(&s->cursor);
		index_cursor_next(&s->cursor, s->table.container->list);
	}
	return records_get(&s->view.snapshot->records, mid);
}

static enum scan_status add_match(struct scan *s, uint32_t mid)
{
	if (s->count == s->max_matches)
		return SCAN_TOO_MANY;
	if (s->count == s->capacity) {
		uint32_t capacity = s->capacity ? 2 * s->capacity : 32;
		uint32_t *bigger = arena_alloc_array(s->arena, capacity, sizeof *bigger);
		if (!bigger)
			return SCAN_NO_MEMORY;
		if (s->count > 0)
			memcpy(bigger, s->matches, s->count * sizeof *bigger);
		s->matches = bigger;
		s->capacity = capacity;
	}
	s->matches[s->count++] = mid;
	return SCAN_MORE;
}

/* A few objects, between two looks at the clock. */
static enum scan_status step(struct scan *s)
{
	for (uint32_t i = 0; i < s->objects_a_look; i++) {
		const struct object *o = next_object(s);
		if (!o)
			return SCAN_DONE;
		if (!predicate_holds(s->predicate, &s->view, &s->table, o))
			continue;
		enum scan_status status = add_match(s, o->mid);
		if (status != SCAN_MORE)
			return status;
	}
	return SCAN_MORE;
}

enum scan_status scan_run(struct scan *s, uint32_t budget_us)
{
	uint64_t end = clock_mono_us() + budget_us;
	enum scan_status status;
	do {
		status = step(s);
	} while (status == SCAN_MORE && clock_mono_us() < end);
	return status;
}

const uint32_t *scan_mids(const struct scan *s, uint32_t *count)
{
	*count = s->count;
	return s->matches;
}
