#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../http_filters.h"
#include "mapi/errors.h"
#include "mapi/tags.h"
#include "vectors.h"

/* Made by other writers from the same specification; ours must read and write the same bytes. */
static const char *const round_trips[] = {
	"bind_plain.in",
	"bind_own.in",
	"bind_plain.out",
	"bind_own.out",
	"bind_logonfailed.out",
	"unbind_plain.in",
	"unbind_own.in",
	"unbind_plain.out",
	"unbind_own.out",
	"compare_mids_own.in",
	"compare_mids_own.out",
	"dn_to_mid_plain.in",
	"dn_to_mid_own.in",
	"dn_to_mid_plain.out",
	"dn_to_mid_own.out",
	"get_matches_plain.in",
	"get_matches_filter.in",
	"get_matches_links.in",
	"get_matches_plain.out",
	"get_matches_own.out",
	"get_address_book_url_own.in",
	"get_address_book_url_own.out",
	"get_mailbox_url_own.in",
	"get_mailbox_url_own.out",
	"get_prop_list_own.in",
	"get_prop_list_own.out",
	"get_prop_list_refused.out",
	"get_props_own.in",
	"get_props_all.in",
	"get_props_errors.out",
	"get_props_own.out",
	"get_special_table_plain.in",
	"get_special_table_own.in",
	"get_special_table_plain.out",
	"get_special_table_own.out",
	"get_template_info_own.in",
	"get_template_info_type.in",
	"get_template_info_own.out",
	"mod_link_att_sizes.in",
	"mod_link_att_own.out",
	"mod_props_own.in",
	"mod_props_own.out",
	"query_columns_own.in",
	"query_columns_own.out",
	"query_rows_plain.in",
	"query_rows_explicit.in",
	"query_rows_default.in",
	"query_rows_plain.out",
	"query_rows_own.out",
	"query_rows_refused.out",
	"query_rows_short.out",
	"resolve_names_plain.in",
	"resolve_names_own.in",
	"resolve_names_plain.out",
	"resolve_names_own.out",
	"resort_restriction_own.in",
	"resort_restriction_own.out",
	"seek_entries_plain.in",
	"seek_entries_own.in",
	"seek_entries_own.out",
	"update_stat_delta.in",
	"update_stat_own.in",
	"update_stat_plain.in",
	"update_stat_plain.out",
	"update_stat_own.out",
};

enum { ROUND_TRIP_COUNT = sizeof round_trips / sizeof round_trips[0] };

struct fixture {
	struct arena arena;
	struct buffer body, out;
	struct wire wire;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	arena_init(&f->arena, 1 << 20);
	buffer_init(&f->body, 1 << 20);
	buffer_init(&f->out, 1 << 20);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	arena_free(&f->arena);
	buffer_free(&f->body);
	buffer_free(&f->out);
	free(f);
	return 0;
}

/* "query_rows_plain.in" is of the filter query_rows, in. */
static const struct http_filter *find_filter(const char *vector)
{
	const char *dot = strrchr(vector, '.');
	const char *end = strrchr(vector, '_');
	for (size_t i = 0; i < HTTP_FILTER_COUNT; i++) {
		size_t size = strlen(http_filters[i].name);
		if (size == (size_t)(end - vector) && !memcmp(http_filters[i].name, vector, size) &&
		    !strcmp(http_filters[i].direction, dot + 1))
			return &http_filters[i];
	}
	fail_msg("no filter for %s", vector);
	return NULL;
}

static void load(struct fixture *f, const char *vector)
{
	char name[100];
	snprintf(name, sizeof name, "http_%s", vector);
	buffer_clear(&f->body);
	vector_load(name, &f->body);
}

static void *decode_slice(struct fixture *f, const char *vector, struct slice body)
{
	const struct http_filter *filter = find_filter(vector);
	arena_reset(&f->arena);
	void *value = arena_alloc(&f->arena, filter->size);
	/* A copy of exactly that size, so that AddressSanitizer sees a read behind it. */
	uint8_t *exact = malloc(body.size ? body.size : 1);
	if (body.size)
		memcpy(exact, body.data, body.size);
	wire_decode_init(&f->wire, slice_of(exact, body.size), &f->arena);
	filter->fn(&f->wire, value);
	free(exact);
	return value;
}

