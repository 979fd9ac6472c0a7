#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../nspi_filters.h"
#include "mapi/errors.h"
#include "mapi/tags.h"
#include "vectors.h"

/* Made by other writers from the same specification; ours must read and write the same bytes. */
static const char *const round_trips[] = {
	"compare_mids_plain.in",
	"compare_mids_plain.out",
	"dn_to_mid_plain.in",
	"dn_to_mid_plain.out",
	"get_ids_from_names_plain.in",
	"get_matches_plain.in",
	"get_matches_plain.out",
	"get_names_from_ids_plain.in",
	"get_prop_list_plain.in",
	"get_props_plain.in",
	"get_props_plain.out",
	"get_special_table_plain.in",
	"get_special_table_plain.out",
	"get_template_info_plain.in",
	"mod_link_att_plain.in",
	"mod_props_plain.in",
	"query_columns_plain.in",
	"query_rows_container.in",
	"query_rows_container.out",
	"query_rows_explicit.in",
	"resolve_names_plain.in",
	"resolve_names_w_plain.in",
	"resolve_names_w_plain.out",
	"resort_restriction_plain.in",
	"seek_entries_plain.in",
	"unbind_plain.in",
	"unbind_plain.out",
	"update_stat_plain.in",
	"update_stat_plain.out",
};

enum { ROUND_TRIP_COUNT = sizeof round_trips / sizeof round_trips[0] };

struct fixture {
	struct arena arena;
	struct buffer wire, out;
	struct ndr ndr;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	arena_init(&f->arena, 1 << 20);
	buffer_init(&f->wire, 1 << 20);
	buffer_init(&f->out, 1 << 20);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	arena_free(&f->arena);
	buffer_free(&f->wire);
	buffer_free(&f->out);
	free(f);
	return 0;
}

/* "query_rows_container.in" is of the filter query_rows, in. */
static const struct filter *find_filter(const char *vector)
{
	const char *dot = strrchr(vector, '.');
	const char *end = strrchr(vector, '_');
	for (size_t i = 0; i < FILTER_COUNT; i++) {
		size_t size = strlen(filters[i].name);
		if (size == (size_t)(end - vector) && !memcmp(filters[i].name, vector, size) &&
		    !strcmp(filters[i].direction, dot + 1))
			return &filters[i];
	}
	fail_msg("no filter for %s", vector);
	return NULL;
}

static void load(struct fixture *f, const char *vector)
{
	buffer_clear(&f->wire);
	vector_load(vector, &f->wire);
}

static void *decode_slice(struct fixture *f, const char *vector, struct slice wire)
{
	const struct filter *filter = find_filter(vector);
	arena_reset(&f->arena);
	void *value = arena_alloc(&f->arena, filter->size);
	/* A copy of exactly that size, so that AddressSanitizer sees a read behind it. */
	uint8_t *exact = malloc(wire.size ? wire.size : 1);
	memcpy(exact, wire.data, wire.size);
	ndr_decode_init(&f->ndr, slice_of(exact, wire.size), false, &f->arena);
	filter->fn(&f->ndr, value);
	free(exact);
	return value;
}

static void *decode(struct fixture *f, const char *vector)
{
	load(f, vector);
	void *value = decode_slice(f, vector, buffer_slice(&f->wire));
	if (ndr_failed(&f->ndr))
		fail_msg("%s: error %d", vector, f->ndr.error);
	return value;
}

static void encode(struct fixture *f, ndr_fn *filter, void *value)
{
	buffer_clear(&f->out);
	ndr_encode_init(&f->ndr, &f->out);
	filter(&f->ndr, value);
	assert_false(ndr_failed(&f->ndr));
}

static void every_vector_decodes_whole_and_encodes_to_the_same_bytes(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < ROUND_TRIP_COUNT; i++) {
		void *value = decode(f, round_trips[i]);
		if (reader_left(&f->ndr.in) != 0)
			fail_msg("%s: bytes left", round_trips[i]);
		encode(f, find_filter(round_trips[i])->fn, value);
		if (!slice_equal(buffer_slice(&f->out), buffer_slice(&f->wire)))
			fail_msg("%s: encoded differently", round_trips[i]);
	}
}

