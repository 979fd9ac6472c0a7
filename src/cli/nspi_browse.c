#include "cli/nspi.h"

enum { PAGE_ROWS = 200 };

/* Where --from begins. An entry behind the last one is the end of the list. */
static enum nspi_exit seek(struct nspi *n, struct nspi_stat *stat)
{
	struct error e = {0};
	struct nspi_seek_entries_in in = {
		.handle = n->handle,
		.stat = *stat,
		.target = {.tag = PR_DISPLAY_NAME, .string = slice_of_string(n->options.from)},
	};
	struct nspi_seek_entries_out out = {0};

	if (client_seek_entries(n->client, &n->arena, &in, &out, &e))
		return nspi_failed(&e);
	if (out.status == MAPI_E_NOT_FOUND) {
		fprintf(stderr, "nspi: nothing comes at or behind '%s'\n", n->options.from);
		return NSPI_EXIT_NOT_FOUND;
	}
	if (out.status != MAPI_SUCCESS)
		return nspi_refused("NspiSeekEntries", out.status);
	*stat = out.stat;
	return NSPI_EXIT_OK;
}

/* Appends a page to rows; the STAT that comes back is where the next one begins. */
static enum nspi_exit add_page(struct nspi *n, struct nspi_stat *stat, uint32_t wanted,
                               json_t *rows)
{
	struct error e = {0};
	struct mapi_tags tags = person_tags(&n->arena);
	struct nspi_query_rows_in in = {
		.handle = n->handle, .stat = *stat, .count = wanted, .tags = &tags};
	struct nspi_query_rows_out out = {0};

	if (client_query_rows(n->client, &n->arena, &in, &out, &e))
		return nspi_failed(&e);
	if (out.status != MAPI_SUCCESS || !out.rows)
		return nspi_refused("NspiQueryRows", out.status);
	for (uint32_t i = 0; i < out.rows->count; i++)
		json_array_append_new(rows, person_json(&out.rows->rows[i]));
	/* A server that does not advance would be asked for ever. */
	bool advanced = out.rows->count > 0 && out.stat.current_rec != stat->current_rec;
	*stat = out.stat;
	if (!advanced)
		stat->current_rec = MID_END_OF_TABLE;
	arena_reset(&n->arena);
	return NSPI_EXIT_OK;
}

static enum nspi_exit add_pages(struct nspi *n, struct nspi_stat *stat, json_t *rows)
{
	size_t wanted = n->options.all ? SIZE_MAX : n->options.count;
	enum nspi_exit status = NSPI_EXIT_OK;

	while (!status && json_array_size(rows) < wanted && stat->current_rec != MID_END_OF_TABLE) {
		size_t left = wanted - json_array_size(rows);
		status = add_page(n, stat, left < PAGE_ROWS ? (uint32_t)left : PAGE_ROWS, rows);
	}
	return status;
}

static enum nspi_exit browse(struct nspi *n)
{
	uint32_t container = 0;
	enum nspi_exit status = nspi_find_list(n, n->options.list, &container);
	struct nspi_stat stat = nspi_stat(container);

	stat.delta = (int32_t)n->options.position;
	if (!status && n->options.from)
		status = seek(n, &stat);
	if (status)
		return status;
	json_t *rows = json_array();
	status = add_pages(n, &stat, rows);
	if (!status)
		listing_print(n, person_columns, rows);
	json_decref(rows);
	return status;
}

enum nspi_exit nspi_browse(struct nspi *n, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	enum nspi_exit status = nspi_open(n);
	if (!status)
		status = browse(n);
	nspi_close(n);
	return status;
}
