#ifndef STORE_TURN_H
#define STORE_TURN_H

/*
 * Whose turn it is to change entries: one at a time, from the beginning of a transaction until
 * readers see what came of it. (LMDB's own lock ends with the transaction, before that.)
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct turn {
	pthread_mutex_t lock;
	pthread_cond_t given;
	bool taken;
};

void turn_init(struct turn *t);
void turn_destroy(struct turn *t);

/* false when it was not given back for so long. */
bool turn_take(struct turn *t, uint32_t wait_ms);
void turn_give(struct turn *t);

#endif
