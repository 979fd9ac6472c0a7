#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "http/http.h"

#define REQUEST "POST /mapi/nspi/?MailboxId=1 HTTP/1.1\r\nHost: book.example.org\r\n"

static void assert_text(struct slice s, const char *wanted)
{
	assert_non_null(s.data);
	if (!slice_equal(s, slice_of_string(wanted)))
		fail_msg("\"%.*s\" is not \"%s\"", (int)s.size, (const char *)s.data, wanted);
}

static size_t head_size(const char *text)
{
	size_t scanned = 0;
	return http_head_size(slice_of_string(text), &scanned);
}

static uint16_t parse(const char *text, struct http_request *r)
{
	size_t size = head_size(text);
	if (size == 0 || size == SIZE_MAX)
		return 400;
	return http_request_parse(slice_of(text, size), r);
}

static void a_request_is_taken_apart(void **state)
{
	struct http_request r;
	(void)state;
	assert_int_equal(parse(REQUEST "X-RequestType:  Bind \r\nContent-Length: 45\r\n\r\n", &r),
	                 0);
	assert_text(r.method, "POST");
	assert_text(r.path, "/mapi/nspi/");
	assert_text(r.query, "MailboxId=1");
	assert_text(r.host, "book.example.org");
	assert_text(http_header(&r.head, "x-requesttype", NULL), "Bind");
	assert_int_equal(r.head.framing, HTTP_LENGTH);
	assert_int_equal(r.head.length, 45);
	assert_true(r.head.keep_alive);
	assert_false(r.expect_continue);
}

/* A value of `size` letters but for one character. */
static uint16_t parse_value_with(size_t size, size_t at, uint8_t c)
{
	char text[200], value[64];
	struct http_request r;

	memset(value, 'v', size);
	value[size] = '\0';
	value[at] = (char)c;
	snprintf(text, sizeof text, REQUEST "X-Value: %s\r\n\r\n", value);
	return parse(text, &r);
}

static void a_value_has_no_control_character_anywhere(void **state)
{
	(void)state;
	for (size_t size = 1; size < 40; size++) {
		for (size_t at = 0; at < size; at++) {
			assert_int_equal(parse_value_with(size, at, 0x01), 400);
			assert_int_equal(parse_value_with(size, at, 0x1F), 400);
			assert_int_equal(parse_value_with(size, at, 0x7F), 400);
			assert_int_equal(parse_value_with(size, at, '\t'), 0);
			assert_int_equal(parse_value_with(size, at, ' '), 0);
			assert_int_equal(parse_value_with(size, at, '~'), 0);
			assert_int_equal(parse_value_with(size, at, 0x80), 0);
			assert_int_equal(parse_value_with(size, at, 0xFF), 0);
		}
	}
}

static void every_character_of_a_name_is_one_of_a_token(void **state)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	(void)state;
	for (unsigned c = 1; c < 256; c++) {
		char text[200];
		struct http_request r;
		bool good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		            (c >= 'a' && c <= 'z') || strchr(others, (int)c);
		snprintf(text, sizeof text, REQUEST "X-%cName: v\r\n\r\n", (int)c);
		if (c != ':')
			assert_int_equal(parse(text, &r), good ? 0 : 400);
	}
}

static void an_absolute_target_names_the_host(void **state)
{
	struct http_request r;
	(void)state;
	assert_int_equal(parse("GET HTTPS://a.example:444/x?y HTTP/1.1\r\nHost: b\r\n\r\n", &r), 0);
	assert_text(r.host, "a.example:444");
	assert_text(r.path, "/x");
	assert_text(r.query, "y");
	assert_int_equal(parse("GET http://a.example HTTP/1.1\r\nHost: b\r\n\r\n", &r), 0);
	assert_text(r.path, "/");
}

static void a_head_is_found_wherever_it_is_cut(void **state)
{
	static const char text[] = REQUEST "Cookie: a=b\r\n\r\nbody";
	size_t whole = sizeof text - 1 - strlen("body");
	(void)state;
	for (size_t cut = 0; cut < sizeof text; cut++) {
		size_t scanned = 0;
		size_t first = http_head_size(slice_of(text, cut), &scanned);
		assert_int_equal(first, cut < whole ? 0 : whole);
		if (cut < whole)
			assert_int_equal(http_head_size(slice_of(text, sizeof text - 1), &scanned),
			                 whole);
	}
}

