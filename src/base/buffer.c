#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 256 };

void buffer_init(struct buffer *b, size_t limit)
{
	*b = (struct buffer){.limit = limit};
}

void buffer_free(struct buffer *b)
{
	free(b->data);
	buffer_init(b, b->limit);
}

void buffer_clear(struct buffer *b)
{
	b->size = 0;
	b->failed = false;
}

void buffer_shrink(struct buffer *b)
{
	if (b->size == 0) {
		free(b->data);
		b->data = NULL;
		b->capacity = 0;
	} else if (b->capacity > b->size) {
		b->data = xrealloc(b->data, b->size);
		b->capacity = b->size;
	}
}

static void grow(struct buffer *b, size_t needed)
{
	size_t capacity = b->capacity ? b->capacity : FIRST_CAPACITY;
	while (capacity < needed)
		capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
	b->data = xrealloc(b->data, capacity);
	b->capacity = capacity;
}

uint8_t *buffer_extend(struct buffer *b, size_t size)
{
	if (b->failed || size > b->limit || b->size > b->limit - size) {
		b->failed = true;
		return NULL;
	}
	if (b->capacity - b->size < size || !b->data)
		grow(b, b->size + size);
	uint8_t *p = b->data + b->size;
	b->size += size;
	return p;
}

void buffer_consume(struct buffer *b, size_t size)
{
	if (size >= b->size) {
		b->size = 0;
		return;
	}
	memmove(b->data, b->data + size, b->size - size);
	b->size -= size;
}

void buffer_put(struct buffer *b, const void *data, size_t size)
{
	uint8_t *p = buffer_extend(b, size);
	if (p && size)
		memcpy(p, data, size);
}

void buffer_put_zeros(struct buffer *b, size_t size)
{
	uint8_t *p = buffer_extend(b, size);
	if (p)
		memset(p, 0, size);
}

void buffer_put_string(struct buffer *b, const char *s)
{
	buffer_put(b, s, strlen(s));
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	/* vsnprintf wants room for a NUL, which is taken back. */
	uint8_t *p = size < 0 ? NULL : buffer_extend(b, (size_t)size + 1);
	if (p) {
		vsnprintf((char *)p, (size_t)size + 1, format, again);
		b->size--;
	}
	va_end(again);
}

void buffer_align(struct buffer *b, size_t origin, size_t alignment)
{
	buffer_put_zeros(b, (origin - b->size) & (alignment - 1));
}
