#include <stdlib.h>

#include "base/memory.h"
#include "rpc/association-private.h"

struct rpc_scratch {
	struct rpc_work *spare; /* at most one: calls that yield are few */
};

/* What a work in reserve may keep of what its last call needed. */
enum { KEPT_BUFFER = 256 * 1024 };

struct rpc_scratch *rpc_scratch_new(void)
{
	return xcalloc(1, sizeof(struct rpc_scratch));
}

static void work_free(struct rpc_work *w)
{
	arena_free(&w->arena);
	buffer_free(&w->stub);
	buffer_free(&w->token);
	buffer_free(&w->joined);
	free(w);
}

void rpc_scratch_free(struct rpc_scratch *s)
{
	if (!s)
		return;
	if (s->spare)
		work_free(s->spare);
	free(s);
}

static struct rpc_work *work_new(void)
{
	struct rpc_work *w = xcalloc(1, sizeof *w);
	arena_init(&w->arena, 0);
	return w;
}

struct rpc_work *rpc_work_take(struct rpc_association *a)
{
	struct rpc_work *w = a->scratch->spare;
	a->scratch->spare = NULL;
	if (!w)
		w = work_new();
	const struct rpc_limits *limits = a->service->limits;
	/* The PDU itself lies in the arena, and must fit however small the limit. */
	w->arena.ceiling = RPC_MAX_PDU + (size_t)limits->max_call_memory;
	w->stub.limit = limits->max_answer_bytes;
	w->token.limit = RPC_MAX_PDU;
	return w;
}

void rpc_work_give(struct rpc_association *a, struct rpc_work *w)
{
	if (w->reserved)
		rpc_budget_give(a->service->groups, w->reserved);
	w->reserved = 0;
	buffer_free(&w->joined);
	buffer_clear(&w->token);
	buffer_clear(&w->stub);
	if (a->scratch->spare || w->stub.capacity > KEPT_BUFFER) {
		work_free(w);
		return;
	}
	arena_reset(&w->arena);
	a->scratch->spare = w;
}
