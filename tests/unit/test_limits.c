#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "session/limits.h"

#define NOW 1000000

static const struct account_status no_groups = {.exists = true};
static const struct account_status two_groups = {
	.exists = true,
	.group_count = 2,
	.groups = {"archive", "mobile"},
};

static struct limit limit(enum limit_scope scope, const char *name, uint32_t sessions)
{
	struct limit l = {.scope = scope, .sessions = sessions};
	snprintf(l.name, sizeof l.name, "%s", name);
	return l;
}

static struct limit effective(struct limits *l, const char *account,
                              const struct account_status *status)
{
	struct limit out;
	limits_effective(l, account, status, NOW, &out);
	return out;
}

static int make(void **state)
{
	*state = limits_new();
	return 0;
}

static int unmake(void **state)
{
	limits_free(*state);
	return 0;
}

static void without_a_word_the_limit_is_fifty_and_built_in(void **state)
{
	struct limit l = effective(*state, "alice", &no_groups);
	assert_int_equal(l.sessions, 50);
	assert_int_equal(l.origin, LIMIT_BUILT_IN);
	assert_int_equal(l.scope, LIMIT_DEFAULT);
}

static void account_beats_group_beats_default(void **state)
{
	const struct limit file[] = {
		limit(LIMIT_DEFAULT, "", 7),
		limit(LIMIT_GROUP, "mobile", 300),
		limit(LIMIT_ACCOUNT, "alice", 2),
	};
	limits_replace(*state, LIMIT_CONFIGURED, file, 3);
	assert_int_equal(effective(*state, "alice", &two_groups).sessions, 2);
	assert_int_equal(effective(*state, "bob", &two_groups).sessions, 300);
	assert_int_equal(effective(*state, "bob", &no_groups).sessions, 7);
}

static void of_several_groups_the_highest_counts(void **state)
{
	const struct limit file[] = {
		limit(LIMIT_GROUP, "archive", 400),
		limit(LIMIT_GROUP, "mobile", 300),
	};
	limits_replace(*state, LIMIT_CONFIGURED, file, 2);
	struct limit l = effective(*state, "alice", &two_groups);
	assert_int_equal(l.sessions, 400);
	assert_string_equal(l.name, "archive");
}

static void a_group_may_have_less_than_the_default(void **state)
{
	const struct limit file = limit(LIMIT_GROUP, "mobile", 0);
	limits_replace(*state, LIMIT_CONFIGURED, &file, 1);
	assert_int_equal(effective(*state, "alice", &two_groups).sessions, 0);
}

static void what_an_operator_sets_beats_the_file(void **state)
{
	const struct limit file = limit(LIMIT_ACCOUNT, "alice", 60);
	const struct limit set = limit(LIMIT_ACCOUNT, "alice", 70);
	limits_set(*state, &set);
	limits_replace(*state, LIMIT_CONFIGURED, &file, 1);
	struct limit l = effective(*state, "alice", &no_groups);
	assert_int_equal(l.sessions, 70);
	assert_int_equal(l.origin, LIMIT_SET);
}

static void what_an_operator_takes_back_leaves_the_file(void **state)
{
	const struct limit file = limit(LIMIT_ACCOUNT, "alice", 60);
	const struct limit set = limit(LIMIT_ACCOUNT, "alice", 70);
	limits_replace(*state, LIMIT_CONFIGURED, &file, 1);
	limits_set(*state, &set);
	assert_true(limits_clear(*state, LIMIT_ACCOUNT, "alice"));
	assert_false(limits_clear(*state, LIMIT_ACCOUNT, "alice"));
	assert_int_equal(effective(*state, "alice", &no_groups).sessions, 60);
}

static void a_limit_ends_with_its_date(void **state)
{
	struct limit file = limit(LIMIT_ACCOUNT, "alice", 60);
	struct limit set = limit(LIMIT_ACCOUNT, "alice", 70);
	limits_replace(*state, LIMIT_CONFIGURED, &file, 1);
	set.until_ms = NOW + 1;
	limits_set(*state, &set);
	assert_int_equal(effective(*state, "alice", &no_groups).sessions, 70);
	set.until_ms = NOW;
	limits_set(*state, &set);
	assert_int_equal(effective(*state, "alice", &no_groups).sessions, 60);
}

