#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mapi/restriction.h"
#include "mapi/tags.h"

#include "directory_site.h"

enum { MATCHES_MAX = 1000 };

static int setup(void **state)
{
	struct site *s = site_open(state);
	site_add(s, book_entry(&s->arena, FIRST, "cn=d", "objectClass", "user", "displayName",
	                       "Dora Díaz", "givenName", "Dora", "sn", "Díaz", "title", "Engineer",
	                       "proxyAddresses", "smtp:dora@x.org", "proxyAddresses",
	                       "smtp:dd@x.org", "mAPIRecipient", "TRUE", "msDS-HABSeniorityIndex",
	                       "5", "userCertificate", "\x30\x02", "manager", "cn=b",
	                       "displayNamePrintable", "Dora Diaz", "whenCreated",
	                       "20260101000000Z", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 1, "cn=b", "objectClass", "user", "displayName",
	                       "Bob Brown", "givenName", "Bob", "sn", "Brown", "title",
	                       "Senior Engineer", "mAPIRecipient", "FALSE",
	                       "msDS-HABSeniorityIndex", "7", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 2, "cn=a", "objectClass", "group", "displayName",
	                       "All Staff", "mail", "all@x.org", "member", "cn=d", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 3, "cn=h", "objectClass", "user", "displayName",
	                       "Hidden Engineer", "title", "Engineer", "msExchHideFromAddressLists",
	                       "TRUE", NULL));
	site_publish(s);
	return 0;
}

static struct mapi_value *text_value(struct site *s, mapi_tag tag, const char *text)
{
	struct mapi_value *v = arena_alloc(&s->arena, sizeof *v);
	v->tag = tag;
	v->string = slice_of_string(text);
	return v;
}

static struct mapi_value *long_value(struct site *s, mapi_tag tag, int32_t number)
{
	struct mapi_value *v = arena_alloc(&s->arena, sizeof *v);
	v->tag = tag;
	v->long_value = number;
	return v;
}

static struct mapi_restriction content(mapi_tag tag, uint32_t fuzzy, struct mapi_value *value)
{
	return (struct mapi_restriction){
		.type = RES_CONTENT, .content = {fuzzy, tag, value}
        };
}

static struct mapi_restriction property(mapi_tag tag, uint32_t relop, struct mapi_value *value)
{
	return (struct mapi_restriction){
		.type = RES_PROPERTY, .property = {relop, tag, value}
        };
}

static struct mapi_restriction exist(mapi_tag tag)
{
	return (struct mapi_restriction){
		.type = RES_EXIST, .exist = {0, tag, 0}
        };
}

static enum scan_status run(struct site *s, uint32_t container, const struct mapi_restriction *r,
                            uint32_t max, const uint32_t **mids, uint32_t *count)
{
	struct table t;
	enum scan_status status;
	assert_int_equal(table_open(&s->view, view_container(&s->view, container), 0, 0x409, &t),
	                 0);
	struct scan *scan = scan_new(&s->view, &t, r, 1252, max, &s->arena, &status);
	if (!scan)
		return status;
	do {
		status = scan_run(scan, 50);
	} while (status == SCAN_MORE);
	if (status == SCAN_DONE)
		*mids = scan_mids(scan, count);
	return status;
}

/* Expects these rows, as offsets from FIRST, a digit each, in table order. */
static void assert_matches(struct site *s, struct mapi_restriction r, const char *rows)
{
	const uint32_t *mids = NULL;
	uint32_t count = 0;
	char found[64] = "";
	assert_int_equal(run(s, 0, &r, MATCHES_MAX, &mids, &count), SCAN_DONE);
	for (uint32_t i = 0; i < count && i < sizeof found - 1; i++)
		found[i] = (char)('0' + mids[i] - FIRST);
	assert_string_equal(found, rows);
}

static void assert_too_complex(struct site *s, struct mapi_restriction r)
{
	const uint32_t *mids;
	uint32_t count;
	assert_int_equal(run(s, 0, &r, MATCHES_MAX, &mids, &count), SCAN_TOO_COMPLEX);
}

