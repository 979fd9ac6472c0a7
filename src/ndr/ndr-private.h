#ifndef NDR_NDR_PRIVATE_H
#define NDR_NDR_PRIVATE_H

#include "ndr/ndr.h"

/* The next size bytes of the input after alignment, borrowed; NULL and failed when there are fewer.
 */
const uint8_t *ndr_take(struct ndr *n, size_t alignment, size_t size);

#endif