static void every_vector_cut_short_anywhere_fails(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < ROUND_TRIP_COUNT; i++) {
		load(f, round_trips[i]);
		for (size_t size = 0; size < f->wire.size; size++) {
			decode_slice(f, round_trips[i], slice_of(f->wire.data, size));
			if (!ndr_failed(&f->ndr))
				fail_msg("%s: %zu bytes are enough", round_trips[i], size);
		}
	}
}

static void every_operation_fails_on_an_empty_stub(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < FILTER_COUNT; i++) {
		arena_reset(&f->arena);
		void *value = arena_alloc(&f->arena, filters[i].size);
		ndr_decode_init(&f->ndr, slice_of("", 0), false, &f->arena);
		filters[i].fn(&f->ndr, value);
		assert_int_equal(f->ndr.error, NDR_TRUNCATED);
	}
}

static void an_answer_beyond_the_limit_of_the_buffer_fails(void **state)
{
	struct fixture *f = *state;
	void *value = decode(f, "query_rows_container.out");
	for (size_t limit = 0; limit < f->wire.size; limit++) {
		buffer_clear(&f->out);
		f->out.limit = limit;
		ndr_encode_init(&f->ndr, &f->out);
		ndr_nspi_query_rows_out(&f->ndr, value);
		assert_int_equal(f->ndr.error, NDR_NO_MEMORY);
	}
}

static void outlook_bind_requests_decode(void **state)
{
	static const char *const captured[] = {"bind_unauthenticated.in", "bind_ntlm.in"};
	for (size_t i = 0; i < 2; i++) {
		struct nspi_bind_in *in = decode(*state, captured[i]);
		assert_int_equal(in->flags, 0);
		assert_int_equal(in->stat.container_id,
		                 0x77f6d5c8); /* garbage that means nothing */
		assert_int_equal(in->stat.total_recs, 0x00090000);
		assert_int_equal(in->stat.codepage, 1252);
		assert_int_equal(in->stat.sort_locale, 0x409);
		assert_memory_equal(in->server_guid->bytes, "\x18\xb6\x0c\xe1\x98\xf1", 6);
	}
}

static void a_refused_bind_has_no_handle(void **state)
{
	static const struct guid none;
	struct nspi_bind_out *out = decode(*state, "bind_unauthenticated.out");
	assert_true(guid_equal(&out->handle.id, &none));
	assert_int_equal(out->status, MAPI_E_LOGON_FAILED);
}

static void a_granted_bind_has_guid_and_handle(void **state)
{
	struct nspi_bind_out *out = decode(*state, "bind_ntlm.out");
	assert_memory_equal(out->server_guid->bytes, "\x3a\xbe\x14\x95", 4);
	assert_memory_equal(out->handle.id.bytes, "\xef\x07\x4b\x40", 4);
	assert_int_equal(out->status, MAPI_SUCCESS);
}

static void impacket_query_rows_decodes(void **state)
{
	struct nspi_query_rows_in *in = decode(*state, "query_rows_impacket.in");
	assert_int_equal(in->stat.container_id, 7);
	assert_int_equal(in->table_count, 3);
	assert_int_equal(in->table[2], 18);
	assert_int_equal(in->count, 20);
	assert_int_equal(in->tags->count, 2);
	assert_int_equal(in->tags->items[1], 0x0fff0102);
}

static void assert_text(struct slice s, const char *expected)
{
	assert_true(slice_equal(s, slice_of_string(expected)));
}

static void impacket_strings_decode(void **state)
{
	struct nspi_resolve_names_in *in = decode(*state, "resolve_names_impacket.in");
	assert_int_equal(in->names.count, 2);
	assert_text(in->names.items[1], "Jo");
	in = decode(*state, "resolve_names_w_impacket.in");
	assert_text(in->names.items[0], "Smïth");
	assert_text(in->names.items[1], "小林");
	struct nspi_dn_to_mid_in *dn = decode(*state, "dn_to_mid_impacket.in");
	assert_text(dn->names.items[1], "/o=Org/cn=three");
}

static void impacket_property_names_decode(void **state)
{
	struct nspi_get_names_from_ids_in *in = decode(*state, "get_names_from_ids_impacket.in");
	assert_memory_equal(in->guid->bytes, "\0\1\2\3\4\5\6\7\x08\x09", 10);
	assert_int_equal(in->tags->items[0], 0x3001001f);
}

