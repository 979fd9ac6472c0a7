#include "rpc/pdu.h"

#include "base/counters.h"
#include "rpc/rpc.h"

const struct pdu_syntax pdu_ndr = {
	.uuid = {{0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b,
                  0x10, 0x48, 0x60}},
	.major = 2,
};

const struct pdu_syntax pdu_ndr64 = {
	.uuid = {{0x33, 0x05, 0x71, 0x71, 0xba, 0xbe, 0x37, 0x49, 0x83, 0x19, 0xb5, 0xdb, 0xef,
                  0x9c, 0xcc, 0x36}},
	.major = 1,
};

bool pdu_syntax_equal(const struct pdu_syntax *a, const struct pdu_syntax *b)
{
	return guid_equal(&a->uuid, &b->uuid) && a->major == b->major && a->minor == b->minor;
}

bool pdu_read_header(struct slice data, struct pdu_header *h)
{
	struct reader r;
	reader_init(&r, data.data, data.size);
	h->version = reader_u8(&r);
	h->version_minor = reader_u8(&r);
	h->type = reader_u8(&r);
	h->flags = reader_u8(&r);
	const uint8_t *drep = reader_take(&r, sizeof h->drep);
	if (!drep)
		return false;
	memcpy(h->drep, drep, sizeof h->drep);
	r.big_endian = pdu_big_endian(h);
	h->size = reader_u16(&r);
	h->auth_size = reader_u16(&r);
	h->call_id = reader_u32(&r);
	return !r.failed;
}

size_t rpc_pdu_size(struct slice data)
{
	struct pdu_header h;
	if (!pdu_read_header(data, &h))
		return 0;
	bool ours = h.version == 5 && h.version_minor <= 1 && h.size >= PDU_HEADER_SIZE;
	return ours ? h.size : SIZE_MAX;
}

bool pdu_read_auth(const struct pdu_header *h, struct slice pdu, struct pdu_auth *auth)
{
	*auth = (struct pdu_auth){0};
	if (h->auth_size == 0)
		return true;
	size_t tail = PDU_TRAILER_SIZE + (size_t)h->auth_size;
	if (pdu.size < PDU_HEADER_SIZE + tail)
		return false;
	struct reader r;
	reader_init(&r, pdu.data, pdu.size);
	r.big_endian = pdu_big_endian(h);
	reader_skip(&r, pdu.size - tail);
	auth->offset = reader_offset(&r);
	auth->type = reader_u8(&r);
	auth->level = reader_u8(&r);
	auth->pad = reader_u8(&r);
	reader_skip(&r, 1);
	auth->context_id = reader_u32(&r);
	auth->token = reader_slice(&r, h->auth_size);
	/* Padding begins behind a request header at the earliest, whatever the type: so Windows
	 * counts. */
	return auth->pad == 0 || PDU_REQUEST_HEADER_SIZE + (size_t)auth->pad <= auth->offset;
}

static struct pdu_syntax read_syntax(struct reader *r)
{
	struct pdu_syntax s = {0};
	uint32_t first = reader_u32(r);
	uint16_t second = reader_u16(r);
	uint16_t third = reader_u16(r);
	const uint8_t *rest = reader_take(r, 8);
	uint32_t version = reader_u32(r);
	if (r->failed)
		return s;
	put_le32(s.uuid.bytes, first);
	put_le16(s.uuid.bytes + 4, second);
	put_le16(s.uuid.bytes + 6, third);
	memcpy(s.uuid.bytes + 8, rest, 8);
	s.major = (uint16_t)version;
	s.minor = (uint16_t)(version >> 16);
	return s;
}

enum { SYNTAX_SIZE = 20 };

static bool read_context(struct reader *r, struct arena *arena, struct pdu_context *c)
{
	c->id = reader_u16(r);
	c->transfer_count = reader_u8(r);
	reader_skip(r, 1);
	c->abstract = read_syntax(r);
	if (reader_left(r) < (size_t)c->transfer_count * SYNTAX_SIZE)
		return false;
	c->transfers = arena_alloc_array(arena, c->transfer_count, sizeof *c->transfers);
	if (!c->transfers)
		return false;
	for (size_t i = 0; i < c->transfer_count; i++)
		c->transfers[i] = read_syntax(r);
	return !r->failed;
}

