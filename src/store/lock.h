#ifndef STORE_LOCK_H
#define STORE_LOCK_H

/*
 * One process has the state directory at a time. The lock is the kernel's, so it goes with the
 * process whatever ends it; the file's content, the holder's process id, is for the message to the
 * second one.
 */

#include "base/error.h"

/* A descriptor to be closed when done, or a negative ERR_*. */
int lock_acquire(const char *state_dir, struct error *e);

#endif
