#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unicode/ucol.h>

#include "book.h"

enum { PEOPLE = 3000, FIRST = 0x1000 };

/* People, a directory with them, and ICU's own comparison for a locale. */
struct site {
	struct arena arena;
	struct book_random random;
	struct directory *directory;
	struct book_person people[PEOPLE];
	size_t count;
	UCollator *collator;
	uint32_t lcid;
};

static struct site *site_new(size_t count, const uint32_t *lcid, const char *locale)
{
	struct site *s = calloc(1, sizeof *s);
	struct directory_config config = {.locales = lcid, .locale_count = 1};
	UErrorCode status = U_ZERO_ERROR;
	struct entry *entries[PEOPLE];

	arena_init(&s->arena, SIZE_MAX);
	s->random.state = *lcid;
	s->count = count;
	s->lcid = *lcid;
	s->directory = directory_new(&config);
	for (size_t i = 0; i < count; i++) {
		s->people[i] = book_person(&s->arena, &s->random, FIRST + (uint32_t)i);
		entries[i] = book_person_entry(&s->arena, &s->people[i]);
	}
	book_publish(s->directory, entries, count);
	s->collator = ucol_open(locale, &status);
	ucol_setStrength(s->collator, UCOL_PRIMARY);
	if (*lcid != 0x0409) {
		ucol_setAttribute(s->collator, UCOL_ALTERNATE_HANDLING, UCOL_SHIFTED, &status);
		ucol_setMaxVariable(s->collator, UCOL_REORDER_CODE_SYMBOL, &status);
	}
	return s;
}

static void site_free(struct site *s)
{
	ucol_close(s->collator);
	directory_free(s->directory);
	arena_free(&s->arena);
	free(s);
}

static int compare_people(const void *a, const void *b, void *context)
{
	const struct site *s = context;
	const struct book_person *const *x = a, *const *y = b;
	UErrorCode status = U_ZERO_ERROR;
	UCollationResult order =
		ucol_strcollUTF8(s->collator, (*x)->display, -1, (*y)->display, -1, &status);
	return order != UCOL_EQUAL ? (int)order : ((*x)->mid > (*y)->mid) - ((*x)->mid < (*y)->mid);
}

static bool is_in(const struct book_person *p, uint32_t container)
{
	static const char *const classes[] = {"user", "group", "contact", "room", "publicFolder"};
	if (!p->present || p->hidden)
		return false;
	return container == 0 || strcmp(p->object_class, classes[container - 0x10]) == 0;
}

/* The table as a sorted array; returns its length. */
static uint32_t naive_table(struct site *s, uint32_t container, const struct book_person **rows)
{
	uint32_t count = 0;
	for (size_t i = 0; i < s->count; i++)
		if (is_in(&s->people[i], container))
			rows[count++] = &s->people[i];
	qsort_r(rows, count, sizeof *rows, compare_people, s);
	return count;
}

static const uint32_t container_ids[] = {0, 0x10, 0x11, 0x12, 0x13, 0x14};

static void open_table(const struct snapshot *snapshot, uint32_t container, uint32_t lcid,
                       struct table *t)
{
	struct view v = {.snapshot = snapshot};
	assert_int_equal(
		table_open(&v, view_container(&v, container), TABLE_BY_DISPLAY_NAME, lcid, t), 0);
}

static void check_table(struct site *s, const struct snapshot *snapshot, uint32_t container)
{
	static const struct book_person *rows[PEOPLE];
	static uint32_t mids[PEOPLE];
	struct table t;
	uint32_t position, count = naive_table(s, container, rows);

	open_table(snapshot, container, s->lcid, &t);
	assert_int_equal(t.lcid, s->lcid);
	assert_int_equal(table_count(&t), count);
	assert_int_equal(table_mids(&t, 0, mids, PEOPLE), count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(mids[i], rows[i]->mid);
		assert_true(table_position(&t, rows[i]->mid, &position));
		assert_int_equal(position, i);
		assert_int_equal(table_mid_at(&t, i), rows[i]->mid);
	}
	assert_int_equal(table_mid_at(&t, count), 0);
	assert_int_equal(table_mid_at(&t, UINT32_MAX), 0);
	for (size_t i = 0; i < s->count; i++)
		if (!is_in(&s->people[i], container))
			assert_false(table_position(&t, s->people[i].mid, &position));
}

