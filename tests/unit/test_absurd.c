/* Data that nobody should have: it is served, or refused by name, and the book stays whole. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mapi/tags.h"

#include "book.h"

enum { PEOPLE = 4000, GROUP = ENTRY_MID_FIRST + PEOPLE, OTHER_GROUP, THIRD_GROUP };

static const uint16_t member = PR_EMS_AB_MEMBER >> 16, member_of = PR_EMS_AB_IS_MEMBER_OF_DL >> 16;

struct site {
	struct arena arena;
	struct directory *directory;
	struct view view;
};

static struct entry *group(struct site *s, uint32_t mid, const char *const *members, size_t count)
{
	struct arena *a = &s->arena;
	struct entry *e = book_entry(a, mid, arena_printf(a, "cn=%x", mid), "objectClass", "group",
	                             "displayName", arena_printf(a, "Group %x", mid), NULL);
	struct entry_attribute *attributes = arena_alloc_array(a, 3, sizeof *attributes);
	struct slice *values = arena_alloc_array(a, count, sizeof *values);
	for (size_t i = 0; i < count; i++)
		values[i] = slice_of_string(members[i]);
	memcpy(attributes, e->attributes, 2 * sizeof *attributes);
	attributes[2] = (struct entry_attribute){slice_of_string("member"), values, count};
	e->attributes = attributes;
	e->count = 3;
	return e;
}

static int setup(void **state)
{
	static struct entry *entries[PEOPLE + 3];
	static const char *half[PEOPLE / 2];
	struct site *s = calloc(1, sizeof *s);
	struct arena *a = &s->arena;
	arena_init(a, SIZE_MAX);
	for (uint32_t i = 0; i < PEOPLE; i++) {
		const char *dn = arena_printf(a, "cn=%x", ENTRY_MID_FIRST + i);
		entries[i] =
			book_entry(a, ENTRY_MID_FIRST + i, dn, "objectClass", "user", "displayName",
		                   arena_printf(a, "Name %05u", i * 7919 % PEOPLE), NULL);
		if (i % 2)
			half[i / 2] = dn;
	}
	entries[PEOPLE] = group(s, GROUP, half, PEOPLE / 2);
	/* Two groups that are members of each other and of themselves. */
	const char *circle[] = {arena_printf(a, "cn=%x", OTHER_GROUP),
	                        arena_printf(a, "cn=%x", THIRD_GROUP)};
	entries[PEOPLE + 1] = group(s, OTHER_GROUP, circle, 2);
	entries[PEOPLE + 2] = group(s, THIRD_GROUP, circle, 2);
	s->directory = directory_new(NULL);
	book_publish(s->directory, entries, PEOPLE + 3);
	s->view.snapshot = directory_acquire(s->directory);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct site *s = *state;
	snapshot_unref(s->view.snapshot);
	directory_free(s->directory);
	arena_free(&s->arena);
	free(s);
	return 0;
}

static size_t links(struct site *s, uint32_t mid, uint16_t property, const uint32_t **mids)
{
	size_t count = 0;
	assert_int_equal(view_links(&s->view, view_object(&s->view, mid), property, PEOPLE,
	                            &s->arena, mids, &count),
	                 0);
	return count;
}

static void half_the_book_can_be_members_of_a_group(void **state)
{
	const uint32_t *mids;
	struct table t;
	uint32_t position, last = 0;
	struct site *s = *state;
	assert_int_equal(links(s, GROUP, member, &mids), PEOPLE / 2);
	assert_int_equal(table_open(&s->view, view_container(&s->view, 0), 0, 0x0409, &t), 0);
	for (size_t i = 0; i < PEOPLE / 2; i++, last = position) {
		assert_true((mids[i] - ENTRY_MID_FIRST) % 2);
		assert_true(table_position(&t, mids[i], &position));
		assert_true(i == 0 || position > last);
	}
	assert_int_equal(links(s, ENTRY_MID_FIRST + 1, member_of, &mids), 1);
	assert_int_equal(mids[0], GROUP);
}

static void more_members_than_are_allowed_are_refused(void **state)
{
	struct site *s = *state;
	const uint32_t *mids;
	size_t count;
	assert_int_equal(view_links(&s->view, view_object(&s->view, GROUP), member, PEOPLE / 2 - 1,
	                            &s->arena, &mids, &count),
	                 ERR_LIMIT);
}

static void groups_may_be_members_of_each_other(void **state)
{
	struct site *s = *state;
	const uint32_t *mids;
	for (uint32_t mid = OTHER_GROUP; mid <= THIRD_GROUP; mid++) {
		assert_int_equal(links(s, mid, member, &mids), 2);
		assert_int_equal(mids[0], OTHER_GROUP);
		assert_int_equal(mids[1], THIRD_GROUP);
		assert_int_equal(links(s, mid, member_of, &mids), 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(half_the_book_can_be_members_of_a_group),
		TEST(more_members_than_are_allowed_are_refused),
		TEST(groups_may_be_members_of_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
