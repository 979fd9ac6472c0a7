#include "nspi_book.h"

static struct nspi_seek_entries_in seek_for(const struct book *b, mapi_tag tag, const char *name)
{
	return (struct nspi_seek_entries_in){
		.handle = b->handle,
		.stat = book_stat(),
		.target = {.tag = tag, .string = slice_of_string(name)},
	};
}

static struct nspi_seek_entries_out *seek(struct book *b, mapi_tag tag, const char *name)
{
	struct nspi_seek_entries_in in = seek_for(b, tag, name);

	return ask(b, OP_SEEK_ENTRIES, &in);
}

static void assert_seek_fails(struct book *b, struct nspi_seek_entries_in *in, uint32_t status)
{
	struct nspi_seek_entries_out *out = ask(b, OP_SEEK_ENTRIES, in);

	assert_int_equal(out->status, status);
	assert_null(out->rows);
	assert_stat_equal(&out->stat, &in->stat);
}

static void seek_entries_finds_the_first_row_not_less(void **state)
{
	struct nspi_seek_entries_out *out = seek(*state, NAME_UNICODE, "Bruno");

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_null(out->rows);
	assert_int_equal(out->stat.current_rec, BRUNO);
	assert_int_equal(out->stat.num_pos, 2);
	assert_int_equal(out->stat.total_recs, BOOK_SIZE);
}

static void seek_entries_takes_both_string_types(void **state)
{
	assert_int_equal(seek(*state, NAME_UNICODE, "\xC3\x89mile")->stat.current_rec, EMILE);
	assert_int_equal(seek(*state, NAME_STRING8, "\xC9mile")->stat.current_rec, EMILE);
}

static void seek_entries_finds_the_first_row_for_an_empty_name(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "");
	assert_int_equal(((struct nspi_seek_entries_out *)ask(*state, OP_SEEK_ENTRIES, &in))
	                         ->stat.current_rec,
	                 ANNA);
	in.target.string = slice_of(NULL, 0);
	assert_int_equal(((struct nspi_seek_entries_out *)ask(*state, OP_SEEK_ENTRIES, &in))
	                         ->stat.current_rec,
	                 ANNA);
}

static void seek_entries_does_not_find_what_is_behind_the_last_row(void **state)
{
	struct nspi_seek_entries_in in =
		seek_for(*state, NAME_UNICODE, "\xE9\xBE\x98\xE9\xBE\x98\xE9\xBE\x98");

	assert_seek_fails(*state, &in, MAPI_E_NOT_FOUND);
}

static void seek_entries_leaves_delta_alone(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "Carla");
	in.stat.delta = 5;
	struct nspi_seek_entries_out *out = ask(*state, OP_SEEK_ENTRIES, &in);

	assert_int_equal(out->stat.delta, 5);
}

static void seek_entries_gives_rows_from_the_place_it_found(void **state)
{
	struct book *b = *state;
	struct nspi_seek_entries_in in = seek_for(b, NAME_UNICODE, "Room");
	struct entryid id = {0};
	in.tags = TAGS(PR_INSTANCE_KEY, PR_ENTRYID);
	struct nspi_seek_entries_out *out = ask(b, OP_SEEK_ENTRIES, &in);

	assert_int_equal(out->rows->count, 3);
	assert_int_equal(instance_of(&out->rows->rows[0]), ROOM);
	assert_int_equal(instance_of(&out->rows->rows[2]), WANG);
	assert_true(entryid_parse(out->rows->rows[0].values[1].binary, &b->server_guid, &id));
	assert_true(id.ephemeral);
	assert_int_equal(out->stat.current_rec, ROOM);
	assert_int_equal(out->stat.num_pos, 5);
}

static void seek_entries_in_a_list_counts_places_in_the_list(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "Carla");
	in.table = TAGS(ANNA, CARLA, SALES);
	in.tags = TAGS(PR_INSTANCE_KEY);
	struct nspi_seek_entries_out *out = ask(*state, OP_SEEK_ENTRIES, &in);

	assert_int_equal(out->stat.current_rec, CARLA);
	assert_int_equal(out->stat.num_pos, 1);
	assert_int_equal(out->stat.total_recs, 3);
	assert_int_equal(out->rows->count, 2);
	assert_int_equal(instance_of(&out->rows->rows[1]), SALES);
}

static void seek_entries_in_a_list_passes_over_entries_that_are_gone(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "Carla");
	in.table = TAGS(ANNA, MISSING, CARLA, MISSING + 1, SALES);
	struct nspi_seek_entries_out *out = ask(*state, OP_SEEK_ENTRIES, &in);

	assert_int_equal(out->stat.current_rec, CARLA);
	assert_int_equal(out->stat.num_pos, 2);
	assert_int_equal(out->stat.total_recs, 5);
}

