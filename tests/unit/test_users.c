#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/memory.h"
#include "scratch.h"
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

static struct store *open_with_user(const char *dir, const char *name)
{
	struct store *s = open_store(dir);
	assert_int_equal(store_user_add(s, name, "secret", NULL, NULL), 0);
	return s;
}

static int find(struct store *s, const char *user, const char *domain, struct account_secret *out)
{
	struct account_source source = store_account_source(s);
	return source.find(source.context, slice_of_string(user), slice_of_string(domain), out);
}

static struct account_status *status(struct store *s, const char *user)
{
	static struct account_status out;
	struct account_source source = store_account_source(s);
	source.status(source.context, user, &out);
	return &out;
}

static void account_is_found_with_its_hash_in_any_case(void **state)
{
	struct store *s = open_with_user(*state, "Ärzte.Köln");
	struct account_secret secret;
	uint8_t expected[16];
	auth_nt_hash("secret", expected);
	assert_int_equal(find(s, "äRZTE.kÖLN", "", &secret), 0);
	assert_string_equal(secret.name, "Ärzte.Köln");
	assert_memory_equal(secret.nt_hash, expected, 16);
	assert_false(secret.disabled);
	store_close(s);
}

static void account_survives_a_restart(void **state)
{
	struct store *s = open_with_user(*state, "alice");
	assert_int_equal(store_group_add(s, "Staff", NULL), 0);
	assert_int_equal(store_group_member(s, "staff", "ALICE", true, NULL), 0);
	assert_int_equal(store_user_disable(s, "alice", true, NULL), 0);
	store_close(s);
	s = open_store(*state);
	struct account_secret secret;
	assert_int_equal(find(s, "alice", "", &secret), 0);
	assert_true(secret.disabled);
	assert_int_equal(status(s, "alice")->group_count, 1);
	assert_string_equal(status(s, "alice")->groups[0], "Staff");
	store_close(s);
}

static void unknown_account_is_not_found(void **state)
{
	struct store *s = open_with_user(*state, "alice");
	struct account_secret secret;
	assert_int_equal(find(s, "bob", "", &secret), ERR_NOT_FOUND);
	assert_int_equal(find(s, "", "", &secret), ERR_NOT_FOUND);
	assert_int_equal(find(s, "\xff", "", &secret), ERR_NOT_FOUND);
	assert_false(status(s, "bob")->exists);
	store_close(s);
}

static void every_way_to_write_a_domain_finds_the_account(void **state)
{
	struct store *s = open_with_user(*state, "alice");
	struct account_secret secret;
	assert_int_equal(find(s, "alice", "ANYTHING", &secret), 0);
	assert_int_equal(find(s, "alice@corp.example", "", &secret), 0);
	assert_int_equal(find(s, "CORP\\alice", "", &secret), 0);
	store_close(s);
}

static void refused_domain_is_not_ours(void **state)
{
	static const struct store_domain domains[] = {
		{"OTHER", false}
        };
	struct store *s = open_with_user(*state, "alice");
	struct account_secret secret;
	store_set_domains(s, domains, 1);
	assert_int_equal(find(s, "alice", "other", &secret), ERR_NOT_FOUND);
	assert_int_equal(find(s, "alice@OTHER", "", &secret), ERR_NOT_FOUND);
	assert_int_equal(find(s, "alice", "CORP", &secret), 0);
	assert_int_equal(find(s, "alice", "", &secret), 0);
	store_close(s);
}

static void one_accepted_domain_refuses_those_not_named(void **state)
{
	static const struct store_domain domains[] = {
		{"CORP", true}
        };
	struct store *s = open_with_user(*state, "alice");
	struct account_secret secret;
	store_set_domains(s, domains, 1);
	assert_int_equal(find(s, "alice", "corp", &secret), 0);
	assert_int_equal(find(s, "alice", "OTHER", &secret), ERR_NOT_FOUND);
	assert_int_equal(find(s, "alice", "", &secret), 0);
	store_set_domains(s, NULL, 0);
	assert_int_equal(find(s, "alice", "OTHER", &secret), 0);
	store_close(s);
}

static void same_name_in_another_case_exists_already(void **state)
{
	struct store *s = open_with_user(*state, "alice");
	struct error e = {0};
	assert_int_equal(store_user_add(s, "ALICE", "x", NULL, &e), ERR_EXISTS);
	assert_non_null(strstr(e.text, "alice"));
	store_close(s);
}

