#include "base/counters.h"
#include "base/log.h"
#include "web/connection-private.h"
#include "web/route-private.h"

/* What the client reads of a refusal. */
static const struct refusal {
	uint16_t status;
	const char *text;
} refusals[] = {
	{400, "The request is malformed."                              },
	{401, "Log in to read this address book."                      },
	{403,
         "Plain HTTP is served to this host alone, and to proxies that the configuration of nspid "
         "names (http, proxies). Use https."                           },
	{404, "There is nothing at this path."                         },
	{405, "This method is not served here."                        },
	{408, "The request took too long."                             },
	{413, "The request is too large."                              },
	{417, "Only 100-continue can be expected."                     },
	{431, "The head of the request is too large."                  },
	{501, "The request is encoded in a way that is not known here."},
	{503, "The server is busy. Try again later."                   },
	{505, "Only HTTP/1.0 and HTTP/1.1 are spoken here."            },
};

static const char *refusal_text(uint16_t status)
{
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (refusals[i].status == status)
			return refusals[i].text;
	return http_reason(status);
}

static void put_allow(struct web_request *r, unsigned methods)
{
	static const struct {
		enum web_method method;
		const char *name;
	} names[] = {
		{WEB_GET,  "GET" },
		{WEB_HEAD, "HEAD"},
		{WEB_POST, "POST"}
        };
	struct buffer list;
	buffer_init(&list, 64);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (methods & names[i].method)
			buffer_printf(&list, "%s%s", list.size ? ", " : "", names[i].name);
	web_header_slice(r, "Allow", buffer_slice(&list));
	buffer_free(&list);
}

/* The end of a request, however it was answered. */
static enum web_next next_request(struct web_connection *c, uint64_t now_ms)
{
	web_work_give(c, c->work);
	c->work = NULL;
	c->state = WEB_STATE_HEAD;
	c->since_ms = 0;
	c->active_ms = now_ms;
	return c->keep_alive ? WEB_NEXT_READ : WEB_NEXT_CLOSE;
}

static enum web_next answer_refusal(struct web_connection *c, uint16_t status, uint64_t now_ms,
                                    struct buffer *out)
{
	struct web_work *w = c->work;
	struct web_request *r = &w->request;
	r->work = w;
	web_response_enter(w, out);
	web_respond(r, status);
	web_header(r, "Content-Type", "text/plain; charset=utf-8");
	if (status == 401)
		web_login_put_offers(c, r);
	if (status == 405)
		put_allow(r, w->route->handler->methods);
	buffer_printf(web_body(r), "%s\n", refusal_text(status));
	web_response_finish(w);
	log_debug("http %u client=%s", status, w->client.address);
	return next_request(c, now_ms);
}

static enum web_next refuse_and_close(struct web_connection *c, uint16_t status, uint64_t now_ms,
                                      struct buffer *out)
{
	c->keep_alive = false;
	return answer_refusal(c, status, now_ms, out);
}

enum web_next web_request_malformed(struct web_connection *c, uint16_t status, struct buffer *out)
{
	if (!c->work) {
		c->work = web_work_take(c);
		c->work->http = (struct http_request){.head.minor = 1};
		c->work->client.address = "";
	}
	return refuse_and_close(c, status, c->active_ms, out);
}

static enum web_next settle(struct web_connection *c, enum web_run run, uint64_t now_ms)
{
	if (run == WEB_DONE) {
		web_response_finish(c->work);
		return next_request(c, now_ms);
	}
	web_response_park(c->work);
	c->state = WEB_STATE_RUNNING;
	c->parked = run == WEB_YIELD ? WEB_NEXT_RESUME : WEB_NEXT_WAIT;
	return c->parked;
}

static enum web_next run(struct web_connection *c, uint64_t now_ms, struct buffer *out)
{
	struct web_work *w = c->work;
	struct web_request *r = &w->request;
	r->head = &w->http.head;
	r->method = w->http.method;
	r->query = w->http.query;
	r->host = w->http.host;
	r->body = slice_of(w->body.data ? w->body.data : (const uint8_t *)"", w->body.size);
	r->tls = w->client.tls;
	r->principal = w->principal ? w->principal : principal_nobody();
	r->client_address = w->client.address;
	r->peer = &c->peer;
	r->now_ms = now_ms;
	r->arena = &w->arena;
	r->work = w;
	web_response_enter(w, out);
	return settle(c, w->route->handler->start(w->route->context, r), now_ms);
}

enum web_next web_request_resume(struct web_connection *c, uint64_t now_ms, struct buffer *out)
{
	struct web_work *w = c->work;
	w->request.now_ms = now_ms;
	web_response_enter(w, out);
	return settle(c, w->route->handler->resume(w->route->context, &w->request), now_ms);
}

enum web_next web_request_tick(struct web_connection *c, uint64_t now_ms, struct buffer *out)
{
	struct web_work *w = c->work;
	w->request.now_ms = now_ms;
	w->request.tick_ms = 0;
	web_response_enter(w, out);
	w->route->handler->tick(w->route->context, &w->request);
	web_response_park(w);
	return c->parked;
}

void web_request_cancel(struct web_connection *c)
{
	const struct web_route *route = c->work->route;
	if (route->handler->cancel)
		route->handler->cancel(route->context, &c->work->request);
}

/* What is left of the body is not read: nothing can follow on this connection. */
static enum web_next too_large(struct web_connection *c, uint64_t now_ms, struct buffer *out)
{
	c->keep_alive = false;
	if (!c->work->route->handler->sees_too_large || c->work->refusal)
		return answer_refusal(c, 413, now_ms, out);
	c->work->request.too_large = true;
	buffer_clear(&c->work->body);
	return run(c, now_ms, out);
}

