#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(uint8_t *text, size_t *size)
{
	size_t n = *size, written = 0;
	uint32_t bits = 0;
	if (n % 4)
		return false;
	for (int padding = 0; padding < 2 && n && text[n - 1] == '='; padding++)
		n--;
	for (size_t i = 0; i < n; i++) {
		int d = digit(text[i]);
		if (d < 0)
			return false;
		bits = bits << 6 | (uint32_t)d;
		if (i % 4)
			text[written++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	*size = written;
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
