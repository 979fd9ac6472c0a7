/* [string] char* and wchar_t* (C706 14.3.4): conformant and varying, the counts include the NUL. */

#include "ndr/ndr-private.h"

#include "base/utf.h"

enum { HEAD_SIZE = 12 }; /* max_count, offset, actual_count */

/* Strict NDR: max_count at least actual_count, offset 0. Returns the units that follow, 0 when
 * failed. */
static uint32_t decode_head(struct ndr *n)
{
	uint32_t head[3];

	ndr_u32s(n, head, 3);
	if (head[0] < head[2] || head[1] != 0 || head[2] == 0)
		ndr_fail(n, NDR_BAD_VALUE);
	return ndr_failed(n) ? 0 : head[2];
}

static void put_head(uint8_t *p, uint32_t units)
{
	put_le32(p, units);
	put_le32(p + 4, 0);
	put_le32(p + 8, units);
}

static void decode_string8(struct ndr *n, struct slice *s)
{
	uint32_t units = decode_head(n);
	const uint8_t *p = ndr_take(n, 1, units);
	const uint8_t *nul = p ? memchr(p, 0, units) : NULL;

	if (!nul) {
		ndr_fail(n, NDR_BAD_VALUE);
		return;
	}
	*s = arena_slice(n->arena, slice_of(p, (size_t)(nul - p)));
	if (!s->data)
		ndr_fail(n, NDR_NO_MEMORY);
}

static void encode_string8(struct ndr *n, const struct slice *s)
{
	const uint8_t *nul = s->size > 0 ? memchr(s->data, 0, s->size) : NULL;
	size_t size = nul ? (size_t)(nul - s->data) : s->size;
	uint8_t *p = ndr_room(n, 4, HEAD_SIZE + size + 1);

	if (!p)
		return;
	put_head(p, (uint32_t)size + 1);
	if (size > 0)
		memcpy(p + HEAD_SIZE, s->data, size);
	p[HEAD_SIZE + size] = 0;
}

void ndr_string8(struct ndr *n, void *slice)
{
	if (ndr_decoding(n))
		decode_string8(n, slice);
	else
		encode_string8(n, slice);
}

static bool is_nul(const uint8_t *unit)
{
	return unit[0] == 0 && unit[1] == 0;
}

/* A big-endian sender's units, turned around. */
static const uint8_t *swapped_units(struct ndr *n, const uint8_t *p, uint32_t units)
{
	uint8_t *copy = arena_alloc_raw(n->arena, (size_t)units * 2);

	for (size_t i = 0; copy && i < units; i++) {
		copy[2 * i] = p[2 * i + 1];
		copy[2 * i + 1] = p[2 * i];
	}
	return copy;
}

static struct slice text_of_units(struct ndr *n, const uint8_t *p, uint32_t units)
{
	if (n->in.big_endian)
		p = swapped_units(n, p, units);
	return p ? utf16le_to_utf8(n->arena, p, (size_t)units * 2) : slice_of(NULL, 0);
}

static void decode_string16(struct ndr *n, struct slice *s)
{
	uint32_t units = decode_head(n);
	const uint8_t *p = ndr_take(n, 2, (size_t)units * 2);
	uint32_t text = 0;

	while (p && text < units && !is_nul(p + 2 * (size_t)text))
		text++;
	if (!p || text == units) {
		ndr_fail(n, NDR_BAD_VALUE);
		return;
	}
	*s = text_of_units(n, p, text);
	if (!s->data)
		ndr_fail(n, NDR_NO_MEMORY);
}

/* Room is taken for the longest form, one unit a byte, and what was not needed is given back: one
 * pass. */
static void encode_string16(struct ndr *n, const struct slice *s)
{
	uint8_t *p = ndr_room(n, 4, HEAD_SIZE + 2 * (s->size + 1));

	if (!p)
		return;
	struct slice text = *s;
	uint8_t *end = utf8_string_to_utf16le(&text, p + HEAD_SIZE);
	size_t units = (size_t)(end - (p + HEAD_SIZE)) / 2 + 1;
	put_le16(end, 0);
	put_head(p, (uint32_t)units);
	n->out->size = (size_t)(end + 2 - n->out->data);
}

void ndr_string16(struct ndr *n, void *slice)
{
	if (ndr_decoding(n))
		decode_string16(n, slice);
	else
		encode_string16(n, slice);
}
