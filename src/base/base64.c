#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { BYTES_MAX = 0xFFFFFF };

/* What a character stands for, and one more: 0 is none of the alphabet. */
static const uint8_t digits[256] = {
	['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,
	['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
	['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
	['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
	['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
	['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
	['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
	['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
	['/'] = 64,
};

/* Three bytes of four characters; more than BYTES_MAX when one is none of the alphabet. */
static uint32_t decode_four(const uint8_t *text)
{
	uint32_t a = digits[text[0]] - 1u, b = digits[text[1]] - 1u;
	uint32_t c = digits[text[2]] - 1u, d = digits[text[3]] - 1u;
	return a << 18 | b << 12 | c << 6 | d;
}

static uint8_t *put_bytes(uint8_t *out, uint32_t bits, size_t count)
{
	for (size_t i = 0; i < count; i++)
		*out++ = (uint8_t)(bits >> (16 - 8 * i));
	return out;
}

/* The two or three characters before the padding, or none. */
static bool decode_last(const uint8_t *in, size_t count, uint8_t **out)
{
	uint8_t four[4] = {'A', 'A', 'A', 'A'};
	if (count == 0)
		return true;
	memcpy(four, in, count);
	uint32_t bits = decode_four(four);
	*out = put_bytes(*out, bits, count - 1);
	return bits <= BYTES_MAX;
}

bool base64_decode(uint8_t *text, size_t *size)
{
	uint8_t *out = text;
	size_t n = *size, i = 0;
	if (n == 0)
		return true;
	if (n % 4)
		return false;
	for (int padding = 0; padding < 2 && n && text[n - 1] == '='; padding++)
		n--;
	for (; n - i >= 4; i += 4) {
		uint32_t bits = decode_four(text + i);
		if (bits > BYTES_MAX)
			return false;
		out = put_bytes(out, bits, 3);
	}
	if (!decode_last(text + i, n - i, &out))
		return false;
	*size = (size_t)(out - text);
	return true;
}

void base64_encode(struct slice bytes, struct buffer *out)
{
	for (size_t i = 0; i < bytes.size; i += 3) {
		size_t left = bytes.size - i;
		uint32_t bits = (uint32_t)bytes.data[i] << 16;
		if (left > 1)
			bits |= (uint32_t)bytes.data[i + 1] << 8;
		if (left > 2)
			bits |= bytes.data[i + 2];
		uint8_t *p = buffer_extend(out, 4);
		if (!p)
			return;
		p[0] = (uint8_t)alphabet[bits >> 18];
		p[1] = (uint8_t)alphabet[bits >> 12 & 63];
		p[2] = left > 1 ? (uint8_t)alphabet[bits >> 6 & 63] : '=';
		p[3] = left > 2 ? (uint8_t)alphabet[bits & 63] : '=';
	}
}