static void impacket_entry_ids_decode(void **state)
{
	struct nspi_mod_link_att_in *in = decode(*state, "mod_link_att_impacket.in");
	assert_int_equal(in->mid, 0x1940);
	assert_int_equal(in->entry_ids.count, 2);
	assert_int_equal(in->entry_ids.items[0].size, 28);
	assert_int_equal(in->entry_ids.items[1].size, 32);
	assert_int_equal(in->entry_ids.items[1].data[31], 31);
}

/* impacket puts a pointer where the IDL has a reference: what follows is shifted and a rest is left
 * over. */
static void impacket_special_table_decodes_with_bytes_left(void **state)
{
	struct fixture *f = *state;
	struct nspi_get_special_table_in *in = decode(f, "get_special_table_impacket.in");
	assert_int_equal(in->flags, NSPI_UNICODE_STRINGS);
	assert_int_equal(reader_left(&f->ndr.in), 4);
}

static const struct mapi_value *value_of(const struct nspi_query_rows_out *out, mapi_tag tag)
{
	for (uint32_t i = 0; i < out->rows->rows[0].count; i++) {
		if (out->rows->rows[0].values[i].tag == tag)
			return &out->rows->rows[0].values[i];
	}
	fail_msg("no value %08x", tag);
	return NULL;
}

static void single_values_of_impacket_decode(void **state)
{
	const struct nspi_query_rows_out *out = decode(*state, "query_rows_impacket.out");
	assert_int_equal(value_of(out, 0x30070002)->short_value, -2);
	assert_int_equal(value_of(out, 0x39000003)->long_value, -3);
	assert_int_equal(value_of(out, 0x3a40000b)->boolean, 1);
	assert_int_equal(value_of(out, 0x8009000d)->long_value, 0);
	assert_int_equal(value_of(out, 0x3a00000a)->error, MAPI_E_NOT_FOUND);
	assert_text(value_of(out, 0x3001001e)->string, "name");
	assert_text(value_of(out, 0x3001001f)->string, "näme");
	assert_memory_equal(value_of(out, 0x300c0048)->guid->bytes, "\0\1\2\3\4\5\6\7", 8);
	assert_true(value_of(out, 0x30070040)->filetime == UINT64_C(0x01d0000001020304));
	assert_text(value_of(out, 0x0fff0102)->binary, "\1\2\3");
}

static void multiple_values_of_impacket_decode(void **state)
{
	const struct nspi_query_rows_out *out = decode(*state, "query_rows_impacket.out");
	assert_int_equal(value_of(out, 0x80011002)->shorts.items[1], -6);
	assert_int_equal(value_of(out, 0x80021003)->longs.items[1], -8);
	assert_text(value_of(out, 0x800f101e)->slices.items[1], "bcd");
	assert_text(value_of(out, 0x800f101f)->slices.items[0], "да");
	assert_text(value_of(out, 0x3a701102)->slices.items[1], "\2\3\4\5\6");
	assert_int_equal(value_of(out, 0x80031048)->guids.items[0]->bytes[0], 16);
}

/* All of impacket's bytes but its referents and its padding come out of our encoder too. */
static void the_row_of_impacket_encodes_to_its_size(void **state)
{
	struct fixture *f = *state;
	void *value = decode(f, "query_rows_impacket.out");
	encode(f, ndr_nspi_query_rows_out, value);
	assert_int_equal(f->out.size, f->wire.size);
	const struct nspi_query_rows_out *out =
		decode_slice(f, "query_rows_impacket.out", buffer_slice(&f->out));
	assert_false(ndr_failed(&f->ndr));
	assert_text(value_of(out, 0x800f101f)->slices.items[1], "x");
}

static void a_list_of_times_is_pairs_of_halves(void **state)
{
	static const uint64_t times[] = {UINT64_C(0x0000000200000001),
	                                 UINT64_C(0x0000000400000003)};
	struct fixture *f = *state;
	struct mapi_value v = {
		.tag = 0x30071040, .times = {2, times}
        };
	struct mapi_row row = {1, &v};
	struct nspi_get_props_out out = {.row = &row};
	encode(f, ndr_nspi_get_props_out, &out);
	static const uint8_t expected[] = {2, 0, 0, 0, 1, 0, 0, 0, 2, 0,
	                                   0, 0, 3, 0, 0, 0, 4, 0, 0, 0};
	/* Before the array: pointer, row, max_count, value; behind it the status. */
	assert_memory_equal(f->out.data + 4 + 12 + 4 + 20, expected, sizeof expected);
	assert_int_equal(f->out.size, 4 + 12 + 4 + 20 + sizeof expected + 4);
}

