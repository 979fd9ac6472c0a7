/* NSPI and the referral to URLs over MAPI/HTTP: mapihttp/ <-> nspi/, rfr/ */

#include "main/wiring-private.h"

enum {
	MOMENT_MS = 100, /* an answer that is not there by then begins without its end */
};

struct work {
	struct rfr_url_out *url; /* of a referral; NULL: it is NSPI */
	struct address client;
	struct nspi_call nspi;
};

static enum mapihttp_kind kind(void *context, struct slice request_type)
{
	const char *name = nspi_request_type(request_type);

	(void)context;
	if (!name)
		return rfr_request_type(request_type) ? MAPIHTTP_ANYWHERE : MAPIHTTP_UNKNOWN;
	if (strcmp(name, "Bind") == 0)
		return MAPIHTTP_OPENS;
	return strcmp(name, "Unbind") == 0 ? MAPIHTTP_CLOSES : MAPIHTTP_INSIDE;
}

static const struct {
	uint32_t fault;
	enum mapihttp_code code;
} codes[] = {
	{RPC_FAULT_BAD_STUB,         MAPIHTTP_INVALID_BODY        },
	{RPC_FAULT_CONTEXT_MISMATCH, MAPIHTTP_CONTEXT_NOT_FOUND   },
	{RPC_FAULT_NO_MEMORY,        MAPIHTTP_TOO_LARGE           },
	{RPC_FAULT_OP_RANGE,         MAPIHTTP_INVALID_REQUEST_TYPE},
};

static enum mapihttp_code code_of(uint32_t fault)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i].fault == fault)
			return codes[i].code;
	return fault ? MAPIHTTP_UNKNOWN_FAILURE : MAPIHTTP_SUCCESS;
}

static enum web_run run_of(enum nspi_run run, struct mapihttp_call *call)
{
	static const enum web_run runs[] = {
		[NSPI_DONE] = WEB_DONE,
		[NSPI_YIELD] = WEB_YIELD,
		[NSPI_WAIT] = WEB_WAIT,
	};
	const struct work *work = call->state;

	if (run == NSPI_DONE) {
		call->code = code_of(work->nspi.fault);
		call->session = work->nspi.session_id;
	}
	return runs[run];
}

static enum web_run start_nspi(struct wiring *w, struct work *work, struct mapihttp_call *call)
{
	const struct web_request *r = call->request;
	struct net_connection *c = wiring_http_connection(r->peer);

	work->client = *net_connection_peer(c);
	if (r->client_address != r->peer->address) /* behind a proxy */
		address_parse(r->client_address, r->peer->port, &work->client);
	work->nspi = (struct nspi_call){
		.service = w->nspi,
		.snapshot = directory_reader_refresh(&loop_data_of(c)->reader),
		.profile = wiring_http_listener(r->peer)->profile,
		.arena = call->arena,
		.principal = r->principal,
		.client = &work->client,
		.transport = SESSION_MAPI_HTTP,
		.group = call->group,
		.session_id = call->session,
		.waker = wiring_waker(c),
	};
	return run_of(nspi_call_start_http(&work->nspi, call->request_type, call->body), call);
}

static enum web_run start_referral(struct wiring *w, struct work *work, struct mapihttp_call *call)
{
	const struct web_request *r = call->request;
	const struct rfr_origin from = {.tls = r->tls, .host = r->host};

	work->url = rfr_call_http(w->rfr, call->request_type, call->body, &from, call->arena);
	if (!work->url)
		call->code = MAPIHTTP_INVALID_BODY;
	return WEB_DONE;
}

static enum web_run start(void *context, struct mapihttp_call *call)
{
	struct work *work = arena_alloc(call->arena, sizeof *work);

	call->state = work;
	if (!work) {
		call->code = MAPIHTTP_UNKNOWN_FAILURE;
		return WEB_DONE;
	}
	return rfr_request_type(call->request_type) ? start_referral(context, work, call)
	                                            : start_nspi(context, work, call);
}

static enum web_run resume(void *context, struct mapihttp_call *call)
{
	struct work *work = call->state;

	(void)context;
	return run_of(nspi_call_run_http(&work->nspi), call);
}

static bool answer(void *context, struct mapihttp_call *call, struct buffer *out)
{
	struct work *work = call->state;

	(void)context;
	return work->url ? rfr_answer_http(work->url, out)
	                 : nspi_call_answer_http(&work->nspi, out);
}

static void cancel(void *context, struct mapihttp_call *call)
{
	struct work *work = call->state;

	(void)context;
	nspi_call_cancel(&work->nspi);
}

static void end(void *context, uint64_t group, bool expired)
{
	struct wiring *w = context;

	nspi_context_ended(w->nspi, group, expired);
}

const struct mapihttp_endpoint wiring_nspi_over_http = {
	.path = "/mapi/nspi",
	.kind = kind,
	.start = start,
	.resume = resume,
	.answer = answer,
	.cancel = cancel,
	.end = end,
};

void wiring_mapihttp_set_limits(struct mapihttp_limits *limits, const struct conf *c)
{
	limits->session_timeout_ms = c->http_session_timeout_ms;
	limits->moment_ms = MOMENT_MS;
	limits->pending_ms = c->http_pending_period_ms;
	limits->disabled = !c->http_mapi;
}
