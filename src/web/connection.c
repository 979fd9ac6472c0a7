#include <stdlib.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "web/connection-private.h"

struct web_connection *web_connection_new(struct web_service *service, struct web_scratch *scratch,
                                          const struct web_peer *peer, uint64_t now_ms)
{
	struct web_connection *c = xmalloc(sizeof *c);
	*c = (struct web_connection){
		.service = service,
		.scratch = scratch,
		.peer = *peer,
		.state = WEB_STATE_HEAD,
		.local = network_is_loopback(peer->address),
		.active_ms = now_ms,
	};
	return c;
}

void web_connection_free(struct web_connection *c)
{
	if (!c)
		return;
	if (c->state == WEB_STATE_RUNNING)
		web_request_cancel(c);
	if (c->work)
		web_work_give(c, c->work);
	web_login_end(c);
	free(c);
}

static enum web_next take_head(struct web_connection *c, struct slice data, size_t *consumed,
                               uint64_t now_ms, struct buffer *out)
{
	enum { EMPTY_LINE = 2 };
	size_t size = http_head_size(data, &c->scanned);
	if (c->since_ms == 0)
		c->since_ms = now_ms;
	if (size == 0)
		return WEB_NEXT_READ;
	c->scanned = 0;
	if (size == SIZE_MAX) {
		counter_add(COUNTER_HTTP_MALFORMED, 1);
		return web_request_malformed(c, data.size < HTTP_MAX_HEAD ? 400 : 431, out);
	}
	*consumed = size;
	/* Some clients send one more behind a body (RFC 9112, 2.2). */
	if (size == EMPTY_LINE)
		return WEB_NEXT_READ;
	return web_request_head(c, slice_of(data.data, size), now_ms, out);
}

/* What a driver is told that asks although nothing may be done now. */
static enum web_next standing(const struct web_connection *c)
{
	switch (c->state) {
	case WEB_STATE_LOGIN: return WEB_NEXT_WAIT;
	case WEB_STATE_RUNNING: return c->parked;
	case WEB_STATE_CLOSED: return WEB_NEXT_CLOSE;
	case WEB_STATE_HEAD:
	case WEB_STATE_BODY: break;
	}
	return WEB_NEXT_READ;
}

static enum web_next done(struct web_connection *c, enum web_next next, const struct buffer *out)
{
	if (out->failed)
		next = WEB_NEXT_CLOSE;
	if (next == WEB_NEXT_CLOSE && c->state != WEB_STATE_RUNNING)
		c->state = WEB_STATE_CLOSED;
	return next;
}

/* One request at a time, so that its answer is on its way before the next is looked at. */
enum web_next web_connection_input(struct web_connection *c, struct slice data, size_t *consumed,
                                   uint64_t now_ms, struct buffer *out)
{
	enum web_next next = standing(c);
	*consumed = 0;
	if (next == WEB_NEXT_READ && c->state == WEB_STATE_HEAD && data.size)
		next = take_head(c, data, consumed, now_ms, out);
	if (next == WEB_NEXT_READ && c->state == WEB_STATE_BODY && *consumed < data.size) {
		struct slice rest = slice_of(data.data + *consumed, data.size - *consumed);
		size_t taken = 0;
		next = web_request_body(c, rest, &taken, now_ms, out);
		*consumed += taken;
	}
	return done(c, next, out);
}

enum web_next web_connection_resume(struct web_connection *c, uint64_t now_ms, struct buffer *out)
{
	enum web_next next = standing(c);
	if (c->state == WEB_STATE_RUNNING)
		next = web_request_resume(c, now_ms, out);
	else if (c->state == WEB_STATE_LOGIN)
		next = web_request_login(c, now_ms, out);
	return done(c, next, out);
}

static uint64_t later(uint64_t since_ms, uint32_t timeout_ms)
{
	return timeout_ms ? since_ms + timeout_ms : 0;
}

uint64_t web_connection_deadline(const struct web_connection *c)
{
	const struct web_limits *limits = c->service->limits;
	switch (c->state) {
	case WEB_STATE_HEAD:
		if (c->since_ms)
			return later(c->since_ms, limits->head_timeout_ms);
		return later(c->active_ms,
		             c->requests ? limits->idle_timeout_ms : limits->head_timeout_ms);
	case WEB_STATE_LOGIN: return c->work->turn_ms;
	case WEB_STATE_BODY: return later(c->since_ms, limits->body_timeout_ms);
	case WEB_STATE_RUNNING: return c->work->request.tick_ms;
	case WEB_STATE_CLOSED: break;
	}
	return 0;
}

static enum web_next time_out(struct web_connection *c, struct buffer *out)
{
	counter_add(COUNTER_CONNECTIONS_TIMED_OUT, 1);
	log_debug("connection timed out client=%s", c->peer.address);
	if (c->since_ms == 0)
		return WEB_NEXT_CLOSE;
	return web_request_malformed(c, 408, out);
}

enum web_next web_connection_timer(struct web_connection *c, uint64_t now_ms, struct buffer *out)
{
	uint64_t due_ms = web_connection_deadline(c);
	enum web_next next = standing(c);
	if (due_ms == 0 || now_ms < due_ms)
		return next;
	switch (c->state) {
	case WEB_STATE_LOGIN: next = web_request_login(c, now_ms, out); break;
	case WEB_STATE_RUNNING: next = web_request_tick(c, now_ms, out); break;
	case WEB_STATE_HEAD:
	case WEB_STATE_BODY: next = time_out(c, out); break;
	case WEB_STATE_CLOSED: break;
	}
	return done(c, next, out);
}
