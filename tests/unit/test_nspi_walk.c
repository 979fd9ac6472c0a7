/*
 * Random walks through a table with NspiUpdateStat, NspiQueryRows and NspiSeekEntries, beside a
 * plain list of the same entries, while the book changes under them.
 */

#include "nspi_book.h"

#include <unicode/ucol.h>

enum { PEOPLE = 400, STEPS = 4000, CHANGE_EVERY = 7 };

struct person {
	uint32_t mid;
	char name[48];
	bool present;
};

struct walk {
	struct book *book;
	UCollator *collator;
	uint64_t random;
	struct person people[PEOPLE];
	const struct person *rows[PEOPLE];
	uint32_t count;
	struct nspi_stat stat; /* as the client got it last */
};

static uint32_t next(struct walk *w, uint32_t bound)
{
	w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(w->random >> 33) % bound;
}

static void make_name(struct walk *w, struct person *p)
{
	static const char *const parts[] = {"Anna", "Änne", "Émile", "Ørsted", "zoe",
	                                    "Łuk",  "Иван", "田中",  "O'Neil", "Müller"};
	snprintf(p->name, sizeof p->name, "%s %s", parts[next(w, 10)], parts[next(w, 10)]);
}

static int compare_names(const struct walk *w, const char *a, const char *b)
{
	UErrorCode status = U_ZERO_ERROR;
	return ucol_strcollUTF8(w->collator, a, -1, b, -1, &status);
}

static int compare_people(const void *a, const void *b, void *context)
{
	const struct person *const *x = a, *const *y = b;
	int order = compare_names(context, (*x)->name, (*y)->name);
	return order ? order : ((*x)->mid > (*y)->mid) - ((*x)->mid < (*y)->mid);
}

static void sort_rows(struct walk *w)
{
	w->count = 0;
	for (size_t i = 0; i < PEOPLE; i++)
		if (w->people[i].present)
			w->rows[w->count++] = &w->people[i];
	qsort_r(w->rows, w->count, sizeof w->rows[0], compare_people, w);
}

static void put(struct directory_builder *b, const struct person *p)
{
	char dn[32], attributes[80];
	snprintf(dn, sizeof dn, "cn=%x", p->mid);
	snprintf(attributes, sizeof attributes, "objectClass: user\ndisplayName: %s\n", p->name);
	book_put(b, p->mid, dn, attributes);
}

/* Names, comings and goings; once in a while nearly everybody goes. */
static void change(struct walk *w)
{
	struct directory_builder *b = builder_new(w->book->directory, w->book->snapshot);
	bool exodus = next(w, 40) == 0;
	for (size_t i = 0; i < PEOPLE; i++) {
		struct person *p = &w->people[i];
		if (!exodus && next(w, 30))
			continue;
		p->present = next(w, exodus ? 50 : 3) > 0 ? !exodus : exodus;
		make_name(w, p);
		if (p->present)
			put(b, p);
		else
			builder_remove(b, p->mid);
	}
	book_end_call(w->book);
	book_publish(w->book, b);
	sort_rows(w);
}

static struct walk *walk_new(void)
{
	struct walk *w = xcalloc(1, sizeof *w);
	UErrorCode status = U_ZERO_ERROR;
	w->book = book_new(NSPI_PROFILE_DIRECTORY);
	w->random = 11;
	w->collator = ucol_open("en_US", &status);
	ucol_setStrength(w->collator, UCOL_PRIMARY);
	struct directory_builder *b = builder_new(w->book->directory, NULL);
	for (uint32_t i = 0; i < PEOPLE; i++) {
		w->people[i] = (struct person){.mid = ENTRY_MID_FIRST + i, .present = true};
		make_name(w, &w->people[i]);
		put(b, &w->people[i]);
	}
	book_publish(w->book, b);
	book_bind(w->book);
	sort_rows(w);
	w->stat = book_stat();
	return w;
}

static void walk_free(struct walk *w)
{
	ucol_close(w->collator);
	book_free(w->book);
	free(w);
}

/* The row of CurrentRec; -1: it is not in the table. */
static int64_t row_of(const struct walk *w, uint32_t mid)
{
	if (mid == MID_BEGINNING_OF_TABLE || mid == MID_END_OF_TABLE)
		return mid == MID_END_OF_TABLE ? w->count : 0;
	for (uint32_t i = 0; i < w->count; i++)
		if (w->rows[i]->mid == mid)
			return i;
	return -1;
}

static int64_t clamp(const struct walk *w, int64_t row)
{
	return row < 0 ? 0 : row > w->count ? w->count : row;
}

