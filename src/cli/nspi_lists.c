#include "cli/nspi.h"

static const struct column columns[] = {
	{"LIST",    "title",   COLUMN_TEXT },
	{"NUMBER",  "number",  COLUMN_TEXT },
	{"ENTRIES", "entries", COLUMN_RIGHT},
	{NULL,      NULL,      COLUMN_TEXT },
};

/* -1 when the server does not say. */
static int64_t count_entries(struct nspi *n, uint32_t container)
{
	struct nspi_update_stat_in in = {.handle = n->handle, .stat = nspi_stat(container)};
	struct nspi_update_stat_out out = {0};

	if (client_update_stat(n->client, &n->arena, &in, &out, NULL) || out.status != MAPI_SUCCESS)
		return -1;
	return out.stat.total_recs;
}

/* The name with two blanks a level, for people. */
static json_t *title_json(const json_t *name, int64_t depth)
{
	const char *text = json_string_value(name);

	return json_sprintf("%*s%s", (int)(2 * (depth < 16 ? depth : 16)), "", text ? text : "?");
}

static json_t *list_json(struct nspi *n, const struct mapi_row *row)
{
	const struct mapi_value *name = row_value(row, PR_DISPLAY_NAME);
	const struct mapi_value *id = row_value(row, PR_EMS_AB_CONTAINERID);
	const struct mapi_value *depth = row_value(row, PR_DEPTH);
	uint32_t container = id ? (uint32_t)id->long_value : 0;
	int64_t level = depth && depth->long_value > 0 ? depth->long_value : 0;
	int64_t entries = count_entries(n, container);
	json_t *list = json_object();

	json_object_set_new(list, "name", name ? value_json(name) : json_null());
	json_object_set_new(list, "number", json_integer(container));
	json_object_set_new(list, "depth", json_integer(level));
	json_object_set_new(list, "entries", entries < 0 ? json_null() : json_integer(entries));
	if (!n->options.json)
		json_object_set_new(list, "title",
		                    title_json(json_object_get(list, "name"), level));
	return list;
}

static enum nspi_exit list(struct nspi *n)
{
	struct mapi_rows *rows = NULL;
	enum nspi_exit status = nspi_hierarchy(n, &rows);

	if (status)
		return status;
	json_t *all = json_array();
	for (uint32_t i = 0; i < rows->count; i++)
		json_array_append_new(all, list_json(n, &rows->rows[i]));
	listing_print(n, columns, all);
	json_decref(all);
	return NSPI_EXIT_OK;
}

enum nspi_exit nspi_lists(struct nspi *n, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	enum nspi_exit status = nspi_open(n);
	if (!status)
		status = list(n);
	nspi_close(n);
	return status;
}