static void content_compares_whole_texts_prefixes_and_parts(void **state)
{
	struct site *s = *state;
	assert_matches(s, content(PR_TITLE, FL_FULLSTRING, text_value(s, PR_TITLE, "engineer")),
	               "0");
	assert_matches(s, content(PR_TITLE, FL_SUBSTRING, text_value(s, PR_TITLE, "ENGIN")), "10");
	assert_matches(s, content(PR_TITLE, FL_PREFIX, text_value(s, PR_TITLE, "senior")), "1");
	assert_matches(s, content(PR_TITLE, FL_PREFIX, text_value(s, PR_TITLE, "gineer")), "");
	assert_matches(
		s, content(PR_DISPLAY_NAME, FL_SUBSTRING, text_value(s, PR_DISPLAY_NAME, "diaz")),
		"0");
	assert_matches(s, content(PR_TITLE, FL_SUBSTRING, text_value(s, PR_TITLE, "")), "10");
}

static void eight_bit_values_are_in_the_calls_code_page(void **state)
{
	struct site *s = *state;
	assert_matches(s, content(0x3A11001E, FL_FULLSTRING, text_value(s, 0x3A11001E, "D\xEDz")),
	               "");
	assert_matches(s,
	               content(0x3A11001E, FL_FULLSTRING,
	                       text_value(s, 0x3A11001E,
	                                  "D\xED"
	                                  "az")),
	               "0");
}

static void any_of_several_values_is_enough(void **state)
{
	struct site *s = *state;
	assert_matches(s,
	               content(PR_EMS_AB_PROXY_ADDRESSES, FL_PREFIX,
	                       text_value(s, 0x800F001F, "smtp:dd@")),
	               "0");
	assert_matches(s,
	               property(PR_EMS_AB_PROXY_ADDRESSES, RELOP_EQ,
	                        text_value(s, 0x800F001F, "SMTP:DORA@x.org")),
	               "0");
	assert_matches(s,
	               property(PR_EMS_AB_PROXY_ADDRESSES, RELOP_NE,
	                        text_value(s, 0x800F001F, "smtp:dora@x.org")),
	               "");
}

static void relations_compare_by_type(void **state)
{
	struct site *s = *state;
	const mapi_tag rank = 0x8CA00003;
	assert_matches(s, property(rank, RELOP_GT, long_value(s, rank, 5)), "1");
	assert_matches(s, property(rank, RELOP_GE, long_value(s, rank, 5)), "10");
	assert_matches(s, property(rank, RELOP_LT, long_value(s, rank, 7)), "0");
	assert_matches(s, property(rank, RELOP_LE, long_value(s, rank, 7)), "10");
	assert_matches(s, property(rank, RELOP_EQ, long_value(s, rank, 7)), "1");
	assert_matches(s, property(rank, RELOP_NE, long_value(s, rank, 7)), "0");
	struct mapi_value yes = {.tag = 0x3A40000B, .boolean = 1};
	assert_matches(s, property(0x3A40000B, RELOP_EQ, &yes), "0");
	struct mapi_value bytes = {.tag = 0x8C6A0102, .binary = slice_of("\x30\x02", 2)};
	assert_matches(s, property(PR_EMS_AB_X509_CERT, RELOP_EQ, &bytes), "0");
	struct mapi_value time = {.tag = 0x30070040, .filetime = UINT64_C(134100000000000000)};
	assert_matches(s, property(0x30070040, RELOP_GE, &time), "0");
	assert_matches(s,
	               property(PR_DISPLAY_NAME, RELOP_GE, text_value(s, PR_DISPLAY_NAME, "bob")),
	               "10");
	assert_matches(
		s, property(PR_DISPLAY_NAME, RELOP_LT, text_value(s, PR_DISPLAY_NAME, "BOB")), "2");
}

static void a_value_of_another_type_fits_nothing(void **state)
{
	struct site *s = *state;
	assert_matches(s, property(0x8CA00003, RELOP_EQ, text_value(s, 0x8CA0001F, "7")), "");
	assert_matches(s, property(PR_TITLE, RELOP_NE, long_value(s, 0x3A170003, 1)), "");
}

