#include <assert.h>
#include <stdlib.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "rpc/association-private.h"

static uint64_t later(uint64_t now_ms, uint32_t timeout_ms)
{
	return timeout_ms ? now_ms + timeout_ms : 0;
}

struct rpc_association *rpc_association_new(const struct rpc_service *service,
                                            struct rpc_scratch *scratch,
                                            const struct rpc_peer *peer, uint64_t now_ms)
{
	assert(service->binding_count <= UINT8_MAX);
	struct rpc_association *a = xmalloc(sizeof *a);
	*a = (struct rpc_association){
		.service = service,
		.scratch = scratch,
		.peer = *peer,
		.state = ASSOCIATION_NEW,
		.implied = NO_SECURITY,
		.active_ms = now_ms,
		.deadline_ms = later(now_ms, service->limits->bind_timeout_ms),
		.presentations = a->few_presentations,
		.securities = &a->first_security,
	};
	return a;
}

void rpc_association_free(struct rpc_association *a)
{
	if (!a)
		return;
	if (a->state == ASSOCIATION_CALLING)
		rpc_call_cancel(a);
	if (a->work)
		rpc_work_give(a, a->work);
	rpc_joining_drop(a);
	rpc_securities_free(a);
	rpc_presentations_free(a);
	rpc_group_leave(a->group);
	free(a);
}

void *rpc_association_driver(const struct rpc_association *a)
{
	return a->peer.driver;
}

const char *rpc_client_text(const struct rpc_association *a, char text[ADDRESS_TEXT_SIZE])
{
	return address_text(a->peer.client, text);
}

enum rpc_next rpc_refuse(struct rpc_association *a, const struct pdu_fault *fault, bool close,
                         struct buffer *out)
{
	char client[ADDRESS_TEXT_SIZE];
	pdu_write_fault(out, fault);
	counter_add(COUNTER_FAULTS_SENT, 1);
	log_debug("fault status=0x%08x call=%u closing=%d client=%s", fault->status, fault->call_id,
	          close, rpc_client_text(a, client));
	return close ? RPC_NEXT_CLOSE : RPC_NEXT_READ;
}

enum rpc_next rpc_refuse_bind(struct rpc_association *a, uint32_t call_id, uint16_t reason,
                              struct buffer *out)
{
	char client[ADDRESS_TEXT_SIZE];
	pdu_write_bind_nak(out, call_id, reason);
	log_debug("bind refused reason=%u client=%s", reason, rpc_client_text(a, client));
	return RPC_NEXT_CLOSE;
}

/* Windows ignores both, and so does Samba: a call is over when its answer has been sent. */
static enum rpc_next ignore(struct rpc_association *a, struct incoming *in, struct buffer *out)
{
	(void)a;
	(void)in;
	(void)out;
	return RPC_NEXT_READ;
}

static const struct pdu_kind {
	uint8_t type;
	uint16_t max_size; /* PDUs with Kerberos tokens are longer than fragments */
	enum rpc_next (*handle)(struct rpc_association *a, struct incoming *in, struct buffer *out);
} kinds[] = {
	{PDU_REQUEST,   RPC_MAX_FRAGMENT, rpc_request},
	{PDU_BIND,      RPC_MAX_PDU,      rpc_bind   },
	{PDU_ALTER,     RPC_MAX_PDU,      rpc_alter  },
	{PDU_AUTH3,     RPC_MAX_PDU,      rpc_auth3  },
	{PDU_CO_CANCEL, RPC_MAX_FRAGMENT, ignore     },
	{PDU_ORPHANED,  RPC_MAX_FRAGMENT, ignore     },
};

