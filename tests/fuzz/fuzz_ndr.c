/* The first byte chooses an operation and direction, the second the sender's byte order; the rest
 * is a stub. What decodes must encode, to a form that decodes to the same bytes again. */

#include <stdlib.h>

#include "../nspi_filters.h"

enum { ARENA_CEILING = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *decode(const struct filter *filter, struct slice stub, bool big_endian,
                    struct arena *a)
{
	struct ndr n;
	void *value = arena_alloc(a, filter->size);

	ndr_decode_init(&n, stub, big_endian, a);
	filter->fn(&n, value);
	return ndr_failed(&n) ? NULL : value;
}

static void encode(const struct filter *filter, void *value, struct buffer *out)
{
	struct ndr n;

	ndr_encode_init(&n, out);
	filter->fn(&n, value);
	if (ndr_failed(&n))
		abort();
}

static void check_round_trip(const struct filter *filter, void *value, struct arena *a)
{
	struct buffer first, second;

	buffer_init(&first, ARENA_CEILING);
	buffer_init(&second, ARENA_CEILING);
	encode(filter, value, &first);
	void *again = decode(filter, buffer_slice(&first), false, a);
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

	if (size < 2)
		return 0;
	arena_init(&a, ARENA_CEILING);
	const struct filter *filter = &filters[data[0] % FILTER_COUNT];
	void *value = decode(filter, slice_of(data + 2, size - 2), data[1] & 1, &a);
	if (value)
		check_round_trip(filter, value, &a);
	arena_free(&a);
	return 0;
}
