#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "session/events.h"
#include "session/limits.h"
#include "session/session.h"

/* A table of sessions over accounts that the test can disable and delete. */
struct site {
	struct limits *limits;
	struct sessions *sessions;
	bool disabled, deleted;
	const struct principal *alice, *bob, *nobody;
};

static void status_of(void *context, const char *account, struct account_status *out)
{
	const struct site *site = context;
	(void)account;
	*out = (struct account_status){.exists = !site->deleted, .disabled = site->disabled};
}

static struct sessions_config config_of(struct site *site)
{
	return (struct sessions_config){
		.accounts = {.context = site, .status = status_of}
        };
}

static int make(void **state)
{
	struct site *site = calloc(1, sizeof *site);
	struct sessions_config config = config_of(site);
	log_set_level(LOG_LEVEL_ERROR);
	site->limits = limits_new();
	site->sessions = sessions_new(&config, site->limits);
	site->alice = principal_new("alice", "ntlm", "PC-ALICE", true);
	site->bob = principal_new("bob", "ntlm", "PC-BOB", true);
	site->nobody = principal_nobody();
	*state = site;
	return 0;
}

static int unmake(void **state)
{
	struct site *site = *state;
	sessions_free(site->sessions);
	limits_free(site->limits);
	principal_unref(site->alice);
	principal_unref(site->bob);
	free(site);
	return 0;
}

static void set_limit(struct site *site, uint32_t sessions)
{
	const struct limit limit = {.scope = LIMIT_DEFAULT, .sessions = sessions};
	limits_set(site->limits, &limit);
}

static enum session_refusal open_from(struct site *site, const struct principal *who,
                                      const char *address, uint64_t group, struct session **out)
{
	struct address client;
	const struct session_request request = {
		.principal = who,
		.client = &client,
		.transport = SESSION_RPC_TCP,
		.group = group,
		.data_size = sizeof(uint32_t),
	};
	assert_true(address_parse(address, 4711, &client));
	return session_open(site->sessions, &request, out);
}

static enum session_refusal open_one(struct site *site, const struct principal *who, uint64_t group)
{
	struct session *s = NULL;
	enum session_refusal r = open_from(site, who, "192.0.2.1", group, &s);
	if (s)
		session_unpin(s);
	return r;
}

static void open_many(struct site *site, const struct principal *who, uint64_t group, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(open_one(site, who, group), SESSION_GRANTED);
}

static void assert_consistent(struct site *site)
{
	struct error e = {0};
	assert_int_equal(sessions_check(site->sessions, &e), 0);
	assert_string_equal(e.text, "");
}

static struct event last_event(struct site *site)
{
	struct event event = {0};
	assert_int_equal(events_copy(sessions_events(site->sessions), &event, 1), 1);
	return event;
}

static void the_fifty_first_session_is_refused(void **state)
{
	struct site *site = *state;
	open_many(site, site->alice, 1, 25);
	open_many(site, site->alice, 2, 25);
	assert_int_equal(open_one(site, site->alice, 3), SESSION_REFUSED_LIMIT);
	assert_int_equal(sessions_count_account(site->sessions, "alice"), 50);
	assert_int_equal(sessions_count_group(site->sessions, 3), 0);
	assert_consistent(site);
}

static void another_account_has_its_own_count(void **state)
{
	struct site *site = *state;
	open_many(site, site->alice, 1, 50);
	open_many(site, site->bob, 1, 50);
	assert_int_equal(sessions_count(site->sessions), 100);
	assert_consistent(site);
}

static void a_closed_session_gives_its_place_back_once(void **state)
{
	struct site *site = *state;
	struct session *s;
	set_limit(site, 1);
	assert_int_equal(open_from(site, site->alice, "192.0.2.1", 1, &s), SESSION_GRANTED);
	assert_true(session_close(s, SESSION_END_UNBIND));
	assert_false(session_close(s, SESSION_END_RUNDOWN));
	assert_int_equal(sessions_count(site->sessions), 0);
	assert_int_equal(open_one(site, site->alice, 1), SESSION_GRANTED);
	session_unpin(s);
	assert_consistent(site);
}

static void a_raised_limit_holds_for_the_next_session(void **state)
{
	struct site *site = *state;
	open_many(site, site->alice, 1, 50);
	set_limit(site, 60);
	open_many(site, site->alice, 1, 10);
	assert_int_equal(open_one(site, site->alice, 1), SESSION_REFUSED_LIMIT);
}