bool pdu_read_bind(const struct pdu_header *h, struct slice body, struct arena *arena,
                   struct pdu_bind *b)
{
	enum { CONTEXT_SIZE = 4 + SYNTAX_SIZE };
	struct reader r;
	reader_init(&r, body.data, body.size);
	r.big_endian = pdu_big_endian(h);
	b->max_xmit = reader_u16(&r);
	b->max_recv = reader_u16(&r);
	b->group = reader_u32(&r);
	b->context_count = reader_u8(&r);
	/* A list of none may lack the reserved octets behind its count. */
	if (b->context_count > 0)
		reader_skip(&r, 3);
	if (r.failed || reader_left(&r) < (size_t)b->context_count * CONTEXT_SIZE)
		return false;
	b->contexts = arena_alloc_array(arena, b->context_count, sizeof *b->contexts);
	if (!b->contexts)
		return false;
	for (size_t i = 0; i < b->context_count; i++)
		if (!read_context(&r, arena, &b->contexts[i]))
			return false;
	return true;
}

bool pdu_read_bind_ack(const struct pdu_header *h, struct slice body, struct arena *arena,
                       struct pdu_bind_ack *ack)
{
	enum { RESULT_SIZE = 4 + SYNTAX_SIZE };
	struct reader r;
	reader_init(&r, body.data, body.size);
	r.big_endian = pdu_big_endian(h);
	*ack = (struct pdu_bind_ack){.secondary_address = ""};
	ack->max_xmit = reader_u16(&r);
	ack->max_recv = reader_u16(&r);
	ack->group = reader_u32(&r);
	reader_skip(&r, reader_u16(&r));
	/* The body begins at offset 16, so that aligning in it aligns in the PDU. */
	reader_align(&r, 4);
	ack->result_count = reader_u8(&r);
	reader_skip(&r, 3);
	if (r.failed || reader_left(&r) < ack->result_count * RESULT_SIZE)
		return false;
	ack->results = arena_alloc_array(arena, ack->result_count, sizeof *ack->results);
	for (size_t i = 0; ack->results && i < ack->result_count; i++) {
		ack->results[i].result = reader_u16(&r);
		ack->results[i].reason = reader_u16(&r);
		ack->results[i].transfer = read_syntax(&r);
	}
	return ack->results && !r.failed;
}

bool pdu_read_request(const struct pdu_header *h, struct slice pdu, const struct pdu_auth *auth,
                      struct pdu_request *q)
{
	struct reader r;
	reader_init(&r, pdu.data, auth->offset ? auth->offset - auth->pad : pdu.size);
	r.big_endian = pdu_big_endian(h);
	reader_skip(&r, PDU_HEADER_SIZE);
	q->alloc_hint = reader_u32(&r);
	q->context_id = reader_u16(&r);
	q->opnum = reader_u16(&r);
	if (h->type == PDU_REQUEST && (h->flags & PFC_OBJECT_UUID))
		reader_skip(&r, sizeof(struct guid));
	q->stub_offset = reader_offset(&r);
	q->stub = reader_slice(&r, reader_left(&r));
	return !r.failed;
}

struct pdu_writer pdu_begin(struct buffer *out, uint8_t type, uint8_t flags, uint32_t call_id)
{
	static const uint8_t version_5_0[2] = {5, 0};
	static const uint8_t little_endian_ascii_ieee[4] = {0x10, 0, 0, 0};
	struct pdu_writer w = {.out = out, .start = out->size};
	uint8_t *p = buffer_extend(out, PDU_HEADER_SIZE);
	if (!p)
		return w;
	memcpy(p, version_5_0, sizeof version_5_0);
	p[2] = type;
	p[3] = flags;
	memcpy(p + 4, little_endian_ascii_ieee, sizeof little_endian_ascii_ieee);
	put_le32(p + 8, 0); /* frag_length, auth_length: pdu_end */
	put_le32(p + 12, call_id);
	return w;
}

