#include "base/utf.h"
#include "cli/nspi.h"

enum {
	MID_UNRESOLVED = 0,
	MID_AMBIGUOUS = 1,
	MID_RESOLVED = 2,
	CANDIDATES_ASKED = 100, /* of an ambiguous name */
	CANDIDATES_SHOWN = 3,   /* to people */
};

static const struct column columns[] = {
	{"NAME",    "asked",   COLUMN_TEXT},
	{"RESULT",  "result",  COLUMN_TEXT},
	{"ENTRY",   "name",    COLUMN_TEXT},
	{"ADDRESS", "address", COLUMN_TEXT},
	{NULL,      NULL,      COLUMN_TEXT},
};

static json_t *candidate_names(const struct nspi *n, const struct nspi_get_matches_out *out)
{
	json_t *names = json_array();
	uint32_t count = out->rows ? out->rows->count : 0;
	uint32_t shown = n->options.json || count <= CANDIDATES_SHOWN ? count : CANDIDATES_SHOWN;

	for (uint32_t i = 0; i < shown; i++) {
		const struct mapi_value *title = row_value(&out->rows->rows[i], PR_DISPLAY_NAME);
		json_array_append_new(names, title ? value_json(title) : json_null());
	}
	if (count > shown)
		json_array_append_new(names, json_sprintf("and %u more", count - shown));
	if (out->status == MAPI_E_TABLE_TOO_BIG)
		json_array_append_new(names, json_sprintf("more than %d", CANDIDATES_ASKED));
	return names;
}

static enum nspi_exit add_candidates(struct nspi *n, const char *name, uint32_t container,
                                     json_t *row)
{
	struct nspi_get_matches_out out;
	enum nspi_exit status = nspi_match(n, name, container, CANDIDATES_ASKED, &out);

	if (!status)
		json_object_set_new(row, "name", candidate_names(n, &out));
	return status;
}

/* The rows of an answer belong to the names that were resolved, in order. */
static enum nspi_exit add_row(struct nspi *n, const char *name, uint32_t code, uint32_t container,
                              const struct mapi_row *resolved, json_t *rows)
{
	json_t *row = code == MID_RESOLVED && resolved ? person_json(resolved) : json_object();
	const char *result = code == MID_RESOLVED  ? "resolved"
	                   : code == MID_AMBIGUOUS ? "ambiguous"
	                                           : "not found";

	json_object_set_new(row, "asked", json_string(name));
	json_object_set_new(row, "result", json_string(result));
	json_array_append_new(rows, row);
	return code == MID_AMBIGUOUS ? add_candidates(n, name, container, row) : NSPI_EXIT_OK;
}

static enum nspi_exit add_rows(struct nspi *n, char **names, uint32_t container,
                               const struct nspi_resolve_names_out *out, json_t *rows)
{
	uint32_t used = 0, missing = 0;
	enum nspi_exit status = NSPI_EXIT_OK;

	for (uint32_t i = 0; i < out->mids->count && !status; i++) {
		uint32_t code = out->mids->items[i];
		bool found = code == MID_RESOLVED;
		const struct mapi_row *row = found && out->rows && used < out->rows->count
		                                   ? &out->rows->rows[used++]
		                                   : NULL;
		missing += !found;
		status = add_row(n, names[i], code, container, row, rows);
	}
	return status ? status : missing ? NSPI_EXIT_NOT_FOUND : NSPI_EXIT_OK;
}

static enum nspi_exit ask(struct nspi *n, int argc, char **argv, uint32_t container,
                          struct nspi_resolve_names_out *out)
{
	struct error e = {0};
	struct mapi_tags tags = person_tags(&n->arena);
	struct slice *names = arena_alloc_array(&n->arena, (size_t)argc, sizeof *names);
	struct nspi_resolve_names_in in = {
		.handle = n->handle,
		.stat = nspi_stat(container),
		.tags = &tags,
		.names = {(uint32_t)argc, names},
	};

	for (int i = 0; i < argc; i++)
		names[i] = slice_of_string(argv[i]);
	if (client_resolve_names(n->client, &n->arena, &in, out, &e))
		return nspi_failed(&e);
	if (out->status != MAPI_SUCCESS || !out->mids || out->mids->count != (uint32_t)argc)
		return nspi_refused("NspiResolveNamesW", out->status);
	return NSPI_EXIT_OK;
}

static enum nspi_exit resolve(struct nspi *n, int argc, char **argv)
{
	struct nspi_resolve_names_out out = {0};
	uint32_t container = 0;
	enum nspi_exit status = nspi_find_list(n, n->options.list, &container);

	if (!status)
		status = ask(n, argc, argv, container, &out);
	if (status)
		return status;
	json_t *rows = json_array();
	status = add_rows(n, argv, container, &out, rows);
	listing_print(n, columns, rows);
	json_decref(rows);
	return status;
}

enum nspi_exit nspi_resolve(struct nspi *n, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (!utf8_valid(slice_of_string(argv[i]))) {
			fputs("nspi: names are given in UTF-8\n", stderr);
			return NSPI_EXIT_USAGE;
		}
	}
	enum nspi_exit status = nspi_open(n);
	if (!status)
		status = resolve(n, argc, argv);
	nspi_close(n);
	return status;
}
