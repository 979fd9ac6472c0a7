#include "nspi_book.h"

/* UpdateStat */

static struct nspi_update_stat_out *update(struct book *b, struct nspi_stat stat, int32_t *delta)
{
	struct nspi_update_stat_in in = {
		.handle = b->handle, .reserved = 5, .stat = stat, .delta = delta};

	return ask(b, OP_UPDATE_STAT, &in);
}

static void update_stat_moves_by_delta(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.delta = 3;
	stat.num_pos = 99; /* ignored, like TotalRecs */
	stat.total_recs = 0xFFFFFFFF;
	struct nspi_update_stat_out *out = update(*state, stat, &(int32_t){77});

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_position(&out->stat, 3);
	assert_int_equal(*out->delta, 3);
}

static void update_stat_starts_at_a_mid(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = book_order[4];
	stat.delta = -1;
	struct nspi_update_stat_out *out = update(*state, stat, NULL);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_position(&out->stat, 3);
}

static void update_stat_without_delta_gives_none(void **state)
{
	assert_null(update(*state, book_stat(), NULL)->delta);
}

static void update_stat_stops_before_the_first_row(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = book_order[2];
	stat.delta = INT32_MIN;
	struct nspi_update_stat_out *out = update(*state, stat, &(int32_t){0});

	assert_position(&out->stat, 0);
	assert_int_equal(*out->delta, -2);
}

static void update_stat_stops_one_past_the_last_row(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = book_order[2];
	stat.delta = INT32_MAX;
	struct nspi_update_stat_out *out = update(*state, stat, &(int32_t){0});

	assert_position(&out->stat, BOOK_SIZE);
	assert_int_equal(*out->delta, BOOK_SIZE - 2);
}

static void update_stat_reaches_the_last_page_from_the_end(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = MID_END_OF_TABLE;
	stat.delta = -3;
	struct nspi_update_stat_out *out = update(*state, stat, &(int32_t){0});

	assert_position(&out->stat, BOOK_SIZE - 3);
	assert_int_equal(*out->delta, -3);
}

static void update_stat_at_a_fraction_is_exact(void **state)
{
	static const struct {
		uint32_t num_pos, total;
		int32_t delta;
		uint32_t row;
	} cases[] = {
		{0,          100,        0,  0                },
		{50,         100,        0,  BOOK_SIZE / 2    },
		{99,         100,        0,  BOOK_SIZE - 1    },
		{100,        100,        0,  BOOK_SIZE        },
		{300,        100,        0,  BOOK_SIZE        },
		{50,         100,        -1, BOOK_SIZE / 2 - 1},
		{0xFFFFFFFF, 0xFFFFFFFF, -1, BOOK_SIZE - 1    },
		{5,          0,          0,  0                },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct nspi_stat stat = book_stat();
		stat.current_rec = MID_CURRENT;
		stat.num_pos = cases[i].num_pos;
		stat.total_recs = cases[i].total;
		stat.delta = cases[i].delta;
		struct nspi_update_stat_out *out = update(*state, stat, NULL);
		assert_int_equal(out->status, MAPI_SUCCESS);
		assert_position(&out->stat, cases[i].row);
	}
}

static void assert_update_fails(struct book *b, struct nspi_stat stat, uint32_t status)
{
	struct nspi_update_stat_out *out = update(b, stat, &(int32_t){0});

	assert_int_equal(out->status, status);
	assert_stat_equal(&out->stat, &stat);
}

static void update_stat_does_not_find_rows_that_are_not_there(void **state)
{
	static const uint32_t missing[] = {MISSING, HIDDEN, 3, 0xF, 0xFFFFFFFF};

	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
		struct nspi_stat stat = book_stat();
		stat.current_rec = missing[i];
		stat.delta = 1;
		assert_update_fails(*state, stat, MAPI_E_NOT_FOUND);
	}
}

static void update_stat_wants_a_container(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.container_id = MISSING;
	stat.current_rec = MISSING;
	assert_update_fails(*state, stat, MAPI_E_INVALID_BOOKMARK);
}

static void update_stat_refuses_code_page_1200_first(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.codepage = CP_WINUNICODE;
	stat.container_id = MISSING;
	assert_update_fails(*state, stat, MAPI_E_UNKNOWN_CPID);
}

static void update_stat_leaves_the_other_fields(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.template_locale = 0x407;
	struct nspi_stat out = update(*state, stat, NULL)->stat;

	assert_int_equal(out.sort_type, stat.sort_type);
	assert_int_equal(out.container_id, stat.container_id);
	assert_int_equal(out.codepage, stat.codepage);
	assert_int_equal(out.template_locale, stat.template_locale);
	assert_int_equal(out.sort_locale, stat.sort_locale);
}

/* CompareMIds */

static struct nspi_compare_mids_out *compare(struct book *b, struct nspi_stat stat, uint32_t mid1,
                                             uint32_t mid2)
{
	struct nspi_compare_mids_in in = {
		.handle = b->handle,
		.reserved = 7,
		.stat = stat,
		.mid1 = mid1,
		.mid2 = mid2,
	};

	return ask(b, OP_COMPARE_MIDS, &in);
}

