#ifndef STORE_KEEPER_H
#define STORE_KEEPER_H

/*
 * The thread that finishes what a start leaves for later, and prepares the next one: it makes the
 * sort orders that are missing, and writes the snapshot file some time after the book has changed.
 */

#include "store/store.h"

struct keeper;

/* The store has a directory attached. */
int keeper_start(struct store *s, struct keeper **out, struct error *e);
/* Soon; but a book that the next start could not follow from the file is written first. NULL is
 * fine. */
void keeper_stop(struct keeper *k);

#endif
