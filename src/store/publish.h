#ifndef STORE_PUBLISH_H
#define STORE_PUBLISH_H

/* Committed entries on their way to readers: store_attach_directory(), and what follows each
 * change. */

#include "store/store-private.h"

/* Entries that changed and entries that are gone; one may be in both, or in one of them twice. */
void publish_changes(struct store *s, const uint32_t *changed, size_t changed_count,
                     const uint32_t *gone, size_t gone_count);

#endif
