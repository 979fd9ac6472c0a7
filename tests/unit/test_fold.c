#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "directory/collation-private.h"
#include "directory/fold-private.h"

static void assert_folds(const char *text, const char *expected)
{
	uint8_t out[256];
	struct arena a;
	size_t size = fold_text(slice_of_string(text), out, sizeof out);
	if (!slice_equal(slice_of(out, size), slice_of_string(expected)))
		fail_msg("\"%s\" becomes \"%.*s\", not \"%s\"", text, (int)size, (char *)out,
		         expected);
	arena_init(&a, 1 << 16);
	assert_true(
		slice_equal(fold_text_arena(&a, slice_of_string(text)), slice_of_string(expected)));
	arena_free(&a);
}

static void searching_ignores_case_accents_and_width(void **state)
{
	(void)state;
	assert_folds("MÜLLER", "muller");
	assert_folds("Straße", "strasse");
	assert_folds("Łukasz Øyvind Đorđe", "lukasz oyvind dorde");
	assert_folds("Æbeltoft", "aebeltoft");
	assert_folds("İbrahim ılgaz", "ibrahim ilgaz");
	assert_folds("Nguyễn Trần", "nguyen tran");
	assert_folds("ＡＢＣ１２３", "abc123");
	assert_folds("ﾀﾛｳ", "タロウ");
	assert_folds("Ελένη", "ελενη");
	assert_folds("ИВАН Ё", "иван е");
	assert_folds("e\xCC\x81", "e");
	assert_folds("", "");
}

static void searching_keeps_what_is_part_of_a_spelling(void **state)
{
	(void)state;
	assert_folds("สมหญิง", "สมหญิง"); /* vowels and tones above and below */
	assert_folds("शर्मा", "शर्मा");   /* virama and vowel sign */
	assert_folds("ガ", "ガ");       /* voiced kana is another kana */
	assert_folds("김민준", "김민준");
	assert_folds("مُحَمَّد", "محمد"); /* harakat are points, though */
}

static void a_folded_text_is_cut_at_a_character(void **state)
{
	(void)state;
	uint8_t out[4];
	assert_int_equal(fold_text(slice_of_string("иван"), out, 3), 2);
	assert_int_equal(fold_text(slice_of_string("abcdef"), out, 3), 3);
}

static void accounts_and_addresses_differ_by_accents(void **state)
{
	(void)state;
	uint8_t a[64], b[64];
	size_t size = fold_case(slice_of_string("MÜLLER"), a, sizeof a);
	assert_true(slice_equal(slice_of(a, size), slice_of_string("müller")));
	size = fold_case(slice_of_string("muller"), b, sizeof b);
	assert_true(slice_equal(slice_of(b, size), slice_of_string("muller")));
}

static void sort_keys_order_as_names_compare(void **state)
{
	(void)state;
	static const char *const names[] = {"anna",         "Zoë",    "Ärmel",  "Arm",
	                                    "van der Berg", "Vanda",  "Müller", "O'Neill",
	                                    "ONeill",       "Петров", "田中",   ""};
	static const uint32_t locales[] = {0x0409, 0x0407, 0x041D, 0x0411};
	const size_t count = sizeof names / sizeof names[0];
	uint8_t a[INDEX_KEY_MAX], b[INDEX_KEY_MAX];

	for (size_t l = 0; l < 4; l++) {
		for (size_t i = 0; i < count * count; i++) {
			struct slice x = slice_of_string(names[i / count]);
			struct slice y = slice_of_string(names[i % count]);
			int keys = index_compare(slice_of(a, collation_key(locales[l], x, a)), 0,
			                         slice_of(b, collation_key(locales[l], y, b)), 0);
			int order = collation_compare(locales[l], x, y);
			assert_int_equal((keys > 0) - (keys < 0), (order > 0) - (order < 0));
		}
	}
}

static void the_default_locale_heeds_symbols_and_others_do_not(void **state)
{
	(void)state;
	struct slice with = slice_of_string("O'Neill"), without = slice_of_string("ONeill");
	assert_int_not_equal(collation_compare(LCID_EN_US, with, without), 0);
	assert_int_equal(collation_compare(0x0407, with, without), 0);
}

static void swedish_sorts_a_ring_behind_z(void **state)
{
	(void)state;
	struct slice ring = slice_of_string("Åse"), z = slice_of_string("Zoe");
	assert_true(collation_compare(LCID_EN_US, ring, z) < 0);
	assert_true(collation_compare(0x041D, ring, z) > 0);
}

static void a_name_of_64_kilobytes_has_a_key(void **state)
{
	(void)state;
	static char name[65536];
	uint8_t key[INDEX_KEY_MAX];
	memset(name, 'x', sizeof name);
	assert_int_equal(collation_key(LCID_EN_US, slice_of(name, sizeof name), key),
	                 INDEX_KEY_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searching_ignores_case_accents_and_width),
		cmocka_unit_test(searching_keeps_what_is_part_of_a_spelling),
		cmocka_unit_test(a_folded_text_is_cut_at_a_character),
		cmocka_unit_test(accounts_and_addresses_differ_by_accents),
		cmocka_unit_test(sort_keys_order_as_names_compare),
		cmocka_unit_test(the_default_locale_heeds_symbols_and_others_do_not),
		cmocka_unit_test(swedish_sorts_a_ring_behind_z),
		cmocka_unit_test(a_name_of_64_kilobytes_has_a_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
