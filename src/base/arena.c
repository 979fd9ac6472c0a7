#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

struct arena_block {
	struct arena_block *older;
	size_t size, used; /* of bytes */
	max_align_t bytes[];
};

void arena_init(struct arena *a, size_t ceiling)
{
	*a = (struct arena){.ceiling = ceiling, .next_block = FIRST_BLOCK};
}

static struct arena_block *add_block(struct arena *a, size_t at_least)
{
	size_t size = a->next_block > at_least ? a->next_block : at_least;
	struct arena_block *b = malloc(sizeof *b + size);
	if (!b)
		return NULL;
	*b = (struct arena_block){.older = a->blocks, .size = size};
	a->blocks = b;
	if (a->next_block < LARGEST_BLOCK)
		a->next_block *= 2;
	return b;
}

void *arena_alloc_raw(struct arena *a, size_t size)
{
	if (size > a->ceiling)
		return NULL;
	size_t rounded = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	if (rounded > a->ceiling || a->used > a->ceiling - rounded)
		return NULL;
	struct arena_block *b = a->blocks;
	if (!b || b->size - b->used < rounded)
		b = add_block(a, rounded);
	if (!b)
		return NULL;
	void *p = (uint8_t *)b->bytes + b->used;
	b->used += rounded;
	a->used += rounded;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	void *p = arena_alloc_raw(a, size);
	if (p)
		memset(p, 0, size);
	return p;
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	return arena_alloc(a, bytes);
}

char *arena_strndup(struct arena *a, const void *s, size_t size)
{
	char *copy = size < SIZE_MAX ? arena_alloc_raw(a, size + 1) : NULL;
	if (!copy)
		return NULL;
	if (size)
		memcpy(copy, s, size);
	copy[size] = '\0';
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = size < 0 ? NULL : arena_alloc_raw(a, (size_t)size + 1);
	if (text)
		vsnprintf(text, (size_t)size + 1, format, again);
	va_end(again);
	return text;
}

struct slice arena_slice(struct arena *a, struct slice s)
{
	const char *copy = arena_strndup(a, s.data, s.size);
	return slice_of(copy, copy ? s.size : 0);
}

static void free_blocks(struct arena_block *b)
{
	while (b) {
		struct arena_block *older = b->older;
		free(b);
		b = older;
	}
}

void arena_reset(struct arena *a)
{
	struct arena_block *kept = a->blocks;
	if (kept) {
		free_blocks(kept->older);
		kept->older = NULL;
		kept->used = 0;
	}
	a->used = 0;
}

void arena_free(struct arena *a)
{
	free_blocks(a->blocks);
	arena_init(a, a->ceiling);
}