static void *decode(struct fixture *f, const char *vector)
{
	load(f, vector);
	void *value = decode_slice(f, vector, buffer_slice(&f->body));
	if (wire_failed(&f->wire))
		fail_msg("%s: error %d", vector, f->wire.error);
	return value;
}

static void encode(struct fixture *f, wire_fn *filter, void *value)
{
	buffer_clear(&f->out);
	wire_encode_init(&f->wire, &f->out);
	filter(&f->wire, value);
	assert_false(wire_failed(&f->wire));
}

static void every_vector_decodes_whole_and_encodes_to_the_same_bytes(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < ROUND_TRIP_COUNT; i++) {
		void *value = decode(f, round_trips[i]);
		if (f->wire.in.pos != f->wire.in.end)
			fail_msg("%s: bytes left", round_trips[i]);
		encode(f, find_filter(round_trips[i])->fn, value);
		if (!slice_equal(buffer_slice(&f->out), buffer_slice(&f->body)))
			fail_msg("%s: encoded differently", round_trips[i]);
	}
}

static void every_vector_cut_short_anywhere_fails(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < ROUND_TRIP_COUNT; i++) {
		load(f, round_trips[i]);
		for (size_t size = 0; size < f->body.size; size++) {
			decode_slice(f, round_trips[i], slice_of(f->body.data, size));
			if (f->wire.error != WIRE_BAD)
				fail_msg("%s: %zu bytes are enough", round_trips[i], size);
		}
	}
}

static void an_answer_beyond_the_limit_of_the_buffer_fails(void **state)
{
	struct fixture *f = *state;
	load(f, "query_rows_own.out");
	for (size_t limit = 0; limit < f->body.size; limit++) {
		void *value = decode(f, "query_rows_own.out");
		buffer_free(&f->out);
		f->out.limit = limit;
		wire_encode_init(&f->wire, &f->out);
		http_nspi_query_rows_out(&f->wire, value);
		assert_int_equal(f->wire.error, WIRE_NO_MEMORY);
	}
}

static void a_request_beyond_the_ceiling_of_the_arena_fails(void **state)
{
	struct fixture *f = *state;
	struct nspi_get_matches_in in = {0};
	load(f, "get_matches_filter.in");
	arena_free(&f->arena);
	arena_init(&f->arena, 64);
	wire_decode_init(&f->wire, buffer_slice(&f->body), &f->arena);
	http_nspi_get_matches_in(&f->wire, &in);
	assert_int_equal(f->wire.error, WIRE_NO_MEMORY);
}

static void assert_text(struct slice s, const char *expected)
{
	assert_true(slice_equal(s, slice_of_string(expected)));
}

static void bind_always_asks_for_the_guid(void **state)
{
	struct nspi_bind_in *in = decode(*state, "bind_plain.in");
	assert_non_null(in->server_guid);
	assert_int_equal(in->stat.codepage, 1252);
}

static void a_refused_bind_answers_a_guid_of_zeros(void **state)
{
	static const struct guid none;
	struct fixture *f = *state;
	struct nspi_bind_out refused = {.status = MAPI_E_LOGON_FAILED};
	encode(f, http_nspi_bind_out, &refused);
	struct nspi_bind_out *out = decode_slice(f, "bind_x.out", buffer_slice(&f->out));
	assert_true(guid_equal(out->server_guid, &none));
	assert_int_equal(out->status, MAPI_E_LOGON_FAILED);
}

static void a_stat_that_is_not_there_is_all_zeros(void **state)
{
	static const uint8_t body[] = {0, 0, 0, 0, 0x00, 0, 0, 0, 0};
	struct nspi_bind_in *in = decode_slice(*state, "bind_x.in", slice_of(body, sizeof body));
	assert_false(wire_failed(&((struct fixture *)*state)->wire));
	assert_int_equal(in->stat.codepage, 0);
}

