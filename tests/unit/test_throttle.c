/* How wrong passwords slow a pair of account and address down. The clock is the test's. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/throttle-private.h"

#define MAX_DELAY_MS 8000
#define MINUTE_MS    UINT64_C(60000)

static uint64_t key_of(const char *account, const char *address)
{
	return throttle_key(slice_of_string(account), address);
}

static void fail_times(struct throttle *t, uint64_t key, unsigned times, uint64_t now_ms)
{
	for (unsigned i = 0; i < times; i++)
		throttle_failed(t, key, MAX_DELAY_MS, now_ms);
}

/* How long an attempt made now has to wait. */
static uint64_t wait_of(struct throttle *t, uint64_t key, uint64_t now_ms)
{
	uint64_t turn_ms = 0;
	if (throttle_admit(t, key, MAX_DELAY_MS, now_ms, &turn_ms))
		return 0;
	return turn_ms == THROTTLE_NEVER ? THROTTLE_NEVER : turn_ms - now_ms;
}

static void the_first_wrong_passwords_cost_nothing(void **state)
{
	struct throttle *t = throttle_new();
	uint64_t key = key_of("alice", "192.0.2.1");
	(void)state;
	assert_int_equal(wait_of(t, key, 1000), 0);
	fail_times(t, key, 2, 1000);
	assert_int_equal(wait_of(t, key, 1000), 0);
	throttle_free(t);
}

static void from_the_third_on_the_delay_doubles_up_to_its_ceiling(void **state)
{
	static const struct {
		unsigned failures;
		uint64_t delay_ms;
	} cases[] = {
		{3,   250 },
		{4,   500 },
		{5,   1000},
		{8,   8000},
		{9,   8000},
		{100, 8000}
        };
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct throttle *t = throttle_new();
		uint64_t key = key_of("alice", "192.0.2.1");
		fail_times(t, key, cases[i].failures, 1000);
		assert_int_equal(wait_of(t, key, 1000), cases[i].delay_ms);
		throttle_free(t);
	}
}

static void the_right_password_ends_it(void **state)
{
	struct throttle *t = throttle_new();
	uint64_t key = key_of("alice", "192.0.2.1");
	(void)state;
	fail_times(t, key, 5, 1000);
	throttle_succeeded(t, key);
	assert_int_equal(wait_of(t, key, 1000), 0);
	fail_times(t, key, 2, 1000);
	assert_int_equal(wait_of(t, key, 1000), 0);
	throttle_free(t);
}

static void attempts_side_by_side_take_turns(void **state)
{
	struct throttle *t = throttle_new();
	uint64_t key = key_of("alice", "192.0.2.1");
	(void)state;
	fail_times(t, key, 5, 1000);
	assert_int_equal(wait_of(t, key, 1000), 1000);
	assert_int_equal(wait_of(t, key, 1000), 2000);
	assert_int_equal(wait_of(t, key, 1500), 2500);
	throttle_free(t);
}

static void a_long_queue_is_refused(void **state)
{
	struct throttle *t = throttle_new();
	uint64_t key = key_of("alice", "192.0.2.1");
	unsigned waiting = 0;
	(void)state;
	fail_times(t, key, 20, 1000);
	while (wait_of(t, key, 1000) != THROTTLE_NEVER)
		waiting++;
	assert_int_equal(waiting, 4);
	throttle_free(t);
}

static void another_address_and_another_account_are_not_hit(void **state)
{
	struct throttle *t = throttle_new();
	(void)state;
	fail_times(t, key_of("alice", "192.0.2.1"), 10, 1000);
	assert_int_equal(wait_of(t, key_of("alice", "192.0.2.2"), 1000), 0);
	assert_int_equal(wait_of(t, key_of("bob", "192.0.2.1"), 1000), 0);
	throttle_free(t);
}

static void addresses_of_one_client_are_one(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{"192.0.2.1",     "::ffff:192.0.2.1", true },
		{"2001:db8::1",   "2001:db8::2",      true },
		{"2001:db8:1::1", "2001:db8:2::1",    false},
		{"192.0.2.1",     "192.0.2.2",        false},
		{"local",         "local",            true },
		{"local",         "elsewhere",        false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(key_of("alice", cases[i].a) == key_of("alice", cases[i].b),
		                 cases[i].same);
}

static void a_quarter_of_an_hour_forgets(void **state)
{
	struct throttle *t = throttle_new();
	uint64_t key = key_of("alice", "192.0.2.1");
	(void)state;
	fail_times(t, key, 9, 1000);
	assert_int_equal(wait_of(t, key, 1001 + 15 * MINUTE_MS), 0);
	throttle_failed(t, key, MAX_DELAY_MS, 1001 + 15 * MINUTE_MS);
	assert_int_equal(wait_of(t, key, 1001 + 15 * MINUTE_MS), 0);
	throttle_free(t);
}

static void a_flood_of_made_up_names_does_not_wash_an_attacked_pair_out(void **state)
{
	struct throttle *t = throttle_new();
	uint64_t key = key_of("alice", "192.0.2.1");
	(void)state;
	fail_times(t, key, 10, 1000);
	for (uint64_t other = 0; other < 100000; other++)
		throttle_failed(t, other, MAX_DELAY_MS, 1001);
	assert_int_equal(wait_of(t, key, 1001), MAX_DELAY_MS - 1);
	throttle_free(t);
}

static void a_ceiling_of_zero_switches_it_off(void **state)
{
	struct throttle *t = throttle_new();
	uint64_t key = key_of("alice", "192.0.2.1"), turn_ms = 0;
	(void)state;
	fail_times(t, key, 50, 1000);
	assert_true(throttle_admit(t, key, 0, 1000, &turn_ms));
	throttle_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_wrong_passwords_cost_nothing),
		cmocka_unit_test(from_the_third_on_the_delay_doubles_up_to_its_ceiling),
		cmocka_unit_test(the_right_password_ends_it),
		cmocka_unit_test(attempts_side_by_side_take_turns),
		cmocka_unit_test(a_long_queue_is_refused),
		cmocka_unit_test(another_address_and_another_account_are_not_hit),
		cmocka_unit_test(addresses_of_one_client_are_one),
		cmocka_unit_test(a_quarter_of_an_hour_forgets),
		cmocka_unit_test(a_flood_of_made_up_names_does_not_wash_an_attacked_pair_out),
		cmocka_unit_test(a_ceiling_of_zero_switches_it_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
