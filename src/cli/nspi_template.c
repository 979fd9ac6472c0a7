#include <stdlib.h>
#include <string.h>

#include "cli/nspi.h"
#include "client/dialog.h"
#include "mapi/codepage.h"
#include "mapi/entryid.h"

#define PR_TEMPLATE_DATA 0x00010102u
#define PR_SCRIPT_DATA   0x00040102u

static const struct {
	const char *word;
	uint32_t type;
} types[] = {
	{"user",    DT_MAILUSER       },
	{"group",   DT_DISTLIST       },
	{"folder",  DT_FORUM          },
	{"agent",   DT_AGENT          },
	{"contact", DT_REMOTE_MAILUSER},
	{"search",  DT_SEARCH         },
};

enum { TYPE_COUNT = sizeof types / sizeof types[0] };

/* NULL when the type has none. */
static const char *word_of_type(uint32_t type)
{
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (type == types[i].type)
			return types[i].word;
	}
	return NULL;
}

static bool find_type(const char *word, uint32_t *type)
{
	char *end = NULL;

	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (!strcmp(word, types[i].word)) {
			*type = types[i].type;
			return true;
		}
	}
	unsigned long number = strtoul(word, &end, 0);
	*type = (uint32_t)number;
	return *word >= '0' && *word <= '9' && !*end && number <= UINT32_MAX;
}

/* *status is what the server said. */
static enum nspi_exit ask(struct nspi *n, struct nspi_get_template_info_in *in,
                          struct mapi_row **row, uint32_t *status)
{
	struct nspi_get_template_info_out out = {0};
	struct error e = {0};

	in->handle = n->handle;
	in->flags = NSPI_TI_TEMPLATE | NSPI_TI_SCRIPT;
	in->codepage = n->options.codepage;
	in->locale = n->options.locale;
	if (client_get_template_info(n->client, &n->arena, in, &out, &e))
		return nspi_failed(&e);
	*status = out.status == MAPI_SUCCESS && !out.row ? MAPI_E_CALL_FAILED : out.status;
	*row = out.row;
	return NSPI_EXIT_OK;
}

/* Some servers have no UTF-8; they all know the code page of western Windows. */
static enum nspi_exit get(struct nspi *n, struct nspi_get_template_info_in *in,
                          struct mapi_row **row, uint32_t *answer)
{
	enum { UTF8 = 65001 };
	enum nspi_exit status = ask(n, in, row, answer);

	if (status || *answer != MAPI_E_UNKNOWN_CPID || n->options.codepage != UTF8)
		return status;
	n->options.codepage = CP_WINDOWS_1252;
	return ask(n, in, row, answer);
}

static struct slice value_of(const struct mapi_row *row, mapi_tag tag)
{
	const struct mapi_value *v = row_value(row, tag);

	return v ? v->binary : slice_of(NULL, 0);
}

static enum nspi_exit read_dialog(struct nspi *n, const struct mapi_row *row, struct dialog *d)
{
	struct error e = {0};

	if (dialog_parse(value_of(row, PR_TEMPLATE_DATA), n->options.codepage, &n->arena, d, &e))
		return nspi_failed(&e);
	return NSPI_EXIT_OK;
}

/* With it the output can stand in a description file. */
static void print_title(uint32_t type)
{
	const char *word = word_of_type(type);

	if (word)
		printf("template %s\n", word);
}

static enum nspi_exit show(struct nspi *n, const char *name)
{
	struct nspi_get_template_info_in in = {0};
	struct mapi_row *row = NULL;
	struct dialog d = {0};
	uint32_t answer = 0;

	if (*name == '/')
		in.dn = slice_of_string(name);
	else
		find_type(name, &in.type);
	enum nspi_exit status = get(n, &in, &row, &answer);
	if (status)
		return status;
	if (answer == MAPI_E_UNKNOWN_LCID) {
		fprintf(stderr, "nspi: there is no such template, or none for locale 0x%x\n",
		        n->options.locale);
		return NSPI_EXIT_NOT_FOUND;
	}
	if (answer != MAPI_SUCCESS)
		return nspi_refused("NspiGetTemplateInfo", answer);
	status = read_dialog(n, row, &d);
	if (!status && !in.dn.data && !n->options.json)
		print_title(in.type);
	return status ? status : template_print(&d, value_of(row, PR_SCRIPT_DATA), n->options.json);
}

/* The listing. */

