/* NspiSeekEntries (MS-NSPI 3.1.4.9): the first row of a table that is not less than a name. */

#include "mapi/tags.h"
#include "nspi/position-private.h"
#include "nspi/rows-private.h"
#include "nspi/strings-private.h"

/* How many rows follow a position found in a container: about two screens. */
enum { ROWS_AFTER_SEEK = 50 };

/* The property that each order is sought by. */
static const struct {
	uint32_t sort_type;
	mapi_tag tag;
} targets[] = {
	{TABLE_BY_DISPLAY_NAME,  PR_DISPLAY_NAME                },
	{TABLE_BY_PHONETIC_NAME, PR_EMS_AB_PHONETIC_DISPLAY_NAME},
};

static bool target_fits(const struct nspi_seek_entries_in *in)
{
	uint16_t type = tag_type(in->target.tag);

	if (type != PT_STRING8 && type != PT_UNICODE)
		return false;
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
		if (targets[i].sort_type == in->stat.sort_type)
			return tag_id(targets[i].tag) == tag_id(in->target.tag);
	return false;
}

static uint32_t check(const struct nspi_call *call, const struct nspi_seek_entries_in *in,
                      struct table *t)
{
	const struct nspi_profile_rules *rules = nspi_rules(call);

	if (in->stat.codepage == CP_WINUNICODE)
		return MAPI_E_UNKNOWN_CPID;
	if (in->reserved && rules->reserved_must_be_zero)
		return MAPI_E_CALL_FAILED;
	if (!nspi_container(call, &in->stat))
		return MAPI_E_INVALID_BOOKMARK;
	if (in->stat.sort_type == TABLE_BY_PHONETIC_NAME && !rules->seek_by_phonetic_name)
		return MAPI_E_CALL_FAILED;
	if (!target_fits(in))
		return MAPI_E_CALL_FAILED;
	if (nspi_is_string8(in->target.tag) && !codepage_supported(in->stat.codepage))
		return MAPI_E_UNKNOWN_CPID;
	return nspi_table(call, &in->stat, t);
}

static const struct mapi_tags *explicit_table(const struct nspi_call *call,
                                              const struct nspi_seek_entries_in *in)
{
	if (in->table && in->table->count == 0 && nspi_rules(call)->seek_empty_table_is_none)
		return NULL;
	return in->table;
}

/* The first place from `place` on of an object that is still there; end when there is none. */
static uint32_t next_live(const struct nspi_call *call, const struct mapi_tags *table,
                          uint32_t place, uint32_t end)
{
	while (place < end && !view_object(&call->view, table->items[place]))
		place++;
	return place;
}

/* The table is sorted, but objects that are gone have no name to compare. */
static uint32_t seek_list(const struct nspi_call *call, const struct table *t,
                          const struct mapi_tags *table, struct slice target, uint32_t *place)
{
	uint32_t low = 0, high = table->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint32_t live = next_live(call, table, middle, high);

		if (live < high &&
		    table_compare_target(&call->view, t, table->items[live], target) > 0)
			low = live + 1;
		else
			high = middle;
	}
	*place = next_live(call, table, low, table->count);
	return *place < table->count ? MAPI_SUCCESS : MAPI_E_NOT_FOUND;
}

static uint32_t seek_table(const struct table *t, struct slice target, uint32_t *place)
{
	*place = table_seek(t, target);
	return *place < table_count(t) ? MAPI_SUCCESS : MAPI_E_NOT_FOUND;
}

/* Delta stays as it is: "no other field". */
static void set_found(const struct table *t, const struct mapi_tags *table, uint32_t place,
                      struct nspi_stat *stat)
{
	stat->current_rec = table ? table->items[place] : table_mid_at(t, place);
	stat->num_pos = place;
	stat->total_recs = table ? table->count : table_count(t);
}

/* The MIds whose rows are wanted: what is left of a list, some rows of a container. */
static uint32_t rows_from(struct nspi_call *call, const struct table *t,
                          const struct mapi_tags *table, uint32_t place, struct nspi_rows *rows)
{
	uint32_t max = call->settings.max_rows;

	if (table) {
		rows->mids = table->items + place;
		rows->count = nspi_least(table->count - place, max);
		return MAPI_SUCCESS;
	}
	max = nspi_least(max, ROWS_AFTER_SEEK);
	uint32_t *mids = arena_alloc_array(call->arena, max, sizeof *mids);
	if (!mids)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	rows->count = table_mids(t, place, mids, max);
	rows->mids = mids;
	return MAPI_SUCCESS;
}

/* Seeks; *rows is NULL when none are wanted. */
static uint32_t start(struct nspi_call *call, const struct nspi_seek_entries_in *in,
                      struct nspi_stat *stat, struct nspi_rows **rows)
{
	const struct mapi_tags *table = explicit_table(call, in);
	struct table t = {0};
	uint32_t place = 0;
	uint32_t status = check(call, in, &t);

	if (status)
		return status;
	struct slice target =
		nspi_string_from_client(call, in->target.tag, in->target.string, in->stat.codepage);
	if (!target.data)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	status =
		table ? seek_list(call, &t, table, target, &place) : seek_table(&t, target, &place);
	if (status)
		return status;
	set_found(&t, table, place, stat);
	if (!in->tags)
		return MAPI_SUCCESS;
	*rows = arena_alloc(call->arena, sizeof **rows);
	if (!*rows)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	status = nspi_rows_start(call, *rows, in->tags, in->stat.codepage, NSPI_EPHEMERAL_IDS);
	return status ? status : rows_from(call, &t, table, place, *rows);
}

enum nspi_run nspi_seek_entries(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_seek_entries_in *in = request;
	struct nspi_seek_entries_out *out = answer;
	struct nspi_rows *rows = call->state;
	uint32_t status = MAPI_SUCCESS;

	if (!rows) {
		status = start(call, in, &out->stat, &rows);
		if (status || !rows)
			return nspi_answer(call, status);
		call->state = rows;
	}
	if (!nspi_rows_run(rows, &status))
		return NSPI_YIELD;
	out->rows = rows->rows;
	out->columns = rows->tags;
	return nspi_answer(call, status);
}
