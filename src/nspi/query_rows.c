/* NspiQueryRows (MS-NSPI 3.1.4.8): rows of a table from a position on, or of a list of MIds. */

#include "nspi/position-private.h"
#include "nspi/rows-private.h"

struct progress {
	struct nspi_rows rows;
	struct table table; /* not with lpETable */
	uint32_t from;
};

/* An explicit table needs no container: STAT gives no more than its code page. */
static uint32_t rows_of_list(struct nspi_call *call, const struct nspi_query_rows_in *in,
                             struct progress *p)
{
	p->rows.mids = in->table;
	p->rows.count = nspi_least(nspi_least(in->count, in->table_count), call->settings.max_rows);
	return MAPI_SUCCESS;
}

static uint32_t rows_of_table(struct nspi_call *call, const struct nspi_query_rows_in *in,
                              struct progress *p)
{
	uint32_t row = 0;

	if (!nspi_locate(&p->table, &in->stat, false, &row))
		return MAPI_E_NOT_FOUND;
	p->from = nspi_move(&p->table, row, in->stat.delta);
	uint32_t left = table_count(&p->table) - p->from;
	uint32_t count = nspi_least(nspi_least(in->count, left), call->settings.max_rows);
	uint32_t *mids = arena_alloc_raw(call->arena, count * sizeof *mids);
	if (!mids)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	p->rows.count = table_mids(&p->table, p->from, mids, count);
	p->rows.mids = mids;
	return MAPI_SUCCESS;
}

static uint32_t check(struct nspi_call *call, const struct nspi_query_rows_in *in,
                      struct table *table)
{
	if (in->stat.codepage == CP_WINUNICODE)
		return MAPI_E_UNKNOWN_CPID;
	if (in->table)
		return MAPI_SUCCESS;
	if (in->count == 0)
		return MAPI_E_INVALID_PARAMETER;
	return nspi_table(call, &in->stat, table);
}

static uint32_t start(struct nspi_call *call, const struct nspi_query_rows_in *in,
                      struct progress *p)
{
	uint32_t status = check(call, in, &p->table);

	if (!status)
		status = nspi_rows_start(call, &p->rows, in->tags, in->stat.codepage, in->flags);
	if (status)
		return status;
	return in->table ? rows_of_list(call, in, p) : rows_of_table(call, in, p);
}

enum nspi_run nspi_query_rows(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_query_rows_in *in = request;
	struct nspi_query_rows_out *out = answer;
	struct progress *p = call->state;
	uint32_t status = MAPI_SUCCESS;

	if (!p) {
		p = call->state = arena_alloc(call->arena, sizeof *p);
		if (!p)
			return nspi_answer(call, MAPI_E_NOT_ENOUGH_MEMORY);
		status = start(call, in, p);
		if (status)
			return nspi_answer(call, status);
	}
	if (!nspi_rows_run(&p->rows, &status))
		return NSPI_YIELD;
	out->rows = p->rows.rows;
	out->columns = p->rows.tags;
	if (!in->table)
		nspi_set_position(&p->table, p->from + out->rows->count, &out->stat);
	return nspi_answer(call, status);
}
