#include "nspi_book.h"

static struct nspi_get_special_table_out *table(struct book *b, uint32_t flags, uint32_t version)
{
	struct nspi_get_special_table_in in = {
		.handle = b->handle,
		.flags = flags,
		.stat = book_stat(),
		.version = version,
	};

	return ask(b, OP_GET_SPECIAL_TABLE, &in);
}

static void the_hierarchy_begins_with_the_global_address_list(void **state)
{
	struct book *b = *state;
	struct nspi_get_special_table_out *out = table(b, NSPI_UNICODE_STRINGS, 0);
	struct entryid id = {0};

	assert_int_equal(out->status, MAPI_SUCCESS);
	const struct mapi_row *row = &out->rows->rows[0];
	assert_int_equal(row->count, 6);
	assert_int_equal(row->values[0].tag, PR_ENTRYID);
	assert_true(entryid_parse(row->values[0].binary, &b->server_guid, &id));
	assert_false(id.ephemeral);
	assert_int_equal(id.display_type, DT_CONTAINER);
	assert_text(id.dn, "/");
	assert_int_equal(row->values[1].tag, PR_CONTAINER_FLAGS);
	assert_int_equal(row->values[2].tag, PR_DEPTH);
	assert_int_equal(row->values[2].long_value, 0);
	assert_int_equal(row->values[3].tag, PR_EMS_AB_CONTAINERID);
	assert_int_equal(row->values[3].long_value, 0);
	assert_int_equal(row->values[4].tag, PR_DISPLAY_NAME);
	assert_int_equal(row->values[5].tag, PR_EMS_AB_IS_MASTER);
	assert_int_equal(row->values[5].boolean, 0);
}

static void lists_under_another_name_their_parent(void **state)
{
	struct book *b = *state;
	struct nspi_get_special_table_out *out = table(b, NSPI_UNICODE_STRINGS, 0);

	assert_true(out->rows->count > 1);
	for (uint32_t i = 0; i < out->rows->count; i++) {
		const struct mapi_row *row = &out->rows->rows[i];
		bool nested = row->values[2].long_value > 0;
		struct entryid id = {0};
		assert_int_equal(row->count, nested ? 7 : 6);
		if (!nested)
			continue;
		assert_int_equal(row->values[6].tag, PR_EMS_AB_PARENT_ENTRYID);
		assert_true(entryid_parse(row->values[6].binary, &b->server_guid, &id));
		assert_int_equal(id.display_type, DT_CONTAINER);
	}
}

static void every_list_can_be_browsed(void **state)
{
	struct book *b = *state;
	struct nspi_get_special_table_out *out = table(b, NSPI_UNICODE_STRINGS, 0);
	uint32_t ids[64], count = out->rows->count;

	assert_in_range(count, 1, 64);
	for (uint32_t i = 0; i < count; i++)
		ids[i] = (uint32_t)out->rows->rows[i].values[3].long_value;
	for (uint32_t i = 0; i < count; i++) {
		struct nspi_query_rows_in in = {
			.handle = b->handle, .stat = book_stat(), .count = 50};
		in.stat.container_id = ids[i];
		struct nspi_query_rows_out *rows = ask(b, OP_QUERY_ROWS, &in);
		assert_int_equal(rows->status, MAPI_SUCCESS);
		assert_int_equal(rows->stat.total_recs, rows->rows->count);
	}
}

static void names_of_lists_come_in_8_bits_without_the_flag(void **state)
{
	const struct mapi_row *row = table(*state, 0, 0)->rows->rows;

	assert_int_equal(row->values[4].tag, NAME_STRING8);
	assert_true(row->values[4].string.size > 0);
}

static void a_client_that_has_this_version_gets_no_rows(void **state)
{
	uint32_t version = table(*state, NSPI_UNICODE_STRINGS, 0)->version;
	assert_int_not_equal(version, 0);
	struct nspi_get_special_table_out *out = table(*state, NSPI_UNICODE_STRINGS, version);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->version, version);
	assert_int_equal(out->rows->count, 0);
}

