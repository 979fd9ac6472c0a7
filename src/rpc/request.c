#include "rpc/association-private.h"

/* Why a fragment is not taken. status 0: it is. */
struct refusal {
	uint32_t status;
	bool not_executed, stay;
};

static enum rpc_next refuse(struct rpc_association *a, const struct request *r, struct refusal why,
                            struct buffer *out)
{
	struct pdu_fault f = {.call_id = r->call_id,
	                      .context_id = r->context_id,
	                      .status = why.status,
	                      .not_executed = why.not_executed};
	return rpc_refuse(a, &f, !why.stay, out);
}

/* A fault that names no presentation context. */
static enum rpc_next refuse_bare(struct rpc_association *a, uint32_t call_id, struct refusal why,
                                 struct buffer *out)
{
	struct request r = {.call_id = call_id};
	return refuse(a, &r, why, out);
}

static bool unprotect(const struct incoming *in, const struct pdu_request *q,
                      const struct security *s)
{
	if (s->level == AUTH_LEVEL_CONNECT)
		return true;
	size_t size = in->auth.offset + PDU_TRAILER_SIZE;
	return auth_unprotect(s->auth, in->bytes, size, q->stub_offset,
	                      in->auth.offset - q->stub_offset, in->auth.token) == 0;
}

/* Which security context a call speaks for. The first fragment's trailer says it; without one, what
 * is implied. */
static uint32_t admit(struct rpc_association *a, const struct incoming *in,
                      const struct pdu_request *q, struct request *r)
{
	if (!in->auth.offset) {
		r->security = a->implied;
		bool failed = a->security_count > 0 && a->securities[0].state == SECURITY_FAILED;
		return failed ? RPC_FAULT_ACCESS_DENIED : 0;
	}
	const struct security *s = rpc_security_find(a, in->auth.context_id);
	if (!s || s->state != SECURITY_READY || s->type != in->auth.type ||
	    s->level != in->auth.level)
		return RPC_FAULT_ACCESS_DENIED;
	a->implied = NO_SECURITY;
	if (s->level == AUTH_LEVEL_CONNECT)
		a->explicit_connect = true;
	r->security = (int16_t)(s - a->securities);
	r->secured = true;
	return unprotect(in, q, s) ? 0 : RPC_FAULT_SEC_PKG;
}

/* Later fragments belong to the first one's security context, whatever their trailer says. */
static uint32_t admit_later(struct rpc_association *a, const struct incoming *in,
                            const struct pdu_request *q, const struct request *r)
{
	if (memcmp(in->header.drep, r->drep, sizeof r->drep) != 0)
		return RPC_FAULT_PROTO_ERROR;
	if (!r->secured)
		return in->auth.offset ? RPC_FAULT_ACCESS_DENIED : 0;
	if (!in->auth.offset)
		return RPC_FAULT_PROTO_ERROR;
	return unprotect(in, q, &a->securities[r->security]) ? 0 : RPC_FAULT_SEC_PKG;
}

static enum rpc_next answer(struct rpc_association *a, struct rpc_work *w, struct buffer *out)
{
	if (w->call.fault == 0 && w->stub.failed)
		w->call.fault = RPC_FAULT_OUT_ARGS_TOO_BIG;
	if (w->call.fault == 0) {
		rpc_write_response(a, w, out);
		return RPC_NEXT_READ;
	}
	struct refusal why = {.status = w->call.fault,
	                      .not_executed = w->call.fault == RPC_FAULT_OP_RANGE,
	                      .stay = true};
	return refuse(a, &w->request, why, out);
}

/* After each slice of a call: answers it, or parks it in the association. */
static enum rpc_next settle(struct rpc_association *a, struct rpc_work *w, enum rpc_run run,
                            struct buffer *out)
{
	if (run == RPC_DONE) {
		a->state = ASSOCIATION_BOUND;
		a->work = NULL;
		return answer(a, w, out);
	}
	a->state = ASSOCIATION_CALLING;
	a->work = w;
	a->parked = run == RPC_YIELD ? RPC_NEXT_RESUME : RPC_NEXT_WAIT;
	return a->parked;
}

static const struct rpc_binding *binding_of(const struct rpc_association *a,
                                            const struct rpc_work *w)
{
	return &a->service->bindings[w->request.binding];
}

static enum rpc_next dispatch(struct rpc_association *a, struct rpc_work *w,
                              const struct request *r, struct slice stub, struct buffer *out)
{
	w->request = *r;
	const struct rpc_binding *b = binding_of(a, w);
	if (!rpc_verify_trailer(a, r, &stub))
		return refuse(a, r, (struct refusal){RPC_FAULT_ACCESS_DENIED, .not_executed = true},
		              out);
	if (r->opnum >= b->interface->opnum_count)
		return refuse(a, r, (struct refusal){RPC_FAULT_OP_RANGE, true, true}, out);
	struct pdu_header h = {0};
	memcpy(h.drep, r->drep, sizeof h.drep);
	w->call = (struct rpc_call){
		.arena = &w->arena,
		.opnum = r->opnum,
		.stub = stub,
		.big_endian = pdu_big_endian(&h),
		.principal = rpc_security_principal(a, r->security),
		.level = rpc_security_level(a, r->security),
		.group = a->group->id,
		.service = a->service,
		.peer = &a->peer,
		.out = &w->stub,
	};
	return settle(a, w, b->interface->start(b->context, &w->call), out);
}

