#ifndef TESTS_UNIT_MAPIHTTP_SITE_H
#define TESTS_UNIT_MAPIHTTP_SITE_H

/*
 * The envelope of MAPI over HTTP around a toy endpoint, on connections without sockets. Whoever
 * asks says in a header who he is. The endpoint does what a request's body says, a letter a step: w
 * waits, y yields; the last one is how it ends: d with that body as its answer, u unknown failure,
 * n there is no such context, l an answer that cannot be written, r (of Open) refused.
 */

#include <stdio.h>
#include <stdlib.h>

#include "auth_site.h"
#include "base/memory.h"
#include "mapihttp/mapihttp.h"

enum { MOMENT_MS = 100, PENDING_MS = 1000, TIMEOUT_MS = 60000 };

struct mapihttp_site {
	struct site auth;
	struct web_limits web_limits;
	struct web_service *service;
	struct web_scratch *scratch;
	struct mapihttp_limits limits;
	struct mapihttp *mapihttp;
	struct web_route routes[2];
	struct principal *anna, *berta;
	unsigned starts, cancelled, ended, expired;
	uint64_t last_ended;
	uint64_t now_ms;
};

struct mapihttp_wire { /* a connection */
	struct mapihttp_site *site;
	struct web_connection *c;
	struct buffer out;
	enum web_next next;
};

static inline enum mapihttp_kind toy_kind(void *context, struct slice type)
{
	static const struct {
		const char *name;
		enum mapihttp_kind kind;
	} kinds[] = {
		{"Open",  MAPIHTTP_OPENS   },
		{"Close", MAPIHTTP_CLOSES  },
		{"Do",    MAPIHTTP_INSIDE  },
		{"Any",   MAPIHTTP_ANYWHERE},
	};

	(void)context;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (slice_equal_nocase(type, slice_of_string(kinds[i].name)))
			return kinds[i].kind;
	return MAPIHTTP_UNKNOWN;
}

static inline enum web_run toy_step(struct mapihttp_call *call)
{
	size_t *at = call->state;
	uint8_t step = *at < call->body.size ? call->body.data[(*at)++] : 'd';

	switch (step) {
	case 'w': return WEB_WAIT;
	case 'y': return WEB_YIELD;
	case 'u': call->code = MAPIHTTP_UNKNOWN_FAILURE; break;
	case 'n': call->code = MAPIHTTP_CONTEXT_NOT_FOUND; break;
	case 'r': break;
	default:
		if (guid_is_zero(&call->session))
			call->session.bytes[0] = 1;
		break;
	}
	return WEB_DONE;
}

static inline enum web_run toy_start(void *context, struct mapihttp_call *call)
{
	struct mapihttp_site *s = context;

	s->starts++;
	call->state = arena_alloc(call->arena, sizeof(size_t));
	return toy_step(call);
}

static inline enum web_run toy_resume(void *context, struct mapihttp_call *call)
{
	(void)context;
	return toy_step(call);
}

static inline bool toy_answer(void *context, struct mapihttp_call *call, struct buffer *out)
{
	(void)context;
	buffer_put_string(out, "body:");
	buffer_put(out, call->body.data, call->body.size);
	return call->body.size == 0 || call->body.data[call->body.size - 1] != 'l';
}

static inline void toy_cancel(void *context, struct mapihttp_call *call)
{
	struct mapihttp_site *s = context;

	(void)call;
	s->cancelled++;
}

static inline void toy_end(void *context, uint64_t group, bool expired)
{
	struct mapihttp_site *s = context;

	s->ended++;
	s->expired += expired;
	s->last_ended = group;
}

static const struct mapihttp_endpoint toy_endpoint = {
	.path = "/mapi/toy",
	.kind = toy_kind,
	.start = toy_start,
	.resume = toy_resume,
	.answer = toy_answer,
	.cancel = toy_cancel,
	.end = toy_end,
};

