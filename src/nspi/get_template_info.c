/* NspiGetTemplateInfo (MS-NSPI 3.1.4.20): what a client's dialogs look like. */

#include "mapi/tags.h"
#include "nspi/nspi-private.h"
#include "nspi/templates-private.h"

#define PR_TEMPLATE_DATA 0x00010102u
#define PR_SCRIPT_DATA   0x00040102u

/* A name counts alone, whatever the type and the locale (MS-OXNSPI 3.1.4.1.18). */
static const struct template *find(const struct templates *set,
                                   const struct nspi_get_template_info_in *in)
{
	const struct template *t = in->dn.data ? templates_by_dn(set, in->dn)
	                                       : templates_of_type(set, in->type, in->locale);

	return t ? template_for_codepage(set, t, in->codepage) : NULL;
}

/* The e-mail type and the help file, which a client can ask for too, have no property. */
static bool make_row(struct nspi_call *call, const struct templates *set, const struct template *t,
                     const struct nspi_get_template_info_in *in, struct mapi_row *row)
{
	bool ok = true;

	if (in->flags & NSPI_TI_TEMPLATE) {
		struct slice data = template_data(set, t, in->codepage, call->arena);
		row->values[row->count++] =
			(struct mapi_value){.tag = PR_TEMPLATE_DATA, .binary = data};
		ok = data.data != NULL;
	}
	if (in->flags & NSPI_TI_SCRIPT) {
		struct slice script = arena_slice(call->arena, template_script(t));
		row->values[row->count++] =
			(struct mapi_value){.tag = PR_SCRIPT_DATA, .binary = script};
		ok = ok && script.data;
	}
	return ok;
}

static uint32_t answer_from(struct nspi_call *call, const struct templates *set,
                            const struct nspi_get_template_info_in *in, struct mapi_row **out)
{
	enum { MOST_VALUES = 2 };
	const struct template *t = set ? find(set, in) : NULL;
	struct mapi_row *row = NULL;

	if (!t)
		return MAPI_E_UNKNOWN_LCID;
	row = arena_alloc(call->arena, sizeof *row);
	if (row)
		row->values = arena_alloc_array(call->arena, MOST_VALUES, sizeof *row->values);
	if (!row || !row->values || !make_row(call, set, t, in, row))
		return MAPI_E_NOT_ENOUGH_MEMORY;
	*out = row;
	return MAPI_SUCCESS;
}

enum nspi_run nspi_get_template_info(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_get_template_info_in *in = request;
	struct nspi_get_template_info_out *out = answer;

	if (in->codepage == CP_WINUNICODE || !codepage_supported(in->codepage))
		return nspi_answer(call, MAPI_E_UNKNOWN_CPID);
	const struct templates *set = nspi_templates_lock(call->service);
	uint32_t status = answer_from(call, set, in, &out->row);
	nspi_templates_unlock(call->service);
	return nspi_answer(call, status);
}