static void a_lowered_limit_ends_no_session(void **state)
{
	struct site *site = *state;
	open_many(site, site->alice, 1, 50);
	set_limit(site, 10);
	assert_int_equal(open_one(site, site->alice, 1), SESSION_REFUSED_LIMIT);
	assert_int_equal(sessions_count_account(site->sessions, "alice"), 50);
}

static void a_limit_of_zero_lets_nobody_in(void **state)
{
	struct site *site = *state;
	set_limit(site, 0);
	assert_int_equal(open_one(site, site->alice, 1), SESSION_REFUSED_LIMIT);
}

static void unlimited_has_no_end(void **state)
{
	struct site *site = *state;
	set_limit(site, LIMIT_UNLIMITED);
	open_many(site, site->alice, 1, 1000);
	assert_consistent(site);
}

static void audit_grants_and_tells(void **state)
{
	struct site *site = *state;
	limits_set_policy(site->limits, true, 80);
	open_many(site, site->alice, 1, 51);
	struct event event = last_event(site);
	assert_int_equal(event.id, EVENT_WOULD_REFUSE);
	assert_int_equal(event.held, 51);
}

static void a_warning_comes_at_eighty_percent(void **state)
{
	struct site *site = *state;
	struct event event;
	open_many(site, site->alice, 1, 39);
	assert_int_equal(events_copy(sessions_events(site->sessions), &event, 1), 0);
	open_many(site, site->alice, 1, 11);
	event = last_event(site);
	assert_int_equal(event.id, EVENT_SESSION_WARNING);
	assert_int_equal(event.held, 40);
	assert_int_equal(event.limit, 50);
}

static void unauthenticated_callers_are_refused(void **state)
{
	struct site *site = *state;
	assert_int_equal(open_one(site, site->nobody, 1), SESSION_REFUSED_UNAUTHENTICATED);
	assert_int_equal(last_event(site).id, EVENT_REFUSED_UNAUTHENTICATED);
}

static void anonymous_reading_is_counted_as_one_account(void **state)
{
	struct site *site = *state;
	struct sessions_config config = config_of(site);
	config.anonymous_read = true;
	sessions_reconfigure(site->sessions, &config);
	open_many(site, site->nobody, 1, 50);
	assert_int_equal(open_one(site, site->nobody, 2), SESSION_REFUSED_LIMIT);
}

static void disabled_and_unknown_accounts_are_refused(void **state)
{
	struct site *site = *state;
	site->disabled = true;
	assert_int_equal(open_one(site, site->alice, 1), SESSION_REFUSED_DISABLED);
	site->deleted = true;
	assert_int_equal(open_one(site, site->alice, 1), SESSION_REFUSED_NO_RIGHT);
}

static void a_refusal_says_who_and_how_old(void **state)
{
	struct site *site = *state;
	set_limit(site, 2);
	limits_set_policy(site->limits, false, 0);
	open_many(site, site->alice, 1, 2);
	open_one(site, site->alice, 1);
	struct event event = last_event(site);
	assert_int_equal(event.id, EVENT_REFUSED_LIMIT);
	assert_string_equal(event.account, "alice");
	assert_string_equal(event.client_address, "192.0.2.1");
	assert_int_equal(event.held, 2);
	assert_int_equal(event.limit, 2);
	assert_int_equal(event.count, 1);
}

