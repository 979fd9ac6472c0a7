/* NspiModProps (MS-NSPI 3.1.4.14). Nobody has the right to change a property, so a sound request is
 * denied. */

#include "nspi/nspi-private.h"

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

enum nspi_run nspi_mod_props(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_mod_props_in *in = request;

	(void)answer;
	if (in->stat.codepage == CP_WINUNICODE)
		return nspi_answer(call, MAPI_E_UNKNOWN_CPID);
	if (in->reserved && nspi_rules(call)->reserved_must_be_zero)
		return nspi_answer(call, MAPI_E_CALL_FAILED);
	if (!in->tags)
		return nspi_answer(call, MAPI_E_INVALID_PARAMETER);
	const struct object *o = view_object(&call->view, in->stat.current_rec);
	if (!o)
		return nspi_answer(call, MAPI_E_INVALID_PARAMETER);
	return nspi_answer(call, can_be_changed(o) ? MAPI_E_NO_ACCESS : MAPI_E_INVALID_OBJECT);
}
