#ifndef STORE_PUBLISH_H
#define STORE_PUBLISH_H

/* Committed entries on their way to readers. */

#include "base/parallel.h"
#include "store/journal.h"

/* What the store says of these entries now, or that they are gone; some may come twice. */
int publish_entries(struct store *s, struct directory_builder *b, const uint32_t *mids,
                    size_t count, struct error *e);

/* Entries that changed or are gone; follows each change, in the turn of who made it. */
void publish_changes(struct store *s, const struct mid_list *lists, size_t list_count);

/* A book from all entries, on all cores; the first one, or at once, without the sort orders that
 * can wait. */
int publish_all(struct store *s, enum parallel_pace pace, struct error *e);

#endif
