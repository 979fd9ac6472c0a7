/* Responses of MAPI over HTTP, and of any other server of HTTP. A session is the cookies that the
 * last response has set. */

#include <err.h>
#include <string.h>

#include "http/http.h"
#include "load.h"

/* Where the body begins, of a response that is there as a whole; 0 otherwise. */
static size_t find_body(struct connection *c, struct http_response *response)
{
	struct slice input = slice_of(c->input, c->have), part;
	struct http_body body;
	size_t scanned = 0, taken = 0, head = http_head_size(input, &scanned);
	enum http_body_result result = HTTP_BODY_MORE;

	if (head == SIZE_MAX || (head && http_response_parse(slice_of(c->input, head),
	                                                     slice_of_string("POST"), response)))
		errx(1, "the server sends what is no HTTP");
	if (head == 0)
		return 0;
	http_body_init(&body, &response->head);
	c->seen = head;
	do {
		struct slice rest = slice_of(c->input + c->seen, c->have - c->seen);
		result = http_body_read(&body, rest, &taken, &part);
		c->seen += taken;
	} while (result == HTTP_BODY_MORE && taken);
	return result == HTTP_BODY_END ? head : 0;
}

/* StatusCode and ErrorCode behind DONE and its headers: no failure has the first one, and none but
 * warnings the second one's last byte below 0x80 (MS-OXCMAPIHTTP 2.2.5). */
static bool has_succeeded(struct slice body)
{
	static const char done[] = "DONE\r\n", end[] = "\r\n\r\n";
	enum { END = sizeof end - 1, ERROR_CODE_LAST = 7 };
	const uint8_t *tag = memmem(body.data, body.size, done, sizeof done - 1);
	size_t left = tag ? body.size - (size_t)(tag - body.data) : 0;
	const uint8_t *codes = left ? memmem(tag, left, end, END) : NULL;

	if (!codes || left - (size_t)(codes - tag) <= END + ERROR_CODE_LAST)
		return false;
	return (codes[END] | codes[END + 1]) == 0 && codes[END + ERROR_CODE_LAST] < 0x80;
}

static enum answer look(struct connection *c)
{
	struct http_response response;
	size_t at = find_body(c, &response);

	if (at == 0)
		return ANSWER_PART;
	struct slice code = http_header(&response.head, "X-ResponseCode", NULL);
	bool good = response.status == 200;
	if (code.data)
		good = good && slice_equal(code, slice_of("0", 1)) &&
		       has_succeeded(slice_of(c->input + at, c->seen - at));
	return good ? ANSWER_GOOD : ANSWER_FAILED;
}

static void add_to_session(struct connection *c, struct slice text)
{
	if (c->session_size + text.size > SESSION_MAX)
		errx(1, "the server sets too long cookies");
	memcpy(c->session + c->session_size, text.data, text.size);
	c->session_size += text.size;
}

/* NAME=VALUE; path=... */
static struct slice pair_of(struct slice cookie)
{
	const uint8_t *end = memchr(cookie.data, ';', cookie.size);

	return slice_of(cookie.data, end ? (size_t)(end - cookie.data) : cookie.size);
}

static void keep_session(struct connection *c)
{
	struct http_response response;
	size_t scanned = 0, head = http_head_size(slice_of(c->input, c->have), &scanned);

	http_response_parse(slice_of(c->input, head), slice_of_string("POST"), &response);
	c->session_size = 0;
	for (size_t i = 0; i < response.head.header_count; i++) {
		const struct http_header *h = &response.head.headers[i];
		if (!slice_equal_nocase(h->name, slice_of_string("Set-Cookie")))
			continue;
		if (c->session_size > 0)
			add_to_session(c, slice_of_string("; "));
		add_to_session(c, pair_of(h->value));
	}
}

const struct protocol load_http = {
	.log_in = login_http,
	.look = look,
	.keep_session = keep_session,
	.renews_session = true,
};
