#include "base/guid.h"

#include "base/hex.h"
#include "base/random.h"

/* Where each byte of the text form lies on the wire: the first three fields are little-endian. */
static const uint8_t text_order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

bool guid_is_zero(const struct guid *g)
{
	static const struct guid zero;
	return guid_equal(g, &zero);
}

struct guid guid_random(void)
{
	struct guid g;
	random_bytes(g.bytes, sizeof g.bytes);
	g.bytes[7] = (uint8_t)((g.bytes[7] & 0x0F) | 0x40);
	g.bytes[8] = (uint8_t)((g.bytes[8] & 0x3F) | 0x80);
	return g;
}

void guid_format(const struct guid *g, char text[GUID_TEXT_SIZE])
{
	char *p = text;
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		p = hex_put(p, g->bytes[text_order[i]]);
	}
	*p = '\0';
}

bool guid_parse(struct slice text, struct guid *g)
{
	struct guid parsed = {0};
	if (text.size >= 2 && text.data[0] == '{' && text.data[text.size - 1] == '}')
		text = slice_of(text.data + 1, text.size - 2);
	bool dashes = text.size == 36;
	if (!dashes && text.size != 32)
		return false;
	size_t at = 0;
	for (size_t i = 0; i < 16; i++) {
		if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && text.data[at++] != '-')
			return false;
		int high = hex_digit(text.data[at]), low = hex_digit(text.data[at + 1]);
		if (high < 0 || low < 0)
			return false;
		parsed.bytes[text_order[i]] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	*g = parsed;
	return true;
}
