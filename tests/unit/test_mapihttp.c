#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mapihttp_site.h"

/* A site with two connections, and the cookies of one client. */
struct fixture {
	struct mapihttp_site *site;
	struct mapihttp_wire a, b;
	char cookies[200];
	char answer[8192]; /* the last one */
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	f->site = mapihttp_site_open();
	wire_connect(&f->a, f->site);
	wire_connect(&f->b, f->site);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	wire_close(&f->a);
	wire_close(&f->b);
	mapihttp_site_close(f->site);
	free(f);
	return 0;
}

/* Moves what has come into f->answer; all of it has been sent then. */
static const char *take_answer(struct fixture *f, struct mapihttp_wire *w)
{
	snprintf(f->answer, sizeof f->answer, "%.*s", (int)w->out.size,
	         w->out.data ? (const char *)w->out.data : "");
	buffer_clear(&w->out);
	return f->answer;
}

static void copy_cookie(const char *answer, const char *name, char *out)
{
	char line[100];
	snprintf(line, sizeof line, "Set-Cookie: %s=", name);
	const char *at = strstr(answer, line);
	if (at)
		sprintf(out + strlen(out), "%s%s=%.*s", *out ? "; " : "", name,
		        (int)strcspn(at + strlen(line), ";"), at + strlen(line));
}

static void keep_cookies(struct fixture *f)
{
	char cookies[200] = "";
	copy_cookie(f->answer, "MapiContext", cookies);
	copy_cookie(f->answer, "MapiSequence", cookies);
	if (*cookies)
		strcpy(f->cookies, cookies);
}

static const char *ask_as(struct fixture *f, struct mapihttp_wire *w, const char *who,
                          const char *type, const char *body)
{
	char text[2000];
	snprintf(text, sizeof text,
	         "POST /mapi/toy/ HTTP/1.1\r\nHost: book\r\nX-Who: %s\r\n"
	         "Content-Type: application/mapi-http\r\nX-RequestType: %s\r\n"
	         "X-RequestId: {E2EA6C1C-E61B-49E9-9CFB-38184F907552}:1\r\n%s%s%s"
	         "Content-Length: %zu\r\n\r\n%s",
	         who, type, *f->cookies ? "Cookie: " : "", f->cookies, *f->cookies ? "\r\n" : "",
	         strlen(body), body);
	wire_input(w, slice_of_string(text));
	take_answer(f, w);
	keep_cookies(f);
	return f->answer;
}

static const char *ask(struct fixture *f, struct mapihttp_wire *w, const char *type,
                       const char *body)
{
	return ask_as(f, w, "anna", type, body);
}

static void assert_has(const char *text, const char *wanted)
{
	if (!strstr(text, wanted))
		fail_msg("no \"%s\" in: %s", wanted, text);
}

static void assert_lacks(const char *text, const char *unwanted)
{
	if (strstr(text, unwanted))
		fail_msg("\"%s\" in: %s", unwanted, text);
}

static void assert_code(const char *answer, int code)
{
	char line[40];
	snprintf(line, sizeof line, "\r\nX-ResponseCode: %d\r\n", code);
	assert_has(answer, line);
}

static void what_is_done_at_once_has_a_length(void **state)
{
	struct fixture *f = *state;
	assert_code(ask(f, &f->a, "Open", ""), 0);
	assert_has(f->answer, "Content-Length:");
	assert_has(f->answer, "\r\n\r\nPROCESSING\r\nDONE\r\nX-ElapsedTime: 0\r\nX-StartTime: ");
	assert_has(f->answer, " GMT\r\n\r\nbody:");
	assert_code(ask(f, &f->a, "Do", "d"), 0);
}

static void what_yields_for_less_than_a_moment_has_a_length_too(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	assert_string_equal(ask(f, &f->a, "Do", "yyd"), "");
	assert_int_equal(f->a.next, WEB_NEXT_RESUME);
	wire_resume(&f->a);
	f->site->now_ms += MOMENT_MS - 1;
	wire_resume(&f->a);
	assert_has(take_answer(f, &f->a), "Content-Length:");
	assert_has(f->answer, "X-ElapsedTime: 99\r\n");
}

static void what_yields_for_longer_begins_in_between(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	ask(f, &f->a, "Do", "yyd");
	f->site->now_ms += MOMENT_MS;
	wire_resume(&f->a);
	assert_has(take_answer(f, &f->a),
	           "Transfer-Encoding: chunked\r\n\r\n0000000c\r\nPROCESSING");
	wire_resume(&f->a);
	take_answer(f, &f->a);
	assert_memory_equal(f->answer + 10, "DONE\r\n", 6);
	assert_has(f->answer, "body:yyd\r\n0\r\n\r\n");
}