static void a_null_string_stays_null(void **state)
{
	struct fixture *f = *state;
	struct mapi_value v = {.tag = PR_DISPLAY_NAME};
	struct mapi_row row = {1, &v};
	struct nspi_get_props_out out = {.row = &row};
	encode(f, ndr_nspi_get_props_out, &out);
	struct nspi_get_props_out *back = decode_slice(f, "get_props_x.out", buffer_slice(&f->out));
	assert_false(ndr_failed(&f->ndr));
	assert_null(back->row->values[0].string.data);
}

static void an_empty_row_set_is_not_a_null_one(void **state)
{
	struct fixture *f = *state;
	struct mapi_rows rows = {0};
	struct nspi_query_rows_out out = {.rows = &rows};
	encode(f, ndr_nspi_query_rows_out, &out);
	struct nspi_query_rows_out *back =
		decode_slice(f, "query_rows_x.out", buffer_slice(&f->out));
	assert_non_null(back->rows);
	assert_int_equal(back->rows->count, 0);
}

/* One field of a good vector made bad. */
static const struct {
	const char *what, *vector;
	size_t offset;
	uint32_t field;
	enum ndr_error error;
} bad_fields[] = {
	{"max_count of a tag array too large",       "query_rows_container.in",     76,  7,          NDR_BAD_VALUE},
	{"max_count of a tag array below its count", "query_rows_container.in",     76,  3,
         NDR_BAD_VALUE											    },
	{"offset of a tag array",                    "query_rows_container.in",     84,  1,          NDR_BAD_VALUE},
	{"actual_count of a tag array",              "query_rows_container.in",     88,  3,          NDR_BAD_VALUE},
	{"explicit table NULL with a count",         "query_rows_explicit.in",      64,  0,          NDR_BAD_VALUE},
	{"explicit table out of range",              "query_rows_explicit.in",      60,  100001,     NDR_BAD_VALUE},
	{"max_count of the explicit table",          "query_rows_explicit.in",      68,  4,          NDR_BAD_VALUE},
	{"max_count of a row set",                   "query_rows_container.out",    40,  3,          NDR_BAD_VALUE},
	{"rows out of range",                        "query_rows_container.out",    44,  100001,     NDR_BAD_VALUE},
	{"values NULL with a count",                 "query_rows_container.out",    56,  0,          NDR_BAD_VALUE},
	{"values out of range",                      "query_rows_container.out",    52,  100001,     NDR_BAD_VALUE},
	{"max_count of the values",                  "query_rows_container.out",    72,  5,          NDR_BAD_VALUE},
	{"discriminant that is not the tag's type",  "query_rows_container.out",    84,  0x1f,
         NDR_BAD_VALUE											    },
	{"tag of another type",                      "query_rows_container.out",    76,  0x0fff001f, NDR_BAD_VALUE},
	{"binary out of range",                      "query_rows_container.out",    88,  2097153,    NDR_BAD_VALUE},
	{"binary NULL with a size",                  "query_rows_container.out",    92,  0,          NDR_BAD_VALUE},
	{"count of strings",                         "resolve_names_w_plain.in",    88,  100001,     NDR_BAD_VALUE},
	{"max_count of strings",                     "resolve_names_w_plain.in",    84,  1,          NDR_BAD_VALUE},
	{"offset of a string",                       "resolve_names_w_plain.in",    104, 1,          NDR_BAD_VALUE},
	{"string longer than its max_count",         "resolve_names_w_plain.in",    100, 3,          NDR_BAD_VALUE},
	{"restriction that does not exist",          "get_matches_plain.in",        72,  10,         NDR_BAD_VALUE},
	{"discriminant of a restriction",            "get_matches_plain.in",        76,  1,          NDR_BAD_VALUE},
	{"parts of a restriction out of range",      "get_matches_plain.in",        80,  100001,     NDR_BAD_VALUE},
	{"parts of a restriction NULL with a count", "get_matches_plain.in",        84,  0,          NDR_BAD_VALUE},
	{"property names out of range",              "get_ids_from_names_plain.in", 28,  100001,     NDR_BAD_VALUE},
	{"max_count of property names",              "get_ids_from_names_plain.in", 32,  2,          NDR_BAD_VALUE},
	{"entry ids that cannot follow",             "mod_link_att_plain.in",       32,  99999,      NDR_BAD_VALUE},
};

