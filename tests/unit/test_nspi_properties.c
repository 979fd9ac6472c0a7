#include "nspi_book.h"

static const struct mapi_value *value_of(struct book *b, uint32_t mid, mapi_tag tag)
{
	struct nspi_get_props_out *out = book_props(b, mid, TAGS(tag));

	assert_non_null(out->row);
	assert_int_equal(out->row->count, 1);
	return &out->row->values[0];
}

static void assert_string_value(struct book *b, uint32_t mid, mapi_tag tag, const char *expected)
{
	const struct mapi_value *v = value_of(b, mid, tag);

	assert_int_equal(v->tag, tag);
	assert_text(v->string, expected);
}

static void assert_long_value(struct book *b, uint32_t mid, mapi_tag tag, int32_t expected)
{
	const struct mapi_value *v = value_of(b, mid, tag);

	assert_int_equal(v->tag, tag);
	assert_int_equal(v->long_value, expected);
}

static void assert_no_value(struct book *b, uint32_t mid, mapi_tag tag)
{
	const struct mapi_value *v = value_of(b, mid, tag);

	assert_int_equal(v->tag, tag_with_type(tag, PT_ERROR));
	assert_int_equal(v->error, MAPI_E_NOT_FOUND);
}

/* What every object has (MS-NSPI 3.1.1.1). */
static uint32_t required[] = {
	PR_OBJECT_TYPE,
	PR_INITIAL_DETAILS_PANE,
	PR_DISPLAY_NAME_PRINTABLE,
	PR_EMS_AB_CONTAINERID,
	PR_ENTRYID,
	PR_INSTANCE_KEY,
	PR_SEARCH_KEY,
	PR_RECORD_KEY,
	PR_TEMPLATEID,
	PR_ADDRTYPE,
	PR_EMAIL_ADDRESS,
	PR_DISPLAY_TYPE,
	PR_TRANSMITTABLE_DISPLAY_NAME,
	PR_DISPLAY_NAME,
	PR_MAPPING_SIGNATURE,
	PR_EMS_AB_OBJ_DIST_NAME,
};

static void every_object_has_what_the_protocol_requires(void **state)
{
	struct mapi_tags tags = {.count = sizeof required / sizeof *required, .items = required};

	for (size_t i = 0; i < sizeof book_entries / sizeof *book_entries; i++)
		assert_int_equal(book_props(*state, book_entries[i].mid, &tags)->status,
		                 MAPI_SUCCESS);
}

static void entry_ids_are_permanent_or_ephemeral(void **state)
{
	struct book *b = *state;
	struct entryid id = {0};
	assert_true(entryid_parse(value_of(b, SALES, PR_ENTRYID)->binary, &b->server_guid, &id));
	assert_false(id.ephemeral);
	assert_int_equal(id.display_type, DT_DISTLIST);
	assert_text(id.dn, "/o=Test/ou=Site/cn=Recipients/cn=e1003");

	struct nspi_get_props_in in = {
		.handle = b->handle,
		.flags = NSPI_EPHEMERAL_IDS,
		.stat = book_stat(),
		.tags = TAGS(PR_ENTRYID, PR_TEMPLATEID),
	};
	in.stat.current_rec = SALES;
	struct nspi_get_props_out *out = ask(b, OP_GET_PROPS, &in);
	assert_true(entryid_parse(out->row->values[0].binary, &b->server_guid, &id));
	assert_true(id.ephemeral);
	assert_int_equal(id.display_type, DT_DISTLIST);
	assert_int_equal(id.mid, SALES);
	assert_true(entryid_parse(out->row->values[1].binary, &b->server_guid, &id));
	assert_false(id.ephemeral);
}

static void keys_follow_from_the_distinguished_name(void **state)
{
	struct book *b = *state;
	static const char search_key[] = "EX:/O=TEST/OU=SITE/CN=RECIPIENTS/CN=E1005";
	struct slice s = value_of(b, ANNA, PR_SEARCH_KEY)->binary;
	assert_int_equal(s.size, sizeof search_key);
	assert_memory_equal(s.data, search_key, sizeof search_key);

	struct nspi_get_props_out *out =
		book_props(b, ANNA, TAGS(PR_RECORD_KEY, PR_TEMPLATEID, PR_MAPPING_SIGNATURE));
	assert_true(slice_equal(out->row->values[0].binary, out->row->values[1].binary));
	assert_true(slice_equal(out->row->values[2].binary, slice_of(GUID_NSPI.bytes, 16)));
}