static void names_compare_without_case(void **state)
{
	const struct limit set = limit(LIMIT_ACCOUNT, "Alice", 70);
	limits_set(*state, &set);
	assert_int_equal(effective(*state, "aLICE", &no_groups).sessions, 70);
}

static void a_reload_forgets_what_the_file_no_longer_says(void **state)
{
	const struct limit before = limit(LIMIT_ACCOUNT, "alice", 60);
	const struct limit after = limit(LIMIT_ACCOUNT, "bob", 61);
	limits_replace(*state, LIMIT_CONFIGURED, &before, 1);
	limits_replace(*state, LIMIT_CONFIGURED, &after, 1);
	assert_int_equal(effective(*state, "alice", &no_groups).sessions, 50);
	assert_int_equal(effective(*state, "bob", &no_groups).sessions, 61);
}

static void the_list_is_in_order_of_scope_and_name(void **state)
{
	const struct limit file[] = {
		limit(LIMIT_ACCOUNT, "bob", 2),
		limit(LIMIT_ACCOUNT, "alice", 1),
		limit(LIMIT_DEFAULT, "", 3),
	};
	const struct limit set = limit(LIMIT_ACCOUNT, "alice", 4);
	struct limit *list;
	limits_replace(*state, LIMIT_CONFIGURED, file, 3);
	limits_set(*state, &set);
	assert_int_equal(limits_list(*state, &list), 4);
	assert_int_equal(list[0].sessions, 3);
	assert_int_equal(list[1].sessions, 1);
	assert_int_equal(list[2].sessions, 4);
	assert_int_equal(list[3].sessions, 2);
	free(list);
}

static void unlimited_is_written_out(void **state)
{
	(void)state;
	uint32_t n;
	assert_int_equal(limit_parse_sessions("unlimited", &n, NULL), 0);
	assert_int_equal(n, LIMIT_UNLIMITED);
	assert_int_equal(limit_parse_sessions("0", &n, NULL), 0);
	assert_int_equal(n, 0);
	assert_int_equal(limit_parse_sessions("4294967294", &n, NULL), 0);
	assert_int_equal(n, 4294967294);
}

static void what_is_no_number_of_sessions_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "-1", "5x", " 5", "Unlimited", "4294967295", "99999999999999999999", "0x10"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		uint32_t n;
		struct error e = {0};
		assert_int_equal(limit_parse_sessions(bad[i], &n, &e), ERR_INVALID);
		assert_non_null(strstr(e.text, "unlimited"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_a_word_the_limit_is_fifty_and_built_in,
	                                        make, unmake),
		cmocka_unit_test_setup_teardown(account_beats_group_beats_default, make, unmake),
		cmocka_unit_test_setup_teardown(of_several_groups_the_highest_counts, make, unmake),
		cmocka_unit_test_setup_teardown(a_group_may_have_less_than_the_default, make,
	                                        unmake),
		cmocka_unit_test_setup_teardown(what_an_operator_sets_beats_the_file, make, unmake),
		cmocka_unit_test_setup_teardown(what_an_operator_takes_back_leaves_the_file, make,
	                                        unmake),
		cmocka_unit_test_setup_teardown(a_limit_ends_with_its_date, make, unmake),
		cmocka_unit_test_setup_teardown(names_compare_without_case, make, unmake),
		cmocka_unit_test_setup_teardown(a_reload_forgets_what_the_file_no_longer_says, make,
	                                        unmake),
		cmocka_unit_test_setup_teardown(the_list_is_in_order_of_scope_and_name, make,
	                                        unmake),
		cmocka_unit_test(unlimited_is_written_out),
		cmocka_unit_test(what_is_no_number_of_sessions_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
