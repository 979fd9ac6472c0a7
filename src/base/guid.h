#ifndef BASE_GUID_H
#define BASE_GUID_H

/* A GUID as its 16 bytes on a little-endian wire; also FlatUID, UUID and context handle ids. */

#include "base/slice.h"

struct guid {
	uint8_t bytes[16];
};

#define GUID_TEXT_SIZE 37 /* with the NUL */

static inline bool guid_equal(const struct guid *a, const struct guid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool guid_is_zero(const struct guid *g);

/* A random (version 4) one. */
struct guid guid_random(void);

/* "f5cc5a18-4264-101a-8c59-08002b2f8426", lower case. */
void guid_format(const struct guid *g, char text[GUID_TEXT_SIZE]);

/* Accepts either case, with or without braces and dashes; false when it is not one. */
bool guid_parse(struct slice text, struct guid *g);

#endif