static void the_7_bit_display_name_alone_compares_by_case(void **state)
{
	struct site *s = *state;
	assert_matches(s,
	               property(PR_DISPLAY_NAME_PRINTABLE, RELOP_EQ,
	                        text_value(s, PR_DISPLAY_NAME_PRINTABLE, "Dora Diaz")),
	               "0");
	assert_matches(s,
	               property(PR_DISPLAY_NAME_PRINTABLE, RELOP_EQ,
	                        text_value(s, PR_DISPLAY_NAME_PRINTABLE, "dora diaz")),
	               "");
}

static void properties_made_up_for_each_object_can_be_asked_for(void **state)
{
	struct site *s = *state;
	assert_matches(
		s, property(PR_DISPLAY_TYPE, RELOP_EQ, long_value(s, PR_DISPLAY_TYPE, DT_DISTLIST)),
		"2");
	assert_matches(
		s, property(PR_OBJECT_TYPE, RELOP_EQ, long_value(s, PR_OBJECT_TYPE, MAPI_MAILUSER)),
		"10");
	assert_matches(s, property(PR_ADDRTYPE, RELOP_EQ, text_value(s, PR_ADDRTYPE, "ex")), "210");
	assert_matches(s, content(PR_ADDRTYPE, FL_PREFIX, text_value(s, PR_ADDRTYPE, "smtp")), "");
	assert_matches(s, exist(PR_DISPLAY_TYPE), "210");
}

static void exist_knows_stored_values_and_links(void **state)
{
	struct site *s = *state;
	assert_matches(s, exist(PR_TITLE), "10");
	assert_matches(s, exist(PR_EMS_AB_MEMBER), "2");
	assert_matches(s, exist(PR_EMS_AB_IS_MEMBER_OF_DL), "0");
	assert_matches(s, exist(PR_EMS_AB_REPORTS), "1");
	assert_matches(s, exist(0x6666001F), "");
}

static void conditions_combine(void **state)
{
	struct site *s = *state;
	struct mapi_restriction items[] = {
		exist(PR_TITLE),
		content(PR_DISPLAY_NAME, FL_PREFIX, text_value(s, PR_DISPLAY_NAME, "d")),
	};
	struct mapi_restriction both = {
		.type = RES_AND, .list = {2, items}
        };
	struct mapi_restriction either = {
		.type = RES_OR, .list = {2, items}
        };
	struct mapi_restriction neither = {.type = RES_NOT, .child = &either};
	struct mapi_restriction all = {.type = RES_AND}, none = {.type = RES_OR};
	assert_matches(s, both, "0");
	assert_matches(s, either, "10");
	assert_matches(s, neither, "2");
	assert_matches(s, all, "210");
	assert_matches(s, none, "");
}

static void anr_in_a_restriction_finds_what_resolution_does(void **state)
{
	struct site *s = *state;
	struct mapi_restriction anr = property(PR_ANR, RELOP_EQ, text_value(s, PR_ANR, "d"));
	struct mapi_restriction eight_bit =
		property(0x360C001E, RELOP_EQ, text_value(s, 0x360C001E, "bro b"));
	struct mapi_restriction items[] = {anr, exist(PR_TITLE)};
	struct mapi_restriction both = {
		.type = RES_AND, .list = {2, items}
        };
	struct mapi_restriction not = {.type = RES_NOT, .child = &anr};
	assert_matches(s, anr, "0");
	assert_matches(s, eight_bit, "1");
	assert_matches(s, both, "0");
	assert_matches(s, not, "21");
	assert_matches(s, content(PR_ANR, FL_PREFIX, text_value(s, PR_ANR, "all")), "2");
	assert_matches(s, property(PR_ANR, RELOP_EQ, text_value(s, PR_ANR, "hidden")), "");
	assert_too_complex(s, property(PR_ANR, RELOP_NE, text_value(s, PR_ANR, "d")));
}

