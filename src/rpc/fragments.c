#include <stdlib.h>

#include "base/memory.h"
#include "rpc/association-private.h"

void rpc_joining_start(struct rpc_association *a, const struct request *r)
{
	a->joining = xcalloc(1, sizeof *a->joining);
	a->joining->request = *r;
	buffer_init(&a->joining->stub, a->service->limits->max_request_bytes);
}

/* Accounts for the memory that the buffer has grown to, not only for what is in it. */
static bool reserve(struct rpc_association *a, struct joining *j)
{
	size_t more = j->stub.capacity - j->reserved;
	if (more > 0 && !rpc_budget_take(a->service->groups, more))
		return false;
	j->reserved += more;
	return true;
}

static void release(struct rpc_association *a, struct joining *j)
{
	buffer_free(&j->stub);
	if (j->reserved)
		rpc_budget_give(a->service->groups, j->reserved);
	j->reserved = 0;
}

uint32_t rpc_joining_add(struct rpc_association *a, const struct pdu_request *q)
{
	struct joining *j = a->joining;
	if (j->refused)
		return 0;
	size_t left = j->stub.limit - j->stub.size;
	if (q->alloc_hint > left || q->stub.size > left)
		return RPC_FAULT_ACCESS_DENIED;
	buffer_put(&j->stub, q->stub.data, q->stub.size);
	if (reserve(a, j))
		return 0;
	release(a, j);
	j->refused = true;
	return RPC_FAULT_TOO_BUSY;
}

void rpc_joining_finish(struct rpc_association *a, struct rpc_work *w)
{
	w->joined = a->joining->stub;
	w->reserved = a->joining->reserved;
	free(a->joining);
	a->joining = NULL;
}

void rpc_joining_drop(struct rpc_association *a)
{
	if (!a->joining)
		return;
	release(a, a->joining);
	free(a->joining);
	a->joining = NULL;
}

/* Seals or signs the PDU from start to out's end in place; its token's room is already there. */
static bool protect(const struct security *s, struct buffer *out, size_t start, size_t token_size)
{
	if (out->failed)
		return false;
	uint8_t *pdu = out->data + start;
	size_t size = out->size - start - token_size;
	size_t body = size - PDU_TRAILER_SIZE - PDU_REQUEST_HEADER_SIZE;
	return auth_protect(s->auth, pdu, size, PDU_REQUEST_HEADER_SIZE, body, pdu + size) == 0;
}

static bool write_fragment(const struct rpc_work *w, const struct security *s, size_t token_size,
                           uint8_t flags, struct slice part, size_t left, struct buffer *out)
{
	struct pdu_writer pdu = pdu_begin(out, PDU_RESPONSE, flags, w->request.call_id);
	buffer_put_u32(out, (uint32_t)left); /* alloc_hint */
	/* Windows gives back the low octet only. */
	buffer_put_u16(out, w->request.context_id & 0xff);
	buffer_put_u16(out, 0); /* cancel_count */
	buffer_put(out, part.data, part.size);
	if (token_size == 0) {
		pdu_end(&pdu);
		return true;
	}
	uint8_t room[AUTH_TOKEN_MAX] = {0};
	struct pdu_auth auth = {.type = s->type, .level = s->level, .context_id = s->id};
	auth.pad = -part.size & (PDU_AUTH_ALIGNMENT - 1);
	buffer_put_zeros(out, auth.pad);
	pdu_put_auth(&pdu, &auth, slice_of(room, token_size));
	pdu_end(&pdu);
	return protect(s, out, pdu.start, token_size);
}

/* A request without a trailer is answered without one, whatever context it speaks for. */
static const struct security *protecting(const struct rpc_association *a, const struct rpc_work *w)
{
	if (!w->request.secured || rpc_security_level(a, w->request.security) == AUTH_LEVEL_CONNECT)
		return NULL;
	return &a->securities[w->request.security];
}

void rpc_write_response(struct rpc_association *a, const struct rpc_work *w, struct buffer *out)
{
	const struct security *s = protecting(a, w);
	size_t token_size = s ? auth_token_size(s->auth) : 0;
	size_t room = a->max_fragment - PDU_REQUEST_HEADER_SIZE;
	if (token_size)
		room = (room - PDU_TRAILER_SIZE - token_size) & ~(size_t)(PDU_AUTH_ALIGNMENT - 1);
	struct slice rest = buffer_slice(&w->stub);
	uint8_t flags = PFC_FIRST;
	do {
		size_t left = rest.size;
		struct slice part = pdu_take_part(&rest, room);
		if (rest.size == 0)
			flags |= PFC_LAST;
		if (!write_fragment(w, s, token_size, flags, part, left, out))
			out->failed = true;
		flags = 0;
	} while (rest.size > 0 && !out->failed);
}