static void a_bad_field_fails(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof bad_fields / sizeof bad_fields[0]; i++) {
		load(f, bad_fields[i].vector);
		put_le32(f->wire.data + bad_fields[i].offset, bad_fields[i].field);
		decode_slice(f, bad_fields[i].vector, buffer_slice(&f->wire));
		if (f->ndr.error != bad_fields[i].error)
			fail_msg("%s: error %d", bad_fields[i].what, f->ndr.error);
	}
}

static void huge_counts_fail_before_anything_is_allocated(void **state)
{
	struct fixture *f = *state;
	load(f, "query_rows_explicit.in");
	put_le32(f->wire.data + 60, 100000);
	put_le32(f->wire.data + 68, 100000);
	decode_slice(f, "query_rows_explicit.in", buffer_slice(&f->wire));
	assert_int_equal(f->ndr.error, NDR_TRUNCATED);
	assert_true(f->arena.used < 4096);
}

/* Types that stand in tags but in no value: unspecified, and instances of a list. */
static void a_value_of_a_type_without_arm_fails(void **state)
{
	static const uint16_t types[] = {PT_UNSPECIFIED, 0x0004, 0x0005, 0x0014, 0x301f};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		load(f, "query_rows_container.out");
		put_le32(f->wire.data + 76, 0x0fff0000u | types[i]);
		put_le32(f->wire.data + 84, types[i]);
		decode_slice(f, "query_rows_container.out", buffer_slice(&f->wire));
		assert_int_equal(f->ndr.error, NDR_BAD_VALUE);
	}
}

/* GetMatches with that many Nots around an Exist, written by hand. */
static void put_nots(struct buffer *wire, unsigned depth)
{
	buffer_clear(wire);
	buffer_put_zeros(wire, 20 + 4 + 36 + 4 + 4);
	buffer_put_u32(wire, 1);
	for (unsigned i = 0; i < depth; i++) {
		buffer_put_u32(wire, RES_NOT);
		buffer_put_u32(wire, RES_NOT);
		buffer_put_u32(wire, 1);
	}
	buffer_put_u32(wire, RES_EXIST);
	buffer_put_u32(wire, RES_EXIST);
	buffer_put_zeros(wire, 12 + 4 + 4 + 4);
}

static void restrictions_nest_so_deep_and_no_deeper(void **state)
{
	struct fixture *f = *state;
	put_nots(&f->wire, RESTRICTION_MAX_DEPTH);
	decode_slice(f, "get_matches_x.in", buffer_slice(&f->wire));
	assert_int_equal(f->ndr.error, NDR_OK);
	put_nots(&f->wire, RESTRICTION_MAX_DEPTH + 1);
	decode_slice(f, "get_matches_x.in", buffer_slice(&f->wire));
	assert_int_equal(f->ndr.error, NDR_TOO_DEEP);
	put_nots(&f->wire, 20000);
	decode_slice(f, "get_matches_x.in", buffer_slice(&f->wire));
	assert_int_equal(f->ndr.error, NDR_TOO_DEEP);
}

static void every_kind_of_restriction_survives_a_round_trip(void **state)
{
	struct fixture *f = *state;
	struct mapi_value name = {.tag = PR_DISPLAY_NAME, .string = slice_of_string("ä")};
	struct mapi_restriction leaf = {
		.type = RES_EXIST, .exist = {0, PR_ACCOUNT, 0}
        };
	struct mapi_restriction all[] = {
		{.type = RES_OR,             .list = {1, &leaf}                            },
		{.type = RES_NOT,            .child = &leaf                                },
		{.type = RES_NOT,            .child = NULL                                 },
		{.type = RES_CONTENT,        .content = {FL_PREFIX, PR_DISPLAY_NAME, &name}},
		{.type = RES_PROPERTY,       .property = {RELOP_GE, PR_DISPLAY_NAME, &name}},
		{.type = RES_COMPAREPROPS,   .compare = {RELOP_EQ, PR_ACCOUNT, PR_TITLE}   },
		{.type = RES_BITMASK,        .bitmask = {BMR_NEZ, PR_DISPLAY_TYPE, 6}      },
		{.type = RES_SIZE,           .size = {RELOP_LT, PR_TITLE, 10}              },
		{.type = RES_SUBRESTRICTION, .sub = {PR_EMS_AB_MEMBER, &leaf}              },
	};
	struct mapi_restriction and = {
		.type = RES_AND, .list = {sizeof all / sizeof all[0], all}
        };
	struct nspi_get_matches_in in = {.filter = &and};
	encode(f, ndr_nspi_get_matches_in, &in);
	buffer_put(&f->wire, f->out.data, f->out.size);
	struct nspi_get_matches_in *back =
		decode_slice(f, "get_matches_x.in", buffer_slice(&f->wire));
	assert_int_equal(f->ndr.error, NDR_OK);
	assert_null(back->filter->list.items[2].child);
	encode(f, ndr_nspi_get_matches_in, back);
	assert_true(slice_equal(buffer_slice(&f->out), buffer_slice(&f->wire)));
}

