#include "nspi/nspi-private.h"

#include "nspi/changes-private.h"
#include "nspi/nspi_mapihttp.h"
#include "nspi/nspi_ndr.h"

/* RPC fault statuses (MS-RPCE, C706 appendix E). */
#define FAULT_BAD_STUB         UINT32_C(0x000006F7)
#define FAULT_OP_RANGE         UINT32_C(0x1C010002)
#define FAULT_OUT_ARGS_TOO_BIG UINT32_C(0x1C010013)
#define FAULT_CONTEXT_MISMATCH UINT32_C(0x1C00001A)
#define FAULT_NO_MEMORY        UINT32_C(0x1C00001B)

/* `op` names the function and the request's filters, `type` the structures and the other filters.
 */
#define RPC_FIELDS(label, op, type, handle_rule, counted, good, ...)                               \
	.name = label, .in_size = sizeof(struct nspi_##type##_in),                                 \
	.out_size = sizeof(struct nspi_##type##_out), .ndr_in = ndr_nspi_##op##_in,                \
	.ndr_out = ndr_nspi_##type##_out, .run = nspi_##op,                                        \
	.status = offsetof(struct nspi_##type##_out, status), .also_success = good,                \
	.handle = NSPI_HANDLE_##handle_rule, .counter = COUNTER_##counted,                         \
	.inout = { __VA_ARGS__ }
#define HTTP_FIELDS(label, op, type)                                                               \
	.request_type = label, .http_in = http_nspi_##op##_in, .http_out = http_nspi_##type##_out
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
	[20] = {RPC_FIELDS("ResolveNamesW", resolve_names_w, resolve_names, LIVE, ANR,
                MAPI_SUCCESS, CODEPAGE(resolve_names, stat.codepage)),
                HTTP_FIELDS("ResolveNames", resolve_names_w, resolve_names)},
};

static const struct nspi_operation *operation_of(uint16_t opnum)
{
	if (opnum >= NSPI_OPNUM_COUNT || !operations[opnum].name)
		return NULL;
	return &operations[opnum];
}

const char *nspi_operation_name(uint16_t opnum)
{
	const struct nspi_operation *op = operation_of(opnum);

	return op ? op->name : NULL;
}

static const struct nspi_operation *operation_of_type(struct slice request_type)
{
	for (size_t i = 0; i < NSPI_OPNUM_COUNT; i++) {
		const char *name = operations[i].request_type;
		if (name && slice_equal_nocase(request_type, slice_of_string(name)))
			return &operations[i];
	}
	return NULL;
}

const char *nspi_request_type(struct slice request_type)
{
	const struct nspi_operation *op = operation_of_type(request_type);

	return op ? op->request_type : NULL;
}

struct mapi_tags *nspi_new_tags(struct nspi_call *call, uint32_t count)
{
	struct mapi_tags *tags = arena_alloc(call->arena, sizeof *tags);

	if (!tags)
		return NULL;
	tags->count = count;
	tags->items = arena_alloc_array(call->arena, count, sizeof *tags->items);
	return tags->items ? tags : NULL;
}

static void release(struct nspi_call *call)
{
	if (call->session)
		session_unpin(call->session);
	call->session = NULL;
	nspi_wait_abandon(call->wait);
	call->wait = NULL;
	if (call->pinned_snapshot)
		snapshot_unref(call->snapshot);
	call->pinned_snapshot = false;
}

static enum nspi_run fault(struct nspi_call *call, uint32_t status)
{
	call->fault = status;
	release(call);
	return NSPI_DONE;
}

/* An answer as it is before the operation has written to it: everything zero but the [in, out]
 * parameters. */
static void clear_answer(struct nspi_call *call)
{
	const struct nspi_operation *op = call->operation;

	memset(call->out, 0, op->out_size);
	for (size_t i = 0; i < 2; i++) {
		const struct nspi_inout *p = &op->inout[i];

		memcpy((char *)call->out + p->out, (const char *)call->in + p->in, p->size);
	}
}

/* What an operation may have left behind counts only when it succeeded. */
static void settle_answer(struct nspi_call *call)
{
	if (call->status != MAPI_SUCCESS && call->status != call->operation->also_success)
		clear_answer(call);
	memcpy((char *)call->out + call->operation->status, &call->status, sizeof call->status);
}

/* The session of the request's handle; false for one that is not the caller's. */
static bool pin_session(struct nspi_call *call)
{
	const struct nspi_handle *handle = call->in;

	if (call->operation->handle == NSPI_HANDLE_NONE)
		return true;
	if (handle->attributes == 0 && guid_is_zero(&handle->id))
		return call->operation->handle == NSPI_HANDLE_OR_NULL;
	if (handle->attributes != 0)
		return false;
	call->session =
		session_pin(call->service->sessions, &handle->id, call->principal, call->group);
	return call->session != NULL;
}

static void load_settings(struct nspi_call *call)
{
	struct nspi_service *s = call->service;

	call->settings = (struct nspi_settings){
		.max_rows = atomic_load_explicit(&s->max_rows, memory_order_relaxed),
		.max_answer_bytes =
			atomic_load_explicit(&s->max_answer_bytes, memory_order_relaxed),
		.max_matches = atomic_load_explicit(&s->max_matches, memory_order_relaxed),
	};
}

static const struct viewer nobody = { .account = "" };

/* Everything that an operation finds in its call; false when call->fault is set. */
static bool prepare(struct nspi_call *call)
{
	counter_add(COUNTER_CALLS, 1);
	if (call->operation->counter != COUNTER_NONE)
		counter_add(call->operation->counter, 1);
	if (!pin_session(call)) {
		fault(call, FAULT_CONTEXT_MISMATCH);
		return false;
	}
	call->view = (struct view){
		.snapshot = call->snapshot,
		.viewer = call->session ? session_data(call->session) : &nobody,
	};
	load_settings(call);
	clear_answer(call);
	return true;
}

/* A call that goes on later keeps its snapshot, whatever the loop's reader does meanwhile. */
static void keep_snapshot(struct nspi_call *call)
{
	if (call->pinned_snapshot)
		return;
	snapshot_ref(call->snapshot);
	call->pinned_snapshot = true;
	counter_add(COUNTER_CALLS_YIELDED, 1);
}

enum nspi_run nspi_call_step(struct nspi_call *call)
{
	enum nspi_run run = call->operation->run(call, call->in, call->out);

	if (run == NSPI_DONE)
		settle_answer(call);
	else
		keep_snapshot(call);
	return run;
}

static bool encode_rpc(struct nspi_call *call, struct buffer *out)
{
	struct ndr n = { 0 };

	ndr_encode_init(&n, out);
	call->operation->ndr_out(&n, call->out);
	return !ndr_failed(&n);
}

static bool encode_http(struct nspi_call *call, struct buffer *out)
{
	struct wire w = { 0 };

	if (call->operation->handle == NSPI_HANDLE_NONE)
		call->session_id = ((struct nspi_bind_out *)call->out)->handle.id;
	wire_encode_init(&w, out);
	call->operation->http_out(&w, call->out);
	return !wire_failed(&w);
}

static enum nspi_run encode(struct nspi_call *call, struct buffer *out)
{
	size_t before = out->size;
	bool whole = call->transport == SESSION_MAPI_HTTP ? encode_http(call, out)
	                                                  : encode_rpc(call, out);

	if (!whole || out->failed) {
		out->size = before;
		out->failed = false;
		return fault(call, FAULT_OUT_ARGS_TOO_BIG);
	}
	release(call);
	return NSPI_DONE;
}

enum nspi_run nspi_call_run(struct nspi_call *call, struct buffer *out)
{
	enum nspi_run run = nspi_call_step(call);

	return run == NSPI_DONE ? encode(call, out) : run;
}

void nspi_call_cancel(struct nspi_call *call)
{
	release(call);
}

/* A Filter that is TooComplex: the only thing in any request that can be deep. */
static uint32_t too_deep(struct nspi_call *call)
{
	call->status = MAPI_E_TOO_COMPLEX;
	return 0;
}

static uint32_t decode_rpc(struct nspi_call *call, struct slice stub, bool big_endian)
{
	struct ndr n = { 0 };

	ndr_decode_init(&n, stub, big_endian, call->arena);
	call->operation->ndr_in(&n, call->in);
	switch (n.error) {
	case NDR_OK: return 0;
	case NDR_NO_MEMORY: return FAULT_NO_MEMORY;
	case NDR_TOO_DEEP: return too_deep(call);
	case NDR_TRUNCATED:
	case NDR_BAD_VALUE: break;
	}
	return FAULT_BAD_STUB;
}

static uint32_t decode_http(struct nspi_call *call, struct slice body)
{
	struct wire w = { 0 };

	wire_decode_init(&w, body, call->arena);
	call->operation->http_in(&w, call->in);
	if (call->operation->handle != NSPI_HANDLE_NONE)
		((struct nspi_handle *)call->in)->id = call->session_id;
	switch (w.error) {
	case WIRE_OK: return 0;
	case WIRE_NO_MEMORY: return FAULT_NO_MEMORY;
	case WIRE_TOO_DEEP: return too_deep(call);
	case WIRE_BAD: break;
	}
	return FAULT_BAD_STUB;
}

/* op may be NULL, for there is none. */
static bool choose_operation(struct nspi_call *call, const struct nspi_operation *op)
{
	call->operation = op;
	if (!op) {
		fault(call, FAULT_OP_RANGE);
		return false;
	}
	call->out = arena_alloc(call->arena, op->out_size);
	if (!call->out) {
		fault(call, FAULT_NO_MEMORY);
		return false;
	}
	return true;
}

enum nspi_run nspi_call_start(struct nspi_call *call, uint16_t opnum, void *in)
{
	if (!choose_operation(call, operation_of(opnum)))
		return NSPI_DONE;
	call->in = in;
	if (!prepare(call))
		return NSPI_DONE;
	return nspi_call_step(call);
}

static bool choose_with_request(struct nspi_call *call, const struct nspi_operation *op)
{
	if (!choose_operation(call, op))
		return false;
	call->in = arena_alloc(call->arena, op->in_size);
	if (!call->in)
		fault(call, FAULT_NO_MEMORY);
	return call->in != NULL;
}

/* status: a fault, of a request that could not be decoded. */
static enum nspi_run start_decoded(struct nspi_call *call, uint32_t status, struct buffer *out)
{
	if (status)
		return fault(call, status);
	if (!prepare(call))
		return NSPI_DONE;
	if (call->status == MAPI_SUCCESS)
		return nspi_call_run(call, out);
	settle_answer(call);
	return encode(call, out);
}

enum nspi_run nspi_call_start_rpc(struct nspi_call *call, uint16_t opnum, struct slice stub,
                                  bool big_endian, struct buffer *out)
{
	if (!choose_with_request(call, operation_of(opnum)))
		return NSPI_DONE;
	return start_decoded(call, decode_rpc(call, stub, big_endian), out);
}

enum nspi_run nspi_call_start_http(struct nspi_call *call, struct slice request_type,
                                   struct slice body, struct buffer *out)
{
	if (!choose_with_request(call, operation_of_type(request_type)))
		return NSPI_DONE;
	return start_decoded(call, decode_http(call, body), out);
}