static void check_all(struct site *s)
{
	const struct snapshot *snapshot = directory_acquire(s->directory);
	for (size_t i = 0; i < sizeof container_ids / sizeof container_ids[0]; i++)
		check_table(s, snapshot, container_ids[i]);
	snapshot_unref(snapshot);
}

static const struct {
	uint32_t lcid;
	const char *locale;
} locales[] = {
	{0x0409,     "en_US"                      },
	{0x0407,     "de_DE"                      },
	{0x041D,     "sv_SE"                      },
	{0x0411,     "ja_JP"                      },
	{0x0419,     "ru_RU"                      },
	{0x0804,     "zh_CN"                      },
	{0x041E,     "th_TH"                      },
	{0x041F,     "tr_TR"                      },
	{0x00010407, "de_DE@collation=phonebook"  },
	{0x00020804, "zh_CN@collation=stroke"     },
	{0x0000040A, "es_ES@collation=traditional"},
};

static void the_order_of_each_locale_equals_icu(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++) {
		struct site *s = site_new(PEOPLE, &locales[i].lcid, locales[i].locale);
		check_all(s);
		site_free(s);
	}
}

/* Changes names, hides, removes and adds; publishes; every table must stay exact. */
static void change_randomly(struct site *s, size_t changes)
{
	struct directory_builder *b;
	struct error e;
	const struct snapshot *base = directory_acquire(s->directory);

	b = builder_new(s->directory, base);
	snapshot_unref(base);
	for (size_t i = 0; i < changes; i++) {
		struct book_person *p = &s->people[book_next(&s->random, (uint32_t)s->count)];
		bool present = book_next(&s->random, 4) != 0;
		*p = book_person(&s->arena, &s->random, p->mid);
		p->present = present;
		if (present)
			assert_int_equal(builder_put(b, book_person_entry(&s->arena, p), &e), 0);
		else
			builder_remove(b, p->mid);
	}
	directory_publish(s->directory, builder_finish(b));
}

static void positions_stay_exact_through_random_changes(void **state)
{
	(void)state;
	struct site *s = site_new(1500, &locales[0].lcid, locales[0].locale);
	for (size_t round = 0; round < 30; round++) {
		change_randomly(s, 1 + book_next(&s->random, 300));
		check_all(s);
	}
	site_free(s);
}

static void a_changed_snapshot_equals_one_built_from_nothing(void **state)
{
	(void)state;
	struct site *s = site_new(500, &locales[1].lcid, locales[1].locale);
	struct entry *entries[PEOPLE];
	size_t count = 0;
	uint32_t a[PEOPLE], b[PEOPLE];
	for (size_t round = 0; round < 20; round++)
		change_randomly(s, 40);
	for (size_t i = 0; i < s->count; i++)
		if (s->people[i].present)
			entries[count++] = book_person_entry(&s->arena, &s->people[i]);
	struct directory_config config = {.locales = &s->lcid, .locale_count = 1};
	struct directory *other = directory_new(&config);
	book_publish(other, entries, count);
	const struct snapshot *changed = directory_acquire(s->directory);
	const struct snapshot *fresh = directory_acquire(other);
	assert_int_equal(snapshot_count(changed), snapshot_count(fresh));
	for (size_t i = 0; i < 6; i++) {
		struct table x, y;
		open_table(changed, container_ids[i], s->lcid, &x);
		open_table(fresh, container_ids[i], s->lcid, &y);
		uint32_t rows = table_mids(&x, 0, a, PEOPLE);
		assert_int_equal(table_mids(&y, 0, b, PEOPLE), rows);
		assert_memory_equal(a, b, rows * sizeof a[0]);
	}
	snapshot_unref(changed);
	snapshot_unref(fresh);
	directory_free(other);
	site_free(s);
}

