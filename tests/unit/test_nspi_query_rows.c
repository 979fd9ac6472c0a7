#include "nspi_book.h"

static struct nspi_query_rows_out *query(struct book *b, struct nspi_stat stat, uint32_t count,
                                         struct mapi_tags *tags)
{
	struct nspi_query_rows_in in = {
		.handle = b->handle, .stat = stat, .count = count, .tags = tags};

	return ask(b, OP_QUERY_ROWS, &in);
}

static struct nspi_query_rows_out *query_list(struct book *b, struct mapi_tags *mids,
                                              uint32_t count, struct mapi_tags *tags)
{
	struct nspi_query_rows_in in = {
		.handle = b->handle,
		.stat = book_stat(),
		.table_count = mids->count,
		.table = mids->items,
		.count = count,
		.tags = tags,
	};

	return ask(b, OP_QUERY_ROWS, &in);
}

static void query_rows_gives_rows_in_order_and_moves_on(void **state)
{
	struct nspi_query_rows_out *out = query(*state, book_stat(), 3, TAGS(PR_INSTANCE_KEY));

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->rows->count, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(instance_of(&out->rows->rows[i]), book_order[i]);
	assert_position(&out->stat, 3);
}

static void query_rows_pages_through_the_whole_book(void **state)
{
	struct nspi_stat stat = book_stat();
	uint32_t seen = 0;

	while (stat.current_rec != MID_END_OF_TABLE) {
		struct nspi_query_rows_out *out = query(*state, stat, 3, TAGS(PR_INSTANCE_KEY));
		for (uint32_t i = 0; i < out->rows->count; i++)
			assert_int_equal(instance_of(&out->rows->rows[i]), book_order[seen++]);
		stat = out->stat;
	}
	assert_int_equal(seen, BOOK_SIZE);
}

static void query_rows_begins_at_the_position_with_delta(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = MID_END_OF_TABLE;
	stat.delta = -2;
	struct nspi_query_rows_out *out = query(*state, stat, 50, TAGS(PR_INSTANCE_KEY));

	assert_int_equal(out->rows->count, 2);
	assert_int_equal(instance_of(&out->rows->rows[0]), book_order[BOOK_SIZE - 2]);
	assert_position(&out->stat, BOOK_SIZE);
}

static void query_rows_at_the_end_gives_no_rows(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = MID_END_OF_TABLE;
	struct nspi_query_rows_out *out = query(*state, stat, 50, NULL);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->rows->count, 0);
	assert_position(&out->stat, BOOK_SIZE);
}

static void query_rows_has_seven_columns_of_its_own(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = ANNA;
	const struct mapi_value *v = query(*state, stat, 1, NULL)->rows->rows[0].values;

	assert_int_equal(v[0].tag, PR_EMS_AB_CONTAINERID);
	assert_int_equal(v[1].tag, PR_OBJECT_TYPE);
	assert_int_equal(v[1].long_value, MAPI_MAILUSER);
	assert_int_equal(v[2].tag, PR_DISPLAY_TYPE);
	assert_int_equal(v[2].long_value, DT_MAILUSER);
	assert_int_equal(v[3].tag, NAME_STRING8);
	assert_text(v[3].string, "Anna Berg");
	assert_int_equal(v[4].tag, 0x3A1A001E);
	assert_text(v[4].string, "+49 30 1");
	assert_int_equal(v[5].tag, 0x3A18001E);
	assert_text(v[5].string, "Sales");
	assert_int_equal(v[6].tag, 0x3A19001E);
	assert_text(v[6].string, "Berlin");
}

static void query_rows_of_a_list_leaves_stat_alone(void **state)
{
	struct nspi_query_rows_out *out =
		query_list(*state, TAGS(SALES, ANNA, SALES), 50, TAGS(PR_INSTANCE_KEY));
	struct nspi_stat stat = book_stat();

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->rows->count, 3);
	assert_int_equal(instance_of(&out->rows->rows[0]), SALES);
	assert_int_equal(instance_of(&out->rows->rows[1]), ANNA);
	assert_int_equal(instance_of(&out->rows->rows[2]), SALES);
	assert_stat_equal(&out->stat, &stat);
}

static void query_rows_of_a_list_stops_at_count(void **state)
{
	assert_int_equal(query_list(*state, TAGS(SALES, ANNA), 1, NULL)->rows->count, 1);
	assert_int_equal(query_list(*state, TAGS(SALES, ANNA), 0, NULL)->rows->count, 0);
}