static uint64_t max_body(const struct web_connection *c)
{
	size_t most = c->work->route->handler->max_body;
	uint32_t limit = c->service->limits->max_request_bytes;
	return most < limit ? most : limit;
}

static enum web_next read_body(struct web_connection *c, uint64_t now_ms, struct buffer *out)
{
	struct web_work *w = c->work;
	const struct http_head *h = &w->http.head;
	if (h->framing == HTTP_LENGTH && h->length > max_body(c))
		return too_large(c, now_ms, out);
	if (h->framing == HTTP_NO_BODY)
		return w->refusal ? answer_refusal(c, w->refusal, now_ms, out)
		                  : run(c, now_ms, out);
	if (w->http.expect_continue) {
		http_put_status(out, 100);
		http_put_end_of_head(out);
	}
	http_body_init(&w->reading, h);
	w->body_size = 0;
	c->state = WEB_STATE_BODY;
	c->since_ms = now_ms;
	return WEB_NEXT_READ;
}

/* A piece of the body. False: there is no room for it. */
static bool keep(struct web_connection *c, struct slice part)
{
	struct web_work *w = c->work;
	if (w->refusal || part.size == 0)
		return true;
	if (!web_reserve(c->service, part.size))
		return false;
	w->reserved += part.size;
	buffer_put(&w->body, part.data, part.size);
	return true;
}

enum web_next web_request_body(struct web_connection *c, struct slice data, size_t *consumed,
                               uint64_t now_ms, struct buffer *out)
{
	struct web_work *w = c->work;
	enum http_body_result result = HTTP_BODY_MORE;
	size_t taken = 1;
	*consumed = 0;
	while (result == HTTP_BODY_MORE && taken) {
		struct slice rest = slice_of(data.data + *consumed, data.size - *consumed), part;
		result = http_body_read(&w->reading, rest, &taken, &part);
		*consumed += taken;
		w->body_size += part.size;
		if (w->body_size > max_body(c))
			return too_large(c, now_ms, out);
		if (!keep(c, part))
			return refuse_and_close(c, 503, now_ms, out);
	}
	if (result == HTTP_BODY_BAD) {
		counter_add(COUNTER_HTTP_MALFORMED, 1);
		return refuse_and_close(c, 400, now_ms, out);
	}
	if (result == HTTP_BODY_MORE)
		return WEB_NEXT_READ;
	return w->refusal ? answer_refusal(c, w->refusal, now_ms, out) : run(c, now_ms, out);
}

/* A login that failed, or needs another step, leaves the connection as it is. */
static enum web_next after_login(struct web_connection *c, enum web_login_result result,
                                 uint64_t now_ms, struct buffer *out)
{
	switch (result) {
	case WEB_LOGIN_GOOD: break;
	case WEB_LOGIN_REFUSED: c->work->refusal = 401; break;
	case WEB_LOGIN_BUSY: return refuse_and_close(c, 503, now_ms, out);
	case WEB_LOGIN_WAITS: c->state = WEB_STATE_LOGIN; return WEB_NEXT_WAIT;
	}
	return read_body(c, now_ms, out);
}

enum web_next web_request_login(struct web_connection *c, uint64_t now_ms, struct buffer *out)
{
	return after_login(c, web_login_go_on(c, now_ms), now_ms, out);
}

static enum web_method method_of(struct slice method)
{
	static const struct {
		const char *name;
		enum web_method method;
	} names[] = {
		{"GET",  WEB_GET },
		{"HEAD", WEB_HEAD},
		{"POST", WEB_POST}
        };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (slice_equal(method, slice_of_string(names[i].name)))
			return names[i].method;
	return WEB_OTHER;
}

/* 0: somebody serves it. */
static uint16_t find_route(struct web_connection *c)
{
	struct web_work *w = c->work;
	struct web_request *r = &w->request;
	if (!w->client.secure)
		return 403;
	if (!web_path_unescape(&w->arena, w->http.path, &r->path))
		return 400;
	if (!r->path.data)
		return 503;
	w->route = web_route_find(c->service, r->path, &r->rest);
	if (!w->route)
		return 404;
	return w->route->handler->methods & method_of(w->http.method) ? 0 : 405;
}

static bool is_last(struct web_connection *c)
{
	uint32_t most = c->service->limits->max_requests;
	return ++c->requests >= most && most;
}

enum web_next web_request_head(struct web_connection *c, struct slice head, uint64_t now_ms,
                               struct buffer *out)
{
	struct web_work *w = web_work_take(c);
	c->work = w;
	w->http.head.minor = 1;
	w->http.method = slice_of("", 0);
	uint16_t status = http_request_parse(arena_slice(&w->arena, head), &w->http);
	if (status)
		w->http.head.header_count = 0;
	web_client_of(w->settings, &c->peer, c->local, &w->http.head, &w->client);
	counter_add(status ? COUNTER_HTTP_MALFORMED : COUNTER_HTTP_REQUESTS, 1);
	if (status)
		return refuse_and_close(c, status, now_ms, out);
	c->keep_alive = w->http.head.keep_alive && !is_last(c);
	status = find_route(c);
	if (status && w->http.head.framing != HTTP_NO_BODY)
		return refuse_and_close(c, status, now_ms, out);
	if (status)
		return answer_refusal(c, status, now_ms, out);
	if (w->route->handler->anonymous)
		return read_body(c, now_ms, out);
	return after_login(c, web_login_begin(c, now_ms), now_ms, out);
}