static enum rpc_next join(struct rpc_association *a, struct incoming *in,
                          const struct pdu_request *q, struct buffer *out)
{
	struct request r = a->joining->request;
	uint32_t status = rpc_joining_add(a, q);
	bool last = in->header.flags & PFC_LAST;
	if (a->joining->refused && last)
		rpc_joining_drop(a);
	if (status == RPC_FAULT_TOO_BUSY)
		return refuse(a, &r, (struct refusal){status, true, true}, out);
	if (status)
		return refuse(a, &r, (struct refusal){status}, out);
	if (!a->joining || !last)
		return RPC_NEXT_READ;
	rpc_joining_finish(a, in->work);
	return dispatch(a, in->work, &r, buffer_slice(&in->work->joined), out);
}

static enum rpc_next later_fragment(struct rpc_association *a, struct incoming *in,
                                    const struct pdu_request *q, struct buffer *out)
{
	const struct request *r = &a->joining->request;
	uint32_t status = RPC_FAULT_PROTO_ERROR;
	if (in->header.call_id != r->call_id) {
		/* Fragments of two calls are never mixed; whom the fault names depends on what was
		 * agreed. */
		if (a->conc_mpx)
			return refuse_bare(a, in->header.call_id, (struct refusal){status}, out);
		return refuse(a, r, (struct refusal){status}, out);
	}
	status = admit_later(a, in, q, r);
	if (status == 0 && (in->header.flags & PFC_FIRST))
		status = RPC_FAULT_PROTO_ERROR;
	if (status)
		return refuse(a, r, (struct refusal){status}, out);
	return join(a, in, q, out);
}

static enum rpc_next start_request(struct rpc_association *a, struct incoming *in,
                                   const struct pdu_request *q, const struct presentation *p,
                                   struct buffer *out)
{
	struct request r = {.call_id = in->header.call_id,
	                    .context_id = q->context_id,
	                    .opnum = q->opnum,
	                    .binding = p->binding,
	                    .security = NO_SECURITY};
	memcpy(r.drep, in->header.drep, sizeof r.drep);
	uint32_t status = admit(a, in, q, &r);
	if (status == 0 && !(in->header.flags & PFC_FIRST))
		status = RPC_FAULT_PROTO_ERROR;
	if (status == 0 && q->stub.size > a->service->limits->max_request_bytes)
		status = RPC_FAULT_ACCESS_DENIED;
	if (status)
		return refuse(a, &r, (struct refusal){status}, out);
	if (in->header.flags & PFC_LAST)
		return dispatch(a, in->work, &r, q->stub, out);
	rpc_joining_start(a, &r);
	return join(a, in, q, out);
}

static enum rpc_next first_fragment(struct rpc_association *a, struct incoming *in,
                                    const struct pdu_request *q, struct buffer *out)
{
	bool first = in->header.flags & PFC_FIRST;
	struct refusal why = {0};
	const struct presentation *p = rpc_presentation_find(a, q->context_id);
	if (first && (in->header.flags & PFC_PENDING_CANCEL))
		why = (struct refusal){RPC_FAULT_NO_CALL_ACTIVE, .not_executed = true};
	else if (!first && !a->conc_mpx)
		why = (struct refusal){RPC_FAULT_PROTO_ERROR};
	else if (!p)
		why = (struct refusal){RPC_FAULT_UNKNOWN_IF, .not_executed = true, .stay = true};
	else
		return start_request(a, in, q, p, out);
	return refuse_bare(a, in->header.call_id, why, out);
}

/* The context that the trailer names, or the first one of a connection that logs in. */
static bool login_unfinished(struct rpc_association *a, const struct incoming *in)
{
	const struct security *s = in->auth.offset   ? rpc_security_find(a, in->auth.context_id)
	                         : a->security_count ? &a->securities[0]
	                                             : NULL;
	return s && s->state == SECURITY_STARTED;
}

enum rpc_next rpc_request(struct rpc_association *a, struct incoming *in, struct buffer *out)
{
	struct pdu_request q;
	if (a->state != ASSOCIATION_BOUND || !in->auth_valid ||
	    !pdu_read_request(&in->header, incoming_pdu(in), &in->auth, &q) ||
	    login_unfinished(a, in))
		return refuse_bare(a, in->header.call_id,
		                   (struct refusal){RPC_FAULT_PROTO_ERROR, true}, out);
	return a->joining ? later_fragment(a, in, &q, out) : first_fragment(a, in, &q, out);
}

enum rpc_next rpc_call_resume(struct rpc_association *a, struct buffer *out)
{
	struct rpc_work *w = a->work;
	const struct rpc_binding *b = binding_of(a, w);
	enum rpc_next next = settle(a, w, b->interface->resume(b->context, &w->call), out);
	if (a->work != w)
		rpc_work_give(a, w);
	return next;
}

void rpc_call_cancel(struct rpc_association *a)
{
	const struct rpc_binding *b = binding_of(a, a->work);
	if (b->interface->cancel)
		b->interface->cancel(b->context, &a->work->call);
}
