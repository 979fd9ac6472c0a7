#include "directory/container-private.h"

#include <stdlib.h>

#include "base/memory.h"
#include "mapi/tags.h"

#define LEAF_FLAGS  (AB_RECIPIENTS | AB_UNMODIFIABLE)
#define GUID_PREFIX "/guid=6E7370696400000000000000000000"

/* A list under the global one. Its id and GUID are made up once and never change: clients keep
 * them. */
#define LIST(number, name, category)                                                               \
	{                                                                                          \
		0x1##number, number, GUID_PREFIX "1" #number, name, LEAF_FLAGS, 1, NULL, category  \
	}

/* In the order of the hierarchy table; the global address list first. */
static const struct container built_in[] = {
	{0, INDEX_ALL, "/", "Global Address List", LEAF_FLAGS | AB_SUBCONTAINERS, 0, NULL, 0},
	LIST(0, "All Users", CATEGORY_USER),
	LIST(1, "All Groups", CATEGORY_GROUP),
	LIST(2, "All Contacts", CATEGORY_CONTACT),
	LIST(3, "All Rooms and Equipment", CATEGORY_RESOURCE),
	LIST(4, "Public Folders", CATEGORY_FOLDER),
};

enum { BUILT_IN_COUNT = sizeof built_in / sizeof built_in[0] };

/* FNV-1a. */
uint32_t list_version(uint32_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * UINT32_C(16777619);
	return (hash ^ 0xFF) * UINT32_C(16777619);
}

static void set_version(struct scope *s)
{
	uint32_t hash = UINT32_C(2166136261);

	for (size_t i = 0; i < s->count; i++)
		hash = list_version(list_version(hash, s->items[i].dn), s->items[i].name);
	s->version = hash ? hash : 1;
}

static const struct container *find_list(const char *name)
{
	for (size_t i = 0; i < BUILT_IN_COUNT; i++)
		if (slice_equal_nocase(slice_of_string(built_in[i].name), slice_of_string(name)))
			return &built_in[i];
	return NULL;
}

/* The number of what is on both lists. */
static int cut(struct address_lists *l, int list, int gal)
{
	if (gal == INDEX_ALL || list == gal)
		return list;
	if (list == INDEX_ALL)
		return gal;
	for (unsigned i = 0; i < l->count; i++)
		if (l->cuts[i].list == list && l->cuts[i].gal == gal)
			return (int)i;
	l->cuts[l->count] = (struct list_cut){ list, gal };
	return (int)l->count++;
}

static int no_number(struct error *e)
{
	return error_set(e, ERR_LIMIT, "all views together have more than %d lists of their own",
	                 INDEX_LISTS_MAX);
}

static int add_list(struct address_lists *l, struct scope *s, const struct container *list,
                    struct error *e)
{
	struct container *c = &s->items[s->count];

	if (l->count == INDEX_LISTS_MAX)
		return no_number(e);
	*c = *list;
	c->list = cut(l, list->list, s->items[0].list);
	c->parent = &s->items[0];
	s->count++;
	return 0;
}

static int add_named(struct address_lists *l, struct scope *s, const struct policy_rule *rule,
                     struct error *e)
{
	int err = 0;

	for (size_t i = 0; i < rule->lists.count && !err; i++) {
		const struct container *list = find_list(rule->lists.items[i]);
		if (!list || list == built_in)
			err = error_set(e, ERR_INVALID, "there is no list \"%s\"",
			                rule->lists.items[i]);
		else
			err = add_list(l, s, list, e);
	}
	return err;
}

static int add_all(struct address_lists *l, struct scope *s, struct error *e)
{
	int err = 0;

	for (size_t i = 1; i < BUILT_IN_COUNT && !err; i++)
		err = add_list(l, s, &built_in[i], e);
	return err;
}

static int find_filter(const struct address_lists *l, const char *text)
{
	for (unsigned i = 0; i < l->count; i++)
		if (l->filters[i] && strcmp(filter_text(l->filters[i]), text) == 0)
			return (int)i;
	return -1;
}

