#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/tls-private.h"

enum {
	LINGER_MS = 1000,
	TURN_MESSAGES = 16, /* of one connection, then others have theirs */
};

void net_connection_die(struct net_connection *c)
{
	c->mode = MODE_DEAD;
}

/* Nothing of it is worth sending any more: let the kernel forget it at once. */
static void abort_connection(struct net_connection *c)
{
	const struct linger now = {.l_onoff = 1, .l_linger = 0};

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	net_connection_die(c);
}

static void leave_protocol(struct net_connection *c)
{
	if (c->state)
		c->protocol->close(c->state);
	c->state = NULL;
	c->deadline_ms = 0;
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
	net_output_send(c);
}

/* Makes kept what is left of data, which is all of kept's content or none of it. */
static void keep(struct net_connection *c, struct slice data, size_t taken)
{
	size_t kept = net_kept(c).size;
	bool over = c->mode == MODE_CLOSING || c->mode == MODE_DEAD;

	if (kept)
		net_kept_drop(c, over ? kept : taken);
	else if (!over && taken < data.size)
		net_kept_add(c, slice_of(data.data + taken, data.size - taken));
	net_kept_account(c);
}

static void feed(struct net_connection *c, struct slice data)
{
	size_t taken = 0, consumed = 0;
	int turn = 0;

	do {
		struct slice rest = slice_of(data.data + taken, data.size - taken);
		consumed = 0;
		enum net_next next = c->protocol->input(c->state, rest, &consumed, &c->loop->out);
		taken += consumed;
		take_answer(c, next);
	} while (c->mode == MODE_READING && !net_output_waits(c) && consumed && taken < data.size &&
	         ++turn < TURN_MESSAGES);
	if (c->mode == MODE_READING && turn == TURN_MESSAGES)
		c->mode = MODE_BACKLOG;
	keep(c, data, taken);
}

/* Input that came in while the protocol or the socket was busy. */
static void feed_kept(struct net_connection *c)
{
	if (c->mode == MODE_BACKLOG)
		c->mode = MODE_READING;
	if (c->mode == MODE_READING && !net_output_waits(c) && net_kept(c).size)
		feed(c, net_kept(c));
}

static void take_input(struct net_connection *c, struct slice data)
{
	if (net_kept(c).size) {
		net_kept_add(c, data);
		data = net_kept(c);
	}
	if (net_output_waits(c))
		keep(c, data, 0);
	else
		feed(c, data);
}

/* TLS may have to answer before there is any text, and when it fails. */
static void take_sealed(struct net_connection *c, struct slice data)
{
	struct net_loop *l = c->loop;

	buffer_clear(&l->plain);
	enum tls_result result = net_tls_open(c->tls, data, &l->plain, &l->sealed);
	net_output_send(c);
	if (l->plain.size && c->mode == MODE_READING)
		take_input(c, buffer_slice(&l->plain));
	if (result == TLS_FAILED)
		net_connection_die(c);
}

static void on_readable(struct net_connection *c)
{
	struct net_loop *l = c->loop;
	size_t kept = net_kept(c).size;
	size_t room = l->limits.max_unread_bytes > kept ? l->limits.max_unread_bytes - kept : 0;

	if (room == 0) {
		log_debug("%s: more than %u bytes are no whole message, the connection is closed",
		          c->protocol->name, l->limits.max_unread_bytes);
		net_connection_die(c);
		return;
	}
	ssize_t n =
		recv(c->fd, l->read_buffer, room < READ_BUFFER_SIZE ? room : READ_BUFFER_SIZE, 0);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n <= 0) {
		net_connection_die(c);
		return;
	}
	counter_add(COUNTER_BYTES_IN, n);
	struct slice data = slice_of(l->read_buffer, (size_t)n);
	if (!c->tls)
		take_input(c, data);
	else
		take_sealed(c, data);
}

static void on_lingering(struct net_connection *c)
{
	ssize_t n = recv(c->fd, c->loop->read_buffer, READ_BUFFER_SIZE, 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
		net_connection_die(c);
}

static void on_writable(struct net_connection *c)
{
	if (net_output_continue(c))
		feed_kept(c);
}

static void give_back_place(struct net_loop *l, const struct address *p)
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
	wheel_cancel(&c->timer);
	close(c->fd);
	net_slots_release(&c->loop->slots, c->id);
	give_back_place(c->loop, &c->peer);
	counter_add(COUNTER_CONNECTIONS_OPEN, -1);
	net_pending_free(c);
	net_tls_stream_free(c->tls);
	free(c);
}

