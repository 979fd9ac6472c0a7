#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ndr/ndr.h"

#define BYTES(text) slice_of(text, sizeof(text) - 1)

struct fixture {
	struct arena arena;
	struct buffer out;
	struct ndr ndr;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	arena_init(&f->arena, 1 << 20);
	buffer_init(&f->out, 1 << 20);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	arena_free(&f->arena);
	buffer_free(&f->out);
	free(f);
	return 0;
}

static struct ndr *decoder(struct fixture *f, struct slice stub)
{
	ndr_decode_init(&f->ndr, stub, false, &f->arena);
	return &f->ndr;
}

static struct ndr *encoder(struct fixture *f)
{
	ndr_encode_init(&f->ndr, &f->out);
	return &f->ndr;
}

static void assert_written(const struct fixture *f, struct slice expected)
{
	assert_false(ndr_failed(&f->ndr));
	assert_int_equal(f->out.size, expected.size);
	assert_memory_equal(f->out.data, expected.data, expected.size);
}

static void integers_are_aligned_to_their_size(void **state)
{
	uint8_t one = 1;
	uint16_t two = 0x0202;
	uint32_t four = 0x04040404;
	struct ndr *n = encoder(*state);
	ndr_u8(n, &one);
	ndr_u16(n, &two);
	ndr_u8(n, &one);
	ndr_u32(n, &four);
	assert_written(*state, BYTES("\1\0\2\2\1\0\0\0\4\4\4\4"));
}

static void alignment_counts_from_where_the_stub_begins(void **state)
{
	struct fixture *f = *state;
	uint8_t one = 1;
	uint32_t four = 0x04040404;
	buffer_put(&f->out, "hdr", 3);
	struct ndr *n = encoder(f);
	ndr_u8(n, &one);
	ndr_u32(n, &four);
	assert_written(f, BYTES("hdr\1\0\0\0\4\4\4\4"));
}

static void both_byte_orders_are_read(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *bytes;
		bool big_endian;
	} senders[] = {
		{"\x02\x01\0\0\x06\x05\x04\x03", false},
		{"\x01\x02\0\0\x03\x04\x05\x06", true }
        };
	for (size_t i = 0; i < 2; i++) {
		uint16_t two;
		uint32_t four;
		struct ndr *n = decoder(f, slice_of(senders[i].bytes, 8));
		n->in.big_endian = senders[i].big_endian;
		ndr_u16(n, &two);
		ndr_u32(n, &four);
		assert_int_equal(two, 0x0102);
		assert_int_equal(four, 0x03040506);
	}
}

static void a_filetime_has_its_low_half_first_in_both_byte_orders(void **state)
{
	uint64_t time;
	struct ndr *n = decoder(*state, BYTES("\x04\x03\x02\x01\x08\x07\x06\x05"));
	ndr_u64_halves(n, &time);
	assert_true(time == UINT64_C(0x0506070801020304));
	n = decoder(*state, BYTES("\x01\x02\x03\x04\x05\x06\x07\x08"));
	n->in.big_endian = true;
	ndr_u64_halves(n, &time);
	assert_true(time == UINT64_C(0x0506070801020304));
}

static void a_uuid_follows_the_byte_order_and_a_flat_uid_does_not(void **state)
{
	static const uint8_t wire[] =
		"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10";
	struct guid id;
	struct ndr *n = decoder(*state, slice_of(wire, 16));
	n->in.big_endian = true;
	ndr_uuid(n, &id);
	assert_memory_equal(id.bytes, "\x04\x03\x02\x01\x06\x05\x08\x07\x09\x0a", 10);
	n = decoder(*state, slice_of(wire, 16));
	n->in.big_endian = true;
	ndr_guid_bytes(n, &id);
	assert_memory_equal(id.bytes, wire, 16);
}

static void reading_behind_the_end_gives_zeros_and_stays_failed(void **state)
{
	uint32_t v[2] = {7, 7};
	uint8_t byte = 7;
	struct ndr *n = decoder(*state, BYTES("\1\0\0\0\2\0"));
	ndr_u32s(n, v, 2);
	ndr_u8(n, &byte);
	assert_int_equal(n->error, NDR_TRUNCATED);
	assert_int_equal(v[0], 0);
	assert_int_equal(v[1], 0);
	assert_int_equal(byte, 0);
}

