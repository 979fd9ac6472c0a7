#ifndef STORE_WRITER_H
#define STORE_WRITER_H

/*
 * The thread that writes what clients change. Changes that wait at the same time are written in one
 * transaction, so that they share the wait for the disk. What it says is done is durable, and
 * readers see it.
 */

#include "directory/change.h"
#include "session/events.h"
#include "store/store.h"

struct writer;

/* All of it is borrowed. The store has a directory attached. */
struct writer_config {
	struct store *store;
	const struct rights *rights;
	struct events *events; /* NULL: none are kept */
};

int writer_start(const struct writer_config *config, struct writer **out, struct error *e);
/* Writes what still waits. NULL is fine. */
void writer_stop(struct writer *w);

/* From any thread; takes the change when it returns 0. ERR_LIMIT when too much waits already. */
int writer_submit(struct writer *w, struct change *c);

#endif