/* The number of what a filter lets through. */
static int add_filter(struct address_lists *l, const char *text, int *list, struct error *e)
{
	int known = find_filter(l, text);

	if (known < 0 && l->count == INDEX_LISTS_MAX)
		return no_number(e);
	if (known < 0) {
		int err = filter_parse(text, &l->filters[l->count], e);
		if (err)
			return err;
		l->cuts[l->count].list = -1;
		known = (int)l->count++;
	}
	*list = known;
	return 0;
}

/* The list that a view names as its global one, or defines by a filter. */
static int find_gal(struct address_lists *l, const struct policy_rule *rule, int *list,
                    struct error *e)
{
	const struct container *gal = *rule->gal ? find_list(rule->gal) : built_in;

	if (*rule->gal == '(')
		return add_filter(l, rule->gal, list, e);
	if (!gal)
		return error_set(e, ERR_INVALID, "there is no list \"%s\"", rule->gal);
	*list = gal->list;
	return 0;
}

static struct scope *new_scope(struct address_lists *l, int gal, size_t room)
{
	struct scope *s = &l->scopes[l->scope_count++];

	s->items = xcalloc(1 + room, sizeof *s->items);
	s->items[0] = built_in[0];
	s->items[0].list = gal;
	s->count = 1;
	return s;
}

static int add_view(struct address_lists *l, const struct policy_rule *rule, struct error *e)
{
	bool some = rule->lists.count > 0;
	int gal = INDEX_ALL;
	int err = find_gal(l, rule, &gal, e);

	if (err) {
		error_prefix(e, "%s: view \"%s\": gal", rule->place, rule->name);
		return err;
	}
	struct scope *s = new_scope(l, gal, some ? rule->lists.count : BUILT_IN_COUNT);
	err = some ? add_named(l, s, rule, e) : add_all(l, s, e);
	if (err)
		error_prefix(e, "%s: view \"%s\"", rule->place, rule->name);
	set_version(s);
	return err;
}

int lists_new(const struct policy *p, struct address_lists **out, struct error *e)
{
	size_t views = p ? p->view_count : 0;
	struct address_lists *l = xcalloc(1, sizeof *l);

	l->refs = 1;
	l->scopes = xcalloc(1 + views, sizeof *l->scopes);
	for (; l->count < BUILT_IN_COUNT - 1; l->count++)
		l->cuts[l->count].list = -1;
	int err = add_all(l, new_scope(l, INDEX_ALL, BUILT_IN_COUNT), e);
	set_version(&l->scopes[0]);
	for (size_t i = 0; i < views && !err; i++)
		err = add_view(l, &p->views[i], e);
	if (err)
		lists_unref(l);
	else
		*out = l;
	return err;
}

struct address_lists *lists_ref(struct address_lists *l)
{
	atomic_fetch_add_explicit(&l->refs, 1, memory_order_relaxed);
	return l;
}

void lists_unref(struct address_lists *l)
{
	if (!l || atomic_fetch_sub_explicit(&l->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < l->scope_count; i++)
		free(l->scopes[i].items);
	for (unsigned i = 0; i < l->count; i++)
		filter_free(l->filters[i]);
	free(l->scopes);
	free(l);
}

static bool same_filter(const struct filter *a, const struct filter *b)
{
	return a && b ? strcmp(filter_text(a), filter_text(b)) == 0 : a == b;
}

bool lists_alike(const struct address_lists *a, const struct address_lists *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (a->cuts[i].list != b->cuts[i].list || a->cuts[i].gal != b->cuts[i].gal ||
		    !same_filter(a->filters[i], b->filters[i]))
			return false;
	return true;
}

uint64_t lists_of(const struct address_lists *l, const struct object *o, const struct entry *entry)
{
	uint64_t lists = 0;

	for (size_t i = 1; i < BUILT_IN_COUNT; i++)
		if (built_in[i].category == o->category)
			lists |= UINT64_C(1) << built_in[i].list;
	for (unsigned i = 0; i < l->count; i++) {
		const struct list_cut *c = &l->cuts[i];
		if (l->filters[i])
			lists |= (uint64_t)filter_fits(l->filters[i], entry) << i;
		else if (c->list >= 0)
			lists |= (lists >> c->list & lists >> c->gal & 1) << i;
	}
	return lists;
}
