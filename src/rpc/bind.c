#include <stdio.h>

#include "rpc/association-private.h"

enum { SMALLEST_FRAGMENT = 2048 };

/* What was seen of Windows: one size for both directions, in steps of 8. */
static uint16_t agreed_fragment(const struct pdu_bind *b)
{
	uint16_t size = b->max_xmit < b->max_recv ? b->max_xmit : b->max_recv;
	if (size > RPC_MAX_FRAGMENT)
		size = RPC_MAX_FRAGMENT;
	if (size < SMALLEST_FRAGMENT)
		size = SMALLEST_FRAGMENT;
	return size & ~UINT16_C(7);
}

static enum rpc_next refuse_alter(struct rpc_association *a, const struct incoming *in,
                                  uint32_t status, struct buffer *out)
{
	struct pdu_fault f = {
		.call_id = in->header.call_id, .status = status, .not_executed = true};
	return rpc_refuse(a, &f, true, out);
}

/* bind_ack or alter_context_resp. Who logs in gets a trailer, even around an empty token. */
static enum rpc_next answer(struct rpc_association *a, struct rpc_work *w, struct buffer *out)
{
	char port[8];
	size_t start = out->size;
	w->ack.max_xmit = w->ack.max_recv = a->max_fragment;
	w->ack.group = a->group->wire_id;
	snprintf(port, sizeof port, "%u", (unsigned)a->service->port);
	w->ack.secondary_address = w->answer_type == PDU_BIND_ACK ? port : "";
	struct pdu_writer pdu = pdu_begin(out, w->answer_type, w->answer_flags, w->answer_call_id);
	pdu_put_bind_ack(out, start, &w->ack);
	if (w->login != NO_SECURITY) {
		const struct security *s = &a->securities[w->login];
		struct pdu_auth auth = {.type = s->type, .level = s->level, .context_id = s->id};
		pdu_put_auth(&pdu, &auth, buffer_slice(&w->token));
	}
	pdu_end(&pdu);
	return RPC_NEXT_READ;
}

static enum rpc_next wait(struct rpc_association *a, struct rpc_work *w, uint64_t now_ms)
{
	a->state = ASSOCIATION_LOGIN;
	a->work = w;
	a->deadline_ms = now_ms + auth_wait_ms(a->securities[w->login].auth);
	return RPC_NEXT_WAIT;
}

/* What the end of a leg means to the peer, by the PDU that brought it. */
static enum rpc_next conclude(struct rpc_association *a, struct rpc_work *w, enum login how,
                              uint64_t now_ms, struct buffer *out)
{
	if (how == LOGIN_WAITS)
		return wait(a, w, now_ms);
	if (how == LOGIN_GOES_ON)
		return w->answer_type ? answer(a, w, out) : RPC_NEXT_READ;
	const struct login_refusal *refusal = rpc_login_refusal(how);
	if (w->answer_type == PDU_BIND_ACK)
		return rpc_refuse_bind(a, w->answer_call_id, refusal->nak, out);
	bool alter = w->answer_type == PDU_ALTER_RESPONSE;
	/* A failed auth3 is told by the fault of the next request: MS-RPCE 3.3.1.5.2.1. */
	if (!alter && how == LOGIN_FAILED)
		return RPC_NEXT_READ;
	struct pdu_fault f = {.call_id = w->answer_call_id,
	                      .status = alter ? refusal->alter : refusal->auth3,
	                      .not_executed = true};
	return rpc_refuse(a, &f, true, out);
}

static enum rpc_next login(struct rpc_association *a, struct incoming *in, struct buffer *out)
{
	bool may_start = in->work->answer_type != 0;
	enum login how = in->auth.offset ? rpc_login(a, in, may_start) : LOGIN_GOES_ON;
	return conclude(a, in->work, how, in->now_ms, out);
}

static void prepare_answer(struct rpc_association *a, const struct incoming *in, uint8_t type,
                           uint8_t echoed_flags)
{
	struct rpc_work *w = in->work;
	w->answer_type = type;
	w->answer_flags = PFC_FIRST | PFC_LAST | (in->header.flags & echoed_flags);
	w->answer_call_id = in->header.call_id;
	w->login = NO_SECURITY;
	if (in->header.flags & echoed_flags & PFC_HEADER_SIGN)
		a->header_sign = true;
}

enum rpc_next rpc_bind(struct rpc_association *a, struct incoming *in, struct buffer *out)
{
	struct pdu_bind b;
	struct rpc_work *w = in->work;
	uint32_t call_id = in->header.call_id;
	if (a->state != ASSOCIATION_NEW)
		return rpc_refuse_bind(a, call_id, NAK_NOT_SPECIFIED, out);
	if (!in->auth_valid || !pdu_read_bind(&in->header, incoming_body(in), &w->arena, &b))
		return rpc_refuse_bind(a, call_id, NAK_PROTOCOL, out);
	if (!rpc_contexts_valid(&b))
		return rpc_refuse_bind(a, call_id, NAK_NOT_SPECIFIED, out);
	a->group = rpc_group_join(a->service, b.group, a->peer.client);
	if (!a->group || !rpc_negotiate(a, &b, true, &w->arena, &w->ack))
		return rpc_refuse_bind(a, call_id, NAK_NOT_SPECIFIED, out);
	a->max_fragment = agreed_fragment(&b);
	a->conc_mpx = in->header.flags & PFC_CONC_MPX;
	a->state = ASSOCIATION_BOUND;
	prepare_answer(a, in, PDU_BIND_ACK, PFC_HEADER_SIGN | PFC_CONC_MPX);
	return login(a, in, out);
}

enum rpc_next rpc_alter(struct rpc_association *a, struct incoming *in, struct buffer *out)
{
	struct pdu_bind b;
	struct rpc_work *w = in->work;
	if (a->state != ASSOCIATION_BOUND || !in->auth_valid ||
	    !pdu_read_bind(&in->header, incoming_body(in), &w->arena, &b) ||
	    !rpc_contexts_valid(&b))
		return refuse_alter(a, in, RPC_FAULT_PROTO_ERROR, out);
	if (in->auth.offset && in->auth.type == AUTH_TYPE_NONE)
		return refuse_alter(a, in, RPC_FAULT_ACCESS_DENIED, out);
	if (!rpc_negotiate(a, &b, false, &w->arena, &w->ack))
		return refuse_alter(a, in, RPC_FAULT_PROTO_ERROR, out);
	prepare_answer(a, in, PDU_ALTER_RESPONSE, PFC_HEADER_SIGN);
	return login(a, in, out);
}

enum rpc_next rpc_auth3(struct rpc_association *a, struct incoming *in, struct buffer *out)
{
	if (a->state != ASSOCIATION_BOUND)
		return refuse_alter(a, in, RPC_FAULT_PROTO_ERROR, out);
	/* Windows has this status for a trailer that does not fit, but only here. */
	if (!in->auth_valid || !in->auth.offset)
		return refuse_alter(a, in, RPC_FAULT_NO_MEMORY, out);
	prepare_answer(a, in, 0, 0);
	return login(a, in, out);
}

enum rpc_next rpc_login_resume(struct rpc_association *a, uint64_t now_ms, struct buffer *out)
{
	struct rpc_work *w = a->work;
	a->state = ASSOCIATION_BOUND;
	a->work = NULL;
	a->deadline_ms = 0;
	enum rpc_next next = conclude(a, w, rpc_login_go_on(a, w), now_ms, out);
	if (a->work != w)
		rpc_work_give(a, w);
	return next;
}
