#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "book.h"

enum { FIRST = 0x1000, PEOPLE = 1500, ROUNDS = 60, READERS = 2 };

struct shared {
	struct directory *directory;
	_Atomic bool done;
	_Atomic uint32_t faults;
};

/* What must hold of every book that is ever published: a table's rows are at the positions that
 * they say, and each can be read, sought and resolved. */
static uint32_t faults_of(const struct snapshot *s)
{
	struct view v = {.snapshot = s};
	struct table t;
	static _Thread_local uint32_t mids[PEOPLE];
	uint32_t faults = 0, position, mid;

	if (table_open(&v, view_container(&v, 0), TABLE_BY_DISPLAY_NAME, 0x409, &t) != 0)
		return 1;
	uint32_t count = table_mids(&t, 0, mids, PEOPLE);
	faults += count != table_count(&t);
	for (uint32_t i = 0; i < count; i += 7) {
		const struct object *o = view_object(&v, mids[i]);
		if (!o || !table_position(&t, mids[i], &position)) {
			faults++;
			continue;
		}
		struct slice name = object_display_name(&v, o);
		faults += position != i || table_seek(&t, name) > i;
		faults += view_resolve(&v, t.container, name, &mid) == ANR_UNRESOLVED;
		faults += view_object_by_dn(&v, object_dn(&v, o)) != o;
	}
	return faults;
}

static void *read_books(void *context)
{
	struct shared *s = context;
	struct directory_reader r;
	directory_reader_init(&r, s->directory);
	while (!atomic_load(&s->done))
		atomic_fetch_add(&s->faults, faults_of(directory_reader_refresh(&r)));
	directory_reader_done(&r);
	return NULL;
}

static void publish_changes(struct directory *d, struct book_random *r)
{
	const struct snapshot *base = directory_acquire(d);
	struct directory_builder *b = builder_new(d, base);
	struct error e;
	struct arena a;
	arena_init(&a, SIZE_MAX);
	snapshot_unref(base);
	for (uint32_t i = book_next(r, 200); i > 0; i--) {
		struct book_person p = book_person(&a, r, FIRST + book_next(r, PEOPLE));
		if (book_next(r, 5) == 0)
			builder_remove(b, p.mid);
		else
			assert_int_equal(builder_put(b, book_person_entry(&a, &p), &e), 0);
	}
	directory_publish(d, builder_finish(b));
	arena_free(&a);
}

static void readers_see_whole_books_while_a_writer_publishes(void **state)
{
	(void)state;
	struct shared s = {.directory = directory_new(NULL)};
	struct book_random r = {11};
	struct entry *entries[PEOPLE];
	pthread_t readers[READERS];
	struct arena a;

	arena_init(&a, SIZE_MAX);
	for (uint32_t i = 0; i < PEOPLE; i++) {
		struct book_person p = book_person(&a, &r, FIRST + i);
		entries[i] = book_person_entry(&a, &p);
	}
	book_publish(s.directory, entries, PEOPLE);
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_books, &s), 0);
	for (size_t i = 0; i < ROUNDS; i++)
		publish_changes(s.directory, &r);
	atomic_store(&s.done, true);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(s.faults, 0);
	directory_free(s.directory);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_see_whole_books_while_a_writer_publishes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
