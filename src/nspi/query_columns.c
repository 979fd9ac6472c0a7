/* NspiQueryColumns (MS-NSPI 3.1.4.5). */

#include "nspi/tag_lists-private.h"

enum nspi_run nspi_query_columns(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_query_columns_in *in = request;
	struct nspi_query_columns_out *out = answer;

	out->columns = nspi_known_tags(call, in->flags & NSPI_UNICODE_PROPTYPES, false);
	return nspi_answer(call, out->columns ? MAPI_SUCCESS : MAPI_E_NOT_ENOUGH_MEMORY);
}