static void the_address_is_the_distinguished_name(void **state)
{
	static const char dn[] = "/o=Test/ou=Site/cn=Recipients/cn=e1005";

	assert_string_value(*state, ANNA, PR_ADDRTYPE, "EX");
	assert_string_value(*state, ANNA, PR_EMAIL_ADDRESS, dn);
	assert_string_value(*state, ANNA, PR_EMS_AB_OBJ_DIST_NAME, dn);
	assert_string_value(*state, ANNA, tag_with_type(PR_EMAIL_ADDRESS, PT_STRING8), dn);
}

static void types_follow_from_what_an_entry_is(void **state)
{
	static const struct {
		uint32_t mid;
		int32_t object_type, display_type;
	} cases[] = {
		{ANNA,  MAPI_MAILUSER, DT_MAILUSER},
		{SALES, MAPI_DISTLIST, DT_DISTLIST},
		{BOARD, MAPI_FOLDER,   DT_FORUM   },
		{ROOM,  MAPI_MAILUSER, DT_MAILUSER},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_long_value(*state, cases[i].mid, PR_OBJECT_TYPE, cases[i].object_type);
		assert_long_value(*state, cases[i].mid, PR_DISPLAY_TYPE, cases[i].display_type);
	}
}

static void only_lists_are_containers(void **state)
{
	assert_long_value(*state, SALES, PR_CONTAINER_FLAGS, AB_RECIPIENTS | AB_UNMODIFIABLE);
	assert_long_value(*state, SALES, PR_CONTAINER_CONTENTS, 0);
	assert_no_value(*state, ANNA, PR_CONTAINER_FLAGS);
	assert_no_value(*state, ANNA, PR_CONTAINER_CONTENTS);
}

static void an_entry_is_in_the_global_address_list(void **state)
{
	assert_long_value(*state, ANNA, PR_EMS_AB_CONTAINERID, 0);
}

static void an_entry_of_exchange_is_its_own_container(void **state)
{
	assert_long_value(*state, ANNA, PR_EMS_AB_CONTAINERID, ANNA);
}

static void stored_properties_keep_their_types(void **state)
{
	assert_string_value(*state, ANNA, PR_SMTP_ADDRESS, "anna@example.com");
	assert_string_value(*state, ANNA, PR_TITLE, "Head of Sales");
	assert_string_value(*state, ANNA, PR_BUSINESS_TELEPHONE_NUMBER, "+49 30 1");
	assert_string_value(*state, ANNA, PR_PRIMARY_TELEPHONE_NUMBER, "+49 30 1");
	assert_long_value(*state, ROOM, PR_DISPLAY_TYPE_EX, 7);
}

static void lists_of_strings_come_in_both_widths(void **state)
{
	const struct mapi_value *v = value_of(*state, ANNA, PR_EMS_AB_PROXY_ADDRESSES);
	assert_int_equal(v->tag, PR_EMS_AB_PROXY_ADDRESSES);
	assert_int_equal(v->slices.count, 2);
	assert_text(v->slices.items[0], "SMTP:anna@example.com");

	v = value_of(*state, ANNA, tag_with_type(PR_EMS_AB_PROXY_ADDRESSES, PT_MV_STRING8));
	assert_int_equal(v->tag, 0x800F101E);
	assert_int_equal(v->slices.count, 2);
	assert_text(v->slices.items[1], "smtp:a.berg@example.com");
}

static void strings_are_converted_to_the_code_page_of_stat(void **state)
{
	assert_string_value(*state, EMILE, PR_GIVEN_NAME, "\xC3\x89mile");
	assert_string_value(*state, EMILE, tag_with_type(PR_GIVEN_NAME, PT_STRING8), "\xC9mile");
	assert_string_value(*state, EMILE, NAME_STRING8, "\xC9mile Zola");
}

static void a_display_name_that_the_code_page_cannot_hold_is_the_printable_one(void **state)
{
	assert_string_value(*state, WANG, NAME_UNICODE, "\xE7\x8E\x8B\xE5\xB0\x8F\xE6\x98\x8E");
	assert_string_value(*state, WANG, NAME_STRING8, "wang");
	assert_string_value(*state, WANG, tag_with_type(PR_TRANSMITTABLE_DISPLAY_NAME, PT_STRING8),
	                    "wang");
	assert_string_value(*state, WANG, PR_DISPLAY_NAME_PRINTABLE, "wang");
	assert_string_value(*state, WANG, tag_with_type(PR_DISPLAY_NAME_PRINTABLE, PT_UNICODE),
	                    "wang");
}

static void the_printable_name_is_the_display_name_where_it_can_be(void **state)
{
	assert_string_value(*state, ANNA, PR_DISPLAY_NAME_PRINTABLE, "Anna Berg");
	assert_string_value(*state, ANNA, tag_with_type(PR_DISPLAY_NAME_PRINTABLE, PT_UNICODE),
	                    "Anna Berg");
}

