/* The bodies of the address book endpoint, request and response, in the order of their fields:
 * MS-OXCMAPIHTTP 2.2.5. */

#include "nspi/nspi_mapihttp.h"

#include "nspi/nspi_mapihttp-private.h"

/* STAT, MS-OXNSPI 2.3.7 */
static void stat(struct wire *w, struct nspi_stat *s)
{
	wire_u32(w, &s->sort_type);
	wire_u32(w, &s->container_id);
	wire_u32(w, &s->current_rec);
	wire_i32(w, &s->delta);
	wire_u32(w, &s->num_pos);
	wire_u32(w, &s->total_recs);
	wire_u32(w, &s->codepage);
	wire_u32(w, &s->template_locale);
	wire_u32(w, &s->sort_locale);
}

/* HasState, State: without one it is all zeros. */
static void state(struct wire *w, struct nspi_stat *s)
{
	if (wire_has(w, true))
		stat(w, s);
}

/* A list of MIds, or of property tags (LargePropertyTagArray): the same on the wire. */
static void numbers(struct wire *w, struct mapi_tags *t)
{
	wire_count(w, &t->count, HTTP_MAX_ITEMS);
	uint32_t *items = wire_items(w, t->items, t->count, sizeof *items, sizeof *items);
	if (items)
		wire_u32s(w, items, t->count);
	t->items = items;
}

/* HasX, X: what `given` points to, or decoding zeroed room for it; NULL when there is none. */
static void *optional(struct wire *w, const void *given, size_t size)
{
	return wire_has(w, given != NULL) ? wire_items(w, given, 1, size, 0) : NULL;
}

static struct mapi_tags *optional_numbers(struct wire *w, struct mapi_tags *t)
{
	t = optional(w, t, sizeof *t);
	if (t)
		numbers(w, t);
	return t;
}

static struct mapi_row *optional_list(struct wire *w, struct mapi_row *row)
{
	row = optional(w, row, sizeof *row);
	if (row)
		http_nspi_list(w, row);
	return row;
}

/* HasColumnsAndRows, Columns, RowCount, RowData */
static struct mapi_rows *optional_rows(struct wire *w, struct mapi_rows *rows,
                                       const struct mapi_tags **columns)
{
	struct mapi_tags none = {0};
	struct mapi_tags *tags = NULL;

	rows = optional(w, rows, sizeof *rows);
	if (!rows)
		return NULL;
	tags = wire_items(w, *columns ? *columns : &none, 1, sizeof *tags, 0);
	if (!tags)
		return NULL;
	numbers(w, tags);
	if (!wire_failed(w))
		http_nspi_rows(w, rows, tags);
	if (w->decoding)
		*columns = tags;
	return rows;
}

/* HasNames, Count, Names */
static void names(struct wire *w, struct nspi_strings *s,
                  void (*text)(struct wire *w, struct slice *s))
{
	if (!wire_has(w, true))
		return;
	wire_count(w, &s->count, HTTP_MAX_ITEMS);
	struct slice *items = wire_items(w, s->items, s->count, sizeof *items, 1);
	for (uint32_t i = 0; items && i < s->count && !wire_failed(w); i++)
		text(w, &items[i]);
	s->items = items;
}

/* AuxiliaryBufferSize, AuxiliaryBuffer: the end of every body. Nobody looks into it. */
static void auxiliary(struct wire *w)
{
	struct slice buffer = {0};

	wire_binary(w, &buffer);
}

/* StatusCode, ErrorCode: the beginning of every response that has a body of this type. */
static void status(struct wire *w, uint32_t *error)
{
	uint32_t failure = 0;

	wire_u32(w, &failure);
	if (failure)
		wire_fail(w, WIRE_BAD);
	wire_u32(w, error);
}

/* Bind (2.2.5.1): Flags, HasState, State. The server's GUID is always answered. */
void http_nspi_bind_in(struct wire *w, void *value)
{
	struct nspi_bind_in *in = value;

	wire_u32(w, &in->flags);
	state(w, &in->stat);
	if (w->decoding)
		in->server_guid = wire_items(w, NULL, 1, sizeof *in->server_guid, 0);
	auxiliary(w);
}

/* ServerGuid */
void http_nspi_bind_out(struct wire *w, void *value)
{
	struct nspi_bind_out *out = value;
	struct guid none = {0};

	status(w, &out->status);
	struct guid *g =
		wire_items(w, out->server_guid ? out->server_guid : &none, 1, sizeof *g, sizeof *g);
	if (g)
		wire_guid(w, g);
	if (w->decoding)
		out->server_guid = g;
	auxiliary(w);
}

