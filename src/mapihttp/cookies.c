#include "mapihttp/cookies-private.h"

#include <inttypes.h>
#include <stdio.h>

enum { SEQUENCE_DIGITS = 16, COOKIE_MAX = 256 };

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

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

static void put(struct web_request *r, const char *name, const char *value, const char *path)
{
	char text[COOKIE_MAX];

	/* A client that speaks plain HTTP to us would keep a secure cookie to itself. */
	snprintf(text, sizeof text, "%s=%s; path=%s;%s HttpOnly", name, value, path,
	         r->tls ? " secure;" : "");
	web_header(r, "Set-Cookie", text);
}

void cookies_put(struct web_request *r, const char *path, const struct context *c)
{
	char id[GUID_TEXT_SIZE], sequence[SEQUENCE_DIGITS + 1];

	guid_format(&c->id, id);
	snprintf(sequence, sizeof sequence, "%016" PRIx64, c->sequence);
	put(r, "MapiContext", id, path);
	put(r, "MapiSequence", sequence, path);
}
