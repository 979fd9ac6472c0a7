#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <strings.h>

#include <cmocka.h>

#include "mapi/attributes.h"
#include "mapi/codepage.h"
#include "mapi/entryid.h"
#include "mapi/errors.h"
#include "mapi/tags.h"

#define BYTES(text) slice_of(text, sizeof(text) - 1)

static void attributes_are_sorted_and_have_one_row_an_id(void **state)
{
	(void)state;
	size_t count;
	const struct attribute *rows = attributes_visible(&count);
	assert_true(count > 100);
	for (size_t i = 1; i < count; i++)
		assert_true(tag_id(rows[i - 1].tag) < tag_id(rows[i].tag));
	for (size_t i = 0; i < count; i++) {
		assert_true(rows[i].visible);
		assert_ptr_equal(attribute_by_id(tag_id(rows[i].tag)), &rows[i]);
	}
}

static void each_attribute_name_finds_the_property_that_is_stored(void **state)
{
	(void)state;
	size_t count;
	const struct attribute *rows = attributes_visible(&count);
	for (size_t i = 0; i < count; i++) {
		const struct attribute *found =
			attribute_by_name(slice_of_string(rows[i].ldap_name));
		if (strcmp(rows[i].ldap_name, "objectGUID") == 0) {
			assert_null(found); /* comes from the entry's head */
			continue;
		}
		assert_non_null(found);
		assert_string_equal(found->ldap_name, rows[i].ldap_name);
		assert_true(found->conversion == CONVERT_BACKLINK || found->source_id == 0);
	}
}

static void every_source_is_a_row_of_the_right_kind(void **state)
{
	(void)state;
	size_t count;
	const struct attribute *rows = attributes_visible(&count);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].source_id == 0)
			continue;
		const struct attribute *source = attribute_by_id(rows[i].source_id);
		assert_non_null(source);
		assert_int_equal(source->source_id, 0);
		assert_int_equal(source->conversion, rows[i].conversion == CONVERT_BACKLINK
		                                             ? CONVERT_LINK
		                                             : CONVERT_TEXT);
	}
}

static void attribute_names_compare_without_case(void **state)
{
	(void)state;
	assert_int_equal(attribute_by_name(BYTES("DISPLAYNAME"))->tag, PR_DISPLAY_NAME);
	assert_int_equal(attribute_by_name(BYTES("c"))->tag, 0x8069001F);
	assert_int_equal(attribute_by_name(BYTES("wwwhomepage"))->tag, 0x8175101F);
	assert_null(attribute_by_name(BYTES("displayNam")));
	assert_null(attribute_by_name(BYTES("displayNamesx")));
	assert_null(attribute_by_name(BYTES("")));
}

static void other_schemas_spellings_stand_for_the_same_property(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		mapi_tag tag;
	} rows[] = {
		{"uniqueMember",  PR_EMS_AB_MEMBER         },
		{"owner",         PR_EMS_AB_OWNER          },
		{"jpegPhoto",     PR_EMS_AB_THUMBNAIL_PHOTO},
		{"labeledURI",    0x8C51101F               },
		{"surname",       PR_SURNAME               },
		{"rfc822Mailbox", PR_SMTP_ADDRESS          },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(attribute_by_name(slice_of_string(rows[i].name))->tag,
		                 rows[i].tag);
}