static inline enum web_run site_start(void *context, struct web_request *r)
{
	struct mapihttp_site *s = context;
	struct slice who = http_header(r->head, "X-Who", NULL);

	if (slice_equal(who, slice_of_string("anna")))
		r->principal = s->anna;
	if (slice_equal(who, slice_of_string("berta")))
		r->principal = s->berta;
	return mapihttp_handler.start(s->mapihttp, r);
}

static inline enum web_run site_resume(void *context, struct web_request *r)
{
	struct mapihttp_site *s = context;

	return mapihttp_handler.resume(s->mapihttp, r);
}

static inline void site_tick(void *context, struct web_request *r)
{
	struct mapihttp_site *s = context;

	mapihttp_handler.tick(s->mapihttp, r);
}

static inline void site_cancel(void *context, struct web_request *r)
{
	struct mapihttp_site *s = context;

	mapihttp_handler.cancel(s->mapihttp, r);
}

static const struct web_handler site_handler = {
	.name = "mapi-http",
	.methods = WEB_ANY_METHOD,
	.anonymous = true,
	.sees_too_large = true,
	.max_body = 1000,
	.start = site_start,
	.resume = site_resume,
	.tick = site_tick,
	.cancel = site_cancel,
};

static inline struct mapihttp_site *mapihttp_site_open(void)
{
	static const struct web_config config = {.realm = "toys"};
	static const struct web_pool pool = {0};
	struct mapihttp_site *s = xcalloc(1, sizeof *s);

	site_open(&s->auth);
	s->now_ms = 1000000;
	s->limits.session_timeout_ms = TIMEOUT_MS;
	s->limits.moment_ms = MOMENT_MS;
	s->limits.pending_ms = PENDING_MS;
	s->web_limits.max_call_memory = 1 << 20;
	s->web_limits.max_request_bytes = 1 << 20;
	s->web_limits.max_body_bytes = 1 << 20;
	s->anna = principal_new("anna", "ntlm", "", true);
	s->berta = principal_new("berta", "ntlm", "", true);
	s->mapihttp = mapihttp_new(&toy_endpoint, s, &s->limits);
	s->routes[0] = (struct web_route){"/mapi/toy/", &site_handler, s};
	s->routes[1] = (struct web_route){"/mapi/", &mapihttp_no_endpoint, s->mapihttp};
	s->scratch = web_scratch_new();
	web_service_new(&config, s->auth.service, &pool, &s->web_limits, s->routes, 2, &s->service,
	                NULL);
	return s;
}

static inline void mapihttp_site_close(struct mapihttp_site *s)
{
	web_service_free(s->service);
	web_scratch_free(s->scratch);
	mapihttp_free(s->mapihttp);
	principal_unref(s->anna);
	principal_unref(s->berta);
	site_close(&s->auth);
	free(s);
}

static inline void wire_connect(struct mapihttp_wire *w, struct mapihttp_site *s)
{
	const struct web_peer peer = {.address = "127.0.0.1"};

	*w = (struct mapihttp_wire){.site = s};
	buffer_init(&w->out, 1 << 20);
	w->c = web_connection_new(s->service, s->scratch, &peer, s->now_ms);
}

static inline void wire_close(struct mapihttp_wire *w)
{
	web_connection_free(w->c);
	buffer_free(&w->out);
}

/* As a driver does it: until it takes no more. Gives how much it took. */
static inline size_t wire_input(struct mapihttp_wire *w, struct slice data)
{
	size_t taken = 0, consumed = 1;

	while (w->next == WEB_NEXT_READ && consumed && taken < data.size) {
		struct slice rest = slice_of(data.data + taken, data.size - taken);
		w->next = web_connection_input(w->c, rest, &consumed, w->site->now_ms, &w->out);
		taken += consumed;
	}
	return taken;
}

static inline void wire_resume(struct mapihttp_wire *w)
{
	w->next = web_connection_resume(w->c, w->site->now_ms, &w->out);
}

static inline void wire_wait_until_due(struct mapihttp_wire *w)
{
	w->site->now_ms = web_connection_deadline(w->c);
	w->next = web_connection_timer(w->c, w->site->now_ms, &w->out);
}

#endif
