#include "mapihttp/cookies-private.h"

#include "base/hex.h"

enum { SEQUENCE_DIGITS = 16 };

static bool parse_sequence(struct slice text, uint64_t *sequence)
{
	uint64_t v = 0;

	if (text.size != SEQUENCE_DIGITS)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		int digit = hex_digit(text.data[i]);
		if (digit < 0)
			return false;
		v = v << 4 | (uint64_t)digit;
	}
	*sequence = v;
	return true;
}

void cookies_read(const struct http_head *head, struct cookies *c)
{
	struct slice context = http_cookie(head, "MapiContext");
	struct slice sequence = http_cookie(head, "MapiSequence");

	*c = (struct cookies){
		.has_context = context.data != NULL,
		.has_sequence = sequence.data != NULL,
	};
	c->context_valid = context.data && guid_parse(context, &c->context);
	parse_sequence(sequence, &c->sequence);
}

void cookies_put(struct web_request *r, const char *path, const struct context *c)
{
	char id[GUID_TEXT_SIZE], sequence[SEQUENCE_DIGITS], *p = sequence;

	guid_format(&c->id, id);
	for (int shift = 56; shift >= 0; shift -= 8)
		p = hex_put(p, (uint8_t)(c->sequence >> shift));
	web_cookie(r, "MapiContext", slice_of_string(id), path);
	web_cookie(r, "MapiSequence", slice_of(sequence, sizeof sequence), path);
}