static void secrets_are_in_no_table(void **state)
{
	(void)state;
	static const char *const names[] = {
		"userPassword",
		"unicodePwd",
		"nTSecurityDescriptor",
		"objectSid",
		"sambaNTPassword",
		"supplementalCredentials",
		"msExchMailboxSecurityDescriptor",
		"lmPwdHistory",
		"pwdHistory",
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_null(attribute_by_name(slice_of_string(names[i])));
}

static void private_attributes_are_not_for_clients(void **state)
{
	(void)state;
	const struct attribute *a = attribute_by_name(BYTES("msExchHideFromAddressLists"));
	assert_non_null(a);
	assert_false(a->visible);
	assert_null(attribute_by_id(tag_id(a->tag)));
	assert_ptr_equal(attribute_stored(tag_id(a->tag)), a);
}

static void a_telephone_number_is_both_business_and_primary(void **state)
{
	(void)state;
	assert_int_equal(attribute_by_name(BYTES("telephoneNumber"))->tag,
	                 PR_BUSINESS_TELEPHONE_NUMBER);
	assert_int_equal(attribute_by_id(tag_id(PR_PRIMARY_TELEPHONE_NUMBER))->source_id,
	                 tag_id(PR_BUSINESS_TELEPHONE_NUMBER));
}

static void tags_have_names_and_names_have_tags(void **state)
{
	(void)state;
	mapi_tag tag;
	assert_string_equal(mapi_tag_name(0x3001001E), "PR_DISPLAY_NAME");
	assert_null(mapi_tag_name(0x66660003));
	assert_true(mapi_tag_parse("PR_SMTP_ADDRESS", &tag) && tag == PR_SMTP_ADDRESS);
	assert_true(mapi_tag_parse("0x3001001e", &tag) && tag == 0x3001001E);
	assert_true(mapi_tag_parse("telephoneNumber", &tag) && tag == PR_BUSINESS_TELEPHONE_NUMBER);
	assert_false(mapi_tag_parse("objectClass", &tag));
	assert_false(mapi_tag_parse("0x", &tag));
	assert_false(mapi_tag_parse("0x3001001fff", &tag));
	assert_false(mapi_tag_parse("", &tag));
}

static void status_codes_have_names(void **state)
{
	(void)state;
	assert_string_equal(mapi_error_name(MAPI_E_LOGON_FAILED), "MAPI_E_LOGON_FAILED");
	assert_null(mapi_error_name(0x12345678));
}

static void a_permanent_entry_id_has_28_bytes_and_the_dn(void **state)
{
	(void)state;
	static const uint8_t expected[] =
		"\x00\x00\x00\x00\xDC\xA7\x40\xC8\xC0\x42\x10\x1A\xB4\xB9\x08\x00\x2B\x2F\xE1\x82"
		"\x01\x00\x00\x00\x06\x00\x00\x00/o=A/cn=b";
	struct arena a;
	struct guid server = {{1}};
	struct entryid e;

	arena_init(&a, 4096);
	struct slice id = entryid_permanent(&a, DT_REMOTE_MAILUSER, BYTES("/o=A/cn=b"));
	assert_true(slice_equal(id, slice_of(expected, sizeof expected)));
	assert_true(entryid_parse(id, &server, &e));
	assert_false(e.ephemeral);
	assert_true(slice_equal(e.dn, BYTES("/o=A/cn=b")));
	arena_free(&a);
}

static void an_ephemeral_entry_id_belongs_to_one_server(void **state)
{
	(void)state;
	struct arena a;
	struct guid server =
			    {
				    {1, 2, 3}
        },
		    other = {{4}};
	struct entryid e;

	arena_init(&a, 4096);
	struct slice id = entryid_ephemeral(&a, &server, DT_DISTLIST, 0x80000010);
	assert_int_equal(id.size, 32);
	assert_int_equal(id.data[0], 0x87);
	assert_true(entryid_parse(id, &server, &e));
	assert_true(e.ephemeral);
	assert_int_equal(e.mid, 0x80000010);
	assert_int_equal(e.display_type, DT_DISTLIST);
	assert_false(entryid_parse(id, &other, &e));
	arena_free(&a);
}

static void a_cut_or_foreign_entry_id_is_none(void **state)
{
	(void)state;
	struct arena a;
	struct guid server = {
		{1, 2, 3}
        };
	struct entryid e;

	arena_init(&a, 4096);
	struct slice permanent = entryid_permanent(&a, 0, BYTES("/o=A"));
	for (size_t size = 0; size < permanent.size; size++)
		assert_false(entryid_parse(slice_of(permanent.data, size), &server, &e));
	struct slice ephemeral = entryid_ephemeral(&a, &server, 0, 0x1000);
	for (size_t size = 0; size < ephemeral.size; size++)
		assert_false(entryid_parse(slice_of(ephemeral.data, size), &server, &e));
	uint8_t *foreign = arena_alloc(&a, permanent.size);
	memcpy(foreign, permanent.data, permanent.size);
	foreign[4] ^= 1;
	assert_false(entryid_parse(slice_of(foreign, permanent.size), &server, &e));
	arena_free(&a);
}

/* Bytes as Windows encodes them: from the published tables of each code page. */
static const struct {
	uint32_t codepage;
	struct slice utf8, bytes;
} codepage_vectors[] = {
	{1252,
	 {(const uint8_t *)"M\xC3\xBCller \xE2\x82\xAC", 11},
	 {(const uint8_t *)"M\xFCller \x80", 8}						      },
	{1250,
	 {(const uint8_t *)"\xC5\x81\xC3\xB3"
                           "d\xC5\xBA",
          7},
	 {(const uint8_t *)"\xA3\xF3"
                           "d\x9F",
          4}											 },
	{1251,
	 {(const uint8_t *)"\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD", 8},
	 {(const uint8_t *)"\xC8\xE2\xE0\xED", 4}						    },
	{1253,  {(const uint8_t *)"\xCE\x91\xCE\xB8", 4},          {(const uint8_t *)"\xC1\xE8", 2}  },
	{1254,  {(const uint8_t *)"\xC4\xB0\xC5\x9F", 4},          {(const uint8_t *)"\xDD\xFE", 2}  },
	{1255,  {(const uint8_t *)"\xD7\xA9", 2},                  {(const uint8_t *)"\xF9", 1}      },
	{1256,  {(const uint8_t *)"\xD8\xB4", 2},                  {(const uint8_t *)"\xD4", 1}      },
	{1257,  {(const uint8_t *)"\xC4\x97", 2},                  {(const uint8_t *)"\xEB", 1}      },
	{1258,  {(const uint8_t *)"\xC6\xB0", 2},                  {(const uint8_t *)"\xFD", 1}      },
	{874,   {(const uint8_t *)"\xE0\xB8\x81", 3},              {(const uint8_t *)"\xA1", 1}      },
	{932,
	 {(const uint8_t *)"\xE7\x94\xB0\xE4\xB8\xAD", 6},
	 {(const uint8_t *)"\x93\x63\x92\x86", 4}						    },
	{936,   {(const uint8_t *)"\xE5\xBC\xA0", 3},              {(const uint8_t *)"\xD5\xC5", 2}  },
	{949,   {(const uint8_t *)"\xEA\xB9\x80", 3},              {(const uint8_t *)"\xB1\xE8", 2}  },
	{950,   {(const uint8_t *)"\xE9\x99\xB3", 3},              {(const uint8_t *)"\xB3\xAF", 2}  },
	{28591, {(const uint8_t *)"\xC3\xA9", 2},                  {(const uint8_t *)"\xE9", 1}      },
	{28592, {(const uint8_t *)"\xC5\xA1", 2},                  {(const uint8_t *)"\xB9", 1}      },
	{20866, {(const uint8_t *)"\xD0\x90", 2},                  {(const uint8_t *)"\xE1", 1}      },
	{437,   {(const uint8_t *)"\xC3\xBC", 2},                  {(const uint8_t *)"\x81", 1}      },
	{20127, {(const uint8_t *)"abc", 3},                       {(const uint8_t *)"abc", 3}       },
	{65001, {(const uint8_t *)"\xC3\xA9", 2},                  {(const uint8_t *)"\xC3\xA9", 2}  },
	{1200,  {(const uint8_t *)"a\xC3\xA9", 3},                 {(const uint8_t *)"a\0\xE9\0", 4} },
	{20261, {(const uint8_t *)"M\xC3\xBCller", 7},             {(const uint8_t *)"M\xC8uller", 7}},
};

static void code_pages_convert_both_ways(void **state)
{
	(void)state;
	struct arena a;

	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof codepage_vectors / sizeof codepage_vectors[0]; i++) {
		bool lossy = true;
		uint32_t codepage = codepage_vectors[i].codepage;
		assert_true(codepage_supported(codepage));
		struct slice bytes =
			codepage_from_utf8(&a, codepage, codepage_vectors[i].utf8, &lossy);
		assert_true(slice_equal(bytes, codepage_vectors[i].bytes));
		assert_false(lossy);
		struct slice utf8 = codepage_to_utf8(&a, codepage, codepage_vectors[i].bytes);
		assert_true(slice_equal(utf8, codepage_vectors[i].utf8));
	}
	arena_free(&a);
}

