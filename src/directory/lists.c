#include "directory/container-private.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"

enum { LIST_FILTER_MAX = 8192 };

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

	for (size_t i = 0; i < s->count; i++) {
		const struct container *c = &s->items[i];
		hash = list_version(list_version(hash, c->dn), c->name);
		hash = list_version(hash, c->parent ? c->parent->dn : "");
		for (size_t k = 0; k < c->name_count; k++)
			hash = list_version(hash, c->names[k].text);
	}
	s->version = hash ? hash : 1;
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
	l->cuts[l->count] = (struct list_cut){list, gal};
	return (int)l->count++;
}

static int no_number(struct error *e)
{
	return error_set(e, ERR_LIMIT, "all views together have more than %d lists of their own",
	                 INDEX_LISTS_MAX);
}

/* The one of these that a list of the definitions is shown below: its parent, or the global one. */
static const struct container *parent_in(const struct scope *s, const struct container *list)
{
	for (size_t i = 1; list->parent && i < s->count; i++)
		if (s->items[i].id == list->parent->id)
			return &s->items[i];
	return &s->items[0];
}

static int add_list(struct address_lists *l, struct scope *s, const struct container *list,
                    struct error *e)
{
	struct container *c = &s->items[s->count];

	if (l->count == INDEX_LISTS_MAX)
		return no_number(e);
	*c = *list;
	c->list = cut(l, list->list, s->items[0].list);
	c->parent = parent_in(s, list);
	c->depth = c->parent->depth + 1;
	s->count++;
	return 0;
}

static int add_named(struct address_lists *l, struct scope *s, const struct policy_rule *rule,
                     struct error *e)
{
	int err = 0;

	for (size_t i = 0; i < rule->lists.count && !err; i++) {
		const struct container *list = list_find(&l->definitions, rule->lists.items[i]);
		if (!list || list->id == 0)
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

	for (size_t i = 1; i < l->definitions.count && !err; i++)
		err = add_list(l, s, &l->definitions.items[i], e);
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
	const struct container *gal = &l->definitions.items[0];

	if (*rule->gal == '(')
		return add_filter(l, rule->gal, list, e);
	if (*rule->gal)
		gal = list_find(&l->definitions, rule->gal);
	if (!gal)
		return error_set(e, ERR_INVALID, "there is no list \"%s\"", rule->gal);
	*list = gal->list;
	return 0;
}

static struct scope *new_scope(struct address_lists *l, int gal, size_t room)
{
	struct scope *s = &l->scopes[l->scope_count++];

	s->items = xcalloc(1 + room, sizeof *s->items);
	s->items[0] = l->definitions.items[0];
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
	struct scope *s = new_scope(l, gal, some ? rule->lists.count : l->definitions.count);
	err = some ? add_named(l, s, rule, e) : add_all(l, s, e);
	if (err)
		error_prefix(e, "%s: view \"%s\"", rule->place, rule->name);
	set_version(s);
	return err;
}

/* A value as a filter writes it (RFC 4515 section 3). */
static void put_value(struct buffer *b, const char *value)
{
	for (; *value; value++)
		if (strchr("()*\\", *value))
			buffer_printf(b, "\\%02x", (unsigned)(uint8_t)*value);
		else
			buffer_put_u8(b, (uint8_t)*value);
}

/* What is on a list: what the filter lets through, and what says that it is. */
static void put_filter(struct buffer *b, const struct policy_list_rule *rule)
{
	bool both = *rule->filter && *rule->dn;

	if (both)
		buffer_put_string(b, "(|");
	buffer_put_string(b, rule->filter);
	if (*rule->dn) {
		buffer_put_string(b, "(showInAddressBook=");
		put_value(b, rule->dn);
		buffer_put_string(b, ")");
	}
	if (both)
		buffer_put_string(b, ")");
	buffer_put_u8(b, 0);
}

static int number_list(struct address_lists *l, const struct policy_list_rule *rule,
                       struct error *e)
{
	struct buffer text;
	int number = 0, err = 0;

	/* Alone, for its errors count characters of what is written. */
	if (*rule->filter && *rule->dn) {
		struct filter *alone = NULL;
		err = filter_parse(rule->filter, &alone, e);
		filter_free(alone);
	}
	buffer_init(&text, LIST_FILTER_MAX);
	put_filter(&text, rule);
	if (!err)
		err = add_filter(l, (const char *)text.data, &number, e);
	buffer_free(&text);
	if (err)
		error_prefix(e, "%s: list \"%s\": filter", rule->place, rule->name);
	for (size_t i = 0; i < l->definitions.count && !err; i++)
		if (strcmp(l->definitions.items[i].name, rule->name) == 0)
			l->definitions.items[i].list = number;
	return err;
}

static int define(struct address_lists *l, const struct policy *p, struct error *e)
{
	int err = list_definitions_make(p, &l->definitions, e);

	for (; l->count < LISTS_BUILT_IN; l->count++)
		l->cuts[l->count].list = -1;
	for (size_t i = 0; p && i < p->list_count && !err; i++)
		err = number_list(l, &p->lists[i], e);
	return err;
}

static int add_scopes(struct address_lists *l, const struct policy *p, struct error *e)
{
	size_t views = p ? p->view_count : 0;

	l->scopes = xcalloc(1 + views, sizeof *l->scopes);
	int err = add_all(l, new_scope(l, INDEX_ALL, l->definitions.count), e);
	set_version(&l->scopes[0]);
	for (size_t i = 0; i < views && !err; i++)
		err = add_view(l, &p->views[i], e);
	return err;
}

int lists_new(const struct policy *p, struct address_lists **out, struct error *e)
{
	struct address_lists *l = xcalloc(1, sizeof *l);

	l->refs = 1;
	int err = define(l, p, e);
	if (!err)
		err = add_scopes(l, p, e);
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
	list_definitions_free(&l->definitions);
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

	for (size_t i = 1; i < l->definitions.count; i++)
		if (l->definitions.items[i].category == o->category)
			lists |= UINT64_C(1) << l->definitions.items[i].list;
	for (unsigned i = 0; i < l->count; i++) {
		const struct list_cut *c = &l->cuts[i];
		if (l->filters[i])
			lists |= (uint64_t)filter_fits(l->filters[i], entry) << i;
		else if (c->list >= 0)
			lists |= (lists >> c->list & lists >> c->gal & 1) << i;
	}
	return lists;
}
