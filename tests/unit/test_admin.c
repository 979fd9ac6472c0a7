/* The commands of the control socket, run in the process on a store of their own. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "admin/admin.h"
#include "base/log.h"
#include "base/memory.h"
#include "session/events.h"
#include "store/users.h"

struct site {
	char dir[64];
	struct store *store;
	struct limits *limits;
	struct sessions *sessions;
	struct admin_context *admin, *offline;
	const struct principal *anna;
	/* what a command is given, and what it answered */
	const char *const *input; /* pieces of an import, NULL at the end */
	bool input_breaks;        /* instead of ending */
	json_t *rows, *last;
	size_t warnings;
	char *exported;
};

static bool take_line(void *context, const json_t *line)
{
	struct site *site = context;
	const json_t *row = json_object_get(line, "row");
	site->warnings += json_object_get(line, "warning") != NULL;
	if (row)
		json_array_append(site->rows, json_object_get(line, "row"));
	if (json_object_get(line, "done") || json_object_get(line, "error")) {
		assert_null(site->last);
		site->last = json_deep_copy(line);
	}
	return true;
}

static bool take_bytes(void *context, struct slice bytes)
{
	struct site *site = context;
	char *longer =
		xasprintf("%s%.*s", site->exported, (int)bytes.size, (const char *)bytes.data);
	free(site->exported);
	site->exported = longer;
	return true;
}

static int give_bytes(void *context, struct slice *bytes, struct error *e)
{
	struct site *site = context;
	if (*site->input)
		*bytes = slice_of_string(*site->input++);
	else if (site->input_breaks)
		return error_set(e, ERR_CLOSED, "the connection was closed");
	return 0;
}

static int make(void **state)
{
	struct site *site = calloc(1, sizeof *site);
	struct error e = {0};
	strcpy(site->dir, "/tmp/nspid-admin-XXXXXX");
	assert_non_null(mkdtemp(site->dir));
	log_set_level(LOG_LEVEL_ERROR);
	assert_int_equal(store_open(site->dir, 64 << 20, &site->store, &e), 0);
	site->limits = limits_new();
	const struct sessions_config config = {.accounts = store_account_source(site->store)};
	site->sessions = sessions_new(&config, site->limits);
	struct admin_setup setup = {
		.version = "1",
		.organization = "Test",
		.store = site->store,
		.limits = site->limits,
	};
	site->offline = admin_context_new(&setup);
	setup.sessions = site->sessions;
	site->admin = admin_context_new(&setup);
	site->anna = principal_new("Anna", "ntlm", "PC", true);
	site->exported = xstrdup("");
	*state = site;
	return 0;
}

static int unmake(void **state)
{
	struct site *site = *state;
	char command[128];
	admin_context_free(site->admin);
	admin_context_free(site->offline);
	sessions_free(site->sessions);
	limits_free(site->limits);
	store_close(site->store);
	principal_unref(site->anna);
	json_decref(site->rows);
	json_decref(site->last);
	free(site->exported);
	snprintf(command, sizeof command, "rm -r %s", site->dir);
	assert_int_equal(system(command), 0);
	free(site);
	return 0;
}

static int run_in(struct site *site, struct admin_context *a, const char *request)
{
	const struct admin_io io = {
		.context = site, .line = take_line, .bytes = take_bytes, .more = give_bytes};
	json_t *parsed = json_loads(request, 0, NULL);
	assert_non_null(parsed);
	json_decref(site->rows);
	json_decref(site->last);
	site->rows = json_array();
	site->last = NULL;
	int err = admin_run(a, parsed, 0, &io);
	json_decref(parsed);
	assert_non_null(site->last);
	assert_int_equal(err == 0, json_object_get(site->last, "done") != NULL);
	return err;
}

static void run(struct site *site, const char *request)
{
	if (run_in(site, site->admin, request))
		fail_msg("%s: %s", request,
		         json_string_value(json_object_get(site->last, "error")));
}

static void refuse(struct site *site, const char *request, const char *why)
{
	assert_int_not_equal(run_in(site, site->admin, request), 0);
	const char *text = json_string_value(json_object_get(site->last, "error"));
	if (!strstr(text, why))
		fail_msg("%s: \"%s\" does not say \"%s\"", request, text, why);
}

static void add_anna(struct site *site)
{
	run(site, "{\"command\":\"user-add\",\"account\":\"Anna\",\"password\":\"secret\"}");
}