static void any_byte_but_zero_says_that_it_is_there(void **state)
{
	struct fixture *f = *state;
	load(f, "bind_plain.in");
	f->body.data[4] = 0x01;
	struct nspi_bind_in *in = decode_slice(f, "bind_x.in", buffer_slice(&f->body));
	assert_false(wire_failed(&f->wire));
	assert_int_equal(in->stat.codepage, 1252);
}

static void an_auxiliary_buffer_is_skipped(void **state)
{
	struct fixture *f = *state;
	load(f, "unbind_plain.in");
	put_le32(f->body.data + 4, 3);
	buffer_put(&f->body, "aux", 3);
	decode_slice(f, "unbind_x.in", buffer_slice(&f->body));
	assert_false(wire_failed(&f->wire));
	put_le32(f->body.data + 4, 4);
	decode_slice(f, "unbind_x.in", buffer_slice(&f->body));
	assert_int_equal(f->wire.error, WIRE_BAD);
}

static void a_failure_body_is_no_answer(void **state)
{
	struct fixture *f = *state;
	load(f, "query_rows_plain.out");
	put_le32(f->body.data, 1);
	decode_slice(f, "query_rows_x.out", buffer_slice(&f->body));
	assert_int_equal(f->wire.error, WIRE_BAD);
}

static void values_of_rows_have_the_types_of_their_columns(void **state)
{
	struct nspi_query_rows_out *out = decode(*state, "query_rows_own.out");
	const struct mapi_row *rows = out->rows->rows;
	assert_int_equal(out->rows->count, 3);
	assert_int_equal(out->columns->count, 4);
	assert_int_equal(rows[0].values[0].tag, PR_DISPLAY_NAME);
	assert_text(rows[0].values[0].string, "Ada");
	assert_int_equal(rows[0].values[1].tag, PR_ACCOUNT); /* asked for without a type */
	assert_int_equal(rows[1].values[2].tag, 0x0FFF000A);
	assert_int_equal(rows[1].values[2].error, MAPI_E_NOT_FOUND);
	assert_int_equal(rows[2].values[1].tag, 0x3A000003);
	assert_int_equal(rows[2].values[1].long_value, 5);
}

/* Flag 1 of MS-OXCMAPIHTTP 2.2.1.5: neither a value nor an error follows. */
static void a_value_flagged_as_absent_is_not_found(void **state)
{
	static const uint8_t row[] = {0x01, 0x01};
	struct fixture *f = *state;
	load(f, "query_rows_refused.out");
	f->body.size -= 5; /* HasColumnsAndRows, the auxiliary buffer's size */
	buffer_put_u8(&f->body, 0xFF);
	buffer_put_u32(&f->body, 1);
	buffer_put_u32(&f->body, PR_DISPLAY_NAME);
	buffer_put_u32(&f->body, 1);
	buffer_put(&f->body, row, sizeof row);
	buffer_put_u32(&f->body, 0);
	struct nspi_query_rows_out *out =
		decode_slice(f, "query_rows_x.out", buffer_slice(&f->body));
	assert_false(wire_failed(&f->wire));
	assert_int_equal(out->rows->rows[0].values[0].tag, 0x3001000A);
	assert_int_equal(out->rows->rows[0].values[0].error, MAPI_E_NOT_FOUND);
}

static void no_rows_are_a_table_of_none(void **state)
{
	struct fixture *f = *state;
	struct mapi_rows rows = {0};
	uint32_t tag = PR_DISPLAY_NAME;
	const struct mapi_tags columns = {1, &tag};
	struct nspi_query_rows_out out = {.rows = &rows, .columns = &columns};
	encode(f, http_nspi_query_rows_out, &out);
	struct nspi_query_rows_out *back =
		decode_slice(f, "query_rows_x.out", buffer_slice(&f->out));
	assert_non_null(back->rows);
	assert_int_equal(back->rows->count, 0);
	assert_int_equal(back->columns->items[0], PR_DISPLAY_NAME);
}

