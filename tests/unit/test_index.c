#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "directory/index-private.h"

#include "book.h"

enum { LISTS = 3, REFERENCE_MAX = 20000 };

/* The same as an index, slowly. */
struct reference {
	struct reference_entry {
		char key[16];
		uint32_t mid;
		uint64_t lists;
	} entries[REFERENCE_MAX];
	size_t count;
};

static int compare(const void *a, const void *b)
{
	const struct reference_entry *x = a, *y = b;
	int order = strcmp(x->key, y->key);
	return order ? order : (x->mid > y->mid) - (x->mid < y->mid);
}

static struct reference_entry random_entry(struct book_random *r)
{
	struct reference_entry e = {.mid = book_next(r, 2000), .lists = book_next(r, 8)};
	/* few different keys, so that runs of equal ones cross blocks */
	snprintf(e.key, sizeof e.key, "%.*s%u", (int)book_next(r, 6), "aaabbb", book_next(r, 4));
	return e;
}

static void reference_put(struct reference *ref, const struct reference_entry *e, bool removed)
{
	size_t i = 0;
	while (i < ref->count && compare(&ref->entries[i], e) != 0)
		i++;
	if (removed) {
		if (i < ref->count)
			ref->entries[i] = ref->entries[--ref->count];
		return;
	}
	ref->entries[i] = *e;
	if (i == ref->count)
		ref->count++;
}

static void check(const struct index *ix, struct reference *ref)
{
	qsort(ref->entries, ref->count, sizeof ref->entries[0], compare);
	assert_int_equal(index_count(ix, INDEX_ALL), ref->count);
	for (int list = INDEX_ALL; list < LISTS; list++) {
		struct index_cursor c = index_at(ix, 0);
		uint32_t rank = 0;
		index_cursor_settle(&c, list);
		for (size_t i = 0; i < ref->count; i++) {
			const struct reference_entry *e = &ref->entries[i];
			assert_int_equal(index_rank(ix, list, (uint32_t)i), rank);
			if (list != INDEX_ALL && !(e->lists >> list & 1))
				continue;
			assert_true(index_cursor_valid(&c));
			assert_int_equal(index_cursor_mid(&c), e->mid);
			assert_true(slice_equal(index_cursor_key(&c), slice_of_string(e->key)));
			assert_int_equal(index_select(ix, list, rank), i);
			index_cursor_next(&c, list);
			rank++;
		}
		assert_false(index_cursor_valid(&c));
		assert_int_equal(index_count(ix, list), rank);
	}
}

static void check_lower(const struct index *ix, const struct reference *ref, struct book_random *r)
{
	for (int i = 0; i < 200; i++) {
		struct reference_entry e = random_entry(r);
		size_t less = 0;
		while (less < ref->count && compare(&ref->entries[less], &e) < 0)
			less++;
		assert_int_equal(index_lower(ix, slice_of_string(e.key), e.mid), less);
		uint32_t from = book_next(r, (uint32_t)less + 1);
		assert_int_equal(index_lower_from(ix, from, slice_of_string(e.key), e.mid), less);
	}
}

/* A round removes or adds `changes` random entries; the old index must not change by it. */
static void run_rounds(uint64_t seed, size_t rounds, size_t changes, uint32_t removals_in_ten)
{
	struct book_random r = {seed};
	struct reference *ref = calloc(1, sizeof *ref);
	const struct index *ix = index_empty(LISTS);
	for (size_t round = 0; round < rounds; round++) {
		struct index_batch batch;
		const struct index *old = ix;
		uint32_t old_count = index_count(old, INDEX_ALL);
		index_batch_init(&batch);
		for (size_t i = 0; i < changes; i++) {
			struct reference_entry e = random_entry(&r);
			bool removed = book_next(&r, 10) < removals_in_ten;
			size_t k = 0;
			/* one change an entry and round, as a builder makes them */
			while (k < batch.count && (batch.changes[k].mid != e.mid ||
			                           !slice_equal(slice_of(batch.changes[k].key,
			                                                 batch.changes[k].key_size),
			                                        slice_of_string(e.key))))
				k++;
			if (k < batch.count)
				continue;
			index_batch_put(&batch, slice_of_string(e.key), e.mid, e.lists, removed);
			reference_put(ref, &e, removed);
		}
		ix = index_apply(old, &batch);
		index_batch_free(&batch);
		assert_int_equal(index_count(old, INDEX_ALL), old_count);
		index_unref(old);
		check(ix, ref);
		check_lower(ix, ref, &r);
	}
	index_unref(ix);
	free(ref);
}

static void an_index_equals_a_sorted_array_after_random_changes(void **state)
{
	(void)state;
	run_rounds(1, 40, 5, 3);
	run_rounds(2, 30, 400, 3);
	run_rounds(3, 4, 3000, 2);
	run_rounds(4, 12, 1500, 6);
}

static void an_entry_removed_and_added_again_keeps_the_new_lists(void **state)
{
	(void)state;
	struct index_batch b;
	index_batch_init(&b);
	index_batch_put(&b, slice_of_string("k"), 7, 1, false);
	const struct index *empty = index_empty(LISTS), *first = index_apply(empty, &b);
	index_batch_put(&b, slice_of_string("k"), 7, 2, false);
	index_batch_put(&b, slice_of_string("k"), 7, 1, true);
	const struct index *second = index_apply(first, &b);
	assert_int_equal(index_count(second, INDEX_ALL), 1);
	assert_int_equal(index_count(second, 0), 0);
	assert_int_equal(index_count(second, 1), 1);
	assert_int_equal(index_count(first, 0), 1);
	index_unref(empty);
	index_unref(first);
	index_unref(second);
	index_batch_free(&b);
}

