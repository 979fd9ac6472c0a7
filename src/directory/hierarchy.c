#include "directory/hierarchy-private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "directory/collation-private.h"
#include "directory/lookup-private.h"
#include "mapi/locale.h"
#include "mapi/tags.h"

#define ID(tag) ((uint16_t)((tag) >> 16))

#define IS_ORGANIZATIONAL ID(0x8CDD000Bu)
#define LEADERS           ID(0x8CDE000Du)
#define SENIORITY         ID(0x8CA00003u)

/* Above the ids of other lists and of entries; the rest is the MId of the group. */
#define DEPARTMENT_ID UINT32_C(0x40000000)

enum { DEPARTMENTS_MAX = 4096, DEPTH_MAX = 32, DN_SIZE = 48, GUID_MARK = 0x48 };

struct department {
	struct container container;
	struct roster roster;
	char *name;
	char dn[DN_SIZE];
};

struct departments { /* of a view */
	size_t count;
	struct department **items;
	uint32_t version;
};

/* An entry that the hierarchy was made of, or would be if it were there. */
struct dependency {
	uint64_t dn_hash;
	const struct object *object; /* a reference, or NULL */
};

struct hierarchy {
	_Atomic uint32_t refs;
	uint32_t policy_number;
	size_t scope_count;
	struct departments *scopes;
	size_t dependency_count, dependency_room;
	struct dependency *dependencies;
};

/* The departments of one view while they are made. */
struct making {
	struct hierarchy *hierarchy;
	struct view view;
	struct departments *departments;
	const struct container *global;
	bool first; /* of the views: that of everything, on whose entries all depend */
	size_t taken_count;
	uint32_t *taken; /* groups that have a place, DEPARTMENTS_MAX at most */
	struct arena arena;
};

bool roster_position(const struct roster *r, uint32_t mid, uint32_t *position)
{
	uint32_t low = 0, high = r->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (r->places[middle].mid < mid)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == r->count || r->places[low].mid != mid)
		return false;
	*position = r->places[low].position;
	return true;
}

static void depend(struct making *m, uint64_t dn_hash)
{
	struct hierarchy *h = m->hierarchy;
	const struct object *o = lookup_dn_hash(&m->view, dn_hash);

	if (h->dependency_count == h->dependency_room) {
		h->dependency_room = h->dependency_room ? 2 * h->dependency_room : 64;
		h->dependencies = xrealloc_array(h->dependencies, h->dependency_room,
		                                 sizeof *h->dependencies);
	}
	h->dependencies[h->dependency_count++] =
		(struct dependency){dn_hash, o ? object_ref(o) : NULL};
}

static void depend_on_links(struct making *m, const struct object *group, uint16_t link)
{
	struct slice raw;

	for (size_t i = 0; object_raw(group, link, &raw) && i < raw.size / sizeof(uint64_t); i++)
		depend(m, link_at(raw, i));
}

static bool is_department(const struct object *o)
{
	struct slice raw;

	return o->category == CATEGORY_GROUP && object_raw(o, IS_ORGANIZATIONAL, &raw) &&
	       raw.data[0];
}

/* An entry of a department, or a department of another, on its way into order. */
struct ranked {
	const struct object *object;
	bool leader;
	int32_t seniority;
	struct slice phonetic, name; /* sort keys */
};

static int compare_keys(struct slice a, struct slice b)
{
	return index_compare(a, 0, b, 0);
}

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int order = (int)y->leader - (int)x->leader;

	if (!order)
		order = (y->seniority > x->seniority) - (y->seniority < x->seniority);
	if (!order)
		order = compare_keys(x->phonetic, y->phonetic);
	if (!order)
		order = compare_keys(x->name, y->name);
	return order ? order
	             : (x->object->mid > y->object->mid) - (x->object->mid < y->object->mid);
}

static struct slice sort_key(struct making *m, struct slice text)
{
	uint8_t key[INDEX_KEY_MAX];

	return arena_slice(&m->arena, slice_of(key, collation_key(LCID_EN_US, text, key)));
}

static struct ranked rank(struct making *m, const struct object *o, bool leader)
{
	struct ranked r = {.object = o, .leader = leader};
	struct slice raw;

	if (object_raw(o, SENIORITY, &raw))
		memcpy(&r.seniority, raw.data, sizeof r.seniority);
	r.name = sort_key(m, object_text(o, tag_id(PR_DISPLAY_NAME)));
	raw = object_text(o, tag_id(PR_EMS_AB_PHONETIC_DISPLAY_NAME));
	r.phonetic = raw.data ? sort_key(m, raw) : r.name;
	return r;
}

