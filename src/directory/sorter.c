#include "directory/table-private.h"

#include "directory/mids-private.h"
#include "directory/snapshot-private.h"

enum { MANY = 1024, SHARE = 64 }; /* of the whole order, from which on it is walked */
enum { STEP = 64 };               /* MIds that one step deals with */

/* A MId on its way into order. */
struct sorted_mid {
	struct slice key;
	uint32_t mid;
};

enum phase {
	PHASE_COLLECT, /* into a set, of the MIds that the view knows */
	PHASE_WALK,    /* through the whole order: who is in the set comes as it is met */
	PHASE_KEYS,    /* made of each MId */
	PHASE_MERGE,   /* of runs of keys into runs twice as long */
	PHASE_TAKE,    /* the MIds from the keys */
	PHASE_DONE,
};

struct sorter {
	struct view view;
	const struct table *table;
	struct arena *arena;
	const uint32_t *mids;
	size_t count, next; /* of the MIds, or of the keys */
	enum phase phase;
	struct mid_set *set; /* NULL: there is no walk */
	struct index_cursor cursor;
	struct sorted_mid *keys, *merged;
	size_t key_count;
	size_t run;         /* length of the runs that are merged */
	size_t left, right; /* the next ones of the two runs */
	uint32_t *sorted;
	size_t sorted_count;
};

/* A good part of the book is met sooner by a walk through its order. */
static bool is_good_part(const struct table *t, size_t count)
{
	return count >= MANY && count >= index_count(t->order, INDEX_ALL) / SHARE;
}

struct sorter *sorter_new(const struct view *v, const struct table *t, const uint32_t *mids,
                          size_t count, struct arena *a)
{
	struct sorter *s = arena_alloc(a, sizeof *s);
	bool walked = is_good_part(t, count);
	if (!s)
		return NULL;
	*s = (struct sorter){.view = *v,
	                     .table = t,
	                     .arena = a,
	                     .mids = mids,
	                     .count = count,
	                     .phase = walked ? PHASE_COLLECT : PHASE_KEYS,
	                     .set = walked ? arena_alloc(a, sizeof *s->set) : NULL,
	                     .sorted = arena_alloc_array(a, count, sizeof *s->sorted)};
	return s->sorted && (s->set || !walked) ? s : NULL;
}

static enum scan_status enter(struct sorter *s, enum phase phase)
{
	s->phase = phase;
	s->next = 0;
	return SCAN_MORE;
}

static enum scan_status collect(struct sorter *s)
{
	if (s->next == s->count) {
		s->cursor = index_at(s->table->order, 0);
		return enter(s, PHASE_WALK);
	}
	uint32_t mid = s->mids[s->next++];
	if (!view_object(&s->view, mid))
		return SCAN_MORE;
	if (mid_set_has(s->set, mid))
		return enter(s, PHASE_KEYS); /* a set has nothing twice */
	return mid_set_add(s->set, mid, s->arena) ? SCAN_MORE : SCAN_NO_MEMORY;
}

static enum scan_status walk(struct sorter *s)
{
	if (s->sorted_count == s->set->count)
		return enter(s, PHASE_DONE);
	if (!index_cursor_valid(&s->cursor)) {
		s->sorted_count = 0;
		return enter(s, PHASE_KEYS); /* some are not in the order */
	}
	uint32_t mid = index_cursor_mid(&s->cursor);
	index_cursor_next(&s->cursor, INDEX_ALL);
	if (mid_set_has(s->set, mid))
		s->sorted[s->sorted_count++] = mid;
	return SCAN_MORE;
}

static bool make_room(struct sorter *s)
{
	s->keys = arena_alloc_array(s->arena, s->count, sizeof *s->keys);
	s->merged = arena_alloc_array(s->arena, s->count, sizeof *s->merged);
	return s->keys && s->merged;
}

static void start_runs(struct sorter *s, size_t run)
{
	s->run = run;
	s->left = 0;
	s->right = run;
	enter(s, PHASE_MERGE);
}

static enum scan_status make_key(struct sorter *s)
{
	uint8_t key[INDEX_KEY_MAX];
	if (!s->keys && !make_room(s))
		return SCAN_NO_MEMORY;
	if (s->next == s->count) {
		start_runs(s, 1);
		return SCAN_MORE;
	}
	uint32_t mid = s->mids[s->next++];
	const struct object *o = view_object(&s->view, mid);
	if (!o)
		return SCAN_MORE;
	struct slice copy = arena_slice(s->arena, slice_of(key, table_key(s->table, o, key)));
	if (!copy.data)
		return SCAN_NO_MEMORY;
	s->keys[s->key_count++] = (struct sorted_mid){copy, mid};
	return SCAN_MORE;
}

static size_t run_end(const struct sorter *s, size_t runs)
{
	size_t start = s->next - s->next % (2 * s->run), end = start + runs * s->run;
	return end < s->key_count ? end : s->key_count;
}

static bool takes_left(const struct sorter *s, size_t left_end, size_t right_end)
{
	if (s->left >= left_end || s->right >= right_end)
		return s->left < left_end;
	const struct sorted_mid *x = &s->keys[s->left], *y = &s->keys[s->right];
	return index_compare(x->key, x->mid, y->key, y->mid) <= 0;
}

/* One more of two runs that stand beside each other. */
static enum scan_status merge(struct sorter *s)
{
	if (s->run >= s->key_count)
		return enter(s, PHASE_TAKE);
	if (s->next == s->key_count) {
		struct sorted_mid *spare = s->keys;
		s->keys = s->merged;
		s->merged = spare;
		start_runs(s, 2 * s->run);
		return SCAN_MORE;
	}
	bool left = takes_left(s, run_end(s, 1), run_end(s, 2));
	s->merged[s->next] = s->keys[left ? s->left++ : s->right++];
	s->next++;
	if (s->next % (2 * s->run) == 0) {
		s->left = s->next;
		s->right = s->next + s->run;
	}
	return SCAN_MORE;
}

static enum scan_status take(struct sorter *s)
{
	if (s->next == s->key_count)
		return enter(s, PHASE_DONE);
	s->sorted[s->sorted_count++] = s->keys[s->next++].mid;
	return SCAN_MORE;
}

enum scan_status sorter_step(struct sorter *s)
{
	static enum scan_status (*const phases[])(struct sorter * s) = {
		[PHASE_COLLECT] = collect, [PHASE_WALK] = walk, [PHASE_KEYS] = make_key,
		[PHASE_MERGE] = merge,     [PHASE_TAKE] = take,
	};
	enum scan_status status = SCAN_MORE;
	for (int i = 0; i < STEP && status == SCAN_MORE && s->phase != PHASE_DONE; i++)
		status = phases[s->phase](s);
	return s->phase == PHASE_DONE ? SCAN_DONE : status;
}

uint32_t *sorter_mids(const struct sorter *s, size_t *count)
{
	*count = s->sorted_count;
	return s->sorted;
}
