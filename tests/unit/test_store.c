#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "scratch.h"
#include "store/store.h"
#include "store/users.h"

enum { MAP_SIZE = 16 << 20 };

static struct store *open_store(const char *dir)
{
	struct store *s = NULL;
	struct error e = {0};
	int err = store_open(dir, MAP_SIZE, &s, &e);
	if (err)
		fail_msg("%s", e.text);
	return s;
}

static void server_guid_is_kept_for_ever(void **state)
{
	struct store *s = open_store(*state);
	struct guid first = store_server_guid(s);
	store_close(s);
	s = open_store(*state);
	struct guid second = store_server_guid(s);
	store_close(s);
	assert_false(guid_is_zero(&first));
	assert_true(guid_equal(&first, &second));
}

static void two_stores_have_different_server_guids(void **state)
{
	char *other_dir = xasprintf("%s/other", (char *)*state);
	struct store *a = open_store(*state), *b = open_store(other_dir);
	struct guid first = store_server_guid(a), second = store_server_guid(b);
	assert_false(guid_equal(&first, &second));
	store_close(a);
	store_close(b);
	free(other_dir);
}

static void second_process_is_told_who_holds_the_store(void **state)
{
	struct store *s = open_store(*state), *second = NULL;
	struct error e = {0};
	char *pid = xasprintf("process %ld", (long)getpid());
	assert_int_equal(store_open(*state, MAP_SIZE, &second, &e), ERR_BUSY);
	assert_null(second);
	assert_non_null(strstr(e.text, pid));
	free(pid);
	store_close(s);
	store_close(open_store(*state));
}

static void lock_of_a_killed_process_does_not_last(void **state)
{
	int ready[2];
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		open_store(*state);
		(void)!write(ready[1], "x", 1);
		pause();
		_exit(0);
	}
	char byte;
	assert_int_equal(read(ready[0], &byte, 1), 1);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	store_close(open_store(*state));
	close(ready[0]);
	close(ready[1]);
}

static void files_are_readable_by_their_owner_alone(void **state)
{
	static const char *const names[] = {"store.mdb", "store.mdb-lock", "lock"};
	store_close(open_store(*state));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct stat st;
		char *path = xasprintf("%s/%s", (char *)*state, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		free(path);
	}
}

static void state_directory_that_cannot_be_made_is_named(void **state)
{
	char *dir = xasprintf("%s/no/such", (char *)*state);
	struct store *s = NULL;
	struct error e = {0};
	assert_int_equal(store_open(dir, MAP_SIZE, &s, &e), ERR_SYSTEM);
	assert_non_null(strstr(e.text, dir));
	free(dir);
}

static void file_that_is_no_store_is_refused(void **state)
{
	char *path = xasprintf("%s/store.mdb", (char *)*state);
	FILE *f = fopen(path, "w");
	for (int i = 0; i < 20000; i++)
		fputc('x', f);
	fclose(f);
	struct store *s = NULL;
	struct error e = {0};
	assert_int_equal(store_open(*state, MAP_SIZE, &s, &e), ERR_CORRUPT);
	assert_non_null(strstr(e.text, "damaged"));
	free(path);
}

static void store_cut_short_is_refused(void **state)
{
	char *path = xasprintf("%s/store.mdb", (char *)*state);
	struct store *s = open_store(*state);
	struct store_counts counts;
	store_counts(s, &counts);
	store_close(s);
	assert_int_equal(truncate(path, (off_t)(counts.bytes_used - 4096)), 0);
	struct error e = {0};
	assert_int_equal(store_open(*state, MAP_SIZE, &s, &e), ERR_CORRUPT);
	assert_non_null(strstr(e.text, "shorter"));
	free(path);
}

static void new_store_counts_nothing(void **state)
{
	struct store *s = open_store(*state);
	struct store_counts counts;
	store_counts(s, &counts);
	assert_int_equal(counts.entries, 0);
	assert_int_equal(counts.accounts, 0);
	assert_int_equal(counts.bytes_map, MAP_SIZE);
	assert_true(counts.bytes_used > 0);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(server_guid_is_kept_for_ever),
		SCRATCH_TEST(two_stores_have_different_server_guids),
		SCRATCH_TEST(second_process_is_told_who_holds_the_store),
		SCRATCH_TEST(lock_of_a_killed_process_does_not_last),
		SCRATCH_TEST(files_are_readable_by_their_owner_alone),
		SCRATCH_TEST(state_directory_that_cannot_be_made_is_named),
		SCRATCH_TEST(file_that_is_no_store_is_refused),
		SCRATCH_TEST(store_cut_short_is_refused),
		SCRATCH_TEST(new_store_counts_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