static const struct pdu_kind *kind_of(uint8_t type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

/* What is no PDU of ours is not answered, but for a bind, whose sender may learn our version. */
static enum rpc_next refuse_malformed(struct rpc_association *a, const struct pdu_header *h,
                                      struct buffer *out)
{
	char client[ADDRESS_TEXT_SIZE];
	counter_add(COUNTER_PDUS_MALFORMED, 1);
	log_debug("malformed PDU type=%u client=%s", h->type, rpc_client_text(a, client));
	if (h->type == PDU_BIND && a->state == ASSOCIATION_NEW)
		return rpc_refuse_bind(a, h->call_id, NAK_PROTOCOL, out);
	return RPC_NEXT_CLOSE;
}

static enum rpc_next take_pdu(struct rpc_association *a, const struct pdu_kind *kind,
                              const struct pdu_header *h, const uint8_t *bytes, uint64_t now_ms,
                              struct buffer *out)
{
	struct rpc_work *w = rpc_work_take(a);
	struct incoming in = {.header = *h, .work = w, .now_ms = now_ms};
	counter_add(COUNTER_PDUS_IN, 1);
	/* A copy, because it is unsealed in place, and outlives the input when the call yields. */
	in.bytes = arena_alloc_raw(&w->arena, h->size);
	memcpy(in.bytes, bytes, h->size);
	in.auth_valid = pdu_read_auth(h, incoming_pdu(&in), &in.auth);
	if (!in.auth_valid)
		counter_add(COUNTER_PDUS_MALFORMED, 1);
	enum rpc_next next = kind->handle(a, &in, out);
	if (a->work != w)
		rpc_work_give(a, w);
	return next;
}

/* A PDU that is too long is read to its end before it is refused: the refusal would be lost in the
 * reset that closing with unread input makes. */
static enum rpc_next skip(struct rpc_association *a, struct slice data, size_t *taken,
                          struct buffer *out)
{
	*taken = data.size < a->skip_left ? data.size : a->skip_left;
	a->skip_left -= (uint16_t)*taken;
	if (a->skip_left > 0)
		return RPC_NEXT_READ;
	counter_add(COUNTER_PDUS_MALFORMED, 1);
	struct pdu_fault f = {.call_id = a->skip_call_id, .status = RPC_FAULT_PROTO_ERROR};
	return rpc_refuse(a, &f, true, out);
}

/* The next PDU in data; *taken stays 0 when it is not there as a whole. */
static enum rpc_next take_next(struct rpc_association *a, struct slice data, size_t *taken,
                               uint64_t now_ms, struct buffer *out)
{
	if (a->state == ASSOCIATION_SKIPPING)
		return skip(a, data, taken, out);
	struct pdu_header h;
	size_t size = rpc_pdu_size(data);
	if (size == 0 || !pdu_read_header(data, &h))
		return RPC_NEXT_READ;
	const struct pdu_kind *kind = kind_of(h.type);
	if (size == SIZE_MAX || !kind)
		return refuse_malformed(a, &h, out);
	if (size > kind->max_size) {
		a->state = ASSOCIATION_SKIPPING;
		a->skip_call_id = h.call_id;
		a->skip_left = h.size;
		return skip(a, data, taken, out);
	}
	if (data.size < size)
		return RPC_NEXT_READ;
	*taken = size;
	return take_pdu(a, kind, &h, data.data, now_ms, out);
}

/* When a connection has been silent for too long, as things stand; 0: never. */
static uint64_t due_ms(const struct rpc_association *a)
{
	const struct rpc_limits *limits = a->service->limits;
	if (a->state != ASSOCIATION_BOUND && a->state != ASSOCIATION_CALLING)
		return a->deadline_ms;
	if (a->unfinished_logins > 0)
		return later(a->login_since_ms, limits->auth_timeout_ms);
	return later(a->active_ms, limits->idle_timeout_ms);
}

/* A deadline is not moved away by every call: it comes too early, and then the timer looks again.
 */
static void set_deadline(struct rpc_association *a)
{
	uint64_t due = due_ms(a);
	if (a->deadline_ms == 0 || (due && due < a->deadline_ms))
		a->deadline_ms = due;
}

static enum rpc_next done(struct rpc_association *a, enum rpc_next next, const struct buffer *out)
{
	if (out->failed)
		next = RPC_NEXT_CLOSE;
	if (next == RPC_NEXT_CLOSE && a->state != ASSOCIATION_CALLING)
		a->state = ASSOCIATION_CLOSED;
	set_deadline(a);
	return next;
}

/* What a driver is told that asks although nothing may be done now. */
static enum rpc_next standing(const struct rpc_association *a)
{
	switch ((enum association_state)a->state) {
	case ASSOCIATION_CALLING: return a->parked;
	case ASSOCIATION_LOGIN: return RPC_NEXT_WAIT;
	case ASSOCIATION_CLOSED: return RPC_NEXT_CLOSE;
	case ASSOCIATION_NEW:
	case ASSOCIATION_BOUND:
	case ASSOCIATION_SKIPPING: break;
	}
	return RPC_NEXT_READ;
}

enum rpc_next rpc_association_input(struct rpc_association *a, struct slice data, size_t *consumed,
                                    uint64_t now_ms, struct buffer *out)
{
	enum rpc_next next = standing(a);
	*consumed = 0;
	while (next == RPC_NEXT_READ && *consumed < data.size && !out->failed) {
		size_t taken = 0;
		struct slice rest = slice_of(data.data + *consumed, data.size - *consumed);
		next = take_next(a, rest, &taken, now_ms, out);
		if (taken == 0)
			break;
		*consumed += taken;
		a->active_ms = now_ms;
	}
	return done(a, next, out);
}

enum rpc_next rpc_association_resume(struct rpc_association *a, uint64_t now_ms, struct buffer *out)
{
	if (a->state != ASSOCIATION_CALLING)
		return standing(a);
	a->active_ms = now_ms;
	return done(a, rpc_call_resume(a, out), out);
}

uint64_t rpc_association_deadline(const struct rpc_association *a)
{
	return a->deadline_ms;
}

/* A bound connection may be silent for as long as it holds a session (MS-NSPI 3.1.2 knows no
 * timers), but not in the middle of a request. */
static bool may_stay(const struct rpc_association *a)
{
	if (a->state == ASSOCIATION_CALLING)
		return true;
	if (a->state != ASSOCIATION_BOUND || a->unfinished_logins > 0 || a->joining)
		return false;
	return rpc_group_holds(a->group) > 0;
}

enum rpc_next rpc_association_timer(struct rpc_association *a, uint64_t now_ms, struct buffer *out)
{
	a->deadline_ms = due_ms(a);
	if (a->deadline_ms == 0 || now_ms < a->deadline_ms || a->state == ASSOCIATION_CLOSED)
		return standing(a);
	if (a->state == ASSOCIATION_LOGIN)
		return done(a, rpc_login_resume(a, now_ms, out), out);
	if (may_stay(a)) {
		a->deadline_ms = later(now_ms, a->service->limits->idle_timeout_ms);
		return standing(a);
	}
	char client[ADDRESS_TEXT_SIZE];
	counter_add(COUNTER_CONNECTIONS_TIMED_OUT, 1);
	log_debug("connection timed out client=%s", rpc_client_text(a, client));
	return done(a, RPC_NEXT_CLOSE, out);
}