static void an_explicit_table_of_none_is_none(void **state)
{
	struct nspi_query_rows_in *in = decode(*state, "query_rows_plain.in");
	assert_null(in->table);
	assert_int_equal(in->count, 2);
}

static void strings_end_at_a_nul(void **state)
{
	struct fixture *f = *state;
	struct mapi_value values[] = {
		{.tag = PR_DISPLAY_NAME, .string = slice_of("a\0b", 3)},
		{.tag = 0x3001001E,      .string = slice_of("c\0d", 3)},
	};
	struct mapi_row row = {2, values};
	struct nspi_get_props_out out = {.row = &row};
	encode(f, http_nspi_get_props_out, &out);
	struct nspi_get_props_out *back = decode_slice(f, "get_props_x.out", buffer_slice(&f->out));
	assert_false(wire_failed(&f->wire));
	assert_text(back->row->values[0].string, "a");
	assert_text(back->row->values[1].string, "c");
}

/* MS-OXCDATA has no HasValue before the value of a restriction, clients write one. */
static void a_restriction_without_has_value_is_understood(void **state)
{
	struct fixture *f = *state;
	load(f, "get_matches_plain.in");
	const uint8_t *tag = memmem(f->body.data, f->body.size, "\x1f\x00\x0c\x36\xff\x1f", 6);
	size_t at = (size_t)(tag - f->body.data) + 4;
	memmove(f->body.data + at, f->body.data + at + 1, f->body.size - at - 1);
	f->body.size--;
	struct nspi_get_matches_in *in =
		decode_slice(f, "get_matches_x.in", buffer_slice(&f->body));
	assert_false(wire_failed(&f->wire));
	assert_int_equal(in->filter->list.items[0].property.value->tag, PR_ANR);
	assert_text(in->filter->list.items[0].property.value->string, "sm");
}

static void put_nots(struct buffer *body, unsigned depth)
{
	buffer_clear(body);
	buffer_put_zeros(body, 4 + 1 + 1 + 4);
	buffer_put_u8(body, 0xFF);
	for (unsigned i = 0; i < depth; i++)
		buffer_put_u8(body, RES_NOT);
	buffer_put_u8(body, RES_EXIST);
	buffer_put_zeros(body, 4 + 1 + 4 + 1 + 4);
}

static void restrictions_nest_so_deep_and_no_deeper(void **state)
{
	static const struct {
		unsigned depth;
		enum wire_error error;
	} cases[] = {
		{RESTRICTION_MAX_DEPTH,     WIRE_OK      },
		{RESTRICTION_MAX_DEPTH + 1, WIRE_TOO_DEEP},
		{100000,                    WIRE_TOO_DEEP},
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		put_nots(&f->body, cases[i].depth);
		decode_slice(f, "get_matches_x.in", buffer_slice(&f->body));
		assert_int_equal(f->wire.error, cases[i].error);
	}
}

/* An entry id tells where it ends; the DN of the second makes it as long as an ephemeral type looks
 * like a size. */
static void put_entry_ids(struct buffer *body, bool sizes)
{
	static const uint8_t ephemeral[32] = {0x87, 0, 0, 0, 0x12, 0x34};
	uint8_t permanent[0x87] = {0};
	memset(permanent + 28, 'x', sizeof permanent - 29);
	buffer_clear(body);
	buffer_put_u32(body, 0);
	buffer_put_u32(body, PR_EMS_AB_MEMBER);
	buffer_put_u32(body, 0x10);
	buffer_put_u8(body, 0xFF);
	buffer_put_u32(body, 3);
	for (int i = 0; i < 3; i++) {
		bool second = i == 1;
		size_t size = second ? sizeof permanent : sizeof ephemeral;
		if (sizes)
			buffer_put_u32(body, (uint32_t)size);
		buffer_put(body, second ? permanent : ephemeral, size);
	}
	buffer_put_u32(body, 0);
}