static void what_is_not_served_is_too_complex(void **state)
{
	struct site *s = *state;
	struct mapi_value several = {.tag = PR_EMS_AB_PROXY_ADDRESSES};
	static const uint32_t types[] = {RES_COMPAREPROPS, RES_BITMASK, RES_SIZE,
	                                 RES_SUBRESTRICTION, 77};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		assert_too_complex(s, (struct mapi_restriction){.type = types[i]});
	assert_too_complex(s, property(PR_TITLE, RELOP_RE, text_value(s, PR_TITLE, "x")));
	assert_too_complex(s, property(PR_TITLE, RELOP_MEMBER_OF_DL, text_value(s, PR_TITLE, "x")));
	assert_too_complex(s, property(PR_EMS_AB_PROXY_ADDRESSES, RELOP_EQ, &several));
	assert_too_complex(s, property(PR_EMS_AB_MEMBER, RELOP_EQ, text_value(s, 0x8009001F, "x")));
	assert_too_complex(s, content(PR_TITLE, 3, text_value(s, PR_TITLE, "x")));
	assert_too_complex(s, content(PR_TITLE, 0, NULL));
	assert_too_complex(s, property(PR_TITLE, RELOP_EQ, NULL));
	assert_too_complex(s, (struct mapi_restriction){.type = RES_NOT});
}

static void deep_and_wide_restrictions_are_too_complex(void **state)
{
	struct site *s = *state;
	struct mapi_restriction leaf = exist(PR_TITLE), chain[RESTRICTION_MAX_DEPTH + 1];
	struct mapi_restriction *inner = &leaf;
	for (size_t i = 0; i < sizeof chain / sizeof chain[0]; i++) {
		chain[i] = (struct mapi_restriction){.type = RES_NOT, .child = inner};
		inner = &chain[i];
	}
	assert_too_complex(s, *inner);
	struct mapi_restriction *many = arena_alloc_array(&s->arena, 100000, sizeof *many);
	for (size_t i = 0; i < 100000; i++)
		many[i] = exist(PR_TITLE);
	assert_too_complex(s, (struct mapi_restriction){
				      .type = RES_OR, .list = {100000, many}
        });
}

static void more_matches_than_allowed_are_too_many(void **state)
{
	struct site *s = *state;
	const uint32_t *mids;
	uint32_t count;
	struct mapi_restriction all = exist(PR_DISPLAY_NAME);
	assert_int_equal(run(s, 0, &all, 2, &mids, &count), SCAN_TOO_MANY);
	assert_int_equal(run(s, 0, &all, 3, &mids, &count), SCAN_DONE);
	assert_int_equal(count, 3);
}

static void a_scan_stays_in_its_container(void **state)
{
	struct site *s = *state;
	const uint32_t *mids;
	uint32_t count;
	struct mapi_restriction all = exist(PR_DISPLAY_NAME);
	assert_int_equal(run(s, 0x11, &all, 10, &mids, &count), SCAN_DONE);
	assert_int_equal(count, 1);
	assert_int_equal(mids[0], FIRST + 2);
	assert_int_equal(run(s, 0x14, &all, 10, &mids, &count), SCAN_DONE);
	assert_int_equal(count, 0);
}

static void a_full_arena_ends_a_scan(void **state)
{
	struct site *s = *state;
	struct mapi_restriction r =
		content(PR_TITLE, FL_SUBSTRING, text_value(s, PR_TITLE, "engineer"));
	struct table t;
	enum scan_status status;
	struct arena small;
	arena_init(&small, 64);
	assert_int_equal(table_open(&s->view, view_container(&s->view, 0), 0, 0x409, &t), 0);
	assert_null(scan_new(&s->view, &t, &r, 1252, 10, &small, &status));
	assert_int_equal(status, SCAN_NO_MEMORY);
	arena_free(&small);
}

