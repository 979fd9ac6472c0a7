#ifndef TESTS_UNIT_WEB_SITE_H
#define TESTS_UNIT_WEB_SITE_H

/* A web service with toy handlers, the accounts of auth_site.h, and what drives a connection of it.
 */

#include <stdlib.h>

#include "auth_site.h"
#include "base/base64.h"
#include "base/memory.h"
#include "web/web.h"

#define AFAR  "198.51.100.7"
#define PROXY "192.0.2.1"

enum { MAX_BODY = 1000 };

struct web_site {
	struct site auth;
	struct web_config config;
	struct web_limits limits;
	struct web_service *service;
	struct web_scratch *scratch;
	struct web_connection *c;
	struct buffer out;
	enum web_next next;
	uint64_t now_ms;
	unsigned cancelled, woken, starts;
	void (*work)(void *job);
	void (*done)(void *job);
	void *job; /* on the pool */
};

/* "method path rest query account client tls: body" */
static inline void toy_describe(struct web_request *r)
{
	struct buffer *b = web_body(r);
	buffer_printf(b, "%.*s %.*s [%.*s] [%.*s] %s %s %s: ", (int)r->method.size, r->method.data,
	              (int)r->path.size, r->path.data, (int)r->rest.size, r->rest.data,
	              (int)r->query.size, r->query.data ? (const char *)r->query.data : "",
	              r->principal->account, r->client_address, r->tls ? "tls" : "plain");
	buffer_put(b, r->body.data, r->body.size);
}

static inline enum web_run toy_start(void *context, struct web_request *r)
{
	struct web_site *s = context;
	s->starts++;
	if (r->too_large) {
		web_answer(r, 200, "too large");
		return WEB_DONE;
	}
	web_respond(r, 200);
	web_header(r, "X-Toy", "yes");
	toy_describe(r);
	return WEB_DONE;
}

/* "/wait?xyz": begins with x, waits and yields with y, ends with z; '-' adds nothing. */
static inline enum web_run toy_slice(struct web_request *r)
{
	size_t *slices = r->state;
	uint8_t c = r->query.data[(*slices)++];
	if (c != '-' && !web_responded(r))
		web_respond(r, 200);
	if (c != '-')
		buffer_put_u8(web_body(r), c);
	if (*slices == r->query.size)
		return WEB_DONE;
	return *slices % 2 ? WEB_WAIT : WEB_YIELD;
}

static inline enum web_run toy_wait_start(void *context, struct web_request *r)
{
	struct web_site *s = context;
	if (r->query.size == 0) {
		web_answer(r, 400, "no query");
		return WEB_DONE;
	}
	r->state = arena_alloc(r->arena, sizeof(size_t));
	r->tick_ms = s->now_ms + 100;
	return toy_slice(r);
}

static inline enum web_run toy_wait_resume(void *context, struct web_request *r)
{
	(void)context;
	return toy_slice(r);
}

static inline void toy_tick(void *context, struct web_request *r)
{
	(void)context;
	if (!web_responded(r))
		web_respond(r, 200);
	buffer_put_string(web_body(r), "tick");
}

static inline void toy_cancel(void *context, struct web_request *r)
{
	struct web_site *s = context;
	(void)r;
	s->cancelled++;
}

static const struct web_handler toy_open = {.name = "open",
                                            .methods = WEB_ANY_METHOD,
                                            .anonymous = true,
                                            .max_body = MAX_BODY,
                                            .start = toy_start};
static const struct web_handler toy_closed = {.name = "closed",
                                              .methods = WEB_GET | WEB_POST,
                                              .sees_too_large = true,
                                              .max_body = MAX_BODY,
                                              .start = toy_start};
static const struct web_handler toy_waiting = {.name = "wait",
                                               .methods = WEB_ANY_METHOD,
                                               .anonymous = true,
                                               .start = toy_wait_start,
                                               .resume = toy_wait_resume,
                                               .tick = toy_tick,
                                               .cancel = toy_cancel};

