#include "base/utf.h"

#include <endian.h>

enum { REPLACEMENT = 0xFFFD };

static bool continues(uint8_t c)
{
	return (c & 0xC0) == 0x80;
}

static bool is_surrogate(uint32_t code)
{
	return code >= 0xD800 && code <= 0xDFFF;
}

/* Length of the sequence at p and its code point; 0 when it is not well-formed. */
static size_t decode(const uint8_t *p, size_t left, uint32_t *code)
{
	uint8_t c = p[0];
	if (c < 0x80) {
		*code = c;
		return 1;
	}
	if (c < 0xC2 || left < 2 || !continues(p[1]))
		return 0;
	if (c < 0xE0) {
		*code = (c & 0x1Fu) << 6 | (p[1] & 0x3Fu);
		return 2;
	}
	if (left < 3 || !continues(p[2]))
		return 0;
	if (c < 0xF0) {
		*code = (c & 0xFu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
		return *code >= 0x800 && !is_surrogate(*code) ? 3 : 0;
	}
	if (c > 0xF4 || left < 4 || !continues(p[3]))
		return 0;
	*code = (c & 7u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
	return *code >= 0x10000 && *code <= 0x10FFFF ? 4 : 0;
}

bool utf8_valid(struct slice s)
{
	for (size_t i = 0; i < s.size;) {
		uint32_t code;
		size_t size = decode(s.data + i, s.size - i, &code);
		if (size == 0)
			return false;
		i += size;
	}
	return true;
}

size_t utf16_units(struct slice utf8)
{
	size_t units = 0;
	for (size_t i = 0; i < utf8.size; i++) {
		uint8_t c = utf8.data[i];
		units += (c & 0xC0) != 0x80; /* one for each sequence */
		units += c >= 0xF0;          /* and one more for a surrogate pair */
	}
	return units;
}

static uint8_t *put_unit(uint8_t *out, uint32_t unit)
{
	put_le16(out, (uint16_t)unit);
	return out + 2;
}

static uint8_t *put_code(uint8_t *out, uint32_t code)
{
	if (code < 0x10000)
		return put_unit(out, code);
	out = put_unit(out, 0xD800 + ((code - 0x10000) >> 10));
	return put_unit(out, 0xDC00 + (code & 0x3FF));
}

enum { STEP = 8 };
typedef uint8_t bytes8 __attribute__((vector_size(STEP)));
typedef uint16_t units8 __attribute__((vector_size(2 * STEP)));

/* Whether none of eight bytes is a NUL or beyond ASCII. */
static bool is_plain(uint64_t bytes)
{
	return !((bytes | (bytes - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080));
}

/* Eight plain bytes to eight units; false when they are not. */
static bool widen(const uint8_t *p, uint8_t *out)
{
	uint64_t all;
	bytes8 bytes;

	memcpy(&all, p, STEP);
	if (!is_plain(all))
		return false;
	memcpy(&bytes, p, STEP);
	units8 units = __builtin_convertvector(bytes, units8);
	if (htole16(1) != 1)
		units <<= 8;
	memcpy(out, &units, sizeof units);
	return true;
}

/* Widens plain bytes; returns how many that were. The last step goes over bytes again that were
 * done already. */
static size_t widen_plain(const uint8_t *p, size_t size, uint8_t *out)
{
	size_t done = 0;

	while (size - done >= STEP && widen(p + done, out + 2 * done))
		done += STEP;
	if (size >= STEP && size - done < STEP && widen(p + size - STEP, out + 2 * (size - STEP)))
		return size;
	for (; done < size && p[done] && p[done] < 0x80; done++)
		put_le16(out + 2 * done, p[done]);
	return done;
}

uint8_t *utf8_string_to_utf16le(struct slice *utf8, uint8_t *out)
{
	const uint8_t *p = utf8->data, *end = p + utf8->size;
	for (;;) {
		size_t plain = widen_plain(p, (size_t)(end - p), out);
		p += plain;
		out += 2 * plain;
		if (p == end || *p == 0)
			break;
		while (p < end && *p >= 0x80) {
			uint32_t code = 0;
			size_t size = decode(p, (size_t)(end - p), &code);
			p += size ? size : 1;
			out = put_code(out, size ? code : REPLACEMENT);
		}
	}
	*utf8 = slice_of(p, (size_t)(end - p));
	return out;
}

uint8_t *utf8_to_utf16le(struct slice utf8, uint8_t *out)
{
	for (;;) {
		out = utf8_string_to_utf16le(&utf8, out);
		if (utf8.size == 0)
			return out;
		out = put_unit(out, 0);
		utf8 = slice_of(utf8.data + 1, utf8.size - 1);
	}
}

static uint8_t *encode(uint8_t *out, uint32_t code)
{
	if (code < 0x80) {
		*out++ = (uint8_t)code;
	} else if (code < 0x800) {
		*out++ = (uint8_t)(0xC0 | code >> 6);
		*out++ = (uint8_t)(0x80 | (code & 0x3F));
	} else if (code < 0x10000) {
		*out++ = (uint8_t)(0xE0 | code >> 12);
		*out++ = (uint8_t)(0x80 | (code >> 6 & 0x3F));
		*out++ = (uint8_t)(0x80 | (code & 0x3F));
	} else {
		*out++ = (uint8_t)(0xF0 | code >> 18);
		*out++ = (uint8_t)(0x80 | (code >> 12 & 0x3F));
		*out++ = (uint8_t)(0x80 | (code >> 6 & 0x3F));
		*out++ = (uint8_t)(0x80 | (code & 0x3F));
	}
	return out;
}

/* The code point at unit i; a surrogate without its partner becomes the replacement character. */
static uint32_t take_unit(const uint8_t *units, size_t count, size_t *i)
{
	uint32_t unit = (uint32_t)(units[2 * *i] | units[2 * *i + 1] << 8);
	++*i;
	if (unit < 0xD800 || unit > 0xDFFF)
		return unit;
	if (unit > 0xDBFF || *i == count)
		return REPLACEMENT;
	uint32_t low = (uint32_t)(units[2 * *i] | units[2 * *i + 1] << 8);
	if (low < 0xDC00 || low > 0xDFFF)
		return REPLACEMENT;
	++*i;
	return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

struct slice utf16le_to_utf8(struct arena *a, const uint8_t *units, size_t size)
{
	size_t count = size / 2;
	uint8_t *text = arena_alloc_raw(a, count * 3 + 1); /* a unit becomes three bytes at most */
	if (!text)
		return slice_of(NULL, 0);
	uint8_t *out = text;
	for (size_t i = 0; i < count;)
		out = encode(out, take_unit(units, count, &i));
	*out = '\0';
	return slice_of(text, (size_t)(out - text));
}