static void one_change_copies_one_block_of_many(void **state)
{
	(void)state;
	struct index_batch b;
	char key[16];
	index_batch_init(&b);
	for (uint32_t i = 0; i < 20000; i++) {
		snprintf(key, sizeof key, "%08u", i);
		index_batch_put(&b, slice_of_string(key), i, 0, false);
	}
	const struct index *empty = index_empty(0), *first = index_apply(empty, &b);
	index_batch_put(&b, slice_of_string("00010000x"), 1, 0, false);
	const struct index *second = index_apply(first, &b);
	size_t shared = 0;
	for (size_t i = 0; i < first->block_count; i++)
		for (size_t k = 0; k < second->block_count; k++)
			shared += first->blocks[i] == second->blocks[k];
	assert_true(first->block_count >= 10);
	assert_int_equal(shared, first->block_count - 1);
	index_unref(empty);
	index_unref(first);
	index_unref(second);
	index_batch_free(&b);
}

static void long_keys_are_cut_and_fill_blocks_by_their_bytes(void **state)
{
	(void)state;
	struct index_batch b;
	char key[400];
	index_batch_init(&b);
	for (uint32_t i = 0; i < 3000; i++) {
		memset(key, 'k', sizeof key);
		snprintf(key, sizeof key, "%06u", i);
		key[6] = 'k';
		index_batch_put(&b, slice_of(key, sizeof key), i, 0, false);
	}
	const struct index *empty = index_empty(0), *ix = index_apply(empty, &b);
	struct index_cursor c = index_at(ix, 2999);
	assert_int_equal(index_count(ix, INDEX_ALL), 3000);
	assert_int_equal(index_cursor_mid(&c), 2999);
	assert_int_equal(index_cursor_key(&c).size, INDEX_KEY_MAX);
	index_unref(empty);
	index_unref(ix);
	index_batch_free(&b);
}

/* Keys that share long beginnings, end at every place, and have zeros in them. */
static struct slice awkward_key(struct book_random *r, uint8_t key[INDEX_KEY_MAX])
{
	size_t size = book_next(r, 4) ? book_next(r, 30) : 8 * book_next(r, 5);
	memset(key, 'k', size);
	for (uint32_t i = book_next(r, 3); i > 0 && size > 0; i--)
		key[size - 1 - book_next(r, (uint32_t)(size < 10 ? size : 10))] =
			(uint8_t)book_next(r, 3);
	return slice_of(key, size);
}

static void an_index_loaded_from_runs_is_in_order_and_whole(void **state)
{
	(void)state;
	enum { ENTRIES = 30000, RUNS = 3 };
	struct index_batch runs[RUNS], all;
	struct book_random r = {17};
	uint8_t key[INDEX_KEY_MAX];
	index_batch_init(&all);
	for (size_t i = 0; i < RUNS; i++)
		index_batch_init(&runs[i]);
	for (uint32_t i = 0; i < ENTRIES; i++) {
		struct slice k = awkward_key(&r, key);
		uint32_t mid = book_next(&r, 500);
		index_batch_put(&runs[i % RUNS], k, mid, mid & 1, false);
		index_batch_put(&all, k, mid, mid & 1, false);
	}
	for (size_t i = 0; i < RUNS; i++)
		index_batch_sort(&runs[i]);
	const struct index *empty = index_empty(1), *applied = index_apply(empty, &all);
	const struct index *loaded = index_load(1, runs, RUNS);
	assert_int_equal(index_count(loaded, INDEX_ALL), index_count(applied, INDEX_ALL));
	assert_int_equal(index_count(loaded, 0), index_count(applied, 0));
	struct index_cursor a = index_at(loaded, 0), b = index_at(applied, 0), before = a;
	for (; index_cursor_valid(&a);
	     before = a, index_cursor_next(&a, INDEX_ALL), index_cursor_next(&b, INDEX_ALL)) {
		assert_int_equal(index_cursor_mid(&a), index_cursor_mid(&b));
		assert_true(slice_equal(index_cursor_key(&a), index_cursor_key(&b)));
		if (before.block != a.block || before.slot != a.slot)
			assert_true(index_compare(index_cursor_key(&before),
			                          index_cursor_mid(&before), index_cursor_key(&a),
			                          index_cursor_mid(&a)) < 0);
	}
	index_unref(empty);
	index_unref(applied);
	index_unref(loaded);
	for (size_t i = 0; i < RUNS; i++)
		index_batch_free(&runs[i]);
	index_batch_free(&all);
}

static void an_empty_index_answers(void **state)
{
	(void)state;
	const struct index *ix = index_empty(LISTS);
	struct index_cursor c = index_at(ix, 0);
	assert_int_equal(index_count(ix, 2), 0);
	assert_int_equal(index_lower(ix, slice_of_string("a"), 1), 0);
	assert_int_equal(index_lower_from(ix, 0, slice_of_string("a"), 1), 0);
	assert_int_equal(index_rank(ix, 1, 0), 0);
	index_cursor_settle(&c, 1);
	assert_false(index_cursor_valid(&c));
	index_unref(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_equals_a_sorted_array_after_random_changes),
		cmocka_unit_test(an_entry_removed_and_added_again_keeps_the_new_lists),
		cmocka_unit_test(one_change_copies_one_block_of_many),
		cmocka_unit_test(long_keys_are_cut_and_fill_blocks_by_their_bytes),
		cmocka_unit_test(an_index_loaded_from_runs_is_in_order_and_whole),
		cmocka_unit_test(an_empty_index_answers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
