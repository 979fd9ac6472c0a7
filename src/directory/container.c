#include "directory/container-private.h"

#include "directory/index-private.h"
#include "mapi/tags.h"

#define LEAF_FLAGS  (AB_RECIPIENTS | AB_UNMODIFIABLE)
#define GLOBAL      (&containers[0])
#define GUID_PREFIX "/guid=6E7370696400000000000000000000"

/* A list under the global one. Its id and GUID are made up once and never change: clients keep
 * them. */
#define LIST(number, name, category)                                                               \
	{                                                                                          \
		0x1##number, number, GUID_PREFIX "1" #number, name, LEAF_FLAGS, 1, GLOBAL,         \
			category                                                                   \
	}

/* In the order of the hierarchy table. */
static const struct container containers[] = {
	{0, INDEX_ALL, "/", "Global Address List", LEAF_FLAGS | AB_SUBCONTAINERS, 0, NULL, 0},
	LIST(0, "All Users", CATEGORY_USER),
	LIST(1, "All Groups", CATEGORY_GROUP),
	LIST(2, "All Contacts", CATEGORY_CONTACT),
	LIST(3, "All Rooms and Equipment", CATEGORY_RESOURCE),
	LIST(4, "Public Folders", CATEGORY_FOLDER),
};

enum { CONTAINER_COUNT = sizeof containers / sizeof containers[0] };
enum { HIERARCHY_VERSION = 1 };

uint64_t containers_of(const struct object *o)
{
	uint64_t lists = 0;
	for (size_t i = 1; i < CONTAINER_COUNT && object_listed(o); i++)
		if (containers[i].category == o->category)
			lists |= UINT64_C(1) << containers[i].list;
	return lists;
}

bool container_holds(const struct container *c, const struct object *o)
{
	if (c->list == INDEX_ALL)
		return object_listed(o);
	return o->lists >> c->list & 1;
}

const struct container *view_container(const struct view *v, uint32_t id)
{
	(void)v;
	for (size_t i = 0; i < CONTAINER_COUNT; i++)
		if (containers[i].id == id)
			return &containers[i];
	return NULL;
}

const struct container *view_container_by_dn(const struct view *v, struct slice dn)
{
	(void)v;
	for (size_t i = 0; i < CONTAINER_COUNT; i++)
		if (slice_equal_nocase(dn, slice_of_string(containers[i].dn)))
			return &containers[i];
	return NULL;
}

const struct container *view_hierarchy_at(const struct view *v, size_t index)
{
	(void)v;
	return index < CONTAINER_COUNT ? &containers[index] : NULL;
}

uint32_t view_hierarchy_version(const struct view *v)
{
	(void)v;
	return HIERARCHY_VERSION;
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
