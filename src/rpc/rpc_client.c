#include "rpc/rpc_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "rpc/pdu.h"

enum {
	MAX_REPLY = 64 * 1024 * 1024,
	MAX_REASON = 128,
	AUTH_CONTEXT_ID = 1,
	MUST_RECEIVE = 1432, /* the fragment that C706 has everybody take */
	/* At level connect, Windows and Wine send a verifier that says nothing: 1, then zeros. */
	DUMMY_VERIFIER_SIZE = 16,
};

enum client_state {
	CLIENT_BINDING, /* bind or alter_context is sent */
	CLIENT_BOUND,
	CLIENT_CALLING,
	CLIENT_OVER,
};

struct rpc_client {
	enum client_state state;
	struct auth_context *auth;
	uint8_t auth_type, auth_level;
	struct pdu_syntax interface;
	uint16_t max_fragment; /* what we offer, then what the server takes */
	uint32_t assoc_group, call_id, fault;
	struct buffer pdu; /* the one that is being read, unsealed in place */
	struct buffer reply;
	char reason[MAX_REASON];
};

/* One presentation context, ours. */
static void put_contexts(struct rpc_client *c, struct pdu_writer *w)
{
	struct pdu_syntax transfer = pdu_ndr;
	struct pdu_context context = {
		.transfer_count = 1, .abstract = c->interface, .transfers = &transfer};
	struct pdu_bind bind = {.max_xmit = c->max_fragment,
	                        .max_recv = c->max_fragment,
	                        .group = c->assoc_group,
	                        .context_count = 1,
	                        .contexts = &context};
	pdu_put_bind(w->out, &bind);
}

static void put_token(const struct rpc_client *c, struct pdu_writer *w, const struct buffer *token)
{
	struct pdu_auth auth = {
		.type = c->auth_type, .level = c->auth_level, .context_id = AUTH_CONTEXT_ID};
	if (token->size > 0)
		pdu_put_auth(w, &auth, buffer_slice(token));
}

static void write_bind(struct rpc_client *c, uint8_t type, const struct buffer *token,
                       struct buffer *out)
{
	uint8_t flags = PFC_FIRST | PFC_LAST;
	if (c->auth_level >= AUTH_LEVEL_INTEGRITY)
		flags |= PFC_HEADER_SIGN;
	struct pdu_writer w = pdu_begin(out, type, flags, ++c->call_id);
	put_contexts(c, &w);
	put_token(c, &w, token);
	pdu_end(&w);
}

static void write_auth3(struct rpc_client *c, const struct buffer *token, struct buffer *out)
{
	struct pdu_writer w = pdu_begin(out, PDU_AUTH3, PFC_FIRST | PFC_LAST, c->call_id);
	buffer_put_zeros(out, 4);
	put_token(c, &w, token);
	pdu_end(&w);
}

struct rpc_client *rpc_client_new(const struct rpc_client_config *config, struct buffer *out)
{
	struct rpc_client *c = xcalloc(1, sizeof *c);
	struct buffer token;
	c->interface = (struct pdu_syntax){.uuid = *config->interface,
	                                   .major = config->version_major,
	                                   .minor = config->version_minor};
	c->max_fragment = config->max_fragment ? config->max_fragment : RPC_MAX_FRAGMENT;
	if (c->max_fragment < MUST_RECEIVE)
		c->max_fragment = MUST_RECEIVE;
	c->assoc_group = config->assoc_group;
	buffer_init(&c->pdu, UINT16_MAX);
	buffer_init(&c->reply, MAX_REPLY);
	buffer_init(&token, RPC_MAX_PDU);
	if (config->auth) {
		c->auth_type = (uint8_t)config->auth->type;
		c->auth_level = (uint8_t)config->auth->level;
		c->auth = auth_initiate_new(config->auth);
		/* A first leg that fails leaves no token, and the server will say so. */
		(void)auth_initiate_step(c->auth, slice_of("", 0), &token);
	}
	write_bind(c, PDU_BIND, &token, out);
	buffer_free(&token);
	return c;
}

void rpc_client_free(struct rpc_client *c)
{
	if (!c)
		return;
	auth_context_free(c->auth);
	buffer_free(&c->pdu);
	buffer_free(&c->reply);
	free(c);
}

static enum rpc_client_event end(struct rpc_client *c, enum rpc_client_event how,
                                 const char *format, ...) __attribute__((format(printf, 3, 4)));

static enum rpc_client_event end(struct rpc_client *c, enum rpc_client_event how,
                                 const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(c->reason, sizeof c->reason, format, args);
	va_end(args);
	c->state = CLIENT_OVER;
	return how;
}

static enum rpc_client_event broken(struct rpc_client *c, const char *why)
{
	return end(c, RPC_CLIENT_BROKEN, "%s", why);
}

/* The legs after the first. An initiator that is done with sending has auth3, which is not
 * answered; one that expects more has alter_context. */
