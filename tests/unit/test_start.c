/* What a start finds: the snapshot file of the last one, and what changed in the store since. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "directory/view.h"
#include "store/import.h"
#include "store/journal.h"
#include "store/keeper.h"

#include "scratch.h"

enum { MANY = 2000 };

struct site {
	struct store *store;
	struct directory *directory;
};

static struct store *open_store(const char *path)
{
	struct store *s = NULL;
	struct error e = {0};
	if (store_open(path, UINT64_C(1) << 30, &s, &e))
		fail_msg("%s", e.text);
	return s;
}

static struct site start(const char *path)
{
	static const uint32_t locales[] = {0x0407};
	static const struct directory_config config = {.locales = locales, .locale_count = 1};
	struct site s = {open_store(path), directory_new(&config)};
	struct error e = {0};
	if (store_attach_directory(s.store, s.directory, &e))
		fail_msg("%s", e.text);
	return s;
}

static void stop(struct site *s)
{
	directory_free(s->directory);
	store_close(s->store);
}

static void import(struct store *s, const char *text)
{
	const struct import_options options = {.source = "f", .organization = "Example"};
	struct import_result result;
	struct import *i = NULL;
	struct error e = {0};
	int err = import_begin(s, &options, &i, &e);
	if (!err)
		err = import_feed(i, slice_of_string(text), &e);
	if (!err)
		err = import_commit(i, &result, &e);
	if (err)
		fail_msg("%s", e.text);
}

static void import_people(struct store *s, int first, int count)
{
	struct buffer out;
	buffer_init(&out, 64 << 20);
	for (int i = first; i < first + count; i++)
		buffer_printf(&out,
		              "dn: cn=%d,dc=x\nobjectClass: person\ncn: %d\nsn: x\n"
		              "displayName: Name %d\n\n",
		              i, i, i);
	buffer_put_u8(&out, 0);
	import(s, (const char *)out.data);
	buffer_free(&out);
}

/* A book of many, and a file of it. */
static void prepare(const char *path)
{
	struct store *s = open_store(path);
	struct keeper *k = NULL;
	import_people(s, 0, MANY);
	store_close(s);
	struct site site = start(path);
	assert_int_equal(keeper_start(site.store, &k, NULL), 0);
	keeper_stop(k);
	assert_int_not_equal(site.store->saved_source, 0);
	stop(&site);
}

static bool was_from_file(const struct site *s)
{
	return s->store->saved_source != 0;
}

static const char *name_of(const struct site *s, const char *dn)
{
	static char name[100];
	const struct view v = {.snapshot = directory_acquire(s->directory)};
	const struct object *o = view_object_by_ldap_dn(&v, slice_of_string(dn));
	struct slice text = o ? object_display_name(&v, o) : slice_of_string("none");
	snprintf(name, sizeof name, "%.*s", (int)text.size, (const char *)text.data);
	snapshot_unref(v.snapshot);
	return name;
}

static size_t count_of(const struct site *s)
{
	const struct snapshot *book = directory_acquire(s->directory);
	size_t count = snapshot_count(book);
	snapshot_unref(book);
	return count;
}

static void a_start_takes_the_book_from_the_file(void **state)
{
	prepare(*state);
	struct site s = start(*state);
	assert_true(was_from_file(&s));
	assert_int_equal(count_of(&s), MANY);
	assert_string_equal(name_of(&s, "cn=17,dc=x"), "Name 17");
	stop(&s);
}

static void what_changed_while_the_server_was_stopped_is_followed(void **state)
{
	prepare(*state);
	struct store *store = open_store(*state);
	import(store, "dn: cn=17,dc=x\nchangetype: modify\nreplace: displayName\n"
	              "displayName: Other\n-\n\n"
	              "dn: cn=18,dc=x\nchangetype: delete\n\n"
	              "dn: cn=new,dc=x\nobjectClass: person\ndisplayName: New\n\n");
	store_close(store);
	struct site s = start(*state);
	assert_true(was_from_file(&s));
	assert_int_equal(count_of(&s), MANY);
	assert_string_equal(name_of(&s, "cn=17,dc=x"), "Other");
	assert_string_equal(name_of(&s, "cn=18,dc=x"), "none");
	assert_string_equal(name_of(&s, "cn=new,dc=x"), "New");
	stop(&s);
}