static void an_old_snapshot_does_not_change(void **state)
{
	(void)state;
	struct site *s = site_new(600, &locales[0].lcid, locales[0].locale);
	const struct snapshot *old = directory_acquire(s->directory);
	static uint32_t before[PEOPLE], after[PEOPLE];
	struct table t;
	open_table(old, 0, s->lcid, &t);
	uint32_t count = table_mids(&t, 0, before, PEOPLE);
	for (size_t round = 0; round < 5; round++)
		change_randomly(s, 200);
	assert_int_equal(table_mids(&t, 0, after, PEOPLE), count);
	assert_memory_equal(before, after, count * sizeof before[0]);
	snapshot_unref(old);
	site_free(s);
}

static void seeking_finds_the_first_name_not_less(void **state)
{
	(void)state;
	static const char *const targets[] = {
		"",       "a",           "A", "m",  "Müll",
		"muller", "zzzz",        "Ж", "王", "\xF4\x8F\xBF\xBF",
		"van",    "anna schmidt"};
	struct site *s = site_new(1000, &locales[0].lcid, locales[0].locale);
	static const struct book_person *rows[PEOPLE];
	const struct snapshot *snapshot = directory_acquire(s->directory);
	for (size_t c = 0; c < 6; c++) {
		uint32_t count = naive_table(s, container_ids[c], rows);
		struct table t;
		open_table(snapshot, container_ids[c], s->lcid, &t);
		for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
			UErrorCode status = U_ZERO_ERROR;
			uint32_t first = 0;
			while (first < count &&
			       ucol_strcollUTF8(s->collator, rows[first]->display, -1, targets[i],
			                        -1, &status) == UCOL_LESS)
				first++;
			assert_int_equal(table_seek(&t, slice_of_string(targets[i])), first);
		}
	}
	snapshot_unref(snapshot);
	site_free(s);
}

/* In the shortest slices; how many they were. */
static size_t sort_mids(const struct view *v, const struct table *t, struct arena *a,
                        const uint32_t *mids, size_t count, const uint32_t **sorted,
                        uint32_t *sorted_count)
{
	enum scan_status status;
	struct scan *s = scan_list_new(v, t, mids, count, a, &status);
	size_t slices = 1;
	while ((status = scan_run(s, 0)) == SCAN_MORE)
		slices++;
	assert_int_equal(status, SCAN_DONE);
	*sorted = scan_mids(s, sorted_count);
	return slices;
}

/* MIds of people, in no order; every tenth is a hidden one's, which is in no table. */
static void check_sorted(struct site *s, const struct snapshot *snapshot, size_t count, bool twice)
{
	static const struct book_person *rows[2 * PEOPLE];
	static uint32_t mids[2 * PEOPLE + 2];
	const uint32_t *sorted;
	uint32_t sorted_count;
	struct view v = {.snapshot = snapshot};
	struct table t;
	size_t n = 0;

	open_table(snapshot, 0, s->lcid, &t);
	mids[n++] = 0;
	for (size_t i = 0; i < count; i++)
		mids[n++] = (rows[i] = &s->people[i * 1987 % PEOPLE])->mid;
	for (size_t i = 0; twice && i < count; i++)
		mids[n++] = (rows[count + i] = rows[i])->mid;
	mids[n++] = 0x7FFFFFFF;
	count = n - 2;
	qsort_r(rows, count, sizeof *rows, compare_people, s);
	size_t slices = sort_mids(&v, &t, &s->arena, mids, n, &sorted, &sorted_count);
	assert_true(slices >= n / 64);
	assert_int_equal(sorted_count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(sorted[i], rows[i]->mid);
}

static void any_number_of_mids_is_sorted_as_the_table_is_and_unknown_ones_dropped(void **state)
{
	(void)state;
	struct site *s = site_new(PEOPLE, &locales[0].lcid, locales[0].locale);
	const struct snapshot *snapshot = directory_acquire(s->directory);
	static const size_t counts[] = {0, 1, 2, 3, 4, 63, 64, 65, 1000, 1021, 1022, 1023, PEOPLE};
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		check_sorted(s, snapshot, counts[i], false);
		check_sorted(s, snapshot, counts[i], true);
	}
	snapshot_unref(snapshot);
	site_free(s);
}

