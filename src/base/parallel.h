#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

/* Work that is cut into tasks and done on all cores at once. The caller waits. */

#include <stddef.h>

typedef void parallel_fn(void *context, size_t task);

enum parallel_pace {
	PARALLEL_AT_ONCE, /* nobody is served before it is done */
	PARALLEL_GENTLY,  /* gives way to threads that serve clients */
};

/* Calls run for each task from 0 to count - 1, once, in no order. */
void parallel_run(enum parallel_pace pace, size_t count, parallel_fn *run, void *context);

/* From now on the calling thread gives way to those that serve clients. */
void parallel_give_way(void);

size_t parallel_threads(void); /* how many tasks are worth having at least */

#endif
