#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/counters.h"
#include "web_assert.h"

#define HOST "Host: book\r\n"

static int setup(void **state)
{
	*state = web_site_open();
	return 0;
}

static int teardown(void **state)
{
	web_site_close(*state);
	return 0;
}

static void assert_says(struct web_site *s, const char *wanted)
{
	char *text = web_site_answer(s);
	if (!strstr(text, wanted))
		fail_msg("no \"%s\" in: %s", wanted, text);
	free(text);
}

static void a_request_reaches_its_handler(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "POST /OPEN/a%20b?c=d HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody");
	assert_int_equal(s->next, WEB_NEXT_READ);
	web_assert_answer(s, 200, "\r\n\r\nPOST /OPEN/a b [a b] [c=d]  127.0.0.1 plain: body");
}

static void a_request_is_read_wherever_it_is_cut(void **state)
{
	static const char text[] =
		"POST /open/x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
		"2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n";
	struct web_site *s = *state;
	for (size_t cut = 0; cut < sizeof text; cut++) {
		size_t taken = web_site_input(s, slice_of(text, cut));
		web_site_input(s, slice_of(text + taken, sizeof text - 1 - taken));
		web_assert_answer(s, 200, "127.0.0.1 plain: body");
	}
}

static void a_length_is_told_when_the_answer_is_whole(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "GET /open HTTP/1.1\r\n" HOST "\r\n");
	assert_says(s, "Content-Length:         34\r\n\r\nGET /open [] []  127.0.0.1 plain: ");
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "GET /open/1 HTTP/1.1\r\n" HOST "\r\n"
	                 "POST /wait?ab HTTP/1.1\r\n" HOST "\r\n"
	                 "GET /open/3 HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(s->next, WEB_NEXT_WAIT);
	char *text = web_site_answer(s);
	const char *first = strstr(text, "GET /open/1"), *second = strstr(text, "\r\n\r\n00000001");
	assert_true(first && second && first < second);
	assert_null(strstr(text, "/open/3"));
	free(text);
}

static void an_answer_that_waits_comes_in_chunks(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "GET /wait?abc HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(s->next, WEB_NEXT_WAIT);
	web_assert_answer(s, 200, "Transfer-Encoding: chunked\r\n\r\n00000001\r\na\r\n");
	web_site_resume(s);
	assert_int_equal(s->next, WEB_NEXT_RESUME);
	char *part = web_site_answer(s);
	assert_string_equal(part, "00000001\r\nb\r\n");
	free(part);
	web_site_resume(s);
	assert_int_equal(s->next, WEB_NEXT_READ);
	part = web_site_answer(s);
	assert_string_equal(part, "00000001\r\nc\r\n0\r\n\r\n");
	free(part);
}

static void a_handler_that_waits_before_it_answers_has_a_length(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "GET /wait?-b HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(s->out.size, 0);
	web_site_resume(s);
	web_assert_answer(s, 200, "Content-Length:          1\r\n\r\nb");
}

static void http_1_0_ends_a_stream_with_the_connection(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "GET /wait?ab HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	char *text = web_site_answer(s);
	assert_null(strstr(text, "chunked"));
	assert_null(strstr(text, "Content-Length"));
	assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\na");
	free(text);
	web_site_resume(s);
	assert_int_equal(s->next, WEB_NEXT_CLOSE);
	text = web_site_answer(s);
	assert_string_equal(text, "b");
	free(text);
}

static void http_1_0_is_kept_alive_when_it_asks(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "GET /open HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_int_equal(s->next, WEB_NEXT_READ);
	assert_says(s, "Connection: keep-alive\r\n");
	web_site_send(s, "GET /open HTTP/1.0\r\n\r\n");
	assert_int_equal(s->next, WEB_NEXT_CLOSE);
	assert_says(s, "Connection: close\r\n");
}

static void head_is_answered_without_the_body(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "HEAD /open HTTP/1.1\r\n" HOST "\r\n");
	web_assert_answer(s, 200, "Content-Length:         35\r\n\r\n");
	web_site_send(s, "HEAD /wait?ab HTTP/1.1\r\n" HOST "\r\n");
	web_assert_answer(s, 200, "chunked\r\n\r\n");
	web_site_resume(s);
	assert_int_equal(s->out.size, 0);
	assert_int_equal(s->next, WEB_NEXT_READ);
}

