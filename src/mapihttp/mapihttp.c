/* From a request to its session context, to the endpoint, and back: MS-OXCMAPIHTTP 3.2.5. */

#include "mapihttp/mapihttp.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "mapihttp/cookies-private.h"
#include "mapihttp/exchange-private.h"
#include "mapihttp/headers-private.h"

static void context_ended(void *context, uint64_t group, bool expired)
{
	const struct mapihttp *m = context;

	m->endpoint->end(m->context, group, expired);
}

struct mapihttp *mapihttp_new(const struct mapihttp_endpoint *endpoint, void *context,
                              const struct mapihttp_limits *limits)
{
	struct mapihttp *m = xcalloc(1, sizeof *m);

	*m = (struct mapihttp){.endpoint = endpoint, .context = context, .limits = limits};
	m->contexts = contexts_new(context_ended, m);
	return m;
}

void mapihttp_free(struct mapihttp *m)
{
	if (!m)
		return;
	contexts_free(m->contexts);
	free(m);
}

static void expire(struct mapihttp *m, uint64_t now_ms)
{
	contexts_expire(m->contexts, m->limits->session_timeout_ms, now_ms);
}

void mapihttp_tick(struct mapihttp *m)
{
	expire(m, clock_mono_ms());
}

size_t mapihttp_count(struct mapihttp *m)
{
	return contexts_count(m->contexts);
}

/* Is the request one that could be served? */
static enum mapihttp_code check(const struct exchange *x)
{
	const struct mapihttp_limits *limits = x->mapihttp->limits;
	const struct web_request *r = x->request;

	if (!r->principal->authenticated)
		return MAPIHTTP_ANONYMOUS_NOT_ALLOWED;
	if (limits->shutting_down)
		return MAPIHTTP_SHUTTING_DOWN;
	if (limits->disabled)
		return MAPIHTTP_ENDPOINT_DISABLED;
	if (!slice_equal(r->method, slice_of_string("POST")))
		return MAPIHTTP_INVALID_VERB;
	if (r->rest.size > 0)
		return MAPIHTTP_INVALID_PATH;
	if (r->too_large)
		return MAPIHTTP_TOO_LARGE;
	return headers_check(r->head);
}

static enum mapihttp_code find_kind(struct exchange *x)
{
	const struct mapihttp *m = x->mapihttp;
	struct slice type = headers_single(x->request->head, "X-RequestType");

	x->ping = slice_equal_nocase(type, slice_of_string("PING"));
	x->kind = x->ping ? MAPIHTTP_ANYWHERE : m->endpoint->kind(m->context, type);
	x->call.request_type = type;
	return x->kind == MAPIHTTP_UNKNOWN ? MAPIHTTP_INVALID_REQUEST_TYPE : MAPIHTTP_SUCCESS;
}

/* Reconnection (3.2.5.6): the context that the client had before gives way, whatever the sequence.
 * What has expired gives its place to the new one. */
static enum mapihttp_code make_way(struct exchange *x, const struct cookies *cookies)
{
	struct mapihttp *m = x->mapihttp;

	if (cookies->context_valid)
		contexts_end_id(m->contexts, &cookies->context, x->request->principal->account);
	expire(m, x->request->now_ms);
	x->call.group = contexts_next_group(m->contexts);
	return MAPIHTTP_SUCCESS;
}

static enum mapihttp_code take_context(struct exchange *x, const struct cookies *cookies)
{
	struct mapihttp *m = x->mapihttp;

	if (cookies->has_context && !cookies->context_valid)
		return MAPIHTTP_INVALID_CONTEXT_COOKIE;
	if (!cookies->has_context || !cookies->has_sequence)
		return MAPIHTTP_MISSING_COOKIE;
	enum mapihttp_code code = contexts_take(
		m->contexts, &cookies->context, &cookies->sequence, x->request->principal->account,
		m->limits->session_timeout_ms, x->request->now_ms, &x->context);
	if (!code) {
		x->call.group = x->context->group;
		x->call.session = x->context->session;
	}
	return code;
}

static enum mapihttp_code find_context(struct exchange *x)
{
	struct cookies cookies;

