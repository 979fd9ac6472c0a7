#include "nspi/position-private.h"

/* The orders of a table on an object-valued property are by display name too. */
static uint32_t kept_sort_type(uint32_t sort_type)
{
	if (sort_type == SORT_DISPLAY_NAME_RO || sort_type == SORT_DISPLAY_NAME_W)
		return TABLE_BY_DISPLAY_NAME;
	return sort_type;
}

uint32_t nspi_table(const struct nspi_call *call, const struct nspi_stat *stat, struct table *t)
{
	const struct container *c = nspi_container(call, stat);

	if (!c)
		return MAPI_E_INVALID_BOOKMARK;
	if (table_open(&call->view, c, kept_sort_type(stat->sort_type), stat->sort_locale, t))
		return MAPI_E_CALL_FAILED;
	return MAPI_SUCCESS;
}

bool nspi_sort_kept(const struct nspi_call *call, const struct nspi_stat *stat)
{
	const struct container *all = view_container(&call->view, 0);
	struct table t = {0};

	return all && table_open(&call->view, all, stat->sort_type, stat->sort_locale, &t) == 0;
}

/* MS-NSPI 3.1.1.4.2. A client that says 0 of TotalRecs knows nothing yet: it gets the first row. */
static uint32_t fraction(const struct table *t, const struct nspi_stat *stat)
{
	uint32_t total = table_count(t);

	if (stat->total_recs == 0)
		return 0;
	uint64_t row = (uint64_t)total * stat->num_pos / stat->total_recs;
	return row > total ? total : (uint32_t)row;
}

bool nspi_locate(const struct table *t, const struct nspi_stat *stat, bool fractional,
                 uint32_t *row)
{
	switch (stat->current_rec) {
	case MID_BEGINNING_OF_TABLE: *row = 0; return true;
	case MID_CURRENT: *row = fraction(t, stat); return fractional;
	case MID_END_OF_TABLE: *row = table_count(t); return true;
	default: return table_position(t, stat->current_rec, row);
	}
}

uint32_t nspi_move(const struct table *t, uint32_t row, int32_t delta)
{
	int64_t moved = (int64_t)row + delta;

	if (moved < 0)
		return 0;
	return moved > table_count(t) ? table_count(t) : (uint32_t)moved;
}

void nspi_set_position(const struct table *t, uint32_t row, struct nspi_stat *stat)
{
	uint32_t total = table_count(t);

	stat->current_rec = row < total ? table_mid_at(t, row) : MID_END_OF_TABLE;
	stat->num_pos = row;
	stat->total_recs = total;
	stat->delta = 0;
}