static void a_tick_is_sent_while_the_handler_waits(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "GET /wait?-b HTTP/1.1\r\n" HOST "\r\n");
	web_site_wait_until_due(s);
	assert_int_equal(s->next, WEB_NEXT_WAIT);
	web_assert_answer(s, 200, "chunked\r\n\r\n00000004\r\ntick\r\n");
	assert_int_equal(web_connection_deadline(s->c), 0);
	web_site_resume(s);
	char *text = web_site_answer(s);
	assert_string_equal(text, "00000001\r\nb\r\n0\r\n\r\n");
	free(text);
}

static void a_request_is_cancelled_with_its_connection(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "GET /wait?ab HTTP/1.1\r\n" HOST "\r\n");
	web_site_connect(s, "127.0.0.1", false);
	assert_int_equal(s->cancelled, 1);
}

static void what_nobody_serves_is_told(void **state)
{
	static const struct {
		const char *text;
		unsigned status;
		enum web_next next;
	} cases[] = {
		{"GET /nothing HTTP/1.1\r\n" HOST "\r\n",                              404, WEB_NEXT_READ },
		{"GET /closed/x HTTP/1.1\r\n" HOST "\r\n",                             404, WEB_NEXT_READ },
		{"GET /openx HTTP/1.1\r\n" HOST "\r\n",                                404, WEB_NEXT_READ },
		{"OPTIONS * HTTP/1.1\r\n" HOST "\r\n",                                 404, WEB_NEXT_READ },
		{"PUT /closed HTTP/1.1\r\n" HOST "\r\n",                               405, WEB_NEXT_READ },
		{"get /closed HTTP/1.1\r\n" HOST "\r\n",                               405, WEB_NEXT_READ },
		{"PUT /closed HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n",          405, WEB_NEXT_CLOSE},
		{"GET /open/../closed HTTP/1.1\r\n" HOST "\r\n",                       400, WEB_NEXT_READ },
		{"GET /open/%2e%2E/closed HTTP/1.1\r\n" HOST "\r\n",                   400, WEB_NEXT_READ },
		{"GET /open/. HTTP/1.1\r\n" HOST "\r\n",                               400, WEB_NEXT_READ },
		{"GET /open%2Fclosed HTTP/1.1\r\n" HOST "\r\n",                        400, WEB_NEXT_READ },
		{"GET /open/%00 HTTP/1.1\r\n" HOST "\r\n",                             400, WEB_NEXT_READ },
		{"GET /open/%0d%0a HTTP/1.1\r\n" HOST "\r\n",                          400, WEB_NEXT_READ },
		{"GET /open/%4 HTTP/1.1\r\n" HOST "\r\n",                              400, WEB_NEXT_READ },
		{"GET /open/%zz HTTP/1.1\r\n" HOST "\r\n",                             400, WEB_NEXT_READ },
		{"GET /open HTTP/1.1\r\n\r\n",                                         400, WEB_NEXT_CLOSE},
		{"GET /open HTTP/1.1\n\n",					     400, WEB_NEXT_CLOSE},
		{"\x16\x03\x01\x02",						   400, WEB_NEXT_READ },
		{"GET /open HTTP/3.0\r\n\r\n",                                         505, WEB_NEXT_CLOSE},
		{"POST /open HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nx", 400,
	         WEB_NEXT_CLOSE									   },
		{"POST /open HTTP/1.1\r\n" HOST "Expect: x\r\n\r\n",                   417, WEB_NEXT_CLOSE},
	};
	struct web_site *s = *state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		web_site_connect(s, "127.0.0.1", false);
		web_site_send(s, cases[i].text);
		if (s->next != cases[i].next)
			fail_msg("%d: %s", s->next, cases[i].text);
		if (s->out.size)
			web_assert_answer(s, cases[i].status, "\n");
	}
	assert_int_equal(s->starts, 0);
}

static void requests_and_malformed_ones_are_counted(void **state)
{
	struct web_site *s = *state;
	uint64_t requests = counter_read(COUNTER_HTTP_REQUESTS);
	uint64_t malformed = counter_read(COUNTER_HTTP_MALFORMED);
	web_site_send(s, "GET /open HTTP/1.1\r\n" HOST "\r\nGET /nothing HTTP/1.1\r\n" HOST "\r\n");
	web_site_send(s, "rubbish\r\n\r\n");
	assert_int_equal(counter_read(COUNTER_HTTP_REQUESTS), requests + 2);
	assert_int_equal(counter_read(COUNTER_HTTP_MALFORMED), malformed + 1);
}