static void query_rows_of_a_list_needs_no_container(void **state)
{
	struct book *b = *state;
	struct nspi_query_rows_in in = {
		.handle = b->handle,
		.stat = book_stat(),
		.table_count = 1,
		.table = (uint32_t[]){ANNA},
		.count = 1,
	};

	in.stat.container_id = MISSING;
	struct nspi_query_rows_out *out = ask(b, OP_QUERY_ROWS, &in);
	assert_int_equal(out->status, MAPI_SUCCESS);
}

static void query_rows_gives_a_row_of_errors_for_a_mid_that_is_gone(void **state)
{
	struct nspi_query_rows_out *out =
		query_list(*state, TAGS(MISSING, MID_CURRENT), 2, TAGS(NAME_UNICODE, PR_ENTRYID));

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->rows->count, 2);
	for (uint32_t i = 0; i < 2; i++) {
		const struct mapi_value *v = out->rows->rows[i].values;
		assert_int_equal(v[0].tag, 0x3001000A);
		assert_int_equal(v[0].error, MAPI_E_NOT_FOUND);
		assert_int_equal(v[1].tag, 0x0FFF000A);
	}
}

static void query_rows_swallows_values_that_are_missing(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = SALES;
	struct nspi_query_rows_out *out = query(*state, stat, 1, TAGS(NAME_UNICODE, PR_GIVEN_NAME));

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->rows->rows[0].values[0].tag, NAME_UNICODE);
	assert_int_equal(out->rows->rows[0].values[1].tag, 0x3A06000A);
}

static void query_rows_gives_entry_ids_in_the_form_asked_for(void **state)
{
	struct book *b = *state;
	struct nspi_query_rows_in in = {
		.handle = b->handle,
		.flags = NSPI_EPHEMERAL_IDS,
		.stat = book_stat(),
		.count = 1,
		.tags = TAGS(PR_ENTRYID),
	};
	struct entryid id = {0};
	struct nspi_query_rows_out *out = ask(b, OP_QUERY_ROWS, &in);

	assert_true(entryid_parse(out->rows->rows[0].values[0].binary, &b->server_guid, &id));
	assert_true(id.ephemeral);
	assert_int_equal(id.mid, book_order[0]);
}

static void assert_query_fails(struct book *b, struct nspi_stat stat, uint32_t count,
                               uint32_t status)
{
	struct nspi_query_rows_out *out = query(b, stat, count, NULL);

	assert_int_equal(out->status, status);
	assert_null(out->rows);
	assert_stat_equal(&out->stat, &stat);
}

static void query_rows_of_no_rows_is_an_invalid_parameter(void **state)
{
	assert_query_fails(*state, book_stat(), 0, MAPI_E_INVALID_PARAMETER);
}

static void query_rows_wants_a_container(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.container_id = MISSING;
	assert_query_fails(*state, stat, 10, MAPI_E_INVALID_BOOKMARK);
}

static void query_rows_refuses_code_page_1200_first(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.codepage = CP_WINUNICODE;
	stat.container_id = MISSING;
	assert_query_fails(*state, stat, 0, MAPI_E_UNKNOWN_CPID);
}

static void query_rows_does_not_know_8_bit_strings_of_an_unknown_code_page(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.codepage = 99999;
	assert_query_fails(*state, stat, 10, MAPI_E_UNKNOWN_CPID);
	assert_int_equal(query(*state, stat, 10, TAGS(NAME_UNICODE))->status, MAPI_SUCCESS);
}

static void query_rows_takes_mid_current_for_no_row(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.current_rec = MID_CURRENT;
	assert_query_fails(*state, stat, 10, MAPI_E_NOT_FOUND);
}

static void query_rows_answers_too_many_columns_with_table_too_big(void **state)
{
	static uint32_t many[100000];
	struct mapi_tags tags = {.count = 100000, .items = many};
	struct nspi_query_rows_out *out = query(*state, book_stat(), 1, &tags);

	assert_int_equal(out->status, MAPI_E_TABLE_TOO_BIG);
	assert_null(out->rows);
}

