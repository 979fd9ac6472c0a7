#ifndef NDR_NDR_PRIVATE_H
#define NDR_NDR_PRIVATE_H

#include "ndr/ndr.h"

/* The next size bytes of the input after alignment, borrowed; NULL and failed when there are fewer.
 */
const uint8_t *ndr_take(struct ndr *n, size_t alignment, size_t size);

/* ndr_room() where the buffer has to grow, or must not. */
uint8_t *ndr_more_room(struct ndr *n, size_t pad, size_t size);

/* Room for size bytes in the output after alignment; NULL and failed beyond its limit. */
static inline uint8_t *ndr_room(struct ndr *n, size_t alignment, size_t size)
{
	struct buffer *b = n->out;
	size_t pad = (n->origin - b->size) & (alignment - 1);
	size_t end = b->size + pad + size;

	if (n->error || end > b->capacity || end > b->limit)
		return ndr_more_room(n, pad, size);
	uint8_t *p = b->data + b->size;
	b->size = end;
	for (; pad > 0; pad--)
		*p++ = 0;
	return p;
}

#endif
