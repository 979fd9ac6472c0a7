#include "nspi_book.h"

/* ResolveNames, ResolveNamesW */

#define STRINGS(...)                                                                               \
	{                                                                                          \
		.count = sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                   \
		.items = slices_of((const char *[]){__VA_ARGS__},                                  \
		                   sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),        \
	}

/* Of at most 8 strings, until the next time. */
static struct slice *slices_of(const char *const *strings, size_t count)
{
	static struct slice slices[8];

	for (size_t i = 0; i < count; i++)
		slices[i] = slice_of_string(strings[i]);
	return slices;
}

static struct nspi_resolve_names_out *resolve(struct book *b, enum book_opnum opnum,
                                              struct nspi_strings names, struct mapi_tags *tags)
{
	struct nspi_resolve_names_in in = {
		.handle = b->handle, .stat = book_stat(), .tags = tags, .names = names};

	return ask(b, opnum, &in);
}

static void a_name_is_resolved_ambiguous_or_unresolved(void **state)
{
	struct nspi_strings names = STRINGS("anna", "keller", "nobody");
	struct nspi_resolve_names_out *out =
		resolve(*state, OP_RESOLVE_NAMES_W, names, TAGS(PR_DISPLAY_NAME));

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_tags(out->mids, TAGS(ANR_RESOLVED, ANR_AMBIGUOUS, ANR_UNRESOLVED));
	assert_int_equal(out->rows->count, 1);
	assert_row_text(out->rows, 0, "Anna Berg");
}

static void empty_and_null_names_are_unresolved(void **state)
{
	struct nspi_strings names = STRINGS("", NULL, "bruno");

	assert_tags(resolve(*state, OP_RESOLVE_NAMES_W, names, NULL)->mids,
	            TAGS(ANR_UNRESOLVED, ANR_UNRESOLVED, ANR_RESOLVED));
	assert_tags(resolve(*state, OP_RESOLVE_NAMES, names, NULL)->mids,
	            TAGS(ANR_UNRESOLVED, ANR_UNRESOLVED, ANR_RESOLVED));
}

static void rows_come_in_the_order_of_the_names(void **state)
{
	struct nspi_strings names = STRINGS("carla", "nobody", "anna", "carla");
	struct nspi_resolve_names_out *out =
		resolve(*state, OP_RESOLVE_NAMES_W, names, TAGS(PR_DISPLAY_NAME));

	assert_int_equal(out->rows->count, 3);
	assert_row_text(out->rows, 0, "Carla Keller");
	assert_row_text(out->rows, 1, "Anna Berg");
	assert_row_text(out->rows, 2, "Carla Keller");
}

static void no_resolved_name_gives_no_rows(void **state)
{
	struct nspi_strings names = STRINGS("nobody");
	struct nspi_resolve_names_out *out = resolve(*state, OP_RESOLVE_NAMES_W, names, NULL);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_non_null(out->rows);
	assert_int_equal(out->rows->count, 0);
}

static void names_in_8_bits_are_in_the_code_page_of_stat(void **state)
{
	struct nspi_strings names = STRINGS("\xC9mile Zola");

	assert_tags(resolve(*state, OP_RESOLVE_NAMES, names, NULL)->mids, TAGS(ANR_RESOLVED));
}

static void names_are_found_whatever_their_case_and_accents(void **state)
{
	struct nspi_strings names = STRINGS("EMILE ZOLA", "zola emile", "\xC3\x89MILE");

	assert_tags(resolve(*state, OP_RESOLVE_NAMES_W, names, NULL)->mids,
	            TAGS(ANR_RESOLVED, ANR_RESOLVED, ANR_RESOLVED));
}

static void addresses_are_resolved(void **state)
{
	struct nspi_strings names = STRINGS("carla@example.com", "a.berg@example.com");

	assert_tags(resolve(*state, OP_RESOLVE_NAMES_W, names, NULL)->mids,
	            TAGS(ANR_RESOLVED, ANR_RESOLVED));
}

static void hidden_entries_are_not_resolved(void **state)
{
	struct nspi_strings names = STRINGS("hidden", "harry", "harry@example.com");

	assert_tags(resolve(*state, OP_RESOLVE_NAMES_W, names, NULL)->mids,
	            TAGS(ANR_UNRESOLVED, ANR_UNRESOLVED, ANR_UNRESOLVED));
}