static void the_first_error_stays(void **state)
{
	struct ndr *n = decoder(*state, BYTES("\5\0\0\0"));
	ndr_expect_u32(n, 4);
	ndr_expect_u32(n, 4);
	assert_int_equal(n->error, NDR_BAD_VALUE);
}

static void writing_beyond_the_limit_of_the_buffer_fails(void **state)
{
	struct fixture *f = *state;
	uint32_t v = 1;
	f->out.limit = 6;
	struct ndr *n = encoder(f);
	ndr_u32(n, &v);
	ndr_u32(n, &v);
	assert_int_equal(n->error, NDR_NO_MEMORY);
	assert_int_equal(f->out.size, 4);
}

static void u32_pointee(struct ndr *n, void *value)
{
	ndr_u32(n, value);
}

static void pointers_are_numbered_and_null_is_zero(void **state)
{
	uint32_t a = 10, b = 11;
	struct ndr *n = encoder(*state);
	ndr_pointer(n, &a, sizeof a, u32_pointee);
	ndr_pointer(n, NULL, sizeof a, u32_pointee);
	ndr_pointer(n, &b, sizeof b, u32_pointee);
	assert_written(*state, BYTES("\0\0\2\0\x0a\0\0\0"
	                             "\0\0\0\0"
	                             "\4\0\2\0\x0b\0\0\0"));
}

static void a_pointer_decodes_to_its_pointee_or_null(void **state)
{
	struct ndr *n = decoder(*state, BYTES("\1\0\0\0\x0a\0\0\0\0\0\0\0"));
	uint32_t *a = ndr_pointer(n, NULL, sizeof *a, u32_pointee);
	uint32_t *b = ndr_pointer(n, NULL, sizeof *b, u32_pointee);
	assert_non_null(a);
	assert_int_equal(*a, 10);
	assert_null(b);
	assert_false(ndr_failed(n));
}

static void items_that_cannot_follow_are_not_allocated(void **state)
{
	struct fixture *f = *state;
	struct ndr *n = decoder(f, BYTES("12345678"));
	assert_non_null(ndr_items(n, NULL, 2, 100, 4));
	size_t used = f->arena.used;
	assert_null(ndr_items(n, NULL, 3, 100, 4));
	assert_int_equal(n->error, NDR_TRUNCATED);
	assert_int_equal(f->arena.used, used);
}

static void an_array_wants_the_max_count_that_was_announced(void **state)
{
	struct ndr *n = decoder(*state, BYTES("\1\0\0\0x"));
	assert_non_null(ndr_array(n, NULL, 1, 1, 1));
	n = decoder(*state, BYTES("\2\0\0\0xy"));
	assert_null(ndr_array(n, NULL, 1, 1, 1));
	assert_int_equal(n->error, NDR_BAD_VALUE);
}

static void a_conformant_structure_wants_equal_counts_in_range(void **state)
{
	static const struct {
		struct slice wire;
		enum ndr_error error;
	} cases[] = {
		{{(const uint8_t *)"\2\0\0\0\2\0\0\0", 8}, NDR_OK       },
		{{(const uint8_t *)"\3\0\0\0\2\0\0\0", 8}, NDR_BAD_VALUE},
		{{(const uint8_t *)"\3\0\0\0\3\0\0\0", 8}, NDR_BAD_VALUE},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint32_t count = 0;
		struct ndr *n = decoder(*state, cases[i].wire);
		ndr_conformant(n, &count, 2);
		assert_int_equal(n->error, cases[i].error);
	}
}

