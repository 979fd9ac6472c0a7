#include "base/hex.h"
#include "http/http.h"

/* Chunks, RFC 9112, 7.1: size [;extensions] CRLF bytes CRLF ... 0 CRLF [trailers] CRLF. */
enum state {
	BODY_BYTES, /* of the length, or of a chunk */
	BODY_SIZE,  /* of a chunk, its first digit */
	BODY_MORE_SIZE,
	BODY_BLANK, /* between a size and its extensions */
	BODY_EXTENSION,
	BODY_SIZE_LF,
	BODY_BYTES_CR,
	BODY_BYTES_LF,
	BODY_TRAILER, /* at the start of a line */
	BODY_TRAILER_REST,
	BODY_TRAILER_LF,
	BODY_LAST_LF,
	BODY_OVER,
	BODY_WRONG,
};

enum { MAX_EXTRAS = 4096 };

/* Far more than anybody sends, and no sum overflows. */
#define MAX_CHUNK (UINT64_C(1) << 48)

void http_body_init(struct http_body *b, const struct http_head *h)
{
	*b = (struct http_body){.framing = h->framing, .left = h->length};
	switch (h->framing) {
	case HTTP_NO_BODY: b->state = BODY_OVER; break;
	case HTTP_LENGTH: b->state = h->length ? BODY_BYTES : BODY_OVER; break;
	case HTTP_CHUNKED: b->state = BODY_SIZE; break;
	case HTTP_UNTIL_CLOSE:
		b->state = BODY_BYTES;
		b->left = UINT64_MAX;
		break;
	}
}

static enum state size_digit(struct http_body *b, uint8_t c)
{
	int digit = hex_digit(c);
	if (digit < 0 || b->left >= MAX_CHUNK / 16)
		return BODY_WRONG;
	b->left = b->left * 16 + (unsigned)digit;
	return BODY_MORE_SIZE;
}

static enum state after_blank(struct http_body *b, uint8_t c)
{
	if (c == '\r')
		return BODY_SIZE_LF;
	if (c == ';')
		return BODY_EXTENSION;
	return (c == ' ' || c == '\t') && ++b->extras <= MAX_EXTRAS ? BODY_BLANK : BODY_WRONG;
}

static enum state after_size(struct http_body *b, uint8_t c)
{
	return c == '\r' || c == ';' || c == ' ' || c == '\t' ? after_blank(b, c)
	                                                      : size_digit(b, c);
}

/* A line that is not looked at: it has to be text, and not too much of it. */
static enum state extra(struct http_body *b, uint8_t c, enum state stay, enum state end)
{
	if (++b->extras > MAX_EXTRAS)
		return BODY_WRONG;
	if (c == '\r')
		return end;
	return c == '\t' || (c >= 0x20 && c != 0x7F) ? stay : BODY_WRONG;
}

static enum state expect(uint8_t c, char wanted, enum state next)
{
	return c == (uint8_t)wanted ? next : BODY_WRONG;
}

static enum state framing_byte(struct http_body *b, uint8_t c)
{
	switch ((enum state)b->state) {
	case BODY_SIZE: return size_digit(b, c);
	case BODY_MORE_SIZE: return after_size(b, c);
	case BODY_BLANK: return after_blank(b, c);
	case BODY_EXTENSION: return extra(b, c, BODY_EXTENSION, BODY_SIZE_LF);
	case BODY_SIZE_LF: return expect(c, '\n', b->left ? BODY_BYTES : BODY_TRAILER);
	case BODY_BYTES_CR: return expect(c, '\r', BODY_BYTES_LF);
	case BODY_BYTES_LF: return expect(c, '\n', BODY_SIZE);
	case BODY_TRAILER:
		return c == '\r' ? BODY_LAST_LF : extra(b, c, BODY_TRAILER_REST, BODY_WRONG);
	case BODY_TRAILER_REST: return extra(b, c, BODY_TRAILER_REST, BODY_TRAILER_LF);
	case BODY_TRAILER_LF: return expect(c, '\n', BODY_TRAILER);
	case BODY_LAST_LF: return expect(c, '\n', BODY_OVER);
	case BODY_BYTES:
	case BODY_OVER:
	case BODY_WRONG: break;
	}
	return BODY_WRONG;
}

static void take_bytes(struct http_body *b, struct slice data, size_t *consumed, struct slice *part)
{
	size_t left = data.size - *consumed;
	size_t size = b->left < left ? (size_t)b->left : left;
	*part = slice_of(data.data + *consumed, size);
	*consumed += size;
	if (b->framing == HTTP_UNTIL_CLOSE)
		return;
	b->left -= size;
	if (b->left == 0)
		b->state = b->framing == HTTP_CHUNKED ? BODY_BYTES_CR : BODY_OVER;
}

enum http_body_result http_body_read(struct http_body *b, struct slice data, size_t *consumed,
                                     struct slice *part)
{
	*consumed = 0;
	*part = slice_of(NULL, 0);
	while (b->state > BODY_BYTES && b->state < BODY_OVER && *consumed < data.size)
		b->state = (uint8_t)framing_byte(b, data.data[(*consumed)++]);
	if (b->state == BODY_BYTES && *consumed < data.size)
		take_bytes(b, data, consumed, part);
	if (b->state == BODY_WRONG)
		return HTTP_BODY_BAD;
	return b->state == BODY_OVER ? HTTP_BODY_END : HTTP_BODY_MORE;
}