/* Unbind (2.2.5.2): Reserved */
void http_nspi_unbind_in(struct wire *w, void *value)
{
	struct nspi_unbind_in *in = value;

	wire_u32(w, &in->reserved);
	auxiliary(w);
}

void http_nspi_unbind_out(struct wire *w, void *value)
{
	struct nspi_unbind_out *out = value;

	status(w, &out->status);
	auxiliary(w);
}

/* CompareMIds (2.2.5.3): Reserved, HasState, State, MinimalId1, MinimalId2 */
void http_nspi_compare_mids_in(struct wire *w, void *value)
{
	struct nspi_compare_mids_in *in = value;

	wire_u32(w, &in->reserved);
	state(w, &in->stat);
	wire_u32(w, &in->mid1);
	wire_u32(w, &in->mid2);
	auxiliary(w);
}

/* Result */
void http_nspi_compare_mids_out(struct wire *w, void *value)
{
	struct nspi_compare_mids_out *out = value;

	status(w, &out->status);
	wire_i32(w, &out->result);
	auxiliary(w);
}

/* DNToMId (2.2.5.4): Reserved, HasNames, NameCount, NameValues */
void http_nspi_dn_to_mid_in(struct wire *w, void *value)
{
	struct nspi_dn_to_mid_in *in = value;

	wire_u32(w, &in->reserved);
	names(w, &in->names, wire_string8);
	auxiliary(w);
}

/* HasMinimalIds, MinimalIdCount, MinimalIds */
void http_nspi_dn_to_mid_out(struct wire *w, void *value)
{
	struct nspi_dn_to_mid_out *out = value;

	status(w, &out->status);
	out->mids = optional_numbers(w, out->mids);
	auxiliary(w);
}

/* PropertyNameGuid, PropertyNameId */
static struct nspi_name *optional_name(struct wire *w, struct nspi_name *name)
{
	struct guid none = {0};

	name = optional(w, name, sizeof *name);
	if (!name)
		return NULL;
	struct guid *g = wire_items(w, name->guid ? name->guid : &none, 1, sizeof *g, sizeof *g);
	if (g)
		wire_guid(w, g);
	if (w->decoding)
		name->guid = g;
	wire_i32(w, &name->id);
	return name;
}

static struct mapi_restriction *optional_restriction(struct wire *w, struct mapi_restriction *r)
{
	r = optional(w, r, sizeof *r);
	if (r)
		http_nspi_restriction(w, r);
	return r;
}

/* GetMatches (2.2.5.5): Reserved, HasState, State, HasMinimalIds, MinimalIdCount, MinimalIds,
 * InterfaceOptionFlags, HasFilter, Filter, HasPropertyName, PropertyNameGuid, PropertyNameId,
 * RowCount, HasColumns, Columns */
void http_nspi_get_matches_in(struct wire *w, void *value)
{
	struct nspi_get_matches_in *in = value;

	wire_u32(w, &in->reserved1);
	state(w, &in->stat);
	in->reserved = optional_numbers(w, in->reserved);
	wire_u32(w, &in->reserved2);
	in->filter = optional_restriction(w, in->filter);
	in->name = optional_name(w, in->name);
	wire_u32(w, &in->requested);
	in->tags = optional_numbers(w, in->tags);
	auxiliary(w);
}

/* HasState, State, HasMinimalIds, MinimalIdCount, MinimalIds, HasColumnsAndRows ... */
void http_nspi_get_matches_out(struct wire *w, void *value)
{
	struct nspi_get_matches_out *out = value;

	status(w, &out->status);
	state(w, &out->stat);
	out->mids = optional_numbers(w, out->mids);
	out->rows = optional_rows(w, out->rows, &out->columns);
	auxiliary(w);
}

/* GetPropList (2.2.5.6): Flags, MinimalId, CodePage */
void http_nspi_get_prop_list_in(struct wire *w, void *value)
{
	struct nspi_get_prop_list_in *in = value;

	wire_u32(w, &in->flags);
	wire_u32(w, &in->mid);
	wire_u32(w, &in->codepage);
	auxiliary(w);
}

/* HasPropertyTags, PropertyTags */
void http_nspi_get_prop_list_out(struct wire *w, void *value)
{
	struct nspi_get_prop_list_out *out = value;

	status(w, &out->status);
	out->tags = optional_numbers(w, out->tags);
	auxiliary(w);
}

/* GetProps (2.2.5.7): Flags, HasState, State, HasPropertyTags, PropertyTags */
void http_nspi_get_props_in(struct wire *w, void *value)
{
	struct nspi_get_props_in *in = value;

	wire_u32(w, &in->flags);
	state(w, &in->stat);
	in->tags = optional_numbers(w, in->tags);
	auxiliary(w);
}

