#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Unguessable bytes from the kernel. Dies when there are none. */
void random_bytes(void *out, size_t size);
uint32_t random_u32(void);

#endif
