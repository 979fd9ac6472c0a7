#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "book.h"
#include "directory/filter.h"

static bool fits(const char *text)
{
	struct arena a;
	struct filter *f = NULL;
	struct error e = {0};
	arena_init(&a, 1 << 20);
	const struct entry *entry =
		book_entry(&a, ENTRY_MID_FIRST, "cn=anna,o=x", "objectClass", "top", "objectClass",
	                   "user", "displayName", "Änna Ames (Berlin)", "department", "Sales",
	                   "employeeNumber", "1042", "groupType", "-2147483646", "manager",
	                   "CN=Dora\\2C D,O=x", "objectCategory", "CN=Person,CN=Schema,DC=x", NULL);
	if (filter_parse(text, &f, &e))
		fail_msg("%s", e.text);
	assert_string_equal(filter_text(f), text);
	bool result = filter_fits(f, entry);
	filter_free(f);
	arena_free(&a);
	return result;
}

static void equality_is_without_case_on_any_value(void **state)
{
	(void)state;
	assert_true(fits("(objectClass=USER)"));
	assert_true(fits("(OBJECTCLASS=top)"));
	assert_true(fits("(department~=sales)"));
	assert_true(fits("(displayName=\xC3\xA4NNA ames \\28Berlin\\29)"));
	assert_false(fits("(displayName=Anna Ames \\28Berlin\\29)"));
	assert_false(fits("(department=Sale)"));
	assert_false(fits("(company=)"));
}

static void substrings_stand_in_their_order(void **state)
{
	(void)state;
	assert_true(fits("(department=S*)"));
	assert_true(fits("(department=*ES)"));
	assert_true(fits("(department=*al*)"));
	assert_true(fits("(department=s*l*s)"));
	assert_true(fits("(department=sa**es)"));
	assert_false(fits("(department=s*l*l*s)"));
	assert_false(fits("(department=sales*sales)"));
	assert_false(fits("(department=*sal)"));
	assert_false(fits("(company=*x*)"));
}

static void presence_is_any_value(void **state)
{
	(void)state;
	assert_true(fits("(department=*)"));
	assert_false(fits("(company=*)"));
	assert_true(fits("(!(company=*))"));
}

static void combinations_hold_as_in_logic(void **state)
{
	(void)state;
	assert_true(fits("(&(department=Sales)(objectClass=user))"));
	assert_false(fits("(&(department=Sales)(objectClass=group))"));
	assert_true(fits("(|(department=Research)(objectClass=user))"));
	assert_false(fits("(|(department=Research)(objectClass=group))"));
	assert_true(fits("( & (|(a=b)(department=Sales)) (!(objectClass=group)) )"));
	assert_true(fits("(&)"));
	assert_false(fits("(|)"));
}

static void numbers_compare_as_numbers(void **state)
{
	(void)state;
	assert_true(fits("(employeeNumber>=999)"));
	assert_true(fits("(employeeNumber<=1042)"));
	assert_false(fits("(employeeNumber>=10000)"));
	assert_true(fits("(employeeNumber=01042)"));
	assert_true(fits("(department>=a)"));
}

static void bits_are_matched_by_the_rules_of_active_directory(void **state)
{
	(void)state;
	assert_true(fits("(groupType:1.2.840.113556.1.4.803:=2)"));
	assert_true(fits("(groupType:1.2.840.113556.1.4.803:=2147483648)"));
	assert_false(fits("(groupType:1.2.840.113556.1.4.803:=6)"));
	assert_true(fits("(groupType:1.2.840.113556.1.4.804:=6)"));
	assert_false(fits("(groupType:1.2.840.113556.1.4.804:=4)"));
	assert_false(fits("(department:1.2.840.113556.1.4.804:=4)"));
}

static void names_of_entries_compare_by_what_they_mean(void **state)
{
	(void)state;
	assert_true(fits("(manager=cn=dora\\5c, d, o=X)"));
	assert_false(fits("(manager=cn=dora,o=x)"));
	assert_true(fits("(objectCategory=person)"));
	assert_true(fits("(objectCategory=user)"));
	assert_true(fits("(objectCategory=CN=Person,CN=Schema,DC=x)"));
	assert_false(fits("(objectCategory=group)"));
}

static void what_is_no_filter_is_refused_where_it_stops_being_one(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{"",			       "\"(\" is missing at character 1"              },
		{"department=Sales",               "\"(\" is missing at character 1"              },
		{"(department=Sales",              "\")\" is missing at character 18"             },
		{"(department=Sales))",            "something behind the end at character 19"     },
		{"(department)",                   "an operator is missing at character 12"       },
		{"(=x)",			   "an attribute is missing at character 2"       },
		{"(a=\\2)",                        "two hexadecimal digits behind it at character"},
		{"(a>=b*)",                        "goes with \"=\" alone"                        },
		{"(!(a=b)(c=d))",                  "wants one filter behind it"                   },
		{"(!)",			    "wants one filter behind it"                   },
		{"(a:1.2.840.113556.1.4.803:=x)",  "wants a number"                               },
		{"(a:1.2.840.113556.1.4.1941:=x)", "matching rule is not known"                   },
		{"(a:dn:=x)",                      "matching rule is not known"                   },
		{"(memberOf=cn=x)",                "made from other entries' links"               },
		{"(&(a=b)x)",                      "\")\" is missing at character 8"              },
	};
	struct filter *f = NULL;
	struct error e;
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(filter_parse(wrong[i].text, &f, &e), ERR_INVALID);
		if (!strstr(e.text, wrong[i].says))
			fail_msg("%s: %s", wrong[i].text, e.text);
	}
}

static void depth_and_length_are_bounded(void **state)
{
	char text[8192];
	struct filter *f = NULL;
	struct error e;
	(void)state;
	memset(text, '(', sizeof text);
	for (size_t i = 1; i < 200; i += 2)
		text[i] = '!';
	text[200] = '\0';
	assert_int_equal(filter_parse(text, &f, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "too many brackets"));
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_int_equal(filter_parse(text, &f, &e), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_is_without_case_on_any_value),
		cmocka_unit_test(substrings_stand_in_their_order),
		cmocka_unit_test(presence_is_any_value),
		cmocka_unit_test(combinations_hold_as_in_logic),
		cmocka_unit_test(numbers_compare_as_numbers),
		cmocka_unit_test(bits_are_matched_by_the_rules_of_active_directory),
		cmocka_unit_test(names_of_entries_compare_by_what_they_mean),
		cmocka_unit_test(what_is_no_filter_is_refused_where_it_stops_being_one),
		cmocka_unit_test(depth_and_length_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