static inline void toy_pool_run(void *driver, void (*work)(void *job), void (*done)(void *job),
                                void *job)
{
	struct web_site *s = driver;
	s->work = work;
	s->done = done;
	s->job = job;
}

static inline void toy_pool_wake(void *driver)
{
	struct web_site *s = driver;
	s->woken++;
}

static const struct web_pool toy_pool = {.run = toy_pool_run, .wake = toy_pool_wake};

static inline void web_site_connect(struct web_site *s, const char *address, bool tls)
{
	const struct web_peer peer = {.address = address,
	                              .tls = tls,
	                              .tls_binding =
	                                      tls ? slice_of_string("hash") : slice_of(NULL, 0),
	                              .driver = s};
	web_connection_free(s->c);
	buffer_clear(&s->out);
	s->c = web_connection_new(s->service, s->scratch, &peer, s->now_ms);
	s->next = WEB_NEXT_READ;
}

static inline struct web_site *web_site_open(void)
{
	static const char *const proxies[] = {PROXY};
	static struct web_route routes[4];
	struct web_site *s = xcalloc(1, sizeof *s);
	site_open(&s->auth);
	s->now_ms = 1000000;
	s->config = (struct web_config){.basic = true,
	                                .negotiate = true,
	                                .realm = "toys",
	                                .proxies = proxies,
	                                .proxy_count = 1};
	s->limits.max_call_memory = 1 << 20;
	s->limits.head_timeout_ms = 1000;
	s->limits.body_timeout_ms = 5000;
	s->limits.idle_timeout_ms = 60000;
	s->limits.max_request_bytes = 1 << 20;
	s->limits.max_body_bytes = 1 << 20;
	routes[0] = (struct web_route){"/open/", &toy_open, s};
	routes[1] = (struct web_route){"/closed", &toy_closed, s};
	routes[2] = (struct web_route){"/wait", &toy_waiting, s};
	routes[3] = (struct web_route){"/open/closed/", &toy_closed, s};
	s->scratch = web_scratch_new();
	buffer_init(&s->out, 1 << 20);
	web_service_new(&s->config, s->auth.service, &toy_pool, &s->limits, routes, 4, &s->service,
	                NULL);
	web_site_connect(s, "127.0.0.1", false);
	return s;
}

static inline void web_site_close(struct web_site *s)
{
	web_connection_free(s->c);
	web_service_free(s->service);
	web_scratch_free(s->scratch);
	site_close(&s->auth);
	buffer_free(&s->out);
	free(s);
}

/* As a driver does it: until it takes no more. Gives how much it took. */
static inline size_t web_site_input(struct web_site *s, struct slice data)
{
	size_t taken = 0, consumed = 1;
	while (s->next == WEB_NEXT_READ && consumed && taken < data.size) {
		struct slice rest = slice_of(data.data + taken, data.size - taken);
		s->next = web_connection_input(s->c, rest, &consumed, s->now_ms, &s->out);
		taken += consumed;
	}
	return taken;
}

static inline void web_site_send(struct web_site *s, const char *text)
{
	web_site_input(s, slice_of_string(text));
}

static inline void web_site_resume(struct web_site *s)
{
	s->next = web_connection_resume(s->c, s->now_ms, &s->out);
}

/* Time passes until the connection is due. */
static inline void web_site_wait_until_due(struct web_site *s)
{
	s->now_ms = web_connection_deadline(s->c);
	s->next = web_connection_timer(s->c, s->now_ms, &s->out);
}

static inline void web_site_run_pool(struct web_site *s)
{
	void *job = s->job;
	s->job = NULL;
	s->work(job);
	s->done(job);
}

/* What the connection has answered since the last time, with a NUL; forgotten then. */
static inline char *web_site_answer(struct web_site *s)
{
	char *text = xstrndup((const char *)(s->out.data ? s->out.data : (const uint8_t *)""),
	                      s->out.size);
	buffer_clear(&s->out);
	return text;
}

#endif
