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

static struct mapi_tags *copy(struct nspi_call *call, const struct mapi_tags *mids)
{
	struct mapi_tags *tags = nspi_new_tags(call, mids->count);

	if (tags && mids->count)
		memcpy(tags->items, mids->items, mids->count * sizeof *tags->items);
	return tags;
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

enum nspi_run nspi_resort_restriction(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_resort_restriction_in *in = request;
	struct nspi_resort_restriction_out *out = answer;
	struct table t = {0};

	if (in->stat.codepage == CP_WINUNICODE && !nspi_rules(call)->resort_takes_1200)
		return nspi_answer(call, MAPI_E_UNKNOWN_CPID);
	if (!nspi_is_table_sort(in->stat.sort_type))
		return nspi_answer(call, MAPI_E_CALL_FAILED);
	uint32_t status = open_order(call, &in->stat, &t);
	if (status)
		return nspi_answer(call, status);

	out->mids = copy(call, &in->mids);
	size_t count = in->mids.count;
	if (!out->mids || table_sort_mids(&call->view, &t, out->mids->items, &count, call->arena))
		return nspi_answer(call, MAPI_E_NOT_ENOUGH_MEMORY);
	out->mids->count = (uint32_t)count;
	find_current(out->mids, &out->stat);
	return nspi_answer(call, MAPI_SUCCESS);
}
