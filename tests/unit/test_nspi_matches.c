#include "nspi_book.h"

#include "nspi/position-private.h"

static struct nspi_get_matches_in matches(const struct book *b, struct mapi_restriction *filter)
{
	return (struct nspi_get_matches_in){
		.handle = b->handle,
		.stat = book_stat(),
		.reserved2 = 77,
		.filter = filter,
		.requested = 100,
	};
}

static struct nspi_get_matches_out *match(struct book *b, struct mapi_restriction *filter)
{
	struct nspi_get_matches_in in = matches(b, filter);

	return ask(b, OP_GET_MATCHES, &in);
}

static void assert_matches_fail(struct book *b, struct nspi_get_matches_in *in, uint32_t status)
{
	struct nspi_get_matches_out *out = ask(b, OP_GET_MATCHES, in);

	assert_int_equal(out->status, status);
	assert_null(out->mids);
	assert_null(out->rows);
	assert_stat_equal(&out->stat, &in->stat);
}

#define PROPERTY(op, t, text)                                                                      \
	{                                                                                          \
		.type = RES_PROPERTY,                                                              \
		.property = {                                                                      \
			.relop = op,                                                               \
			.tag = t,                                                                  \
			.value = &(struct mapi_value){.tag = t,                                    \
		                                      .string = {(const uint8_t *)(text),          \
		                                                 sizeof(text) - 1}},               \
		},                                                                                 \
	}
#define CONTENT(level, t, text)                                                                    \
	{                                                                                          \
		.type = RES_CONTENT,                                                               \
		.content = {                                                                       \
			.fuzzy = level,                                                            \
			.tag = t,                                                                  \
			.value = &(struct mapi_value){.tag = t,                                    \
		                                      .string = {(const uint8_t *)(text),          \
		                                                 sizeof(text) - 1}},               \
		},                                                                                 \
	}

static void a_filter_on_a_property_matches_equal_values(void **state)
{
	struct mapi_restriction filter = PROPERTY(RELOP_EQ, PR_DEPARTMENT_NAME, "Sales");

	assert_tags(match(*state, &filter)->mids, TAGS(ANNA, BRUNO));
}

static void a_filter_on_content_matches_prefixes_without_case(void **state)
{
	struct mapi_restriction filter =
		CONTENT(FL_PREFIX | FL_IGNORECASE << 16, PR_SURNAME, "kel");

	assert_tags(match(*state, &filter)->mids, TAGS(BRUNO, CARLA));
}

static void filters_take_8_bit_strings_in_the_code_page_of_stat(void **state)
{
	struct mapi_restriction filter = PROPERTY(RELOP_EQ, 0x3A06001E, "\xC9mile");

	assert_tags(match(*state, &filter)->mids, TAGS(EMILE));
}

static void a_filter_in_an_unknown_code_page_is_refused(void **state)
{
	struct mapi_restriction name = PROPERTY(RELOP_EQ, 0x3A06001E, "Anna");
	struct mapi_restriction list = {
		.type = RES_OR, .list = {.count = 1, .items = &name}
        };
	struct mapi_restriction filter = {.type = RES_NOT, .child = &list};
	struct nspi_get_matches_in in = matches(*state, &filter);

	in.stat.codepage = 99999;
	assert_matches_fail(*state, &in, MAPI_E_UNKNOWN_CPID);
	name.property.value->tag = PR_GIVEN_NAME;
	name.property.tag = PR_GIVEN_NAME;
	struct nspi_get_matches_out *out = ask(*state, OP_GET_MATCHES, &in);
	assert_int_equal(out->status, MAPI_SUCCESS);
}

static void filters_are_joined_by_and_or_and_not(void **state)
{
	struct mapi_restriction parts[] = {
		PROPERTY(RELOP_EQ, PR_DEPARTMENT_NAME, "Sales"),
		PROPERTY(RELOP_EQ, PR_SURNAME, "Keller"),
	};
	struct mapi_restriction both = {
		.type = RES_AND, .list = {.count = 2, .items = parts}
        };
	struct mapi_restriction either = {
		.type = RES_OR, .list = {.count = 2, .items = parts}
        };
	struct mapi_restriction not_sales[] = {
		{.type = RES_NOT, .child = &parts[0]},
		parts[1],
	};
	struct mapi_restriction other = {
		.type = RES_AND, .list = {.count = 2, .items = not_sales}
        };

	assert_tags(match(*state, &both)->mids, TAGS(BRUNO));
	assert_tags(match(*state, &either)->mids, TAGS(ANNA, BRUNO, CARLA));
	assert_tags(match(*state, &other)->mids, TAGS(CARLA));
}

