#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "directory/dn.h"

static void assert_normalised(const char *dn, const char *expected)
{
	struct buffer out;
	buffer_init(&out, 2 * DN_MAX);
	assert_true(dn_normalise(slice_of_string(dn), &out));
	buffer_put_u8(&out, 0);
	assert_string_equal((const char *)out.data, expected);
	buffer_free(&out);
}

static void assert_malformed(const char *dn)
{
	struct buffer out;
	buffer_init(&out, 2 * DN_MAX);
	assert_false(dn_normalise(slice_of_string(dn), &out));
	buffer_free(&out);
}

static void case_and_spaces_do_not_matter(void **state)
{
	(void)state;
	assert_normalised("CN = Ann  Example ,OU=People,  dc=Example",
	                  "cn=ann example,ou=people,dc=example");
	assert_normalised("", "");
}

static void letters_of_other_scripts_fold_too(void **state)
{
	(void)state;
	assert_normalised("cn=ЖАННА ÉVA", "cn=жанна éva");
}

static void escapes_mean_the_character(void **state)
{
	(void)state;
	assert_normalised("cn=Doe\\, J\\2Bn,dc=x", "cn=doe\\, j\\+n,dc=x");
	assert_normalised("cn=J\\C3\\A9r\\C3\\94me", "cn=jérôme");
	assert_normalised("cn=\\41bc", "cn=abc");
	assert_normalised("cn=a\\ ", "cn=a ");
}

static void quoted_values_and_semicolons_of_old_programs_are_read(void **state)
{
	(void)state;
	assert_normalised("cn=\"Doe, John\";dc=x", "cn=doe\\, john,dc=x");
}

static void several_values_of_one_rdn_stay_together(void **state)
{
	(void)state;
	assert_normalised("cn=a + uid=B,dc=x", "cn=a+uid=b,dc=x");
}

static void what_is_no_dn_is_refused(void **state)
{
	static const char *const bad[] = {
		"cn",      "=a",      "cn=a,",           "cn=a,,dc=x", "cn=a\\", "cn=\"open",
		"cn=\\00", "cn=\xff", "cn=\"a\" b,dc=x", "c n=a",      ","};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_malformed(bad[i]);
}

static void value_longer_than_a_name_is_refused(void **state)
{
	char dn[DN_MAX + 5] = "cn=";
	(void)state;
	memset(dn + 3, 'a', DN_MAX + 1);
	assert_malformed(dn);
	dn[DN_MAX + 3] = 0;
	struct buffer out;
	buffer_init(&out, 2 * DN_MAX);
	assert_true(dn_normalise(slice_of_string(dn), &out));
	buffer_free(&out);
}

static void parent_is_what_follows_the_first_rdn(void **state)
{
	struct slice parent = {0};
	(void)state;
	assert_true(dn_parent(slice_of_string("cn=a\\,b+uid=c, OU=People,dc=x"), &parent));
	assert_true(slice_equal(parent, slice_of_string("OU=People,dc=x")));
	assert_false(dn_parent(slice_of_string("dc=x"), &parent));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(case_and_spaces_do_not_matter),
		cmocka_unit_test(letters_of_other_scripts_fold_too),
		cmocka_unit_test(escapes_mean_the_character),
		cmocka_unit_test(quoted_values_and_semicolons_of_old_programs_are_read),
		cmocka_unit_test(several_values_of_one_rdn_stay_together),
		cmocka_unit_test(what_is_no_dn_is_refused),
		cmocka_unit_test(value_longer_than_a_name_is_refused),
		cmocka_unit_test(parent_is_what_follows_the_first_rdn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
