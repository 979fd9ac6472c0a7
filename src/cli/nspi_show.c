#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/nspi.h"
#include "mapi/attributes.h"

enum { SHOWN_CHARACTERS = 76 }; /* of hex, for people */

static char *tag_name(mapi_tag tag)
{
	const char *name = mapi_tag_name(tag);

	return name ? xstrdup(name) : xasprintf("0x%08X", tag);
}

static enum nspi_exit list_tags(struct nspi *n, uint32_t mid, struct mapi_tags **tags)
{
	enum { CP_WINUNICODE = 1200 }; /* asks for the Unicode form of string tags */
	struct error e = {0};
	struct nspi_get_prop_list_in in = {
		.handle = n->handle,
		.flags = NSPI_SKIP_OBJECTS,
		.mid = mid,
		.codepage = CP_WINUNICODE,
	};
	struct nspi_get_prop_list_out out = {0};

	if (client_get_prop_list(n->client, &n->arena, &in, &out, &e))
		return nspi_failed(&e);
	if (out.status != MAPI_SUCCESS || !out.tags)
		return nspi_refused("NspiGetPropList", out.status);
	*tags = out.tags;
	return NSPI_EXIT_OK;
}

static enum nspi_exit get_props(struct nspi *n, uint32_t mid, struct mapi_tags *tags,
                                struct mapi_row **row)
{
	struct error e = {0};
	struct nspi_get_props_in in = {.handle = n->handle, .stat = nspi_stat(0), .tags = tags};
	struct nspi_get_props_out out = {0};

	in.stat.current_rec = mid;
	if (client_get_props(n->client, &n->arena, &in, &out, &e))
		return nspi_failed(&e);
	if ((out.status != MAPI_SUCCESS && out.status != MAPI_W_ERRORS_RETURNED) || !out.row)
		return nspi_refused("NspiGetProps", out.status);
	*row = out.row;
	return NSPI_EXIT_OK;
}

/* Exchange gives string tags in 8-bit form whatever it was asked for. */
static void want_unicode(struct mapi_tags *tags)
{
	for (uint32_t i = 0; i < tags->count; i++) {
		if (tag_type(tags->items[i]) == PT_STRING8)
			tags->items[i] = tag_with_type(tags->items[i], PT_UNICODE);
		else if (tag_type(tags->items[i]) == PT_MV_STRING8)
			tags->items[i] = tag_with_type(tags->items[i], PT_MV_UNICODE);
	}
}

static void print_text(const char *name, int width, const char *text, bool binary)
{
	size_t size = strlen(text);
	char *shown = binary && size > SHOWN_CHARACTERS
	                    ? xasprintf("%.*s... (%zu bytes)", SHOWN_CHARACTERS, text, size / 2)
	                    : xstrdup(text);

	printf("%-*s  ", width, name);
	text_print(stdout, shown);
	putchar('\n');
	free(shown);
}

/* One line a value; only the first one has the name. */
static void print_value(const char *name, int width, const json_t *value, bool binary)
{
	if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++)
			print_value(i ? "" : name, width, json_array_get(value, i), binary);
		return;
	}
	if (json_is_string(value)) {
		print_text(name, width, json_string_value(value), binary);
		return;
	}
	char *text = json_dumps(value, JSON_ENCODE_ANY);
	print_text(name, width, text ? text : "", false);
	free(text);
}

static int name_width(const struct mapi_row *row)
{
	int width = 0;

	for (uint32_t i = 0; i < row->count; i++) {
		char *name = tag_name(row->values[i].tag);
		int size = (int)strlen(name);
		width = size > width ? size : width;
		free(name);
	}
	return width;
}

static bool is_binary(mapi_tag tag)
{
	return (tag_type(tag) & ~MAPI_MV_FLAG) == PT_BINARY;
}

static void print_property(const struct mapi_value *v, int width)
{
	char *name = tag_name(v->tag);
	json_t *value = value_json(v);

	print_value(name, width, value, is_binary(v->tag));
	json_decref(value);
	free(name);
}

/* Hex comes last, people read the rest. */
static void print_row(const struct mapi_row *row)
{
	int width = name_width(row);

	for (int binary = 0; binary < 2; binary++) {
		for (uint32_t i = 0; i < row->count; i++) {
			const struct mapi_value *v = &row->values[i];
			if (tag_type(v->tag) != PT_ERROR && is_binary(v->tag) == (binary == 1))
				print_property(v, width);
		}
	}
}

static void print_json(const struct mapi_row *row)
{
	json_t *all = json_object();

	for (uint32_t i = 0; i < row->count; i++) {
		char *name = tag_name(row->values[i].tag);
		if (tag_type(row->values[i].tag) != PT_ERROR)
			json_object_set_new(all, name, value_json(&row->values[i]));
		free(name);
	}
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

static enum nspi_exit show(struct nspi *n, const char *name)
{
	struct mapi_tags *tags = NULL;
	struct mapi_row *row = NULL;
	uint32_t mid = 0;
	enum nspi_exit status = nspi_find_entry(n, name, &mid);

	if (!status)
		status = list_tags(n, mid, &tags);
	if (status)
		return status;
	want_unicode(tags);
	status = get_props(n, mid, tags, &row);
	if (status)
		return status;
	if (n->options.json)
		print_json(row);
	else
		print_row(row);
	return NSPI_EXIT_OK;
}

enum nspi_exit nspi_show(struct nspi *n, int argc, char **argv)
{
	(void)argc;
	enum nspi_exit status = nspi_open(n);
	if (!status)
		status = show(n, argv[0]);
	nspi_close(n);
	return status;
}