static void a_property_of_no_type_comes_in_its_own(void **state)
{
	assert_string_value(*state, ANNA, PR_DISPLAY_NAME, "Anna Berg");
	assert_int_equal(value_of(*state, ANNA, 0x30010000)->tag, PR_DISPLAY_NAME);
	assert_int_equal(value_of(*state, ANNA, 0x39FF0000)->tag, PR_DISPLAY_NAME_PRINTABLE);
	assert_int_equal(value_of(*state, ANNA, 0x0FFE0000)->tag, PR_OBJECT_TYPE);
	assert_no_value(*state, ANNA, 0x3A210000);
}

static void a_property_of_the_wrong_type_has_no_value(void **state)
{
	assert_no_value(*state, ANNA, 0x30010003);
	assert_no_value(*state, ANNA, 0x3001101F);
	assert_no_value(*state, ANNA, 0x0FFF001F);
	assert_no_value(*state, ANNA, 0x800F001F);
	assert_no_value(*state, ANNA, 0x30010001);
}

static void a_property_that_is_not_known_has_no_value(void **state)
{
	assert_no_value(*state, ANNA, 0x12340003);
	assert_no_value(*state, ANNA, 0x7FFF001F);
}

static void links_are_embedded_tables_or_names(void **state)
{
	assert_long_value(*state, SALES, PR_EMS_AB_MEMBER, 0);
	assert_long_value(*state, BRUNO, PR_EMS_AB_MANAGER, 0);
	assert_no_value(*state, ANNA, PR_EMS_AB_MANAGER);
	assert_string_value(*state, BRUNO, 0x8005001F, "/o=Test/ou=Site/cn=Recipients/cn=e1005");
	assert_string_value(*state, BRUNO, 0x8005001E, "/o=Test/ou=Site/cn=Recipients/cn=e1005");

	const struct mapi_value *v = value_of(*state, SALES, 0x8009101E);
	assert_int_equal(v->slices.count, 2);
	assert_text(v->slices.items[1], "/o=Test/ou=Site/cn=Recipients/cn=e1007");
	assert_no_value(*state, SALES, 0x80090102);
}

static void get_props_keeps_order_and_duplicates(void **state)
{
	struct nspi_get_props_out *out =
		book_props(*state, ANNA, TAGS(PR_TITLE, PR_DISPLAY_NAME, PR_TITLE, 0x12340003));

	assert_int_equal(out->status, MAPI_W_ERRORS_RETURNED);
	assert_int_equal(out->row->count, 4);
	assert_int_equal(out->row->values[0].tag, PR_TITLE);
	assert_int_equal(out->row->values[1].tag, PR_DISPLAY_NAME);
	assert_int_equal(out->row->values[2].tag, PR_TITLE);
	assert_int_equal(out->row->values[3].tag, 0x1234000A);
}

static void an_entry_that_is_not_there_has_no_values(void **state)
{
	static const uint32_t mids[] = {MISSING, MID_BEGINNING_OF_TABLE, MID_CURRENT,
	                                MID_END_OF_TABLE};

	for (size_t i = 0; i < sizeof mids / sizeof *mids; i++) {
		struct nspi_get_props_out *out =
			book_props(*state, mids[i], TAGS(PR_DISPLAY_NAME, PR_ENTRYID));
		assert_int_equal(out->status, MAPI_W_ERRORS_RETURNED);
		assert_int_equal(out->row->values[0].error, MAPI_E_NOT_FOUND);
		assert_int_equal(out->row->values[1].tag, 0x0FFF000A);
	}
}

static void a_hidden_entry_can_be_read_by_its_mid(void **state)
{
	assert_string_value(*state, HIDDEN, PR_DISPLAY_NAME, "Hidden Harry");
}

static void get_props_of_no_tags_is_an_empty_row(void **state)
{
	struct nspi_get_props_out *out = book_props(*state, ANNA, NO_TAGS);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->row->count, 0);
}

static struct nspi_get_props_out *props_in(struct book *b, struct nspi_stat stat,
                                           struct mapi_tags *tags)
{
	struct nspi_get_props_in in = {.handle = b->handle, .stat = stat, .tags = tags};

	return ask(b, OP_GET_PROPS, &in);
}

static void get_props_wants_a_container(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.current_rec = ANNA;
	stat.container_id = MISSING;
	struct nspi_get_props_out *out = props_in(*state, stat, TAGS(PR_DISPLAY_NAME));
	assert_int_equal(out->status, MAPI_E_INVALID_BOOKMARK);
	assert_null(out->row);
}