static void changes_of_two_starts_are_followed(void **state)
{
	prepare(*state);
	for (int i = 0; i < 3; i++) {
		struct site s = start(*state);
		import_people(s.store, MANY + i, 1);
		stop(&s);
	}
	struct site s = start(*state);
	assert_true(was_from_file(&s));
	assert_int_equal(count_of(&s), MANY + 3);
	stop(&s);
}

static void a_file_that_the_journal_does_not_reach_is_not_used(void **state)
{
	prepare(*state);
	struct store *store = open_store(*state);
	import_people(store, MANY, JOURNAL_MAX + 1);
	store_close(store);
	struct site s = start(*state);
	assert_false(was_from_file(&s));
	assert_int_equal(count_of(&s), MANY + JOURNAL_MAX + 1);
	stop(&s);
}

static void a_file_out_of_reach_is_written_again_at_the_end(void **state)
{
	struct keeper *k = NULL;
	prepare(*state);
	struct site s = start(*state);
	assert_int_equal(keeper_start(s.store, &k, NULL), 0);
	import_people(s.store, MANY, JOURNAL_MAX + 1);
	keeper_stop(k);
	stop(&s);
	s = start(*state);
	assert_true(was_from_file(&s));
	assert_int_equal(count_of(&s), MANY + JOURNAL_MAX + 1);
	stop(&s);
}

static void a_damaged_file_is_told_and_not_used(void **state)
{
	prepare(*state);
	char *path = xasprintf("%s/book.snapshot", (const char *)*state);
	int fd = open(path, O_RDWR);
	assert_int_equal(pwrite(fd, "damage", 6, 9000), 6);
	close(fd);
	free(path);
	struct site s = start(*state);
	assert_false(was_from_file(&s));
	assert_int_equal(count_of(&s), MANY);
	assert_string_equal(name_of(&s, "cn=17,dc=x"), "Name 17");
	stop(&s);
}

static void a_file_of_another_store_is_not_used(void **state)
{
	char *old = xasprintf("%s/book.snapshot", (const char *)*state);
	char *other = xasprintf("%s/other", (const char *)*state);
	char *path = xasprintf("%s/other/book.snapshot", (const char *)*state);
	prepare(*state);
	store_close(open_store(other));
	assert_int_equal(rename(old, path), 0);
	struct site s = start(other);
	assert_false(was_from_file(&s));
	assert_int_equal(count_of(&s), 0);
	stop(&s);
	free(old);
	free(other);
	free(path);
}

static void the_journal_forgets_what_the_file_has(void **state)
{
	struct keeper *k = NULL;
	uint32_t *mids = NULL;
	MDB_txn *txn = NULL;
	size_t count;
	prepare(*state);
	struct site s = start(*state);
	import_people(s.store, MANY, 100);
	assert_int_equal(keeper_start(s.store, &k, NULL), 0);
	uint64_t before = s.store->saved_source;
	import_people(s.store, MANY + 100, JOURNAL_MAX + 1);
	keeper_stop(k);
	import_people(s.store, 0, 1);
	import(s.store, "dn: cn=1,dc=x\nchangetype: delete\n");
	assert_int_equal(store_begin_read(s.store, &txn, NULL), 0);
	assert_false(journal_reaches(s.store, txn, before));
	assert_true(journal_reaches(s.store, txn, s.store->saved_source));
	assert_int_equal(journal_since(s.store, txn, s.store->saved_source, &mids, &count, NULL),
	                 0);
	assert_int_equal(count, 1);
	free(mids);
	mdb_txn_abort(txn);
	stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(a_start_takes_the_book_from_the_file),
		SCRATCH_TEST(what_changed_while_the_server_was_stopped_is_followed),
		SCRATCH_TEST(changes_of_two_starts_are_followed),
		SCRATCH_TEST(a_file_that_the_journal_does_not_reach_is_not_used),
		SCRATCH_TEST(a_file_out_of_reach_is_written_again_at_the_end),
		SCRATCH_TEST(a_damaged_file_is_told_and_not_used),
		SCRATCH_TEST(a_file_of_another_store_is_not_used),
		SCRATCH_TEST(the_journal_forgets_what_the_file_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