static void what_a_code_page_lacks_becomes_a_question_mark(void **state)
{
	(void)state;
	static const uint32_t codepages[] = {1252, 20127, 20261, 28591, 932};
	struct arena a;

	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof codepages / sizeof codepages[0]; i++) {
		bool lossy = false;
		/* DEVANAGARI LETTER RA is in none of them */
		struct slice bytes =
			codepage_from_utf8(&a, codepages[i], BYTES("x\xE0\xA4\xB0y"), &lossy);
		assert_true(slice_equal(bytes, BYTES("x?y")));
		assert_true(lossy);
	}
	arena_free(&a);
}

static void undefined_bytes_become_the_replacement_character(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 1 << 20);
	assert_true(
		slice_equal(codepage_to_utf8(&a, 20127, BYTES("a\xFF")), BYTES("a\xEF\xBF\xBD")));
	assert_true(
		slice_equal(codepage_to_utf8(&a, 65001, BYTES("a\xC3")), BYTES("a\xEF\xBF\xBD")));
	arena_free(&a);
}

static void unknown_code_pages_are_refused(void **state)
{
	(void)state;
	static const uint32_t codepages[] = {0, 1, 1201, 12000, 12345, 999999, UINT32_MAX};
	struct arena a;

	arena_init(&a, 4096);
	for (size_t i = 0; i < sizeof codepages / sizeof codepages[0]; i++) {
		assert_false(codepage_supported(codepages[i]));
		assert_null(codepage_from_utf8(&a, codepages[i], BYTES("a"), NULL).data);
		assert_null(codepage_to_utf8(&a, codepages[i], BYTES("a")).data);
	}
	arena_free(&a);
}