static enum rpc_client_event log_in(struct rpc_client *c, const struct pdu_auth *auth,
                                    struct buffer *out)
{
	struct buffer token;
	enum rpc_client_event event = RPC_CLIENT_MORE;
	buffer_init(&token, RPC_MAX_PDU);
	enum auth_status status = auth_initiate_step(c->auth, auth->token, &token);
	if (status == AUTH_CONTINUE) {
		write_bind(c, PDU_ALTER, &token, out);
	} else if (status == AUTH_COMPLETE) {
		if (token.size > 0)
			write_auth3(c, &token, out);
		c->state = CLIENT_BOUND;
		event = RPC_CLIENT_BOUND;
	} else {
		event = end(c, RPC_CLIENT_REFUSED, "authentication failed: %s",
		            auth_failure(c->auth));
	}
	buffer_free(&token);
	return event;
}

/* Contexts that were accepted once need no second look: 0, or why it was not. */
static const char *rejection(const struct pdu_bind_ack *ack)
{
	if (ack->result_count < 1)
		return "no presentation context in the answer";
	if (ack->results[0].result == RESULT_ACCEPTANCE)
		return NULL;
	return ack->results[0].reason == REASON_ABSTRACT_SYNTAX
	             ? "the server does not offer this interface"
	             : "the server does not accept the transfer syntax";
}

static enum rpc_client_event bound(struct rpc_client *c, const struct pdu_header *h,
                                   const struct pdu_auth *auth, struct buffer *out)
{
	struct arena arena;
	struct pdu_bind_ack ack;
	size_t size = (auth->offset ? auth->offset : c->pdu.size) - PDU_HEADER_SIZE;
	arena_init(&arena, 64 * 1024);
	bool read =
		pdu_read_bind_ack(h, slice_of(c->pdu.data + PDU_HEADER_SIZE, size), &arena, &ack);
	const char *why = read ? rejection(&ack) : NULL;
	arena_free(&arena);
	if (!read || c->state != CLIENT_BINDING)
		return broken(c, "malformed answer to bind");
	if (why)
		return end(c, RPC_CLIENT_REFUSED, "%s", why);
	c->assoc_group = ack.group;
	if (h->type == PDU_BIND_ACK && ack.max_recv >= MUST_RECEIVE &&
	    ack.max_recv < c->max_fragment)
		c->max_fragment = ack.max_recv;
	if (c->auth)
		return log_in(c, auth, out);
	c->state = CLIENT_BOUND;
	return RPC_CLIENT_BOUND;
}

static enum rpc_client_event refused(struct rpc_client *c, const struct pdu_header *h)
{
	struct reader r;
	reader_init(&r, c->pdu.data, c->pdu.size);
	r.big_endian = pdu_big_endian(h);
	reader_skip(&r, PDU_HEADER_SIZE);
	return end(c, RPC_CLIENT_REFUSED, "bind refused, reason %u", (unsigned)reader_u16(&r));
}

static enum rpc_client_event faulted(struct rpc_client *c, const struct pdu_header *h)
{
	struct reader r;
	reader_init(&r, c->pdu.data, c->pdu.size);
	r.big_endian = pdu_big_endian(h);
	reader_skip(&r, PDU_REQUEST_HEADER_SIZE);
	c->fault = reader_u32(&r);
	if (r.failed)
		return broken(c, "malformed fault");
	if (c->state == CLIENT_CALLING) {
		c->state = CLIENT_BOUND;
		return RPC_CLIENT_FAULT;
	}
	const char *name = rpc_fault_name(c->fault);
	return end(c, RPC_CLIENT_REFUSED, "%s (0x%08x)", name ? name : "fault", c->fault);
}

static bool is_protected(const struct rpc_client *c)
{
	return c->auth && c->auth_level > AUTH_LEVEL_CONNECT;
}

static bool unprotect(struct rpc_client *c, const struct pdu_auth *auth)
{
	if (!is_protected(c))
		return true;
	if (!auth->offset || auth->offset < PDU_REQUEST_HEADER_SIZE)
		return false;
	return auth_unprotect(c->auth, c->pdu.data, auth->offset + PDU_TRAILER_SIZE,
	                      PDU_REQUEST_HEADER_SIZE, auth->offset - PDU_REQUEST_HEADER_SIZE,
	                      auth->token) == 0;
}

static enum rpc_client_event replied(struct rpc_client *c, const struct pdu_header *h,
                                     const struct pdu_auth *auth)
{
	struct pdu_request part;
	if (c->state != CLIENT_CALLING || h->call_id != c->call_id)
		return broken(c, "a response to no request");
	if (!unprotect(c, auth))
		return broken(c, "wrong signature");
	if (!pdu_read_request(h, buffer_slice(&c->pdu), auth, &part))
		return broken(c, "malformed response");
	if (h->flags & PFC_FIRST)
		buffer_clear(&c->reply);
	buffer_put(&c->reply, part.stub.data, part.stub.size);
	if (c->reply.failed)
		return broken(c, "the response is too long");
	if (!(h->flags & PFC_LAST))
		return RPC_CLIENT_MORE;
	c->state = CLIENT_BOUND;
	return RPC_CLIENT_REPLY;
}