static bool has_mid(const uint32_t *mids, size_t count, uint32_t mid)
{
	for (size_t i = 0; i < count; i++)
		if (mids[i] == mid)
			return true;
	return false;
}

/* Leaders are in their department whether or not they are members. */
static struct ranked *rank_all(struct making *m, const struct object *group, size_t *count)
{
	const uint32_t *members = NULL, *leaders = NULL;
	size_t member_count = 0, leader_count = 0;

	view_links(&m->view, group, tag_id(PR_EMS_AB_MEMBER), SIZE_MAX, &m->arena, &members,
	           &member_count);
	view_links(&m->view, group, LEADERS, SIZE_MAX, &m->arena, &leaders, &leader_count);
	struct ranked *all = arena_alloc_array(&m->arena, member_count + leader_count, sizeof *all);
	*count = 0;
	for (size_t i = 0; i < leader_count; i++)
		all[(*count)++] = rank(m, view_object(&m->view, leaders[i]), true);
	for (size_t i = 0; i < member_count; i++)
		if (!has_mid(leaders, leader_count, members[i]))
			all[(*count)++] = rank(m, view_object(&m->view, members[i]), false);
	if (*count > 1)
		qsort(all, *count, sizeof *all, compare_ranked);
	return all;
}

static int compare_places(const void *a, const void *b)
{
	const struct roster_place *x = a, *y = b;

	return (x->mid > y->mid) - (x->mid < y->mid);
}

static struct roster make_roster(const struct ranked *all, size_t count)
{
	struct roster r = {.mids = xcalloc(count + 1, sizeof *r.mids),
	                   .places = xcalloc(count + 1, sizeof *r.places)};

	for (size_t i = 0; i < count; i++) {
		if (is_department(all[i].object))
			continue;
		r.places[r.count] = (struct roster_place){all[i].object->mid, r.count};
		r.mids[r.count++] = all[i].object->mid;
	}
	if (r.count > 1)
		qsort(r.places, r.count, sizeof *r.places, compare_places);
	return r;
}

/* A GUID of its own: that of the group names the group. */
static void write_dn(const struct object *group, char dn[DN_SIZE])
{
	char *at = dn + snprintf(dn, DN_SIZE, "/guid=");

	for (size_t i = 0; i < sizeof group->guid.bytes; i++)
		at += snprintf(at, 3, "%02X", group->guid.bytes[i] ^ GUID_MARK);
}

/* Each group has one place; false when it has it already. */
static bool take_place(struct making *m, const struct object *group)
{
	if (m->taken_count == DEPARTMENTS_MAX || group->mid >= DEPARTMENT_ID ||
	    has_mid(m->taken, m->taken_count, group->mid))
		return false;
	m->taken[m->taken_count++] = group->mid;
	return true;
}

static struct department *add_department(struct making *m, const struct object *group,
                                         const struct container *parent)
{
	struct departments *d = m->departments;
	struct department *new = xcalloc(1, sizeof *new);
	struct slice name = object_text(group, tag_id(PR_DISPLAY_NAME));

	new->name = xstrndup((const char *)name.data, name.size);
	write_dn(group, new->dn);
	new->container = (struct container){
		.id = DEPARTMENT_ID | group->mid,
		.list = m->global->list,
		.dn = new->dn,
		.name = new->name,
		.flags = AB_RECIPIENTS | AB_UNMODIFIABLE,
		.depth = parent->depth + 1,
		.parent = parent,
		.roster = &new->roster,
	};
	d->items = xrealloc_array(d->items, d->count + 1, sizeof(struct department *));
	d->items[d->count++] = new;
	return new;
}

static void depend_on_group(struct making *m, const struct object *group)
{
	if (!m->first)
		return;
	depend_on_links(m, group, tag_id(PR_EMS_AB_MEMBER));
	depend_on_links(m, group, LEADERS);
}

/* The departments that have their place here, the first of all: what stands near the root does not
 * go below something else. Returns how many. */
static size_t take_children(struct making *m, struct ranked *all, size_t count)
{
	size_t children = 0;

	for (size_t i = 0; i < count; i++)
		if (is_department(all[i].object) && take_place(m, all[i].object))
			all[children++] = all[i];
	return children;
}

/* With all that is below it. Recursion is bounded by DEPTH_MAX. */
static void add_group(struct making *m, const struct object *group, const struct container *parent)
{
	struct department *d = add_department(m, group, parent);
	size_t count = 0;
	struct ranked *all = rank_all(m, group, &count);

	depend_on_group(m, group);
	d->roster = make_roster(all, count);
	size_t children = d->container.depth < DEPTH_MAX ? take_children(m, all, count) : 0;
	if (children)
		d->container.flags |= AB_SUBCONTAINERS;
	for (size_t i = 0; i < children; i++)
		add_group(m, all[i].object, &d->container);
}