static void get_props_of_exchange_warns_of_an_unknown_container(void **state)
{
	struct nspi_stat stat = book_stat();
	stat.current_rec = ANNA;
	stat.container_id = MISSING;
	struct nspi_get_props_out *out = props_in(*state, stat, TAGS(PR_DISPLAY_NAME));

	assert_int_equal(out->status, MAPI_W_ERRORS_RETURNED);
	assert_text(out->row->values[0].string, "Anna Berg");
}

static void get_props_refuses_8_bit_strings_in_code_page_1200_first(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.codepage = CP_WINUNICODE;
	stat.container_id = MISSING;
	struct nspi_get_props_out *out = props_in(*state, stat, TAGS(PR_OBJECT_TYPE, NAME_STRING8));
	assert_int_equal(out->status, MAPI_E_UNKNOWN_CPID);
	assert_null(out->row);
}

static void get_props_of_exchange_has_no_8_bit_strings_in_code_page_1200(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.codepage = CP_WINUNICODE;
	stat.current_rec = ANNA;
	struct nspi_get_props_out *out = props_in(*state, stat, TAGS(PR_OBJECT_TYPE, NAME_STRING8));
	assert_int_equal(out->status, MAPI_W_ERRORS_RETURNED);
	assert_int_equal(out->row->values[0].tag, PR_OBJECT_TYPE);
	assert_int_equal(out->row->values[1].tag, 0x3001000A);
}

static void get_props_gives_unicode_in_code_page_1200(void **state)
{
	struct nspi_stat stat = book_stat();

	stat.codepage = CP_WINUNICODE;
	stat.current_rec = ANNA;
	assert_int_equal(props_in(*state, stat, TAGS(PR_DISPLAY_NAME))->status, MAPI_SUCCESS);
}

/* GetPropList, and GetProps without tags */

static struct nspi_get_prop_list_out *list_of(struct book *b, uint32_t mid, uint32_t codepage,
                                              uint32_t flags)
{
	struct nspi_get_prop_list_in in = {
		.handle = b->handle,
		.flags = flags,
		.mid = mid,
		.codepage = codepage,
	};

	return ask(b, OP_GET_PROP_LIST, &in);
}

static bool has_tag(const struct mapi_tags *tags, mapi_tag tag)
{
	for (uint32_t i = 0; i < tags->count; i++)
		if (tags->items[i] == tag)
			return true;
	return false;
}

static void prop_list_names_what_has_a_value(void **state)
{
	const struct mapi_tags *tags = list_of(*state, SALES, 1252, 0)->tags;

	assert_true(has_tag(tags, NAME_STRING8));
	assert_true(has_tag(tags, PR_EMS_AB_MEMBER));
	assert_true(has_tag(tags, PR_CONTAINER_CONTENTS));
	assert_true(has_tag(tags, 0x39FE001E));
	assert_false(has_tag(tags, 0x3A06001E));
	assert_false(has_tag(tags, PR_EMS_AB_MANAGER));
	for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
		mapi_tag tag = required[i];
		if (tag_type(tag) == PT_UNICODE)
			tag = tag_with_type(tag, PT_STRING8);
		assert_true(has_tag(tags, tag));
	}
}

static void prop_list_leaves_tables_out_when_told(void **state)
{
	const struct mapi_tags *tags = list_of(*state, SALES, 1252, NSPI_SKIP_OBJECTS)->tags;

	for (uint32_t i = 0; i < tags->count; i++)
		assert_int_not_equal(tag_type(tags->items[i]), PT_OBJECT);
	assert_true(has_tag(tags, NAME_STRING8));
}

static void prop_list_has_wide_strings_for_code_page_1200(void **state)
{
	const struct mapi_tags *tags = list_of(*state, ANNA, CP_WINUNICODE, 0)->tags;

	assert_true(has_tag(tags, PR_DISPLAY_NAME));
	assert_true(has_tag(tags, PR_EMS_AB_PROXY_ADDRESSES));
	assert_true(has_tag(tags, 0x39FF001F));
	assert_false(has_tag(tags, NAME_STRING8));
}

static void prop_list_of_exchange_has_8_bit_strings_always(void **state)
{
	const struct mapi_tags *tags = list_of(*state, ANNA, CP_WINUNICODE, 0)->tags;

	assert_true(has_tag(tags, NAME_STRING8));
	assert_true(has_tag(tags, 0x800F101E));
	assert_false(has_tag(tags, PR_DISPLAY_NAME));
}

static void assert_list_fails(struct nspi_get_prop_list_out *out, uint32_t status)
{
	assert_int_equal(out->status, status);
	assert_null(out->tags);
}

