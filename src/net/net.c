#include "net/net.h"

#include <sched.h>
#include <stdlib.h>

#include "base/memory.h"
#include "net/net-private.h"

static uint32_t core_count(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set))
		return 1;
	return (uint32_t)CPU_COUNT(&set);
}

struct net *net_new(uint32_t loops, const struct net_limits *limits)
{
	struct net *n = xcalloc(1, sizeof *n);

	n->limits = *limits;
	n->loop_count = loops ? loops : core_count();
	n->loops = xcalloc(n->loop_count, sizeof *n->loops);
	n->addresses = net_addresses_new();
	SLIST_INIT(&n->listeners);
	for (uint32_t i = 0; i < n->loop_count; i++)
		net_loop_init(&n->loops[i], n);
	return n;
}

void net_set_limits(struct net *n, const struct net_limits *limits)
{
	struct listener *s;

	n->limits = *limits;
	SLIST_FOREACH(s, &n->listeners, entry)
	net_listener_set_options(s, limits);
	for (uint32_t i = 0; i < n->loop_count; i++)
		net_loop_set_limits(&n->loops[i], limits);
}

int net_listen(struct net *n, const char *address, uint16_t port,
               const struct net_protocol *protocol, void *context, uint16_t *bound_port,
               struct error *e)
{
	const struct accepted like = {.protocol = protocol, .context = context};

	return net_listener_open(n, address, port, &like, bound_port, e);
}

void net_stop_listeners(struct net_loop *l)
{
	struct listener *s;

	SLIST_FOREACH(s, &l->net->listeners, entry)
	if (s->loop == l)
		net_listener_stop(s);
}

int net_start(struct net *n, struct error *e)
{
	struct listener *s;
	int err = 0;

	n->pool = net_pool_new(e);
	if (!n->pool)
		return ERR_SYSTEM;
	n->running = true;
	SLIST_FOREACH(s, &n->listeners, entry)
	if (!err)
		err = net_listener_start(s, e);
	for (uint32_t i = 0; !err && i < n->loop_count; i++)
		err = net_loop_start(&n->loops[i], e);
	if (err)
		net_stop(n, 0);
	return err;
}

/* Every loop drops its listeners first and its connections with time; then nobody asks the pool for
 * work any more, and what it finished goes to loops that still run. */
void net_stop(struct net *n, uint32_t grace_ms)
{
	if (!n->running)
		return;
	n->running = false;
	for (uint32_t i = 0; i < n->loop_count; i++)
		net_loop_stop(&n->loops[i], grace_ms);
	for (uint32_t i = 0; i < n->loop_count; i++)
		net_loop_wait_drained(&n->loops[i]);
	net_pool_free(n->pool);
	n->pool = NULL;
	for (uint32_t i = 0; i < n->loop_count; i++)
		net_loop_end(&n->loops[i]);
}

void net_free(struct net *n)
{
	struct listener *s;

	if (!n)
		return;
	net_stop(n, 0);
	for (uint32_t i = 0; i < n->loop_count; i++)
		net_loop_free(&n->loops[i]);
	while ((s = SLIST_FIRST(&n->listeners))) {
		SLIST_REMOVE_HEAD(&n->listeners, entry);
		net_listener_free(s);
	}
	net_addresses_free(n->addresses);
	free(n->loops);
	free(n);
}

void net_set_loop_data(struct net *n, void *(*make)(void *context), void (*free_data)(void *data),
                       void *context)
{
	n->make_data = make;
	n->free_data = free_data;
	n->data_context = context;
}

void *net_loop_data(struct net_loop *l)
{
	return l->data;
}

void net_work(struct net_loop *l, void (*work)(void *job), void (*done)(void *job), void *job)
{
	net_pool_add(l->net->pool, l, work, done, job);
}

void net_counts(struct net *n, struct net_counts *out)
{
	*out = (struct net_counts){
		.connections = atomic_load(&n->connections),
		.loops = n->loop_count,
	};
}
