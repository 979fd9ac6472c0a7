#include "directory/container-private.h"

#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"
#include "directory/fold-private.h"
#include "mapi/locale.h"
#include "mapi/tags.h"

#define LEAF_FLAGS  (AB_RECIPIENTS | AB_UNMODIFIABLE)
#define GUID_PREFIX "/guid=6E7370696400000000000000000000"

/* A list that is always there. Its id and GUID are made up once and never change: clients keep
 * them. */
#define LIST(number, name, category)                                                               \
	{                                                                                          \
		0x1##number, number, GUID_PREFIX "1" #number, name, LEAF_FLAGS, 1, NULL, category  \
	}

static const struct container built_in[] = {
	{0, INDEX_ALL, "/", "Global Address List", LEAF_FLAGS | AB_SUBCONTAINERS, 0, NULL, 0},
	LIST(0, "All Users", CATEGORY_USER),
	LIST(1, "All Groups", CATEGORY_GROUP),
	LIST(2, "All Contacts", CATEGORY_CONTACT),
	LIST(3, "All Rooms and Equipment", CATEGORY_RESOURCE),
	LIST(4, "Public Folders", CATEGORY_FOLDER),
};

enum { FIRST_ID = 0x20, NAME_BYTES_MAX = 1024 };

/* On the way into order. */
struct definer {
	const struct policy *policy;
	struct list_definitions *out;
	struct container *found; /* built-in ones, then those of the policy */
	size_t count;
};

const struct container *list_find(const struct list_definitions *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (slice_equal_nocase(slice_of_string(d->items[i].name), slice_of_string(name)))
			return &d->items[i];
	return NULL;
}

static struct container *find(const struct definer *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (slice_equal_nocase(slice_of_string(d->found[i].name), slice_of_string(name)))
			return &d->found[i];
	return NULL;
}

/* A number that the name always gives, in any process. */
static uint64_t number_of(const char *name, uint64_t which)
{
	const struct hash_secret secret = {
		{0x6E73706964, which}
        };
	uint8_t folded[NAME_BYTES_MAX];
	size_t size = fold_case(slice_of_string(name), folded, sizeof folded);
	return hash_with(&secret, slice_of(folded, size));
}

static bool id_is_taken(const struct definer *d, uint32_t id)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->found[i].id == id)
			return true;
	return false;
}

/* From its name, so that it stays the same as long as the name does; two names that meet on one
 * keep their order. */
static uint32_t choose_id(const struct definer *d, const char *name)
{
	uint32_t room = ENTRY_MID_FIRST - FIRST_ID;
	uint32_t id = FIRST_ID + (uint32_t)(number_of(name, 0) % room);
	while (id_is_taken(d, id))
		id = FIRST_ID + (id + 1 - FIRST_ID) % room;
	return id;
}

/* "de-DE" or "de". */
static const struct locale *find_language(struct slice name)
{
	return name.size == 2 ? locale_by_language(name) : locale_by_name(name);
}

static int take_name(struct arena *a, const char *text, struct container_name *out, struct error *e)
{
	const char *equals = strchr(text, '=');
	size_t size = equals ? (size_t)(equals - text) : 0;
	const struct locale *l = equals ? find_language(slice_of(text, size)) : NULL;
	if (!l || !equals[1])
		return error_set(e, ERR_INVALID,
		                 "names: \"%s\": a language and a name are wanted, such as "
		                 "\"de-DE=Vertrieb\"",
		                 text);
	*out = (struct container_name){l->lcid, arena_strdup(a, equals + 1)};
	return 0;
}

static int take_names(struct definer *d, const struct policy_list_rule *rule, struct container *c,
                      struct error *e)
{
	struct arena *a = &d->out->arena;
	struct container_name *names = arena_alloc_array(a, rule->names.count, sizeof *names);
	int err = 0;
	for (size_t i = 0; i < rule->names.count && !err; i++)
		err = take_name(a, rule->names.items[i], &names[i], e);
	c->names = names;
	c->name_count = rule->names.count;
	return err;
}

static int take_list(struct definer *d, const struct policy_list_rule *rule, struct error *e)
{
	struct arena *a = &d->out->arena;
	if (find(d, rule->name))
		return error_set(e, ERR_INVALID, "there is a list of that name already");
	if (!*rule->filter && !*rule->dn)
		return error_set(e, ERR_INVALID, "a filter or a dn is wanted: what is on it?");
	struct container *c = &d->found[d->count];
	*c = (struct container){
		.id = choose_id(d, rule->name),
		.list = INDEX_ALL,
		.dn = arena_printf(a, "/guid=%016llX%016llX",
	                           (unsigned long long)number_of(rule->name, 1),
	                           (unsigned long long)number_of(rule->name, 2)),
		.name = arena_strdup(a, rule->name),
		.flags = LEAF_FLAGS,
	};
	d->count++;
	return take_names(d, rule, c, e);
}

static bool is_below(const struct container *c, const struct container *other)
{
	while (c && c != other)
		c = c->parent;
	return c;
}

static int take_parent(struct definer *d, const struct policy_list_rule *rule, struct error *e)
{
	struct container *c = find(d, rule->name);
	struct container *parent = *rule->parent ? find(d, rule->parent) : &d->found[0];
	if (!parent)
		return error_set(e, ERR_INVALID, "parent: there is no list \"%s\"", rule->parent);
	if (is_below(parent, c))
		return error_set(e, ERR_INVALID, "parent: \"%s\" is below \"%s\" itself",
		                 rule->parent, rule->name);
	c->parent = parent;
	parent->flags |= AB_SUBCONTAINERS;
	return 0;
}

/* A list and those below it; recursion is bounded by the number of lists. */
static void place(struct definer *d, const struct container *c, const struct container *parent)
{
	struct container *to = &d->out->items[d->out->count++];
	*to = *c;
	to->parent = parent;
	to->depth = parent ? parent->depth + 1 : 0;
	for (size_t i = 1; i < d->count; i++)
		if (d->found[i].parent == c)
			place(d, &d->found[i], to);
}

static int define(struct definer *d, struct error *e)
{
	size_t lists = d->policy ? d->policy->list_count : 0;
	const struct policy_list_rule *rule = NULL;
	int err = 0;
	for (; d->count < LISTS_BUILT_IN + 1; d->count++) {
		d->found[d->count] = built_in[d->count];
		d->found[d->count].parent = d->count ? &d->found[0] : NULL;
	}
	for (size_t i = 0; i < lists && !err; i++)
		err = take_list(d, rule = &d->policy->lists[i], e);
	for (size_t i = 0; i < lists && !err; i++)
		err = take_parent(d, rule = &d->policy->lists[i], e);
	if (err)
		error_prefix(e, "%s: list \"%s\"", rule->place, rule->name);
	else
		place(d, &d->found[0], NULL);
	return err;
}

int list_definitions_make(const struct policy *p, struct list_definitions *out, struct error *e)
{
	size_t room = LISTS_BUILT_IN + 1 + (p ? p->list_count : 0);
	struct definer d = {.policy = p, .out = out};
	*out = (struct list_definitions){.items = xcalloc(room, sizeof *out->items)};
	arena_init(&out->arena, SIZE_MAX);
	d.found = xcalloc(room, sizeof *d.found);
	int err = define(&d, e);
	free(d.found);
	return err;
}

void list_definitions_free(struct list_definitions *d)
{
	free(d->items);
	arena_free(&d->arena);
	*d = (struct list_definitions){0};
}
