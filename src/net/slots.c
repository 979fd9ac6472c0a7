#include <stdlib.h>

#include "base/memory.h"
#include "net/net-private.h"

/* Generation in the upper half, so that an id is never 0 and hardly ever comes again. */
static uint64_t slot_id(const struct slots *s, uint32_t index)
{
	return (uint64_t)s->items[index].generation << 32 | index;
}

static void grow(struct slots *s)
{
	uint32_t count = s->count ? s->count * 2 : 64;

	s->items = xrealloc_array(s->items, count, sizeof *s->items);
	for (uint32_t i = count; i-- > s->count;) {
		s->items[i] = (struct slot){.next_free = s->free};
		s->free = i + 1;
	}
	s->count = count;
}

uint64_t net_slots_take(struct slots *s, struct net_connection *c)
{
	if (!s->free)
		grow(s);
	uint32_t index = s->free - 1;
	struct slot *slot = &s->items[index];
	s->free = slot->next_free;
	slot->connection = c;
	s->used++;
	if (++slot->generation == 0)
		slot->generation = 1;
	return slot_id(s, index);
}

struct net_connection *net_slots_find(const struct slots *s, uint64_t id)
{
	uint32_t index = (uint32_t)id;

	if (index >= s->count || slot_id(s, index) != id)
		return NULL;
	return s->items[index].connection;
}

void net_slots_release(struct slots *s, uint64_t id)
{
	uint32_t index = (uint32_t)id;

	s->used--;
	s->items[index].connection = NULL;
	s->items[index].next_free = s->free;
	s->free = index + 1;
}

struct net_ticket net_connection_ticket(struct net_connection *c)
{
	return (struct net_ticket){.loop = c->loop, .id = c->id};
}

struct wake {
	struct post post;
	uint64_t id;
};

static void run_wake(struct net_loop *l, struct post *p)
{
	struct net_connection *c = net_slots_find(&l->slots, ((struct wake *)(void *)p)->id);

	free(p);
	if (c)
		net_connection_woken(c);
}

void net_wake(struct net_ticket ticket)
{
	struct wake *w = xcalloc(1, sizeof *w);

	*w = (struct wake){.post.run = run_wake, .id = ticket.id};
	if (!net_loop_post(ticket.loop, &w->post))
		free(w);
}