static void begin_lingering(struct net_connection *c)
{
	c->mode = MODE_LINGERING;
	net_pending(c)->io_deadline_ms = clock_mono_ms() + LINGER_MS;
	if (shutdown(c->fd, SHUT_WR))
		net_connection_die(c);
}

static enum watch to_watch(const struct net_connection *c)
{
	if (net_output_waits(c))
		return WATCH_ROOM;
	switch ((enum mode)c->mode) {
	case MODE_READING:
	case MODE_LINGERING: return WATCH_INPUT;
	case MODE_BACKLOG:
	case MODE_READY:
	case MODE_WAITING:
	case MODE_CLOSING:
	case MODE_DEAD: break;
	}
	return c->watched == WATCH_INPUT ? WATCH_INPUT : WATCH_NOTHING;
}

static void update_timer(struct net_connection *c)
{
	bool io = net_output_waits(c) || c->mode == MODE_LINGERING;

	net_loop_set_timer(c->loop, &c->timer, io ? c->pending->io_deadline_ms : c->deadline_ms);
}

/* The end of whatever happened to a connection: it gets the events, turns and deadline of its mode,
 * or is freed. */
void net_connection_settle(struct net_connection *c)
{
	if (c->mode == MODE_READING && !net_output_waits(c) && c->tls && net_tls_ended(c->tls))
		take_answer(c, NET_CLOSE);
	if (c->mode == MODE_CLOSING && !net_output_waits(c))
		begin_lingering(c);
	if (c->mode == MODE_READING && !net_output_waits(c) && c->loop->phase != LOOP_RUNNING)
		net_connection_die(c);
	if (c->mode == MODE_DEAD || !net_watch(c, to_watch(c))) {
		free_connection(c);
		return;
	}
	bool wants_turn = c->mode == MODE_READY || c->mode == MODE_BACKLOG;
	net_set_queued(c, wants_turn && !net_output_waits(c));
	update_timer(c);
	net_pending_settle(c);
}

void net_connection_ready(struct net_connection *c)
{
	if (c->watched == WATCH_ROOM)
		on_writable(c);
	else if (c->mode == MODE_READING)
		on_readable(c);
	else if (c->mode == MODE_LINGERING)
		on_lingering(c);
	else
		net_watch(c, WATCH_NOTHING); /* until it reads again: most waits are over before
		                                more input comes */
	net_connection_settle(c);
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
		.loop = l, .protocol = a->protocol, .fd = a->fd, .peer = a->peer};
	c->id = net_slots_take(&l->slots, c);
	counter_add(COUNTER_CONNECTIONS_ACCEPTED, 1);
	counter_add(COUNTER_CONNECTIONS_OPEN, 1);
	c->tls = a->tls ? net_tls_accept(a->tls) : NULL;
	if (!a->tls || c->tls)
		c->state = c->protocol->open(c, a->context);
	if (!c->state)
		net_connection_die(c);
	net_connection_settle(c);
}

void net_connection_resume(struct net_connection *c)
{
	net_set_queued(c, false);
	if (c->mode == MODE_READY)
		take_answer(c, c->protocol->resume(c->state, &c->loop->out));
	feed_kept(c);
	net_connection_settle(c);
}

void net_connection_woken(struct net_connection *c)
{
	if (c->mode != MODE_WAITING)
		return;
	c->mode = MODE_READY;
	net_connection_settle(c);
}

void net_connection_expired(struct wheel_timer *t)
{
	struct net_connection *c =
		(struct net_connection *)(void *)((char *)t -
	                                          offsetof(struct net_connection, timer));

	if (net_output_waits(c)) {
		counter_add(COUNTER_CONNECTIONS_TIMED_OUT, 1);
		abort_connection(c);
	} else if (c->mode == MODE_LINGERING) {
		net_connection_die(c);
	} else {
		c->deadline_ms = 0;
		take_answer(c, c->protocol->timer(c->state, &c->loop->out));
		feed_kept(c);
	}
	net_connection_settle(c);
}

void net_connection_stop(struct net_connection *c, bool now)
{
	if (now)
		net_connection_die(c);
	net_connection_settle(c);
}

struct net_loop *net_connection_loop(struct net_connection *c)
{
	return c->loop;
}

void net_connection_set_deadline(struct net_connection *c, uint64_t mono_ms)
{
	c->deadline_ms = mono_ms;
	update_timer(c);
}
