/* NspiDNToMId (MS-NSPI 3.1.4.13). Address lists have names too: the MId of one is its container id.
 */

#include "nspi/nspi-private.h"

static uint32_t mid_of(const struct view *v, struct slice dn)
{
	if (!dn.size)
		return 0;
	const struct object *o = view_object_by_dn(v, dn);
	if (o)
		return object_mid(o);
	const struct container *c = view_container_by_dn(v, dn);
	return c ? container_id(c) : 0;
}

enum nspi_run nspi_dn_to_mid(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_dn_to_mid_in *in = request;
	struct nspi_dn_to_mid_out *out = answer;

	out->mids = nspi_new_tags(call, in->names.count);
	if (!out->mids)
		return nspi_answer(call, MAPI_E_NOT_ENOUGH_MEMORY);
	for (uint32_t i = 0; i < in->names.count; i++)
		out->mids->items[i] = mid_of(&call->view, in->names.items[i]);
	return nspi_answer(call, MAPI_SUCCESS);
}