static void query_rows_gives_no_more_rows_than_the_operator_allows(void **state)
{
	book_set_limits(*state, 3, 1 << 20);
	struct nspi_query_rows_out *out = query(*state, book_stat(), 50, NULL);

	assert_int_equal(out->rows->count, 3);
	assert_position(&out->stat, 3);
}

static void query_rows_gives_at_least_one_row_however_large(void **state)
{
	book_set_limits(*state, 1000, 1);
	struct nspi_query_rows_out *out = query(*state, book_stat(), 50, NULL);

	assert_int_equal(out->rows->count, 1);
	assert_position(&out->stat, 1);
}

static void query_rows_stops_where_the_answer_is_full_and_goes_on_from_there(void **state)
{
	struct nspi_stat stat = book_stat();
	uint32_t seen = 0, calls = 0;

	book_set_limits(*state, 1000, 600);
	for (; stat.current_rec != MID_END_OF_TABLE; calls++) {
		struct nspi_query_rows_out *out = query(*state, stat, 50, NULL);
		assert_true(out->rows->count > 0);
		seen += out->rows->count;
		stat = out->stat;
	}
	assert_int_equal(seen, BOOK_SIZE);
	assert_true(calls > 1);
}

static void query_rows_yields_in_a_long_list(void **state)
{
	enum { LONG = 20000 };
	struct book *b = *state;
	uint32_t *mids = xcalloc(LONG, sizeof *mids);

	for (size_t i = 0; i < LONG; i++)
		mids[i] = ANNA;
	book_set_limits(b, LONG, UINT32_MAX);
	struct mapi_tags list = {.count = LONG, .items = mids};
	struct nspi_query_rows_out *out =
		query_list(b, &list, LONG, TAGS(PR_INSTANCE_KEY, NAME_UNICODE, PR_SEARCH_KEY));
	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->rows->count, LONG);
	assert_int_equal(instance_of(&out->rows->rows[LONG - 1]), ANNA);
	assert_true(b->yields > 0);
	free(mids);
}

static void query_rows_gives_what_fits_in_memory(void **state)
{
	struct book *b = *state;
	uint32_t mids[2000];

	for (size_t i = 0; i < 2000; i++)
		mids[i] = ANNA;
	book_set_limits(b, 2000, UINT32_MAX);
	book_end_call(b);
	arena_free(&b->arena);
	arena_init(&b->arena, 100000);
	struct mapi_tags list = {.count = 2000, .items = mids};
	struct nspi_query_rows_out *out =
		query_list(b, &list, 2000, TAGS(PR_SEARCH_KEY, PR_ENTRYID));
	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_in_range(out->rows->count, 1, 1999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(query_rows_gives_rows_in_order_and_moves_on),
		ON_BOTH(query_rows_pages_through_the_whole_book),
		ON_BOTH(query_rows_begins_at_the_position_with_delta),
		ON_BOTH(query_rows_at_the_end_gives_no_rows),
		ON_BOTH(query_rows_has_seven_columns_of_its_own),
		ON_BOTH(query_rows_of_a_list_leaves_stat_alone),
		ON_BOTH(query_rows_of_a_list_stops_at_count),
		ON_BOTH(query_rows_of_a_list_needs_no_container),
		ON_BOTH(query_rows_gives_a_row_of_errors_for_a_mid_that_is_gone),
		ON_BOTH(query_rows_swallows_values_that_are_missing),
		ON_BOTH(query_rows_gives_entry_ids_in_the_form_asked_for),
		ON_BOTH(query_rows_of_no_rows_is_an_invalid_parameter),
		ON_BOTH(query_rows_wants_a_container),
		ON_BOTH(query_rows_refuses_code_page_1200_first),
		ON_BOTH(query_rows_does_not_know_8_bit_strings_of_an_unknown_code_page),
		ON_BOTH(query_rows_takes_mid_current_for_no_row),
		ON_BOTH(query_rows_answers_too_many_columns_with_table_too_big),
		ON_DIRECTORY(query_rows_gives_no_more_rows_than_the_operator_allows),
		ON_DIRECTORY(query_rows_gives_at_least_one_row_however_large),
		ON_DIRECTORY(query_rows_stops_where_the_answer_is_full_and_goes_on_from_there),
		ON_DIRECTORY(query_rows_yields_in_a_long_list),
		ON_DIRECTORY(query_rows_gives_what_fits_in_memory),
	};

	return cmocka_run_group_tests_name("nspi query rows", tests, NULL, NULL);
}
