/* A conversation: records of a size (15 bits, little-endian) and that many bytes. Each is a PDU,
 * whose version and length are put right unless the size has its top bit; it arrives in two pieces,
 * and time passes. */

#include "../unit/rpc_site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum rpc_next feed(struct rpc_association *a, struct buffer *in, size_t cut, uint64_t now_ms,
                          struct buffer *out)
{
	size_t taken = 0;
	enum rpc_next next = rpc_association_input(a, slice_of(in->data, cut), &taken, now_ms, out);
	buffer_consume(in, taken);
	if (next == RPC_NEXT_READ)
		next = drive(a, buffer_slice(in), now_ms, out);
	for (int i = 0; next == RPC_NEXT_WAIT && i < 100; i++)
		next = rpc_association_timer(a, rpc_association_deadline(a), out);
	return next;
}

static void mend(uint8_t *pdu, size_t size)
{
	if (size < 16)
		return;
	pdu[0] = 5;
	pdu[1] = 0;
	pdu[8] = pdu[4] & 0xF0 ? (uint8_t)size : (uint8_t)(size >> 8);
	pdu[9] = pdu[4] & 0xF0 ? (uint8_t)(size >> 8) : (uint8_t)size;
}

static void converse(struct rpc_site *s, struct reader *r)
{
	struct buffer in, out;
	uint64_t now_ms = 0;
	enum rpc_next next = RPC_NEXT_READ;
	buffer_init(&in, 1 << 20);
	buffer_init(&out, 32 << 20);
	struct rpc_association *a =
		rpc_association_new(&s->service, s->scratch, &site_peer, now_ms);
	while (next == RPC_NEXT_READ && reader_left(r) > 2) {
		uint16_t head = reader_u16(r);
		size_t size = head & 0x7FFF;
		if (size > reader_left(r))
			size = reader_left(r);
		size_t before = in.size;
		buffer_put(&in, reader_take(r, size), size);
		if (in.failed)
			break;
		if (!(head & 0x8000))
			mend(in.data + before, size);
		next = feed(a, &in, in.size / 2, now_ms, &out);
		buffer_clear(&in);
		buffer_clear(&out);
		now_ms += 1000;
		if (next == RPC_NEXT_READ)
			next = rpc_association_timer(a, now_ms, &out);
	}
	rpc_association_free(a);
	buffer_free(&in);
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rpc_site s;
	struct reader r;
	if (!s.scratch) {
		rpc_site_open(&s);
		s.auth.config.anonymous = true;
		auth_service_reconfigure(s.auth.service, &s.auth.config);
		rpc_endpoints_add(s.endpoints, &toy_interface, RPC_NCACN_IP_TCP, "", 4997);
		s.limits.max_request_bytes = 65536;
		s.limits.max_answer_bytes = 1 << 20;
	}
	reader_init(&r, data, size);
	converse(&s, &r);
	return 0;
}
