#include "mapi/wire.h"

#include "base/utf.h"

void wire_decode_init(struct wire *w, struct slice body, struct arena *a)
{
	*w = (struct wire){.decoding = true, .arena = a};
	reader_init(&w->in, body.data, body.size);
}

void wire_encode_init(struct wire *w, struct buffer *out)
{
	*w = (struct wire){.out = out};
}

void wire_fail(struct wire *w, enum wire_error error)
{
	if (w->error == WIRE_OK)
		w->error = error;
	w->in.failed = true;
}

/* The next bytes of the input, borrowed; NULL and failed when there are fewer. */
static const uint8_t *take(struct wire *w, size_t size)
{
	const uint8_t *p = reader_take(&w->in, size);

	if (!p)
		wire_fail(w, WIRE_BAD);
	return p;
}

static uint8_t *more_room(struct wire *w, size_t size)
{
	uint8_t *p = w->error ? NULL : buffer_extend(w->out, size);

	if (!p)
		wire_fail(w, WIRE_NO_MEMORY);
	return p;
}

/* Room for size bytes of output; NULL and failed beyond the buffer's limit. */
static inline uint8_t *room(struct wire *w, size_t size)
{
	struct buffer *b = w->out;
	size_t end = b->size + size;

	if (w->error || end > b->capacity || end > b->limit)
		return more_room(w, size);
	uint8_t *p = b->data + b->size;
	b->size = end;
	return p;
}

uint8_t *wire_room(struct wire *w, size_t size)
{
	return room(w, size);
}

void wire_trim(struct wire *w, const uint8_t *end)
{
	w->out->size = (size_t)(end - w->out->data);
}

void wire_u8(struct wire *w, uint8_t *v)
{
	if (w->decoding) {
		const uint8_t *p = take(w, 1);
		*v = p ? *p : 0;
		return;
	}
	uint8_t *p = room(w, 1);
	if (p)
		*p = *v;
}

void wire_u16(struct wire *w, uint16_t *v)
{
	if (w->decoding) {
		const uint8_t *p = take(w, 2);
		*v = p ? (uint16_t)(p[0] | p[1] << 8) : 0;
		return;
	}
	uint8_t *p = room(w, 2);
	if (p)
		put_le16(p, *v);
}

static uint32_t get_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void wire_u32(struct wire *w, uint32_t *v)
{
	if (w->decoding) {
		const uint8_t *p = take(w, 4);
		*v = p ? get_le32(p) : 0;
		return;
	}
	uint8_t *p = room(w, 4);
	if (p)
		put_le32(p, *v);
}

void wire_i16(struct wire *w, int16_t *v)
{
	uint16_t u = (uint16_t)*v;

	wire_u16(w, &u);
	*v = (int16_t)u;
}

void wire_i32(struct wire *w, int32_t *v)
{
	uint32_t u = (uint32_t)*v;

	wire_u32(w, &u);
	*v = (int32_t)u;
}

void wire_u64(struct wire *w, uint64_t *v)
{
	uint32_t halves[2] = {(uint32_t)*v, (uint32_t)(*v >> 32)};

	wire_u32s(w, halves, 2);
	*v = (uint64_t)halves[1] << 32 | halves[0];
}

void wire_u32s(struct wire *w, uint32_t *v, size_t count)
{
	if (w->decoding) {
		const uint8_t *p = take(w, 4 * count);
		for (size_t i = 0; i < count; i++)
			v[i] = p ? get_le32(p + 4 * i) : 0;
		return;
	}
	uint8_t *p = room(w, 4 * count);
	for (size_t i = 0; p && i < count; i++)
		put_le32(p + 4 * i, v[i]);
}

static void bytes(struct wire *w, void *v, size_t size)
{
	if (w->decoding) {
		const uint8_t *p = take(w, size);
		if (p)
			memcpy(v, p, size);
		return;
	}
	uint8_t *p = room(w, size);
	if (p && size > 0)
		memcpy(p, v, size);
}

void wire_guid(struct wire *w, struct guid *g)
{
	bytes(w, g->bytes, sizeof g->bytes);
}

