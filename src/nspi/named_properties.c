/*
 * NspiGetNamesFromIDs and NspiGetIDsFromNames (MS-NSPI 3.1.4.16, 3.1.4.17). The one property set is
 * PS_MAPI: each property known to the server is in it, with its tag as its name.
 */

#include "mapi/entryid.h"
#include "nspi/properties-private.h"
#include "nspi/tag_lists-private.h"

static bool is_known(mapi_tag tag)
{
	return nspi_native_type(tag_id(tag)) != PT_UNSPECIFIED;
}

/* A tag outside of the sets asked about has the name that says so: no set, 0. */
static struct nspi_names *name_tags(struct nspi_call *call, const struct mapi_tags *tags,
                                    bool in_set)
{
	struct nspi_names *names = arena_alloc(call->arena, sizeof *names);

	if (!names)
		return NULL;
	names->count = tags->count;
	names->items = arena_alloc_array(call->arena, tags->count, sizeof *names->items);
	if (!names->items)
		return NULL;
	for (uint32_t i = 0; in_set && i < tags->count; i++)
		if (is_known(tags->items[i]))
			names->items[i] = (struct nspi_name){
				.guid = &PS_MAPI,
				.id = (int32_t)tags->items[i],
			};
	return names;
}

enum nspi_run nspi_get_names_from_ids(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_get_names_from_ids_in *in = request;
	struct nspi_get_names_from_ids_out *out = answer;
	bool in_set = !in->guid || guid_equal(in->guid, &PS_MAPI);

	if (!in->tags && in->guid && in_set)
		return nspi_answer(call, MAPI_E_NO_SUPPORT);
	if (!in->tags) {
		out->tags = nspi_known_tags(call, true, false);
		if (!out->tags)
			return nspi_answer(call, MAPI_E_NOT_ENOUGH_MEMORY);
		in_set = false; /* no name of PS_MAPI without tags */
	}
	out->names = name_tags(call, in->tags ? in->tags : out->tags, in_set);
	return nspi_answer(call, out->names ? MAPI_SUCCESS : MAPI_E_NOT_ENOUGH_MEMORY);
}

/* The type of a tag found by name is unspecified, that of a name not found PtypErrorCode. */
static mapi_tag tag_of_name(const struct nspi_name *name)
{
	if (!name || !name->guid || !guid_equal(name->guid, &PS_MAPI) ||
	    !is_known((mapi_tag)name->id))
		return PT_ERROR;
	return tag_with_type((mapi_tag)name->id, PT_UNSPECIFIED);
}

enum nspi_run nspi_get_ids_from_names(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_get_ids_from_names_in *in = request;
	struct nspi_get_ids_from_names_out *out = answer;
	bool unknown = false;

	out->tags = nspi_new_tags(call, in->count);
	if (!out->tags)
		return nspi_answer(call, MAPI_E_NOT_ENOUGH_MEMORY);
	for (uint32_t i = 0; i < in->count; i++) {
		out->tags->items[i] = tag_of_name(in->names[i]);
		unknown |= out->tags->items[i] == PT_ERROR;
	}
	if (unknown && in->flags & NSPI_VERIFY_NAMES)
		return nspi_answer(call, MAPI_E_NO_ACCESS);
	return nspi_answer(call, unknown ? MAPI_W_ERRORS_RETURNED : MAPI_SUCCESS);
}
