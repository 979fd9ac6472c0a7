#include "nspi/nspi_ndr.h"

#include "nspi/nspi_ndr-private.h"

/* MS-NSPI 3.1.4: each operation's parameters in the order of its IDL line. A parameter's pointees
 * follow it, before the next parameter; [out] X **p is a reference to a unique pointer. */

const struct guid NSPI_INTERFACE = {
	{0x18, 0x5a, 0xcc, 0xf5, 0x64, 0x42, 0x1a, 0x10, 0x8c, 0x59, 0x08, 0x00, 0x2b, 0x2f, 0x84,
         0x26}
};

/* typedef [context_handle] void *NSPI_HANDLE; */
static void handle(struct ndr *n, struct nspi_handle *h)
{
	ndr_context_handle(n, &h->attributes, &h->id);
}

/* typedef struct {
 *     DWORD SortType; DWORD ContainerID; DWORD CurrentRec; LONG Delta; DWORD NumPos;
 *     DWORD TotalRecs; DWORD CodePage; DWORD TemplateLocale; DWORD SortLocale;
 * } STAT; */
static void stat(struct ndr *n, struct nspi_stat *s)
{
	ndr_u32(n, &s->sort_type);
	ndr_u32(n, &s->container_id);
	ndr_u32(n, &s->current_rec);
	ndr_i32(n, &s->delta);
	ndr_u32(n, &s->num_pos);
	ndr_u32(n, &s->total_recs);
	ndr_u32(n, &s->codepage);
	ndr_u32(n, &s->template_locale);
	ndr_u32(n, &s->sort_locale);
}

/* Pointees. */

static void flat_uid(struct ndr *n, void *value)
{
	ndr_guid_bytes(n, value);
}

static void long_pointee(struct ndr *n, void *value)
{
	ndr_i32(n, value);
}

/* Parameters that are unique pointers. */

static struct guid *guid_pointer(struct ndr *n, const struct guid *g)
{
	return ndr_pointer(n, g, sizeof *g, flat_uid);
}

static struct mapi_tags *tags_pointer(struct ndr *n, const struct mapi_tags *t)
{
	return ndr_pointer(n, t, sizeof *t, ndr_nspi_tags);
}

static struct mapi_row *row_pointer(struct ndr *n, const struct mapi_row *r)
{
	return ndr_pointer(n, r, sizeof *r, ndr_nspi_row);
}

static struct mapi_rows *rows_pointer(struct ndr *n, const struct mapi_rows *r)
{
	return ndr_pointer(n, r, sizeof *r, ndr_nspi_rows);
}

/* 0 long NspiBind([in] handle_t hRpc, [in] DWORD dwFlags, [in] STAT *pStat,
 *         [in, out, unique] FlatUID_r *pServerGuid, [out] NSPI_HANDLE *contextHandle); */
void ndr_nspi_bind_in(struct ndr *n, void *value)
{
	struct nspi_bind_in *in = value;

	ndr_u32(n, &in->flags);
	stat(n, &in->stat);
	in->server_guid = guid_pointer(n, in->server_guid);
}

void ndr_nspi_bind_out(struct ndr *n, void *value)
{
	struct nspi_bind_out *out = value;

	out->server_guid = guid_pointer(n, out->server_guid);
	handle(n, &out->handle);
	ndr_u32(n, &out->status);
}

/* 1 DWORD NspiUnbind([in, out] NSPI_HANDLE *contextHandle, [in] DWORD Reserved); */
void ndr_nspi_unbind_in(struct ndr *n, void *value)
{
	struct nspi_unbind_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->reserved);
}

void ndr_nspi_unbind_out(struct ndr *n, void *value)
{
	struct nspi_unbind_out *out = value;

	handle(n, &out->handle);
	ndr_u32(n, &out->status);
}

/* 2 long NspiUpdateStat([in] NSPI_HANDLE hRpc, [in] DWORD Reserved, [in, out] STAT *pStat,
 *         [in, out, unique] LONG *plDelta); */
