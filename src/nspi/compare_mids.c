/* NspiCompareMIds (MS-NSPI 3.1.4.12): which of two objects stands first in a table. */

#include "nspi/position-private.h"

enum nspi_run nspi_compare_mids(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_compare_mids_in *in = request;
	struct nspi_compare_mids_out *out = answer;
	struct table t = {0};
	uint32_t row1 = 0, row2 = 0;

	if (in->stat.codepage == CP_WINUNICODE)
		return nspi_answer(call, MAPI_E_UNKNOWN_CPID);
	uint32_t status = nspi_table(call, &in->stat, &t);
	if (status)
		return nspi_answer(call, status);
	if (!table_position(&t, in->mid1, &row1) || !table_position(&t, in->mid2, &row2))
		return nspi_answer(call, MAPI_E_CALL_FAILED);
	out->result = (row1 > row2) - (row1 < row2);
	return nspi_answer(call, MAPI_SUCCESS);
}
