#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/tls-private.h"

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

bool net_output_waits(const struct net_connection *c)
{
	return c->pending && c->pending->unsent.data;
}

static void renew_write_deadline(struct net_connection *c)
{
	c->pending->io_deadline_ms = clock_mono_ms() + c->loop->limits.write_timeout_ms;
}

/* A client that does not read must not make the process grow, nor many of them together. */
static void keep_unsent(struct net_connection *c, struct slice rest)
{
	struct net_loop *l = c->loop;

	if (!net_budget_take(&l->net->unsent, rest.size, l->limits.max_unsent_bytes)) {
		log_debug("%s: too much is not read by clients, a connection is closed",
		          c->protocol->name);
		counter_add(COUNTER_CONNECTIONS_OVER_BUDGET, 1);
		net_connection_die(c);
		return;
	}
	struct pending *p = net_pending(c);
	p->unsent.size = rest.size;
	p->unsent.sent = 0;
	p->unsent.data = xmemdup(rest.data, rest.size);
	renew_write_deadline(c);
}

/* What goes to the socket; NULL: it cannot be sent. */
static struct buffer *seal(struct net_connection *c)
{
	struct net_loop *l = c->loop;

	if (l->out.failed) {
		log_debug("%s: an answer is larger than %zu bytes, the connection is closed",
		          c->protocol->name, l->out.limit);
		return NULL;
	}
	if (!c->tls)
		return &l->out;
	if (!net_tls_seal(c->tls, buffer_slice(&l->out), &l->sealed))
		return NULL;
	if (c->mode == MODE_CLOSING)
		net_tls_close(c->tls, &l->sealed);
	return &l->sealed;
}

void net_output_send(struct net_connection *c)
{
	const struct buffer *out = seal(c);
	size_t sent = 0;

	if (!out) {
		net_connection_die(c);
	} else if (!send_some(c, out->data, out->size, &sent)) {
		net_connection_die(c);
	} else if (sent < out->size) {
		keep_unsent(c, slice_of(out->data + sent, out->size - sent));
	}
	net_loop_output_done(c->loop);
}

bool net_output_continue(struct net_connection *c)
{
	struct pending *p = c->pending;
	size_t sent = 0;

	if (!send_some(c, p->unsent.data + p->unsent.sent, p->unsent.size - p->unsent.sent,
	               &sent)) {
		net_connection_die(c);
		return false;
	}
	p->unsent.sent += sent;
	if (sent)
		renew_write_deadline(c);
	if (p->unsent.sent < p->unsent.size)
		return false;
	net_output_drop(c);
	return true;
}

void net_output_drop(struct net_connection *c)
{
	struct pending *p = c->pending;

	if (!net_output_waits(c))
		return;
	net_budget_give(&c->loop->net->unsent, p->unsent.size);
	free(p->unsent.data);
	p->unsent.data = NULL;
}