static void exchange_has_no_use_for_versions(void **state)
{
	struct nspi_get_special_table_out *out = table(*state, NSPI_UNICODE_STRINGS, 1234);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->version, 1234);
	assert_true(out->rows->count > 0);
}

static void creation_templates_are_an_empty_table(void **state)
{
	static const uint32_t flags[] = {2, 2 | 4};

	for (size_t i = 0; i < 2; i++) {
		struct nspi_get_special_table_out *out = table(*state, flags[i], 0);
		assert_int_equal(out->status, MAPI_SUCCESS);
		assert_int_equal(out->rows->count, 0);
	}
}

static void other_flags_are_ignored(void **state)
{
	uint32_t count = table(*state, 0, 0)->rows->count;

	assert_int_equal(table(*state, 0xFFFFFFF9, 0)->rows->count, count);
}

static void code_page_1200_is_refused_for_8_bit_names_alone(void **state)
{
	struct book *b = *state;
	struct nspi_get_special_table_in in = {.handle = b->handle, .stat = book_stat()};
	struct nspi_get_special_table_out *out;

	in.stat.codepage = CP_WINUNICODE;
	out = ask(b, OP_GET_SPECIAL_TABLE, &in);
	assert_int_equal(out->status, MAPI_E_UNKNOWN_CPID);
	assert_null(out->rows);
	in.flags = NSPI_UNICODE_STRINGS;
	out = ask(b, OP_GET_SPECIAL_TABLE, &in);
	assert_int_equal(out->status, MAPI_SUCCESS);
	in.flags = NSPI_CREATION_TEMPLATES;
	out = ask(b, OP_GET_SPECIAL_TABLE, &in);
	assert_int_equal(out->status, MAPI_SUCCESS);
}

static void garbage_in_stat_does_not_matter(void **state)
{
	struct book *b = *state;
	struct nspi_get_special_table_in in = {.handle = b->handle};

	memset(&in.stat, 0xA5, sizeof in.stat);
	struct nspi_get_special_table_out *out = ask(b, OP_GET_SPECIAL_TABLE, &in);
	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_true(out->rows->count > 0);
}

/* GetTemplateInfo */

static uint32_t template_status(struct book *b, uint32_t codepage, const char *dn)
{
	struct nspi_get_template_info_in in = {
		.handle = b->handle,
		.flags = NSPI_TI_TEMPLATE,
		.type = DT_MAILUSER,
		.dn = slice_of_string(dn),
		.codepage = codepage,
		.locale = 0x409,
	};
	struct nspi_get_template_info_out *out = ask(b, OP_GET_TEMPLATE_INFO, &in);

	assert_null(out->row);
	return out->status;
}

static void templates_check_the_code_page_before_the_locale(void **state)
{
	assert_int_equal(template_status(*state, CP_WINUNICODE, NULL), MAPI_E_UNKNOWN_CPID);
	assert_int_equal(template_status(*state, 99999, NULL), MAPI_E_UNKNOWN_CPID);
	assert_int_equal(template_status(*state, 1252, NULL), MAPI_E_UNKNOWN_LCID);
	assert_int_equal(template_status(*state, 1252, "/o=Test"), MAPI_E_UNKNOWN_LCID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(the_hierarchy_begins_with_the_global_address_list),
		ON_BOTH(lists_under_another_name_their_parent),
		ON_BOTH(every_list_can_be_browsed),
		ON_BOTH(names_of_lists_come_in_8_bits_without_the_flag),
		ON_DIRECTORY(a_client_that_has_this_version_gets_no_rows),
		ON_EXCHANGE(exchange_has_no_use_for_versions),
		ON_BOTH(creation_templates_are_an_empty_table),
		ON_BOTH(other_flags_are_ignored),
		ON_BOTH(code_page_1200_is_refused_for_8_bit_names_alone),
		ON_BOTH(garbage_in_stat_does_not_matter),
		ON_BOTH(templates_check_the_code_page_before_the_locale),
	};

	return cmocka_run_group_tests_name("nspi special table", tests, NULL, NULL);
}
