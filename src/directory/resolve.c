#include "directory/resolve-private.h"

#include "directory/container-private.h"
#include "directory/fold-private.h"
#include "directory/lookup-private.h"
#include "mapi/tags.h"

/* One call's part of a resolution. */
struct progress {
	struct resolve_place *place;
	uint32_t ranges; /* met in this call, those too that were walked in an earlier one */
	uint32_t left;   /* words to look at */
	bool paused;
};

struct resolution {
	const struct view *view;
	const struct container *container;
	struct progress *progress;
	bool (*visit)(void *context, const struct object *o);
	void *context;
};

enum { WORDS_MAX = 128 };       /* of a call */
enum { SAME_ADDRESS_MAX = 16 }; /* entries that share one address and are looked at */

static bool in_container(const struct resolution *r, const struct object *o)
{
	return o && container_holds(r->container, o);
}

/* The entries that a name is an address or the DN of. Most names are typed by people, and not worth
 * the search. */
static size_t addressed(const struct view *v, struct slice name,
                        const struct object *found[SAME_ADDRESS_MAX])
{
	size_t count = 0;

	if (memchr(name.data, '@', name.size))
		count = lookup_name(v, NAME_ADDRESS, smtp_address(name), found, SAME_ADDRESS_MAX);
	if (count == 0 && memchr(name.data, '/', name.size) &&
	    (found[0] = lookup_legacy_dn(v, name)))
		count = 1;
	return count;
}

/* False when the name is nobody's address or DN. */
static bool visit_addressed(const struct resolution *r, struct slice name)
{
	const struct object *found[SAME_ADDRESS_MAX];
	size_t count = addressed(r->view, name, found);
	bool visited = false;

	for (size_t i = 0; i < count; i++) {
		if (!in_container(r, found[i]))
			continue;
		visited = true;
		if (!r->visit(r->context, found[i]))
			break;
	}
	return visited;
}

static bool fits(struct slice text, struct slice token, bool exact)
{
	uint8_t folded[INDEX_KEY_MAX];
	size_t size = text.data ? fold_text(text, folded, sizeof folded) : 0;
	if (exact ? size != token.size : size < token.size)
		return false;
	return memcmp(folded, token.data, token.size) == 0;
}

static bool fits_one_of(const struct object *o, uint16_t id, struct slice token, bool exact)
{
	struct token_walk walk = keys_tokens_of(o, id);
	struct slice text;
	while (keys_next_token(&walk, &text))
		if (fits(text, token, exact))
			return true;
	return false;
}

/* A resolution that passes on what it finds by properties that are not withheld from the caller. */
struct permitted {
	const struct resolution *outer;
	struct slice token;
	bool exact;
};

static bool visit_permitted(void *context, const struct object *o)
{
	const struct permitted *p = context;
	const struct view *v = p->outer->view;
	const struct directory_settings *s = v->snapshot->settings;
	bool found = view_searches(v, ATTRIBUTE_OTHER_MAIL) &&
	             fits_one_of(o, ATTRIBUTE_OTHER_MAIL, p->token, p->exact);
	for (size_t i = 0; i < s->searched_count && !found; i++)
		found = view_searches(v, s->searched[i]) &&
		        fits_one_of(o, s->searched[i], p->token, p->exact);
	return !found || p->outer->visit(p->outer->context, o);
}

static bool pause_at(struct progress *p, uint32_t seen)
{
	p->place->seen = seen;
	p->paused = true;
	return false;
}

/* Entries of the container with a token in the range, from where an earlier call stopped; false
 * when this one is to stop. */
static bool visit_range(const struct resolution *r, struct index_range range)
{
	int list = r->container->list;
	const struct index *tokens = r->view->snapshot->indexes[INDEX_TOKENS];
	uint32_t start = tokens->starts[range.cursor.block] + range.cursor.slot;
	uint32_t first = index_rank(tokens, list, start);
	uint32_t count = index_rank(tokens, list, start + range.left) - first;
	struct progress *p = r->progress;
	uint32_t seen = p->place->seen;

	if (p->ranges++ < p->place->range)
		return true;
	if (seen > 0 && seen < count)
		range.cursor = index_at(tokens, index_select(tokens, list, first + seen));
	index_cursor_settle(&range.cursor, list);
	for (; seen < count; seen++, index_cursor_next(&range.cursor, list)) {
		const struct object *o =
			records_get(&r->view->snapshot->records, index_cursor_mid(&range.cursor));
		if (p->left-- == 0)
			return pause_at(p, seen);
		if (in_container(r, o) && !r->visit(r->context, o))
			return false;
	}
	*p->place = (struct resolve_place){p->ranges, 0};
	return true;
}

