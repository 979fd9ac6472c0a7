/* NspiGetPropList and NspiGetProps (MS-NSPI 3.1.4.6, 3.1.4.7): what one object has. */

#include "nspi/columns-private.h"
#include "nspi/position-private.h"
#include "nspi/strings-private.h"
#include "nspi/tag_lists-private.h"

enum nspi_run nspi_get_prop_list(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_get_prop_list_in *in = request;
	struct nspi_get_prop_list_out *out = answer;

	if (nspi_rules(call)->prop_list_checks_codepage && in->codepage != CP_WINUNICODE &&
	    !codepage_supported(in->codepage))
		return nspi_answer(call, MAPI_E_UNKNOWN_CPID);
	return nspi_answer(call,
	                   nspi_object_tags(call, in->mid, in->codepage, in->flags, &out->tags));
}

static bool wants_string8(const struct mapi_tags *tags)
{
	for (uint32_t i = 0; tags && i < tags->count; i++)
		if (nspi_is_string8(tags->items[i]))
			return true;
	return false;
}

/* MAPI_W_ERRORS_RETURNED is a warning that the answer bears, not the end of the call. */
static uint32_t check(const struct nspi_call *call, const struct nspi_get_props_in *in)
{
	const struct nspi_profile_rules *rules = nspi_rules(call);

	if (in->stat.codepage == CP_WINUNICODE && rules->props_refuse_string8_for_1200 &&
	    wants_string8(in->tags))
		return MAPI_E_UNKNOWN_CPID;
	if (!nspi_container(call, &in->stat))
		return rules->props_no_container;
	return MAPI_SUCCESS;
}

static uint32_t read_row(struct nspi_call *call, const struct nspi_get_props_in *in,
                         const struct mapi_tags *tags, struct mapi_row *row)
{
	const struct object *o = view_object(&call->view, in->stat.current_rec);
	struct nspi_columns columns = {0};
	uint32_t status = nspi_columns_resolve(call, tags, in->stat.codepage, in->flags, &columns);

	if (status)
		return status;
	row->count = columns.count;
	row->values = arena_alloc_array(call->arena, columns.count, sizeof *row->values);
	if (!row->values)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	switch (nspi_columns_read(&columns, o, row->values)) {
	case CELL_VALUE: return MAPI_SUCCESS;
	case CELL_NONE: return MAPI_W_ERRORS_RETURNED;
	case CELL_NO_MEMORY: break;
	}
	return MAPI_E_NOT_ENOUGH_MEMORY;
}

enum nspi_run nspi_get_props(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_get_props_in *in = request;
	struct nspi_get_props_out *out = answer;
	struct mapi_tags *tags = in->tags;
	uint32_t warning = check(call, in);
	uint32_t status = warning == MAPI_W_ERRORS_RETURNED ? MAPI_SUCCESS : warning;

	if (!status && !tags)
		status = nspi_object_tags(call, in->stat.current_rec, in->stat.codepage, in->flags,
		                          &tags);
	if (status)
		return nspi_answer(call, status);
	out->row = arena_alloc(call->arena, sizeof *out->row);
	if (!out->row)
		return nspi_answer(call, MAPI_E_NOT_ENOUGH_MEMORY);
	status = read_row(call, in, tags, out->row);
	return nspi_answer(call, status ? status : warning);
}