static enum session_refusal open_one(struct site *site)
{
	struct address client;
	const struct session_request request = {
		.principal = site->anna, .client = &client, .group = 1};
	assert_true(address_parse("192.0.2.1", 0, &client));
	struct session *s;
	enum session_refusal r = session_open(site->sessions, &request, &s);
	if (r == SESSION_GRANTED)
		session_unpin(s);
	return r;
}

static const json_t *row(struct site *site, size_t i, const char *key)
{
	return json_object_get(json_array_get(site->rows, i), key);
}

static const json_t *done(struct site *site, const char *key)
{
	return json_object_get(json_object_get(site->last, "done"), key);
}

static void a_request_has_to_be_one_of_the_table(void **state)
{
	refuse(*state, "{}", "there is no command");
	refuse(*state, "{\"command\":7}", "there is no command");
	refuse(*state, "{\"command\":\"shutdown\"}", "there is no command \"shutdown\"");
	refuse(*state, "{\"command\":\"status\",\"x\":1}", "\"x\" is unknown");
	refuse(*state, "{\"command\":\"end\",\"account\":7}", "wrong type");
	refuse(*state, "{\"command\":\"events\",\"count\":-1}", "wrong type");
	refuse(*state, "{\"command\":\"user-del\"}", "\"account\" is missing");
}

static void without_a_server_the_store_still_works(void **state)
{
	struct site *site = *state;
	assert_int_equal(run_in(site, site->offline, "{\"command\":\"sessions\"}"),
	                 ERR_UNSUPPORTED);
	assert_int_equal(
		run_in(site, site->offline,
	               "{\"command\":\"user-add\",\"account\":\"anna\",\"password\":\"x\"}"),
		0);
	assert_int_equal(run_in(site, site->offline,
	                        "{\"command\":\"limit-set\",\"account\":\"anna\",\"sessions\":"
	                        "\"3\",\"reason\":\"r\"}"),
	                 0);
	assert_int_equal(
		run_in(site, site->offline, "{\"command\":\"user-del\",\"account\":\"anna\"}"), 0);
}

static void which_commands_work_without_a_server_is_known(void **state)
{
	(void)state;
	assert_true(admin_works_offline("import"));
	assert_true(admin_works_offline("limit-set"));
	assert_false(admin_works_offline("sessions"));
	assert_false(admin_works_offline("nonsense"));
}

