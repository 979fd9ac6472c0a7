/* NspiGetTemplateInfo (MS-NSPI 3.1.4.20). No template is kept for any type, name or locale. */

#include "nspi/nspi-private.h"

enum nspi_run nspi_get_template_info(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_get_template_info_in *in = request;

	(void)answer;
	if (in->codepage == CP_WINUNICODE || !codepage_supported(in->codepage))
		return nspi_answer(call, MAPI_E_UNKNOWN_CPID);
	return nspi_answer(call, MAPI_E_UNKNOWN_LCID);
}
