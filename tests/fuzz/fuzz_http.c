/* HTTP messages of either side: what is read of one that comes in two pieces is what is read of it
 * as a whole. The first byte says where it is cut. */

#include <stdlib.h>

#include "http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where the head ends; SIZE_MAX: nowhere. */
static size_t find_head(struct slice text, size_t cut)
{
	size_t scanned = 0;
	size_t size = cut ? http_head_size(slice_of(text.data, cut), &scanned) : 0;
	return size ? size : http_head_size(text, &scanned);
}

static enum http_body_result read_body(const struct http_head *h, struct slice text, size_t cut,
                                       struct buffer *out)
{
	struct http_body b;
	enum http_body_result result = HTTP_BODY_MORE;
	size_t used = 0, taken = 1;
	http_body_init(&b, h);
	while (result == HTTP_BODY_MORE && (taken || used < text.size)) {
		size_t end = used < cut ? cut : text.size;
		struct slice part;
		result = http_body_read(&b, slice_of(text.data + used, end - used), &taken, &part);
		used += taken;
		buffer_put(out, part.data, part.size);
	}
	return result;
}

static void compare_bodies(const struct http_head *h, struct slice text, size_t cut)
{
	struct buffer whole, pieces;
	buffer_init(&whole, SIZE_MAX);
	buffer_init(&pieces, SIZE_MAX);
	enum http_body_result a = read_body(h, text, 0, &whole);
	enum http_body_result b = read_body(h, text, cut < text.size ? cut : text.size, &pieces);
	if (a != b || !slice_equal(buffer_slice(&whole), buffer_slice(&pieces)))
		abort();
	buffer_free(&whole);
	buffer_free(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct slice text = slice_of(data + 1, size - 1);
	size_t cut = data[0] % text.size;
	size_t head = find_head(text, 0);
	if (head != find_head(text, cut))
		abort();
	if (head == 0 || head == SIZE_MAX)
		return 0;
	struct slice rest = slice_of(text.data + head, text.size - head);
	static struct http_request request;
	static struct http_response response;
	if (http_request_parse(slice_of(text.data, head), &request) == 0) {
		http_cookie(&request.head, "MapiContext");
		compare_bodies(&request.head, rest, cut);
	}
	if (http_response_parse(slice_of(text.data, head), slice_of("GET", 3), &response) == 0)
		compare_bodies(&response.head, rest, cut);
	return 0;
}