static void a_filter_on_existence_matches_what_has_a_value(void **state)
{
	struct mapi_restriction filter = {.type = RES_EXIST, .exist = {.tag = PR_TITLE}};

	assert_tags(match(*state, &filter)->mids, TAGS(ANNA));
}

static void a_filter_on_anr_resolves_a_name(void **state)
{
	struct mapi_restriction filter = PROPERTY(RELOP_EQ, PR_ANR, "keller");

	assert_tags(match(*state, &filter)->mids, TAGS(BRUNO, CARLA));
}

static void hidden_entries_match_nothing(void **state)
{
	struct mapi_restriction filter = {.type = RES_EXIST, .exist = {.tag = PR_DISPLAY_NAME}};
	struct nspi_get_matches_out *out = match(*state, &filter);

	assert_int_equal(out->mids->count, BOOK_SIZE);
	for (uint32_t i = 0; i < BOOK_SIZE; i++)
		assert_int_equal(out->mids->items[i], book_order[i]);
}

static void no_match_is_an_empty_list(void **state)
{
	struct mapi_restriction filter = PROPERTY(RELOP_EQ, PR_SURNAME, "Nobody");
	struct nspi_get_matches_in in = matches(*state, &filter);
	in.tags = TAGS(PR_DISPLAY_NAME);
	struct nspi_get_matches_out *out = ask(*state, OP_GET_MATCHES, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->mids->count, 0);
	assert_int_equal(out->rows->count, 0);
}

static void matches_come_with_rows_when_columns_are_named(void **state)
{
	struct book *b = *state;
	struct mapi_restriction filter = PROPERTY(RELOP_EQ, PR_SURNAME, "Keller");
	struct nspi_get_matches_in in = matches(b, &filter);
	struct entryid id = {0};
	in.tags = TAGS(PR_DISPLAY_NAME, PR_ENTRYID);
	struct nspi_get_matches_out *out = ask(b, OP_GET_MATCHES, &in);

	assert_int_equal(out->rows->count, 2);
	assert_row_text(out->rows, 0, "Bruno Keller");
	assert_row_text(out->rows, 1, "Carla Keller");
	assert_true(entryid_parse(out->rows->rows[0].values[1].binary, &b->server_guid, &id));
	assert_true(id.ephemeral);
	assert_null(match(b, &filter)->rows);
}

static void the_position_does_not_narrow_a_search(void **state)
{
	struct mapi_restriction filter = PROPERTY(RELOP_EQ, PR_SURNAME, "Keller");
	struct nspi_get_matches_in in = matches(*state, &filter);
	in.stat.current_rec = WANG;
	in.stat.delta = 9;
	struct nspi_get_matches_out *out = ask(*state, OP_GET_MATCHES, &in);

	assert_tags(out->mids, TAGS(BRUNO, CARLA));
	in.stat.container_id = WANG;
	assert_stat_equal(&out->stat, &in.stat);
}

static void more_matches_than_asked_for_are_too_many(void **state)
{
	struct mapi_restriction filter = PROPERTY(RELOP_EQ, PR_SURNAME, "Keller");
	struct nspi_get_matches_in in = matches(*state, &filter);

	in.requested = 1;
	assert_matches_fail(*state, &in, MAPI_E_TABLE_TOO_BIG);
	in.requested = 0;
	assert_matches_fail(*state, &in, MAPI_E_TABLE_TOO_BIG);
	in.requested = 2;
	struct nspi_get_matches_out *out = ask(*state, OP_GET_MATCHES, &in);
	assert_int_equal(out->status, MAPI_SUCCESS);
}

