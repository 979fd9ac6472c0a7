#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/nspi.h"
#include "mapi/entryid.h"

enum { CANDIDATES = 10 }; /* shown of an ambiguous name */

enum nspi_exit nspi_hierarchy(struct nspi *n, struct mapi_rows **rows)
{
	struct error e = {0};
	struct nspi_get_special_table_in in = {
		.handle = n->handle,
		.flags = NSPI_UNICODE_STRINGS,
		.stat = nspi_stat(0),
	};
	struct nspi_get_special_table_out out = {0};

	if (client_get_special_table(n->client, &n->arena, &in, &out, &e))
		return nspi_failed(&e);
	if (out.status != MAPI_SUCCESS || !out.rows)
		return nspi_refused("the list of address lists", out.status);
	*rows = out.rows;
	return NSPI_EXIT_OK;
}

/* The DN of a list stands in its entry id. */
static bool is_list(const struct mapi_row *row, const char *name)
{
	const struct mapi_value *title = row_value(row, PR_DISPLAY_NAME);
	const struct mapi_value *id = row_value(row, PR_ENTRYID);
	static const struct guid no_server; /* of ephemeral ids, which lists do not have */
	struct entryid parsed;

	if (title && slice_equal_nocase(title->string, slice_of_string(name)))
		return true;
	return id && entryid_parse(id->binary, &no_server, &parsed) &&
	       slice_equal_nocase(parsed.dn, slice_of_string(name));
}

enum nspi_exit nspi_find_list(struct nspi *n, const char *name, uint32_t *container)
{
	struct mapi_rows *rows = NULL;
	char *end = NULL;

	*container = 0;
	if (!name)
		return NSPI_EXIT_OK;
	*container = (uint32_t)strtoul(name, &end, 0);
	if (name[0] && !*end)
		return NSPI_EXIT_OK;
	enum nspi_exit status = nspi_hierarchy(n, &rows);
	if (status)
		return status;
	for (uint32_t i = 0; i < rows->count; i++) {
		const struct mapi_value *id = row_value(&rows->rows[i], PR_EMS_AB_CONTAINERID);
		if (id && is_list(&rows->rows[i], name)) {
			*container = (uint32_t)id->long_value;
			return NSPI_EXIT_OK;
		}
	}
	fprintf(stderr, "nspi: there is no address list '%s'; see nspi lists\n", name);
	return NSPI_EXIT_NOT_FOUND;
}

enum nspi_exit nspi_match(struct nspi *n, const char *name, uint32_t container, uint32_t most,
                          struct nspi_get_matches_out *out)
{
	struct error e = {0};
	struct mapi_value value = {.tag = PR_ANR, .string = slice_of_string(name)};
	struct mapi_restriction anr = {
		.type = RES_PROPERTY,
		.property = {RELOP_EQ, PR_ANR, &value},
	};
	struct mapi_tags tags = person_tags(&n->arena);
	struct nspi_get_matches_in in = {
		.handle = n->handle,
		.stat = nspi_stat(container),
		.filter = &anr,
		.requested = most,
		.tags = &tags,
	};

	*out = (struct nspi_get_matches_out){0};
	if (client_get_matches(n->client, &n->arena, &in, out, &e))
		return nspi_failed(&e);
	if (out->status != MAPI_SUCCESS && out->status != MAPI_E_TABLE_TOO_BIG)
		return nspi_refused("the search", out->status);
	return NSPI_EXIT_OK;
}

static enum nspi_exit find_dn(struct nspi *n, const char *dn, uint32_t *mid)
{
	struct error e = {0};
	struct slice name = slice_of_string(dn);
	struct nspi_dn_to_mid_in in = {
		.handle = n->handle, .names = {1, &name}
        };
	struct nspi_dn_to_mid_out out = {0};

	if (client_dn_to_mid(n->client, &n->arena, &in, &out, &e))
		return nspi_failed(&e);
	if (out.status != MAPI_SUCCESS)
		return nspi_refused("NspiDNToMId", out.status);
	*mid = out.mids && out.mids->count == 1 ? out.mids->items[0] : 0;
	if (*mid != 0)
		return NSPI_EXIT_OK;
	fprintf(stderr, "nspi: nothing has the DN '%s'\n", dn);
	return NSPI_EXIT_NOT_FOUND;
}

static void print_candidates(const char *name, const struct nspi_get_matches_out *out)
{
	fprintf(stderr, "nspi: '%s' is ambiguous", name);
	if (out->status == MAPI_E_TABLE_TOO_BIG || !out->rows) {
		fprintf(stderr, ": more than %d entries match\n", CANDIDATES);
		return;
	}
	fputs("; one of these?\n", stderr);
	for (uint32_t i = 0; i < out->rows->count; i++) {
		const struct mapi_value *title = row_value(&out->rows->rows[i], PR_DISPLAY_NAME);
		const struct mapi_value *smtp = row_value(&out->rows->rows[i], PR_SMTP_ADDRESS);
		fputs("  ", stderr);
		text_print(stderr,
		           title && title->string.data ? (const char *)title->string.data : "?");
		fputs("  ", stderr);
		text_print(stderr,
		           smtp && smtp->string.data ? (const char *)smtp->string.data : "");
		fputc('\n', stderr);
	}
}

enum nspi_exit nspi_find_entry(struct nspi *n, const char *name, uint32_t *mid)
{
	struct nspi_get_matches_out out;

	if (name[0] == '/')
		return find_dn(n, name, mid);
	enum nspi_exit status = nspi_match(n, name, 0, CANDIDATES, &out);
	if (status)
		return status;
	uint32_t count = out.mids ? out.mids->count : 0;
	if (out.status == MAPI_SUCCESS && count == 0)
		fprintf(stderr, "nspi: nothing is called '%s'\n", name);
	else if (count != 1)
		print_candidates(name, &out);
	if (count != 1)
		return NSPI_EXIT_NOT_FOUND;
	*mid = out.mids->items[0];
	return NSPI_EXIT_OK;
}