static void compare_mids_tells_which_comes_first(void **state)
{
	assert_true(compare(*state, book_stat(), ANNA, BRUNO)->result < 0);
	assert_true(compare(*state, book_stat(), SALES, BRUNO)->result > 0);
	assert_int_equal(compare(*state, book_stat(), CARLA, CARLA)->result, 0);
}

static void compare_mids_fails_for_what_is_not_in_the_table(void **state)
{
	assert_int_equal(compare(*state, book_stat(), ANNA, MISSING)->status, MAPI_E_CALL_FAILED);
	assert_int_equal(compare(*state, book_stat(), HIDDEN, ANNA)->status, MAPI_E_CALL_FAILED);
	assert_int_equal(compare(*state, book_stat(), MID_BEGINNING_OF_TABLE, ANNA)->status,
	                 MAPI_E_CALL_FAILED);
}

static void compare_mids_checks_code_page_then_container(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.container_id = MISSING;
	assert_int_equal(compare(*state, stat, ANNA, MISSING)->status, MAPI_E_INVALID_BOOKMARK);
	stat.codepage = CP_WINUNICODE;
	assert_int_equal(compare(*state, stat, ANNA, MISSING)->status, MAPI_E_UNKNOWN_CPID);
}

/* ResortRestriction */

static struct nspi_resort_restriction_out *resort(struct book *b, struct nspi_stat stat,
                                                  struct mapi_tags *mids)
{
	struct nspi_resort_restriction_in in = {
		.handle = b->handle,
		.reserved = 3,
		.stat = stat,
		.mids = *mids,
		.out_mids = TAGS(ANNA),
	};

	return ask(b, OP_RESORT_RESTRICTION, &in);
}

static void resort_sorts_and_drops_what_is_gone(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = SALES;
	stat.delta = 4;
	struct nspi_resort_restriction_out *out =
		resort(*state, stat, TAGS(SALES, MISSING, BRUNO, ANNA));

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_tags(out->mids, TAGS(ANNA, BRUNO, SALES));
	assert_int_equal(out->stat.total_recs, 3);
	assert_int_equal(out->stat.current_rec, SALES);
	assert_int_equal(out->stat.num_pos, 2);
	assert_int_equal(out->stat.delta, 4);
}

static void resort_begins_anew_when_the_current_entry_is_not_in_the_list(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = CARLA;
	stat.num_pos = 17;
	struct nspi_resort_restriction_out *out = resort(*state, stat, TAGS(SALES, ANNA));

	assert_int_equal(out->stat.current_rec, MID_BEGINNING_OF_TABLE);
	assert_int_equal(out->stat.num_pos, 0);
	assert_int_equal(out->stat.total_recs, 2);
}

static void resort_of_nothing_is_nothing(void **state)
{
	struct nspi_resort_restriction_out *out = resort(*state, book_stat(), NO_TAGS);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->mids->count, 0);
}

static void assert_resort_fails(struct book *b, struct nspi_stat stat, uint32_t status)
{
	struct nspi_resort_restriction_out *out = resort(b, stat, TAGS(SALES, ANNA));

	assert_int_equal(out->status, status);
	assert_null(out->mids);
	assert_stat_equal(&out->stat, &stat);
}

static void resort_refuses_orders_that_no_table_has(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.sort_type = 0x3E8;
	assert_resort_fails(*state, stat, MAPI_E_CALL_FAILED);
}

static void resort_refuses_code_page_1200_first(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.codepage = CP_WINUNICODE;
	stat.sort_type = 99;
	assert_resort_fails(*state, stat, MAPI_E_UNKNOWN_CPID);
}

static void resort_of_exchange_takes_code_page_1200(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.codepage = CP_WINUNICODE;
	assert_tags(resort(*state, stat, TAGS(SALES, ANNA))->mids, TAGS(ANNA, SALES));
}

static void resort_of_exchange_takes_the_phonetic_order(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.sort_type = TABLE_BY_PHONETIC_NAME;
	assert_int_equal(resort(*state, stat, TAGS(SALES, ANNA))->mids->count, 2);
}

/* A book without entries. */

static int empty_setup(void **state)
{
	struct book *b = book_new(NSPI_PROFILE_DIRECTORY);

	book_publish(b, builder_new(b->directory, NULL));
	book_bind(b);
	*state = b;
	return 0;
}

static void an_empty_table_has_only_its_end(void **state)
{
	static const uint32_t begins[] = {MID_BEGINNING_OF_TABLE, MID_CURRENT, MID_END_OF_TABLE};

	for (size_t i = 0; i < 3; i++) {
		struct nspi_stat stat = book_stat();
		stat.current_rec = begins[i];
		stat.delta = 5;
		stat.total_recs = 9;
		struct nspi_update_stat_out *out = update(*state, stat, &(int32_t){3});
		assert_int_equal(out->status, MAPI_SUCCESS);
		assert_int_equal(out->stat.current_rec, MID_END_OF_TABLE);
		assert_int_equal(out->stat.num_pos, 0);
		assert_int_equal(out->stat.total_recs, 0);
		assert_int_equal(*out->delta, 0);
	}
}