static void more_matches_than_the_operator_allows_are_too_many(void **state)
{
	const struct nspi_settings settings = {
		.max_rows = 9, .max_answer_bytes = 9999, .max_matches = 1};
	struct book *b = *state;
	struct mapi_restriction filter = PROPERTY(RELOP_EQ, PR_SURNAME, "Keller");
	struct nspi_get_matches_in in = matches(b, &filter);

	nspi_service_set_settings(b->service, &settings);
	assert_matches_fail(b, &in, MAPI_E_TABLE_TOO_BIG);
}

/* The order of checks. */

static void matches_check_their_arguments_in_order(void **state)
{
	struct mapi_restriction filter = {.type = RES_EXIST, .exist = {.tag = PR_TITLE}};
	struct nspi_get_matches_in in = matches(*state, &filter);

	in.stat.container_id = MISSING;
	assert_matches_fail(*state, &in, MAPI_E_INVALID_BOOKMARK);
	in.reserved = TAGS(ANNA);
	assert_matches_fail(*state, &in, MAPI_E_TOO_COMPLEX);
	in.reserved1 = 1;
	assert_matches_fail(*state, &in, MAPI_E_CALL_FAILED);
	in.stat.codepage = CP_WINUNICODE;
	assert_matches_fail(*state, &in, MAPI_E_UNKNOWN_CPID);
}

static void a_filter_wants_the_order_of_a_table(void **state)
{
	struct mapi_restriction filter = {.type = RES_EXIST, .exist = {.tag = PR_TITLE}};
	struct nspi_get_matches_in in = matches(*state, &filter);

	in.stat.sort_type = SORT_DISPLAY_NAME_RO;
	assert_matches_fail(*state, &in, MAPI_E_CALL_FAILED);
}

static void a_list_of_mids_is_too_complex_even_without_a_filter(void **state)
{
	struct nspi_get_matches_in in = matches(*state, NULL);

	in.stat.sort_type = SORT_DISPLAY_NAME_RO;
	in.reserved = TAGS(ANNA);
	assert_matches_fail(*state, &in, MAPI_E_TOO_COMPLEX);
}

static void exchange_ignores_the_reserved_number(void **state)
{
	struct mapi_restriction filter = {.type = RES_EXIST, .exist = {.tag = PR_TITLE}};
	struct nspi_get_matches_in in = matches(*state, &filter);

	in.reserved1 = 1;
	struct nspi_get_matches_out *out = ask(*state, OP_GET_MATCHES, &in);
	assert_int_equal(out->status, MAPI_SUCCESS);
}

static void exchange_takes_back_the_container_that_it_gave(void **state)
{
	struct mapi_restriction filter = PROPERTY(RELOP_EQ, PR_SURNAME, "Keller");
	struct nspi_get_matches_in in = matches(*state, &filter);

	in.stat.container_id = SALES;
	struct nspi_get_matches_out *out = ask(*state, OP_GET_MATCHES, &in);
	assert_tags(out->mids, TAGS(BRUNO, CARLA));
	in.stat.container_id = MISSING;
	assert_matches_fail(*state, &in, MAPI_E_INVALID_BOOKMARK);
}

/* Links: no filter. */

static struct nspi_get_matches_in links(const struct book *b, uint32_t mid, mapi_tag tag)
{
	struct nspi_get_matches_in in = matches(b, NULL);

	in.stat.sort_type = SORT_DISPLAY_NAME_RO;
	in.stat.current_rec = mid;
	in.stat.container_id = tag;
	return in;
}

