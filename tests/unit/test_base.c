#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/error.h"
#include "base/guid.h"
#include "base/hashmap.h"
#include "base/log.h"
#include "base/network.h"
#include "base/reader.h"
#include "base/utf.h"

#define BYTES(text) slice_of(text, sizeof(text) - 1)

static void reader_fails_behind_the_end_and_stays_failed(void **state)
{
	(void)state;
	struct reader r;
	reader_init(&r, "\x01\x02\x03", 3);
	assert_int_equal(reader_u16(&r), 0x0201);
	assert_int_equal(reader_u16(&r), 0);
	assert_true(r.failed);
	assert_int_equal(reader_u8(&r), 0);
	assert_int_equal(reader_left(&r), 0);
}

static void reader_reads_both_byte_orders(void **state)
{
	(void)state;
	struct reader r;
	reader_init(&r, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	assert_true(reader_u64(&r) == UINT64_C(0x0807060504030201));
	reader_init(&r, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	r.big_endian = true;
	assert_true(reader_u64(&r) == UINT64_C(0x0102030405060708));
}

static void reader_aligns_from_its_start(void **state)
{
	(void)state;
	struct reader r;
	reader_init(&r, "abcdefgh", 8);
	reader_u8(&r);
	reader_align(&r, 4);
	assert_int_equal(reader_offset(&r), 4);
	reader_align(&r, 4);
	assert_int_equal(reader_offset(&r), 4);
}

static void buffer_drops_what_is_beyond_its_limit(void **state)
{
	(void)state;
	struct buffer b;
	buffer_init(&b, 5);
	buffer_put_u32(&b, 0x04030201);
	buffer_put_u16(&b, 7);
	assert_true(b.failed);
	buffer_put_u8(&b, 9);
	assert_int_equal(b.size, 4);
	assert_memory_equal(b.data, "\x01\x02\x03\x04", 4);
	buffer_free(&b);
}

static void buffer_printf_adds_no_nul(void **state)
{
	(void)state;
	struct buffer b;
	buffer_init(&b, 100);
	buffer_printf(&b, "%d-%s", 42, "x");
	buffer_consume(&b, 1);
	assert_int_equal(b.size, 3);
	assert_memory_equal(b.data, "2-x", 3);
	buffer_free(&b);
}

static void arena_stops_at_its_ceiling_and_starts_again(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 10000);
	assert_non_null(arena_alloc(&a, 6000));
	assert_null(arena_alloc(&a, 6000));
	assert_null(arena_alloc_array(&a, SIZE_MAX / 2, 4));
	assert_null(arena_alloc(&a, SIZE_MAX));
	arena_reset(&a);
	uint8_t *p = arena_alloc(&a, 6000);
	assert_non_null(p);
	assert_int_equal(p[5999], 0);
	arena_free(&a);
}

static void hashmap_keeps_every_key_through_growth_and_removal(void **state)
{
	(void)state;
	struct hashmap *m = hashmap_new();
	char key[16];
	static int values[2000];
	for (int i = 0; i < 2000; i++) {
		int size = snprintf(key, sizeof key, "key %d", i);
		assert_null(hashmap_put(m, slice_of(key, (size_t)size), &values[i]));
	}
	for (int i = 0; i < 2000; i += 2) {
		int size = snprintf(key, sizeof key, "key %d", i);
		assert_ptr_equal(hashmap_remove(m, slice_of(key, (size_t)size)), &values[i]);
	}
	assert_int_equal(hashmap_count(m), 1000);
	for (int i = 0; i < 2000; i++) {
		int size = snprintf(key, sizeof key, "key %d", i);
		assert_ptr_equal(hashmap_get(m, slice_of(key, (size_t)size)),
		                 i % 2 ? &values[i] : NULL);
	}
	size_t position = 0, seen = 0;
	void *value;
	while (hashmap_next(m, &position, NULL, &value))
		seen++;
	assert_int_equal(seen, 1000);
	hashmap_free(m);
}

static void guid_text_and_wire_agree(void **state)
{
	(void)state;
	static const uint8_t wire[16] = {0x18, 0x5a, 0xcc, 0xf5, 0x64, 0x42, 0x1a, 0x10,
	                                 0x8c, 0x59, 0x08, 0x00, 0x2b, 0x2f, 0x84, 0x26};
	struct guid g;
	char text[GUID_TEXT_SIZE];
	assert_true(guid_parse(BYTES("{F5CC5A18-4264-101A-8C59-08002B2F8426}"), &g));
	assert_memory_equal(g.bytes, wire, 16);
	guid_format(&g, text);
	assert_string_equal(text, "f5cc5a18-4264-101a-8c59-08002b2f8426");
	assert_true(guid_parse(BYTES("f5cc5a184264101a8c5908002b2f8426"), &g));
	assert_false(guid_parse(BYTES("f5cc5a18-4264-101a-8c59+08002b2f8426"), &g));
	assert_false(guid_parse(BYTES("f5cc5a18-4264"), &g));
	assert_false(guid_parse(slice_of("", 0), &g));
}

static void utf8_refuses_what_is_not_well_formed(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\x80",         "\xC0\x80",         "\xC1\xBF",         "\xE0\x80\x80",
		"\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82",
		"a\xFF"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(utf8_valid(slice_of_string(bad[i])));
	assert_true(utf8_valid(BYTES("Gr\xC3\xBC\xC3\x9F Gott \xE5\xA4\xA7 \xF0\x9F\x98\x80")));
}

static void utf16_round_trip_keeps_every_plane(void **state)
{
	(void)state;
	struct slice text = BYTES("a\xC3\xBC\xE5\xA4\xA7\xF0\x9F\x98\x80z");
	uint8_t units[32];
	struct arena a;
	arena_init(&a, 4096);
	assert_int_equal(utf16_units(text), 6);
	utf8_to_utf16le(text, units);
	assert_true(slice_equal(utf16le_to_utf8(&a, units, 12), text));
	arena_free(&a);
}

static void lone_surrogates_become_the_replacement_character(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 4096);
	struct slice text = utf16le_to_utf8(&a,
	                                    (const uint8_t *)"\x00\xD8"
	                                                     "a\0"
	                                                     "\x00\xDC"
	                                                     "\x00\xD8",
	                                    8);
	assert_true(slice_equal(text, BYTES("\xEF\xBF\xBD"
	                                    "a\xEF\xBF\xBD\xEF\xBF\xBD")));
	arena_free(&a);
}

