#include "directory/predicate-private.h"

#include "base/clock.h"
#include "directory/hierarchy-private.h"
#include "directory/links-private.h"
#include "directory/table-private.h"
#include "mapi/locale.h"

enum { CLOCK_NODES = 64 }; /* work between two looks at the clock */
enum { LINKS_A_STEP = 32 };

enum phase {
	PHASE_RESOLVE, /* the names in the restriction */
	PHASE_LINKS,   /* are followed */
	PHASE_SORT,    /* what is in the list */
	PHASE_FILTER,  /* the list, or the whole table */
	PHASE_DONE,
};

struct scan {
	struct view view;
	struct table table;
	struct arena *arena;
	enum phase phase;
	const struct predicate *predicate; /* NULL: all of the list match */
	struct name_matches *names;        /* not resolved yet */
	struct link_walk links;
	struct sorter *sort;
	bool whole_table;     /* is filtered; else the list is */
	const uint32_t *list; /* in table order when it is sorted */
	size_t list_count, next;
	struct index_cursor cursor;
	uint32_t objects_a_step;
	struct mid_array found;
	uint32_t max;
};

/* The names of which one is to be met: the matches are among its own. NULL: there is none. */
static const struct name_matches *find_resolved(const struct predicate *p)
{
	if (p->kind == PREDICATE_RESOLVED)
		return p->matches;
	for (uint32_t i = 0; p->kind == PREDICATE_AND && i < p->count; i++)
		if (p->children[i].kind == PREDICATE_RESOLVED)
			return p->children[i].matches;
	return NULL;
}

static struct scan *new_scan(const struct view *v, const struct table *t, size_t max,
                             struct arena *a, enum scan_status *status)
{
	struct scan *s = arena_alloc(a, sizeof *s);
	*status = s ? SCAN_MORE : SCAN_NO_MEMORY;
	if (s)
		*s = (struct scan){.view = *v,
		                   .table = *t,
		                   .arena = a,
		                   .max = max < UINT32_MAX ? (uint32_t)max : UINT32_MAX};
	return s;
}

static enum scan_status enter(struct scan *s, enum phase phase)
{
	s->phase = phase;
	s->next = 0;
	return SCAN_MORE;
}

static enum scan_status sort_list(struct scan *s, const uint32_t *list, size_t count)
{
	s->sort = sorter_new(&s->view, &s->table, list, count, s->arena);
	return s->sort ? enter(s, PHASE_SORT) : SCAN_NO_MEMORY;
}

static enum scan_status filter_list(struct scan *s, const uint32_t *list, size_t count)
{
	s->list = list;
	s->list_count = count;
	return enter(s, PHASE_FILTER);
}

static enum scan_status filter_table(struct scan *s)
{
	s->whole_table = true;
	s->cursor = index_at(s->table.order, 0);
	index_cursor_settle(&s->cursor, s->table.container->list);
	return enter(s, PHASE_FILTER);
}

/* When all names are resolved: what may match is in one of them, or anywhere in the table. */
static enum scan_status choose_list(struct scan *s)
{
	const struct roster *roster = s->table.container->roster;
	const struct name_matches *m = find_resolved(s->predicate);
	if (roster)
		return filter_list(s, roster->mids, roster->count);
	if (m && m->set.count <= NAME_MATCHES_SOME)
		return sort_list(s, m->some.mids, m->some.count);
	return filter_table(s);
}

struct collecting {
	struct name_matches *matches;
	struct arena *arena;
	bool failed;
};

static bool collect_match(void *context, const struct object *o)
{
	struct collecting *c = context;
	struct name_matches *m = c->matches;
	size_t before = m->set.count;
	c->failed = !mid_set_add(&m->set, o->mid, c->arena);
	if (!c->failed && m->set.count > before && before < NAME_MATCHES_SOME)
		c->failed = !mid_array_add(&m->some, o->mid, c->arena);
	return !c->failed;
}

static enum scan_status resolve(struct scan *s)
{
	struct collecting c = {s->names, s->arena, false};
	if (!s->names)
		return choose_list(s);
	bool more = resolve_some(&s->view, s->table.container, s->names->name, &s->names->place,
	                         collect_match, &c);
	if (c.failed)
		return SCAN_NO_MEMORY;
	if (!more)
		s->names = s->names->next;
	return SCAN_MORE;
}

