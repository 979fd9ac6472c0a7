/* NspiResortRestriction (MS-NSPI 3.1.4.11): a client's list of MIds in the order of a table. */

#include "nspi/position-private.h"

/* Objects need not be in a container to be sorted; any container has the order. */
static uint32_t open_order(struct nspi_call *call, const struct nspi_stat *stat, struct table *t)
{
	struct nspi_stat all = *stat;

	all.container_id = 0;
	if (!nspi_sort_kept(call, &all)) {
		if (!nspi_rules(call)->resort_always_sorts)
			return MAPI_E_CALL_FAILED;
		all.sort_type = TABLE_BY_DISPLAY_NAME;
	}
	return nspi_table(call, &all, t);
}

static void find_current(const struct mapi_tags *mids, struct nspi_stat *stat)
{
	uint32_t i = 0;

	while (i < mids->count && mids->items[i] != stat->current_rec)
		i++;
	stat->total_recs = mids->count;
	stat->num_pos = i < mids->count ? i : 0;
	if (i == mids->count)
		stat->current_rec = MID_BEGINNING_OF_TABLE;
}

static uint32_t start(struct nspi_call *call, const struct nspi_resort_restriction_in *in)
{
	struct table t = {0};
	enum scan_status ignored;

	if (in->stat.codepage == CP_WINUNICODE && !nspi_rules(call)->resort_takes_1200)
		return MAPI_E_UNKNOWN_CPID;
	if (!nspi_is_table_sort(in->stat.sort_type))
		return MAPI_E_CALL_FAILED;
	uint32_t status = open_order(call, &in->stat, &t);
	if (status)
		return status;
	call->state = scan_list_new(&call->view, &t, in->mids.items, in->mids.count, call->arena,
	                            &ignored);
	return call->state ? MAPI_SUCCESS : MAPI_E_NOT_ENOUGH_MEMORY;
}

static uint32_t take_sorted(struct nspi_call *call, struct nspi_resort_restriction_out *out)
{
	uint32_t count = 0;
	const uint32_t *mids = scan_mids(call->state, &count);

	out->mids = nspi_new_tags(call, count);
	if (!out->mids)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	if (count)
		memcpy(out->mids->items, mids, count * sizeof *mids);
	find_current(out->mids, &out->stat);
	return MAPI_SUCCESS;
}

enum nspi_run nspi_resort_restriction(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_resort_restriction_in *in = request;
	uint32_t status = call->state ? MAPI_SUCCESS : start(call, in);

	if (status)
		return nspi_answer(call, status);
	switch (scan_run(call->state, NSPI_SLICE_US)) {
	case SCAN_MORE: return NSPI_YIELD;
	case SCAN_DONE: return nspi_answer(call, take_sorted(call, answer));
	case SCAN_TOO_COMPLEX:
	case SCAN_TOO_MANY:
	case SCAN_NO_MEMORY: break;
	}
	return nspi_answer(call, MAPI_E_NOT_ENOUGH_MEMORY);
}
