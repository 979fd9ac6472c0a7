#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "client/dialog.h"

static void put_words(struct buffer *b, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buffer_put_u32(b, words[i]);
}

/* One page whose text is at an offset. */
static struct buffer one_page(uint32_t type, uint32_t count, uint32_t offset)
{
	const uint32_t words[] = {type, count, 0, 0, 0, 0, 8, 0, 0, 0, offset};
	struct buffer b;

	buffer_init(&b, 4096);
	put_words(&b, words, 11);
	buffer_put(&b, "\xC4", 2);
	return b;
}

static int parse(const struct buffer *b, struct dialog *d, struct arena *a)
{
	arena_init(a, 1 << 16);
	return dialog_parse(buffer_slice(b), 1252, a, d, NULL);
}

static void rows_and_their_texts_are_read(void **state)
{
	struct buffer b = one_page(1, 1, 44);
	struct dialog d = {0};
	struct arena a;

	(void)state;
	assert_int_equal(parse(&b, &d, &a), 0);
	assert_int_equal(d.count, 1);
	assert_int_equal(d.controls[0].type, 8);
	assert_true(slice_equal(d.controls[0].text, slice_of_string("\xC3\x84")));
	arena_free(&a);
	buffer_free(&b);
}

static void what_is_no_layout_is_refused(void **state)
{
	static const struct {
		uint32_t type, count, offset;
		int err;
	} cases[] = {
		{2, 1,          44,         ERR_UNSUPPORTED},
		{1, 2,          44,         ERR_INVALID    },
		{1, 0xFFFFFFFF, 44,         ERR_INVALID    },
		{1, 1,          46,         ERR_INVALID    },
		{1, 1,          0xFFFFFFFF, ERR_INVALID    },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buffer b = one_page(cases[i].type, cases[i].count, cases[i].offset);
		struct dialog d = {0};
		struct arena a;
		assert_int_equal(parse(&b, &d, &a), cases[i].err);
		assert_null(d.controls);
		arena_free(&a);
		buffer_free(&b);
	}
}

static void a_layout_cut_short_anywhere_is_refused(void **state)
{
	struct buffer b = one_page(1, 1, 44);

	(void)state;
	for (size_t size = 0; size < b.size; size++) {
		struct dialog d = {0};
		struct arena a;
		arena_init(&a, 1 << 16);
		assert_int_equal(dialog_parse(slice_of(b.data, size), 1252, &a, &d, NULL),
		                 ERR_INVALID);
		arena_free(&a);
	}
	buffer_free(&b);
}

static const uint32_t program[] = {8, 4, 0x6800001E, 24, 0x80000002, 28, 0, 1, 0x40};

static void assert_steps(struct slice data, const char *names)
{
	struct dialog_script s;
	struct dialog_step step;
	struct error e = {0};
	char found[128] = "";

	dialog_script_init(&s, data);
	while (dialog_script_next(&s, &step, &e)) {
		strncat(found, step.name, sizeof found - strlen(found) - 1);
		strncat(found, " ", sizeof found - strlen(found) - 1);
	}
	assert_int_equal(e.code, 0);
	assert_string_equal(found, names);
}

static void scripts_are_read_with_and_without_their_count(void **state)
{
	static const char steps[] = "jump-if-missing emit halt refuse ";
	struct buffer b;

	(void)state;
	buffer_init(&b, 4096);
	put_words(&b, program, 9);
	assert_steps(buffer_slice(&b), steps);
	assert_steps(slice_of(b.data + 4, b.size - 4), steps);
	assert_steps(slice_of(NULL, 0), "");
	buffer_free(&b);
}

static void the_texts_of_a_script_are_no_instructions(void **state)
{
	struct dialog_script s;
	struct dialog_step step;
	struct buffer b;

	(void)state;
	buffer_init(&b, 4096);
	put_words(&b, program, 9);
	dialog_script_init(&s, buffer_slice(&b));
	assert_true(dialog_script_next(&s, &step, NULL));
	assert_int_equal(step.operands[1].value, 24);
	assert_true(dialog_script_next(&s, &step, NULL));
	assert_true(step.operands[0].is_text);
	assert_true(slice_equal(step.operands[0].text, slice_of_string("@")));
	buffer_free(&b);
}

static void what_is_no_instruction_ends_a_script(void **state)
{
	static const uint32_t unknown[] = {1, 77}, outside[] = {2, 0x80000002, 99};
	struct buffer b;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct dialog_script s;
		struct dialog_step step;
		struct error e = {0};
		buffer_init(&b, 4096);
		put_words(&b, i ? outside : unknown, i ? 3 : 2);
		dialog_script_init(&s, buffer_slice(&b));
		assert_false(dialog_script_next(&s, &step, &e));
		assert_string_equal(e.text, "no instruction at 0 of the script");
		buffer_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_and_their_texts_are_read),
		cmocka_unit_test(what_is_no_layout_is_refused),
		cmocka_unit_test(a_layout_cut_short_anywhere_is_refused),
		cmocka_unit_test(scripts_are_read_with_and_without_their_count),
		cmocka_unit_test(the_texts_of_a_script_are_no_instructions),
		cmocka_unit_test(what_is_no_instruction_ends_a_script),
	};

	return cmocka_run_group_tests_name("dialog", tests, NULL, NULL);
}
