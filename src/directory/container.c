#include "directory/container-private.h"

#include "directory/hierarchy-private.h"
#include "mapi/locale.h"

bool container_holds(const struct container *c, const struct object *o)
{
	uint32_t position;

	if (!object_listed(o))
		return false;
	if (c->roster)
		return roster_position(c->roster, o->mid, &position);
	return c->list == INDEX_ALL || (o->lists >> c->list & 1);
}

const struct scope *scope_of(const struct view *v)
{
	const struct directory_settings *s = v->snapshot->settings;

	if (!s->policy || !v->viewer)
		return &s->lists->scopes[0];
	if (v->viewer->audience.policy != s->policy_number)
		return NULL;
	return &s->lists->scopes[v->viewer->audience.view];
}

static size_t number_of(const struct view *v, const struct scope *s)
{
	return (size_t)(s - v->snapshot->settings->lists->scopes);
}

const struct container *view_hierarchy_at(const struct view *v, size_t index)
{
	const struct scope *s = scope_of(v);

	if (!s || index < s->count)
		return s ? &s->items[index] : NULL;
	return hierarchy_at(v->snapshot->hierarchy, number_of(v, s), index - s->count);
}

const struct container *view_container(const struct view *v, uint32_t id)
{
	const struct scope *s = scope_of(v);

	for (size_t i = 0; s && i < s->count; i++)
		if (s->items[i].id == id)
			return &s->items[i];
	return s ? hierarchy_find(v->snapshot->hierarchy, number_of(v, s), id) : NULL;
}

const struct container *view_container_by_dn(const struct view *v, struct slice dn)
{
	const struct container *c;

	for (size_t i = 0; (c = view_hierarchy_at(v, i)); i++)
		if (slice_equal_nocase(dn, slice_of_string(c->dn)))
			return c;
	return NULL;
}

uint32_t view_hierarchy_version(const struct view *v)
{
	const struct scope *s = scope_of(v);

	return s ? s->version + hierarchy_version(v->snapshot->hierarchy, number_of(v, s)) : 0;
}

uint32_t container_id(const struct container *c)
{
	return c->id;
}

const char *container_name(const struct container *c, uint32_t lcid)
{
	const char *name = c->name;
	unsigned best = 0;

	for (size_t i = 0; i < c->name_count; i++) {
		unsigned near = locale_nearness(lcid, c->names[i].lcid);
		if (near > best) {
			best = near;
			name = c->names[i].text;
		}
	}
	return name;
}

const char *container_dn(const struct container *c)
{
	return c->dn;
}

uint32_t container_flags(const struct container *c)
{
	return c->flags;
}

uint32_t container_depth(const struct container *c)
{
	return c->depth;
}

const struct container *container_parent(const struct container *c)
{
	return c->parent;
}
