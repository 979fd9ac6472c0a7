#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/net-private.h"

enum { LINGER_MS = 1000 };

enum mode {
	MODE_READING,   /* input goes to the protocol */
	MODE_READY,     /* the protocol wants its turn */
	MODE_WAITING,   /* the protocol waits for a wake */
	MODE_CLOSING,   /* the protocol has gone, its last output goes out */
	MODE_LINGERING, /* all is sent; a close with unread input would destroy it on its way */
	MODE_DEAD,      /* settle() frees it */
};

struct net_connection {
	struct net_loop *loop;
	const struct net_protocol *protocol;
	void *state; /* NULL when the protocol has gone */
	uint64_t id;
	struct event event;
	short watched; /* EV_READ, EV_WRITE or nothing */
	enum mode mode;
	bool queued; /* in loop->ready */
	int fd;
	struct peer peer;
	TAILQ_ENTRY(net_connection) ready;
	struct wheel_timer timer;
	uint64_t deadline_ms;    /* the protocol's */
	uint64_t io_deadline_ms; /* of writing and lingering */
	struct buffer kept;      /* input that the protocol did not take */
	struct {                 /* output that the peer did not take; data is NULL mostly */
		uint8_t *data;
		size_t size, sent;
	} unsent;
};

static void on_event(evutil_socket_t fd, short what, void *arg);

static void watch(struct net_connection *c, short what)
{
	if (c->watched == what)
		return;
	if (c->watched)
		event_del(&c->event);
	c->watched = what;
	if (!what)
		return;
	event_assign(&c->event, c->loop->base, c->fd, (short)(what | EV_PERSIST), on_event, c);
	event_add(&c->event, NULL);
}

static void die(struct net_connection *c)
{
	c->mode = MODE_DEAD;
}

/* Nothing of it is worth sending any more: let the kernel forget it at once. */
static void abort_connection(struct net_connection *c)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	die(c);
}

static void leave_protocol(struct net_connection *c)
{
	if (c->state)
		c->protocol->close(c->state);
	c->state = NULL;
	c->deadline_ms = 0;
}

/* Sends what the socket takes; *sent tells how much. False when the peer has gone. */
static bool send_some(struct net_connection *c, const uint8_t *data, size_t size, size_t *sent)
{
	ssize_t n = 0;

	for (*sent = 0; *sent < size; *sent += (size_t)n) {
		n = send(c->fd, data + *sent, size - *sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		counter_add(COUNTER_BYTES_OUT, n);
	}
	return true;
}

static void renew_write_deadline(struct net_connection *c)
{
	c->io_deadline_ms = clock_mono_ms() + c->loop->limits.write_timeout_ms;
}

static void send_output(struct net_connection *c)
{
	struct buffer *out = &c->loop->out;
	size_t sent = 0;

	if (out->failed) {
		log_debug("%s: an answer is larger than %zu bytes, the connection is closed",
		          c->protocol->name, out->limit);
		die(c);
	} else if (!send_some(c, out->data, out->size, &sent)) {
		die(c);
	} else if (sent < out->size) {
		c->unsent.size = out->size - sent;
		c->unsent.sent = 0;
		c->unsent.data = xmemdup(out->data + sent, c->unsent.size);
		renew_write_deadline(c);
	}
	net_loop_output_done(c->loop);
}

/* After each call of the protocol: its output goes out and it gets what it asked for. */
static void take_answer(struct net_connection *c, enum net_next next)
{
	static const enum mode modes[] = {
		[NET_READ] = MODE_READING,
		[NET_RESUME] = MODE_READY,
		[NET_WAIT] = MODE_WAITING,
		[NET_CLOSE] = MODE_CLOSING,
	};

	c->mode = modes[next];
	if (next == NET_CLOSE)
		leave_protocol(c);
	send_output(c);
}

/* Makes kept what is left of data, which is all of kept's content or none of it. */
static void keep(struct net_connection *c, struct slice data, size_t taken)
{
	if (c->kept.size)
		buffer_consume(&c->kept, taken);
	else if (taken < data.size)
		buffer_put(&c->kept, data.data + taken, data.size - taken);
	if (c->kept.size == 0)
		buffer_free(&c->kept);
}

static void feed(struct net_connection *c, struct slice data)
{
	size_t taken = 0, consumed = 0;

	do {
		struct slice rest = slice_of(data.data + taken, data.size - taken);
		consumed = 0;
		enum net_next next = c->protocol->input(c->state, rest, &consumed, &c->loop->out);
		taken += consumed;
		take_answer(c, next);
	} while (c->mode == MODE_READING && !c->unsent.data && consumed && taken < data.size);
	keep(c, data, taken);
}

/* Input that came in while the protocol or the socket was busy. */
static void feed_kept(struct net_connection *c)
{
	if (c->mode == MODE_READING && !c->unsent.data && c->kept.size)
		feed(c, buffer_slice(&c->kept));
}

static void on_readable(struct net_connection *c)
{
	struct net_loop *l = c->loop;
	size_t room = l->limits.max_unread_bytes > c->kept.size
	                    ? l->limits.max_unread_bytes - c->kept.size
	                    : 0;

	if (room == 0) {
		log_debug("%s: more than %u bytes are no whole message, the connection is closed",
		          c->protocol->name, l->limits.max_unread_bytes);
		die(c);
		return;
	}
	ssize_t n =
		recv(c->fd, l->read_buffer, room < READ_BUFFER_SIZE ? room : READ_BUFFER_SIZE, 0);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n <= 0) {
		die(c);
		return;
	}
	counter_add(COUNTER_BYTES_IN, n);
	if (c->kept.size)
		buffer_put(&c->kept, l->read_buffer, (size_t)n);
	feed(c, c->kept.size ? buffer_slice(&c->kept) : slice_of(l->read_buffer, (size_t)n));
}