static void prop_list_checks_the_code_page_before_the_entry(void **state)
{
	assert_list_fails(list_of(*state, MISSING, 99999, 0), MAPI_E_UNKNOWN_CPID);
	assert_list_fails(list_of(*state, MISSING, 1252, 0), MAPI_E_CALL_FAILED);
	assert_list_fails(list_of(*state, 0, 1252, 0), MAPI_E_CALL_FAILED);
}

static void prop_list_of_exchange_takes_any_code_page(void **state)
{
	assert_int_equal(list_of(*state, ANNA, 99999, 0)->status, MAPI_SUCCESS);
}

static void prop_list_of_exchange_for_nobody_is_every_column(void **state)
{
	struct book *b = *state;
	struct nspi_query_columns_in in = {.handle = b->handle};
	uint32_t columns =
		((struct nspi_query_columns_out *)ask(b, OP_QUERY_COLUMNS, &in))->columns->count;
	struct nspi_get_prop_list_out *out = list_of(b, 0, 1252, 0);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->tags->count, columns);
}

static void get_props_without_tags_gives_all_that_prop_list_names(void **state)
{
	struct book *b = *state;
	uint32_t count = list_of(b, SALES, 1252, NSPI_SKIP_OBJECTS)->tags->count;
	struct nspi_get_props_in in = {
		.handle = b->handle, .flags = NSPI_SKIP_OBJECTS, .stat = book_stat()};
	in.stat.current_rec = SALES;
	struct nspi_get_props_out *out = ask(b, OP_GET_PROPS, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->row->count, count);
}

static void get_props_without_tags_of_nobody_fails(void **state)
{
	struct nspi_get_props_out *out = book_props(*state, MISSING, NULL);

	assert_int_equal(out->status, MAPI_E_CALL_FAILED);
	assert_null(out->row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(every_object_has_what_the_protocol_requires),
		ON_BOTH(entry_ids_are_permanent_or_ephemeral),
		ON_BOTH(keys_follow_from_the_distinguished_name),
		ON_BOTH(the_address_is_the_distinguished_name),
		ON_BOTH(types_follow_from_what_an_entry_is),
		ON_BOTH(only_lists_are_containers),
		ON_DIRECTORY(an_entry_is_in_the_global_address_list),
		ON_EXCHANGE(an_entry_of_exchange_is_its_own_container),
		ON_BOTH(stored_properties_keep_their_types),
		ON_BOTH(lists_of_strings_come_in_both_widths),
		ON_BOTH(strings_are_converted_to_the_code_page_of_stat),
		ON_BOTH(a_display_name_that_the_code_page_cannot_hold_is_the_printable_one),
		ON_BOTH(the_printable_name_is_the_display_name_where_it_can_be),
		ON_BOTH(a_property_of_no_type_comes_in_its_own),
		ON_BOTH(a_property_of_the_wrong_type_has_no_value),
		ON_BOTH(a_property_that_is_not_known_has_no_value),
		ON_BOTH(links_are_embedded_tables_or_names),
		ON_BOTH(get_props_keeps_order_and_duplicates),
		ON_BOTH(an_entry_that_is_not_there_has_no_values),
		ON_BOTH(a_hidden_entry_can_be_read_by_its_mid),
		ON_BOTH(get_props_of_no_tags_is_an_empty_row),
		ON_DIRECTORY(get_props_wants_a_container),
		ON_EXCHANGE(get_props_of_exchange_warns_of_an_unknown_container),
		ON_DIRECTORY(get_props_refuses_8_bit_strings_in_code_page_1200_first),
		ON_EXCHANGE(get_props_of_exchange_has_no_8_bit_strings_in_code_page_1200),
		ON_BOTH(get_props_gives_unicode_in_code_page_1200),
		ON_BOTH(prop_list_names_what_has_a_value),
		ON_BOTH(prop_list_leaves_tables_out_when_told),
		ON_DIRECTORY(prop_list_has_wide_strings_for_code_page_1200),
		ON_EXCHANGE(prop_list_of_exchange_has_8_bit_strings_always),
		ON_DIRECTORY(prop_list_checks_the_code_page_before_the_entry),
		ON_EXCHANGE(prop_list_of_exchange_takes_any_code_page),
		ON_EXCHANGE(prop_list_of_exchange_for_nobody_is_every_column),
		ON_BOTH(get_props_without_tags_gives_all_that_prop_list_names),
		ON_BOTH(get_props_without_tags_of_nobody_fails),
	};

	return cmocka_run_group_tests_name("nspi properties", tests, NULL, NULL);
}