static void a_code_page_conversion_stays_below_the_arenas_ceiling(void **state)
{
	(void)state;
	struct arena a;
	uint8_t text[512];

	memset(text, 0xE9, sizeof text);
	arena_init(&a, 256);
	assert_null(codepage_to_utf8(&a, 1252, slice_of(text, sizeof text)).data);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_are_sorted_and_have_one_row_an_id),
		cmocka_unit_test(each_attribute_name_finds_the_property_that_is_stored),
		cmocka_unit_test(every_source_is_a_row_of_the_right_kind),
		cmocka_unit_test(attribute_names_compare_without_case),
		cmocka_unit_test(other_schemas_spellings_stand_for_the_same_property),
		cmocka_unit_test(secrets_are_in_no_table),
		cmocka_unit_test(private_attributes_are_not_for_clients),
		cmocka_unit_test(a_telephone_number_is_both_business_and_primary),
		cmocka_unit_test(tags_have_names_and_names_have_tags),
		cmocka_unit_test(status_codes_have_names),
		cmocka_unit_test(a_permanent_entry_id_has_28_bytes_and_the_dn),
		cmocka_unit_test(an_ephemeral_entry_id_belongs_to_one_server),
		cmocka_unit_test(a_cut_or_foreign_entry_id_is_none),
		cmocka_unit_test(code_pages_convert_both_ways),
		cmocka_unit_test(what_a_code_page_lacks_becomes_a_question_mark),
		cmocka_unit_test(undefined_bytes_become_the_replacement_character),
		cmocka_unit_test(unknown_code_pages_are_refused),
		cmocka_unit_test(a_code_page_conversion_stays_below_the_arenas_ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
