#ifndef BASE_READER_H
#define BASE_READER_H

/*
 * A cursor over bytes that someone else sent. It never reads behind the end: the first read that
 * would do so sets `failed`, and from then on every read gives 0 or NULL. So a parser reads all
 * its fields and looks at `failed` once. It owns nothing.
 */

#include "base/slice.h"

struct reader {
	const uint8_t *start, *pos, *end;
	bool big_endian; /* of the multi-byte integers */
	bool failed;
};

static inline void reader_init(struct reader *r, const void *data, size_t size)
{
	const uint8_t *p = data ? data : (const uint8_t *)"";
	*r = (struct reader){.start = p, .pos = p, .end = p + size};
}

static inline size_t reader_left(const struct reader *r)
{
	return r->failed ? 0 : (size_t)(r->end - r->pos);
}

static inline size_t reader_offset(const struct reader *r)
{
	return (size_t)(r->pos - r->start);
}

/* The next size bytes, borrowed from the input; NULL (and failed) when there are fewer. */
static inline const uint8_t *reader_take(struct reader *r, size_t size)
{
	if (r->failed || (size_t)(r->end - r->pos) < size) {
		r->failed = true;
		return NULL;
	}
	const uint8_t *p = r->pos;
	r->pos += size;
	return p;
}

static inline struct slice reader_slice(struct reader *r, size_t size)
{
	const uint8_t *p = reader_take(r, size);
	return slice_of(p, p ? size : 0);
}

static inline void reader_skip(struct reader *r, size_t size)
{
	(void)reader_take(r, size);
}

/* Skips to the next multiple of `alignment` (a power of two) from the start. */
static inline void reader_align(struct reader *r, size_t alignment)
{
	reader_skip(r, (alignment - reader_offset(r)) & (alignment - 1));
}

static inline uint8_t reader_u8(struct reader *r)
{
	const uint8_t *p = reader_take(r, 1);
	return p ? p[0] : 0;
}

static inline uint16_t reader_u16(struct reader *r)
{
	const uint8_t *p = reader_take(r, 2);
	if (!p)
		return 0;
	return r->big_endian ? (uint16_t)(p[0] << 8 | p[1]) : (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t reader_u32(struct reader *r)
{
	const uint8_t *p = reader_take(r, 4);
	if (!p)
		return 0;
	return r->big_endian
	             ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
	             : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t reader_u64(struct reader *r)
{
	uint64_t first = reader_u32(r);
	uint64_t second = reader_u32(r);
	return r->big_endian ? first << 32 | second : second << 32 | first;
}

#endif
