/* Threads that open, close, run down, end and list at once; to be run under ThreadSanitizer too. */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "session/limits.h"
#include "session/session.h"

#define LIMIT   50
#define OPENERS 4
#define ROUNDS  3000

struct site {
	struct limits *limits;
	struct sessions *sessions;
	const struct principal *alice;
	_Atomic bool disabled, done;
	_Atomic uint64_t granted, closed, beyond;
};

static void status_of(void *context, const char *account, struct account_status *out)
{
	struct site *site = context;
	(void)account;
	*out = (struct account_status){.exists = true, .disabled = site->disabled};
}

static int make(void **state)
{
	struct site *site = calloc(1, sizeof *site);
	const struct sessions_config config = {
		.accounts = {.context = site, .status = status_of}
        };
	log_set_level(LOG_LEVEL_ERROR);
	site->limits = limits_new();
	site->sessions = sessions_new(&config, site->limits);
	site->alice = principal_new("alice", "ntlm", "", true);
	*state = site;
	return 0;
}

static int unmake(void **state)
{
	struct site *site = *state;
	sessions_free(site->sessions);
	limits_free(site->limits);
	principal_unref(site->alice);
	free(site);
	return 0;
}

static struct session *open_one(struct site *site, uint64_t group)
{
	static const struct address client;
	const struct session_request request = {
		.principal = site->alice,
		.client = &client,
		.transport = SESSION_RPC_TCP,
		.group = group,
	};
	struct session *s = NULL;
	if (session_open(site->sessions, &request, &s) != SESSION_GRANTED)
		return NULL;
	site->granted++;
	return s;
}

/* Opens in a group of its own; closes half of them itself and runs the group down now and then. */
static void *open_and_close(void *context)
{
	struct site *site = context;
	uint64_t group = (uint64_t)(uintptr_t)&group;
	for (int i = 0; i < ROUNDS; i++) {
		struct session *s = open_one(site, group);
		if (s && i % 2 == 0)
			site->closed += session_close(s, SESSION_END_UNBIND);
		if (s)
			session_unpin(s);
		if (i % 7 == 0)
			site->closed +=
				sessions_end_group(site->sessions, group, SESSION_END_RUNDOWN);
	}
	site->closed += sessions_end_group(site->sessions, group, SESSION_END_RUNDOWN);
	return NULL;
}

static void *open_only(void *context)
{
	struct site *site = context;
	for (int i = 0; i < ROUNDS; i++) {
		struct session *s = open_one(site, 1);
		if (s)
			session_unpin(s);
	}
	return NULL;
}

static void *end_account(void *context)
{
	struct site *site = context;
	while (!site->done)
		site->closed += sessions_end_account(site->sessions, "alice", SESSION_END_OPERATOR);
	return NULL;
}

static bool end_listed(void *context, const struct session_info *info)
{
	struct site *site = context;
	site->closed += sessions_end_id(site->sessions, &info->id, SESSION_END_OPERATOR);
	return true;
}

static void *list_and_end(void *context)
{
	struct site *site = context;
	while (!site->done)
		sessions_walk(site->sessions, end_listed, site);
	return NULL;
}

static void *watch(void *context)
{
	struct site *site = context;
	while (!site->done) {
		struct error e = {0};
		if (sessions_count_account(site->sessions, "alice") > LIMIT ||
		    sessions_check(site->sessions, &e) != 0)
			site->beyond++;
	}
	return NULL;
}

static void run(struct site *site, void *(*worker)(void *), void *(*const *others)(void *),
                size_t other_count)
{
	pthread_t workers[OPENERS], rest[4];
	for (size_t i = 0; i < other_count; i++)
		pthread_create(&rest[i], NULL, others[i], site);
	for (size_t i = 0; i < OPENERS; i++)
		pthread_create(&workers[i], NULL, worker, site);
	for (size_t i = 0; i < OPENERS; i++)
		pthread_join(workers[i], NULL);
	site->done = true;
	for (size_t i = 0; i < other_count; i++)
		pthread_join(rest[i], NULL);
}

static void racing_opens_never_exceed_the_limit(void **state)
{
	struct site *site = *state;
	void *(*const others[])(void *) = {watch};
	run(site, open_only, others, 1);
	assert_int_equal(site->granted, LIMIT);
	assert_int_equal(sessions_count_account(site->sessions, "alice"), LIMIT);
	assert_int_equal(site->beyond, 0);
}

static void every_place_is_given_back_exactly_once(void **state)
{
	struct site *site = *state;
	void *(*const others[])(void *) = {watch, end_account, list_and_end};
	run(site, open_and_close, others, 3);
	site->closed += sessions_end_all(site->sessions, SESSION_END_SHUTDOWN);
	assert_int_equal(site->granted, site->closed);
	assert_int_equal(sessions_count(site->sessions), 0);
	assert_int_equal(sessions_check(site->sessions, NULL), 0);
	assert_int_equal(site->beyond, 0);
}

static void *disable(void *context)
{
	struct site *site = context;
	while (site->granted < 10)
		;
	site->disabled = true;
	sessions_end_account(site->sessions, "alice", SESSION_END_ACCOUNT);
	return NULL;
}

/* An open that looked at the account before it was disabled must not come to life after its
 * sessions were ended. */
static void a_disabled_account_keeps_no_session(void **state)
{
	struct site *site = *state;
	void *(*const others[])(void *) = {disable};
	run(site, open_only, others, 1);
	assert_int_equal(sessions_count(site->sessions), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(racing_opens_never_exceed_the_limit, make, unmake),
		cmocka_unit_test_setup_teardown(every_place_is_given_back_exactly_once, make,
	                                        unmake),
		cmocka_unit_test_setup_teardown(a_disabled_account_keeps_no_session, make, unmake),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
