#include <stdlib.h>

#include "base/counters.h"
#include "base/memory.h"
#include "net/net-private.h"

struct pending *net_pending(struct net_connection *c)
{
	if (c->pending)
		return c->pending;
	c->pending = xcalloc(1, sizeof *c->pending);
	c->pending->connection = c;
	/* What is kept never reaches this: no more is read than max_unread_bytes. */
	buffer_init(&c->pending->kept, SIZE_MAX);
	return c->pending;
}

void net_pending_free(struct net_connection *c)
{
	struct pending *p = c->pending;

	if (!p)
		return;
	net_set_queued(c, false);
	net_budget_give(&c->loop->net->kept, p->kept_counted);
	buffer_free(&p->kept);
	net_output_drop(c);
	free(p);
	c->pending = NULL;
}

void net_pending_settle(struct net_connection *c)
{
	const struct pending *p = c->pending;

	if (p && !p->queued && !p->kept.size && !p->unsent.data && c->mode != MODE_LINGERING)
		net_pending_free(c);
}

void net_set_queued(struct net_connection *c, bool queued)
{
	struct net_loop *l = c->loop;

	if (queued == (c->pending && c->pending->queued))
		return;
	struct pending *p = net_pending(c);
	p->queued = queued;
	if (queued) {
		TAILQ_INSERT_TAIL(&l->ready, p, turn);
		l->ready_count++;
	} else {
		TAILQ_REMOVE(&l->ready, p, turn);
		l->ready_count--;
	}
}

struct slice net_kept(const struct net_connection *c)
{
	return c->pending ? buffer_slice(&c->pending->kept) : slice_of(NULL, 0);
}

void net_kept_add(struct net_connection *c, struct slice data)
{
	buffer_put(&net_pending(c)->kept, data.data, data.size);
}

void net_kept_drop(struct net_connection *c, size_t size)
{
	struct buffer *kept = &c->pending->kept;

	buffer_consume(kept, size);
	if (kept->size == 0)
		buffer_free(kept);
}

void net_kept_account(struct net_connection *c)
{
	struct pending *p = c->pending;
	struct net_loop *l = c->loop;

	if (!p || p->kept.capacity == p->kept_counted)
		return;
	net_budget_give(&l->net->kept, p->kept_counted);
	p->kept_counted = p->kept.capacity;
	if (net_budget_take(&l->net->kept, p->kept_counted, l->limits.max_kept_bytes))
		return;
	p->kept_counted = 0;
	counter_add(COUNTER_CONNECTIONS_OVER_BUDGET, 1);
	net_connection_die(c);
}