static void a_refusal_is_a_line_with_fields_in_the_log(void **state)
{
	struct site *site = *state;
	int pipe_fds[2];
	char line[2048] = "";
	set_limit(site, 0);
	assert_int_equal(pipe(pipe_fds), 0);
	log_set_descriptor(pipe_fds[1]);
	log_set_level(LOG_LEVEL_INFO);
	open_one(site, site->alice, 1);
	open_one(site, site->alice, 1);
	log_set_descriptor(STDERR_FILENO);
	close(pipe_fds[1]);
	assert_true(read(pipe_fds[0], line, sizeof line - 1) > 0);
	close(pipe_fds[0]);
	static const char *const parts[] = {
		"2001",    "reason=limit", "account=alice", "client=192.0.2.1",
		"limit=0", "held=0",       "count=1"};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (!strstr(line, parts[i]))
			fail_msg("%s is missing in: %s", parts[i], line);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void failed_logins_are_told_once_a_minute_for_each_client(void **state)
{
	struct site *site = *state;
	struct event events[4];
	sessions_login_failed(site->sessions, "alice", "192.0.2.1", "wrong password");
	sessions_login_failed(site->sessions, "bob", "192.0.2.1", "unknown account");
	sessions_login_failed(site->sessions, "alice", "192.0.2.2", "wrong password");
	assert_int_equal(events_copy(sessions_events(site->sessions), events, 4), 2);
	assert_string_equal(events[0].text,
	                    "A login as alice from 192.0.2.1 failed: wrong password");
	assert_string_equal(events[1].client_address, "192.0.2.2");
}

static void only_its_account_and_group_can_pin_a_session(void **state)
{
	struct site *site = *state;
	struct session *s;
	open_from(site, site->alice, "192.0.2.1", 1, &s);
	const struct guid id = *session_id(s);
	session_unpin(s);
	assert_null(session_pin(site->sessions, &id, site->bob, 1));
	assert_null(session_pin(site->sessions, &id, site->alice, 2));
	s = session_pin(site->sessions, &id, site->alice, 1);
	assert_non_null(s);
	assert_string_equal(session_principal(s)->account, "alice");
	session_unpin(s);
}

static void a_session_ended_while_pinned_dies_when_it_is_unpinned(void **state)
{
	struct site *site = *state;
	struct session *s;
	open_from(site, site->alice, "192.0.2.1", 1, &s);
	uint32_t *data = session_data(s);
	assert_int_equal(*data, 0);
	*data = 4711;
	const struct guid id = *session_id(s);
	assert_true(sessions_end_id(site->sessions, &id, SESSION_END_OPERATOR));
	assert_false(sessions_end_id(site->sessions, &id, SESSION_END_OPERATOR));
	assert_null(session_pin(site->sessions, &id, site->alice, 1));
	assert_string_equal(session_principal(s)->account, "alice");
	assert_int_equal(*(uint32_t *)session_data(s), 4711);
	session_unpin(s); /* ASan tells if that is not its end */
}

static void a_group_ends_by_itself(void **state)
{
	struct site *site = *state;
	open_many(site, site->alice, 1, 3);
	open_many(site, site->bob, 1, 4);
	open_many(site, site->alice, 2, 5);
	assert_int_equal(sessions_end_group(site->sessions, 1, SESSION_END_RUNDOWN), 7);
	assert_int_equal(sessions_count(site->sessions), 5);
	assert_int_equal(sessions_count_group(site->sessions, 2), 5);
	assert_int_equal(sessions_end_group(site->sessions, 1, SESSION_END_RUNDOWN), 0);
	assert_consistent(site);
}

static void an_account_or_a_client_ends_as_a_whole(void **state)
{
	struct site *site = *state;
	struct session *s;
	open_many(site, site->alice, 1, 3);
	open_many(site, site->bob, 1, 4);
	open_from(site, site->bob, "2001:db8::7", 1, &s);
	session_unpin(s);
	assert_int_equal(sessions_end_account(site->sessions, "alice", SESSION_END_ACCOUNT), 3);
	assert_int_equal(last_event(site).id, EVENT_SESSIONS_ENDED);
	assert_int_equal(sessions_end_client(site->sessions, "2001:db8::7", SESSION_END_OPERATOR),
	                 1);
	assert_int_equal(sessions_count_account(site->sessions, "bob"), 4);
	assert_int_equal(sessions_end_all(site->sessions, SESSION_END_SHUTDOWN), 4);
	assert_consistent(site);
}

struct seen {
	size_t count, stop_after;
	uint64_t calls;
	struct session_info last;
};

static bool see(void *context, const struct session_info *info)
{
	struct seen *seen = context;
	seen->count++;
	seen->calls += info->calls;
	seen->last = *info;
	return seen->count != seen->stop_after;
}

static void a_listing_shows_each_session_once(void **state)
{
	struct site *site = *state;
	struct seen seen = {0};
	set_limit(site, LIMIT_UNLIMITED);
	open_many(site, site->alice, 1, 3000);
	open_many(site, site->bob, 1, 500);
	sessions_walk(site->sessions, see, &seen);
	assert_int_equal(seen.count, 3500);
}

static void a_listing_says_who_from_where_and_how_busy(void **state)
{
	struct site *site = *state;
	struct seen seen = {0};
	struct session *s;
	open_from(site, site->alice, "192.0.2.7", 9, &s);
	session_unpin(session_pin(site->sessions, session_id(s), site->alice, 9));
	session_unpin(session_pin(site->sessions, session_id(s), site->alice, 9));
	sessions_walk(site->sessions, see, &seen);
	assert_string_equal(seen.last.account, "alice");
	assert_string_equal(seen.last.client_address, "192.0.2.7");
	assert_string_equal(seen.last.workstation, "PC-ALICE");
	assert_int_equal(seen.last.client_port, 4711);
	assert_int_equal(seen.last.calls, 2);
	assert_true(guid_equal(&seen.last.id, session_id(s)));
	session_unpin(s);
}

static void a_listing_stops_when_it_is_told(void **state)
{
	struct site *site = *state;
	struct seen seen = {.stop_after = 3};
	open_many(site, site->alice, 1, 10);
	sessions_walk(site->sessions, see, &seen);
	assert_int_equal(seen.count, 3);
}

static bool see_account(void *context, const struct session_account_info *info)
{
	*(struct session_account_info *)context = *info;
	return true;
}

static void an_account_shows_held_highest_limit_and_refused(void **state)
{
	struct site *site = *state;
	struct session_account_info info = {0};
	set_limit(site, 3);
	open_many(site, site->alice, 1, 2);
	open_many(site, site->alice, 2, 1);
	open_one(site, site->alice, 2);
	open_one(site, site->alice, 2);
	sessions_end_group(site->sessions, 1, SESSION_END_RUNDOWN);
	sessions_walk_accounts(site->sessions, see_account, &info);
	assert_string_equal(info.account, "alice");
	assert_int_equal(info.held, 1);
	assert_int_equal(info.highest, 3);
	assert_int_equal(info.limit, 3);
	assert_int_equal(info.refused, 2);
}

static bool count_account(void *context, const struct session_account_info *info)
{
	(void)info;
	++*(size_t *)context;
	return true;
}

static void many_accounts_that_hold_nothing_are_forgotten(void **state)
{
	struct site *site = *state;
	size_t count = 0;
	open_many(site, site->alice, 1, 3);
	set_limit(site, 0);
	for (int i = 0; i < 50000; i++) {
		char name[32];
		snprintf(name, sizeof name, "account%d", i);
		const struct principal *p = principal_new(name, "ntlm", "", true);
		assert_int_equal(open_one(site, p, 2), SESSION_REFUSED_LIMIT);
		principal_unref(p);
	}
	sessions_walk_accounts(site->sessions, count_account, &count);
	assert_in_range(count, 1, 10000);
	assert_int_equal(sessions_count_account(site->sessions, "alice"), 3);
	assert_consistent(site);
}

static void the_ring_keeps_the_newest_events(void **state)
{
	(void)state;
	struct events *events = events_new(3);
	for (uint32_t i = 1; i <= 5; i++) {
		const struct event event = {.id = EVENT_LIMIT_CHANGED, .limit = i};
		events_add(events, &event);
	}
	struct event out[8];
	assert_int_equal(events_copy(events, out, 8), 3);
	assert_int_equal(out[0].limit, 3);
	assert_int_equal(out[2].limit, 5);
	assert_int_equal(events_copy(events, out, 1), 1);
	assert_int_equal(out[0].limit, 5);
	events_free(events);
}

#define ON_A_SITE(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_SITE(the_fifty_first_session_is_refused),
		ON_A_SITE(another_account_has_its_own_count),
		ON_A_SITE(a_closed_session_gives_its_place_back_once),
		ON_A_SITE(a_raised_limit_holds_for_the_next_session),
		ON_A_SITE(a_lowered_limit_ends_no_session),
		ON_A_SITE(a_limit_of_zero_lets_nobody_in),
		ON_A_SITE(unlimited_has_no_end),
		ON_A_SITE(audit_grants_and_tells),
		ON_A_SITE(a_warning_comes_at_eighty_percent),
		ON_A_SITE(unauthenticated_callers_are_refused),
		ON_A_SITE(anonymous_reading_is_counted_as_one_account),
		ON_A_SITE(disabled_and_unknown_accounts_are_refused),
		ON_A_SITE(a_refusal_says_who_and_how_old),
		ON_A_SITE(a_refusal_is_a_line_with_fields_in_the_log),
		ON_A_SITE(failed_logins_are_told_once_a_minute_for_each_client),
		ON_A_SITE(only_its_account_and_group_can_pin_a_session),
		ON_A_SITE(a_session_ended_while_pinned_dies_when_it_is_unpinned),
		ON_A_SITE(a_group_ends_by_itself),
		ON_A_SITE(an_account_or_a_client_ends_as_a_whole),
		ON_A_SITE(a_listing_shows_each_session_once),
		ON_A_SITE(a_listing_says_who_from_where_and_how_busy),
		ON_A_SITE(a_listing_stops_when_it_is_told),
		ON_A_SITE(an_account_shows_held_highest_limit_and_refused),
		ON_A_SITE(many_accounts_that_hold_nothing_are_forgotten),
		cmocka_unit_test(the_ring_keeps_the_newest_events),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
