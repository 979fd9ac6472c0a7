#ifndef DIRECTORY_PARALLEL_PRIVATE_H
#define DIRECTORY_PARALLEL_PRIVATE_H

/*
 * Work that is cut into tasks and done on all cores at once, by threads that give way to those
 * which serve clients. The caller waits.
 */

#include <stddef.h>

typedef void parallel_fn(void *context, size_t task);

/* Calls run for each task from 0 to count - 1, once, in no order. */
void parallel_run(size_t count, parallel_fn *run, void *context);

size_t parallel_threads(void); /* how many tasks are worth having at least */

#endif
