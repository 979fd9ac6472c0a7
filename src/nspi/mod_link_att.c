/* NspiModLinkAtt (MS-NSPI 3.1.4.15). Nobody has the right to change a link, so a sound request is
 * denied. */

#include "mapi/tags.h"
#include "nspi/nspi-private.h"
#include "nspi/properties-private.h"

/* The links that clients can change, and on what (MS-OXNSPI 3.1.4.1.15). */
static const struct {
	mapi_tag tag;
	enum display_type type;
} links[] = {
	{PR_EMS_AB_MEMBER,            DT_DISTLIST},
	{ PR_EMS_AB_PUBLIC_DELEGATES, DT_MAILUSER},
};

static bool can_be_changed(mapi_tag tag, const struct object *o)
{
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (tag_id(links[i].tag) == tag_id(tag) && links[i].type == object_display_type(o))
			return true;
	return false;
}

enum nspi_run nspi_mod_link_att(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_mod_link_att_in *in = request;

	(void)answer;
	if (nspi_native_type(tag_id(in->tag)) != PT_OBJECT)
		return nspi_answer(call, MAPI_E_NOT_FOUND);
	const struct object *o = view_object(&call->view, in->mid);
	if (!o)
		return nspi_answer(call, MAPI_E_INVALID_PARAMETER);
	if (!can_be_changed(in->tag, o))
		return nspi_answer(call, nspi_rules(call)->mod_link_wrong_type);
	return nspi_answer(call, MAPI_E_NO_ACCESS);
}
