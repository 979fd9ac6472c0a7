#ifndef BASE_ARENA_H
#define BASE_ARENA_H

/*
 * An arena is the memory of one call (or one command, one parse): everything in it is freed at
 * once, nothing alone. It has a ceiling, beyond which allocation fails: so sizes that came from
 * the wire may be asked for here, and only here. One owner, one thread.
 */

#include <stddef.h>

#include "base/slice.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	size_t used;                /* bytes handed out */
	size_t ceiling;             /* bytes at most */
	size_t next_block;          /* size of the next block to get */
};

void arena_init(struct arena *a, size_t ceiling);

/* Zeroed, aligned for any type. NULL beyond the ceiling. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size);

/* As arena_alloc, of count * size, NULL on overflow too. */
void *arena_alloc_array(struct arena *a, size_t count, size_t size);

/* Not zeroed: for bytes that are written over at once. */
void *arena_alloc_raw(struct arena *a, size_t size);

/* A copy with a NUL behind it; NULL beyond the ceiling. */
char *arena_strndup(struct arena *a, const void *s, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A copy; data is NULL beyond the ceiling. */
struct slice arena_slice(struct arena *a, struct slice s);

/* Forgets everything, keeps one block for the next use. */
void arena_reset(struct arena *a);

/* Gives all memory back. The arena can be used again. */
void arena_free(struct arena *a);

#endif
