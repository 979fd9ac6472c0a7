#include "http/head-private.h"

static bool parse_status_line(struct slice line, struct http_response *out)
{
	enum { VERSION = 8, CODE = 3, REASON = VERSION + 1 + CODE };

	if (line.size < REASON || line.data[VERSION] != ' ' ||
	    (line.size > REASON && line.data[REASON] != ' '))
		return false;
	out->status = 0;
	for (size_t i = VERSION + 1; i < REASON; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return false;
		out->status = (uint16_t)(out->status * 10 + (line.data[i] - '0'));
	}
	struct slice rest = slice_of(line.data + REASON, line.size - REASON);
	out->reason = http_trim(rest);
	return http_parse_version(slice_of(line.data, VERSION), &out->head) == 0 &&
	       out->status >= 100;
}

/* RFC 9112, 6.3: these never have one, whatever their headers say. */
static bool has_no_body(uint16_t status, struct slice method)
{
	return status < 200 || status == 204 || status == 304 ||
	       slice_equal(method, slice_of_string("HEAD"));
}

int http_response_parse(struct slice head, struct slice method, struct http_response *out)
{
	if (!parse_status_line(http_next_line(&head), out))
		return ERR_INVALID;
	if (http_parse_headers(head, &out->head) ||
	    http_parse_framing(&out->head, HTTP_UNTIL_CLOSE))
		return ERR_INVALID;
	if (has_no_body(out->status, method))
		out->head.framing = HTTP_NO_BODY;
	http_parse_keep_alive(&out->head);
	if (out->head.framing == HTTP_UNTIL_CLOSE)
		out->head.keep_alive = false;
	return 0;
}