static void seek_entries_in_a_list_may_find_nothing(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "Zz");

	in.table = TAGS(ANNA, CARLA);
	assert_seek_fails(*state, &in, MAPI_E_NOT_FOUND);
}

static void seek_entries_in_an_empty_list_finds_nothing(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "A");

	in.table = NO_TAGS;
	assert_seek_fails(*state, &in, MAPI_E_NOT_FOUND);
}

static void seek_entries_of_exchange_takes_an_empty_list_for_none(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "A");
	in.table = NO_TAGS;
	struct nspi_seek_entries_out *out = ask(*state, OP_SEEK_ENTRIES, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->stat.current_rec, ANNA);
}

static void seek_entries_refuses_other_targets(void **state)
{
	static const mapi_tag tags[] = {PR_SURNAME, 0x30010003, 0x3001101F,
	                                PR_EMS_AB_PHONETIC_DISPLAY_NAME};

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		struct nspi_seek_entries_in in = seek_for(*state, tags[i], "A");
		assert_seek_fails(*state, &in, MAPI_E_CALL_FAILED);
	}
}

static void seek_entries_refuses_other_orders(void **state)
{
	static const uint32_t sorts[] = {1, 2, 4, 0x3E8, 0x3E9, 0xFFFFFFFF};

	for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
		struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "A");
		in.stat.sort_type = sorts[i];
		assert_seek_fails(*state, &in, MAPI_E_CALL_FAILED);
	}
}

static void seek_entries_of_exchange_knows_no_phonetic_order(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, PR_EMS_AB_PHONETIC_DISPLAY_NAME, "A");

	in.stat.sort_type = TABLE_BY_PHONETIC_NAME;
	assert_seek_fails(*state, &in, MAPI_E_CALL_FAILED);
}

static void seek_entries_looks_for_the_container_before_the_order(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "A");

	in.stat.container_id = MISSING;
	in.stat.sort_type = 99;
	assert_seek_fails(*state, &in, MAPI_E_INVALID_BOOKMARK);
}

static void seek_entries_refuses_a_reserved_value_before_the_container(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "A");

	in.reserved = 1;
	in.stat.container_id = MISSING;
	assert_seek_fails(*state, &in, MAPI_E_CALL_FAILED);
}

static void seek_entries_of_exchange_ignores_the_reserved_value(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "A");

	in.reserved = 1;
	struct nspi_seek_entries_out *out = ask(*state, OP_SEEK_ENTRIES, &in);
	assert_int_equal(out->status, MAPI_SUCCESS);
}

static void seek_entries_refuses_code_page_1200_first(void **state)
{
	struct nspi_seek_entries_in in = seek_for(*state, NAME_UNICODE, "A");

	in.stat.codepage = CP_WINUNICODE;
	in.reserved = 1;
	assert_seek_fails(*state, &in, MAPI_E_UNKNOWN_CPID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(seek_entries_finds_the_first_row_not_less),
		ON_BOTH(seek_entries_takes_both_string_types),
		ON_BOTH(seek_entries_finds_the_first_row_for_an_empty_name),
		ON_BOTH(seek_entries_does_not_find_what_is_behind_the_last_row),
		ON_BOTH(seek_entries_leaves_delta_alone),
		ON_BOTH(seek_entries_gives_rows_from_the_place_it_found),
		ON_BOTH(seek_entries_in_a_list_counts_places_in_the_list),
		ON_BOTH(seek_entries_in_a_list_passes_over_entries_that_are_gone),
		ON_BOTH(seek_entries_in_a_list_may_find_nothing),
		ON_DIRECTORY(seek_entries_in_an_empty_list_finds_nothing),
		ON_EXCHANGE(seek_entries_of_exchange_takes_an_empty_list_for_none),
		ON_BOTH(seek_entries_refuses_other_targets),
		ON_BOTH(seek_entries_refuses_other_orders),
		ON_EXCHANGE(seek_entries_of_exchange_knows_no_phonetic_order),
		ON_BOTH(seek_entries_looks_for_the_container_before_the_order),
		ON_DIRECTORY(seek_entries_refuses_a_reserved_value_before_the_container),
		ON_EXCHANGE(seek_entries_of_exchange_ignores_the_reserved_value),
		ON_BOTH(seek_entries_refuses_code_page_1200_first),
	};

	return cmocka_run_group_tests_name("nspi seek", tests, NULL, NULL);
}