static void resolved_names_have_permanent_entry_ids(void **state)
{
	struct book *b = *state;
	struct nspi_strings names = STRINGS("bruno");
	struct nspi_resolve_names_out *out =
		resolve(b, OP_RESOLVE_NAMES_W, names, TAGS(PR_ENTRYID));
	struct entryid id = {0};

	assert_true(entryid_parse(out->rows->rows[0].values[0].binary, &b->server_guid, &id));
	assert_false(id.ephemeral);
}

static void resolved_names_have_seven_columns_when_none_are_named(void **state)
{
	struct nspi_strings names = STRINGS("bruno");
	const struct mapi_row *row = resolve(*state, OP_RESOLVE_NAMES_W, names, NULL)->rows->rows;

	assert_int_equal(row->count, 7);
	assert_int_equal(row->values[3].tag, NAME_STRING8);
}

static void rows_of_resolved_names_are_never_cut_off(void **state)
{
	struct nspi_strings names = STRINGS("anna", "bruno", "carla");

	book_set_limits(*state, 1, 1);
	assert_int_equal(resolve(*state, OP_RESOLVE_NAMES_W, names, NULL)->rows->count, 3);
}

static void many_names_yield(void **state)
{
	enum { MANY = 20000 };
	struct book *b = *state;
	struct slice *names = xcalloc(MANY, sizeof *names);

	for (size_t i = 0; i < MANY; i++)
		names[i] = slice_of_string(i == MANY - 1 ? "anna" : "keller");
	struct nspi_strings list = {.count = MANY, .items = names};
	struct nspi_resolve_names_out *out =
		resolve(b, OP_RESOLVE_NAMES_W, list, TAGS(PR_DISPLAY_NAME));
	assert_int_equal(out->mids->items[0], ANR_AMBIGUOUS);
	assert_int_equal(out->mids->items[MANY - 1], ANR_RESOLVED);
	assert_int_equal(out->rows->count, 1);
	assert_true(b->yields > 0);
	free(names);
}

static void assert_resolve_fails(struct book *b, struct nspi_resolve_names_in *in, uint32_t status)
{
	static const enum book_opnum opnums[] = {OP_RESOLVE_NAMES, OP_RESOLVE_NAMES_W};

	for (size_t i = 0; i < 2; i++) {
		struct nspi_resolve_names_out *out = ask(b, opnums[i], in);
		assert_int_equal(out->status, status);
		assert_null(out->mids);
		assert_null(out->rows);
	}
}

static void resolve_names_wants_a_container(void **state)
{
	struct book *b = *state;
	struct nspi_resolve_names_in in = {
		.handle = b->handle, .stat = book_stat(), .names = STRINGS("anna")};

	in.stat.container_id = MISSING;
	assert_resolve_fails(b, &in, MAPI_E_INVALID_BOOKMARK);
}

static void resolve_names_refuses_code_page_1200_then_reserved(void **state)
{
	struct book *b = *state;
	struct nspi_resolve_names_in in = {
		.handle = b->handle, .stat = book_stat(), .names = STRINGS("anna")};

	in.stat.container_id = MISSING;
	in.reserved = 1;
	assert_resolve_fails(b, &in, MAPI_E_CALL_FAILED);
	in.stat.codepage = CP_WINUNICODE;
	assert_resolve_fails(b, &in, MAPI_E_UNKNOWN_CPID);
}

/* DNToMId */