/* CodePage, HasPropertyValues, PropertyValues */
void http_nspi_get_props_out(struct wire *w, void *value)
{
	struct nspi_get_props_out *out = value;

	status(w, &out->status);
	wire_u32(w, &out->codepage);
	out->row = optional_list(w, out->row);
	auxiliary(w);
}

/* GetSpecialTable (2.2.5.8): Flags, HasState, State, HasVersion, Version */
void http_nspi_get_special_table_in(struct wire *w, void *value)
{
	struct nspi_get_special_table_in *in = value;

	wire_u32(w, &in->flags);
	state(w, &in->stat);
	if (wire_has(w, true))
		wire_u32(w, &in->version);
	auxiliary(w);
}

/* HasRows, RowsCount, Rows: no rows are none at all to Exchange's clients. */
static struct mapi_rows *optional_lists(struct wire *w, struct mapi_rows *rows)
{
	rows = optional(w, rows && rows->count > 0 ? rows : NULL, sizeof *rows);
	if (!rows)
		return NULL;
	wire_count(w, &rows->count, HTTP_MAX_ITEMS);
	rows->rows = wire_items(w, rows->rows, rows->count, sizeof *rows->rows, 4);
	for (uint32_t i = 0; rows->rows && i < rows->count && !wire_failed(w); i++)
		http_nspi_list(w, &rows->rows[i]);
	return rows;
}

/* CodePage, HasVersion, Version, HasRows, RowsCount, Rows */
void http_nspi_get_special_table_out(struct wire *w, void *value)
{
	struct nspi_get_special_table_out *out = value;

	status(w, &out->status);
	wire_u32(w, &out->codepage);
	if (wire_has(w, true))
		wire_u32(w, &out->version);
	out->rows = optional_lists(w, out->rows);
	auxiliary(w);
}

/* GetTemplateInfo (2.2.5.9): Flags, DisplayType, HasTemplateDn, TemplateDn, CodePage, LocaleId */
void http_nspi_get_template_info_in(struct wire *w, void *value)
{
	struct nspi_get_template_info_in *in = value;

	wire_u32(w, &in->flags);
	wire_u32(w, &in->type);
	if (wire_has(w, in->dn.data != NULL))
		wire_string8(w, &in->dn);
	wire_u32(w, &in->codepage);
	wire_u32(w, &in->locale);
	auxiliary(w);
}

/* CodePage, HasRow, Row */
void http_nspi_get_template_info_out(struct wire *w, void *value)
{
	struct nspi_get_template_info_out *out = value;

	status(w, &out->status);
	wire_u32(w, &out->codepage);
	out->row = optional_list(w, out->row);
	auxiliary(w);
}

/* ModLinkAtt (2.2.5.10): Flags, PropertyTag, MinimalId, HasEntryIds, EntryIdCount, EntryIds */
void http_nspi_mod_link_att_in(struct wire *w, void *value)
{
	struct nspi_mod_link_att_in *in = value;

	wire_u32(w, &in->flags);
	wire_u32(w, &in->tag);
	wire_u32(w, &in->mid);
	if (wire_has(w, true))
		http_nspi_entry_ids(w, &in->entry_ids);
	auxiliary(w);
}

void http_nspi_mod_link_att_out(struct wire *w, void *value)
{
	struct nspi_mod_link_att_out *out = value;

	status(w, &out->status);
	auxiliary(w);
}

/* ModProps (2.2.5.11): Reserved, HasState, State, HasPropertyTags, PropertyTags, HasPropertyValues,
 * PropertyValues */
void http_nspi_mod_props_in(struct wire *w, void *value)
{
	struct nspi_mod_props_in *in = value;

	wire_u32(w, &in->reserved);
	state(w, &in->stat);
	in->tags = optional_numbers(w, in->tags);
	if (wire_has(w, true))
		http_nspi_list(w, &in->row);
	auxiliary(w);
}

void http_nspi_mod_props_out(struct wire *w, void *value)
{
	struct nspi_mod_props_out *out = value;

	status(w, &out->status);
	auxiliary(w);
}

/* ExplicitTableCount, ExplicitTable: no MIds are no table. */
static void explicit_table(struct wire *w, struct nspi_query_rows_in *in)
{
	struct mapi_tags table = {in->table_count, in->table};

	numbers(w, &table);
	in->table_count = table.count;
	in->table = table.count > 0 ? table.items : NULL;
}

/* QueryRows (2.2.5.12): Flags, HasState, State, ExplicitTableCount, ExplicitTable, RowCount,
 * HasColumns, Columns */
void http_nspi_query_rows_in(struct wire *w, void *value)
{
	struct nspi_query_rows_in *in = value;

	wire_u32(w, &in->flags);
	state(w, &in->stat);
	explicit_table(w, in);
	wire_u32(w, &in->count);
	in->tags = optional_numbers(w, in->tags);
	auxiliary(w);
}