static void all_of_a_table_is_sorted_by_a_walk_through_it(void **state)
{
	(void)state;
	struct site *s = site_new(PEOPLE, &locales[1].lcid, locales[1].locale);
	const struct snapshot *snapshot = directory_acquire(s->directory);
	struct view v = {.snapshot = snapshot};
	static uint32_t rows[PEOPLE], mids[PEOPLE];
	const uint32_t *sorted;
	uint32_t count;
	struct table t;
	open_table(snapshot, 0, s->lcid, &t);
	uint32_t total = table_mids(&t, 0, rows, PEOPLE);
	for (uint32_t i = 0; i < total; i++)
		mids[i] = rows[total - 1 - i];
	size_t slices = sort_mids(&v, &t, &s->arena, mids, total, &sorted, &count);
	assert_in_range(slices, 2 * total / 64, 3 * total / 64); /* to collect, and to walk */
	assert_int_equal(count, total);
	assert_memory_equal(sorted, rows, total * sizeof *rows);
	snapshot_unref(snapshot);
	site_free(s);
}

static void an_empty_container_has_no_rows(void **state)
{
	(void)state;
	struct directory *d = directory_new(NULL);
	const struct snapshot *snapshot = directory_acquire(d);
	uint32_t mid;
	for (size_t i = 0; i < 6; i++) {
		struct table t;
		open_table(snapshot, container_ids[i], 0x0409, &t);
		assert_int_equal(table_count(&t), 0);
		assert_int_equal(table_mids(&t, 0, &mid, 1), 0);
		assert_int_equal(table_seek(&t, slice_of_string("a")), 0);
	}
	snapshot_unref(snapshot);
	directory_free(d);
}

struct locale_case {
	uint32_t asked, taken;
};

static void check_taken(const uint32_t *kept, size_t kept_count, const struct locale_case *cases,
                        size_t count)
{
	struct directory_config config = {.locales = kept, .locale_count = kept_count};
	struct directory *d = directory_new(&config);
	const struct snapshot *snapshot = directory_acquire(d);
	for (size_t i = 0; i < count; i++) {
		struct table t;
		open_table(snapshot, 0, cases[i].asked, &t);
		assert_int_equal(t.lcid, cases[i].taken);
	}
	snapshot_unref(snapshot);
	directory_free(d);
}

static void the_closest_locale_is_taken(void **state)
{
	(void)state;
	static const uint32_t kept[] = {0x0407, 0x040C};
	static const struct locale_case cases[] = {
		{0x0409,     0x0409},
		{0x0407,     0x0407},
		{0x0C07,     0x0407},
		{0x080C,     0x040C},
		{0x0809,     0x0409},
		{0x0411,     0x0409},
		{0,          0x0409},
		{UINT32_MAX, 0x0409},
	};
	check_taken(kept, 2, cases, sizeof cases / sizeof cases[0]);
}

static void alternate_sorts_stand_back_for_other_clients_of_the_language(void **state)
{
	(void)state;
	static const uint32_t kept[] = {0x00010407, 0x0C07, 0x040A};
	static const struct locale_case cases[] = {
		{0x00010407, 0x00010407},
		{0x0407,     0x00010407},
		{0x0C07,     0x0C07    },
		{0x0807,     0x0C07    },
		{0x0C0A,     0x040A    },
	};
	check_taken(kept, 3, cases, sizeof cases / sizeof cases[0]);
}

static void the_german_phone_book_takes_umlauts_for_two_letters(void **state)
{
	(void)state;
	static const uint32_t kept[] = {0x0407, 0x00010407};
	static const char *const names[] = {"Mueller", "Müller", "Mufti", "Muller",
	                                    "März",    "Maerz",  "Mann"};
	struct directory_config config = {.locales = kept, .locale_count = 2};
	struct directory *d = directory_new(&config);
	struct entry *entries[7];
	struct arena a;
	struct table t;
	uint32_t mids[7];
	static const uint32_t dictionary[] = {5, 6, 4, 0, 2, 1, 3};
	static const uint32_t phone_book[] = {4, 5, 6, 0, 1, 2, 3};
	arena_init(&a, SIZE_MAX);
	for (uint32_t i = 0; i < 7; i++)
		entries[i] = book_entry(&a, FIRST + i, arena_printf(&a, "cn=%u", i), "objectClass",
		                        "user", "displayName", names[i], NULL);
	book_publish(d, entries, 7);
	const struct snapshot *snapshot = directory_acquire(d);
	open_table(snapshot, 0, 0x0407, &t);
	assert_int_equal(table_mids(&t, 0, mids, 7), 7);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(mids[i], FIRST + dictionary[i]);
	open_table(snapshot, 0, 0x00010407, &t);
	assert_int_equal(table_mids(&t, 0, mids, 7), 7);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(mids[i], FIRST + phone_book[i]);
	snapshot_unref(snapshot);
	directory_free(d);
	arena_free(&a);
}