static void on_lingering(struct net_connection *c)
{
	ssize_t n = recv(c->fd, c->loop->read_buffer, READ_BUFFER_SIZE, 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
		die(c);
}

static void on_writable(struct net_connection *c)
{
	size_t sent = 0;

	if (!send_some(c, c->unsent.data + c->unsent.sent, c->unsent.size - c->unsent.sent,
	               &sent)) {
		die(c);
		return;
	}
	c->unsent.sent += sent;
	if (sent)
		renew_write_deadline(c);
	if (c->unsent.sent < c->unsent.size)
		return;
	free(c->unsent.data);
	c->unsent.data = NULL;
	feed_kept(c);
}

static void set_queued(struct net_connection *c, bool queued)
{
	struct net_loop *l = c->loop;

	if (c->queued == queued)
		return;
	c->queued = queued;
	if (queued) {
		TAILQ_INSERT_TAIL(&l->ready, c, ready);
		l->ready_count++;
	} else {
		TAILQ_REMOVE(&l->ready, c, ready);
		l->ready_count--;
	}
}

static void give_back_place(struct net_loop *l, const struct peer *p)
{
	atomic_fetch_sub(&l->connections, 1);
	atomic_fetch_sub(&l->net->connections, 1);
	net_addresses_leave(l->net->addresses, p);
}

void net_connection_refuse(struct net_loop *l, const struct accepted *a)
{
	close(a->fd);
	give_back_place(l, &a->peer);
	counter_add(COUNTER_CONNECTIONS_REFUSED, 1);
}

static void free_connection(struct net_connection *c)
{
	leave_protocol(c);
	watch(c, 0);
	set_queued(c, false);
	wheel_cancel(&c->timer);
	close(c->fd);
	net_slots_release(&c->loop->slots, c->id);
	give_back_place(c->loop, &c->peer);
	counter_add(COUNTER_CONNECTIONS_OPEN, -1);
	buffer_free(&c->kept);
	free(c->unsent.data);
	free(c);
}

static void begin_lingering(struct net_connection *c)
{
	c->mode = MODE_LINGERING;
	c->io_deadline_ms = clock_mono_ms() + LINGER_MS;
	buffer_free(&c->kept);
	if (shutdown(c->fd, SHUT_WR))
		die(c);
}

static short events_wanted(const struct net_connection *c)
{
	if (c->unsent.data)
		return EV_WRITE;
	switch (c->mode) {
	case MODE_READING:
	case MODE_LINGERING: return EV_READ;
	case MODE_READY:
	case MODE_WAITING:
	case MODE_CLOSING:
	case MODE_DEAD: break;
	}
	return c->watched & EV_READ;
}

/* The end of whatever happened to a connection: it gets the events, turns and deadline of its mode,
 * or is freed. */
static void settle(struct net_connection *c)
{
	if (c->mode == MODE_CLOSING && !c->unsent.data)
		begin_lingering(c);
	if (c->mode == MODE_READING && !c->unsent.data && c->loop->phase != LOOP_RUNNING)
		die(c);
	if (c->mode == MODE_DEAD) {
		free_connection(c);
		return;
	}
	watch(c, events_wanted(c));
	set_queued(c, c->mode == MODE_READY && !c->unsent.data);
	bool io = c->unsent.data || c->mode == MODE_LINGERING;
	net_loop_set_timer(c->loop, &c->timer, io ? c->io_deadline_ms : c->deadline_ms);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	struct net_connection *c = arg;

	(void)fd;
	if (what & EV_WRITE)
		on_writable(c);
	else if (c->mode == MODE_READING)
		on_readable(c);
	else if (c->mode == MODE_LINGERING)
		on_lingering(c);
	else
		watch(c, 0); /* until it reads again: most waits are over before more input comes */
	settle(c);
}

void net_connection_new(struct net_loop *l, const struct accepted *a)
{
	struct net_connection *c = xcalloc(1, sizeof *c);

	if (l->phase != LOOP_RUNNING) {
		net_connection_refuse(l, a);
		free(c);
		return;
	}
	*c = (struct net_connection){
		.loop = l, .protocol = a->protocol, .fd = a->fd, .peer = a->peer
	};
	/* What is kept never reaches this: no more is read than max_unread_bytes. */
	buffer_init(&c->kept, SIZE_MAX);
	c->id = net_slots_take(&l->slots, c);
	counter_add(COUNTER_CONNECTIONS_ACCEPTED, 1);
	counter_add(COUNTER_CONNECTIONS_OPEN, 1);
	c->state = c->protocol->open(c, a->context);
	if (!c->state)
		die(c);
	settle(c);
}

void net_connection_resume(struct net_connection *c)
{
	set_queued(c, false);
	take_answer(c, c->protocol->resume(c->state, &c->loop->out));
	feed_kept(c);
	settle(c);
}

void net_connection_expired(struct wheel_timer *t)
{
	struct net_connection *c =
		(struct net_connection *)(void *)((char *)t -
	                                          offsetof(struct net_connection, timer));

	if (c->unsent.data) {
		counter_add(COUNTER_CONNECTIONS_TIMED_OUT, 1);
		abort_connection(c);
	} else if (c->mode == MODE_LINGERING) {
		die(c);
	} else {
		c->deadline_ms = 0;
		enum net_next next = c->protocol->timer(c->state, &c->loop->out);
		if (next == NET_CLOSE)
			counter_add(COUNTER_CONNECTIONS_TIMED_OUT, 1);
		take_answer(c, next);
		feed_kept(c);
	}
	settle(c);
}

void net_connection_stop(struct net_connection *c, bool now)
{
	if (now)
		die(c);
	settle(c);
}

struct net_loop *net_connection_loop(struct net_connection *c)
{
	return c->loop;
}

static const char *peer_text(const struct peer *p, char text[ADDRESS_TEXT_SIZE])
{
	if (!inet_ntop(p->size == 4 ? AF_INET : AF_INET6, p->address, text, ADDRESS_TEXT_SIZE))
		text[0] = '\0';
	return text;
}

const char *net_connection_address(const struct net_connection *c)
{
	return peer_text(&c->peer, c->loop->peer_text);
}

uint16_t net_connection_port(const struct net_connection *c)
{
	return c->peer.port;
}

const char *net_connection_local_address(const struct net_connection *c)
{
	struct peer local;

	net_peer_local(c->fd, &local);
	return peer_text(&local, c->loop->local_text);
}

uint16_t net_connection_local_port(const struct net_connection *c)
{
	struct peer local;

	net_peer_local(c->fd, &local);
	return local.port;
}

void net_connection_set_deadline(struct net_connection *c, uint64_t mono_ms)
{
	c->deadline_ms = mono_ms;
}

struct net_ticket net_connection_ticket(struct net_connection *c)
{
	return (struct net_ticket){ .loop = c->loop, .id = c->id };
}

struct wake {
	struct post post;
	uint64_t id;
};

static void run_wake(struct net_loop *l, struct post *p)
{
	struct net_connection *c = net_slots_find(&l->slots, ((struct wake *)(void *)p)->id);

	free(p);
	if (!c || c->mode != MODE_WAITING)
		return;
	c->mode = MODE_READY;
	settle(c);
}

void net_wake(struct net_ticket ticket)
{
	struct wake *w = xcalloc(1, sizeof *w);

	*w = (struct wake){ .post.run = run_wake, .id = ticket.id };
	if (!net_loop_post(ticket.loop, &w->post))
		free(w);
}