static void a_limit_is_in_force_at_once_and_kept(void **state)
{
	struct site *site = *state;
	struct limit *list;
	size_t count;
	add_anna(site);
	run(site, "{\"command\":\"limit-set\",\"account\":\"ANNA\",\"sessions\":\"1\",\"reason\":"
	          "\"a test\"}");
	assert_int_equal(open_one(site), SESSION_GRANTED);
	assert_int_equal(open_one(site), SESSION_REFUSED_LIMIT);
	assert_int_equal(store_limit_list(site->store, &list, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_string_equal(list[0].name, "Anna");
	assert_string_equal(list[0].reason, "a test");
	free(list);
	run(site, "{\"command\":\"limit-clear\",\"account\":\"anna\"}");
	assert_int_equal(open_one(site), SESSION_GRANTED);
}

static void a_changed_limit_is_an_event(void **state)
{
	struct site *site = *state;
	struct event event;
	run(site, "{\"command\":\"limit-set\",\"default\":true,\"sessions\":\"unlimited\","
	          "\"reason\":\"a test\"}");
	assert_int_equal(events_copy(sessions_events(site->sessions), &event, 1), 1);
	assert_int_equal(event.id, EVENT_LIMIT_CHANGED);
	assert_string_equal(event.text, "The limit of default was set to unlimited: a test");
}

static void a_limit_says_where_it_comes_from(void **state)
{
	struct site *site = *state;
	add_anna(site);
	run(site, "{\"command\":\"group-add\",\"group\":\"Mobile\"}");
	run(site, "{\"command\":\"group-add-member\",\"group\":\"mobile\",\"account\":\"anna\"}");
	run(site, "{\"command\":\"limit-show\",\"account\":\"anna\"}");
	assert_string_equal(json_string_value(done(site, "from")), "built in");
	run(site, "{\"command\":\"limit-set\",\"group\":\"MOBILE\",\"sessions\":\"300\",\"reason\":"
	          "\"r\"}");
	run(site, "{\"command\":\"limit-show\",\"account\":\"anna\"}");
	assert_string_equal(json_string_value(done(site, "scope")), "group");
	assert_string_equal(json_string_value(done(site, "name")), "Mobile");
	assert_int_equal(json_integer_value(done(site, "sessions")), 300);
	assert_true(strncmp(json_string_value(done(site, "from")), "nspictl at ", 11) == 0);
}

static void a_limit_that_makes_no_sense_is_refused(void **state)
{
	struct site *site = *state;
#define SET "{\"command\":\"limit-set\","
	add_anna(site);
	refuse(site, SET "\"sessions\":\"1\",\"reason\":\"r\"}", "say one of");
	refuse(site,
	       SET "\"account\":\"anna\",\"group\":\"g\",\"sessions\":\"1\",\"reason\":\"r\"}",
	       "say one of");
	refuse(site, SET "\"account\":\"alf\",\"sessions\":\"1\",\"reason\":\"r\"}",
	       "no account alf");
	refuse(site, SET "\"group\":\"g\",\"sessions\":\"1\",\"reason\":\"r\"}", "no group g");
	refuse(site, SET "\"account\":\"anna\",\"sessions\":\"many\",\"reason\":\"r\"}",
	       "not a number of sessions");
	refuse(site, SET "\"account\":\"anna\",\"sessions\":\"1\",\"reason\":\"\"}",
	       "reason is empty");
	refuse(site,
	       SET "\"account\":\"anna\",\"sessions\":\"1\",\"reason\":\"r\",\"until\":\"soon\"}",
	       "not a date");
	refuse(site,
	       SET
	       "\"account\":\"anna\",\"sessions\":\"1\",\"reason\":\"r\",\"until\":\"2001-01-01\"}",
	       "past");
	refuse(site, "{\"command\":\"limit-clear\",\"account\":\"anna\"}", "no limit is set");
#undef SET
}

static void a_disabled_account_loses_its_sessions(void **state)
{
	struct site *site = *state;
	add_anna(site);
	open_one(site);
	open_one(site);
	run(site, "{\"command\":\"user-disable\",\"account\":\"anna\"}");
	assert_int_equal(json_integer_value(done(site, "ended")), 2);
	assert_int_equal(open_one(site), SESSION_REFUSED_DISABLED);
	run(site, "{\"command\":\"user-enable\",\"account\":\"anna\"}");
	assert_int_equal(open_one(site), SESSION_GRANTED);
}

static void a_deleted_account_leaves_no_session_and_no_limit(void **state)
{
	struct site *site = *state;
	add_anna(site);
	run(site, "{\"command\":\"limit-set\",\"account\":\"anna\",\"sessions\":\"unlimited\","
	          "\"reason\":\"r\"}");
	open_one(site);
	run(site, "{\"command\":\"user-del\",\"account\":\"ANNA\"}");
	assert_int_equal(sessions_count(site->sessions), 0);
	assert_int_equal(open_one(site), SESSION_REFUSED_NO_RIGHT);
	run(site, "{\"command\":\"limit-list\"}");
	assert_int_equal(json_array_size(site->rows), 0);
}

static void sessions_end_in_any_way_an_operator_names_them(void **state)
{
	struct site *site = *state;
	char request[128];
	add_anna(site);
	for (int i = 0; i < 4; i++)
		open_one(site);
	run(site, "{\"command\":\"sessions\",\"account\":\"anna\",\"client\":\"192.0.2.1\"}");
	assert_int_equal(json_array_size(site->rows), 4);
	assert_string_equal(json_string_value(row(site, 0, "user")), "Anna");
	snprintf(request, sizeof request, "{\"command\":\"end\",\"session\":\"%s\"}",
	         json_string_value(row(site, 0, "id")));
	run(site, request);
	refuse(site, request, "there is no session");
	run(site, "{\"command\":\"end\",\"account\":\"ANNA\"}");
	assert_int_equal(json_integer_value(done(site, "ended")), 3);
	run(site, "{\"command\":\"end\",\"client\":\"192.0.2.1\"}");
	assert_int_equal(json_integer_value(done(site, "ended")), 0);
	refuse(site, "{\"command\":\"end\"}", "say one of");
	refuse(site, "{\"command\":\"end\",\"session\":\"x\"}", "not the id of a session");
}

static void an_account_is_listed_without_its_password(void **state)
{
	struct site *site = *state;
	run(site, "{\"command\":\"user-add\",\"account\":\"Anna\",\"password\":\"xyzzy\",\"entry\":"
	          "\"cn=a\"}");
	refuse(site, "{\"command\":\"user-add\",\"account\":\"ANNA\",\"password\":\"x\"}",
	       "already");
	run(site, "{\"command\":\"user-list\"}");
	assert_int_equal(json_array_size(site->rows), 1);
	assert_string_equal(json_string_value(row(site, 0, "entry")), "cn=a");
	char *text = json_dumps(site->rows, 0);
	assert_null(strstr(text, "xyzzy"));
	free(text);
}

static const char *const whole_book[] = {
	"dn: cn=a,o=x\nobjectClass: inetOrgPer", "son\ncn: a\nsn: a\n\n",
	"dn: cn=b,o=x\nobjectClass: inetOrgPerson\ncn: b\nsn: b\n", NULL};
static const char *const faulty_book[] = {
	"dn: cn=c,o=x\nobjectClass: inetOrgPerson\ncn: c\nsn: c\n\n", "rubbish\n\n", NULL};

static size_t entries(struct site *site)
{
	struct store_counts counts;
	store_counts(site->store, &counts);
	return counts.entries;
}

static void an_import_takes_what_is_streamed(void **state)
{
	struct site *site = *state;
	site->input = whole_book;
	run(site, "{\"command\":\"import\",\"source\":\"book.ldif\"}");
	assert_int_equal(json_integer_value(done(site, "added")), 2);
	assert_int_equal(entries(site), 2);
	run(site, "{\"command\":\"export\"}");
	assert_non_null(strstr(site->exported, "dn: cn=b,o=x"));
}

static void a_faulty_or_broken_off_import_changes_nothing(void **state)
{
	struct site *site = *state;
	site->input = faulty_book;
	refuse(site, "{\"command\":\"import\",\"source\":\"book.ldif\"}", "book.ldif:6");
	site->input = whole_book;
	site->input_breaks = true;
	refuse(site, "{\"command\":\"import\"}", "closed");
	assert_int_equal(entries(site), 0);
	site->input = whole_book;
	site->input_breaks = false;
	run(site, "{\"command\":\"import\"}");
	assert_int_equal(entries(site), 2);
}

static void counters_status_events_and_check_answer(void **state)
{
	struct site *site = *state;
	add_anna(site);
	open_one(site);
	run(site, "{\"command\":\"status\"}");
	assert_int_equal(json_integer_value(done(site, "sessions")), 1);
	assert_int_equal(json_integer_value(done(site, "accounts_with_sessions")), 1);
	run(site, "{\"command\":\"counters\"}");
	assert_true(json_integer_value(done(site, "sessions_opened")) > 0);
	run(site, "{\"command\":\"check\"}");
	run(site, "{\"command\":\"accounts\"}");
	assert_int_equal(json_integer_value(row(site, 0, "held")), 1);
	run(site, "{\"command\":\"end\",\"all\":true}");
	run(site, "{\"command\":\"events\",\"count\":1}");
	assert_int_equal(json_integer_value(row(site, 0, "id")), EVENT_SESSIONS_ENDED);
	refuse(site, "{\"command\":\"log-level\",\"level\":\"loud\"}", "no log level");
	refuse(site, "{\"command\":\"reload\"}", "cannot reload");
}

#define ON_A_SITE(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_SITE(a_request_has_to_be_one_of_the_table),
		ON_A_SITE(without_a_server_the_store_still_works),
		cmocka_unit_test(which_commands_work_without_a_server_is_known),
		ON_A_SITE(a_limit_is_in_force_at_once_and_kept),
		ON_A_SITE(a_changed_limit_is_an_event),
		ON_A_SITE(a_limit_says_where_it_comes_from),
		ON_A_SITE(a_limit_that_makes_no_sense_is_refused),
		ON_A_SITE(a_disabled_account_loses_its_sessions),
		ON_A_SITE(a_deleted_account_leaves_no_session_and_no_limit),
		ON_A_SITE(sessions_end_in_any_way_an_operator_names_them),
		ON_A_SITE(an_account_is_listed_without_its_password),
		ON_A_SITE(an_import_takes_what_is_streamed),
		ON_A_SITE(a_faulty_or_broken_off_import_changes_nothing),
		ON_A_SITE(counters_status_events_and_check_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
