#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/net-private.h"

enum {
	BACKLOG = 4096,
	ACCEPT_BATCH = 64,  /* connections taken before other events have their turn */
	PAUSE_MS = 100,     /* without descriptors or memory */
	NOTE_MS = 60000,    /* between two lines about the same trouble */
	PORT_ATTEMPTS = 20, /* to find one that is free in both families */
};

struct handed {
	struct post post;
	struct accepted accepted;
};

static void note_trouble(struct listener *s, const char *what)
{
	uint64_t now_ms = clock_mono_ms();

	s->trouble++;
	if (now_ms < s->next_note_ms)
		return;
	log_warn("port %u: %s (%" PRIu64 " times since the last such line)", s->port, what,
	         s->trouble);
	s->next_note_ms = now_ms + NOTE_MS;
	s->trouble = 0;
}

/* The loop with the fewest connections. */
static struct net_loop *choose_loop(struct net *n)
{
	struct net_loop *best = &n->loops[0];

	for (uint32_t i = 1; i < n->loop_count; i++)
		if (atomic_load(&n->loops[i].connections) < atomic_load(&best->connections))
			best = &n->loops[i];
	return best;
}

static void take_handed(struct net_loop *l, struct post *p)
{
	struct handed *h = (struct handed *)(void *)p;

	net_connection_new(l, &h->accepted);
	free(h);
}

static void hand_over(struct listener *s, const struct accepted *a)
{
	struct net_loop *to = choose_loop(s->net);

	atomic_fetch_add(&to->connections, 1);
	if (to == s->loop) {
		net_connection_new(to, a);
		return;
	}
	struct handed *h = xcalloc(1, sizeof *h);
	*h = (struct handed){.post.run = take_handed, .accepted = *a};
	if (!net_loop_post(to, &h->post)) {
		net_connection_refuse(to, a);
		free(h);
	}
}

/* The place is given back by connection_free() or net_connection_refuse(). */
static bool take_place(struct listener *s, const struct address *p)
{
	const struct net_limits *limits = &s->loop->limits;

	if (atomic_fetch_add(&s->net->connections, 1) >= limits->max_connections) {
		note_trouble(s, "max_connections reached, a connection is refused");
	} else if (!net_addresses_enter(s->net->addresses, p,
	                                limits->max_connections_per_address)) {
		note_trouble(s, "max_connections_per_address reached, a connection is refused");
	} else {
		return true;
	}
	atomic_fetch_sub(&s->net->connections, 1);
	counter_add(COUNTER_CONNECTIONS_REFUSED, 1);
	return false;
}

static void on_pause_over(evutil_socket_t fd, short what, void *arg)
{
	struct listener *s = arg;

	(void)fd;
	(void)what;
	event_add(&s->event, NULL);
}