static void what_waits_says_that_it_goes_on(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	assert_string_equal(ask(f, &f->a, "Do", "wd"), "");
	assert_int_equal(web_connection_deadline(f->a.c), f->site->now_ms + MOMENT_MS);
	wire_wait_until_due(&f->a);
	assert_code(take_answer(f, &f->a), 0);
	assert_has(f->answer, "X-PendingPeriod: 1000\r\n");
	assert_has(f->answer, "PROCESSING\r\n");
	keep_cookies(f);
	for (int i = 0; i < 3; i++) {
		uint64_t before_ms = f->site->now_ms;
		wire_wait_until_due(&f->a);
		assert_int_equal(f->site->now_ms - before_ms, PENDING_MS);
		assert_string_equal(take_answer(f, &f->a), "00000009\r\nPENDING\r\n\r\n");
	}
	wire_resume(&f->a);
	assert_has(take_answer(f, &f->a), "DONE\r\nX-ElapsedTime: 3100\r\n");
	assert_int_equal(f->a.next, WEB_NEXT_READ);
	assert_code(ask(f, &f->a, "Do", "d"), 0);
}

static void a_failure_after_the_beginning_stands_behind_done(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	ask(f, &f->a, "Do", "wu");
	wire_wait_until_due(&f->a);
	take_answer(f, &f->a);
	keep_cookies(f);
	wire_resume(&f->a);
	take_answer(f, &f->a);
	assert_has(f->answer, "DONE\r\n");
	assert_code(f->answer, 1);
	assert_has(f->answer, "Content-Type: text/html\r\n\r\n<html>");
}

static void an_answer_that_cannot_be_written_is_code_17_behind_done(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	ask(f, &f->a, "Do", "l");
	assert_code(f->answer, 0);
	assert_has(f->answer, "DONE\r\n");
	assert_code(f->answer, 17);
	assert_lacks(f->answer, "body:");
}

static void opening_does_not_begin_before_its_cookies_are_known(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "yd");
	f->site->now_ms += 10 * MOMENT_MS;
	wire_resume(&f->a);
	assert_code(take_answer(f, &f->a), 0);
	assert_has(f->answer, "Content-Length:");
	assert_has(f->answer, "Set-Cookie: MapiContext=");
}

static void a_refused_opening_leaves_no_context(void **state)
{
	struct fixture *f = *state;
	assert_code(ask(f, &f->a, "Open", "r"), 0);
	assert_lacks(f->answer, "Set-Cookie");
	assert_int_equal(mapihttp_count(f->site->mapihttp), 0);
}

static void a_second_request_is_refused_while_one_runs(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	ask(f, &f->a, "Do", "wd");
	assert_code(ask(f, &f->b, "Do", "d"), 15);
	assert_lacks(f->answer, "Set-Cookie");
	assert_code(ask(f, &f->b, "PING", ""), 15);
	wire_resume(&f->a);
	assert_code(take_answer(f, &f->a), 0);
	keep_cookies(f);
	assert_code(ask(f, &f->b, "Do", "d"), 0);
}

static void a_client_that_goes_away_gives_its_context_back(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	ask(f, &f->a, "Do", "wd");
	web_connection_free(f->a.c);
	f->a.c = NULL;
	assert_int_equal(f->site->cancelled, 1);
	assert_int_equal(mapihttp_count(f->site->mapihttp), 1);
	/* The sequence of the answer that never came is not known. */
	assert_code(ask(f, &f->b, "Do", "d"), 15);
	assert_code(ask(f, &f->b, "Open", ""), 0);
	assert_int_equal(f->site->ended, 1);
	assert_int_equal(mapihttp_count(f->site->mapihttp), 1);
}

static void a_context_replaced_while_it_is_busy_ends_at_once(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	ask(f, &f->a, "Do", "wd");
	assert_code(ask(f, &f->b, "Open", ""), 0);
	assert_int_equal(f->site->ended, 1);
	assert_int_equal(mapihttp_count(f->site->mapihttp), 1);
	wire_resume(&f->a);
	assert_code(take_answer(f, &f->a), 0);
	assert_int_equal(f->site->ended, 1);
	assert_code(ask(f, &f->b, "Do", "d"), 0);
}

static void a_context_expires_when_it_is_idle_and_only_then(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	ask(f, &f->a, "Do", "wd");
	f->site->now_ms += 2 * TIMEOUT_MS;
	assert_code(ask_as(f, &f->b, "berta", "Open", ""), 0); /* which looks for expired ones */
	assert_int_equal(f->site->expired, 0);
	f->cookies[0] = '\0';
	wire_resume(&f->a);
	assert_code(take_answer(f, &f->a), 0);
	keep_cookies(f);
	f->site->now_ms += TIMEOUT_MS;
	assert_code(ask(f, &f->a, "PING", ""), 0);
	f->site->now_ms += TIMEOUT_MS + 1;
	assert_code(ask(f, &f->a, "PING", ""), 10);
	assert_int_equal(f->site->expired, 1);
	assert_code(ask(f, &f->a, "Open", ""), 0);
	assert_int_equal(f->site->expired, 2);
}

