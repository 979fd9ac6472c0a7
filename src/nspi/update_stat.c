/* NspiUpdateStat (MS-NSPI 3.1.4.4): moves a position that the client keeps. */

#include "nspi/position-private.h"

enum nspi_run nspi_update_stat(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_update_stat_in *in = request;
	struct nspi_update_stat_out *out = answer;
	struct table t = {0};
	uint32_t from = 0;

	if (in->stat.codepage == CP_WINUNICODE)
		return nspi_answer(call, MAPI_E_UNKNOWN_CPID);
	uint32_t status = nspi_table(call, &in->stat, &t);
	if (status)
		return nspi_answer(call, status);
	if (!nspi_locate(&t, &in->stat, true, &from))
		return nspi_answer(call, MAPI_E_NOT_FOUND);

	uint32_t to = nspi_move(&t, from, in->stat.delta);
	nspi_set_position(&t, to, &out->stat);
	if (in->delta) {
		out->delta = arena_alloc(call->arena, sizeof *out->delta);
		if (!out->delta)
			return nspi_answer(call, MAPI_E_NOT_ENOUGH_MEMORY);
		*out->delta = (int32_t)((int64_t)to - from);
	}
	return nspi_answer(call, MAPI_SUCCESS);
}