static void names_that_would_be_read_as_something_else_are_refused(void **state)
{
	static const char *const names[] = {"",    "a@b",  "a\\b",      "a/b",  "a:b",
	                                    "a;b", "a,b",  "a\"b",      "a<b",  "a>b",
	                                    "a|b", "a\nb", "a\xc2\x85", "a\xff"};
	struct store *s = open_store(*state);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(store_user_add(s, names[i], "x", NULL, NULL), ERR_INVALID);
	store_close(s);
}

static void longest_name_whose_folding_is_longer_still_is_kept(void **state)
{
	char name[ACCOUNT_NAME_SIZE] = "";
	for (int i = 0; i < 128; i++)
		strcat(name, "\xc8\xba"); /* U+023A folds to U+2C65, which is a byte longer */
	struct store *s = open_with_user(*state, name);
	struct account_secret secret;
	assert_int_equal(find(s, name, "", &secret), 0);
	assert_int_equal(store_user_add(s, name, "x", NULL, NULL), ERR_EXISTS);
	store_close(s);
}

static void new_password_takes_the_place_of_the_old(void **state)
{
	struct store *s = open_with_user(*state, "alice");
	struct account_secret secret;
	uint8_t expected[16];
	assert_int_equal(store_user_passwd(s, "alice", "other", NULL), 0);
	auth_nt_hash("other", expected);
	assert_int_equal(find(s, "alice", "", &secret), 0);
	assert_memory_equal(secret.nt_hash, expected, 16);
	assert_int_equal(store_user_passwd(s, "alice", "", NULL), ERR_INVALID);
	assert_int_equal(store_user_passwd(s, "alice", "\xff", NULL), ERR_INVALID);
	assert_int_equal(store_user_passwd(s, "bob", "x", NULL), ERR_NOT_FOUND);
	store_close(s);
}

static struct account_secret secret_of(struct store *s, const char *name)
{
	struct account_secret secret = {0};
	assert_int_equal(find(s, name, "", &secret), 0);
	return secret;
}

static void password_leaves_an_nt_hash_and_a_yescrypt_hash(void **state)
{
	struct store *s = open_with_user(*state, "alice");
	struct account_secret secret = secret_of(s, "alice");
	assert_true(secret.has_nt_hash);
	assert_memory_equal(secret.crypt_hash, "$y$", 3);
	store_close(s);
	s = open_store(*state);
	struct account_secret again = secret_of(s, "alice");
	assert_true(again.has_nt_hash);
	assert_string_equal(again.crypt_hash, secret.crypt_hash);
	store_close(s);
}

static void without_nt_hashes_a_password_leaves_a_yescrypt_hash_alone(void **state)
{
	static const uint8_t zeros[16];
	struct store *s = open_store(*state);
	store_set_nt_hashes(s, false);
	assert_int_equal(store_user_add(s, "alice", "secret", NULL, NULL), 0);
	store_close(s);
	s = open_store(*state);
	struct account_secret secret = secret_of(s, "alice");
	assert_false(secret.has_nt_hash);
	assert_memory_equal(secret.nt_hash, zeros, sizeof zeros);
	assert_memory_equal(secret.crypt_hash, "$y$", 3);
	store_close(s);
}

static void nt_hashes_are_dropped_for_good(void **state)
{
	size_t left = 1;
	struct store *s = open_with_user(*state, "alice");
	assert_int_equal(store_drop_nt_hashes(s, &left, NULL), 0);
	assert_int_equal(left, 0);
	assert_false(secret_of(s, "alice").has_nt_hash);
	store_close(s);
	s = open_store(*state);
	assert_false(secret_of(s, "alice").has_nt_hash);
	store_close(s);
}

static void deleted_account_is_gone(void **state)
{
	struct store *s = open_with_user(*state, "alice");
	struct account_secret secret;
	assert_int_equal(store_user_delete(s, "Alice", NULL), 0);
	assert_int_equal(find(s, "alice", "", &secret), ERR_NOT_FOUND);
	assert_int_equal(store_user_delete(s, "alice", NULL), ERR_NOT_FOUND);
	store_close(s);
}

static void account_tells_the_entry_it_was_given(void **state)
{
	struct store *s = open_store(*state);
	struct user user;
	assert_int_equal(store_user_add(s, "alice", "x", "cn=Alice,dc=example", NULL), 0);
	assert_int_equal(store_user_get(s, "ALICE", &user, NULL), 0);
	assert_string_equal(user.name, "alice");
	assert_string_equal(user.entry_dn, "cn=Alice,dc=example");
	assert_true(user.created_ms > 0 && user.password_set_ms >= user.created_ms);
	store_close(s);
}

