/* Windows code pages beside ICU's own converters. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <unicode/ucnv.h>
#include <unicode/ustring.h>

#include "mapi/codepage.h"

#include "book.h"

enum { UTF16BE = 1201, UNITS = 256, ROOM = 2048 };

typedef void alias_fn(struct arena *a, uint32_t codepage, const char *alias);

/* Each "windows-<number>" that ICU knows. */
static size_t for_each_alias(struct arena *a, alias_fn *run)
{
	size_t count = 0;
	for (int32_t i = 0; i < ucnv_countAvailable(); i++) {
		UErrorCode status = U_ZERO_ERROR;
		const char *name = ucnv_getAvailableName(i);
		uint16_t aliases = ucnv_countAliases(name, &status);
		for (uint16_t k = 0; k < aliases; k++) {
			const char *alias = ucnv_getAlias(name, k, &status);
			uint32_t codepage;
			char rest;
			if (sscanf(alias, "windows-%u%c", &codepage, &rest) != 1)
				continue;
			run(a, codepage, alias);
			count++;
		}
	}
	return count;
}

static void assert_served(struct arena *a, uint32_t codepage, const char *alias)
{
	(void)a;
	/* whose strings are not 8-bit ones */
	if (codepage_supported(codepage) == (codepage == UTF16BE))
		fail_msg("%s", alias);
}

static void each_number_that_icu_knows_is_served(void **state)
{
	(void)state;
	assert_true(for_each_alias(NULL, assert_served) > 60);
}

/* What ICU makes of a text, with its fallbacks and a question mark for the rest. */
static struct slice convert(struct arena *a, const char *alias, const char *text)
{
	UErrorCode status = U_ZERO_ERROR;
	UConverter *c = ucnv_open(alias, &status);
	UChar units[UNITS];
	char *bytes = arena_alloc(a, ROOM);
	int32_t length = 0;
	ucnv_setFallback(c, true);
	ucnv_setSubstString(c, u"?", 1, &status);
	u_strFromUTF8(units, UNITS, &length, text, -1, &status);
	int32_t size = ucnv_fromUChars(c, bytes, ROOM, units, length, &status);
	assert_true(U_SUCCESS(status));
	ucnv_close(c);
	return slice_of(bytes, (size_t)size);
}

static void assert_converted(struct arena *a, uint32_t codepage, const char *alias)
{
	enum { GIVEN = sizeof book_given / sizeof book_given[0] };
	if (codepage == UTF16BE)
		return;
	for (size_t i = 0; i < GIVEN; i++) {
		const char *text =
			arena_printf(a, "%s %s \xEF\xBC\xA1", book_given[i], book_surnames[i % 40]);
		struct slice bytes = codepage_from_utf8(a, codepage, slice_of_string(text), NULL);
		if (!slice_equal(bytes, convert(a, alias, text)))
			fail_msg("%s: %s", alias, text);
		/* and again, for a converter keeps state */
		assert_true(slice_equal(
			codepage_from_utf8(a, codepage, slice_of_string(text), NULL), bytes));
	}
	arena_reset(a);
}

static void names_of_every_script_become_what_icu_says(void **state)
{
	struct arena a;
	(void)state;
	arena_init(&a, 16 << 20);
	for_each_alias(&a, assert_converted);
	arena_free(&a);
}

static void numbers_that_icu_knows_by_other_names_are_served(void **state)
{
	static const struct {
		uint32_t codepage;
		const char *bytes; /* of "Ä1" */
	} cases[] = {
		{870,   "\x63\xF1"},
		{1047,  "\x63\xF1"},
		{1140,  "\x63\xF1"},
		{1141,  "\x4A\xF1"},
		{20273, "\x4A\xF1"},
		{20278, "\x7B\xF1"},
		{20297, "\x63\xF1"},
	};
	struct arena a;
	(void)state;
	arena_init(&a, 1 << 16);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct slice bytes =
			codepage_from_utf8(&a, cases[i].codepage, slice_of_string("Ä1"), NULL);
		if (!slice_equal(bytes, slice_of_string(cases[i].bytes)))
			fail_msg("%u", cases[i].codepage);
		assert_true(slice_equal(codepage_to_utf8(&a, cases[i].codepage, bytes),
		                        slice_of_string("Ä1")));
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_number_that_icu_knows_is_served),
		cmocka_unit_test(names_of_every_script_become_what_icu_says),
		cmocka_unit_test(numbers_that_icu_knows_by_other_names_are_served),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
