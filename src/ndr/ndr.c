#include "ndr/ndr.h"

#include "ndr/ndr-private.h"

/* Windows' first; a reader only cares that it is not 0. */
enum { FIRST_REFERENT = 0x00020000 };

void ndr_decode_init(struct ndr *n, struct slice stub, bool big_endian, struct arena *a)
{
	*n = (struct ndr){.direction = NDR_DECODE, .arena = a};
	reader_init(&n->in, stub.data, stub.size);
	n->in.big_endian = big_endian;
}

void ndr_encode_init(struct ndr *n, struct buffer *out)
{
	*n = (struct ndr){
		.direction = NDR_ENCODE,
		.out = out,
		.origin = out->size,
		.next_referent = FIRST_REFERENT,
	};
}

void ndr_fail(struct ndr *n, enum ndr_error error)
{
	if (!n->error)
		n->error = error;
	n->in.failed = true;
}

uint8_t *ndr_more_room(struct ndr *n, size_t pad, size_t size)
{
	uint8_t *p = ndr_failed(n) ? NULL : buffer_extend(n->out, pad + size);

	if (!p) {
		ndr_fail(n, NDR_NO_MEMORY);
		return NULL;
	}
	memset(p, 0, pad);
	return p + pad;
}

const uint8_t *ndr_take(struct ndr *n, size_t alignment, size_t size)
{
	reader_align(&n->in, alignment);
	const uint8_t *p = reader_take(&n->in, size);

	if (!p)
		ndr_fail(n, NDR_TRUNCATED);
	return p;
}

void ndr_align(struct ndr *n, size_t alignment)
{
	if (ndr_decoding(n))
		(void)ndr_take(n, alignment, 0);
	else
		(void)ndr_room(n, alignment, 0);
}

void ndr_u8(struct ndr *n, uint8_t *v)
{
	ndr_bytes(n, v, 1);
}

static uint16_t get_u16(const struct ndr *n, const uint8_t *p)
{
	return (uint16_t)(n->in.big_endian ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
}

static uint32_t get_u32(const struct ndr *n, const uint8_t *p)
{
	uint32_t first = get_u16(n, p), second = get_u16(n, p + 2);

	return n->in.big_endian ? first << 16 | second : second << 16 | first;
}

void ndr_u16(struct ndr *n, uint16_t *v)
{
	if (ndr_decoding(n)) {
		const uint8_t *p = ndr_take(n, 2, 2);
		*v = p ? get_u16(n, p) : 0;
	} else {
		uint8_t *p = ndr_room(n, 2, 2);
		if (p)
			put_le16(p, *v);
	}
}

void ndr_decode_u32s(struct ndr *n, uint32_t *v, size_t count)
{
	const uint8_t *p = ndr_take(n, 4, count * 4);

	for (size_t i = 0; i < count; i++)
		v[i] = p ? get_u32(n, p + 4 * i) : 0;
}

void ndr_i32(struct ndr *n, int32_t *v)
{
	uint32_t u = (uint32_t)*v;

	ndr_u32(n, &u);
	if (ndr_decoding(n))
		*v = (int32_t)u;
}

void ndr_i16(struct ndr *n, int16_t *v)
{
	uint16_t u = (uint16_t)*v;

	ndr_u16(n, &u);
	if (ndr_decoding(n))
		*v = (int16_t)u;
}

void ndr_u64_halves(struct ndr *n, uint64_t *v)
{
	uint32_t halves[2] = {(uint32_t)*v, (uint32_t)(*v >> 32)};

	ndr_u32s(n, halves, 2);
	if (ndr_decoding(n))
		*v = (uint64_t)halves[1] << 32 | halves[0];
}

void ndr_bytes(struct ndr *n, void *v, size_t size)
{
	if (ndr_decoding(n)) {
		const uint8_t *p = ndr_take(n, 1, size);
		if (p)
			memcpy(v, p, size);
		else
			memset(v, 0, size);
	} else {
		uint8_t *p = ndr_room(n, 1, size);
		if (p && size > 0)
			memcpy(p, v, size);
	}
}

void ndr_guid_bytes(struct ndr *n, struct guid *g)
{
	ndr_bytes(n, g->bytes, sizeof g->bytes);
}

static void swap(uint8_t *a, uint8_t *b)
{
	uint8_t held = *a;

	*a = *b;
	*b = held;
}

/* struct guid keeps the first three fields little-endian. */
static void swap_guid_fields(struct guid *g)
{
	swap(&g->bytes[0], &g->bytes[3]);
	swap(&g->bytes[1], &g->bytes[2]);
	swap(&g->bytes[4], &g->bytes[5]);
	swap(&g->bytes[6], &g->bytes[7]);
}

void ndr_uuid(struct ndr *n, struct guid *g)
{
	ndr_align(n, 4);
	ndr_guid_bytes(n, g);
	if (ndr_decoding(n) && n->in.big_endian)
		swap_guid_fields(g);
}

void ndr_context_handle(struct ndr *n, uint32_t *attributes, struct guid *id)
{
	ndr_u32(n, attributes);
	ndr_uuid(n, id);
}

void ndr_expect_u32(struct ndr *n, uint32_t expected)
{
	uint32_t v = expected;

	ndr_u32(n, &v);
	if (v != expected)
		ndr_fail(n, NDR_BAD_VALUE);
}

/* The one place that casts const away: encoding, a filter only reads its value. */
static void *unconst(const void *p)
{
	return (void *)(uintptr_t)p;
}

void *ndr_place(struct ndr *n, const void *given, uint32_t count, size_t size)
{
	if (!ndr_decoding(n))
		return unconst(given);
	void *p = ndr_failed(n) ? NULL : arena_alloc_array(n->arena, count, size);

	if (!p)
		ndr_fail(n, NDR_NO_MEMORY);
	return p;
}

void *ndr_embedded_array(struct ndr *n, uint32_t *count, const void *items, uint32_t max)
{
	ndr_u32(n, count);
	void *place = ndr_embedded(n, items);
	if (*count > max || (*count > 0 && !place))
		ndr_fail(n, NDR_BAD_VALUE);
	return place;
}

void *ndr_pointer(struct ndr *n, const void *p, size_t size, ndr_fn *pointee)
{
	if (!ndr_referent(n, p != NULL))
		return NULL;
	void *value = ndr_place(n, p, 1, size);
	if (value)
		pointee(n, value);
	return value;
}

void *ndr_items(struct ndr *n, const void *given, uint32_t count, size_t size, size_t wire_size)
{
	if (ndr_decoding(n) && count > reader_left(&n->in) / wire_size)
		ndr_fail(n, NDR_TRUNCATED);
	return ndr_failed(n) ? NULL : ndr_place(n, given, count, size);
}

void *ndr_array(struct ndr *n, const void *given, uint32_t count, size_t size, size_t wire_size)
{
	ndr_expect_u32(n, count);
	return ndr_items(n, given, count, size, wire_size);
}

void ndr_conformant(struct ndr *n, uint32_t *count, uint32_t max)
{
	uint32_t head[2] = {*count, *count};

	ndr_u32s(n, head, 2);
	if (head[0] != head[1] || head[1] > max)
		ndr_fail(n, NDR_BAD_VALUE);
	if (ndr_decoding(n))
		*count = head[1];
}