void pdu_put_auth(struct pdu_writer *w, const struct pdu_auth *auth, struct slice token)
{
	buffer_align(w->out, w->start, 4);
	w->auth = w->out->size;
	buffer_put_u8(w->out, auth->type);
	buffer_put_u8(w->out, auth->level);
	buffer_put_u8(w->out, auth->pad);
	buffer_put_u8(w->out, 0);
	buffer_put_u32(w->out, auth->context_id);
	buffer_put(w->out, token.data, token.size);
}

void pdu_end(struct pdu_writer *w)
{
	if (w->out->failed)
		return;
	size_t token = w->auth ? w->out->size - w->auth - PDU_TRAILER_SIZE : 0;
	put_le16(w->out->data + w->start + 8, (uint16_t)(w->out->size - w->start));
	put_le16(w->out->data + w->start + 10, (uint16_t)token);
	counter_add(COUNTER_PDUS_OUT, 1);
}

void pdu_put_syntax(struct buffer *out, const struct pdu_syntax *s)
{
	buffer_put(out, s->uuid.bytes, sizeof s->uuid.bytes);
	buffer_put_u16(out, s->major);
	buffer_put_u16(out, s->minor);
}

void pdu_put_bind(struct buffer *out, const struct pdu_bind *b)
{
	buffer_put_u16(out, b->max_xmit);
	buffer_put_u16(out, b->max_recv);
	buffer_put_u32(out, b->group);
	buffer_put_u8(out, b->context_count);
	buffer_put_zeros(out, 3);
	for (size_t i = 0; i < b->context_count; i++) {
		const struct pdu_context *c = &b->contexts[i];
		buffer_put_u16(out, c->id);
		buffer_put_u8(out, c->transfer_count);
		buffer_put_u8(out, 0);
		pdu_put_syntax(out, &c->abstract);
		for (size_t j = 0; j < c->transfer_count; j++)
			pdu_put_syntax(out, &c->transfers[j]);
	}
}

void pdu_put_bind_ack(struct buffer *out, size_t start, const struct pdu_bind_ack *ack)
{
	size_t address = strlen(ack->secondary_address);
	buffer_put_u16(out, ack->max_xmit);
	buffer_put_u16(out, ack->max_recv);
	buffer_put_u32(out, ack->group);
	buffer_put_u16(out, (uint16_t)(address ? address + 1 : 0));
	buffer_put(out, ack->secondary_address, address ? address + 1 : 0);
	buffer_align(out, start, 4);
	buffer_put_u8(out, (uint8_t)ack->result_count);
	buffer_put_zeros(out, 3);
	for (size_t i = 0; i < ack->result_count; i++) {
		buffer_put_u16(out, ack->results[i].result);
		buffer_put_u16(out, ack->results[i].reason);
		pdu_put_syntax(out, &ack->results[i].transfer);
	}
}

void pdu_write_bind_nak(struct buffer *out, uint32_t call_id, uint16_t reason)
{
	struct pdu_writer w = pdu_begin(out, PDU_BIND_NAK, PFC_FIRST | PFC_LAST, call_id);
	buffer_put_u16(out, reason);
	buffer_put_u8(out, 1); /* one protocol version: 5.0 */
	buffer_put_u8(out, 5);
	buffer_put_u8(out, 0);
	buffer_put_zeros(out, 3);
	pdu_end(&w);
}

void pdu_write_fault(struct buffer *out, const struct pdu_fault *f)
{
	enum { FAULT_SIZE = 32 };
	uint8_t flags = PFC_FIRST | PFC_LAST | (f->not_executed ? PFC_DID_NOT_EXECUTE : 0);
	struct pdu_writer w = pdu_begin(out, PDU_FAULT, flags, f->call_id);
	buffer_put_u32(out, FAULT_SIZE); /* alloc_hint: MS-RPCE 2.2.2.8 */
	buffer_put_u16(out, f->context_id);
	buffer_put_u16(out, 0); /* cancel_count, flags */
	buffer_put_u32(out, f->status);
	buffer_put_u32(out, 0);
	pdu_end(&w);
}
