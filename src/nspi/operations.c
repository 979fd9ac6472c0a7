/* The table of operations: where every transport meets them. */

#include "nspi/nspi-private.h"

#include "nspi/nspi_mapihttp.h"
#include "nspi/nspi_ndr.h"

/* `op` names the function and the request's filters, `type` the structures and the other filters.
 */
#define RPC_FIELDS(label, op, type, handle_rule, counted, good, ...)                               \
	.name = label, .in_size = sizeof(struct nspi_##type##_in),                                 \
	.out_size = sizeof(struct nspi_##type##_out), .ndr_in = ndr_nspi_##op##_in,                \
	.ndr_out = ndr_nspi_##type##_out, .run = nspi_##op,                                        \
	.status = offsetof(struct nspi_##type##_out, status), .also_success = good,                \
	.handle = NSPI_HANDLE_##handle_rule, .counter = COUNTER_##counted, .inout = {__VA_ARGS__}
#define HTTP_FIELDS(label, op, type)                                                               \
	.request_type = label, .request_type_size = sizeof label - 1,                              \
	.http_in = http_nspi_##op##_in, .http_out = http_nspi_##type##_out
#define OPERATION(label, op, type, ...)                                                            \
	{                                                                                          \
		RPC_FIELDS(label, op, type, __VA_ARGS__), HTTP_FIELDS(label, op, type)             \
	}
#define RPC_OPERATION(label, op, type, ...)                                                        \
	{                                                                                          \
		RPC_FIELDS(label, op, type, __VA_ARGS__)                                           \
	}
#define INOUT(type, field)                                                                         \
	{                                                                                          \
		.in = offsetof(struct nspi_##type##_in, field),                                    \
		.out = offsetof(struct nspi_##type##_out, field),                                  \
		.size = sizeof(((struct nspi_##type##_in *)NULL)->field),                          \
	}
#define CODEPAGE(type, field)                                                                      \
	{                                                                                          \
		.in = offsetof(struct nspi_##type##_in, field),                                    \
		.out = offsetof(struct nspi_##type##_out, codepage),                               \
		.size = sizeof(((struct nspi_##type##_in *)NULL)->field),                          \
	}
#define NO_INOUT                                                                                   \
	{                                                                                          \
		.size = 0                                                                          \
	}
#define COUNTER_NONE COUNTER_COUNT

/* By opnum (MS-NSPI 3.1.4); 15 is reserved. */
static const struct nspi_operation operations[NSPI_OPNUM_COUNT] = {
	[0] = OPERATION("Bind", bind, bind, NONE, NONE, MAPI_SUCCESS, NO_INOUT),
	[1] = OPERATION("Unbind", unbind, unbind, OR_NULL, NONE, MAPI_UNBIND_SUCCESS, NO_INOUT),
	[2] = OPERATION("UpdateStat", update_stat, update_stat, LIVE, NONE, MAPI_SUCCESS,
                        INOUT(update_stat, stat), INOUT(update_stat, delta)),
	[3] = OPERATION("QueryRows", query_rows, query_rows, LIVE, BROWSES, MAPI_SUCCESS,
                        INOUT(query_rows, stat)),
	[4] = OPERATION("SeekEntries", seek_entries, seek_entries, LIVE, BROWSES, MAPI_SUCCESS,
                        INOUT(seek_entries, stat)),
	[5] = OPERATION("GetMatches", get_matches, get_matches, LIVE, MATCHES, MAPI_SUCCESS,
                        INOUT(get_matches, stat)),
	[6] = OPERATION("ResortRestriction", resort_restriction, resort_restriction, LIVE, NONE,
                        MAPI_SUCCESS, INOUT(resort_restriction, stat)),
	[7] = OPERATION("DNToMId", dn_to_mid, dn_to_mid, LIVE, NONE, MAPI_SUCCESS, NO_INOUT),
	[8] = OPERATION("GetPropList", get_prop_list, get_prop_list, LIVE, NONE, MAPI_SUCCESS,
                        NO_INOUT),
	[9] = OPERATION("GetProps", get_props, get_props, LIVE, PROPERTY_READS,
                        MAPI_W_ERRORS_RETURNED, CODEPAGE(get_props, stat.codepage)),
	[10] = OPERATION("CompareMIds", compare_mids, compare_mids, LIVE, NONE, MAPI_SUCCESS,
                         NO_INOUT),
	[11] = OPERATION("ModProps", mod_props, mod_props, LIVE, NONE, MAPI_SUCCESS, NO_INOUT),
	[12] = OPERATION("GetSpecialTable", get_special_table, get_special_table, LIVE, NONE,
                         MAPI_SUCCESS, INOUT(get_special_table, version),
                         CODEPAGE(get_special_table, stat.codepage)),
	[13] = OPERATION("GetTemplateInfo", get_template_info, get_template_info, LIVE, NONE,
                         MAPI_SUCCESS, CODEPAGE(get_template_info, codepage)),
	[14] = OPERATION("ModLinkAtt", mod_link_att, mod_link_att, LIVE, NONE, MAPI_SUCCESS,
                         NO_INOUT),
	[16] = OPERATION("QueryColumns", query_columns, query_columns, LIVE, NONE, MAPI_SUCCESS,
                         NO_INOUT),
	[17] = RPC_OPERATION("GetNamesFromIDs", get_names_from_ids, get_names_from_ids, LIVE, NONE,
                             MAPI_SUCCESS, NO_INOUT),
	[18] = RPC_OPERATION("GetIDsFromNames", get_ids_from_names, get_ids_from_names, LIVE, NONE,
                             MAPI_W_ERRORS_RETURNED, NO_INOUT),
	[19] = RPC_OPERATION("ResolveNames", resolve_names, resolve_names, LIVE, ANR, MAPI_SUCCESS,
                             NO_INOUT),
	[20] = {RPC_FIELDS("ResolveNamesW", resolve_names_w, resolve_names, LIVE, ANR, MAPI_SUCCESS,
                CODEPAGE(resolve_names, stat.codepage)),
                HTTP_FIELDS("ResolveNames", resolve_names_w, resolve_names)},
};

const struct nspi_operation *nspi_operation(uint16_t opnum)
{
	if (opnum >= NSPI_OPNUM_COUNT || !operations[opnum].name)
		return NULL;
	return &operations[opnum];
}

const char *nspi_operation_name(uint16_t opnum)
{
	const struct nspi_operation *op = nspi_operation(opnum);

	return op ? op->name : NULL;
}

const struct nspi_operation *nspi_operation_of_type(struct slice request_type)
{
	for (size_t i = 0; i < NSPI_OPNUM_COUNT; i++) {
		const struct nspi_operation *op = &operations[i];
		if (request_type.size == op->request_type_size && op->request_type &&
		    slice_equal_nocase(request_type, slice_of_string(op->request_type)))
			return op;
	}
	return NULL;
}

const char *nspi_request_type(struct slice request_type)
{
	const struct nspi_operation *op = nspi_operation_of_type(request_type);

	return op ? op->request_type : NULL;
}