static void a_scan_in_slices_finds_everybody_in_table_order(void **state)
{
	struct site *s = *state;
	struct book_random r = {5};
	const uint32_t *mids;
	static uint32_t expected[3000];
	uint32_t count, visible;
	struct table t;
	for (uint32_t i = 10; i < 2500; i++) {
		struct book_person p = book_person(&s->arena, &r, FIRST + i);
		site_add(s, book_person_entry(&s->arena, &p));
	}
	site_publish(s);
	struct mapi_restriction all = exist(PR_DISPLAY_NAME);
	assert_int_equal(run(s, 0, &all, 3000, &mids, &count), SCAN_DONE);
	assert_int_equal(table_open(&s->view, view_container(&s->view, 0), 0, 0x409, &t), 0);
	visible = table_mids(&t, 0, expected, 3000);
	assert_int_equal(count, visible);
	assert_memory_equal(mids, expected, visible * sizeof expected[0]);
}

/* So many that they are met by a walk through the table. */
static void a_name_of_very_many_finds_them_in_table_order_in_slices(void **state)
{
	enum { MANY = 20000 };
	struct site *s = *state;
	struct directory_builder *b = builder_new(s->directory, NULL);
	static uint32_t expected[MANY];
	struct error e;
	struct table t;
	enum scan_status status;
	size_t slices = 0;
	uint32_t count, i;
	for (i = 0; i < MANY; i++)
		builder_put(b,
		            book_entry(&s->arena, FIRST + i, arena_printf(&s->arena, "cn=%u", i),
		                       "objectClass", "user", "displayName",
		                       arena_printf(&s->arena, "Anna %u", i * 7919 % MANY), "mail",
		                       arena_printf(&s->arena, "anna%u@example.com", i), "title",
		                       i % 3 ? "Engineer" : "Manager", NULL),
		            &e);
	directory_publish(s->directory, builder_finish(b));
	snapshot_unref(s->snapshot);
	s->snapshot = s->view.snapshot = directory_acquire(s->directory);
	assert_int_equal(table_open(&s->view, view_container(&s->view, 0), 0, 0x409, &t), 0);
	assert_int_equal(table_mids(&t, 0, expected, MANY), MANY);
	struct mapi_restriction r = property(PR_ANR, RELOP_EQ, text_value(s, PR_ANR, "ann"));
	struct scan *scan = scan_new(&s->view, &t, &r, 1252, MANY, &s->arena, &status);
	for (; (status = scan_run(scan, 0)) == SCAN_MORE; slices++)
		continue;
	assert_int_equal(status, SCAN_DONE);
	assert_true(slices > 2 * MANY / 130 + MANY / 70); /* two words of each, then the table */
	const uint32_t *mids = scan_mids(scan, &count);
	assert_int_equal(count, MANY);
	assert_memory_equal(mids, expected, sizeof expected);
	struct mapi_restriction both[] = {
		r, content(PR_TITLE, FL_FULLSTRING, text_value(s, PR_TITLE, "manager"))};
	struct mapi_restriction and = {
		.type = RES_AND, .list = {2, both}
        };
	assert_int_equal(run(s, 0, &and, MANY, &mids, &count), SCAN_DONE);
	assert_int_equal(count, (MANY + 2) / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, site_teardown)
		TEST(content_compares_whole_texts_prefixes_and_parts),
		TEST(eight_bit_values_are_in_the_calls_code_page),
		TEST(any_of_several_values_is_enough),
		TEST(relations_compare_by_type),
		TEST(a_value_of_another_type_fits_nothing),
		TEST(the_7_bit_display_name_alone_compares_by_case),
		TEST(properties_made_up_for_each_object_can_be_asked_for),
		TEST(exist_knows_stored_values_and_links),
		TEST(conditions_combine),
		TEST(anr_in_a_restriction_finds_what_resolution_does),
		TEST(what_is_not_served_is_too_complex),
		TEST(deep_and_wide_restrictions_are_too_complex),
		TEST(more_matches_than_allowed_are_too_many),
		TEST(a_scan_stays_in_its_container),
		TEST(a_full_arena_ends_a_scan),
		TEST(a_scan_in_slices_finds_everybody_in_table_order),
		TEST(a_name_of_very_many_finds_them_in_table_order_in_slices),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