static bool join_names(void *context, const struct user *u)
{
	strcat(strcat(context, u->name), " ");
	return true;
}

static void accounts_are_walked_in_order_of_name(void **state)
{
	char names[64] = "";
	struct store *s = open_with_user(*state, "carol");
	store_user_add(s, "Bob", "x", NULL, NULL);
	store_user_add(s, "alice", "x", NULL, NULL);
	assert_int_equal(store_user_walk(s, join_names, names), 0);
	assert_string_equal(names, "alice Bob carol ");
	store_close(s);
}

static bool join_members(void *context, const char *group, const char *const *members, size_t count)
{
	strcat(strcat(context, group), ":");
	for (size_t i = 0; i < count; i++)
		strcat(context, members[i]);
	strcat(context, " ");
	return true;
}

static void group_gains_and_loses_members(void **state)
{
	char text[64] = "";
	struct store *s = open_with_user(*state, "alice");
	assert_int_equal(store_group_add(s, "Agents", NULL), 0);
	assert_int_equal(store_group_add(s, "AGENTS", NULL), ERR_EXISTS);
	assert_int_equal(store_group_member(s, "agents", "alice", true, NULL), 0);
	assert_int_equal(store_group_member(s, "agents", "alice", true, NULL), 0);
	store_group_walk(s, join_members, text);
	assert_string_equal(text, "Agents:alice ");
	assert_int_equal(store_group_member(s, "agents", "alice", false, NULL), 0);
	assert_int_equal(status(s, "alice")->group_count, 0);
	assert_int_equal(store_group_member(s, "agents", "bob", true, NULL), ERR_NOT_FOUND);
	assert_int_equal(store_group_member(s, "none", "alice", true, NULL), ERR_NOT_FOUND);
	store_close(s);
}

static void deleted_group_has_no_members_any_more(void **state)
{
	struct store *s = open_with_user(*state, "alice");
	store_group_add(s, "agents", NULL);
	store_group_member(s, "agents", "alice", true, NULL);
	assert_int_equal(store_group_delete(s, "Agents", NULL), 0);
	assert_int_equal(status(s, "alice")->group_count, 0);
	assert_int_equal(store_group_delete(s, "agents", NULL), ERR_NOT_FOUND);
	store_close(s);
	s = open_store(*state);
	assert_int_equal(status(s, "alice")->group_count, 0);
	store_close(s);
}

static void account_is_in_at_most_64_groups(void **state)
{
	struct store *s = open_with_user(*state, "alice");
	for (int i = 0; i <= ACCOUNT_MAX_GROUPS; i++) {
		char *group = xasprintf("group%d", i);
		assert_int_equal(store_group_add(s, group, NULL), 0);
		int err = store_group_member(s, group, "alice", true, NULL);
		assert_int_equal(err, i < ACCOUNT_MAX_GROUPS ? 0 : ERR_LIMIT);
		free(group);
	}
	store_close(s);
}