/* Level-triggered readiness would spin as long as the connection that cannot be taken waits. */
static void pause_listener(struct listener *s)
{
	static const struct timeval pause = {0, PAUSE_MS * 1000};

	note_trouble(s, strerror(errno));
	event_del(&s->event);
	evtimer_add(&s->pause_event, &pause);
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static bool accept_one(struct listener *s)
{
	struct sockaddr_storage from = {0};
	socklen_t size = sizeof from;
	struct accepted a = {.protocol = s->protocol, .context = s->context, .tls = s->tls};

	a.fd = accept4(s->fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (a.fd < 0) {
		if (is_shortage(errno))
			pause_listener(s);
		/* Anything but EAGAIN is the fault of the connection that is gone. */
		return errno == ECONNABORTED || errno == EINTR || errno == EPROTO;
	}
	a.peer = address_of(&from);
	if (take_place(s, &a.peer))
		hand_over(s, &a);
	else
		close(a.fd);
	return true;
}

static void on_connect(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	for (int n = 0; n < ACCEPT_BATCH && accept_one(arg); n++)
		;
}

static void set_option(int fd, int level, int name, int value)
{
	/* A kernel that lacks one of these serves without it. */
	if (setsockopt(fd, level, name, &value, sizeof value))
		log_debug("setsockopt %d/%d: %s", level, name, strerror(errno));
}

/* Accepted sockets inherit all of it. */
void net_listener_set_options(struct listener *s, const struct net_limits *limits)
{
	set_option(s->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(s->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)limits->user_timeout_ms);
	set_option(s->fd, SOL_SOCKET, SO_KEEPALIVE, limits->keepalive_idle_s != 0);
	if (limits->keepalive_idle_s == 0)
		return;
	set_option(s->fd, IPPROTO_TCP, TCP_KEEPIDLE, (int)limits->keepalive_idle_s);
	set_option(s->fd, IPPROTO_TCP, TCP_KEEPINTVL, (int)limits->keepalive_interval_s);
	set_option(s->fd, IPPROTO_TCP, TCP_KEEPCNT, (int)limits->keepalive_count);
}

static socklen_t make_address(int family, const char *address, uint16_t port,
                              struct sockaddr_storage *out)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (family == AF_INET) {
		if (inet_pton(AF_INET, address, &v4.sin_addr) != 1)
			return 0;
		memcpy(out, &v4, sizeof v4);
		return sizeof v4;
	}
	if (inet_pton(AF_INET6, address, &v6.sin6_addr) != 1)
		return 0;
	memcpy(out, &v6, sizeof v6);
	return sizeof v6;
}

static int bind_socket(int family, const char *address, uint16_t port)
{
	struct sockaddr_storage at = {0};
	socklen_t size = make_address(family, address, port, &at);
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (bind(fd, (struct sockaddr *)&at, size)) {
		int saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static uint16_t bound_to(int fd)
{
	return net_local_address(fd).port;
}

static void add_listener(struct net *n, int fd, const struct accepted *like)
{
	struct listener *s = xcalloc(1, sizeof *s);

	*s = (struct listener){
		.net = n,
		.loop = &n->loops[n->listener_count++ % n->loop_count],
		.fd = fd,
		.port = bound_to(fd),
		.protocol = like->protocol,
		.context = like->context,
		.tls = like->tls,
	};
	event_assign(&s->event, s->loop->base, fd, EV_READ | EV_PERSIST, on_connect, s);
	evtimer_assign(&s->pause_event, s->loop->base, on_pause_over, s);
	net_listener_set_options(s, &n->limits);
	SLIST_INSERT_HEAD(&n->listeners, s, entry);
}

/* Both families on one port; fds[1] is -1 where the kernel has no IPv6. */
static int bind_both(uint16_t port, int fds[2])
{
	for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
		fds[0] = bind_socket(AF_INET, "0.0.0.0", port);
		if (fds[0] < 0)
			return -1;
		fds[1] = bind_socket(AF_INET6, "::", bound_to(fds[0]));
		if (fds[1] >= 0 || errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)
			return 0;
		int saved = errno;
		close(fds[0]);
		errno = saved;
		if (port || errno != EADDRINUSE)
			return -1;
	}
	return -1;
}

int net_listener_open(struct net *n, const char *address, uint16_t port,
                      const struct accepted *like, uint16_t *bound_port, struct error *e)
{
	int fds[2] = {-1, -1};
	bool any = strcmp(address, "*") == 0;

	if (any)
		bind_both(port, fds);
	else
		fds[0] = bind_socket(strchr(address, ':') ? AF_INET6 : AF_INET, address, port);
	if (fds[0] < 0)
		return error_set(e, ERR_SYSTEM, "cannot bind to address %s port %u: %s", address,
		                 port, strerror(errno));
	*bound_port = bound_to(fds[0]);
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			add_listener(n, fds[i], like);
	return 0;
}

int net_listener_start(struct listener *s, struct error *e)
{
	if (listen(s->fd, BACKLOG))
		return error_set(e, ERR_SYSTEM, "cannot listen on port %u: %s", s->port,
		                 strerror(errno));
	event_add(&s->event, NULL);
	return 0;
}

void net_listener_stop(struct listener *s)
{
	event_del(&s->event);
	event_del(&s->pause_event);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void net_listener_free(struct listener *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}
