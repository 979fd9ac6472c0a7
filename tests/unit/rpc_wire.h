#ifndef TESTS_UNIT_RPC_WIRE_H
#define TESTS_UNIT_RPC_WIRE_H

/* PDUs as a peer would write them, and what came back, taken apart. */

#include "rpc_site.h"

/* Offers the toy interface as one presentation context. */
static inline void put_offer(struct buffer *out, uint8_t type, uint8_t flags, uint32_t group,
                             uint16_t context_id)
{
	struct pdu_syntax ndr = pdu_ndr;
	struct pdu_context context = {
		.id = context_id,
		.transfer_count = 1,
		.abstract = {toy_uuid, 2, 1},
		.transfers = &ndr,
	};
	struct pdu_bind bind = {.max_xmit = 5840,
	                        .max_recv = 5840,
	                        .group = group,
	                        .context_count = 1,
	                        .contexts = &context};
	struct pdu_writer w = pdu_begin(out, type, PFC_FIRST | PFC_LAST | flags, 1);
	pdu_put_bind(out, &bind);
	pdu_end(&w);
}

/* Binds to the toy interface as presentation context 0. */
static inline void put_bind(struct buffer *out, uint8_t flags, uint32_t group)
{
	put_offer(out, PDU_BIND, flags, group, 0);
}

static inline void put_request(struct buffer *out, uint8_t flags, uint32_t call_id, uint16_t opnum,
                               struct slice stub)
{
	struct pdu_writer w = pdu_begin(out, PDU_REQUEST, flags, call_id);
	buffer_put_u32(out, 0);
	buffer_put_u16(out, 0);
	buffer_put_u16(out, opnum);
	buffer_put(out, stub.data, stub.size);
	pdu_end(&w);
}

/* The PDU that begins at offset `at`; its header in h. */
static inline struct slice answer_at(const struct buffer *b, size_t at, struct pdu_header *h)
{
	struct slice rest = slice_of(b->data + at, b->size - at);
	assert(pdu_read_header(rest, h) && h->size <= rest.size);
	return slice_of(rest.data, h->size);
}

/* The stub of the one response that b holds. */
static inline struct slice response_stub(const struct buffer *b)
{
	struct pdu_header h;
	struct pdu_request q;
	struct pdu_auth auth = {0};
	struct slice pdu = answer_at(b, 0, &h);
	assert(h.type == PDU_RESPONSE && pdu.size == b->size);
	assert(pdu_read_request(&h, pdu, &auth, &q));
	return q.stub;
}

/* The status of the one fault that b holds; 0 when it holds something else. */
static inline uint32_t fault_status(const struct buffer *b)
{
	struct reader r;
	struct pdu_header h;
	if (b->size != 32 || !pdu_read_header(buffer_slice(b), &h) || h.type != PDU_FAULT)
		return 0;
	reader_init(&r, b->data + PDU_REQUEST_HEADER_SIZE, 4);
	return reader_u32(&r);
}

/* A connection with what it answered last. */
struct wire {
	struct rpc_association *a;
	struct buffer in, out;
	enum rpc_next next;
};

static inline void wire_open(struct wire *w, struct rpc_site *s, const struct rpc_peer *peer)
{
	*w = (struct wire){.a = rpc_association_new(&s->service, s->scratch, peer, 0)};
	buffer_init(&w->in, 16 << 20);
	buffer_init(&w->out, 16 << 20);
}

/* Sends what is in `in`, as the driver does. */
static inline enum rpc_next wire_send(struct wire *w, uint64_t now_ms)
{
	buffer_clear(&w->out);
	w->next = drive(w->a, buffer_slice(&w->in), now_ms, &w->out);
	buffer_clear(&w->in);
	return w->next;
}

static inline enum rpc_next wire_bind(struct wire *w, uint8_t flags, uint32_t group)
{
	put_bind(&w->in, flags, group);
	return wire_send(w, 0);
}

static inline uint32_t wire_group(const struct wire *w)
{
	struct reader r;
	reader_init(&r, w->out.data, w->out.size);
	reader_skip(&r, 20);
	return reader_u32(&r);
}

static inline void wire_open_bound(struct wire *w, struct rpc_site *s)
{
	wire_open(w, s, &site_peer);
	wire_bind(w, 0, 0);
}

static inline enum rpc_next wire_call(struct wire *w, uint16_t opnum, struct slice stub)
{
	put_request(&w->in, PFC_FIRST | PFC_LAST, 2, opnum, stub);
	return wire_send(w, 0);
}

static inline void wire_close(struct wire *w)
{
	rpc_association_free(w->a);
	buffer_free(&w->in);
	buffer_free(&w->out);
}

#endif
