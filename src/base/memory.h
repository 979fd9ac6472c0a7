#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

/*
 * Allocation for things of the process and of connections. These die when memory is out: sizes
 * never come from the wire here (those go through an arena, which may fail).
 */

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
/* Overflow of count * size dies. */
void *xrealloc_array(void *p, size_t count, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t size);
void *xmemdup(const void *p, size_t size);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Zeroes memory that held a secret; never optimised away. */
void wipe(void *p, size_t size);

#endif
