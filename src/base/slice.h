#ifndef BASE_SLICE_H
#define BASE_SLICE_H

/*
 * A borrowed run of bytes: text or binary, never owned, never NUL-terminated by promise.
 * Text is UTF-8 unless a comment says otherwise. { NULL, 0 } is "none"; an empty string has
 * a non-NULL pointer.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const uint8_t *data;
	size_t size; /* bytes */
};

static inline struct slice slice_of(const void *data, size_t size)
{
	return (struct slice){.data = data, .size = size};
}

static inline struct slice slice_of_string(const char *s)
{
	return (struct slice){.data = (const uint8_t *)s, .size = s ? strlen(s) : 0};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* ASCII letters compare without case; every other byte as it is. */
bool slice_equal_nocase(struct slice a, struct slice b);
bool slice_starts_nocase(struct slice s, const char *prefix);

#endif
