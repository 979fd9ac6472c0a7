#include "directory/container-private.h"

#include "directory/snapshot-private.h"

bool container_holds(const struct container *c, const struct object *o)
{
	return object_listed(o) && (c->list == INDEX_ALL || (o->lists >> c->list & 1));
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

const struct container *view_hierarchy_at(const struct view *v, size_t index)
{
	const struct scope *s = scope_of(v);

	return s && index < s->count ? &s->items[index] : NULL;
}

const struct container *view_container(const struct view *v, uint32_t id)
{
	const struct container *c;

	for (size_t i = 0; (c = view_hierarchy_at(v, i)); i++)
		if (c->id == id)
			return c;
	return NULL;
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

	return s ? s->version : 0;
}

uint32_t container_id(const struct container *c)
{
	return c->id;
}

const char *container_name(const struct container *c, uint32_t lcid)
{
	(void)lcid;
	return c->name;
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