static enum rpc_client_event take(struct rpc_client *c, struct buffer *out)
{
	struct pdu_header h;
	struct pdu_auth auth;
	if (!pdu_read_header(buffer_slice(&c->pdu), &h) ||
	    !pdu_read_auth(&h, buffer_slice(&c->pdu), &auth))
		return broken(c, "malformed PDU");
	switch (h.type) {
	case PDU_BIND_ACK:
	case PDU_ALTER_RESPONSE: return bound(c, &h, &auth, out);
	case PDU_BIND_NAK: return refused(c, &h);
	case PDU_FAULT: return faulted(c, &h);
	case PDU_RESPONSE: return replied(c, &h, &auth);
	}
	return broken(c, "unexpected PDU");
}

enum rpc_client_event rpc_client_input(struct rpc_client *c, struct slice data, size_t *consumed,
                                       struct buffer *out)
{
	*consumed = 0;
	if (c->state == CLIENT_OVER)
		return RPC_CLIENT_BROKEN;
	size_t size = rpc_pdu_size(data);
	if (size == SIZE_MAX)
		return broken(c, "malformed PDU");
	if (size == 0 || data.size < size)
		return RPC_CLIENT_MORE;
	*consumed = size;
	buffer_clear(&c->pdu);
	buffer_put(&c->pdu, data.data, size);
	return take(c, out);
}

static int write_fragment(struct rpc_client *c, uint16_t opnum, uint8_t flags, struct slice part,
                          size_t left, struct buffer *out)
{
	struct pdu_writer w = pdu_begin(out, PDU_REQUEST, flags, c->call_id);
	buffer_put_u32(out, (uint32_t)left); /* alloc_hint */
	buffer_put_u16(out, 0);              /* the presentation context */
	buffer_put_u16(out, opnum);
	buffer_put(out, part.data, part.size);
	if (!c->auth) {
		pdu_end(&w);
		return 0;
	}
	size_t token_size = is_protected(c) ? auth_token_size(c->auth) : DUMMY_VERIFIER_SIZE;
	struct pdu_auth auth = {
		.type = c->auth_type, .level = c->auth_level, .context_id = AUTH_CONTEXT_ID};
	auth.pad = -part.size & (PDU_AUTH_ALIGNMENT - 1);
	buffer_put_zeros(out, auth.pad);
	uint8_t room[AUTH_TOKEN_MAX] = {1};
	pdu_put_auth(&w, &auth, slice_of(room, token_size));
	pdu_end(&w);
	if (out->failed)
		return ERR_NO_MEMORY;
	uint8_t *pdu = out->data + w.start;
	size_t size = out->size - w.start - token_size;
	if (!is_protected(c))
		return 0;
	return auth_protect(c->auth, pdu, size, PDU_REQUEST_HEADER_SIZE,
	                    size - PDU_TRAILER_SIZE - PDU_REQUEST_HEADER_SIZE, pdu + size);
}

int rpc_client_request(struct rpc_client *c, uint16_t opnum, struct slice stub, struct buffer *out)
{
	enum { OVERHEAD = PDU_REQUEST_HEADER_SIZE + PDU_TRAILER_SIZE + AUTH_TOKEN_MAX };
	if (c->state != CLIENT_BOUND)
		return c->state == CLIENT_CALLING ? ERR_BUSY : ERR_CLOSED;
	size_t room = (c->max_fragment - OVERHEAD) & ~(size_t)(PDU_AUTH_ALIGNMENT - 1);
	uint8_t flags = PFC_FIRST;
	int err = 0;
	c->call_id++;
	c->fault = 0;
	buffer_clear(&c->reply);
	do {
		size_t left = stub.size;
		struct slice part = pdu_take_part(&stub, room);
		if (stub.size == 0)
			flags |= PFC_LAST;
		err = write_fragment(c, opnum, flags, part, left, out);
		flags = 0;
	} while (stub.size > 0 && !err);
	if (!err)
		c->state = CLIENT_CALLING;
	return err ? err : out->failed ? ERR_NO_MEMORY : 0;
}

struct slice rpc_client_reply(const struct rpc_client *c)
{
	return buffer_slice(&c->reply);
}

uint32_t rpc_client_fault(const struct rpc_client *c)
{
	return c->fault;
}

const char *rpc_client_reason(const struct rpc_client *c)
{
	return c->reason;
}

uint32_t rpc_client_assoc_group(const struct rpc_client *c)
{
	return c->assoc_group;
}