static enum scan_status add(struct scan *s, uint32_t mid)
{
	if (s->found.count == s->max)
		return SCAN_TOO_MANY;
	return mid_array_add(&s->found, mid, s->arena) ? SCAN_MORE : SCAN_NO_MEMORY;
}

static enum scan_status follow_links(struct scan *s)
{
	enum scan_status status = SCAN_MORE;
	const struct object *o;
	for (int i = 0; i < LINKS_A_STEP && status == SCAN_MORE; i++) {
		if (!link_walk_look(&s->links, &o))
			return sort_list(s, s->found.mids, s->found.count);
		if (o)
			status = add(s, o->mid);
	}
	return status;
}

static enum scan_status sort(struct scan *s)
{
	enum scan_status status = sorter_step(s->sort);
	size_t count;
	if (status != SCAN_DONE)
		return status;
	uint32_t *sorted = sorter_mids(s->sort, &count);
	if (s->predicate)
		return filter_list(s, sorted, count);
	s->found = (struct mid_array){sorted, (uint32_t)count, (uint32_t)count};
	return enter(s, PHASE_DONE);
}

/* The next object to look at; NULL at the end. */
static const struct object *next_object(struct scan *s)
{
	uint32_t mid;
	if (!s->whole_table) {
		if (s->next == s->list_count)
			return NULL;
		mid = s->list[s->next++];
	} else {
		if (!index_cursor_valid(&s->cursor))
			return NULL;
		mid = index_cursor_mid(&s->cursor);
		index_cursor_next(&s->cursor, s->table.container->list);
	}
	return records_get(&s->view.snapshot->records, mid);
}

static enum scan_status filter(struct scan *s)
{
	enum scan_status status = SCAN_MORE;
	for (uint32_t i = 0; i < s->objects_a_step && status == SCAN_MORE; i++) {
		const struct object *o = next_object(s);
		if (!o)
			return enter(s, PHASE_DONE);
		if (predicate_holds(s->predicate, &s->view, &s->table, o))
			status = add(s, o->mid);
	}
	return status;
}

struct scan *scan_new(const struct view *v, const struct table *t, const struct mapi_restriction *r,
                      uint32_t codepage, uint32_t max_matches, struct arena *a,
                      enum scan_status *status)
{
	struct predicate_made made = {0};
	struct scan *s = new_scan(v, t, max_matches, a, status);
	if (!s)
		return NULL;
	*status = predicate_make(v, r, codepage, a, &made);
	if (*status != SCAN_DONE)
		return NULL;
	*status = enter(s, PHASE_RESOLVE);
	s->predicate = made.predicate;
	s->names = made.names;
	s->objects_a_step = (uint32_t)(1 + CLOCK_NODES / made.nodes);
	return s;
}

struct scan *scan_links_new(const struct view *v, const struct object *o, uint16_t property_id,
                            size_t max, struct arena *a, enum scan_status *status)
{
	struct table names;
	struct link_walk links;
	*status = SCAN_TOO_COMPLEX;
	if (!link_walk_start(&links, v, o, property_id) ||
	    table_open(v, view_container(v, 0), TABLE_BY_DISPLAY_NAME, LCID_EN_US, &names) != 0)
		return NULL;
	struct scan *s = new_scan(v, &names, max, a, status);
	if (!s)
		return NULL;
	*status = enter(s, PHASE_LINKS);
	s->links = links;
	s->links.view = &s->view;
	return s;
}

struct scan *scan_list_new(const struct view *v, const struct table *t, const uint32_t *mids,
                           size_t count, struct arena *a, enum scan_status *status)
{
	struct scan *s = new_scan(v, t, count, a, status);
	if (!s)
		return NULL;
	*status = sort_list(s, mids, count);
	return *status == SCAN_MORE ? s : NULL;
}

static enum scan_status step(struct scan *s)
{
	static enum scan_status (*const phases[])(struct scan * s) = {
		[PHASE_RESOLVE] = resolve,
		[PHASE_LINKS] = follow_links,
		[PHASE_SORT] = sort,
		[PHASE_FILTER] = filter,
	};
	if (s->phase == PHASE_DONE)
		return SCAN_DONE;
	enum scan_status status = phases[s->phase](s);
	return status == SCAN_MORE && s->phase == PHASE_DONE ? SCAN_DONE : status;
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
	*count = s->found.count;
	return s->found.mids;
}