void ndr_nspi_update_stat_in(struct ndr *n, void *value)
{
	struct nspi_update_stat_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->reserved);
	stat(n, &in->stat);
	in->delta = ndr_pointer(n, in->delta, sizeof *in->delta, long_pointee);
}

void ndr_nspi_update_stat_out(struct ndr *n, void *value)
{
	struct nspi_update_stat_out *out = value;

	stat(n, &out->stat);
	out->delta = ndr_pointer(n, out->delta, sizeof *out->delta, long_pointee);
	ndr_u32(n, &out->status);
}

/* [in, range(0, 100000)] DWORD dwETableCount, [in, unique, size_is(dwETableCount)] DWORD *lpETable
 */
static void explicit_table(struct ndr *n, struct nspi_query_rows_in *in)
{
	uint32_t *table = ndr_embedded_array(n, &in->table_count, in->table, NSPI_MAX_ITEMS);

	if (table)
		table = ndr_array(n, table, in->table_count, sizeof *table, 4);
	if (table)
		ndr_u32s(n, table, in->table_count);
	in->table = table;
}

/* 3 long NspiQueryRows([in] NSPI_HANDLE hRpc, [in] DWORD dwFlags, [in, out] STAT *pStat,
 *         [in, range(0, 100000)] DWORD dwETableCount,
 *         [in, unique, size_is(dwETableCount)] DWORD *lpETable, [in] DWORD Count,
 *         [in, unique] PropertyTagArray_r *pPropTags, [out] PropertyRowSet_r **ppRows); */
void ndr_nspi_query_rows_in(struct ndr *n, void *value)
{
	struct nspi_query_rows_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->flags);
	stat(n, &in->stat);
	explicit_table(n, in);
	ndr_u32(n, &in->count);
	in->tags = tags_pointer(n, in->tags);
}

void ndr_nspi_query_rows_out(struct ndr *n, void *value)
{
	struct nspi_query_rows_out *out = value;

	stat(n, &out->stat);
	out->rows = rows_pointer(n, out->rows);
	ndr_u32(n, &out->status);
}

/* 4 long NspiSeekEntries([in] NSPI_HANDLE hRpc, [in] DWORD Reserved, [in, out] STAT *pStat,
 *         [in] PropertyValue_r *pTarget, [in, unique] PropertyTagArray_r *lpETable,
 *         [in, unique] PropertyTagArray_r *pPropTags, [out] PropertyRowSet_r **ppRows); */
void ndr_nspi_seek_entries_in(struct ndr *n, void *value)
{
	struct nspi_seek_entries_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->reserved);
	stat(n, &in->stat);
	ndr_nspi_value(n, &in->target);
	in->table = tags_pointer(n, in->table);
	in->tags = tags_pointer(n, in->tags);
}

void ndr_nspi_seek_entries_out(struct ndr *n, void *value)
{
	struct nspi_seek_entries_out *out = value;

	stat(n, &out->stat);
	out->rows = rows_pointer(n, out->rows);
	ndr_u32(n, &out->status);
}

/* 5 long NspiGetMatches([in] NSPI_HANDLE hRpc, [in] DWORD Reserved1, [in, out] STAT *pStat,
 *         [in, unique] PropertyTagArray_r *pReserved, [in] DWORD Reserved2,
 *         [in, unique] Restriction_r *Filter, [in, unique] PropertyName_r *lpPropName,
 *         [in] DWORD ulRequested, [out] PropertyTagArray_r **ppOutMIds,
 *         [in, unique] PropertyTagArray_r *pPropTags, [out] PropertyRowSet_r **ppRows); */
