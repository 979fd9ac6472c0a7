/* NspiGetSpecialTable (MS-NSPI 3.1.4.3): the address lists, or the templates for new addresses. */

#include "mapi/entryid.h"
#include "mapi/tags.h"
#include "nspi/nspi-private.h"
#include "nspi/templates-private.h"

/* Of a row, in this order; the parent comes last and is left out at the top. */
enum { ROW_COLUMNS = 7 };

struct hierarchy {
	struct nspi_call *call;
	uint32_t lcid;
	uint32_t codepage; /* of names; CP_WINUNICODE: PtypString */
};

/* A client that asks in a code page unknown here shall still see its address lists. */
static uint32_t name_codepage(const struct nspi_get_special_table_in *in)
{
	if (in->flags & NSPI_UNICODE_STRINGS)
		return CP_WINUNICODE;
	return codepage_supported(in->stat.codepage) ? in->stat.codepage : CP_TELETEX;
}

static struct slice container_entryid(struct nspi_call *call, const struct container *c)
{
	return entryid_permanent(call->arena, DT_CONTAINER, slice_of_string(container_dn(c)));
}

static void set_name(const struct hierarchy *h, const struct container *c, struct mapi_value *value)
{
	struct slice name = slice_of_string(container_name(c, h->lcid));

	value->tag = PR_DISPLAY_NAME;
	value->string = name;
	if (h->codepage == CP_WINUNICODE)
		return;
	value->tag = tag_with_type(PR_DISPLAY_NAME, PT_STRING8);
	value->string = codepage_from_utf8(h->call->arena, h->codepage, name, NULL);
}

static bool make_row(const struct hierarchy *h, const struct container *c, struct mapi_row *row)
{
	struct arena *a = h->call->arena;
	const struct container *parent = container_parent(c);
	struct mapi_value *v = arena_alloc_array(a, ROW_COLUMNS, sizeof *v);

	if (!v)
		return false;
	v[0] = (struct mapi_value){.tag = PR_ENTRYID, .binary = container_entryid(h->call, c)};
	v[1] = (struct mapi_value){.tag = PR_CONTAINER_FLAGS,
	                           .long_value = (int32_t)container_flags(c)};
	v[2] = (struct mapi_value){.tag = PR_DEPTH, .long_value = (int32_t)container_depth(c)};
	v[3] = (struct mapi_value){.tag = PR_EMS_AB_CONTAINERID,
	                           .long_value = (int32_t)container_id(c)};
	set_name(h, c, &v[4]);
	v[5] = (struct mapi_value){.tag = PR_EMS_AB_IS_MASTER, .boolean = 0};
	if (parent)
		v[6] = (struct mapi_value){
			.tag = PR_EMS_AB_PARENT_ENTRYID,
			.binary = container_entryid(h->call, parent),
		};
	*row = (struct mapi_row){.count = parent ? ROW_COLUMNS : ROW_COLUMNS - 1, .values = v};
	return v[0].binary.data && v[4].string.data && (!parent || v[6].binary.data);
}

static struct mapi_rows *new_rows(struct nspi_call *call, size_t count)
{
	struct mapi_rows *rows = arena_alloc(call->arena, sizeof *rows);

	if (!rows)
		return NULL;
	rows->rows = arena_alloc_array(call->arena, count, sizeof *rows->rows);
	return rows->rows ? rows : NULL;
}

static uint32_t hierarchy_rows(const struct hierarchy *h, struct mapi_rows **out)
{
	const struct view *v = &h->call->view;
	size_t count = 0;

	while (view_hierarchy_at(v, count))
		count++;
	if (!count)
		return MAPI_E_NOT_ENOUGH_RESOURCES;
	*out = new_rows(h->call, count);
	if (!*out)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	for (size_t i = 0; i < count; i++)
		if (!make_row(h, view_hierarchy_at(v, i), &(*out)->rows[(*out)->count++]))
			return MAPI_E_NOT_ENOUGH_MEMORY;
	return MAPI_SUCCESS;
}

static uint32_t no_rows(struct nspi_call *call, struct mapi_rows **out)
{
	*out = new_rows(call, 0);
	return *out ? MAPI_SUCCESS : MAPI_E_NOT_ENOUGH_MEMORY;
}

static uint32_t hierarchy(struct nspi_call *call, const struct nspi_get_special_table_in *in,
                          struct nspi_get_special_table_out *out)
{
	const struct hierarchy h = {
		.call = call,
		.lcid = in->stat.template_locale,
		.codepage = name_codepage(in),
	};
	uint32_t version = view_hierarchy_version(&call->view);

	if (!nspi_rules(call)->hierarchy_version_matters)
		return hierarchy_rows(&h, &out->rows);
	out->version = version;
	return version == in->version ? no_rows(call, &out->rows) : hierarchy_rows(&h, &out->rows);
}

enum nspi_run nspi_get_special_table(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_get_special_table_in *in = request;
	struct nspi_get_special_table_out *out = answer;

	if (in->flags & NSPI_CREATION_TEMPLATES) {
		out->rows = nspi_creation_rows(call, in->stat.template_locale, in->stat.codepage);
		return nspi_answer(call, out->rows ? MAPI_SUCCESS : MAPI_E_NOT_ENOUGH_MEMORY);
	}
	if (!(in->flags & NSPI_UNICODE_STRINGS) && in->stat.codepage == CP_WINUNICODE)
		return nspi_answer(call, MAPI_E_UNKNOWN_CPID);
	return nspi_answer(call, hierarchy(call, in, out));
}