static void an_embedded_array_is_in_range_and_empty_when_null(void **state)
{
	static const struct {
		struct slice wire;
		bool present;
		enum ndr_error error;
	} cases[] = {
		{{(const uint8_t *)"\2\0\0\0\1\0\0\0", 8}, true,  NDR_OK       },
		{{(const uint8_t *)"\0\0\0\0\1\0\0\0", 8}, true,  NDR_OK       },
		{{(const uint8_t *)"\0\0\0\0\0\0\0\0", 8}, false, NDR_OK       },
		{{(const uint8_t *)"\2\0\0\0\0\0\0\0", 8}, false, NDR_BAD_VALUE},
		{{(const uint8_t *)"\3\0\0\0\1\0\0\0", 8}, true,  NDR_BAD_VALUE},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint32_t count = 0;
		struct ndr *n = decoder(*state, cases[i].wire);
		assert_int_equal(ndr_embedded_array(n, &count, NULL, 2) != NULL, cases[i].present);
		assert_int_equal(n->error, cases[i].error);
	}
}

static void allocation_beyond_the_ceiling_of_the_arena_fails(void **state)
{
	struct ndr *n = decoder(*state, BYTES("1234"));
	assert_null(ndr_items(n, NULL, 4, SIZE_MAX / 2, 1));
	assert_int_equal(n->error, NDR_NO_MEMORY);
}

struct string_case {
	const char *name;
	struct slice wire;
	enum ndr_error error;
	const char *text; /* NULL when it fails */
};

#define STRING_CASE(name, wire, error, text)                                                       \
	{                                                                                          \
		name, {(const uint8_t *)(wire), sizeof(wire) - 1}, error, text                     \
	}

static void check_strings(struct fixture *f, const struct string_case *cases, size_t count,
                          ndr_fn *filter)
{
	for (size_t i = 0; i < count; i++) {
		struct slice s = {0};
		struct ndr *n = decoder(f, cases[i].wire);
		filter(n, &s);
		if (n->error != cases[i].error)
			fail_msg("%s: error %d", cases[i].name, n->error);
		if (cases[i].text && !slice_equal(s, slice_of_string(cases[i].text)))
			fail_msg("%s: read %.*s", cases[i].name, (int)s.size, (const char *)s.data);
	}
}

static void string8_is_checked_strictly(void **state)
{
	static const struct string_case cases[] = {
		STRING_CASE("plain", "\3\0\0\0\0\0\0\0\3\0\0\0ab\0", NDR_OK, "ab"),
		STRING_CASE("empty", "\1\0\0\0\0\0\0\0\1\0\0\0\0", NDR_OK, ""),
		STRING_CASE("room to spare", "\7\0\0\0\0\0\0\0\3\0\0\0ab\0", NDR_OK, "ab"),
		STRING_CASE("cut at the first NUL", "\4\0\0\0\0\0\0\0\4\0\0\0a\0b\0", NDR_OK, "a"),
		STRING_CASE("without NUL", "\2\0\0\0\0\0\0\0\2\0\0\0ab", NDR_BAD_VALUE, NULL),
		STRING_CASE("actual above max", "\2\0\0\0\0\0\0\0\3\0\0\0ab\0", NDR_BAD_VALUE,
	                    NULL),
		STRING_CASE("offset", "\3\0\0\0\1\0\0\0\3\0\0\0ab\0", NDR_BAD_VALUE, NULL),
		STRING_CASE("no units at all", "\0\0\0\0\0\0\0\0\0\0\0\0", NDR_BAD_VALUE, NULL),
		STRING_CASE("truncated", "\4\0\0\0\0\0\0\0\4\0\0\0ab\0", NDR_TRUNCATED, NULL),
		STRING_CASE("huge",
	                    "\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff"
	                    "ab\0",
	                    NDR_TRUNCATED, NULL),
	};
	check_strings(*state, cases, sizeof cases / sizeof cases[0], ndr_string8);
}