	cookies_read(x->request->head, &cookies);
	switch (x->kind) {
	case MAPIHTTP_OPENS: return make_way(x, &cookies);
	case MAPIHTTP_ANYWHERE:
		if (!cookies.has_context)
			return MAPIHTTP_SUCCESS;
		break;
	case MAPIHTTP_CLOSES:
	case MAPIHTTP_INSIDE:
	case MAPIHTTP_UNKNOWN: break;
	}
	return take_context(x, &cookies);
}

static enum mapihttp_code admit(struct exchange *x)
{
	enum mapihttp_code code = check(x);

	if (!code)
		code = find_kind(x);
	if (!code)
		code = find_context(x);
	return code;
}

/* What the endpoint's word means for the context. */
static void settle_context(struct exchange *x)
{
	struct contexts *t = x->mapihttp->contexts;
	const struct mapihttp_call *call = &x->call;

	if (x->kind == MAPIHTTP_OPENS && !call->code && !guid_is_zero(&call->session))
		x->context = contexts_open(t, call->group, &call->session, x->request->principal);
	bool closed = x->kind == MAPIHTTP_CLOSES && !call->code;
	if (x->context && (closed || call->code == MAPIHTTP_CONTEXT_NOT_FOUND))
		contexts_end(t, x->context);
}

static void give_back(struct exchange *x)
{
	if (x->context)
		contexts_give(x->mapihttp->contexts, x->context, x->request->now_ms);
	x->context = NULL;
}

static enum web_run finish(struct exchange *x, enum web_run run)
{
	if (run != WEB_DONE) {
		exchange_keep_alive(x);
		return run;
	}
	settle_context(x);
	if (x->call.code)
		exchange_fail(x, x->call.code);
	else
		exchange_succeed(x);
	give_back(x);
	return WEB_DONE;
}

static struct exchange *new_exchange(struct mapihttp *m, struct web_request *r)
{
	struct exchange *x = arena_alloc(r->arena, sizeof *x);

	if (!x) {
		web_answer(r, 503, "No memory for the request.");
		return NULL;
	}
	*x = (struct exchange){
		.mapihttp = m,
		.request = r,
		.call = {.arena = r->arena, .body = r->body, .request = r},
		.started_ms = r->now_ms,
		.started_wall_ms = clock_wall_ms(),
	};
	r->state = x;
	return x;
}

static enum web_run handler_start(void *context, struct web_request *r)
{
	struct mapihttp *m = context;
	struct exchange *x = new_exchange(m, r);

	if (!x)
		return WEB_DONE;
	enum mapihttp_code code = admit(x);
	if (code) {
		exchange_fail(x, code);
		return WEB_DONE;
	}
	return finish(x, x->ping ? WEB_DONE : m->endpoint->start(m->context, &x->call));
}

static enum web_run refuse_path(void *context, struct web_request *r)
{
	struct exchange *x = new_exchange(context, r);

	if (x)
		exchange_fail(x, MAPIHTTP_INVALID_PATH);
	return WEB_DONE;
}

static enum web_run handler_resume(void *context, struct web_request *r)
{
	struct mapihttp *m = context;
	struct exchange *x = r->state;

	return finish(x, m->endpoint->resume(m->context, &x->call));
}

static void handler_tick(void *context, struct web_request *r)
{
	(void)context;
	exchange_keep_alive(r->state);
}

static void handler_cancel(void *context, struct web_request *r)
{
	struct mapihttp *m = context;
	struct exchange *x = r->state;

	m->endpoint->cancel(m->context, &x->call);
	give_back(x);
}

const struct web_handler mapihttp_handler = {
	.name = "mapi-http",
	.methods = WEB_ANY_METHOD,
	.sees_too_large = true,
	.max_body = SIZE_MAX,
	.start = handler_start,
	.resume = handler_resume,
	.tick = handler_tick,
	.cancel = handler_cancel,
};

const struct web_handler mapihttp_no_endpoint = {
	.name = "mapi-http",
	.methods = WEB_ANY_METHOD,
	.sees_too_large = true,
	.max_body = SIZE_MAX,
	.start = refuse_path,
};
