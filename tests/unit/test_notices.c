#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "session/notices.h"

#define MINUTE 60000

static int make(void **state)
{
	*state = notices_new();
	return 0;
}

static int unmake(void **state)
{
	notices_free(*state);
	return 0;
}

static uint32_t due_from(struct notices *n, enum event_id id, const char *key,
                         const char *client_address, uint64_t now_ms)
{
	struct event event = {.id = id};
	snprintf(event.account, sizeof event.account, "%s", key);
	snprintf(event.client_address, sizeof event.client_address, "%s", client_address);
	return notices_due(n, key, &event, now_ms);
}

static uint32_t due(struct notices *n, const char *account, uint64_t now_ms)
{
	return due_from(n, EVENT_REFUSED_LIMIT, account, "192.0.2.1", now_ms);
}

static void the_first_refusal_is_told_at_once(void **state)
{
	assert_int_equal(due(*state, "alice", 5), 1);
	assert_int_equal(due(*state, "bob", 6), 1);
}

static void further_refusals_of_a_minute_are_counted(void **state)
{
	due(*state, "alice", 0);
	for (int i = 0; i < 9; i++)
		assert_int_equal(due(*state, "alice", MINUTE - 1), 0);
	assert_int_equal(due(*state, "alice", MINUTE), 10);
	assert_int_equal(due(*state, "alice", MINUTE + 1), 0);
}

static void another_kind_of_event_is_told_by_itself(void **state)
{
	due(*state, "alice", 0);
	assert_int_equal(due_from(*state, EVENT_REFUSED_DISABLED, "alice", "192.0.2.1", 1), 1);
}

static void what_was_counted_is_told_when_the_minute_is_over(void **state)
{
	struct event n;
	due(*state, "alice", 0);
	due(*state, "alice", 1);
	due_from(*state, EVENT_REFUSED_LIMIT, "alice", "192.0.2.9", 2);
	assert_false(notices_overdue(*state, MINUTE - 1, &n));
	assert_true(notices_overdue(*state, MINUTE, &n));
	assert_string_equal(n.account, "alice");
	assert_string_equal(n.client_address, "192.0.2.9");
	assert_int_equal(n.count, 2);
	assert_false(notices_overdue(*state, 2 * MINUTE, &n));
}

static void a_refusal_right_after_the_minute_was_told_waits(void **state)
{
	struct event n;
	due(*state, "alice", 0);
	due(*state, "alice", 1);
	assert_true(notices_overdue(*state, MINUTE, &n));
	assert_int_equal(due(*state, "alice", MINUTE + 5), 0);
}

static void many_accounts_do_not_grow_it(void **state)
{
	struct event n;
	char account[32];
	for (int i = 0; i < 100000; i++) {
		snprintf(account, sizeof account, "account%d", i);
		due(*state, account, 1);
		due(*state, account, 2);
	}
	size_t told = 0;
	while (notices_overdue(*state, MINUTE + 1, &n))
		told++;
	assert_in_range(told, 1, 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_refusal_is_told_at_once, make, unmake),
		cmocka_unit_test_setup_teardown(further_refusals_of_a_minute_are_counted, make,
	                                        unmake),
		cmocka_unit_test_setup_teardown(another_kind_of_event_is_told_by_itself, make,
	                                        unmake),
		cmocka_unit_test_setup_teardown(what_was_counted_is_told_when_the_minute_is_over,
	                                        make, unmake),
		cmocka_unit_test_setup_teardown(a_refusal_right_after_the_minute_was_told_waits,
	                                        make, unmake),
		cmocka_unit_test_setup_teardown(many_accounts_do_not_grow_it, make, unmake),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