static struct mapi_tags *mids_of(struct book *b, struct nspi_strings names)
{
	struct nspi_dn_to_mid_in in = {.handle = b->handle, .reserved = 5, .names = names};
	struct nspi_dn_to_mid_out *out = ask(b, OP_DN_TO_MID, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
	return out->mids;
}

static void names_of_entries_become_mids_in_order(void **state)
{
	struct nspi_strings names = STRINGS("/o=Test/ou=Site/cn=Recipients/cn=e1003", "/o=none",
	                                    NULL, "", "/O=TEST/ou=site/CN=recipients/cn=E1005");

	assert_tags(mids_of(*state, names), TAGS(SALES, 0, 0, 0, ANNA));
}

static void names_of_hidden_entries_become_mids(void **state)
{
	struct nspi_strings names = STRINGS("/o=Test/ou=Site/cn=Recipients/cn=e1004");

	assert_tags(mids_of(*state, names), TAGS(HIDDEN));
}

static void names_of_address_lists_become_container_ids(void **state)
{
	struct book *b = *state;
	struct viewer nobody = {.account = ""};
	struct view v = {.snapshot = b->snapshot, .viewer = &nobody};
	const struct container *c = view_hierarchy_at(&v, 1);

	assert_non_null(c);
	struct nspi_strings names = STRINGS("/", container_dn(c));
	assert_tags(mids_of(b, names), TAGS(0, container_id(c)));
}

static void many_names_of_entries_yield(void **state)
{
	enum { MANY = 20000 };
	struct book *b = *state;
	struct slice *names = xcalloc(MANY, sizeof *names);

	for (size_t i = 0; i < MANY; i++)
		names[i] = slice_of_string("/o=Test/ou=Site/cn=Recipients/cn=e1003");
	const struct mapi_tags *mids =
		mids_of(b, (struct nspi_strings){.count = MANY, .items = names});
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(mids->items[i], SALES);
	assert_true(b->yields > 0);
	free(names);
}

/* QueryColumns and property names */

static bool has_tag(const struct mapi_tags *tags, mapi_tag tag)
{
	for (uint32_t i = 0; i < tags->count; i++)
		if (tags->items[i] == tag)
			return true;
	return false;
}

static const struct mapi_tags *columns_of(struct book *b, uint32_t flags)
{
	struct nspi_query_columns_in in = {.handle = b->handle, .reserved = 9, .flags = flags};
	struct nspi_query_columns_out *out = ask(b, OP_QUERY_COLUMNS, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
	return out->columns;
}

static void columns_come_in_the_width_asked_for(void **state)
{
	const struct mapi_tags *tags = columns_of(*state, 0x7FFFFFFF);
	for (uint32_t i = 0; i < tags->count; i++)
		assert_int_not_equal(tags->items[i] & 0xEFFF, PT_UNICODE);
	assert_true(has_tag(tags, NAME_STRING8));
	assert_true(has_tag(tags, 0x800F101E));

	tags = columns_of(*state, NSPI_UNICODE_PROPTYPES);
	for (uint32_t i = 0; i < tags->count; i++)
		assert_int_not_equal(tags->items[i] & 0xEFFF, PT_STRING8);
	assert_true(has_tag(tags, PR_DISPLAY_NAME));
	assert_true(has_tag(tags, PR_EMS_AB_MEMBER));
}

static void no_column_is_named_twice(void **state)
{
	const struct mapi_tags *tags = columns_of(*state, 0);

	for (uint32_t i = 0; i < tags->count; i++)
		for (uint32_t j = 0; j < i; j++)
			assert_int_not_equal(tag_id(tags->items[i]), tag_id(tags->items[j]));
}

static struct nspi_get_names_from_ids_out *names_from(struct book *b, struct guid *guid,
                                                      struct mapi_tags *tags)
{
	struct nspi_get_names_from_ids_in in = {
		.handle = b->handle, .reserved = 4, .guid = guid, .tags = tags};

	return ask(b, OP_GET_NAMES_FROM_IDS, &in);
}

static void names_of_tags_are_the_tags(void **state)
{
	struct guid set = PS_MAPI;
	struct nspi_get_names_from_ids_out *out =
		names_from(*state, &set, TAGS(PR_TITLE, 0x12340003));

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_null(out->tags);
	assert_int_equal(out->names->count, 2);
	assert_true(guid_equal(out->names->items[0].guid, &PS_MAPI));
	assert_int_equal((uint32_t)out->names->items[0].id, PR_TITLE);
	assert_null(out->names->items[1].guid);
	assert_int_equal(out->names->items[1].id, 0);
}

static void names_of_another_set_are_none(void **state)
{
	struct guid set = {{9}};
	struct nspi_get_names_from_ids_out *out = names_from(*state, &set, TAGS(PR_TITLE));

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_null(out->names->items[0].guid);
}

static void all_names_of_ps_mapi_are_not_supported(void **state)
{
	struct guid set = PS_MAPI;
	struct nspi_get_names_from_ids_out *out = names_from(*state, &set, NULL);

	assert_int_equal(out->status, MAPI_E_NO_SUPPORT);
	assert_null(out->tags);
	assert_null(out->names);
}

static void all_names_of_all_sets_leave_ps_mapi_out(void **state)
{
	struct nspi_get_names_from_ids_out *out = names_from(*state, NULL, NULL);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->names->count, out->tags->count);
	for (uint32_t i = 0; i < out->names->count; i++)
		assert_null(out->names->items[i].guid);
}

static struct nspi_get_ids_from_names_out *ids_from(struct book *b, uint32_t flags,
                                                    struct nspi_name **names, uint32_t count)
{
	struct nspi_get_ids_from_names_in in = {
		.handle = b->handle,
		.flags = flags,
		.count = count,
		.names = names,
	};