static void entry_ids_are_read_with_and_without_sizes(void **state)
{
	struct fixture *f = *state;
	for (int sizes = 0; sizes < 2; sizes++) {
		put_entry_ids(&f->body, sizes);
		struct nspi_mod_link_att_in *in =
			decode_slice(f, "mod_link_att_x.in", buffer_slice(&f->body));
		assert_false(wire_failed(&f->wire));
		assert_true(f->wire.in.pos == f->wire.in.end);
		assert_int_equal(in->entry_ids.count, 3);
		assert_int_equal(in->entry_ids.items[0].size, 32);
		assert_int_equal(in->entry_ids.items[1].size, 0x87);
		assert_int_equal(in->entry_ids.items[2].size, 32);
	}
}

/* One field of a good vector made bad. */
static const struct {
	const char *what, *vector;
	size_t offset;
	uint32_t field;
} bad_fields[] = {
	{"explicit table out of range",         "query_rows_explicit.in", 41, 100001    },
	{"explicit table that cannot follow",   "query_rows_explicit.in", 41, 99999     },
	{"columns out of range",                "query_rows_plain.in",    50, 100001    },
	{"columns that cannot follow",          "query_rows_plain.in",    50, 4         },
	{"rows out of range",                   "query_rows_plain.out",   62, 100001    },
	{"rows that cannot follow",             "query_rows_plain.out",   62, 1000      },
	{"names out of range",                  "resolve_names_plain.in", 51, 100001    },
	{"names that cannot follow",            "resolve_names_plain.in", 51, 1000      },
	{"type that is none",                   "seek_entries_plain.in",  42, 0x30010005},
	{"type of a list of instances",         "seek_entries_plain.in",  42, 0x3001301F},
	{"values out of range",                 "get_props_errors.out",   13, 100001    },
	{"auxiliary buffer that cannot follow", "unbind_plain.in",        4,  1         },
};

static void a_bad_field_fails(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof bad_fields / sizeof bad_fields[0]; i++) {
		load(f, bad_fields[i].vector);
		put_le32(f->body.data + bad_fields[i].offset, bad_fields[i].field);
		decode_slice(f, bad_fields[i].vector, buffer_slice(&f->body));
		if (f->wire.error != WIRE_BAD)
			fail_msg("%s: error %d", bad_fields[i].what, f->wire.error);
	}
}

static void huge_counts_fail_before_anything_is_allocated(void **state)
{
	struct fixture *f = *state;
	load(f, "query_rows_explicit.in");
	put_le32(f->body.data + 41, 100000);
	decode_slice(f, "query_rows_explicit.in", buffer_slice(&f->body));
	assert_int_equal(f->wire.error, WIRE_BAD);
	assert_true(f->arena.used < 4096);
}

#define FIXTURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(every_vector_decodes_whole_and_encodes_to_the_same_bytes),
		FIXTURE_TEST(every_vector_cut_short_anywhere_fails),
		FIXTURE_TEST(an_answer_beyond_the_limit_of_the_buffer_fails),
		FIXTURE_TEST(a_request_beyond_the_ceiling_of_the_arena_fails),
		FIXTURE_TEST(bind_always_asks_for_the_guid),
		FIXTURE_TEST(a_refused_bind_answers_a_guid_of_zeros),
		FIXTURE_TEST(a_stat_that_is_not_there_is_all_zeros),
		FIXTURE_TEST(any_byte_but_zero_says_that_it_is_there),
		FIXTURE_TEST(an_auxiliary_buffer_is_skipped),
		FIXTURE_TEST(a_failure_body_is_no_answer),
		FIXTURE_TEST(values_of_rows_have_the_types_of_their_columns),
		FIXTURE_TEST(a_value_flagged_as_absent_is_not_found),
		FIXTURE_TEST(no_rows_are_a_table_of_none),
		FIXTURE_TEST(an_explicit_table_of_none_is_none),
		FIXTURE_TEST(strings_end_at_a_nul),
		FIXTURE_TEST(a_restriction_without_has_value_is_understood),
		FIXTURE_TEST(restrictions_nest_so_deep_and_no_deeper),
		FIXTURE_TEST(entry_ids_are_read_with_and_without_sizes),
		FIXTURE_TEST(a_bad_field_fails),
		FIXTURE_TEST(huge_counts_fail_before_anything_is_allocated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
