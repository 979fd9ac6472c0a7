#include "http/head-private.h"

static struct slice cut_word(struct slice *line)
{
	const uint8_t *space = memchr(line->data, ' ', line->size);
	size_t size = space ? (size_t)(space - line->data) : line->size;
	struct slice word = slice_of(line->data, size);
	size_t used = space ? size + 1 : size;
	*line = slice_of(line->data + used, line->size - used);
	return word;
}

static bool is_target(struct slice s)
{
	for (size_t i = 0; i < s.size; i++)
		if (s.data[i] <= 0x20 || s.data[i] >= 0x7F || s.data[i] == '#')
			return false;
	return s.size > 0;
}

static void split_query(struct slice target, struct http_request *out)
{
	const uint8_t *mark = memchr(target.data, '?', target.size);
	size_t size = mark ? (size_t)(mark - target.data) : target.size;
	out->path = slice_of(target.data, size);
	out->query = mark ? slice_of(mark + 1, target.size - size - 1) : slice_of(NULL, 0);
}

/* "http://host/path", as it is sent to a proxy; servers have to take it too (RFC 9112, 3.2.2). */
static bool split_authority(struct slice *target, struct slice *host)
{
	size_t scheme = slice_starts_nocase(*target, "http://")  ? 7
	              : slice_starts_nocase(*target, "https://") ? 8
	                                                         : 0;
	size_t end = scheme;
	while (end < target->size && target->data[end] != '/' && target->data[end] != '?')
		end++;
	if (scheme == 0 || end == scheme)
		return false;
	*host = slice_of(target->data + scheme, end - scheme);
	*target = end < target->size ? slice_of(target->data + end, target->size - end)
	                             : slice_of("/", 1);
	return target->data[0] == '/';
}

static uint16_t parse_target(struct slice target, struct http_request *out)
{
	out->host = slice_of(NULL, 0);
	if (!is_target(target))
		return 400;
	bool star = slice_equal(target, slice_of("*", 1));
	if (target.data[0] != '/' && !star && !split_authority(&target, &out->host))
		return 400;
	split_query(target, out);
	return 0;
}

static uint16_t parse_request_line(struct slice line, struct http_request *out)
{
	out->method = cut_word(&line);
	struct slice target = cut_word(&line);
	if (!http_is_token(out->method))
		return 400;
	uint16_t status = http_parse_version(line, &out->head);
	return status ? status : parse_target(target, out);
}

/* Exactly one in 1.1 (RFC 9112, 3.2); the target's own goes first. */
static uint16_t parse_host(struct http_request *out)
{
	size_t count = 0;
	struct slice host = http_header(&out->head, "Host", &count);
	if (count > 1 || (count == 0 && out->head.minor > 0))
		return 400;
	if (count && !is_target(host) && host.size)
		return 400;
	if (!out->host.data)
		out->host = host;
	return 0;
}

/* Only of 1.1 (RFC 9110, 10.1.1); another expectation cannot be met. */
static uint16_t parse_expectation(struct http_request *out)
{
	size_t count = 0;
	struct slice expected = http_header(&out->head, "Expect", &count);
	out->expect_continue = false;
	if (count == 0 || out->head.minor == 0)
		return 0;
	out->expect_continue = out->head.framing != HTTP_NO_BODY;
	return slice_equal_nocase(expected, slice_of_string("100-continue")) ? 0 : 417;
}

uint16_t http_request_parse(struct slice head, struct http_request *out)
{
	uint16_t status = parse_request_line(http_next_line(&head), out);
	if (!status)
		status = http_parse_headers(head, &out->head);
	if (!status)
		status = parse_host(out);
	if (!status)
		status = http_parse_framing(&out->head, HTTP_NO_BODY);
	if (!status)
		status = parse_expectation(out);
	if (!status)
		http_parse_keep_alive(&out->head);
	return status;
}