static void closing_ends_the_context(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	assert_code(ask(f, &f->a, "Close", "u"), 1);
	assert_int_equal(f->site->ended, 0);
	assert_code(ask(f, &f->a, "Close", ""), 0);
	assert_has(f->answer, "Set-Cookie: MapiContext=");
	assert_int_equal(f->site->ended, 1);
	assert_int_equal(f->site->expired, 0);
	assert_code(ask(f, &f->a, "Do", "d"), 10);
}

static void a_context_that_the_endpoint_does_not_know_any_more_ends(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	assert_code(ask(f, &f->a, "Do", "n"), 10);
	assert_int_equal(f->site->ended, 1);
	assert_int_equal(mapihttp_count(f->site->mapihttp), 0);
}

static void groups_are_not_those_of_rpc_and_never_the_same(void **state)
{
	struct fixture *f = *state;
	uint64_t last = 0;
	for (int i = 0; i < 5; i++) {
		ask(f, &f->a, "Open", "");
		ask(f, &f->a, "Close", "");
		assert_true(f->site->last_ended >> 63);
		assert_true(f->site->last_ended > last);
		last = f->site->last_ended;
	}
}

static void another_account_finds_no_context(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	assert_code(ask_as(f, &f->b, "berta", "Do", "d"), 10);
	char annas[sizeof f->cookies];
	strcpy(annas, f->cookies);
	assert_code(ask_as(f, &f->b, "berta", "Open", ""), 0);
	assert_int_equal(mapihttp_count(f->site->mapihttp), 2);
	strcpy(f->cookies, annas);
	assert_code(ask(f, &f->a, "Do", "d"), 0);
}

static void who_did_not_log_in_is_refused(void **state)
{
	struct fixture *f = *state;
	assert_code(ask_as(f, &f->a, "nobody", "Open", ""), 8);
	assert_int_equal(f->site->starts, 0);
}

static void an_endpoint_that_ends_or_is_off_refuses_everything(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	f->site->limits.disabled = true;
	assert_code(ask(f, &f->a, "Do", "d"), 16);
	f->site->limits.shutting_down = true;
	assert_code(ask(f, &f->a, "PING", ""), 18);
}

static void what_ends_with_the_table_is_told_to_the_endpoint(void **state)
{
	struct fixture *f = *state;
	ask(f, &f->a, "Open", "");
	mapihttp_free(f->site->mapihttp);
	f->site->mapihttp = NULL;
	assert_int_equal(f->site->ended, 1);
}

static void anything_can_be_asked_without_a_context_but_not_with_a_wrong_one(void **state)
{
	struct fixture *f = *state;
	assert_code(ask(f, &f->a, "Any", ""), 0);
	strcpy(f->cookies,
	       "MapiContext=00000000000000000000000000000000; MapiSequence=0000000000000000");
	assert_code(ask(f, &f->a, "Any", ""), 10);
	strcpy(f->cookies, "MapiContext=x; MapiSequence=0");
	assert_code(ask(f, &f->a, "Any", ""), 6);
}

#define FIXTURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(what_is_done_at_once_has_a_length),
		FIXTURE_TEST(what_yields_for_less_than_a_moment_has_a_length_too),
		FIXTURE_TEST(what_yields_for_longer_begins_in_between),
		FIXTURE_TEST(what_waits_says_that_it_goes_on),
		FIXTURE_TEST(a_failure_after_the_beginning_stands_behind_done),
		FIXTURE_TEST(an_answer_that_cannot_be_written_is_code_17_behind_done),
		FIXTURE_TEST(opening_does_not_begin_before_its_cookies_are_known),
		FIXTURE_TEST(a_refused_opening_leaves_no_context),
		FIXTURE_TEST(a_second_request_is_refused_while_one_runs),
		FIXTURE_TEST(a_client_that_goes_away_gives_its_context_back),
		FIXTURE_TEST(a_context_replaced_while_it_is_busy_ends_at_once),
		FIXTURE_TEST(a_context_expires_when_it_is_idle_and_only_then),
		FIXTURE_TEST(closing_ends_the_context),
		FIXTURE_TEST(a_context_that_the_endpoint_does_not_know_any_more_ends),
		FIXTURE_TEST(groups_are_not_those_of_rpc_and_never_the_same),
		FIXTURE_TEST(another_account_finds_no_context),
		FIXTURE_TEST(who_did_not_log_in_is_refused),
		FIXTURE_TEST(an_endpoint_that_ends_or_is_off_refuses_everything),
		FIXTURE_TEST(what_ends_with_the_table_is_told_to_the_endpoint),
		FIXTURE_TEST(anything_can_be_asked_without_a_context_but_not_with_a_wrong_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
