#ifndef NET_WHEEL_H
#define NET_WHEEL_H

/*
 * Deadlines by the hundred thousand: a hashed wheel of TICK_MS. Setting one is O(1), and moving one
 * later costs nothing: it is looked at when its old tick comes and goes to its new place then. A
 * deadline passes up to WHEEL_TICK_MS late, never early. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

enum { WHEEL_TICK_MS = 32, WHEEL_SLOTS = 1024 };

struct wheel_timer {
	LIST_ENTRY(wheel_timer) entry;
	uint64_t tick;   /* where it is linked; 0: nowhere */
	uint64_t due_ms; /* 0: none */
};

LIST_HEAD(wheel_slot, wheel_timer);

struct wheel {
	struct wheel_slot slots[WHEEL_SLOTS];
	uint64_t tick; /* all before it have been run */
};

void wheel_init(struct wheel *w, uint64_t now_ms);
void wheel_set(struct wheel *w, struct wheel_timer *t, uint64_t due_ms); /* 0: never */
void wheel_cancel(struct wheel_timer *t);

/* Calls fire for each timer that is due; by then it has no deadline any more. fire may set, cancel
 * and free any timer. */
void wheel_run(struct wheel *w, uint64_t now_ms, void (*fire)(void *context, struct wheel_timer *t),
               void *context);

/* When to run it next; 0: there is nothing to wait for. */
uint64_t wheel_next_ms(const struct wheel *w);

#endif
