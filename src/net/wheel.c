#include "net/wheel.h"

void wheel_init(struct wheel *w, uint64_t now_ms)
{
	for (size_t i = 0; i < WHEEL_SLOTS; i++)
		LIST_INIT(&w->slots[i]);
	w->tick = now_ms / WHEEL_TICK_MS;
}

static void unlink_timer(struct wheel_timer *t)
{
	if (t->tick)
		LIST_REMOVE(t, entry);
	t->tick = 0;
}

static void link_timer(struct wheel *w, struct wheel_timer *t)
{
	uint64_t tick = (t->due_ms + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS;

	if (tick < w->tick)
		tick = w->tick;
	t->tick = tick;
	LIST_INSERT_HEAD(&w->slots[tick % WHEEL_SLOTS], t, entry);
}

void wheel_set(struct wheel *w, struct wheel_timer *t, uint64_t due_ms)
{
	t->due_ms = due_ms;
	if (due_ms == 0 || (t->tick && t->tick * WHEEL_TICK_MS <= due_ms))
		return;
	unlink_timer(t);
	link_timer(w, t);
}

void wheel_cancel(struct wheel_timer *t)
{
	t->due_ms = 0;
	unlink_timer(t);
}

/* Away from the wheel before anything is run: fire may link into this very slot. */
static void take_slot(struct wheel_slot *from, struct wheel_slot *to)
{
	to->lh_first = from->lh_first;
	if (to->lh_first)
		to->lh_first->entry.le_prev = &to->lh_first;
	LIST_INIT(from);
}

static void run_slot(struct wheel *w, struct wheel_slot *slot, uint64_t now_ms,
                     void (*fire)(void *context, struct wheel_timer *t), void *context)
{
	struct wheel_slot due;
	struct wheel_timer *t;

	take_slot(slot, &due);
	while ((t = LIST_FIRST(&due))) {
		unlink_timer(t);
		if (t->due_ms > now_ms) {
			link_timer(w, t);
		} else if (t->due_ms) {
			t->due_ms = 0;
			fire(context, t);
		}
	}
}

void wheel_run(struct wheel *w, uint64_t now_ms, void (*fire)(void *context, struct wheel_timer *t),
               void *context)
{
	uint64_t now_tick = now_ms / WHEEL_TICK_MS;

	/* After a long sleep one turn visits every slot. */
	if (now_tick >= w->tick + WHEEL_SLOTS)
		w->tick = now_tick - WHEEL_SLOTS + 1;
	while (w->tick <= now_tick) {
		struct wheel_slot *slot = &w->slots[w->tick % WHEEL_SLOTS];
		w->tick++;
		run_slot(w, slot, now_ms, fire, context);
	}
}

uint64_t wheel_next_ms(const struct wheel *w)
{
	for (size_t i = 0; i < WHEEL_SLOTS; i++)
		if (!LIST_EMPTY(&w->slots[(w->tick + i) % WHEEL_SLOTS]))
			return (w->tick + i) * WHEEL_TICK_MS;
	return 0;
}
