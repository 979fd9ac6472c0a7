#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "net/net-private.h"

/*
 * A loop's connections are in an epoll set of its own, which libevent watches as one descriptor: a
 * struct event for each and its place in libevent's tables would be more than half of what an
 * idle connection costs in net/.
 */

enum { BATCH = 64 }; /* then timers, posts and listeners have their turn */

/* One entry a connection, and none ends another one: each that is told of is still there. */
static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct epoll_event ready[BATCH];
	int count = epoll_wait(fd, ready, BATCH, 0);

	(void)what;
	(void)arg;
	for (int i = 0; i < count; i++)
		net_connection_ready(ready[i].data.ptr);
}

void net_watch_open(struct net_loop *l)
{
	l->watch_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->watch_fd < 0)
		abort();
	event_assign(&l->watch_event, l->base, l->watch_fd, EV_READ | EV_PERSIST, on_ready, l);
	event_add(&l->watch_event, NULL);
}

void net_watch_close(struct net_loop *l)
{
	close(l->watch_fd);
}

bool net_watch(struct net_connection *c, enum watch what)
{
	static const uint32_t events[] = {[WATCH_INPUT] = EPOLLIN, [WATCH_ROOM] = EPOLLOUT};
	struct epoll_event e = {.events = events[what], .data.ptr = c};
	int operation = !c->watched ? EPOLL_CTL_ADD : what ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

	if (c->watched == what)
		return true;
	if (epoll_ctl(c->loop->watch_fd, operation, c->fd, &e)) {
		log_debug("%s: a connection cannot be watched: %s", c->protocol->name,
		          strerror(errno));
		return false;
	}
	c->watched = what;
	return true;
}