void ndr_nspi_get_matches_in(struct ndr *n, void *value)
{
	struct nspi_get_matches_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->reserved1);
	stat(n, &in->stat);
	in->reserved = tags_pointer(n, in->reserved);
	ndr_u32(n, &in->reserved2);
	in->filter = ndr_pointer(n, in->filter, sizeof *in->filter, ndr_nspi_restriction);
	in->name = ndr_pointer(n, in->name, sizeof *in->name, ndr_nspi_name);
	ndr_u32(n, &in->requested);
	in->tags = tags_pointer(n, in->tags);
}

void ndr_nspi_get_matches_out(struct ndr *n, void *value)
{
	struct nspi_get_matches_out *out = value;

	stat(n, &out->stat);
	out->mids = tags_pointer(n, out->mids);
	out->rows = rows_pointer(n, out->rows);
	ndr_u32(n, &out->status);
}

/* 6 long NspiResortRestriction([in] NSPI_HANDLE hRpc, [in] DWORD Reserved,
 *         [in, out] STAT *pStat, [in] PropertyTagArray_r *pInMIds,
 *         [in, out] PropertyTagArray_r **ppOutMIds); */
void ndr_nspi_resort_restriction_in(struct ndr *n, void *value)
{
	struct nspi_resort_restriction_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->reserved);
	stat(n, &in->stat);
	ndr_nspi_tags(n, &in->mids);
	in->out_mids = tags_pointer(n, in->out_mids);
}

void ndr_nspi_resort_restriction_out(struct ndr *n, void *value)
{
	struct nspi_resort_restriction_out *out = value;

	stat(n, &out->stat);
	out->mids = tags_pointer(n, out->mids);
	ndr_u32(n, &out->status);
}

/* 7 long NspiDNToMId([in] NSPI_HANDLE hRpc, [in] DWORD Reserved, [in] StringsArray_r *pNames,
 *         [out] PropertyTagArray_r **ppOutMIds); */
void ndr_nspi_dn_to_mid_in(struct ndr *n, void *value)
{
	struct nspi_dn_to_mid_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->reserved);
	ndr_nspi_strings(n, &in->names, ndr_string8);
}

void ndr_nspi_dn_to_mid_out(struct ndr *n, void *value)
{
	struct nspi_dn_to_mid_out *out = value;

	out->mids = tags_pointer(n, out->mids);
	ndr_u32(n, &out->status);
}

/* 8 long NspiGetPropList([in] NSPI_HANDLE hRpc, [in] DWORD dwFlags, [in] DWORD dwMId,
 *         [in] DWORD CodePage, [out] PropertyTagArray_r **ppPropTags); */
void ndr_nspi_get_prop_list_in(struct ndr *n, void *value)
{
	struct nspi_get_prop_list_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->flags);
	ndr_u32(n, &in->mid);
	ndr_u32(n, &in->codepage);
}

void ndr_nspi_get_prop_list_out(struct ndr *n, void *value)
{
	struct nspi_get_prop_list_out *out = value;

	out->tags = tags_pointer(n, out->tags);
	ndr_u32(n, &out->status);
}

/* 9 long NspiGetProps([in] NSPI_HANDLE hRpc, [in] DWORD dwFlags, [in] STAT *pStat,
 *         [in, unique] PropertyTagArray_r *pPropTags, [out] PropertyRow_r **ppRows); */
void ndr_nspi_get_props_in(struct ndr *n, void *value)
{
	struct nspi_get_props_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->flags);
	stat(n, &in->stat);
	in->tags = tags_pointer(n, in->tags);
}

void ndr_nspi_get_props_out(struct ndr *n, void *value)
{
	struct nspi_get_props_out *out = value;

	out->row = row_pointer(n, out->row);
	ndr_u32(n, &out->status);
}

/* 10 long NspiCompareMIds([in] NSPI_HANDLE hRpc, [in] DWORD Reserved, [in] STAT *pStat,
 *         [in] DWORD MId1, [in] DWORD MId2, [out] LONG *plResult); */
void ndr_nspi_compare_mids_in(struct ndr *n, void *value)
{
	struct nspi_compare_mids_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->reserved);
	stat(n, &in->stat);
	ndr_u32(n, &in->mid1);
	ndr_u32(n, &in->mid2);
}