static void japanese_clients_sort_by_phonetic_names_too(void **state)
{
	(void)state;
	static const uint32_t kept[] = {0x0411};
	static const struct {
		const char *name, *phonetic;
	} people[] = {
		{"鈴木",    "すずき"},
		{"田中",    "たなか"},
		{"阿部",    "あべ"   },
		{"さくら", NULL       }
        };
	static const uint32_t expected[] = {2, 3, 0, 1};
	struct directory_config config = {.locales = kept, .locale_count = 1};
	struct directory *d = directory_new(&config);
	struct entry *entries[4];
	struct arena a;
	struct table t;
	uint32_t mids[4];
	arena_init(&a, SIZE_MAX);
	for (uint32_t i = 0; i < 4; i++)
		entries[i] = book_entry(&a, FIRST + i, arena_printf(&a, "cn=%u", i), "objectClass",
		                        "user", "displayName", people[i].name,
		                        people[i].phonetic ? "msDS-PhoneticDisplayName" : NULL,
		                        people[i].phonetic, NULL);
	book_publish(d, entries, 4);
	struct view v = {.snapshot = directory_acquire(d)};
	assert_int_equal(table_open(&v, view_container(&v, 0), TABLE_BY_PHONETIC_NAME, 0x0411, &t),
	                 0);
	assert_int_equal(table_mids(&t, 0, mids, 4), 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(mids[i], FIRST + expected[i]);
	assert_int_equal(table_seek(&t, slice_of_string("す")), 2);
	assert_int_equal(table_open(&v, view_container(&v, 0), TABLE_BY_PHONETIC_NAME, 0x0409, &t),
	                 ERR_UNSUPPORTED);
	snapshot_unref(v.snapshot);
	directory_free(d);
	arena_free(&a);
}

static void a_sort_type_that_is_not_kept_is_unsupported(void **state)
{
	(void)state;
	struct directory *d = directory_new(NULL);
	const struct snapshot *snapshot = directory_acquire(d);
	struct view v = {.snapshot = snapshot};
	struct table t;
	assert_int_equal(table_open(&v, view_container(&v, 0), TABLE_BY_PHONETIC_NAME, 0x0411, &t),
	                 ERR_UNSUPPORTED);
	assert_int_equal(table_open(&v, view_container(&v, 0), 0x3E8, 0x0409, &t), ERR_UNSUPPORTED);
	snapshot_unref(snapshot);
	directory_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_each_locale_equals_icu),
		cmocka_unit_test(positions_stay_exact_through_random_changes),
		cmocka_unit_test(a_changed_snapshot_equals_one_built_from_nothing),
		cmocka_unit_test(an_old_snapshot_does_not_change),
		cmocka_unit_test(seeking_finds_the_first_name_not_less),
		cmocka_unit_test(
			any_number_of_mids_is_sorted_as_the_table_is_and_unknown_ones_dropped),
		cmocka_unit_test(all_of_a_table_is_sorted_by_a_walk_through_it),
		cmocka_unit_test(an_empty_container_has_no_rows),
		cmocka_unit_test(the_closest_locale_is_taken),
		cmocka_unit_test(alternate_sorts_stand_back_for_other_clients_of_the_language),
		cmocka_unit_test(the_german_phone_book_takes_umlauts_for_two_letters),
		cmocka_unit_test(japanese_clients_sort_by_phonetic_names_too),
		cmocka_unit_test(a_sort_type_that_is_not_kept_is_unsupported),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
