#include "nspi/rows-private.h"

#include "base/clock.h"
#include "mapi/tags.h"

enum { ROWS_BETWEEN_LOOKS = 64 }; /* at the clock */

/* What a row has when a client names no columns (MS-NSPI 3.1.4.8); the strings are 8-bit ones. */
static const mapi_tag default_tags[] = {
	PR_EMS_AB_CONTAINERID,
	PR_OBJECT_TYPE,
	PR_DISPLAY_TYPE,
	0x3001001E,
	0x3A1A001E,
	0x3A18001E,
	0x3A19001E,
};

static struct mapi_tags *default_columns(struct nspi_call *call)
{
	struct mapi_tags *tags = nspi_new_tags(call, sizeof default_tags / sizeof *default_tags);

	if (tags)
		memcpy(tags->items, default_tags, sizeof default_tags);
	return tags;
}

uint32_t nspi_rows_start(struct nspi_call *call, struct nspi_rows *rows,
                         const struct mapi_tags *tags, uint32_t codepage, uint32_t flags)
{
	*rows = (struct nspi_rows){.rows = arena_alloc(call->arena, sizeof *rows->rows)};
	if (!tags)
		tags = default_columns(call);
	if (!rows->rows || !tags)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	rows->tags = tags;
	return nspi_columns_resolve(call, tags, codepage, flags, &rows->columns);
}

static uint64_t slices_bytes(const struct mapi_slices *s)
{
	uint64_t bytes = 8;

	for (uint32_t i = 0; i < s->count; i++)
		bytes += 16 + 2 * s->items[i].size;
	return bytes;
}

/* An upper bound that is cheap: UTF-16 has no more than twice the octets of UTF-8. */
static uint64_t value_bytes(const struct mapi_value *v)
{
	switch (tag_type(v->tag)) {
	case PT_UNICODE: return 36 + 2 * v->string.size;
	case PT_STRING8:
	case PT_BINARY: return 36 + v->string.size;
	case PT_MV_UNICODE:
	case PT_MV_STRING8:
	case PT_MV_BINARY: return 20 + slices_bytes(&v->slices);
	default: return 20;
	}
}

static uint64_t row_bytes(const struct mapi_row *row)
{
	uint64_t bytes = 16;

	for (uint32_t i = 0; i < row->count; i++)
		bytes += value_bytes(&row->values[i]);
	return bytes;
}

static bool make_row(struct nspi_rows *rows, const struct object *o)
{
	const struct nspi_columns *columns = &rows->columns;
	struct nspi_call *call = columns->call;
	struct mapi_row *row = &rows->rows->rows[rows->rows->count];

	row->count = columns->count;
	row->values = arena_alloc_raw(call->arena, columns->count * sizeof *row->values);
	if (!row->values)
		return false;
	if (nspi_columns_read(columns, o, row->values) == CELL_NO_MEMORY)
		return false;
	rows->bytes += row_bytes(row);
	return true;
}

/* Is this row one too many? */
static bool answer_is_full(const struct nspi_rows *rows)
{
	if (rows->all || rows->rows->count == 0)
		return false;
	return rows->bytes > rows->columns.call->settings.max_answer_bytes;
}

/* Without memory for another row the answer ends, unless all are wanted or there is none yet. */
static uint32_t out_of_memory(const struct nspi_rows *rows)
{
	return rows->all || rows->rows->count == 0 ? MAPI_E_NOT_ENOUGH_MEMORY : MAPI_SUCCESS;
}

/* False when the answer has all the rows that it can have. */
static bool make_some(struct nspi_rows *rows, uint32_t *status)
{
	const struct object *objects[ROWS_BETWEEN_LOOKS];
	struct mapi_rows *made = rows->rows;
	uint32_t count = nspi_least(rows->count - made->count, ROWS_BETWEEN_LOOKS);

	view_objects(&rows->columns.call->view, rows->mids + made->count, count, objects);
	for (uint32_t i = 0; i < count; i++, made->count++) {
		if (!make_row(rows, objects[i])) {
			*status = out_of_memory(rows);
			return false;
		}
		if (answer_is_full(rows))
			return false;
	}
	return made->count < rows->count;
}

bool nspi_rows_run(struct nspi_rows *rows, uint32_t *status)
{
	struct nspi_call *call = rows->columns.call;
	uint64_t deadline =
		rows->count > ROWS_BETWEEN_LOOKS ? clock_mono_us() + NSPI_SLICE_US : UINT64_MAX;

	*status = MAPI_SUCCESS;
	if (!rows->rows->rows)
		rows->rows->rows =
			arena_alloc_array(call->arena, rows->count, sizeof *rows->rows->rows);
	if (!rows->rows->rows) {
		*status = MAPI_E_NOT_ENOUGH_MEMORY;
		return true;
	}
	while (make_some(rows, status)) {
		if (clock_mono_us() >= deadline)
			return false;
	}
	return true;
}