void ndr_nspi_compare_mids_out(struct ndr *n, void *value)
{
	struct nspi_compare_mids_out *out = value;

	ndr_i32(n, &out->result);
	ndr_u32(n, &out->status);
}

/* 11 long NspiModProps([in] NSPI_HANDLE hRpc, [in] DWORD Reserved, [in] STAT *pStat,
 *         [in, unique] PropertyTagArray_r *pPropTags, [in] PropertyRow_r *pRow); */
void ndr_nspi_mod_props_in(struct ndr *n, void *value)
{
	struct nspi_mod_props_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->reserved);
	stat(n, &in->stat);
	in->tags = tags_pointer(n, in->tags);
	ndr_nspi_row(n, &in->row);
}

void ndr_nspi_mod_props_out(struct ndr *n, void *value)
{
	struct nspi_mod_props_out *out = value;

	ndr_u32(n, &out->status);
}

/* 12 long NspiGetSpecialTable([in] NSPI_HANDLE hRpc, [in] DWORD dwFlags, [in] STAT *pStat,
 *         [in, out] DWORD *lpVersion, [out] PropertyRowSet_r **ppRows); */
void ndr_nspi_get_special_table_in(struct ndr *n, void *value)
{
	struct nspi_get_special_table_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->flags);
	stat(n, &in->stat);
	ndr_u32(n, &in->version);
}

void ndr_nspi_get_special_table_out(struct ndr *n, void *value)
{
	struct nspi_get_special_table_out *out = value;

	ndr_u32(n, &out->version);
	out->rows = rows_pointer(n, out->rows);
	ndr_u32(n, &out->status);
}

/* 13 long NspiGetTemplateInfo([in] NSPI_HANDLE hRpc, [in] DWORD dwFlags, [in] DWORD ulType,
 *         [in, unique, string] char *pDN, [in] DWORD dwCodePage, [in] DWORD dwLocaleID,
 *         [out] PropertyRow_r **ppData); */
void ndr_nspi_get_template_info_in(struct ndr *n, void *value)
{
	struct nspi_get_template_info_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->flags);
	ndr_u32(n, &in->type);
	in->dn.data = ndr_embedded(n, in->dn.data);
	if (in->dn.data)
		ndr_string8(n, &in->dn);
	ndr_u32(n, &in->codepage);
	ndr_u32(n, &in->locale);
}

void ndr_nspi_get_template_info_out(struct ndr *n, void *value)
{
	struct nspi_get_template_info_out *out = value;

	out->row = row_pointer(n, out->row);
	ndr_u32(n, &out->status);
}

/* 14 long NspiModLinkAtt([in] NSPI_HANDLE hRpc, [in] DWORD dwFlags, [in] DWORD ulPropTag,
 *         [in] DWORD dwMId, [in] BinaryArray_r *lpEntryIds); */
void ndr_nspi_mod_link_att_in(struct ndr *n, void *value)
{
	struct nspi_mod_link_att_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->flags);
	ndr_u32(n, &in->tag);
	ndr_u32(n, &in->mid);
	ndr_nspi_binaries(n, &in->entry_ids);
}

void ndr_nspi_mod_link_att_out(struct ndr *n, void *value)
{
	struct nspi_mod_link_att_out *out = value;

	ndr_u32(n, &out->status);
}

/* 16 long NspiQueryColumns([in] NSPI_HANDLE hRpc, [in] DWORD Reserved, [in] DWORD dwFlags,
 *         [out] PropertyTagArray_r **ppColumns); */
void ndr_nspi_query_columns_in(struct ndr *n, void *value)
{
	struct nspi_query_columns_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->reserved);
	ndr_u32(n, &in->flags);
}

void ndr_nspi_query_columns_out(struct ndr *n, void *value)
{
	struct nspi_query_columns_out *out = value;

	out->columns = tags_pointer(n, out->columns);
	ndr_u32(n, &out->status);
}

