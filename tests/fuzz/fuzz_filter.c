/* A filter, a line with an attribute's name, and a value of it: the parser, and what it made at
 * work. */

#include <stdlib.h>

#include "base/memory.h"
#include "directory/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t length = end ? (size_t)(end - data) : size;
	char *text = xstrndup((const char *)data, length);
	struct slice rest = slice_of(data + length, size - length);
	struct entry_attribute attributes[] = {
		{.name = slice_of_string("department"), .values = &rest, .count = 1},
		{.name = slice_of_string("manager"),    .values = &rest, .count = 1},
	};
	struct entry entry = {.attributes = attributes, .count = 2};
	struct filter *f = NULL;
	struct error e;

	if (filter_parse(text, &f, &e) == 0) {
		filter_fits(f, &entry);
		filter_free(f);
	}
	free(text);
	return 0;
}