static uint32_t version_of(const struct departments *d)
{
	uint32_t version = 0;

	for (size_t i = 0; i < d->count; i++) {
		version = list_version(version, d->items[i]->dn);
		version = list_version(version, d->items[i]->name);
		version += d->items[i]->container.depth;
	}
	return version;
}

/* Views that name their lists have no departments. */
static bool has_departments(const struct policy *p, size_t scope)
{
	return scope == 0 || p->views[scope - 1].lists.count == 0;
}

static void make_scope(struct hierarchy *h, const struct snapshot *s, size_t scope,
                       struct slice root_dn)
{
	const struct viewer viewer = {
		.audience = {.policy = s->settings->policy_number, .view = (uint8_t)scope}
        };
	const struct container *global = &s->settings->lists->scopes[scope].items[0];
	struct making m = {
		.hierarchy = h,
		.view = {s, &viewer},
		.departments = &h->scopes[scope],
		.global = global,
		.first = scope == 0
        };

	const struct object *root = view_object_by_ldap_dn(&m.view, root_dn);
	arena_init(&m.arena, SIZE_MAX);
	m.taken = arena_alloc_array(&m.arena, DEPARTMENTS_MAX, sizeof *m.taken);
	if (m.first)
		depend(&m, ldap_dn_hash(&s->settings->secret, root_dn));
	if (root && has_departments(s->settings->policy, scope) && take_place(&m, root))
		add_group(&m, root, global);
	arena_free(&m.arena);
	h->scopes[scope].version = version_of(&h->scopes[scope]);
}

const struct hierarchy *hierarchy_new(const struct snapshot *s)
{
	const struct policy *p = s->settings->policy;

	if (!p || !*p->hierarchy_root)
		return NULL;
	struct hierarchy *h = xcalloc(1, sizeof *h);
	h->refs = 1;
	h->policy_number = s->settings->policy_number;
	h->scope_count = s->settings->lists->scope_count;
	h->scopes = xcalloc(h->scope_count, sizeof *h->scopes);
	for (size_t i = 0; i < h->scope_count; i++)
		make_scope(h, s, i, slice_of_string(p->hierarchy_root));
	return h;
}

const struct hierarchy *hierarchy_ref(const struct hierarchy *h)
{
	struct hierarchy *shared = (struct hierarchy *)(uintptr_t)h;

	if (shared)
		atomic_fetch_add_explicit(&shared->refs, 1, memory_order_relaxed);
	return h;
}

static void free_departments(struct departments *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->items[i]->roster.mids);
		free(d->items[i]->roster.places);
		free(d->items[i]->name);
		free(d->items[i]);
	}
	free(d->items);
}

void hierarchy_unref(const struct hierarchy *h)
{
	struct hierarchy *shared = (struct hierarchy *)(uintptr_t)h;

	if (!h || atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < h->scope_count; i++)
		free_departments(&shared->scopes[i]);
	for (size_t i = 0; i < h->dependency_count; i++)
		object_unref(h->dependencies[i].object);
	free(shared->scopes);
	free(shared->dependencies);
	free(shared);
}

/* Objects that did not change are the same ones in the next snapshot. */
static bool is_as_it_was(const struct dependency *d, const struct snapshot *s)
{
	const struct view everything = {.snapshot = s};

	if (d->object)
		return records_get(&s->records, d->object->mid) == d->object;
	return !lookup_dn_hash(&everything, d->dn_hash);
}

bool hierarchy_fits(const struct hierarchy *h, const struct snapshot *s)
{
	if (!h || h->policy_number != s->settings->policy_number)
		return false;
	for (size_t i = 0; i < h->dependency_count; i++)
		if (!is_as_it_was(&h->dependencies[i], s))
			return false;
	return true;
}

const struct container *hierarchy_at(const struct hierarchy *h, size_t scope, size_t index)
{
	return h && index < h->scopes[scope].count ? &h->scopes[scope].items[index]->container
	                                           : NULL;
}

const struct container *hierarchy_find(const struct hierarchy *h, size_t scope, uint32_t id)
{
	const struct container *c;

	if (!(id & DEPARTMENT_ID))
		return NULL;
	for (size_t i = 0; (c = hierarchy_at(h, scope, i)); i++)
		if (c->id == id)
			return c;
	return NULL;
}

uint32_t hierarchy_version(const struct hierarchy *h, size_t scope)
{
	return h ? h->scopes[scope].version : 0;
}