static void clock_reads_what_it_writes_and_refuses_other_dates(void **state)
{
	(void)state;
	uint64_t ms;
	char text[CLOCK_TEXT_SIZE];
	assert_int_equal(clock_parse("2026-03-01", &ms), 0);
	clock_format(ms, text);
	assert_string_equal(text, "2026-03-01T00:00:00Z");
	assert_int_equal(clock_parse("2026-03-01T12:34:56Z", &ms), 0);
	clock_format(ms, text);
	assert_string_equal(text, "2026-03-01T12:34:56Z");
	assert_int_equal(clock_parse("2026-02-31", &ms), ERR_INVALID);
	assert_int_equal(clock_parse("tomorrow", &ms), ERR_INVALID);
	assert_int_equal(clock_parse("2026-03-01 ", &ms), ERR_INVALID);
}

static void spans_show_two_units_at_most(void **state)
{
	(void)state;
	char text[CLOCK_TEXT_SIZE];
	clock_format_span(180, text);
	assert_string_equal(text, "180 ms");
	clock_format_span(725000, text);
	assert_string_equal(text, "12m 5s");
	clock_format_span(((3 * 24 + 4) * 60 + 5) * 60000ull, text);
	assert_string_equal(text, "3d 4h");
	clock_format_span(86400000, text);
	assert_string_equal(text, "1d");
}

static void error_prefix_goes_in_front_and_never_overflows(void **state)
{
	(void)state;
	struct error e;
	assert_int_equal(error_set(&e, ERR_INVALID, "bad %s", "thing"), ERR_INVALID);
	error_prefix(&e, "file.ldif:%d", 7);
	assert_string_equal(e.text, "file.ldif:7: bad thing");
	error_set(&e, ERR_LIMIT, "%0600d", 1);
	error_prefix(&e, "x");
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	assert_int_equal(error_set(NULL, ERR_LIMIT, "nobody reads it"), ERR_LIMIT);
}

static void a_peer_cannot_forge_a_log_line(void **state)
{
	(void)state;
	int ends[2];
	char line[512] = "";
	assert_int_equal(pipe(ends), 0);
	log_set_descriptor(ends[1]);
	struct log_field fields[] = {
		{"account", "eve\nerror: \"all\" is lost"},
		{"client",  NULL                         }
        };
	log_event(LOG_LEVEL_WARN, 2001, fields, 2, "session refused");
	log_set_descriptor(STDERR_FILENO);
	ssize_t size = read(ends[0], line, sizeof line - 1);
	assert_true(size > 0);
	assert_string_equal(line, "warn: session refused event=2001 "
	                          "account=\"eve\\x0aerror: \\\"all\\\" is lost\"\n");
	close(ends[0]);
	close(ends[1]);
}

