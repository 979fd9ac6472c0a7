/* The way of one call: decoded, run until it is done, encoded. */

#include "nspi/changes-private.h"
#include "nspi/nspi-private.h"
#include "nspi/viewers-private.h"

/* RPC fault statuses (MS-RPCE, C706 appendix E). */
#define FAULT_BAD_STUB         UINT32_C(0x000006F7)
#define FAULT_OP_RANGE         UINT32_C(0x1C010002)
#define FAULT_OUT_ARGS_TOO_BIG UINT32_C(0x1C010013)
#define FAULT_CONTEXT_MISMATCH UINT32_C(0x1C00001A)
#define FAULT_NO_MEMORY        UINT32_C(0x1C00001B)

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

/* Everything that an operation finds in its call; false when call->fault is set. */
static bool prepare(struct nspi_call *call)
{
	counter_add(COUNTER_CALLS, 1);
	if (call->operation->counter != COUNTER_COUNT)
		counter_add(call->operation->counter, 1);
	if (!pin_session(call)) {
		fault(call, FAULT_CONTEXT_MISMATCH);
		return false;
	}
	nspi_viewer_look(call);
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

static enum nspi_run encode_rpc(struct nspi_call *call, struct buffer *out)
{
	struct ndr n = {0};
	size_t before = out->size;

	ndr_encode_init(&n, out);
	call->operation->ndr_out(&n, call->out);
	if (ndr_failed(&n) || out->failed) {
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

	return run == NSPI_DONE ? encode_rpc(call, out) : run;
}

enum nspi_run nspi_call_run_http(struct nspi_call *call)
{
	enum nspi_run run = nspi_call_step(call);

	if (run == NSPI_DONE && call->operation->handle == NSPI_HANDLE_NONE)
		call->session_id = ((struct nspi_bind_out *)call->out)->handle.id;
	return run;
}

bool nspi_call_answer_http(struct nspi_call *call, struct buffer *out)
{
	struct wire w = {0};
	size_t before = out->size;

	wire_encode_init(&w, out);
	call->operation->http_out(&w, call->out);
	release(call);
	if (!wire_failed(&w))
		return true;
	out->size = before;
	out->failed = false;
	return false;
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
	struct ndr n = {0};

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
	struct wire w = {0};

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
	if (!choose_operation(call, nspi_operation(opnum)))
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

enum nspi_run nspi_call_start_rpc(struct nspi_call *call, uint16_t opnum, struct slice stub,
                                  bool big_endian, struct buffer *out)
{
	if (!choose_with_request(call, nspi_operation(opnum)))
		return NSPI_DONE;
	uint32_t status = decode_rpc(call, stub, big_endian);
	if (status)
		return fault(call, status);
	if (!prepare(call))
		return NSPI_DONE;
	if (call->status == MAPI_SUCCESS)
		return nspi_call_run(call, out);
	settle_answer(call);
	return encode_rpc(call, out);
}

enum nspi_run nspi_call_start_http(struct nspi_call *call, struct slice request_type,
                                   struct slice body)
{
	if (!choose_with_request(call, nspi_operation_of_type(request_type)))
		return NSPI_DONE;
	uint32_t status = decode_http(call, body);
	if (status)
		return fault(call, status);
	if (!prepare(call))
		return NSPI_DONE;
	if (call->status == MAPI_SUCCESS)
		return nspi_call_run_http(call);
	settle_answer(call);
	return NSPI_DONE;
}