static void the_longest_path_wins(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "GET /open/closed HTTP/1.1\r\n" HOST "\r\n");
	web_assert_answer(s, 401, "\n");
}

static void a_method_that_is_not_served_is_told_which_are(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "PUT /closed HTTP/1.1\r\n" HOST "\r\n");
	assert_says(s, "\r\nAllow: GET, POST\r\n");
}

static void a_body_that_is_too_large_is_refused(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "POST /open HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n");
	assert_int_equal(s->next, WEB_NEXT_CLOSE);
	web_assert_answer(s, 413, "\n");
}

static void chunks_that_are_too_many_are_refused(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "POST /open HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 200 && s->next == WEB_NEXT_READ; i++)
		web_site_send(s, "a\r\n0123456789\r\n");
	assert_int_equal(s->next, WEB_NEXT_CLOSE);
	web_assert_answer(s, 413, "\n");
}

static void bodies_have_one_budget(void **state)
{
	struct web_site *s = *state;
	s->limits.max_body_bytes = 100;
	web_site_send(s, "POST /open HTTP/1.1\r\n" HOST "Content-Length: 200\r\n\r\n");
	char part[101] = "";
	memset(part, 'x', sizeof part - 1);
	web_site_send(s, part);
	assert_int_equal(s->next, WEB_NEXT_READ);
	web_site_send(s, part);
	assert_int_equal(s->next, WEB_NEXT_CLOSE);
	web_assert_answer(s, 503, "\n");
	web_site_connect(s, "127.0.0.1", false);
	web_site_send(s, "POST /open HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody");
	web_assert_answer(s, 200, "body");
}

static void a_client_that_waits_for_it_is_told_to_continue(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "POST /open HTTP/1.1\r\n" HOST
	                 "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
	char *text = web_site_answer(s);
	assert_string_equal(text, "HTTP/1.1 100 Continue\r\n\r\n");
	free(text);
	web_site_send(s, "body");
	web_assert_answer(s, 200, "body");
}

static void a_silent_connection_is_closed_without_a_word(void **state)
{
	struct web_site *s = *state;
	uint64_t timed_out = counter_read(COUNTER_CONNECTIONS_TIMED_OUT);
	web_site_wait_until_due(s);
	assert_int_equal(s->next, WEB_NEXT_CLOSE);
	assert_int_equal(s->out.size, 0);
	assert_int_equal(counter_read(COUNTER_CONNECTIONS_TIMED_OUT), timed_out + 1);
}

static void slow_senders_are_told_that_it_took_too_long(void **state)
{
	static const char *const parts[] = {
		"GET /open HTT",
		"POST /open HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbod",
	};
	struct web_site *s = *state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		web_site_connect(s, "127.0.0.1", false);
		web_site_send(s, parts[i]);
		web_site_wait_until_due(s);
		assert_int_equal(s->next, WEB_NEXT_CLOSE);
		web_assert_answer(s, 408, "\n");
	}
}

