/* A book written to a file and read again is the same book, and nothing else is ever read. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "directory/snapshot_file.h"
#include "mapi/tags.h"

#include "book.h"
#include "scratch.h"

enum { PEOPLE = 3000 };

static const uint32_t locales[] = {0x0407, 0x041D};
static const struct directory_config config = {.locales = locales, .locale_count = 2};
static const struct guid book_guid = {
	{1, 2, 3}
};

struct site {
	struct arena arena;
	struct book_random random;
	struct directory *directory;
	char *path;
};

static struct site site_new(const char *scratch)
{
	struct site s = {.random = {7}, .directory = directory_new(&config)};
	struct entry *entries[PEOPLE];
	arena_init(&s.arena, SIZE_MAX);
	for (uint32_t i = 0; i < PEOPLE; i++) {
		struct book_person p = book_person(&s.arena, &s.random, ENTRY_MID_FIRST + 3 * i);
		entries[i] = book_person_entry(&s.arena, &p);
	}
	book_publish(s.directory, entries, PEOPLE);
	s.path = xasprintf("%s/book.snapshot", scratch);
	return s;
}

static void site_free(struct site *s)
{
	directory_free(s->directory);
	arena_free(&s->arena);
	free(s->path);
}

static void save(struct site *s)
{
	struct error e = {0};
	const struct snapshot *now = directory_acquire(s->directory);
	assert_int_equal(snapshot_file_write(now, &book_guid, s->path, NULL, &e), 0);
	snapshot_unref(now);
}

static int load(const struct site *s, const struct directory_config *by, struct directory **out,
                struct error *e)
{
	const struct snapshot *read = NULL;
	struct directory *d = directory_new(by);
	int err = snapshot_file_read(d, &book_guid, s->path, &read, e);
	if (err) {
		directory_free(d);
		return err;
	}
	directory_publish(d, read);
	*out = d;
	return 0;
}

static void assert_same_table(const struct view *a, const struct view *b, uint32_t container,
                              uint32_t lcid)
{
	static uint32_t x_mids[PEOPLE + 100], y_mids[PEOPLE + 100];
	struct table x, y;
	assert_int_equal(table_open(a, view_container(a, container), 0, lcid, &x), 0);
	assert_int_equal(table_open(b, view_container(b, container), 0, lcid, &y), 0);
	assert_int_equal(x.lcid, y.lcid);
	uint32_t rows = table_mids(&x, 0, x_mids, PEOPLE + 100);
	assert_int_equal(table_mids(&y, 0, y_mids, PEOPLE + 100), rows);
	assert_memory_equal(x_mids, y_mids, rows * sizeof x_mids[0]);
}

static void assert_same_object(const struct view *a, const struct view *b, uint32_t mid)
{
	const struct object *x = view_object(a, mid), *y = view_object(b, mid);
	assert_int_equal(x != NULL, y != NULL);
	if (!x)
		return;
	assert_int_equal(object_hidden(x), object_hidden(y));
	assert_int_equal(object_display_type(x), object_display_type(y));
	assert_true(slice_equal(object_display_name(a, x), object_display_name(b, y)));
	assert_ptr_equal(view_object_by_dn(b, object_dn(a, x)), y);
}

static void assert_same_book(struct directory *one, struct directory *other)
{
	struct view a = {.snapshot = directory_acquire(one)};
	struct view b = {.snapshot = directory_acquire(other)};
	assert_int_equal(snapshot_count(a.snapshot), snapshot_count(b.snapshot));
	assert_int_equal(snapshot_source(a.snapshot), snapshot_source(b.snapshot));
	for (uint32_t id = 0; id < 0x20; id++) {
		if (!view_container(&a, id))
			continue;
		assert_same_table(&a, &b, id, 0x0409);
		assert_same_table(&a, &b, id, 0x0407);
		assert_same_table(&a, &b, id, 0x041D);
	}
	for (uint32_t i = 0; i < 3 * PEOPLE; i++)
		assert_same_object(&a, &b, ENTRY_MID_FIRST + i);
	for (size_t i = 0; i < sizeof book_surnames / sizeof book_surnames[0]; i++) {
		struct slice name = slice_of_string(book_surnames[i]);
		uint32_t x = 0, y = 0;
		assert_int_equal(view_resolve(&a, view_container(&a, 0), name, &x),
		                 view_resolve(&b, view_container(&b, 0), name, &y));
		assert_int_equal(x, y);
	}
	snapshot_unref(a.snapshot);
	snapshot_unref(b.snapshot);
}

static void a_book_read_from_a_file_is_the_same(void **state)
{
	struct site s = site_new(*state);
	struct directory *read = NULL;
	struct error e = {0};
	save(&s);
	assert_int_equal(load(&s, &config, &read, &e), 0);
	assert_same_book(s.directory, read);
	directory_free(read);
	site_free(&s);
}

static void change(struct directory *d, struct book_random r)
{
	struct arena a;
	struct error e;
	const struct snapshot *base = directory_acquire(d);
	struct directory_builder *b = builder_new(d, base);
	snapshot_unref(base);
	arena_init(&a, SIZE_MAX);
	for (size_t i = 0; i < 400; i++) {
		struct book_person p =
			book_person(&a, &r, ENTRY_MID_FIRST + book_next(&r, 3 * PEOPLE));
		if (i % 3)
			assert_int_equal(builder_put(b, book_person_entry(&a, &p), &e), 0);
		else
			builder_remove(b, p.mid);
	}
	directory_publish(d, builder_finish(b));
	arena_free(&a);
}

static void a_book_read_from_a_file_takes_changes(void **state)
{
	struct site s = site_new(*state);
	struct directory *read = NULL;
	struct error e = {0};
	save(&s);
	assert_int_equal(load(&s, &config, &read, &e), 0);
	for (uint64_t round = 0; round < 20; round++) {
		change(s.directory, (struct book_random){round});
		change(read, (struct book_random){round});
	}
	assert_same_book(s.directory, read);
	directory_free(read);
	site_free(&s);
}

static void a_file_of_a_book_that_was_read_is_the_same(void **state)
{
	struct site s = site_new(*state);
	struct directory *read = NULL, *again = NULL;
	struct error e = {0};
	save(&s);
	assert_int_equal(load(&s, &config, &read, &e), 0);
	directory_free(s.directory);
	s.directory = read;
	change(s.directory, (struct book_random){99});
	save(&s);
	assert_int_equal(load(&s, &config, &again, &e), 0);
	assert_same_book(s.directory, again);
	directory_free(again);
	site_free(&s);
}

static void an_empty_book_can_be_read_again(void **state)
{
	struct site s = site_new(*state);
	struct directory *read = NULL;
	struct error e = {0};
	directory_free(s.directory);
	s.directory = directory_new(&config);
	save(&s);
	assert_int_equal(load(&s, &config, &read, &e), 0);
	assert_same_book(s.directory, read);
	directory_free(read);
	site_free(&s);
}

/* One bit of each page of the file, in turn. */
static void a_file_with_a_wrong_bit_is_not_read(void **state)
{
	struct site s = site_new(*state);
	struct directory *read = NULL;
	struct error e = {0};
	struct stat st;
	save(&s);
	assert_int_equal(stat(s.path, &st), 0);
	int fd = open(s.path, O_RDWR);
	for (off_t page = 0; page < st.st_size; page += 4096) {
		off_t at = page + (page / 4096 * 37 + 5) % (page ? 4096 : 100);
		uint8_t byte, wrong;
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		wrong = byte ^ 0x10;
		assert_int_equal(pwrite(fd, &wrong, 1, at), 1);
		int err = load(&s, &config, &read, &e);
		assert_true(err == ERR_CORRUPT || err == ERR_UNSUPPORTED);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	close(fd);
	assert_int_equal(load(&s, &config, &read, &e), 0);
	directory_free(read);
	site_free(&s);
}

static void a_file_that_was_cut_is_not_read(void **state)
{
	struct site s = site_new(*state);
	struct directory *read = NULL;
	struct error e = {0};
	struct stat st;
	save(&s);
	assert_int_equal(stat(s.path, &st), 0);
	for (off_t size = st.st_size - 4096; size >= 0; size -= 64 * 4096) {
		assert_int_equal(truncate(s.path, size), 0);
		assert_int_equal(load(&s, &config, &read, &e), ERR_CORRUPT);
		assert_non_null(strstr(e.text, "is damaged"));
	}
	site_free(&s);
}

static void a_file_of_another_store_is_not_read(void **state)
{
	static const struct guid other = {{9}};
	struct site s = site_new(*state);
	const struct snapshot *read = NULL;
	struct error e = {0};
	save(&s);
	assert_int_equal(snapshot_file_read(s.directory, &other, s.path, &read, &e),
	                 ERR_UNSUPPORTED);
	assert_non_null(strstr(e.text, "another store"));
	site_free(&s);
}

static void no_file_is_not_found(void **state)
{
	struct site s = site_new(*state);
	const struct snapshot *read = NULL;
	struct error e = {0};
	assert_int_equal(snapshot_file_read(s.directory, &book_guid, s.path, &read, &e),
	                 ERR_NOT_FOUND);
	site_free(&s);
}

static void a_locale_more_or_less_needs_no_other_file(void **state)
{
	static const uint32_t others[] = {0x0407, 0x0411};
	static const struct directory_config other = {.locales = others, .locale_count = 2};
	struct site s = site_new(*state);
	struct directory *read = NULL;
	struct error e = {0};
	struct table t;
	save(&s);
	assert_int_equal(load(&s, &other, &read, &e), 0);
	struct view v = {.snapshot = directory_acquire(read)};
	assert_int_equal(table_open(&v, view_container(&v, 0), 0, 0x0407, &t), 0);
	assert_int_equal(t.lcid, 0x0407);
	assert_int_equal(table_open(&v, view_container(&v, 0), 0, 0x0411, &t), 0);
	assert_int_equal(t.lcid, 0x0409); /* until it is made */
	snapshot_unref(v.snapshot);
	directory_free(read);
	site_free(&s);
}

static void other_words_that_resolve_are_made_anew(void **state)
{
	static const char *const more[] = {"physicalDeliveryOfficeName", "title"};
	static const struct directory_config other = {.anr_attributes = more,
	                                              .anr_attribute_count = 2,
	                                              .locales = locales,
	                                              .locale_count = 2};
	struct site s = site_new(*state);
	struct directory *read = NULL;
	struct error e = {0};
	save(&s);
	assert_int_equal(load(&s, &other, &read, &e), 0);
	assert_same_book(s.directory, read);
	directory_free(read);
	site_free(&s);
}

static void a_write_that_is_called_off_leaves_the_old_file(void **state)
{
	static const _Atomic bool cancel = true;
	struct site s = site_new(*state);
	struct directory *read = NULL;
	struct error e = {0};
	save(&s);
	const struct snapshot *now = directory_acquire(s.directory);
	assert_int_equal(snapshot_file_write(now, &book_guid, s.path, &cancel, &e), ERR_BUSY);
	snapshot_unref(now);
	char *left = xasprintf("%s.new", s.path);
	assert_int_not_equal(access(left, F_OK), 0);
	free(left);
	assert_int_equal(load(&s, &config, &read, &e), 0);
	assert_same_book(s.directory, read);
	directory_free(read);
	site_free(&s);
}

/* A directory whose other orders come later, as at a start. */
static struct directory *without_orders(struct site *s)
{
	struct directory *d = directory_new(&config);
	struct directory_builder *b = builder_new(d, NULL);
	struct error e;
	s->random = (struct book_random){7};
	for (uint32_t i = 0; i < PEOPLE; i++) {
		struct book_person p = book_person(&s->arena, &s->random, ENTRY_MID_FIRST + 3 * i);
		builder_put(b, book_person_entry(&s->arena, &p), &e);
	}
	builder_leave_orders(b);
	directory_publish(d, builder_finish(b));
	return d;
}

static void orders_made_later_follow_what_changed_meanwhile(void **state)
{
	struct site s = site_new(*state);
	struct directory *d = without_orders(&s);
	struct order *o;
	for (uint64_t round = 0;; round++) {
		const struct snapshot *now = directory_acquire(d);
		o = order_make(now);
		snapshot_unref(now);
		if (!o)
			break;
		change(d, (struct book_random){round});
		change(s.directory, (struct book_random){round});
		order_publish(o, d);
	}
	assert_same_book(s.directory, d);
	directory_free(d);
	site_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(a_book_read_from_a_file_is_the_same),
		SCRATCH_TEST(a_book_read_from_a_file_takes_changes),
		SCRATCH_TEST(a_file_of_a_book_that_was_read_is_the_same),
		SCRATCH_TEST(an_empty_book_can_be_read_again),
		SCRATCH_TEST(a_file_with_a_wrong_bit_is_not_read),
		SCRATCH_TEST(a_file_that_was_cut_is_not_read),
		SCRATCH_TEST(a_file_of_another_store_is_not_read),
		SCRATCH_TEST(no_file_is_not_found),
		SCRATCH_TEST(a_locale_more_or_less_needs_no_other_file),
		SCRATCH_TEST(other_words_that_resolve_are_made_anew),
		SCRATCH_TEST(orders_made_later_follow_what_changed_meanwhile),
		SCRATCH_TEST(a_write_that_is_called_off_leaves_the_old_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