static void assert_at(const struct walk *w, const struct nspi_stat *stat, int64_t row)
{
	assert_int_equal(stat->num_pos, row);
	assert_int_equal(stat->total_recs, w->count);
	assert_int_equal(stat->current_rec, row < w->count ? w->rows[row]->mid : MID_END_OF_TABLE);
}

/* Where a client might go next: from where it is, from an end, by the scroll bar. */
static void choose(struct walk *w)
{
	static const int32_t deltas[] = {0, 1, -1, 20, -20, 10000, -10000, INT32_MAX, INT32_MIN};
	switch (next(w, 4)) {
	case 0: w->stat.current_rec = MID_BEGINNING_OF_TABLE; break;
	case 1: w->stat.current_rec = MID_END_OF_TABLE; break;
	case 2: w->stat.current_rec = w->people[next(w, PEOPLE)].mid; break;
	default: break;
	}
	w->stat.delta = deltas[next(w, sizeof deltas / sizeof deltas[0])];
}

static void step_update(struct walk *w)
{
	choose(w);
	int64_t from = row_of(w, w->stat.current_rec);
	struct nspi_update_stat_in in = {
		.handle = w->book->handle, .stat = w->stat, .delta = &(int32_t){0}};
	struct nspi_update_stat_out *out = ask(w->book, OP_UPDATE_STAT, &in);
	if (from < 0) {
		assert_int_equal(out->status, MAPI_E_NOT_FOUND);
		return;
	}
	int64_t to = clamp(w, from + w->stat.delta);
	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_at(w, &out->stat, to);
	assert_int_equal(*out->delta, to - from);
	w->stat = out->stat;
}

static void step_scroll_bar(struct walk *w)
{
	uint32_t total = 1 + next(w, 1000), position = next(w, total + 1);
	struct nspi_update_stat_in in = {.handle = w->book->handle, .stat = w->stat};
	in.stat.current_rec = MID_CURRENT;
	in.stat.num_pos = position;
	in.stat.total_recs = total;
	in.stat.delta = 0;
	struct nspi_update_stat_out *out = ask(w->book, OP_UPDATE_STAT, &in);
	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_at(w, &out->stat, (int64_t)((uint64_t)w->count * position / total));
	w->stat = out->stat;
}

static void step_rows(struct walk *w)
{
	choose(w);
	int64_t from = row_of(w, w->stat.current_rec);
	struct nspi_query_rows_in in = {.handle = w->book->handle,
	                                .stat = w->stat,
	                                .count = 1 + next(w, 60),
	                                .tags = TAGS(PR_INSTANCE_KEY)};
	struct nspi_query_rows_out *out = ask(w->book, OP_QUERY_ROWS, &in);
	if (from < 0) {
		assert_int_not_equal(out->status, MAPI_SUCCESS);
		return;
	}
	int64_t first = clamp(w, from + w->stat.delta), last = clamp(w, first + in.count);
	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->rows->count, last - first);
	for (int64_t i = first; i < last; i++)
		assert_int_equal(instance_of(&out->rows->rows[i - first]), w->rows[i]->mid);
	assert_at(w, &out->stat, last);
	w->stat = out->stat;
}

static void step_seek(struct walk *w)
{
	struct person target;
	make_name(w, &target);
	if (next(w, 2))
		*strchr(target.name, ' ') = '\0';
	struct nspi_seek_entries_in in = {
		.handle = w->book->handle,
		.stat = w->stat,
		.target = {.tag = PR_DISPLAY_NAME, .string = slice_of_string(target.name)},
	};
	struct nspi_seek_entries_out *out = ask(w->book, OP_SEEK_ENTRIES, &in);
	uint32_t row = 0;
	while (row < w->count && compare_names(w, w->rows[row]->name, target.name) < 0)
		row++;
	if (row == w->count) {
		assert_int_equal(out->status, MAPI_E_NOT_FOUND);
		return;
	}
	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_at(w, &out->stat, row);
	w->stat = out->stat;
}

static void positions_equal_those_of_a_plain_list_while_the_book_changes(void **state)
{
	static void (*const steps[])(struct walk * w) = {step_update, step_scroll_bar, step_rows,
	                                                 step_seek};
	struct walk *w = walk_new();
	(void)state;
	for (size_t i = 0; i < STEPS; i++) {
		if (i % CHANGE_EVERY == 0)
			change(w);
		steps[next(w, sizeof steps / sizeof steps[0])](w);
	}
	walk_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(positions_equal_those_of_a_plain_list_while_the_book_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
