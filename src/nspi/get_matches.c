/* NspiGetMatches (MS-NSPI 3.1.4.10): the entries that a filter lets through, or those that a
 * property links to. */

#include "base/error.h"
#include "mapi/entryid.h"
#include "nspi/changes-private.h"
#include "nspi/position-private.h"
#include "nspi/rows-private.h"
#include "nspi/strings-private.h"

struct progress {
	struct scan *scan;
	struct nspi_rows rows;
};

/* An answer of ours put the MId of an object into ContainerID; the client means the whole book. */
static struct nspi_stat usable_stat(const struct nspi_call *call,
                                    const struct nspi_get_matches_in *in)
{
	struct nspi_stat stat = in->stat;

	if (in->filter && nspi_rules(call)->matches_own_container && !nspi_container(call, &stat) &&
	    view_object(&call->view, stat.container_id))
		stat.container_id = 0;
	return stat;
}

static bool container_matters(const struct nspi_call *call, const struct nspi_get_matches_in *in)
{
	if (!in->filter && !nspi_rules(call)->matches_links_need_container)
		return false;
	return nspi_is_table_sort(in->stat.sort_type);
}

static uint32_t check(const struct nspi_call *call, const struct nspi_get_matches_in *in,
                      const struct nspi_stat *stat)
{
	const struct nspi_profile_rules *rules = nspi_rules(call);

	if (stat->codepage == CP_WINUNICODE)
		return MAPI_E_UNKNOWN_CPID;
	if (in->filter && !nspi_is_table_sort(stat->sort_type))
		return MAPI_E_CALL_FAILED;
	if (in->reserved1 && rules->reserved_must_be_zero)
		return MAPI_E_CALL_FAILED;
	if (in->reserved && (in->filter || !rules->matches_reserved_needs_filter))
		return MAPI_E_TOO_COMPLEX;
	if (stat->sort_type == TABLE_BY_PHONETIC_NAME && !nspi_sort_kept(call, stat))
		return MAPI_E_CALL_FAILED;
	if (container_matters(call, in) && !nspi_container(call, stat))
		return MAPI_E_INVALID_BOOKMARK;
	return MAPI_SUCCESS;
}

static bool value_is_string8(const struct mapi_value *v)
{
	return v && nspi_is_string8(v->tag);
}

/* As deep as the decoder lets a filter be. */
static bool has_string8(const struct mapi_restriction *r)
{
	if (!r)
		return false;
	switch (r->type) {
	case RES_AND:
	case RES_OR:
		for (uint32_t i = 0; i < r->list.count; i++)
			if (has_string8(&r->list.items[i]))
				return true;
		return false;
	case RES_NOT: return has_string8(r->child);
	case RES_CONTENT: return value_is_string8(r->content.value);
	case RES_PROPERTY: return value_is_string8(r->property.value);
	default: return false;
	}
}

/* Too complex is a filter, or it is asked for what is no link. */
static uint32_t scan_error(const struct nspi_get_matches_in *in, enum scan_status status)
{
	switch (status) {
	case SCAN_MORE:
	case SCAN_DONE: return MAPI_SUCCESS;
	case SCAN_TOO_COMPLEX: return in->filter ? MAPI_E_TOO_COMPLEX : MAPI_E_NO_SUPPORT;
	case SCAN_TOO_MANY: return MAPI_E_TABLE_TOO_BIG;
	case SCAN_NO_MEMORY: break;
	}
	return MAPI_E_NOT_ENOUGH_MEMORY;
}

static uint32_t max_matches(const struct nspi_call *call, const struct nspi_get_matches_in *in)
{
	return nspi_least(in->requested, call->settings.max_matches);
}

static uint32_t start_scan(struct nspi_call *call, const struct nspi_get_matches_in *in,
                           const struct nspi_stat *stat, struct progress *p)
{
	struct table t = {0};
	enum scan_status status = SCAN_DONE;
	uint32_t error = nspi_table(call, stat, &t);

	if (error)
		return error;
	if (!codepage_supported(stat->codepage) && has_string8(in->filter))
		return MAPI_E_UNKNOWN_CPID;
	p->scan = scan_new(&call->view, &t, in->filter, stat->codepage, max_matches(call, in),
	                   call->arena, &status);
	return p->scan ? MAPI_SUCCESS : scan_error(in, status);
}

/* The property is named in full, or its tag stands where the container does otherwise. */
static uint16_t link_property(const struct nspi_get_matches_in *in)
{
	if (!in->name)
		return tag_id(in->stat.container_id);
	if (!in->name->guid || !guid_equal(in->name->guid, &PS_MAPI))
		return 0;
	return tag_id((mapi_tag)in->name->id);
}

static uint32_t start_links(struct nspi_call *call, const struct nspi_get_matches_in *in,
                            struct progress *p)
{
	const struct object *o = view_object(&call->view, in->stat.current_rec);
	enum scan_status status = SCAN_DONE;

	if (!o)
		return MAPI_E_CALL_FAILED;
	if (in->stat.sort_type == SORT_DISPLAY_NAME_W &&
	    !nspi_link_changes(link_property(in), object_display_type(o)))
		return MAPI_E_NO_SUPPORT;
	p->scan = scan_links_new(&call->view, o, link_property(in), max_matches(call, in),
	                         call->arena, &status);
	return p->scan ? MAPI_SUCCESS : scan_error(in, status);
}

static uint32_t start(struct nspi_call *call, const struct nspi_get_matches_in *in,
                      struct progress *p)
{
	struct nspi_stat stat = usable_stat(call, in);
	uint32_t status = check(call, in, &stat);

	if (status)
		return status;
	if (in->tags)
		status = nspi_rows_start(call, &p->rows, in->tags, stat.codepage,
		                         NSPI_EPHEMERAL_IDS);
	if (status)
		return status;
	return in->filter ? start_scan(call, in, &stat, p) : start_links(call, in, p);
}

static uint32_t take_mids(struct nspi_call *call, const struct scan *scan,
                          struct nspi_get_matches_out *out)
{
	uint32_t count = 0;
	const uint32_t *mids = scan_mids(scan, &count);

	out->mids = nspi_new_tags(call, count);
	if (!out->mids)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	if (count)
		memcpy(out->mids->items, mids, count * sizeof *mids);
	return MAPI_SUCCESS;
}

static enum nspi_run answer_rows(struct nspi_call *call, const struct nspi_get_matches_in *in,
                                 struct nspi_get_matches_out *out, struct progress *p)
{
	uint32_t status = MAPI_SUCCESS;

	out->stat.container_id = in->stat.current_rec;
	if (!in->tags)
		return nspi_answer(call, MAPI_SUCCESS);
	p->rows.mids = out->mids->items;
	p->rows.count = nspi_least(out->mids->count, call->settings.max_rows);
	if (!nspi_rows_run(&p->rows, &status))
		return NSPI_YIELD;
	out->rows = p->rows.rows;
	out->columns = p->rows.tags;
	return nspi_answer(call, status);
}

enum nspi_run nspi_get_matches(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_get_matches_in *in = request;
	struct nspi_get_matches_out *out = answer;
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
	if (!out->mids) {
		enum scan_status scanned = scan_run(p->scan, NSPI_SLICE_US);
		if (scanned == SCAN_MORE)
			return NSPI_YIELD;
		status = scanned == SCAN_DONE ? take_mids(call, p->scan, out)
		                              : scan_error(in, scanned);
		if (status)
			return nspi_answer(call, status);
	}
	return answer_rows(call, in, out, p);
}