static const struct column columns[] = {
	{"TEMPLATE", "name",     COLUMN_TEXT },
	{"CONTROLS", "controls", COLUMN_RIGHT},
	{"BYTES",    "bytes",    COLUMN_RIGHT},
	{"TITLE",    "title",    COLUMN_TEXT },
	{"DN",       "dn",       COLUMN_TEXT },
	{NULL,       NULL,       COLUMN_TEXT },
};

/* A template that the server does not have is none of the list. Takes what the list is to say of it
 * beside its size. */
static enum nspi_exit add(struct nspi *n, struct nspi_get_template_info_in *in, json_t *item,
                          json_t *list)
{
	struct mapi_row *row = NULL;
	struct dialog d = {0};
	uint32_t answer = 0;
	enum nspi_exit status = get(n, in, &row, &answer);

	if (!status && answer == MAPI_SUCCESS)
		status = read_dialog(n, row, &d);
	if (!status && answer == MAPI_SUCCESS) {
		size_t bytes = value_of(row, PR_TEMPLATE_DATA).size;
		json_object_set_new(item, "controls", json_integer(d.count));
		json_object_set_new(item, "bytes", json_integer((json_int_t)bytes));
		json_array_append(list, item);
	}
	json_decref(item);
	return status;
}

static enum nspi_exit creation_table(struct nspi *n, struct mapi_rows **rows)
{
	struct nspi_get_special_table_in in = {
		.handle = n->handle,
		.flags = NSPI_CREATION_TEMPLATES,
		.stat = nspi_stat(0),
	};
	struct nspi_get_special_table_out out = {0};
	struct error e = {0};

	in.stat.template_locale = n->options.locale;
	in.stat.codepage = n->options.codepage;
	if (client_get_special_table(n->client, &n->arena, &in, &out, &e))
		return nspi_failed(&e);
	if (out.status != MAPI_SUCCESS)
		return nspi_refused("NspiGetSpecialTable", out.status);
	*rows = out.rows;
	return NSPI_EXIT_OK;
}

/* In the code page that was asked for. */
static json_t *string8_json(struct nspi *n, const struct mapi_row *row, mapi_tag tag)
{
	const struct mapi_value *v = row_value(row, tag_with_type(tag, PT_STRING8));

	return v && v->string.data
	             ? text_json(codepage_to_utf8(&n->arena, n->options.codepage, v->string))
	             : json_string("");
}

static enum nspi_exit add_address(struct nspi *n, const struct mapi_row *row, json_t *list)
{
	const struct mapi_value *id = row_value(row, PR_ENTRYID);
	const struct guid nobody = {0};
	struct nspi_get_template_info_in in = {0};
	struct entryid parsed = {0};

	if (!id || !entryid_parse(id->binary, &nobody, &parsed) || parsed.ephemeral)
		return NSPI_EXIT_OK;
	in.dn = parsed.dn;
	json_t *item = json_object();
	json_object_set_new(item, "name", string8_json(n, row, PR_ADDRTYPE));
	json_object_set_new(item, "title", string8_json(n, row, PR_DISPLAY_NAME));
	json_object_set_new(item, "dn", text_json(parsed.dn));
	return add(n, &in, item, list);
}

static enum nspi_exit list(struct nspi *n)
{
	struct mapi_rows *rows = NULL;
	json_t *all = json_array();
	enum nspi_exit status = NSPI_EXIT_OK;

	for (size_t i = 0; !status && i < TYPE_COUNT; i++) {
		struct nspi_get_template_info_in in = {.type = types[i].type};
		status = add(n, &in, json_pack("{s:s}", "name", types[i].word), all);
	}
	if (!status)
		status = creation_table(n, &rows);
	for (uint32_t i = 0; !status && rows && i < rows->count; i++)
		status = add_address(n, &rows->rows[i], all);
	if (!status)
		listing_print(n, columns, all);
	json_decref(all);
	return status;
}

enum nspi_exit nspi_template(struct nspi *n, int argc, char **argv)
{
	uint32_t type = 0;

	if (argc && *argv[0] != '/' && !find_type(argv[0], &type)) {
		fprintf(stderr,
		        "nspi: there is no template '%s'; try user, group, folder, agent, contact, "
		        "search, a number or a DN\n",
		        argv[0]);
		return NSPI_EXIT_USAGE;
	}
	enum nspi_exit status = nspi_open(n);
	if (!status)
		status = argc ? show(n, argv[0]) : list(n);
	nspi_close(n);
	return status;
}
