#include "directory/container-private.h"

#include "directory/index-private.h"
#include "mapi/tags.h"

#define LEAF_FLAGS (AB_RECIPIENTS | AB_UNMODIFIABLE)
#define GLOBAL     (&containers[0])

/* In the order of the hierarchy table. The GUIDs are made up once and never change: clients keep
 * them. */
static const struct container containers[] = {
	{0x00,  INDEX_ALL, "/",				      "Global Address List",     LEAF_FLAGS | AB_SUBCONTAINERS, 0, NULL,
         CATEGORY_NONE																     },
	{ 0x10, 0,         "/guid=6E737069640000000000000000000010", "All Users",               LEAF_FLAGS,                    1, GLOBAL,
         CATEGORY_USER																     },
	{ 0x11, 1,         "/guid=6E737069640000000000000000000011", "All Groups",              LEAF_FLAGS,                    1, GLOBAL,
         CATEGORY_GROUP																    },
	{ 0x12, 2,         "/guid=6E737069640000000000000000000012", "All Contacts",            LEAF_FLAGS,                    1, GLOBAL,
         CATEGORY_CONTACT																  },
	{ 0x13, 3,         "/guid=6E737069640000000000000000000013", "All Rooms and Equipment", LEAF_FLAGS,
         1,														       GLOBAL, CATEGORY_RESOURCE},
	{ 0x14, 4,         "/guid=6E737069640000000000000000000014", "Public Folders",          LEAF_FLAGS,                    1,
         GLOBAL,															  CATEGORY_FOLDER  },
};

enum { CONTAINER_COUNT = sizeof containers / sizeof containers[0] };
enum { HIERARCHY_VERSION = 1 };

uint64_t containers_of(const struct object *o)
{
	uint64_t lists = 0;
	for (size_t i = 1; i < CONTAINER_COUNT && !o->hidden; i++)
		if (containers[i].category == o->category)
			lists |= UINT64_C(1) << containers[i].list;
	return lists;
}

bool container_holds(const struct container *c, const struct object *o)
{
	if (c->list == INDEX_ALL)
		return !o->hidden;
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