static void members_of_a_group_come_by_name(void **state)
{
	struct nspi_get_matches_in in = links(*state, SALES, PR_EMS_AB_MEMBER);
	in.tags = TAGS(PR_DISPLAY_NAME);
	struct nspi_get_matches_out *out = ask(*state, OP_GET_MATCHES, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_tags(out->mids, TAGS(ANNA, CARLA));
	assert_row_text(out->rows, 1, "Carla Keller");
	in.stat.container_id = SALES;
	assert_stat_equal(&out->stat, &in.stat);
}

static void back_links_are_read_as_links(void **state)
{
	struct nspi_get_matches_in in = links(*state, ANNA, PR_EMS_AB_REPORTS);
	assert_tags(((struct nspi_get_matches_out *)ask(*state, OP_GET_MATCHES, &in))->mids,
	            TAGS(BRUNO, CARLA));
	in = links(*state, ANNA, PR_EMS_AB_IS_MEMBER_OF_DL);
	assert_tags(((struct nspi_get_matches_out *)ask(*state, OP_GET_MATCHES, &in))->mids,
	            TAGS(SALES));
	in = links(*state, BRUNO, PR_EMS_AB_MANAGER);
	assert_tags(((struct nspi_get_matches_out *)ask(*state, OP_GET_MATCHES, &in))->mids,
	            TAGS(ANNA));
}

static void a_link_can_be_named_in_full(void **state)
{
	struct nspi_name name = {.guid = &PS_MAPI, .id = (int32_t)PR_EMS_AB_MEMBER};
	struct nspi_get_matches_in in = links(*state, SALES, PR_EMS_AB_MANAGER);

	in.name = &name;
	assert_tags(((struct nspi_get_matches_out *)ask(*state, OP_GET_MATCHES, &in))->mids,
	            TAGS(ANNA, CARLA));
	name.guid = &GUID_NSPI;
	assert_matches_fail(*state, &in, MAPI_E_NO_SUPPORT);
}

static void a_link_without_values_is_an_empty_table(void **state)
{
	struct nspi_get_matches_in in = links(*state, ANNA, PR_EMS_AB_MANAGER);
	struct nspi_get_matches_out *out = ask(*state, OP_GET_MATCHES, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->mids->count, 0);
}

static void a_property_that_is_no_link_is_not_supported(void **state)
{
	static const mapi_tag tags[] = {PR_DISPLAY_NAME, 0x1234000D, 0};

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		struct nspi_get_matches_in in = links(*state, SALES, tags[i]);
		assert_matches_fail(*state, &in, MAPI_E_NO_SUPPORT);
	}
}

static void a_link_of_nobody_fails(void **state)
{
	struct nspi_get_matches_in in = links(*state, MISSING, PR_EMS_AB_MEMBER);

	assert_matches_fail(*state, &in, MAPI_E_CALL_FAILED);
}

static void a_table_to_write_to_is_for_links_that_change(void **state)
{
	struct nspi_get_matches_in in = links(*state, SALES, PR_EMS_AB_MEMBER);

	in.stat.sort_type = SORT_DISPLAY_NAME_W;
	assert_tags(((struct nspi_get_matches_out *)ask(*state, OP_GET_MATCHES, &in))->mids,
	            TAGS(ANNA, CARLA));
	in.stat.container_id = PR_EMS_AB_MANAGER;
	assert_matches_fail(*state, &in, MAPI_E_NO_SUPPORT);
	in = links(*state, ANNA, PR_EMS_AB_MEMBER);
	in.stat.sort_type = SORT_DISPLAY_NAME_W;
	assert_matches_fail(*state, &in, MAPI_E_NO_SUPPORT);
}

static void more_members_than_asked_for_are_too_many(void **state)
{
	struct nspi_get_matches_in in = links(*state, SALES, PR_EMS_AB_MEMBER);

	in.requested = 1;
	assert_matches_fail(*state, &in, MAPI_E_TABLE_TOO_BIG);
}

static void links_in_the_order_of_a_table_want_a_container(void **state)
{
	struct nspi_get_matches_in in = links(*state, SALES, PR_EMS_AB_MEMBER);

	in.stat.sort_type = TABLE_BY_DISPLAY_NAME;
	assert_matches_fail(*state, &in, MAPI_E_INVALID_BOOKMARK);
}

static void links_of_exchange_want_no_container(void **state)
{
	struct nspi_get_matches_in in = links(*state, SALES, PR_EMS_AB_MEMBER);

	in.stat.sort_type = TABLE_BY_DISPLAY_NAME;
	struct nspi_get_matches_out *out = ask(*state, OP_GET_MATCHES, &in);
	assert_tags(out->mids, TAGS(ANNA, CARLA));
}

/* A scan of a large book. */

enum { MANY = 30000 };

