#include "nspi/tag_lists-private.h"

#include "mapi/attributes.h"
#include "nspi/properties-private.h"
#include "nspi/strings-private.h"

struct tag_list {
	struct mapi_tags *tags;
	bool unicode, skip_objects;
};

static void add(struct tag_list *list, uint16_t id)
{
	uint16_t type = nspi_native_type(id);

	if (type == PT_OBJECT && list->skip_objects)
		return;
	list->tags->items[list->tags->count++] =
		(mapi_tag)id << 16 | nspi_string_type(type, list->unicode);
}

struct mapi_tags *nspi_known_tags(struct nspi_call *call, bool unicode, bool skip_objects)
{
	size_t computed = 0, stored = 0;
	const struct nspi_property *properties = nspi_properties(&computed);
	const struct attribute *attributes = attributes_visible(&stored);
	struct tag_list list = {
		.tags = nspi_new_tags(call, (uint32_t)(computed + stored)),
		.unicode = unicode,
		.skip_objects = skip_objects,
	};

	if (!list.tags)
		return NULL;
	list.tags->count = 0;
	for (size_t i = 0; i < computed; i++)
		add(&list, properties[i].id);
	for (size_t i = 0; i < stored; i++)
		if (!nspi_property(tag_id(attributes[i].tag)) &&
		    view_attribute(&call->view, tag_id(attributes[i].tag)))
			add(&list, tag_id(attributes[i].tag));
	return list.tags;
}

/* Columns that read each property in its native type, whatever that is. */
static uint32_t native_columns(struct nspi_call *call, const struct mapi_tags *tags,
                               struct nspi_columns *columns)
{
	struct mapi_tags *native = nspi_new_tags(call, tags->count);

	if (!native)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	for (uint32_t i = 0; i < tags->count; i++)
		native->items[i] = tag_with_type(tags->items[i], PT_UNSPECIFIED);
	return nspi_columns_resolve(call, native, CP_TELETEX, 0, columns);
}

static void keep_present(struct mapi_tags *tags, const struct mapi_value *values)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < tags->count; i++)
		if (tag_type(values[i].tag) != PT_ERROR)
			tags->items[kept++] = tags->items[i];
	tags->count = kept;
}

/* Drops the tags of which the object has no value: what NspiGetProps would find. */
static uint32_t drop_absent(struct nspi_call *call, const struct object *o, struct mapi_tags *tags)
{
	struct nspi_columns columns = {0};
	uint32_t status = native_columns(call, tags, &columns);

	if (status)
		return status;
	struct mapi_value *values = arena_alloc_array(call->arena, tags->count, sizeof *values);
	if (!values || nspi_columns_read(&columns, o, values) == CELL_NO_MEMORY)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	keep_present(tags, values);
	return MAPI_SUCCESS;
}

uint32_t nspi_object_tags(struct nspi_call *call, uint32_t mid, uint32_t codepage, uint32_t flags,
                          struct mapi_tags **tags)
{
	const struct nspi_profile_rules *rules = nspi_rules(call);
	const struct object *o = view_object(&call->view, mid);
	bool unicode = codepage == CP_WINUNICODE && rules->prop_list_unicode_for_1200;

	if (!o && !(mid == 0 && rules->prop_list_of_nobody_is_columns))
		return MAPI_E_CALL_FAILED;
	*tags = nspi_known_tags(call, unicode, flags & NSPI_SKIP_OBJECTS);
	if (!*tags)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	return o ? drop_absent(call, o, *tags) : MAPI_SUCCESS;
}