	return ask(b, OP_GET_IDS_FROM_NAMES, &in);
}

static void ids_of_names_have_no_type(void **state)
{
	struct nspi_name title = {.guid = &PS_MAPI, .id = (int32_t)PR_TITLE};
	struct nspi_name *names[] = {&title};
	struct nspi_get_ids_from_names_out *out = ids_from(*state, NSPI_VERIFY_NAMES, names, 1);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_tags(out->tags, TAGS(0x3A170000));
}

static void ids_of_unknown_names_are_errors(void **state)
{
	struct nspi_name title = {.guid = &PS_MAPI, .id = (int32_t)PR_TITLE};
	struct nspi_name no_set = {.id = (int32_t)PR_TITLE};
	struct nspi_name other_set = {.guid = &GUID_NSPI, .id = (int32_t)PR_TITLE};
	struct nspi_name unknown = {.guid = &PS_MAPI, .id = 0x12340003};
	struct nspi_name *names[] = {&no_set, &title, &other_set, &unknown, NULL};
	struct nspi_get_ids_from_names_out *out = ids_from(*state, 0, names, 5);

	assert_int_equal(out->status, MAPI_W_ERRORS_RETURNED);
	assert_tags(out->tags, TAGS(PT_ERROR, 0x3A170000, PT_ERROR, PT_ERROR, PT_ERROR));
	out = ids_from(*state, NSPI_VERIFY_NAMES, names, 5);
	assert_int_equal(out->status, MAPI_E_NO_ACCESS);
	assert_null(out->tags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(a_name_is_resolved_ambiguous_or_unresolved),
		ON_BOTH(empty_and_null_names_are_unresolved),
		ON_BOTH(rows_come_in_the_order_of_the_names),
		ON_BOTH(no_resolved_name_gives_no_rows),
		ON_BOTH(names_in_8_bits_are_in_the_code_page_of_stat),
		ON_BOTH(names_are_found_whatever_their_case_and_accents),
		ON_BOTH(addresses_are_resolved),
		ON_BOTH(hidden_entries_are_not_resolved),
		ON_BOTH(resolved_names_have_permanent_entry_ids),
		ON_BOTH(resolved_names_have_seven_columns_when_none_are_named),
		ON_DIRECTORY(rows_of_resolved_names_are_never_cut_off),
		ON_DIRECTORY(many_names_yield),
		ON_BOTH(resolve_names_wants_a_container),
		ON_DIRECTORY(resolve_names_refuses_code_page_1200_then_reserved),
		ON_BOTH(names_of_entries_become_mids_in_order),
		ON_BOTH(names_of_hidden_entries_become_mids),
		ON_BOTH(names_of_address_lists_become_container_ids),
		ON_DIRECTORY(many_names_of_entries_yield),
		ON_BOTH(columns_come_in_the_width_asked_for),
		ON_BOTH(no_column_is_named_twice),
		ON_BOTH(names_of_tags_are_the_tags),
		ON_BOTH(names_of_another_set_are_none),
		ON_BOTH(all_names_of_ps_mapi_are_not_supported),
		ON_BOTH(all_names_of_all_sets_leave_ps_mapi_out),
		ON_BOTH(ids_of_names_have_no_type),
		ON_BOTH(ids_of_unknown_names_are_errors),
	};

	return cmocka_run_group_tests_name("nspi names", tests, NULL, NULL);
}