static void an_idle_connection_has_more_time_than_a_new_one(void **state)
{
	struct web_site *s = *state;
	assert_int_equal(web_connection_deadline(s->c), s->now_ms + s->limits.head_timeout_ms);
	web_site_send(s, "GET /open HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(web_connection_deadline(s->c), s->now_ms + s->limits.idle_timeout_ms);
}

static void a_connection_ends_after_so_many_requests(void **state)
{
	struct web_site *s = *state;
	s->limits.max_requests = 2;
	web_site_send(s, "GET /open HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(s->next, WEB_NEXT_READ);
	web_site_send(s, "GET /open HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(s->next, WEB_NEXT_CLOSE);
}

static void empty_lines_before_a_request_are_skipped(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "\r\n\r\nGET /open HTTP/1.1\r\n" HOST "\r\n");
	web_assert_answer(s, 200, "plain: ");
}

static void plain_http_is_for_this_host_and_believed_proxies(void **state)
{
	static const struct {
		const char *address, *headers;
		bool tls;
		unsigned status;
		const char *end;
	} cases[] = {
		{"127.0.0.1",        "",							  false, 200, "127.0.0.1 plain: "       },
		{"::1",              "",							  false, 200, "::1 plain: "             },
		{"::ffff:127.0.0.1", "",							  false, 200, "::ffff:127.0.0.1 plain: "},
		{AFAR,               "",							  false, 403, "\n"                      },
		{AFAR,               "",							  true,  200, AFAR " tls: "             },
		{PROXY,              "X-Forwarded-For: " AFAR "\r\n",                             false, 200, AFAR " plain: "           },
		{PROXY,              "X-Forwarded-For: " AFAR "\r\nX-Forwarded-Proto: https\r\n", false, 200,
	         AFAR " tls: "													  },
		{PROXY,              "X-Forwarded-For: " AFAR "\r\nX-Forwarded-Proto: http\r\n",  false, 403,
	         "\n"														   },
		{PROXY,              "X-Forwarded-For: 10.1.1.1, " AFAR ":99\r\n",                false, 200, AFAR " plain: "           },
		{PROXY,              "X-Forwarded-For: " AFAR ", " PROXY "\r\n",                  false, 200, AFAR " plain: "           },
		{PROXY,              "X-Forwarded-For: [2001:db8::5]:99\r\n",                     false, 200, "2001:db8::5 plain: "     },
		{PROXY,              "X-Forwarded-For: " AFAR ", unknown\r\n",                    false, 200, PROXY " plain: "          },
		{PROXY,              "X-Forwarded-For: rubbish\r\n",                              false, 200, PROXY " plain: "          },
		{PROXY,              "",							  false, 200, PROXY " plain: "          },
		{AFAR,               "X-Forwarded-For: 10.1.1.1\r\nX-Forwarded-Proto: http\r\n",  true,  200,
	         AFAR " tls: "													  },
		{"127.0.0.1",        "X-Forwarded-For: " AFAR "\r\n",                             false, 200, "127.0.0.1 plain: "       },
	};
	struct web_site *s = *state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *text = xasprintf("GET /open HTTP/1.1\r\n" HOST "%s\r\n", cases[i].headers);
		web_site_connect(s, cases[i].address, cases[i].tls);
		web_site_send(s, text);
		web_assert_answer(s, cases[i].status, cases[i].end);
		free(text);
	}
}

static void a_proxy_that_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = {"10.0.0.0/33", "10.0.0",    "x",
	                                    "1::/129",     "10.0.0.0/", ""};
	struct web_site *s = *state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct error e = {0};
		s->config.proxies = &wrong[i];
		assert_int_equal(web_service_reconfigure(s->service, &s->config, &e), ERR_INVALID);
		assert_non_null(strstr(e.text, "no address of a proxy"));
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_request_reaches_its_handler),
		TEST(a_request_is_read_wherever_it_is_cut),
		TEST(a_length_is_told_when_the_answer_is_whole),
		TEST(pipelined_requests_are_answered_in_order),
		TEST(an_answer_that_waits_comes_in_chunks),
		TEST(a_handler_that_waits_before_it_answers_has_a_length),
		TEST(http_1_0_ends_a_stream_with_the_connection),
		TEST(http_1_0_is_kept_alive_when_it_asks),
		TEST(head_is_answered_without_the_body),
		TEST(a_tick_is_sent_while_the_handler_waits),
		TEST(a_request_is_cancelled_with_its_connection),
		TEST(what_nobody_serves_is_told),
		TEST(requests_and_malformed_ones_are_counted),
		TEST(the_longest_path_wins),
		TEST(a_method_that_is_not_served_is_told_which_are),
		TEST(a_body_that_is_too_large_is_refused),
		TEST(chunks_that_are_too_many_are_refused),
		TEST(bodies_have_one_budget),
		TEST(a_client_that_waits_for_it_is_told_to_continue),
		TEST(a_silent_connection_is_closed_without_a_word),
		TEST(slow_senders_are_told_that_it_took_too_long),
		TEST(an_idle_connection_has_more_time_than_a_new_one),
		TEST(a_connection_ends_after_so_many_requests),
		TEST(empty_lines_before_a_request_are_skipped),
		TEST(plain_http_is_for_this_host_and_believed_proxies),
		TEST(a_proxy_that_is_no_address_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