static int many_setup(void **state)
{
	struct book *b = book_new(NSPI_PROFILE_DIRECTORY);
	struct directory_builder *builder = builder_new(b->directory, NULL);

	for (uint32_t i = 0; i < MANY; i++) {
		char dn[64], attributes[128];
		snprintf(dn, sizeof dn, "CN=p%u,DC=example,DC=com", i);
		snprintf(attributes, sizeof attributes,
		         "objectClass: user\ndisplayName: Person %05u\n", i);
		book_put(builder, ENTRY_MID_FIRST + i, dn, attributes);
	}
	book_publish(b, builder);
	book_bind(b);
	*state = b;
	return 0;
}

static void a_long_search_yields_and_keeps_its_snapshot(void **state)
{
	struct book *b = *state;
	struct mapi_restriction filter =
		CONTENT(FL_SUBSTRING | FL_IGNORECASE << 16, PR_DISPLAY_NAME, "n 29999");
	struct nspi_get_matches_in in = matches(b, &filter);

	book_begin_call(b);
	enum nspi_run run = nspi_call_start(&b->call, OP_GET_MATCHES, &in);
	assert_int_equal(run, NSPI_YIELD);
	book_publish(b, builder_new(b->directory, NULL)); /* everybody is gone meanwhile */
	while (run == NSPI_YIELD)
		run = nspi_call_step(&b->call);
	const struct nspi_get_matches_out *out = b->call.out;
	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_tags(out->mids, TAGS(ENTRY_MID_FIRST + 29999));
}

static void a_search_can_be_cancelled(void **state)
{
	struct book *b = *state;
	struct mapi_restriction filter = CONTENT(FL_SUBSTRING, PR_DISPLAY_NAME, "nobody");
	struct nspi_get_matches_in in = matches(b, &filter);

	book_begin_call(b);
	assert_int_equal(nspi_call_start(&b->call, OP_GET_MATCHES, &in), NSPI_YIELD);
	nspi_call_cancel(&b->call);
	assert_true(sessions_end_id(b->sessions, &b->handle.id, SESSION_END_OPERATOR));
	assert_int_equal(sessions_check(b->sessions, NULL), 0);
}

#define ON_MANY(f) cmocka_unit_test_setup_teardown(f, many_setup, book_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(a_filter_on_a_property_matches_equal_values),
		ON_BOTH(a_filter_on_content_matches_prefixes_without_case),
		ON_BOTH(filters_take_8_bit_strings_in_the_code_page_of_stat),
		ON_BOTH(a_filter_in_an_unknown_code_page_is_refused),
		ON_BOTH(filters_are_joined_by_and_or_and_not),
		ON_BOTH(a_filter_on_existence_matches_what_has_a_value),
		ON_BOTH(a_filter_on_anr_resolves_a_name),
		ON_BOTH(hidden_entries_match_nothing),
		ON_BOTH(no_match_is_an_empty_list),
		ON_BOTH(matches_come_with_rows_when_columns_are_named),
		ON_BOTH(the_position_does_not_narrow_a_search),
		ON_BOTH(more_matches_than_asked_for_are_too_many),
		ON_BOTH(more_matches_than_the_operator_allows_are_too_many),
		ON_DIRECTORY(matches_check_their_arguments_in_order),
		ON_BOTH(a_filter_wants_the_order_of_a_table),
		ON_DIRECTORY(a_list_of_mids_is_too_complex_even_without_a_filter),
		ON_EXCHANGE(exchange_ignores_the_reserved_number),
		ON_EXCHANGE(exchange_takes_back_the_container_that_it_gave),
		ON_BOTH(members_of_a_group_come_by_name),
		ON_BOTH(back_links_are_read_as_links),
		ON_BOTH(a_link_can_be_named_in_full),
		ON_BOTH(a_link_without_values_is_an_empty_table),
		ON_BOTH(a_property_that_is_no_link_is_not_supported),
		ON_BOTH(a_link_of_nobody_fails),
		ON_BOTH(a_table_to_write_to_is_for_links_that_change),
		ON_BOTH(more_members_than_asked_for_are_too_many),
		ON_DIRECTORY(links_in_the_order_of_a_table_want_a_container),
		ON_EXCHANGE(links_of_exchange_want_no_container),
		ON_MANY(a_long_search_yields_and_keeps_its_snapshot),
		ON_MANY(a_search_can_be_cancelled),
	};

	return cmocka_run_group_tests_name("nspi matches", tests, NULL, NULL);
}
