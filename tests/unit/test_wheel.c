#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/memory.h"
#include "net/wheel.h"

struct probe {
	struct wheel_timer timer; /* first: fire gets this */
	uint64_t fired_ms;
	unsigned count;
};

struct bench {
	struct wheel wheel;
	uint64_t now_ms;
};

static void note(void *context, struct wheel_timer *t)
{
	struct bench *b = context;
	struct probe *p = (struct probe *)t;
	p->fired_ms = b->now_ms;
	p->count++;
}

static struct bench *bench_new(uint64_t now_ms)
{
	struct bench *b = xcalloc(1, sizeof *b);
	b->now_ms = now_ms;
	wheel_init(&b->wheel, now_ms);
	return b;
}

static void advance(struct bench *b, uint64_t to_ms, uint64_t step_ms)
{
	while (b->now_ms < to_ms) {
		b->now_ms += step_ms;
		wheel_run(&b->wheel, b->now_ms, note, b);
	}
}

static void a_deadline_passes_once_and_never_early(void **state)
{
	static const uint64_t waits[] = {1, 31, 32, 33, 1000, 32767, 32768, 40000, 1000000};
	(void)state;
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		struct bench *b = bench_new(5000017);
		struct probe p = {0};
		wheel_set(&b->wheel, &p.timer, b->now_ms + waits[i]);
		advance(b, b->now_ms + waits[i] + 40000, 7);
		assert_int_equal(p.count, 1);
		assert_in_range(p.fired_ms, 5000017 + waits[i],
		                5000017 + waits[i] + WHEEL_TICK_MS + 7);
		free(b);
	}
}

static void a_deadline_moved_later_passes_later(void **state)
{
	(void)state;
	struct bench *b = bench_new(1000000);
	struct probe p = {0};
	wheel_set(&b->wheel, &p.timer, 1000100);
	wheel_set(&b->wheel, &p.timer, 1000900);
	advance(b, 1002000, 5);
	assert_in_range(p.fired_ms, 1000900, 1000940);
	assert_int_equal(p.count, 1);
	free(b);
}

static void a_deadline_moved_earlier_passes_earlier(void **state)
{
	(void)state;
	struct bench *b = bench_new(1000000);
	struct probe p = {0};
	wheel_set(&b->wheel, &p.timer, 1900000);
	wheel_set(&b->wheel, &p.timer, 1000100);
	advance(b, 1002000, 5);
	assert_in_range(p.fired_ms, 1000100, 1000140);
	free(b);
}

static void a_deadline_taken_back_does_not_pass(void **state)
{
	(void)state;
	struct bench *b = bench_new(1000000);
	struct probe p = {0}, q = {0};
	wheel_set(&b->wheel, &p.timer, 1000100);
	wheel_set(&b->wheel, &p.timer, 0);
	wheel_set(&b->wheel, &q.timer, 1000100);
	wheel_cancel(&q.timer);
	advance(b, 1002000, 5);
	assert_int_equal(p.count, 0);
	assert_int_equal(q.count, 0);
	free(b);
}

static void after_a_long_sleep_all_that_is_due_passes_at_once(void **state)
{
	(void)state;
	struct bench *b = bench_new(1000000);
	struct probe probes[100] = {0};
	for (size_t i = 0; i < 100; i++)
		wheel_set(&b->wheel, &probes[i].timer, 1000001 + i * 777);
	advance(b, 9000000, 8000000);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(probes[i].count, 1);
	assert_int_equal(wheel_next_ms(&b->wheel), 0);
	free(b);
}

static void the_next_time_to_run_is_never_after_a_deadline(void **state)
{
	(void)state;
	struct bench *b = bench_new(1000000);
	struct probe p = {0};
	assert_int_equal(wheel_next_ms(&b->wheel), 0);
	wheel_set(&b->wheel, &p.timer, 1500000);
	for (unsigned runs = 0; p.count == 0; runs++) {
		uint64_t next = wheel_next_ms(&b->wheel);
		assert_in_range(next, b->now_ms, 1500000 + WHEEL_TICK_MS);
		b->now_ms = next;
		wheel_run(&b->wheel, next, note, b);
		assert_in_range(runs, 0, 1500000 / (WHEEL_TICK_MS * WHEEL_SLOTS) + 2);
	}
	free(b);
}

static void set_again(void *context, struct wheel_timer *t)
{
	struct bench *b = context;
	note(context, t);
	wheel_set(&b->wheel, t, b->now_ms + 1);
}

static void a_timer_that_sets_itself_again_does_not_hold_up_the_run(void **state)
{
	(void)state;
	struct bench *b = bench_new(1000000);
	struct probe p = {0};
	wheel_set(&b->wheel, &p.timer, 1000000);
	b->now_ms = 1000100;
	wheel_run(&b->wheel, b->now_ms, set_again, b);
	assert_in_range(p.count, 1, 100 / WHEEL_TICK_MS + 1);
	wheel_cancel(&p.timer);
	free(b);
}

static struct probe *neighbour;

static void free_both(void *context, struct wheel_timer *t)
{
	(void)context;
	if (neighbour && &neighbour->timer != t) {
		wheel_cancel(&neighbour->timer);
		free(neighbour);
	}
	neighbour = NULL;
	free(t);
}

static void a_timer_may_be_freed_while_others_are_run(void **state)
{
	(void)state;
	struct bench *b = bench_new(1000000);
	struct probe *p = xcalloc(1, sizeof *p);
	neighbour = xcalloc(1, sizeof *neighbour);
	wheel_set(&b->wheel, &neighbour->timer, 1000010);
	wheel_set(&b->wheel, &p->timer, 1000010);
	b->now_ms = 1001000;
	wheel_run(&b->wheel, b->now_ms, free_both, b);
	assert_null(neighbour);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deadline_passes_once_and_never_early),
		cmocka_unit_test(a_deadline_moved_later_passes_later),
		cmocka_unit_test(a_deadline_moved_earlier_passes_earlier),
		cmocka_unit_test(a_deadline_taken_back_does_not_pass),
		cmocka_unit_test(after_a_long_sleep_all_that_is_due_passes_at_once),
		cmocka_unit_test(the_next_time_to_run_is_never_after_a_deadline),
		cmocka_unit_test(a_timer_that_sets_itself_again_does_not_hold_up_the_run),
		cmocka_unit_test(a_timer_may_be_freed_while_others_are_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
