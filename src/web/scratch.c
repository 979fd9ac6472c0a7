#include <stdlib.h>

#include "base/memory.h"
#include "web/connection-private.h"

struct web_scratch {
	struct web_work *spare; /* at most one: requests that wait are few */
};

enum {
	KEPT_BUFFER = 64 * 1024, /* of what its last request needed, a work in reserve may keep */
	MAX_TOKEN = 16384,
};

struct web_scratch *web_scratch_new(void)
{
	return xcalloc(1, sizeof(struct web_scratch));
}

static void work_free(struct web_work *w)
{
	arena_free(&w->arena);
	buffer_free(&w->body);
	buffer_free(&w->token);
	free(w);
}

void web_scratch_free(struct web_scratch *s)
{
	if (!s)
		return;
	if (s->spare)
		work_free(s->spare);
	free(s);
}

static struct web_work *work_new(void)
{
	struct web_work *w = xcalloc(1, sizeof *w);
	arena_init(&w->arena, 0);
	buffer_init(&w->body, SIZE_MAX);
	buffer_init(&w->token, MAX_TOKEN);
	return w;
}

struct web_work *web_work_take(struct web_connection *c)
{
	struct web_work *w = c->scratch->spare;
	c->scratch->spare = NULL;
	if (!w)
		w = work_new();
	w->connection = c;
	w->settings = web_settings_ref(c->service);
	/* The head lies in the arena twice, and must fit however small the limit. */
	w->arena.ceiling = 2 * HTTP_MAX_HEAD + (size_t)c->service->limits->max_call_memory;
	return w;
}

/* All but the memory that is kept goes back to its beginning. */
static void clear(struct web_work *w)
{
	w->route = NULL;
	w->response = (struct web_response){0};
	w->request = (struct web_request){0};
	w->scheme = NULL;
	w->turn_ms = 0;
	w->refusal = 0;
	buffer_clear(&w->body);
	buffer_clear(&w->token);
	arena_reset(&w->arena);
}

void web_work_give(struct web_connection *c, struct web_work *w)
{
	web_give_back(c->service, w->reserved);
	w->reserved = 0;
	web_basic_drop(w);
	web_settings_unref(w->settings);
	principal_unref(w->principal);
	w->settings = NULL;
	w->principal = NULL;
	if (c->scratch->spare || w->body.capacity > KEPT_BUFFER) {
		work_free(w);
		return;
	}
	clear(w);
	c->scratch->spare = w;
}
