#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

/*
 * A growing run of bytes with a limit, for what is about to be sent, or was half received.
 * Integers are written little-endian. The first write beyond the limit sets `failed` and is
 * dropped, like every write after it; look at `failed` once. Owns its data; one owner.
 */

#include <endian.h>

#include "base/slice.h"

struct buffer {
	uint8_t *data;
	size_t size; /* bytes written */
	size_t capacity;
	size_t limit; /* bytes at most */
	bool failed;
};

void buffer_init(struct buffer *b, size_t limit);
void buffer_free(struct buffer *b);

/* Forgets the content, keeps the memory; buffer_shrink also gives the memory back. */
void buffer_clear(struct buffer *b);
void buffer_shrink(struct buffer *b);

/* Room for `size` more bytes at the end, counted as written; NULL when that is beyond the limit. */
uint8_t *buffer_extend(struct buffer *b, size_t size);

/* Drops `size` bytes from the front. */
void buffer_consume(struct buffer *b, size_t size);

void buffer_put(struct buffer *b, const void *data, size_t size);
void buffer_put_zeros(struct buffer *b, size_t size);
void buffer_put_string(struct buffer *b, const char *s); /* without the NUL */
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Zeros up to the next multiple of `alignment` (a power of two) counted from offset `origin`. */
void buffer_align(struct buffer *b, size_t origin, size_t alignment);

static inline void buffer_put_u8(struct buffer *b, uint8_t v)
{
	uint8_t *p = buffer_extend(b, 1);
	if (p)
		p[0] = v;
}

static inline void put_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void put_le32(uint8_t *p, uint32_t v)
{
	put_le16(p, (uint16_t)v);
	put_le16(p + 2, (uint16_t)(v >> 16));
}

/* Many of them, by one copy where that is their order anyway. */
static inline void put_le32s(uint8_t *p, const uint32_t *v, size_t count)
{
	if (htole32(1) == 1)
		memcpy(p, v, count * sizeof *v);
	else
		for (size_t i = 0; i < count; i++)
			put_le32(p + i * sizeof *v, v[i]);
}

static inline void buffer_put_u16(struct buffer *b, uint16_t v)
{
	uint8_t *p = buffer_extend(b, 2);
	if (p)
		put_le16(p, v);
}

static inline void buffer_put_u32(struct buffer *b, uint32_t v)
{
	uint8_t *p = buffer_extend(b, 4);
	if (p)
		put_le32(p, v);
}

static inline void buffer_put_u64(struct buffer *b, uint64_t v)
{
	buffer_put_u32(b, (uint32_t)v);
	buffer_put_u32(b, (uint32_t)(v >> 32));
}

static inline struct slice buffer_slice(const struct buffer *b)
{
	return slice_of(b->data, b->size);
}

#endif