static void string16_is_checked_strictly(void **state)
{
	static const struct string_case cases[] = {
		STRING_CASE("plain", "\3\0\0\0\0\0\0\0\3\0\0\0a\0b\0\0\0", NDR_OK, "ab"),
		STRING_CASE("beyond ASCII", "\3\0\0\0\0\0\0\0\3\0\0\0\xe4\0\x42\x6f\0\0", NDR_OK,
	                    "ä潂"),
		STRING_CASE("surrogates", "\3\0\0\0\0\0\0\0\3\0\0\0\x3d\xd8\0\xde\0\0", NDR_OK,
	                    "😀"),
		STRING_CASE("half a pair",
	                    "\3\0\0\0\0\0\0\0\3\0\0\0\x3d\xd8"
	                    "a\0\0\0",
	                    NDR_OK,
	                    "\xef\xbf\xbd"
	                    "a"),
		STRING_CASE("cut at the first NUL", "\3\0\0\0\0\0\0\0\3\0\0\0a\0\0\0b\0", NDR_OK,
	                    "a"),
		STRING_CASE("without NUL", "\2\0\0\0\0\0\0\0\2\0\0\0a\0b\0", NDR_BAD_VALUE, NULL),
		STRING_CASE("truncated", "\3\0\0\0\0\0\0\0\3\0\0\0a\0b\0\0", NDR_TRUNCATED, NULL),
		STRING_CASE("huge",
	                    "\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff"
	                    "a\0\0\0",
	                    NDR_TRUNCATED, NULL),
	};
	check_strings(*state, cases, sizeof cases / sizeof cases[0], ndr_string16);
}

static void string16_of_a_big_endian_sender_is_turned_around(void **state)
{
	struct slice s = {0};
	struct ndr *n = decoder(*state, BYTES("\0\0\0\2\0\0\0\0\0\0\0\2\0\xe4\0\0"));
	n->in.big_endian = true;
	ndr_string16(n, &s);
	assert_false(ndr_failed(n));
	assert_true(slice_equal(s, slice_of_string("ä")));
}

static void string8_is_written_with_its_nul_and_cut_at_an_inner_one(void **state)
{
	struct slice s = BYTES("ab\0c");
	ndr_string8(encoder(*state), &s);
	assert_written(*state, BYTES("\3\0\0\0\0\0\0\0\3\0\0\0ab\0"));
}

static void string16_is_written_from_utf8(void **state)
{
	struct slice s = slice_of_string("12345678aä😀");
	ndr_string16(encoder(*state), &s);
	assert_written(
		*state,
		BYTES("\x0d\0\0\0\0\0\0\0\x0d\0\0\0"
	              "1\0002\0003\0004\0005\0006\0007\0008\0a\0\xe4\0\x3d\xd8\x00\xde\0\0"));
}

static void string16_of_malformed_utf8_has_replacement_characters(void **state)
{
	struct slice s = BYTES("a\xff\x80");
	ndr_string16(encoder(*state), &s);
	assert_written(*state, BYTES("\4\0\0\0\0\0\0\0\4\0\0\0a\0\xfd\xff\xfd\xff\0\0"));
}

static void an_empty_string_is_a_nul_alone(void **state)
{
	struct slice s = BYTES("");
	ndr_string16(encoder(*state), &s);
	assert_written(*state, BYTES("\1\0\0\0\0\0\0\0\1\0\0\0\0\0"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(integers_are_aligned_to_their_size),
		TEST(alignment_counts_from_where_the_stub_begins),
		TEST(both_byte_orders_are_read),
		TEST(a_filetime_has_its_low_half_first_in_both_byte_orders),
		TEST(a_uuid_follows_the_byte_order_and_a_flat_uid_does_not),
		TEST(reading_behind_the_end_gives_zeros_and_stays_failed),
		TEST(the_first_error_stays),
		TEST(writing_beyond_the_limit_of_the_buffer_fails),
		TEST(pointers_are_numbered_and_null_is_zero),
		TEST(a_pointer_decodes_to_its_pointee_or_null),
		TEST(items_that_cannot_follow_are_not_allocated),
		TEST(an_array_wants_the_max_count_that_was_announced),
		TEST(a_conformant_structure_wants_equal_counts_in_range),
		TEST(an_embedded_array_is_in_range_and_empty_when_null),
		TEST(allocation_beyond_the_ceiling_of_the_arena_fails),
		TEST(string8_is_checked_strictly),
		TEST(string16_is_checked_strictly),
		TEST(string16_of_a_big_endian_sender_is_turned_around),
		TEST(string8_is_written_with_its_nul_and_cut_at_an_inner_one),
		TEST(string16_is_written_from_utf8),
		TEST(string16_of_malformed_utf8_has_replacement_characters),
		TEST(an_empty_string_is_a_nul_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