static void an_empty_table_has_no_rows(void **state)
{
	struct book *b = *state;
	struct nspi_query_rows_in in = {.handle = b->handle, .stat = book_stat(), .count = 50};
	struct nspi_query_rows_out *out = ask(b, OP_QUERY_ROWS, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->rows->count, 0);
	assert_int_equal(out->stat.current_rec, MID_END_OF_TABLE);
}

static void nothing_is_found_in_an_empty_table(void **state)
{
	struct book *b = *state;
	struct nspi_seek_entries_in in = {
		.handle = b->handle,
		.stat = book_stat(),
		.target = {.tag = NAME_UNICODE, .string = slice_of_string("A")},
	};
	struct nspi_seek_entries_out *out = ask(b, OP_SEEK_ENTRIES, &in);

	assert_int_equal(out->status, MAPI_E_NOT_FOUND);
}

/* A book of entries that are unlike others: MIds from half of their range on, one without a name.
 */

#define HIGH     0x80000010u
#define HIGHER   0xFFFFFFF0u
#define NAMELESS ENTRY_MID_FIRST

static int odd_setup(void **state)
{
	struct book *b = book_new(NSPI_PROFILE_DIRECTORY);
	struct directory_builder *builder = builder_new(b->directory, NULL);

	book_put(builder, NAMELESS, "CN=Nameless,DC=example,DC=com",
	         "objectClass: user\nmail: nameless@example.com\n");
	book_put(builder, HIGHER, "CN=Aa,DC=example,DC=com",
	         "objectClass: user\ndisplayName: Aa\n");
	book_put(builder, HIGH, "CN=Bb,DC=example,DC=com", "objectClass: user\ndisplayName: Bb\n");
	book_publish(b, builder);
	book_bind(b);
	*state = b;
	return 0;
}

static void mids_may_be_above_0x7fffffff(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = HIGHER;
	stat.delta = 1;

	assert_int_equal(update(*state, stat, NULL)->stat.current_rec, HIGH);
	assert_true(compare(*state, book_stat(), HIGHER, HIGH)->result < 0);
	assert_tags(resort(*state, book_stat(), TAGS(HIGH, HIGHER))->mids, TAGS(HIGHER, HIGH));
	struct nspi_get_props_out *out = book_props(*state, HIGH, TAGS(PR_DISPLAY_NAME));
	assert_text(out->row->values[0].string, "Bb");
}

static void an_entry_without_a_name_is_in_the_table_and_has_one(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = NAMELESS;
	assert_int_equal(update(*state, stat, NULL)->stat.total_recs, 3);

	struct nspi_get_props_out *out =
		book_props(*state, NAMELESS, TAGS(PR_DISPLAY_NAME, NAME_STRING8));
	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_true(out->row->values[0].string.size > 0);
	assert_true(out->row->values[1].string.size > 0);
}

#define ON_ODD(f)   cmocka_unit_test_setup_teardown(f, odd_setup, book_teardown)
#define ON_EMPTY(f) cmocka_unit_test_setup_teardown(f, empty_setup, book_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(update_stat_moves_by_delta),
		ON_BOTH(update_stat_starts_at_a_mid),
		ON_BOTH(update_stat_without_delta_gives_none),
		ON_BOTH(update_stat_stops_before_the_first_row),
		ON_BOTH(update_stat_stops_one_past_the_last_row),
		ON_BOTH(update_stat_reaches_the_last_page_from_the_end),
		ON_BOTH(update_stat_at_a_fraction_is_exact),
		ON_BOTH(update_stat_does_not_find_rows_that_are_not_there),
		ON_BOTH(update_stat_wants_a_container),
		ON_BOTH(update_stat_refuses_code_page_1200_first),
		ON_BOTH(update_stat_leaves_the_other_fields),
		ON_BOTH(compare_mids_tells_which_comes_first),
		ON_BOTH(compare_mids_fails_for_what_is_not_in_the_table),
		ON_BOTH(compare_mids_checks_code_page_then_container),
		ON_BOTH(resort_sorts_and_drops_what_is_gone),
		ON_BOTH(resort_begins_anew_when_the_current_entry_is_not_in_the_list),
		ON_BOTH(resort_of_nothing_is_nothing),
		ON_BOTH(resort_refuses_orders_that_no_table_has),
		ON_DIRECTORY(resort_refuses_code_page_1200_first),
		ON_EXCHANGE(resort_of_exchange_takes_code_page_1200),
		ON_EXCHANGE(resort_of_exchange_takes_the_phonetic_order),
		ON_ODD(mids_may_be_above_0x7fffffff),
		ON_ODD(an_entry_without_a_name_is_in_the_table_and_has_one),
		ON_EMPTY(an_empty_table_has_only_its_end),
		ON_EMPTY(an_empty_table_has_no_rows),
		ON_EMPTY(nothing_is_found_in_an_empty_table),
	};

	return cmocka_run_group_tests_name("nspi tables", tests, NULL, NULL);
}