static void limits_are_kept_and_cleared(void **state)
{
	struct limit limit = {.scope = LIMIT_ACCOUNT,
	                      .name = "Alice",
	                      .sessions = 2000,
	                      .reason = "migration",
	                      .until_ms = 1,
	                      .review_ms = 2,
	                      .set_ms = 3};
	struct limit standard = {.scope = LIMIT_DEFAULT, .sessions = LIMIT_UNLIMITED};
	struct limit *list = NULL;
	size_t count = 0;
	struct store *s = open_store(*state);
	assert_int_equal(store_limit_set(s, &limit, NULL), 0);
	assert_int_equal(store_limit_set(s, &standard, NULL), 0);
	store_close(s);
	s = open_store(*state);
	assert_int_equal(store_limit_list(s, &list, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_int_equal(list[0].scope, LIMIT_DEFAULT);
	assert_int_equal(list[0].sessions, LIMIT_UNLIMITED);
	assert_string_equal(list[1].name, "Alice");
	assert_string_equal(list[1].reason, "migration");
	assert_int_equal(list[1].origin, LIMIT_SET);
	assert_int_equal(list[1].until_ms + 10 * list[1].review_ms + 100 * list[1].set_ms, 321);
	free(list);
	assert_int_equal(store_limit_clear(s, LIMIT_ACCOUNT, "ALICE", NULL), 0);
	assert_int_equal(store_limit_clear(s, LIMIT_ACCOUNT, "alice", NULL), ERR_NOT_FOUND);
	store_close(s);
}

struct asker {
	struct account_source source;
	atomic_bool done;
	size_t wrong;
};

static void *ask(void *context)
{
	struct asker *a = context;
	struct account_status *status_out = calloc(1, sizeof *status_out);
	while (!atomic_load(&a->done)) {
		struct account_secret secret;
		int err = a->source.find(a->source.context, slice_of_string("alice"),
		                         slice_of_string(""), &secret);
		a->wrong += err != 0 || strcmp(secret.name, "alice") != 0;
		a->source.status(a->source.context, "alice", status_out);
		a->wrong += !status_out->exists || status_out->group_count > 1;
	}
	free(status_out);
	return NULL;
}

static void logins_go_on_while_accounts_change(void **state)
{
	struct store *s = open_with_user(*state, "alice");
	struct asker asker = {.source = store_account_source(s)};
	pthread_t thread;
	store_group_add(s, "g", NULL);
	assert_int_equal(pthread_create(&thread, NULL, ask, &asker), 0);
	for (int i = 0; i < 20; i++) {
		store_user_passwd(s, "alice", i % 2 ? "a" : "b", NULL);
		store_group_member(s, "g", "alice", i % 2, NULL);
		store_user_add(s, "bob", "x", NULL, NULL);
		store_user_delete(s, "bob", NULL);
	}
	atomic_store(&asker.done, true);
	pthread_join(thread, NULL);
	assert_int_equal(asker.wrong, 0);
	store_close(s);
}

/* In a child, whose files may not grow: what a write meets on a full disk. */
static int add_users_without_space(const char *dir)
{
	struct store *s = open_with_user(dir, "before");
	const struct rlimit none = {64 * 1024, 64 * 1024};
	struct error e = {0};
	char dn[1001]; /* long ones fill the file with few slow passwords */
	int err = 0, added = 0;
	memset(dn, 'x', sizeof dn - 1);
	dn[sizeof dn - 1] = '\0';
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	for (; !err && added < 10000; added += !err) {
		char *name = xasprintf("user%d", added);
		err = store_user_add(s, name, "x", dn, &e);
		free(name);
	}
	struct account_secret secret;
	char *refused = xasprintf("user%d", added);
	bool right = err == ERR_FULL && strstr(e.text, "no space left") && added > 0 &&
	             find(s, "before", "", &secret) == 0 &&
	             find(s, refused, "", &secret) == ERR_NOT_FOUND;
	free(refused);
	store_close(s);
	return right ? 0 : 1;
}

static void full_disk_is_told_and_changes_nothing(void **state)
{
	int status_of_child = -1;
	pid_t child = fork();
	if (child == 0)
		_exit(add_users_without_space(*state));
	waitpid(child, &status_of_child, 0);
	assert_int_equal(status_of_child, 0);
	struct store *s = open_store(*state);
	struct account_secret secret;
	assert_int_equal(find(s, "before", "", &secret), 0);
	assert_int_equal(store_user_add(s, "after", "x", NULL, NULL), 0);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(account_is_found_with_its_hash_in_any_case),
		SCRATCH_TEST(account_survives_a_restart),
		SCRATCH_TEST(unknown_account_is_not_found),
		SCRATCH_TEST(every_way_to_write_a_domain_finds_the_account),
		SCRATCH_TEST(refused_domain_is_not_ours),
		SCRATCH_TEST(one_accepted_domain_refuses_those_not_named),
		SCRATCH_TEST(same_name_in_another_case_exists_already),
		SCRATCH_TEST(names_that_would_be_read_as_something_else_are_refused),
		SCRATCH_TEST(longest_name_whose_folding_is_longer_still_is_kept),
		SCRATCH_TEST(new_password_takes_the_place_of_the_old),
		SCRATCH_TEST(password_leaves_an_nt_hash_and_a_yescrypt_hash),
		SCRATCH_TEST(without_nt_hashes_a_password_leaves_a_yescrypt_hash_alone),
		SCRATCH_TEST(nt_hashes_are_dropped_for_good),
		SCRATCH_TEST(deleted_account_is_gone),
		SCRATCH_TEST(account_tells_the_entry_it_was_given),
		SCRATCH_TEST(accounts_are_walked_in_order_of_name),
		SCRATCH_TEST(group_gains_and_loses_members),
		SCRATCH_TEST(deleted_group_has_no_members_any_more),
		SCRATCH_TEST(account_is_in_at_most_64_groups),
		SCRATCH_TEST(limits_are_kept_and_cleared),
		SCRATCH_TEST(logins_go_on_while_accounts_change),
		SCRATCH_TEST(full_disk_is_told_and_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