static void swap_u32s(uint8_t *p, size_t count)
{
	for (; count > 0; count--, p += 4) {
		const uint8_t old[4] = {p[0], p[1], p[2], p[3]};
		for (size_t i = 0; i < 4; i++)
			p[i] = old[3 - i];
	}
}

static void a_big_endian_request_decodes(void **state)
{
	struct fixture *f = *state;
	struct nspi_update_stat_in in = {0};
	load(f, "update_stat_plain.in");
	swap_u32s(f->wire.data + 20, (f->wire.size - 20) / 4);
	ndr_decode_init(&f->ndr, buffer_slice(&f->wire), true, &f->arena);
	ndr_nspi_update_stat_in(&f->ndr, &in);
	assert_false(ndr_failed(&f->ndr));
	assert_int_equal(in.stat.delta, -5);
	assert_int_equal(in.stat.codepage, 1252);
	assert_non_null(in.delta);
}

/* Values point into a snapshot that is mapped read-only. */
static void encoding_writes_to_nothing_that_a_value_borrows(void **state)
{
	static const struct slice items[] = {
		{(const uint8_t *)"a", 1},
		{(const uint8_t *)"b", 1}
        };
	static const struct guid guid;
	static const struct guid *const guids[] = {&guid};
	static const int16_t shorts[] = {1};
	static const int32_t longs[] = {1};
	static const uint64_t times[] = {1};
	struct fixture *f = *state;
	struct mapi_value values[] = {
		{.tag = PT_MV_UNICODE, .slices = {2, items} },
		{.tag = PT_MV_STRING8, .slices = {2, items} },
		{.tag = PT_MV_BINARY,  .slices = {2, items} },
		{.tag = PT_MV_CLSID,   .guids = {1, guids}  },
		{.tag = PT_MV_SHORT,   .shorts = {1, shorts}},
		{.tag = PT_MV_LONG,    .longs = {1, longs}  },
		{.tag = PT_MV_SYSTIME, .times = {1, times}  },
		{.tag = PT_CLSID,      .guid = &guid        },
	};
	struct mapi_row row = {sizeof values / sizeof values[0], values};
	struct nspi_get_props_out out = {.row = &row};
	encode(f, ndr_nspi_get_props_out, &out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_vector_decodes_whole_and_encodes_to_the_same_bytes),
		TEST(every_vector_cut_short_anywhere_fails),
		TEST(every_operation_fails_on_an_empty_stub),
		TEST(an_answer_beyond_the_limit_of_the_buffer_fails),
		TEST(outlook_bind_requests_decode),
		TEST(a_refused_bind_has_no_handle),
		TEST(a_granted_bind_has_guid_and_handle),
		TEST(impacket_query_rows_decodes),
		TEST(impacket_strings_decode),
		TEST(impacket_property_names_decode),
		TEST(impacket_entry_ids_decode),
		TEST(impacket_special_table_decodes_with_bytes_left),
		TEST(single_values_of_impacket_decode),
		TEST(multiple_values_of_impacket_decode),
		TEST(the_row_of_impacket_encodes_to_its_size),
		TEST(a_list_of_times_is_pairs_of_halves),
		TEST(a_null_string_stays_null),
		TEST(an_empty_row_set_is_not_a_null_one),
		TEST(a_bad_field_fails),
		TEST(huge_counts_fail_before_anything_is_allocated),
		TEST(a_value_of_a_type_without_arm_fails),
		TEST(restrictions_nest_so_deep_and_no_deeper),
		TEST(every_kind_of_restriction_survives_a_round_trip),
		TEST(a_big_endian_request_decodes),
		TEST(encoding_writes_to_nothing_that_a_value_borrows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