/* 17 long NspiGetNamesFromIDs([in] NSPI_HANDLE hRpc, [in] DWORD Reserved,
 *         [in, unique] FlatUID_r *lpguid, [in, unique] PropertyTagArray_r *pPropTags,
 *         [out] PropertyTagArray_r **ppReturnedPropTags,
 *         [out] PropertyNameSet_r **ppNames); */
void ndr_nspi_get_names_from_ids_in(struct ndr *n, void *value)
{
	struct nspi_get_names_from_ids_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->reserved);
	in->guid = guid_pointer(n, in->guid);
	in->tags = tags_pointer(n, in->tags);
}

void ndr_nspi_get_names_from_ids_out(struct ndr *n, void *value)
{
	struct nspi_get_names_from_ids_out *out = value;

	out->tags = tags_pointer(n, out->tags);
	out->names = ndr_pointer(n, out->names, sizeof *out->names, ndr_nspi_names);
	ndr_u32(n, &out->status);
}

/* 18 long NspiGetIDsFromNames([in] NSPI_HANDLE hRpc, [in] DWORD Reserved, [in] DWORD dwFlags,
 *         [in, range(0, 100000)] DWORD cPropNames,
 *         [in, size_is(cPropNames)] PropertyName_r **ppNames,
 *         [out] PropertyTagArray_r **ppPropTags); */
void ndr_nspi_get_ids_from_names_in(struct ndr *n, void *value)
{
	struct nspi_get_ids_from_names_in *in = value;

	handle(n, &in->handle);
	ndr_u32(n, &in->reserved);
	ndr_u32(n, &in->flags);
	ndr_u32(n, &in->count);
	if (in->count > NSPI_MAX_ITEMS)
		ndr_fail(n, NDR_BAD_VALUE);
	struct nspi_name **names = ndr_array(n, in->names, in->count, sizeof *names, 4);
	for (uint32_t i = 0; names && i < in->count; i++)
		names[i] = ndr_embedded(n, names[i]);
	for (uint32_t i = 0; names && i < in->count; i++) {
		if (names[i])
			names[i] = ndr_items(n, names[i], 1, sizeof **names, 12);
		if (names[i])
			ndr_nspi_name(n, names[i]);
	}
	in->names = names;
}

void ndr_nspi_get_ids_from_names_out(struct ndr *n, void *value)
{
	struct nspi_get_ids_from_names_out *out = value;

	out->tags = tags_pointer(n, out->tags);
	ndr_u32(n, &out->status);
}

static void resolve_names_in(struct ndr *n, struct nspi_resolve_names_in *in, ndr_fn *text)
{
	handle(n, &in->handle);
	ndr_u32(n, &in->reserved);
	stat(n, &in->stat);
	in->tags = tags_pointer(n, in->tags);
	ndr_nspi_strings(n, &in->names, text);
}

/* 19 long NspiResolveNames([in] NSPI_HANDLE hRpc, [in] DWORD Reserved, [in] STAT *pStat,
 *         [in, unique] PropertyTagArray_r *pPropTags, [in] StringsArray_r *paStr,
 *         [out] PropertyTagArray_r **ppMIds, [out] PropertyRowSet_r **ppRows); */
void ndr_nspi_resolve_names_in(struct ndr *n, void *value)
{
	resolve_names_in(n, value, ndr_string8);
}

/* 20 long NspiResolveNamesW(... [in] WStringsArray_r *paWStr ...); */
void ndr_nspi_resolve_names_w_in(struct ndr *n, void *value)
{
	resolve_names_in(n, value, ndr_string16);
}

void ndr_nspi_resolve_names_out(struct ndr *n, void *value)
{
	struct nspi_resolve_names_out *out = value;

	out->mids = tags_pointer(n, out->mids);
	out->rows = rows_pointer(n, out->rows);
	ndr_u32(n, &out->status);
}