static void a_head_comes_byte_by_byte(void **state)
{
	static const char text[] = REQUEST "\r\n";
	size_t scanned = 0;
	(void)state;
	for (size_t size = 1; size < sizeof text - 1; size++)
		assert_int_equal(http_head_size(slice_of(text, size), &scanned), 0);
	assert_int_equal(http_head_size(slice_of(text, sizeof text - 1), &scanned),
	                 sizeof text - 1);
}

static void keep_alive_is_the_rule_of_the_version(void **state)
{
	static const struct {
		const char *text;
		bool keep_alive;
	} cases[] = {
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n",                                     true },
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",                false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n",             false},
		{"GET / HTTP/1.0\r\n\r\n",						false},
		{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",                      true },
		{"GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_request r;
		assert_int_equal(parse(cases[i].text, &r), 0);
		assert_int_equal(r.head.keep_alive, cases[i].keep_alive);
	}
}

/* What a proxy before us might read in another way. */
static void smuggling_is_refused(void **state)
{
	static const struct {
		const char *text;
		uint16_t status;
	} cases[] = {
		{REQUEST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",                   400},
		{REQUEST "Content-Length: 1, 1\r\n\r\n",                                     400},
		{REQUEST "Content-Length: +1\r\n\r\n",                                       400},
		{REQUEST "Content-Length: -1\r\n\r\n",                                       400},
		{REQUEST "Content-Length: 0x1\r\n\r\n",                                      400},
		{REQUEST "Content-Length: 1 1\r\n\r\n",                                      400},
		{REQUEST "Content-Length:\r\n\r\n",                                          400},
		{REQUEST "Content-Length: 99999999999999999999\r\n\r\n",                     400},
		{REQUEST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",          400},
		{REQUEST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
		{REQUEST "Transfer-Encoding: gzip, chunked\r\n\r\n",                         501},
		{REQUEST "Transfer-Encoding: xchunked\r\n\r\n",                              501},
		{REQUEST "Transfer-Encoding: identity\r\n\r\n",                              501},
		{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",                    400},
		{REQUEST "Content-Length : 1\r\n\r\n",                                       400},
		{REQUEST "Content-Length\t: 1\r\n\r\n",                                      400},
		{REQUEST " Content-Length: 1\r\n\r\n",                                       400},
		{REQUEST "X: a\r\n folded\r\n\r\n",                                          400},
		{REQUEST "X: a\r\n\tfolded\r\n\r\n",                                         400},
		{REQUEST "X: a\rContent-Length: 1\r\n\r\n",                                  400},
		{REQUEST "X: a\nContent-Length: 1\r\n\r\n",                                  400},
		{REQUEST "X: a\x01\r\n\r\n",						 400},
		{REQUEST ": a\r\n\r\n",						      400},
		{REQUEST "no colon\r\n\r\n",						 400},
		{REQUEST "X(: a\r\n\r\n",						    400},
		{REQUEST "Host: other\r\n\r\n",                                              400},
		{"GET / HTTP/1.1\r\n\r\n",						   400},
		{"GET / HTTP/1.1\nHost: a\n\n",                                              400},
		{"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",                                       400},
		{"GET / HTTP/1.1 \r\nHost: a\r\n\r\n",                                       400},
		{"GET /\tHTTP/1.1\r\nHost: a\r\n\r\n",                                       400},
		{"GET / x HTTP/1.1\r\nHost: a\r\n\r\n",                                      400},
		{"G@T / HTTP/1.1\r\nHost: a\r\n\r\n",                                        400},
		{" GET / HTTP/1.1\r\nHost: a\r\n\r\n",                                       400},
		{"GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n",                                    400},
		{"GET x HTTP/1.1\r\nHost: a\r\n\r\n",                                        400},
		{"GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n",                                 400},
		{"GET / HTTP/2.0\r\nHost: a\r\n\r\n",                                        505},
		{"GET / HTTP/0.9\r\n\r\n",						   505},
		{"GET / http/1.1\r\nHost: a\r\n\r\n",                                        400},
		{"GET /\r\n\r\n",							    400},
		{REQUEST "Expect: magic\r\n\r\n",                                            417},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_request r;
		uint16_t status = parse(cases[i].text, &r);
		if (status != cases[i].status)
			fail_msg("%u, not %u: %s", status, cases[i].status, cases[i].text);
	}
}

static void a_zero_byte_is_refused_as_soon_as_it_comes(void **state)
{
	static const char text[] = "GET /\0 HTTP/1.1\r\nHost: a";
	size_t scanned = 0;
	(void)state;
	assert_int_equal(http_head_size(slice_of(text, sizeof text - 1), &scanned), SIZE_MAX);
}

static void a_head_without_end_is_refused(void **state)
{
	size_t scanned = 0;
	uint8_t *text = xmalloc(HTTP_MAX_HEAD);
	(void)state;
	memset(text, 'x', HTTP_MAX_HEAD);
	assert_int_equal(http_head_size(slice_of(text, HTTP_MAX_HEAD - 1), &scanned), 0);
	assert_int_equal(http_head_size(slice_of(text, HTTP_MAX_HEAD), &scanned), SIZE_MAX);
	free(text);
}

static void too_many_headers_are_refused(void **state)
{
	struct buffer b;
	struct http_request r;
	(void)state;
	buffer_init(&b, HTTP_MAX_HEAD);
	buffer_put_string(&b, REQUEST);
	for (int i = 0; i < HTTP_MAX_HEADERS - 1; i++)
		buffer_put_string(&b, "X: y\r\n");
	size_t allowed = b.size;
	buffer_put_string(&b, "\r\n");
	assert_int_equal(http_request_parse(buffer_slice(&b), &r), 0);
	b.size = allowed;
	buffer_put_string(&b, "X: y\r\n\r\n");
	assert_int_equal(http_request_parse(buffer_slice(&b), &r), 431);
	buffer_free(&b);
}

static void headers_are_counted_and_lists_are_walked(void **state)
{
	struct http_request r;
	struct slice element;
	size_t count = 0;
	(void)state;
	assert_int_equal(parse(REQUEST "X: a,, b ,\r\nx: c\r\n\r\n", &r), 0);
	struct slice list = http_header(&r.head, "X", &count);
	assert_int_equal(count, 2);
	assert_true(http_list_next(&list, &element));
	assert_text(element, "a");
	assert_true(http_list_next(&list, &element));
	assert_text(element, "b");
	assert_false(http_list_next(&list, &element));
	assert_null(http_header(&r.head, "Y", &count).data);
	assert_int_equal(count, 0);
}

static void cookies_are_found_by_their_whole_name(void **state)
{
	struct http_request r;
	(void)state;
	assert_int_equal(parse(REQUEST "Cookie: xa=1; a=2;b=\r\nCookie: c=3\r\n\r\n", &r), 0);
	assert_text(http_cookie(&r.head, "a"), "2");
	assert_text(http_cookie(&r.head, "b"), "");
	assert_text(http_cookie(&r.head, "c"), "3");
	assert_null(http_cookie(&r.head, "A").data);
	assert_null(http_cookie(&r.head, "").data);
}

/* Reads the body from text, given in two pieces. */
static enum http_body_result read_body(const struct http_head *h, struct slice text, size_t cut,
                                       struct buffer *out, size_t *used)
{
	struct http_body b;
	enum http_body_result result = HTTP_BODY_MORE;
	size_t taken = 1;
	*used = 0;
	http_body_init(&b, h);
	while (result == HTTP_BODY_MORE && (taken || *used < text.size)) {
		size_t end = *used < cut ? cut : text.size;
		struct slice part;
		result =
			http_body_read(&b, slice_of(text.data + *used, end - *used), &taken, &part);
		*used += taken;
		buffer_put(out, part.data, part.size);
		assert_true(taken > 0 || result != HTTP_BODY_MORE || *used == text.size);
	}
	return result;
}

static void chunks_are_joined_wherever_they_are_cut(void **state)
{
	static const char text[] = "5\r\nhello\r\n0006 ; name=\"value\"\r\n world\r\n"
				   "000\r\nTrailer: x\r\n\r\nGET";
	const struct http_head h = {.framing = HTTP_CHUNKED};
	(void)state;
	for (size_t cut = 0; cut < sizeof text; cut++) {
		struct buffer out;
		size_t used = 0;
		buffer_init(&out, 64);
		assert_int_equal(read_body(&h, slice_of(text, sizeof text - 1), cut, &out, &used),
		                 HTTP_BODY_END);
		assert_text(buffer_slice(&out), "hello world");
		assert_int_equal(used, sizeof text - 1 - strlen("GET"));
		buffer_free(&out);
	}
}

static void a_length_ends_the_body_wherever_it_is_cut(void **state)
{
	static const char text[] = "hello worldGET";
	const struct http_head h = {.framing = HTTP_LENGTH, .length = 11};
	(void)state;
	for (size_t cut = 0; cut < sizeof text; cut++) {
		struct buffer out;
		size_t used = 0;
		buffer_init(&out, 64);
		assert_int_equal(read_body(&h, slice_of(text, sizeof text - 1), cut, &out, &used),
		                 HTTP_BODY_END);
		assert_text(buffer_slice(&out), "hello world");
		buffer_free(&out);
	}
}

static void bad_chunks_are_refused(void **state)
{
	static const char *const cases[] = {
		"\r\n",
		"x\r\n",
		" 5\r\nhello\r\n",
		"+5\r\nhello\r\n",
		"0x5\r\nhello\r\n",
		"5\nhello\r\n",
		"5\r\nhello\n",
		"5\r\nhello0\r\n\r\n",
		"5\rhello",
		"5 6\r\nhello\r\n",
		"ffffffffffffffff\r\n",
		"5;\x01\r\nhello",
		"0\r\n\n",
		"0\r\nX\n\r\n",
		"0\r\n\r\r",
	};
	const struct http_head h = {.framing = HTTP_CHUNKED};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buffer out;
		size_t used = 0;
		buffer_init(&out, 64);
		if (read_body(&h, slice_of_string(cases[i]), 0, &out, &used) != HTTP_BODY_BAD)
			fail_msg("taken: %s", cases[i]);
		buffer_free(&out);
	}
}

static void extensions_and_trailers_are_bounded(void **state)
{
	const struct http_head h = {.framing = HTTP_CHUNKED};
	struct http_body b;
	enum http_body_result result = HTTP_BODY_MORE;
	size_t taken = 0;
	struct slice part;
	(void)state;
	http_body_init(&b, &h);
	result = http_body_read(&b, slice_of_string("0\r\n"), &taken, &part);
	for (int i = 0; i < 10000 && result == HTTP_BODY_MORE; i++)
		result = http_body_read(&b, slice_of_string("A: b\r\n"), &taken, &part);
	assert_int_equal(result, HTTP_BODY_BAD);
}

static void responses_are_read(void **state)
{
	static const struct {
		const char *text, *method;
		int err;
		uint16_t status;
		enum http_framing framing;
	} cases[] = {
		{"HTTP/1.1 200 OK\r\nContent-Length:     5\r\n\r\n",    "GET",  0,           200, HTTP_LENGTH     },
		{"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n", "GET",  0,           200,
	         HTTP_CHUNKED										     },
		{"HTTP/1.1 200\r\n\r\n",                                "GET",  0,           200, HTTP_UNTIL_CLOSE},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",        "HEAD", 0,           200, HTTP_NO_BODY    },
		{"HTTP/1.1 100 Continue\r\n\r\n",                       "POST", 0,           100, HTTP_NO_BODY    },
		{"HTTP/1.1 204 No Content\r\n\r\n",                     "POST", 0,           204, HTTP_NO_BODY    },
		{"HTTP/2 200 OK\r\n\r\n",                               "GET",  ERR_INVALID, 0,   0               },
		{"HTTP/1.1 2x0 OK\r\n\r\n",                             "GET",  ERR_INVALID, 0,   0               },
		{"HTTP/1.1 099 OK\r\n\r\n",                             "GET",  ERR_INVALID, 0,   0               },
		{"HTTP/1.1 2000 OK\r\n\r\n",                            "GET",  ERR_INVALID, 0,   0               },
		{"\r\n",						"GET",  ERR_INVALID, 0,   0               },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_response r = {0};
		int err = http_response_parse(slice_of_string(cases[i].text),
		                              slice_of_string(cases[i].method), &r);
		if (err != cases[i].err)
			fail_msg("%d: %s", err, cases[i].text);
		if (err)
			continue;
		assert_int_equal(r.status, cases[i].status);
		assert_int_equal(r.head.framing, cases[i].framing);
	}
}

static void what_is_written_is_read_back(void **state)
{
	struct buffer b;
	struct http_response r = {0};
	(void)state;
	buffer_init(&b, 4096);
	http_put_status(&b, 404);
	http_put_header_text(&b, "X", "value");
	http_put_header_text(&b, "Evil", "a\r\nSet-Cookie: b");
	http_put_header_number(&b, "Content-Length", 0);
	http_put_end_of_head(&b);
	assert_int_equal(http_response_parse(buffer_slice(&b), slice_of_string("GET"), &r), 0);
	assert_int_equal(r.status, 404);
	assert_text(r.reason, "Not Found");
	assert_text(http_header(&r.head, "X", NULL), "value");
	assert_null(http_header(&r.head, "Evil", NULL).data);
	assert_null(http_header(&r.head, "Set-Cookie", NULL).data);
	assert_non_null(http_header(&r.head, "Date", NULL).data);
	buffer_free(&b);
}

static void chunks_written_are_read_back(void **state)
{
	const struct http_head h = {.framing = HTTP_CHUNKED};
	struct buffer b, out;
	size_t used = 0;
	(void)state;
	buffer_init(&b, 4096);
	buffer_init(&out, 4096);
	size_t first = http_chunk_begin(&b);
	buffer_put_string(&b, "hello");
	http_chunk_end(&b, first);
	size_t empty = http_chunk_begin(&b);
	http_chunk_end(&b, empty);
	size_t second = http_chunk_begin(&b);
	buffer_put_string(&b, " world");
	http_chunk_end(&b, second);
	http_put_last_chunk(&b);
	assert_int_equal(read_body(&h, buffer_slice(&b), 0, &out, &used), HTTP_BODY_END);
	assert_text(buffer_slice(&out), "hello world");
	buffer_free(&out);
	buffer_free(&b);
}

static void a_date_is_written_as_http_wants_it(void **state)
{
	char text[HTTP_DATE_SIZE];
	(void)state;
	http_date(UINT64_C(784111777000), text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_taken_apart),
		cmocka_unit_test(a_value_has_no_control_character_anywhere),
		cmocka_unit_test(every_character_of_a_name_is_one_of_a_token),
		cmocka_unit_test(an_absolute_target_names_the_host),
		cmocka_unit_test(a_head_is_found_wherever_it_is_cut),
		cmocka_unit_test(a_head_comes_byte_by_byte),
		cmocka_unit_test(keep_alive_is_the_rule_of_the_version),
		cmocka_unit_test(smuggling_is_refused),
		cmocka_unit_test(a_zero_byte_is_refused_as_soon_as_it_comes),
		cmocka_unit_test(a_head_without_end_is_refused),
		cmocka_unit_test(too_many_headers_are_refused),
		cmocka_unit_test(headers_are_counted_and_lists_are_walked),
		cmocka_unit_test(cookies_are_found_by_their_whole_name),
		cmocka_unit_test(chunks_are_joined_wherever_they_are_cut),
		cmocka_unit_test(a_length_ends_the_body_wherever_it_is_cut),
		cmocka_unit_test(bad_chunks_are_refused),
		cmocka_unit_test(extensions_and_trailers_are_bounded),
		cmocka_unit_test(responses_are_read),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(chunks_written_are_read_back),
		cmocka_unit_test(a_date_is_written_as_http_wants_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