bool wire_has(struct wire *w, bool present)
{
	uint8_t byte = present ? 0xFF : 0;

	wire_u8(w, &byte);
	return byte != 0;
}

int wire_peek(const struct wire *w)
{
	return reader_left(&w->in) > 0 ? *w->in.pos : -1;
}

void wire_count(struct wire *w, uint32_t *count, uint32_t max)
{
	wire_u32(w, count);
	if (*count <= max)
		return;
	wire_fail(w, WIRE_BAD);
	if (w->decoding)
		*count = 0;
}

void *wire_items(struct wire *w, const void *given, uint32_t count, size_t size, size_t wire_size)
{
	if (!w->decoding)
		return w->error ? NULL : (void *)(uintptr_t)given;
	if (wire_size > 0 && count > reader_left(&w->in) / wire_size)
		wire_fail(w, WIRE_BAD);
	if (wire_failed(w))
		return NULL;
	void *items = arena_alloc_array(w->arena, count, size);
	if (!items)
		wire_fail(w, WIRE_NO_MEMORY);
	return items;
}

/* What was read becomes the arena's, as the input does not live as long. */
static void keep(struct wire *w, struct slice *s, const uint8_t *p, size_t size)
{
	*s = arena_slice(w->arena, slice_of(p, size));
	if (!s->data)
		wire_fail(w, WIRE_NO_MEMORY);
}

void wire_binary(struct wire *w, struct slice *s)
{
	uint32_t size = (uint32_t)s->size;

	wire_u32(w, &size);
	if (!w->decoding) {
		bytes(w, (void *)(uintptr_t)s->data, size);
		return;
	}
	const uint8_t *p = take(w, size);
	*s = slice_of(NULL, 0);
	if (p)
		keep(w, s, p, size);
}

/* How much of a text is written: a NUL in it would end it for the reader. */
static size_t text_size(struct slice s)
{
	const uint8_t *nul = s.size > 0 ? memchr(s.data, 0, s.size) : NULL;

	return nul ? (size_t)(nul - s.data) : s.size;
}

static void decode_string8(struct wire *w, struct slice *s)
{
	size_t left = reader_left(&w->in);
	const uint8_t *nul = left ? memchr(w->in.pos, 0, left) : NULL;

	*s = slice_of(NULL, 0);
	if (!nul) {
		wire_fail(w, WIRE_BAD);
		return;
	}
	size_t size = (size_t)(nul - w->in.pos);
	keep(w, s, take(w, size + 1), size);
}

static void encode_string8(struct wire *w, const struct slice *s)
{
	size_t size = text_size(*s);
	uint8_t *p = room(w, size + 1);

	if (!p)
		return;
	if (size > 0)
		memcpy(p, s->data, size);
	p[size] = 0;
}

void wire_string8(struct wire *w, struct slice *s)
{
	if (w->decoding)
		decode_string8(w, s);
	else
		encode_string8(w, s);
}

static void decode_string16(struct wire *w, struct slice *s)
{
	size_t left = reader_left(&w->in) / 2, units = 0;
	const uint8_t *p = w->in.pos;

	*s = slice_of(NULL, 0);
	while (units < left && (p[2 * units] || p[2 * units + 1]))
		units++;
	if (units == left) {
		wire_fail(w, WIRE_BAD);
		return;
	}
	take(w, 2 * (units + 1));
	*s = utf16le_to_utf8(w->arena, p, 2 * units);
	if (!s->data)
		wire_fail(w, WIRE_NO_MEMORY);
}

uint8_t *wire_put_string16(uint8_t *p, struct slice s)
{
	p = utf8_string_to_utf16le(&s, p);
	put_le16(p, 0);
	return p + 2;
}

/* Room is taken for the longest form, one unit a byte, and what was not needed is given back: one
 * pass. */
static void encode_string16(struct wire *w, const struct slice *s)
{
	uint8_t *p = room(w, 2 * (s->size + 1));

	if (p)
		wire_trim(w, wire_put_string16(p, *s));
}

void wire_string16(struct wire *w, struct slice *s)
{
	if (w->decoding)
		decode_string16(w, s);
	else
		encode_string16(w, s);
}
