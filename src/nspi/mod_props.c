/* NspiModProps (MS-NSPI 3.1.4.14). */

#include "base/utf.h"
#include "nspi/changes-private.h"
#include "nspi/properties-private.h"
#include "nspi/strings-private.h"

static bool can_be_changed(const struct object *o)
{
	switch (object_display_type(o)) {
	case DT_MAILUSER:
	case DT_REMOTE_MAILUSER:
	case DT_DISTLIST: return true;
	case DT_FORUM:
	case DT_AGENT:
	case DT_ORGANIZATION:
	case DT_PRIVATE_DISTLIST:
	case DT_CONTAINER:
	case DT_TEMPLATE:
	case DT_ADDRESS_TEMPLATE:
	case DT_SEARCH: break;
	}
	return false;
}

/* What is checked before the caller's rights. */
static uint32_t check_request(const struct nspi_call *call, const struct nspi_mod_props_in *in)
{
	if (in->stat.codepage == CP_WINUNICODE)
		return MAPI_E_UNKNOWN_CPID;
	if (in->reserved && nspi_rules(call)->reserved_must_be_zero)
		return MAPI_E_CALL_FAILED;
	if (!in->tags)
		return MAPI_E_INVALID_PARAMETER;
	const struct object *o = view_object(&call->view, in->stat.current_rec);
	if (!o)
		return MAPI_E_INVALID_PARAMETER;
	return can_be_changed(o) ? MAPI_SUCCESS : MAPI_E_INVALID_OBJECT;
}

static bool is_text(mapi_tag tag)
{
	uint16_t type = nspi_string_type(tag_type(tag), true);

	return type == PT_UNICODE || type == PT_MV_UNICODE;
}

/* One value of a property; an empty one is none (RFC 4512 2.2). */
static bool take_value(const struct nspi_call *call, mapi_tag tag, struct slice value,
                       struct change *c, struct change_edit *edit)
{
	const struct nspi_mod_props_in *in = call->in;
	size_t max_size = is_text(tag) ? CHANGE_MAX_TEXT : CHANGE_MAX_BINARY;

	if (value.size == 0)
		return true;
	if (nspi_is_string8(tag))
		value = codepage_to_utf8(&c->memory, in->stat.codepage, value);
	if (value.size == 0 || value.size > max_size || edit->count == CHANGE_MAX_VALUES)
		return false;
	if (is_text(tag) && (!utf8_valid(value) || memchr(value.data, 0, value.size)))
		return false;
	edit->values[edit->count] = arena_slice(&c->memory, value);
	return edit->values[edit->count++].data != NULL;
}

/* The values that the property is to have, whose type is the one that it is kept in, or for strings
 * the other width. */
static bool take_values(const struct nspi_call *call, const struct mapi_value *v, struct change *c)
{
	struct change_edit *edit = change_edit(c, tag_id(v->tag), CHANGE_REPLACE);
	uint16_t type = nspi_string_type(tag_type(v->tag), true);

	if (!edit || type != nspi_native_type(tag_id(v->tag)))
		return false;
	if (!edit->values)
		edit->values =
			arena_alloc_array(&c->memory, CHANGE_MAX_VALUES, sizeof *edit->values);
	if (!edit->values)
		return false;
	if (type == PT_UNICODE)
		return edit->count == 0 && take_value(call, v->tag, v->string, c, edit);
	if (type != PT_MV_UNICODE && type != PT_MV_BINARY)
		return false;
	for (uint32_t i = 0; i < v->slices.count; i++)
		if (!take_value(call, v->tag, v->slices.items[i], c, edit))
			return false;
	return true;
}

/* Properties of the list lose their values; those of the row get others. */
static bool take_request(const struct nspi_call *call, const struct nspi_mod_props_in *in,
                         struct change *c)
{
	for (uint32_t i = 0; i < in->tags->count; i++)
		if (!change_edit(c, tag_id(in->tags->items[i]), CHANGE_REPLACE))
			return false;
	for (uint32_t i = 0; i < in->row.count; i++)
		if (!take_values(call, &in->row.values[i], c))
			return false;
	return true;
}

enum nspi_run nspi_mod_props(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_mod_props_in *in = request;

	(void)answer;
	if (call->wait)
		return nspi_change_outcome(call);
	uint32_t status = check_request(call, in);
	if (status)
		return nspi_answer(call, status);
	struct change *c = nspi_change_new(call, in->stat.current_rec);
	if (!c)
		return nspi_answer(call, MAPI_E_NOT_ENOUGH_MEMORY);
	if (take_request(call, in, c))
		return nspi_change_submit(call, c);
	change_free(c);
	return nspi_answer(call, MAPI_E_NO_ACCESS);
}
