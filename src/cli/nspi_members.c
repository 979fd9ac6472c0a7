#include "cli/nspi.h"
#include "mapi/attributes.h"

enum { SORT_LINK_READ_ONLY = 0x3E8, MOST_MEMBERS = 100000 };

/* A link is followed by GetMatches without a filter: the property in ContainerID, the object in
 * CurrentRec. */
static enum nspi_exit follow(struct nspi *n, uint32_t mid, mapi_tag link, struct mapi_rows **rows)
{
	struct error e = {0};
	struct mapi_tags tags = person_tags(&n->arena);
	struct nspi_get_matches_in in = {
		.handle = n->handle,
		.stat = nspi_stat(tag_with_type(link, PT_OBJECT)),
		.requested = MOST_MEMBERS,
		.tags = &tags,
	};
	struct nspi_get_matches_out out = {0};

	in.stat.sort_type = SORT_LINK_READ_ONLY;
	in.stat.current_rec = mid;
	if (client_get_matches(n->client, &n->arena, &in, &out, &e))
		return nspi_failed(&e);
	if (out.status != MAPI_SUCCESS || !out.rows)
		return nspi_refused("NspiGetMatches", out.status);
	*rows = out.rows;
	return NSPI_EXIT_OK;
}

static enum nspi_exit members(struct nspi *n, const char *name, mapi_tag link)
{
	struct mapi_rows *rows = NULL;
	uint32_t mid = 0;
	enum nspi_exit status = nspi_find_entry(n, name, &mid);

	if (!status)
		status = follow(n, mid, link, &rows);
	if (status)
		return status;
	json_t *all = json_array();
	for (uint32_t i = 0; i < rows->count; i++)
		json_array_append_new(all, person_json(&rows->rows[i]));
	listing_print(n, person_columns, all);
	json_decref(all);
	return NSPI_EXIT_OK;
}

enum nspi_exit nspi_members(struct nspi *n, int argc, char **argv)
{
	(void)argc;
	mapi_tag link = PR_EMS_AB_MEMBER;
	if (n->options.link && !mapi_tag_parse(n->options.link, &link)) {
		fprintf(stderr,
		        "nspi: there is no property '%s'; try member, memberOf, manager, "
		        "directReports\n",
		        n->options.link);
		return NSPI_EXIT_USAGE;
	}
	enum nspi_exit status = nspi_open(n);
	if (!status)
		status = members(n, argv[0], link);
	nspi_close(n);
	return status;
}