/* The same by the token that the range is of. */
static bool visit_token(const struct resolution *r, struct index_range range, struct slice token,
                        bool exact)
{
	struct permitted p = {r, token, exact};
	struct resolution inner = {r->view, r->container, r->progress, visit_permitted, &p};
	const struct viewer *viewer = r->view->viewer;
	return visit_range(viewer && viewer->audience.withheld ? &inner : r, range);
}

static bool begins(const struct view *v, const struct object *o, mapi_tag tag, struct slice half)
{
	return view_searches(v, tag_id(tag)) && fits(object_text(o, tag_id(tag)), half, false);
}

/* A resolution that passes on what the two halves of a name fit. */
struct halves {
	const struct resolution *outer;
	struct slice first, second;
};

static bool visit_fitting(void *context, const struct object *o)
{
	const struct halves *h = context;
	const struct view *v = h->outer->view;
	bool both =
		(begins(v, o, PR_GIVEN_NAME, h->first) && begins(v, o, PR_SURNAME, h->second)) ||
		(begins(v, o, PR_SURNAME, h->first) && begins(v, o, PR_GIVEN_NAME, h->second));
	return !both || h->outer->visit(h->outer->context, o);
}

/* Each half must begin a token: the walk goes over the rarer ones. */
static bool visit_halves(const struct resolution *r, struct slice first, struct slice second)
{
	const struct index *tokens = r->view->snapshot->indexes[INDEX_TOKENS];
	struct halves h = {r, first, second};
	struct resolution inner = {r->view, r->container, r->progress, visit_fitting, &h};
	struct index_range a = index_range_prefix(tokens, first);
	struct index_range b = index_range_prefix(tokens, second);
	return visit_range(&inner, a.left < b.left ? a : b);
}

static bool separates(uint8_t c)
{
	return c == ' ' || c == ',';
}

static struct slice trim(struct slice s)
{
	while (s.size > 0 && separates(s.data[0]))
		s = slice_of(s.data + 1, s.size - 1);
	while (s.size > 0 && separates(s.data[s.size - 1]))
		s.size--;
	return s;
}

static void visit_words(const struct resolution *r, struct slice folded)
{
	for (size_t i = 1; i + 1 < folded.size; i++) {
		if (!separates(folded.data[i]) || separates(folded.data[i - 1]))
			continue;
		struct slice second = trim(slice_of(folded.data + i, folded.size - i));
		if (!visit_halves(r, slice_of(folded.data, i), second))
			return;
	}
}

static void resolve(const struct resolution *r, struct slice name)
{
	const struct index *tokens = r->view->snapshot->indexes[INDEX_TOKENS];
	uint8_t bytes[INDEX_KEY_MAX];

	name = trim(name);
	bool exact = name.size > 0 && name.data[0] == '=';
	if (exact)
		name = trim(slice_of(name.data + 1, name.size - 1));
	if (name.size == 0 || visit_addressed(r, name))
		return;
	struct slice folded =
		slice_of(bytes, fold_text(smtp_address(name).data ? smtp_address(name) : name,
	                                  bytes, sizeof bytes));
	if (folded.size == 0)
		return;
	if (exact) {
		visit_token(r, index_range_exact(tokens, folded), folded, true);
		return;
	}
	if (visit_token(r, index_range_prefix(tokens, folded), folded, false))
		visit_words(r, folded);
}

bool resolve_some(const struct view *v, const struct container *c, struct slice name,
                  struct resolve_place *place, bool (*visit)(void *context, const struct object *o),
                  void *context)
{
	struct progress p = {.place = place, .left = WORDS_MAX};
	const struct resolution r = {v, c, &p, visit, context};

	resolve(&r, name);
	return p.paused;
}

static bool note_match(void *context, const struct object *o)
{
	struct resolving *r = context;
	r->several = r->found && r->found != o;
	if (!r->found)
		r->found = o;
	return !r->several;
}

bool view_resolve_some(const struct view *v, const struct container *c, struct slice name,
                       struct resolving *r)
{
	return resolve_some(v, c, name, &r->place, note_match, r);
}

enum anr_result view_resolved(const struct resolving *r, uint32_t *mid)
{
	if (!r->found)
		return ANR_UNRESOLVED;
	if (r->several)
		return ANR_AMBIGUOUS;
	*mid = r->found->mid;
	return ANR_RESOLVED;
}

enum anr_result view_resolve(const struct view *v, const struct container *c, struct slice name,
                             uint32_t *mid)
{
	struct resolving r = {0};
	while (view_resolve_some(v, c, name, &r))
		continue;
	return view_resolved(&r, mid);
}
