#include "http/head-private.h"

enum { MAX_LENGTH_DIGITS = 19 };

/* tchar of RFC 9110, 5.6.2: a bit a character. */
static bool is_token_char(uint8_t c)
{
	static const uint32_t tokens[8] = {
		[1] = 0x03FF6CFA, /* !#$%&'*+-. digits */
		[2] = 0xC7FFFFFE, /* A-Z ^_ */
		[3] = 0x57FFFFFF, /* `a-z|~ */
	};
	return tokens[c / 32] >> (c % 32) & 1;
}

bool http_is_token(struct slice s)
{
	for (size_t i = 0; i < s.size; i++)
		if (!is_token_char(s.data[i]))
			return false;
	return s.size > 0;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

struct slice http_trim(struct slice s)
{
	while (s.size && is_blank(s.data[0]))
		s = slice_of(s.data + 1, s.size - 1);
	while (s.size && is_blank(s.data[s.size - 1]))
		s.size--;
	return s;
}

/* 0: more bytes are needed; SIZE_MAX: the line does not end as lines have to. */
static size_t line_size(struct slice data, size_t from, size_t *scanned)
{
	if (*scanned == data.size)
		return 0;
	const uint8_t *lf = memchr(data.data + *scanned, '\n', data.size - *scanned);
	size_t end = lf ? (size_t)(lf - data.data) : data.size;
	if (memchr(data.data + *scanned, 0, end - *scanned))
		return SIZE_MAX;
	*scanned = end;
	if (!lf)
		return 0;
	*scanned = end + 1;
	return end > from && lf[-1] == '\r' ? end + 1 - from : SIZE_MAX;
}

size_t http_head_size(struct slice data, size_t *scanned)
{
	size_t line = *scanned;
	if (data.size > HTTP_MAX_HEAD)
		data.size = HTTP_MAX_HEAD;
	while (line && data.data[line - 1] != '\n')
		line--;
	for (;;) {
		size_t size = line_size(data, line, scanned);
		if (size == 0)
			return data.size == HTTP_MAX_HEAD ? SIZE_MAX : 0;
		if (size == SIZE_MAX)
			return SIZE_MAX;
		if (size == 2)
			return *scanned;
		line = *scanned;
	}
}

struct slice http_next_line(struct slice *rest)
{
	const uint8_t *lf = memchr(rest->data, '\n', rest->size);
	size_t size = (size_t)(lf - rest->data);
	struct slice line = slice_of(rest->data, size - 1);
	*rest = slice_of(lf + 1, rest->size - size - 1);
	return line;
}

static bool is_value_char(uint8_t c)
{
	return (c >= 0x20 || c == '\t') && c != 0x7F;
}

/* Are eight characters at once neither below 0x20 nor 0x7F? */
static bool are_plain(const uint8_t *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t v;

	memcpy(&v, p, sizeof v);
	uint64_t low = (v - 0x20 * ones) & ~v, deleted = v ^ 0x7F * ones;
	return ((low | ((deleted - ones) & ~deleted)) & tops) == 0;
}

/* field-vchar, white space and what is not ASCII; a CR here is one that no LF follows. */
bool http_is_value(struct slice s)
{
	size_t i = 0;

	while (s.size - i >= 8 && are_plain(s.data + i))
		i += 8;
	if (s.size >= 8 && s.size - i < 8 && are_plain(s.data + s.size - 8))
		return true;
	while (i < s.size && is_value_char(s.data[i]))
		i++;
	return i == s.size;
}

/* A folded line begins with white space, and so is no token (RFC 9112, 5.2). */
static bool parse_header(struct slice line, struct http_header *out)
{
	const uint8_t *colon = memchr(line.data, ':', line.size);
	if (!colon)
		return false;
	size_t name_size = (size_t)(colon - line.data);
	out->name = slice_of(line.data, name_size);
	out->value = http_trim(slice_of(colon + 1, line.size - name_size - 1));
	return http_is_token(out->name) && http_is_value(out->value);
}

uint16_t http_parse_headers(struct slice lines, struct http_head *h)
{
	h->header_count = 0;
	for (;;) {
		struct slice line = http_next_line(&lines);
		if (line.size == 0)
			return 0;
		if (h->header_count == HTTP_MAX_HEADERS)
			return 431;
		if (!parse_header(line, &h->headers[h->header_count++]))
			return 400;
	}
}

struct slice http_header(const struct http_head *h, const char *name, size_t *count)
{
	struct slice wanted = slice_of_string(name), found = {0};
	size_t n = 0;
	for (size_t i = 0; i < h->header_count; i++) {
		if (!http_is_named(&h->headers[i], wanted))
			continue;
		if (n++ == 0)
			found = h->headers[i].value;
	}
	if (count)
		*count = n;
	return found;
}

static struct slice cut_at(struct slice *list, char separator)
{
	const uint8_t *end = memchr(list->data, separator, list->size);
	size_t size = end ? (size_t)(end - list->data) : list->size;
	struct slice element = slice_of(list->data, size);
	size_t used = end ? size + 1 : size;
	*list = slice_of(list->data + used, list->size - used);
	return http_trim(element);
}

bool http_list_next(struct slice *list, struct slice *element)
{
	while (list->size) {
		*element = cut_at(list, ',');
		if (element->size)
			return true;
	}
	return false;
}

static struct slice cookie_in(struct slice pairs, struct slice name)
{
	while (pairs.size) {
		struct slice pair = cut_at(&pairs, ';');
		if (pair.size > name.size && pair.data[name.size] == '=' &&
		    slice_equal(slice_of(pair.data, name.size), name))
			return slice_of(pair.data + name.size + 1, pair.size - name.size - 1);
	}
	return slice_of(NULL, 0);
}

struct slice http_cookie(const struct http_head *h, const char *name)
{
	struct slice value = {0}, header = slice_of_string("Cookie");
	for (size_t i = 0; i < h->header_count && !value.data; i++)
		if (http_is_named(&h->headers[i], header))
			value = cookie_in(h->headers[i].value, slice_of_string(name));
	return value;
}

/* "HTTP/1.x"; 505 for another version. */
uint16_t http_parse_version(struct slice s, struct http_head *h)
{
	if (s.size != 8 || memcmp(s.data, "HTTP/", 5) != 0 || s.data[6] != '.')
		return 400;
	if (s.data[5] != '1' || s.data[7] < '0' || s.data[7] > '9')
		return 505;
	h->minor = s.data[7] > '0';
	return 0;
}

static bool parse_length(struct slice s, uint64_t *length)
{
	*length = 0;
	for (size_t i = 0; i < s.size; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
		*length = *length * 10 + (s.data[i] - '0');
	}
	return s.size > 0 && s.size < MAX_LENGTH_DIGITS;
}

/* RFC 9112, 6.1 to 6.3. What would be read in two ways by a server and a proxy before it is
 * refused, not corrected. */
uint16_t http_parse_framing(struct http_head *h, enum http_framing without)
{
	size_t lengths = 0, codings = 0;
	struct slice length = http_header(h, "Content-Length", &lengths);
	struct slice coding = http_header(h, "Transfer-Encoding", &codings);
	h->length = 0;
	h->framing = without;
	if (lengths > 1 || codings > 1 || (lengths && codings))
		return 400;
	if (codings && h->minor == 0)
		return 400;
	if (codings && !slice_equal_nocase(coding, slice_of_string("chunked")))
		return 501;
	if (lengths && !parse_length(length, &h->length))
		return 400;
	if (codings)
		h->framing = HTTP_CHUNKED;
	else if (lengths)
		h->framing = h->length ? HTTP_LENGTH : HTTP_NO_BODY;
	return 0;
}

static bool names(const struct http_head *h, const char *header, const char *word)
{
	struct slice name = slice_of_string(header);
	for (size_t i = 0; i < h->header_count; i++) {
		struct slice list = h->headers[i].value, element;
		if (!http_is_named(&h->headers[i], name))
			continue;
		while (http_list_next(&list, &element))
			if (slice_equal_nocase(element, slice_of_string(word)))
				return true;
	}
	return false;
}

/* RFC 9112, 9.3; 1.0 has to ask for it. */
void http_parse_keep_alive(struct http_head *h)
{
	h->keep_alive = !names(h, "Connection", "close") &&
	                (h->minor > 0 || names(h, "Connection", "keep-alive"));
}