static void an_address_is_written_as_it_was_read(void **state)
{
	static const struct {
		const char *read, *written;
		bool ipv4;
	} cases[] = {
		{"192.0.2.1",         "192.0.2.1",   true },
		{"::ffff:192.0.2.1",  "192.0.2.1",   true },
		{"2001:DB8:0:0::0:1", "2001:db8::1", false},
		{"::1",               "::1",         false},
	};
	(void)state;
	struct address a;
	char text[ADDRESS_TEXT_SIZE];
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(address_parse(cases[i].read, 80, &a));
		assert_string_equal(address_text(&a, text), cases[i].written);
		assert_int_equal(address_is_ipv4(&a), cases[i].ipv4);
		assert_int_equal(a.port, 80);
	}
	assert_false(address_parse("192.0.2.1:80", 80, &a));
	assert_false(address_parse("book.example.com", 80, &a));
}

static void one_host_is_one_whatever_its_ports(void **state)
{
	(void)state;
	struct address a, b;
	assert_true(address_parse("192.0.2.1", 1, &a) && address_parse("::ffff:192.0.2.1", 2, &b));
	assert_true(address_same_host(&a, &b));
	assert_true(address_parse("192.0.2.2", 1, &b));
	assert_false(address_same_host(&a, &b));
}

static void every_counter_has_a_name_and_a_help_text(void **state)
{
	(void)state;
	for (int i = 0; i < COUNTER_COUNT; i++) {
		assert_non_null(counter_name((enum counter)i));
		assert_non_null(counter_help((enum counter)i));
	}
}

static void base64_of_every_length_is_decoded_to_what_was_encoded(void **state)
{
	(void)state;
	uint8_t bytes[256];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 199);
	for (size_t size = 0; size <= sizeof bytes; size++) {
		struct buffer text;
		buffer_init(&text, 1024);
		base64_encode(slice_of(bytes, size), &text);
		size_t decoded = text.size;
		assert_true(base64_decode(text.data, &decoded));
		assert_int_equal(decoded, size);
		assert_true(slice_equal(slice_of(text.data, decoded), slice_of(bytes, size)));
		buffer_free(&text);
	}
}

static void base64_with_another_character_anywhere_is_refused(void **state)
{
	(void)state;
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (int c = 0; c < 256; c++) {
		bool good = c && strchr(alphabet, c);
		for (size_t at = 0; at < 6; at++) { /* behind that there may be '=' */
			uint8_t text[] = "QUJDRAA=";
			size_t size = 8;
			text[at] = (uint8_t)c;
			assert_int_equal(base64_decode(text, &size), good);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reader_fails_behind_the_end_and_stays_failed),
		cmocka_unit_test(reader_reads_both_byte_orders),
		cmocka_unit_test(reader_aligns_from_its_start),
		cmocka_unit_test(buffer_drops_what_is_beyond_its_limit),
		cmocka_unit_test(buffer_printf_adds_no_nul),
		cmocka_unit_test(arena_stops_at_its_ceiling_and_starts_again),
		cmocka_unit_test(hashmap_keeps_every_key_through_growth_and_removal),
		cmocka_unit_test(guid_text_and_wire_agree),
		cmocka_unit_test(utf8_refuses_what_is_not_well_formed),
		cmocka_unit_test(utf16_round_trip_keeps_every_plane),
		cmocka_unit_test(lone_surrogates_become_the_replacement_character),
		cmocka_unit_test(clock_reads_what_it_writes_and_refuses_other_dates),
		cmocka_unit_test(spans_show_two_units_at_most),
		cmocka_unit_test(error_prefix_goes_in_front_and_never_overflows),
		cmocka_unit_test(a_peer_cannot_forge_a_log_line),
		cmocka_unit_test(an_address_is_written_as_it_was_read),
		cmocka_unit_test(one_host_is_one_whatever_its_ports),
		cmocka_unit_test(every_counter_has_a_name_and_a_help_text),
		cmocka_unit_test(base64_of_every_length_is_decoded_to_what_was_encoded),
		cmocka_unit_test(base64_with_another_character_anywhere_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
