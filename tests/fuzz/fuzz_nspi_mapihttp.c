/* The first byte chooses a request type and direction; the rest is a body. What decodes must
 * encode, to a form that decodes to the same bytes again. */

#include <stdlib.h>

#include "../http_filters.h"

enum { ARENA_CEILING = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *decode(const struct http_filter *filter, struct slice body, struct arena *a)
{
	struct wire w;
	void *value = arena_alloc(a, filter->size);

	wire_decode_init(&w, body, a);
	filter->fn(&w, value);
	return wire_failed(&w) ? NULL : value;
}

static void encode(const struct http_filter *filter, void *value, struct buffer *out)
{
	struct wire w;

	wire_encode_init(&w, out);
	filter->fn(&w, value);
	if (wire_failed(&w))
		abort();
}

static void check_round_trip(const struct http_filter *filter, void *value, struct arena *a)
{
	struct buffer first, second;

	buffer_init(&first, ARENA_CEILING);
	buffer_init(&second, ARENA_CEILING);
	encode(filter, value, &first);
	void *again = decode(filter, buffer_slice(&first), a);
	if (!again)
		abort();
	encode(filter, again, &second);
	if (!slice_equal(buffer_slice(&first), buffer_slice(&second)))
		abort();
	buffer_free(&first);
	buffer_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;

	if (size < 1)
		return 0;
	arena_init(&a, ARENA_CEILING);
	const struct http_filter *filter = &http_filters[data[0] % HTTP_FILTER_COUNT];
	void *value = decode(filter, slice_of(data + 1, size - 1), &a);
	if (value)
		check_round_trip(filter, value, &a);
	arena_free(&a);
	return 0;
}
