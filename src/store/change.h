#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

/* Changes of entries into the store and to its readers. */

#include "directory/change.h"
#include "store/store.h"

/*
 * Writes a list of changes in one transaction, and shows readers what came of it. Its caller has
 * the turn. A change that is not to be (its entry is gone, its caller has lost the right ...) gets
 * an err of its own and leaves nothing behind. ERR_* when nothing at all was changed.
 */
int changes_write(struct store *s, const struct rights *rights, struct change *list,
                  struct error *e);

#endif
