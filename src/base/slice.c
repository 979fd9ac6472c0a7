#include "base/slice.h"

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
	if (a.size != b.size)
		return false;
	if (slice_equal(a, b))
		return true;
	for (size_t i = 0; i < a.size; i++)
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	return true;
}

bool slice_starts_nocase(struct slice s, const char *prefix)
{
	struct slice p = slice_of_string(prefix);
	return s.size >= p.size && slice_equal_nocase(slice_of(s.data, p.size), p);
}