/* HasState, State, HasColumnsAndRows ... */
void http_nspi_query_rows_out(struct wire *w, void *value)
{
	struct nspi_query_rows_out *out = value;

	status(w, &out->status);
	state(w, &out->stat);
	out->rows = optional_rows(w, out->rows, &out->columns);
	auxiliary(w);
}

/* QueryColumns (2.2.5.13): Reserved, MapiFlags */
void http_nspi_query_columns_in(struct wire *w, void *value)
{
	struct nspi_query_columns_in *in = value;

	wire_u32(w, &in->reserved);
	wire_u32(w, &in->flags);
	auxiliary(w);
}

/* HasColumns, Columns */
void http_nspi_query_columns_out(struct wire *w, void *value)
{
	struct nspi_query_columns_out *out = value;

	status(w, &out->status);
	out->columns = optional_numbers(w, out->columns);
	auxiliary(w);
}

/* ResolveNames (2.2.5.14): Reserved, HasState, State, HasPropertyTags, PropertyTags, HasNames,
 * NameCount, NameValues. The names are Unicode: it is NspiResolveNamesW. */
void http_nspi_resolve_names_w_in(struct wire *w, void *value)
{
	struct nspi_resolve_names_in *in = value;

	wire_u32(w, &in->reserved);
	state(w, &in->stat);
	in->tags = optional_numbers(w, in->tags);
	names(w, &in->names, wire_string16);
	auxiliary(w);
}

/* CodePage, HasMinimalIds, MinimalIdCount, MinimalIds, HasRowsAndCols ... */
void http_nspi_resolve_names_out(struct wire *w, void *value)
{
	struct nspi_resolve_names_out *out = value;

	status(w, &out->status);
	wire_u32(w, &out->codepage);
	out->mids = optional_numbers(w, out->mids);
	out->rows = optional_rows(w, out->rows, &out->columns);
	auxiliary(w);
}

/* ResortRestriction (2.2.5.15): Reserved, HasState, State, HasMinimalIds, MinimalIdCount,
 * MinimalIds */
void http_nspi_resort_restriction_in(struct wire *w, void *value)
{
	struct nspi_resort_restriction_in *in = value;

	wire_u32(w, &in->reserved);
	state(w, &in->stat);
	if (wire_has(w, true))
		numbers(w, &in->mids);
	auxiliary(w);
}

/* HasState, State, HasMinimalIds, MinimalIdCount, MinimalIds */
void http_nspi_resort_restriction_out(struct wire *w, void *value)
{
	struct nspi_resort_restriction_out *out = value;

	status(w, &out->status);
	state(w, &out->stat);
	out->mids = optional_numbers(w, out->mids);
	auxiliary(w);
}

/* SeekEntries (2.2.5.16): Reserved, HasState, State, HasTarget, Target, HasExplicitTable,
 * ExplicitTableCount, ExplicitTable, HasColumns, Columns */
void http_nspi_seek_entries_in(struct wire *w, void *value)
{
	struct nspi_seek_entries_in *in = value;

	wire_u32(w, &in->reserved);
	state(w, &in->stat);
	if (wire_has(w, in->target.tag != 0))
		http_nspi_tagged(w, &in->target);
	in->table = optional_numbers(w, in->table);
	in->tags = optional_numbers(w, in->tags);
	auxiliary(w);
}

/* HasState, State, HasColumnsAndRows ... */
void http_nspi_seek_entries_out(struct wire *w, void *value)
{
	struct nspi_seek_entries_out *out = value;

	status(w, &out->status);
	state(w, &out->stat);
	out->rows = optional_rows(w, out->rows, &out->columns);
	auxiliary(w);
}

static int32_t *optional_delta(struct wire *w, int32_t *delta)
{
	delta = optional(w, delta, sizeof *delta);
	if (delta)
		wire_i32(w, delta);
	return delta;
}

/* UpdateStat (2.2.5.17): Reserved, HasState, State, DeltaRequested */
void http_nspi_update_stat_in(struct wire *w, void *value)
{
	struct nspi_update_stat_in *in = value;

	wire_u32(w, &in->reserved);
	state(w, &in->stat);
	uint8_t wanted = in->delta != NULL;
	wire_u8(w, &wanted);
	if (w->decoding && wanted)
		in->delta = wire_items(w, NULL, 1, sizeof *in->delta, 0);
	auxiliary(w);
}

/* HasState, State, HasDelta, Delta */
void http_nspi_update_stat_out(struct wire *w, void *value)
{
	struct nspi_update_stat_out *out = value;

	status(w, &out->status);
	state(w, &out->stat);
	out->delta = optional_delta(w, out->delta);
	auxiliary(w);
}
