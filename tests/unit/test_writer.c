#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "directory/view.h"
#include "mapi/tags.h"
#include "scratch.h"
#include "store/import.h"
#include "store/store-private.h"
#include "store/writer.h"

enum { MAP_SIZE = 64 << 20 };

static const char people[] =
	"dn: cn=Anna,dc=x\nobjectClass: user\ndisplayName: Anna\nmail: anna@x\n"
	"telephoneNumber: 1\ntelephoneNumber: 2\n\n"
	"dn: cn=Bruno,dc=x\nobjectClass: user\ndisplayName: Bruno\nmail: bruno@x\n\n"
	"dn: cn=Carla,dc=x\nobjectClass: user\ndisplayName: Carla\nmail: carla@x\n\n"
	"dn: cn=Sales,dc=x\nobjectClass: group\ndisplayName: Sales\nmail: sales@x\n"
	"managedBy: cn=anna,dc=x\nmember: CN=Bruno, DC=x\n\n"
	"dn: cn=Unique,dc=x\nobjectClass: groupOfUniqueNames\ncn: Unique\n"
	"mail: unique@x\nuniqueMember: cn=bruno,dc=x\n\n";

static const char *const self_writable[] = {"telephoneNumber"};

/* A store with its readers and writer, and how the changes so far have ended. */
struct site {
	struct store *store;
	struct directory *directory;
	struct rights *rights;
	struct writer *writer;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	unsigned done, failed;
	int err;  /* of the latest */
	int pipe; /* told of each end, when it is not 0 */
};

static void must(int err, const struct error *e)
{
	if (err)
		fail_msg("%s", e->text);
}

static int import(struct store *s, const char *ldif, bool commit)
{
	const struct import_options options = {.source = "f", .organization = "Example"};
	struct import_result result;
	struct import *i = NULL;
	struct error e = {0};

	must(import_begin(s, &options, &i, &e), &e);
	must(import_feed(i, slice_of_string(ldif), &e), &e);
	if (!commit) {
		import_abort(i);
		return 0;
	}
	return import_commit(i, &result, &e);
}

static void start_writer(struct site *s)
{
	const struct writer_config config = {.store = s->store, .rights = s->rights};
	struct error e = {0};

	must(writer_start(&config, &s->writer, &e), &e);
}

/* Without a writer yet. */
static void open_site(struct site *s, const char *dir)
{
	struct error e = {0};

	*s = (struct site){.lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};
	must(store_open(dir, MAP_SIZE, &s->store, &e), &e);
	s->directory = directory_new(NULL);
	must(store_attach_directory(s->store, s->directory, &e), &e);
	must(rights_new(self_writable, 1, &s->rights, &e), &e);
}

static void fill_site(struct site *s, const char *dir)
{
	open_site(s, dir);
	assert_int_equal(import(s->store, people, true), 0);
	start_writer(s);
}

static void close_site(struct site *s)
{
	writer_stop(s->writer);
	directory_free(s->directory);
	store_close(s->store);
	rights_free(s->rights);
}

static void tell_end(void *context, int err)
{
	struct site *s = context;

	pthread_mutex_lock(&s->lock);
	s->err = err;
	s->done++;
	s->failed += err != 0;
	pthread_cond_broadcast(&s->ended);
	pthread_mutex_unlock(&s->lock);
	if (s->pipe)
		(void)!write(s->pipe, "x", 1);
}

static void wait_for(struct site *s, unsigned done)
{
	pthread_mutex_lock(&s->lock);
	while (s->done < done)
		pthread_cond_wait(&s->ended, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

/* What readers see of an entry, by its mail address's name. */
struct sight {
	const struct snapshot *snapshot;
	struct viewer viewer;
	struct view view;
	const struct object *object;
	struct arena arena;
};

static void look(struct site *s, const char *name, struct sight *out)
{
	char dn[64];

	*out = (struct sight){
		.snapshot = directory_acquire(s->directory), .viewer = {"", 0}
        };
	out->view = (struct view){out->snapshot, &out->viewer};
	arena_init(&out->arena, 1 << 22);
	snprintf(dn, sizeof dn, "cn=%s,dc=x", name);
	out->object = view_object_by_ldap_dn(&out->view, slice_of_string(dn));
}

static void look_away(struct sight *sight)
{
	snapshot_unref(sight->snapshot);
	arena_free(&sight->arena);
}

static uint32_t mid_of(struct site *s, const char *name)
{
	struct sight sight;

	look(s, name, &sight);
	uint32_t mid = sight.object ? object_mid(sight.object) : 0;
	look_away(&sight);
	return mid;
}

static size_t count_links(struct site *s, const char *name, mapi_tag tag)
{
	struct sight sight;
	const uint32_t *mids;
	size_t count = 0;

	look(s, name, &sight);
	assert_int_equal(view_links(&sight.view, sight.object, tag_id(tag), 100000, &sight.arena,
	                            &mids, &count),
	                 0);
	look_away(&sight);
	return count;
}

static size_t count_certificates(struct site *s, const char *name)
{
	struct mapi_value value = {0};
	struct sight sight;

	look(s, name, &sight);
	bool has = object_value(&sight.view, sight.object, tag_id(PR_USER_X509_CERTIFICATE),
	                        &sight.arena, &value);
	look_away(&sight);
	return has ? value.slices.count : 0;
}

static void assert_phone(struct site *s, const char *name, const char *expected)
{
	struct mapi_value value = {0};
	struct sight sight;

	look(s, name, &sight);
	bool has = object_value(&sight.view, sight.object, tag_id(PR_BUSINESS_TELEPHONE_NUMBER),
	                        &sight.arena, &value);
	assert_int_equal(has, expected != NULL);
	assert_true(!has || slice_equal(value.string, slice_of_string(expected)));
	look_away(&sight);
}

static struct change *change_by(struct site *s, const char *who, const char *entry)
{
	const struct viewer viewer = {who, mid_of(s, who)};
	struct change *c = change_new(&viewer, "192.0.2.1", mid_of(s, entry));

	c->done = tell_end;
	c->context = s;
	return c;
}

/* Values up to NULL. */
static struct change *replace(struct site *s, const char *who, const char *entry, mapi_tag tag,
                              const char *const *values)
{
	struct change *c = change_by(s, who, entry);
	struct change_edit *edit = change_edit(c, tag_id(tag), CHANGE_REPLACE);

	edit->values = arena_alloc_array(&c->memory, 8, sizeof *edit->values);
	for (; values[edit->count]; edit->count++)
		edit->values[edit->count] = slice_of_string(values[edit->count]);
	return c;
}

#define VALUES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_VALUES   ((const char *const[]){NULL})

static struct change *link_member(struct site *s, const char *group, enum change_kind kind,
                                  uint32_t member)
{
	struct change *c = change_by(s, "anna", group);
	struct change_edit *edit = change_edit(c, tag_id(PR_EMS_AB_MEMBER), kind);

	edit->links = arena_alloc_array(&c->memory, 1, sizeof *edit->links);
	edit->links[edit->count++] = member;
	return c;
}

static int write_now(struct site *s, struct change *c)
{
	unsigned before = s->done;

	assert_int_equal(writer_submit(s->writer, c), 0);
	wait_for(s, before + 1);
	return s->err;
}

static void readers_see_a_change_when_it_is_done(void **state)
{
	struct site s;

	fill_site(&s, *state);
	assert_int_equal(write_now(&s, replace(&s, "anna", "anna", PR_USER_X509_CERTIFICATE,
	                                       VALUES("one", "two"))),
	                 0);
	assert_int_equal(count_certificates(&s, "anna"), 2);
	close_site(&s);
}

static void a_change_survives_a_restart(void **state)
{
	struct site s;

	fill_site(&s, *state);
	uint32_t mid = mid_of(&s, "anna");
	write_now(&s, replace(&s, "anna", "anna", PR_USER_X509_CERTIFICATE, VALUES("one")));
	close_site(&s);
	open_site(&s, *state);
	assert_int_equal(count_certificates(&s, "anna"), 1);
	assert_int_equal(mid_of(&s, "anna"), mid);
	close_site(&s);
}

static void all_values_of_an_attribute_are_replaced(void **state)
{
	struct site s;

	fill_site(&s, *state);
	write_now(&s, replace(&s, "anna", "anna", PR_BUSINESS_TELEPHONE_NUMBER, VALUES("3")));
	assert_phone(&s, "anna", "3");
	write_now(&s, replace(&s, "anna", "anna", PR_BUSINESS_TELEPHONE_NUMBER, NO_VALUES));
	assert_phone(&s, "anna", NULL);
	close_site(&s);
}

static void members_come_and_go_and_back_links_follow(void **state)
{
	struct site s;

	fill_site(&s, *state);
	uint32_t carla = mid_of(&s, "carla"), bruno = mid_of(&s, "bruno");
	assert_int_equal(write_now(&s, link_member(&s, "sales", CHANGE_ADD, carla)), 0);
	assert_int_equal(count_links(&s, "sales", PR_EMS_AB_MEMBER), 2);
	assert_int_equal(count_links(&s, "carla", PR_EMS_AB_IS_MEMBER_OF_DL), 1);
	assert_int_equal(write_now(&s, link_member(&s, "sales", CHANGE_REMOVE, bruno)), 0);
	assert_int_equal(count_links(&s, "sales", PR_EMS_AB_MEMBER), 1);
	assert_int_equal(count_links(&s, "bruno", PR_EMS_AB_IS_MEMBER_OF_DL), 1); /* of Unique */
	close_site(&s);
}

static size_t transactions(const struct site *s)
{
	MDB_envinfo info;

	mdb_env_info(s->store->env, &info);
	return info.me_last_txnid;
}

static void what_is_so_already_is_not_written(void **state)
{
	struct site s;

	fill_site(&s, *state);
	size_t before = transactions(&s);
	uint32_t bruno = mid_of(&s, "bruno"), carla = mid_of(&s, "carla");
	assert_int_equal(write_now(&s, link_member(&s, "sales", CHANGE_ADD, bruno)), 0);
	assert_int_equal(write_now(&s, link_member(&s, "sales", CHANGE_REMOVE, carla)), 0);
	assert_int_equal(
		write_now(&s, replace(&s, "carla", "carla", PR_USER_X509_CERTIFICATE, NO_VALUES)),
		0);
	assert_int_equal(transactions(&s), before);
	assert_int_equal(count_links(&s, "sales", PR_EMS_AB_MEMBER), 1);
	close_site(&s);
}

static void the_schema_of_an_entry_is_kept(void **state)
{
	struct site s;

	fill_site(&s, *state);
	struct change *add = link_member(&s, "unique", CHANGE_ADD, mid_of(&s, "carla"));
	struct change *remove = link_member(&s, "unique", CHANGE_REMOVE, mid_of(&s, "bruno"));
	add->administrator = remove->administrator = true;
	assert_int_equal(write_now(&s, add), 0);
	assert_int_equal(count_links(&s, "unique", PR_EMS_AB_MEMBER), 2);
	assert_int_equal(write_now(&s, remove), 0);
	assert_int_equal(count_links(&s, "unique", PR_EMS_AB_MEMBER), 1);
	assert_int_equal(count_links(&s, "carla", PR_EMS_AB_IS_MEMBER_OF_DL), 1);
	close_site(&s);
}

static void a_member_that_is_gone_cannot_be_added(void **state)
{
	struct site s;

	fill_site(&s, *state);
	assert_int_equal(write_now(&s, link_member(&s, "sales", CHANGE_ADD, 0x7777)),
	                 ERR_NOT_FOUND);
	assert_int_equal(write_now(&s, link_member(&s, "sales", CHANGE_REMOVE, 0x7777)), 0);
	assert_int_equal(count_links(&s, "sales", PR_EMS_AB_MEMBER), 1);
	close_site(&s);
}

/* The right that a caller had when it asked may be gone when it is its turn. */
static void rights_are_those_of_the_moment_of_writing(void **state)
{
	struct site s;

	open_site(&s, *state);
	assert_int_equal(import(s.store, people, true), 0);
	writer_start(&(struct writer_config){.store = s.store, .rights = s.rights}, &s.writer,
	             NULL);
	struct change *c = link_member(&s, "sales", CHANGE_ADD, mid_of(&s, "carla"));
	import(s.store,
	       "dn: cn=Sales,dc=x\nchangetype: modify\nreplace: managedBy\n"
	       "managedBy: cn=Bruno,dc=x\n-\n\n",
	       true);
	assert_int_equal(write_now(&s, c), ERR_DENIED);
	assert_int_equal(count_links(&s, "sales", PR_EMS_AB_MEMBER), 1);
	close_site(&s);
}

static void waiting_changes_share_a_transaction(void **state)
{
	struct site s;
	const char *const who[] = {"anna", "bruno", "carla"};

	fill_site(&s, *state);
	size_t before = transactions(&s);
	turn_take(&s.store->turn, TURN_WAIT_MS);
	writer_submit(s.writer, link_member(&s, "sales", CHANGE_ADD, mid_of(&s, "carla")));
	for (size_t i = 0; i < 30; i++)
		writer_submit(s.writer,
		              replace(&s, who[i % 3], who[i % 3], PR_USER_X509_CERTIFICATE,
		                      VALUES(i < 27 ? "old" : "new", "more")));
	assert_int_equal(s.done, 0);
	turn_give(&s.store->turn);
	wait_for(&s, 31);
	assert_int_equal(s.failed, 0);
	/* The writer may have gone to wait for its turn with the first one alone. */
	assert_in_range(transactions(&s) - before, 1, 2);
	assert_int_equal(count_certificates(&s, "carla"), 2);
	close_site(&s);
}

static void a_change_that_fails_leaves_the_others_alone(void **state)
{
	struct site s;

	fill_site(&s, *state);
	turn_take(&s.store->turn, TURN_WAIT_MS);
	writer_submit(s.writer, replace(&s, "anna", "anna", PR_USER_X509_CERTIFICATE, VALUES("a")));
	writer_submit(s.writer,
	              replace(&s, "anna", "bruno", PR_USER_X509_CERTIFICATE, VALUES("b")));
	writer_submit(s.writer,
	              replace(&s, "carla", "carla", PR_USER_X509_CERTIFICATE, VALUES("c")));
	turn_give(&s.store->turn);
	wait_for(&s, 3);
	assert_int_equal(s.failed, 1);
	assert_int_equal(count_certificates(&s, "anna"), 1);
	assert_int_equal(count_certificates(&s, "bruno"), 0);
	assert_int_equal(count_certificates(&s, "carla"), 1);
	close_site(&s);
}

static void a_change_of_two_parts_happens_as_a_whole_or_not(void **state)
{
	struct site s;

	fill_site(&s, *state);
	struct change *c = link_member(&s, "sales", CHANGE_ADD, 0x7777);
	c->administrator = true;
	struct change_edit *edit = change_edit(c, tag_id(PR_USER_X509_CERTIFICATE), CHANGE_REPLACE);
	edit->values = arena_alloc(&c->memory, sizeof *edit->values);
	edit->values[edit->count++] = slice_of_string("one");
	assert_int_equal(write_now(&s, c), ERR_NOT_FOUND);
	assert_int_equal(count_certificates(&s, "sales"), 0);
	close_site(&s);
}

static void what_waits_at_the_end_is_written(void **state)
{
	struct site s;

	fill_site(&s, *state);
	for (size_t i = 0; i < 50; i++)
		writer_submit(s.writer, replace(&s, "anna", "anna", PR_USER_X509_CERTIFICATE,
		                                VALUES(i % 2 ? "odd" : "even")));
	writer_stop(s.writer);
	s.writer = NULL;
	assert_int_equal(s.done, 50);
	assert_int_equal(s.failed, 0);
	close_site(&s);
}

static void an_import_and_a_change_take_turns(void **state)
{
	const struct import_options options = {.source = "f", .organization = "Example"};
	struct import_result result;
	struct import *i = NULL;
	struct site s;

	fill_site(&s, *state);
	assert_int_equal(import_begin(s.store, &options, &i, NULL), 0);
	writer_submit(s.writer, replace(&s, "anna", "anna", PR_USER_X509_CERTIFICATE, VALUES("a")));
	import_feed(i,
	            slice_of_string("dn: cn=Bruno,dc=x\nchangetype: modify\n"
	                            "add: userSMIMECertificate\nuserSMIMECertificate: b\n-\n\n"),
	            NULL);
	assert_int_equal(s.done, 0);
	assert_int_equal(import_commit(i, &result, NULL), 0);
	wait_for(&s, 1);
	assert_int_equal(s.err, 0);
	assert_int_equal(count_certificates(&s, "anna"), 1);
	assert_int_equal(count_certificates(&s, "bruno"), 1);
	close_site(&s);
}

/* In a child, which is killed as soon as it has said that a change is done. */
static void write_until_killed(const char *dir, int pipe)
{
	struct site s;

	open_site(&s, dir);
	start_writer(&s);
	s.pipe = pipe;
	write_now(&s, replace(&s, "anna", "anna", PR_USER_X509_CERTIFICATE, VALUES("a", "b", "c")));
	for (;;)
		pause();
}

static void a_process_that_is_killed_has_kept_what_it_said(void **state)
{
	int ready[2], status;
	char byte;
	struct site s;

	fill_site(&s, *state);
	close_site(&s);
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0)
		write_until_killed(*state, ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	close(ready[0]);
	close(ready[1]);
	open_site(&s, *state);
	assert_int_equal(count_certificates(&s, "anna"), 3);
	close_site(&s);
}

/* In a child, whose files may not grow. */
static int change_without_space(const char *dir)
{
	const struct rlimit none = {4096, 4096};
	struct site s;
	int err = 0;
	unsigned tries = 0;
	char *long_value = xcalloc(1, CHANGE_MAX_BINARY);

	memset(long_value, 'x', CHANGE_MAX_BINARY - 1);
	open_site(&s, dir);
	start_writer(&s);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	for (; !err && tries < 10; tries++)
		err = write_now(&s, replace(&s, "anna", "anna", PR_USER_X509_CERTIFICATE,
		                            VALUES(long_value, "b")));
	bool right = err == ERR_FULL && count_certificates(&s, "anna") == 0;
	close_site(&s);
	free(long_value);
	return right ? 0 : 1;
}

static void full_disk_refuses_a_change_and_changes_nothing(void **state)
{
	int status = -1;
	struct site s;

	fill_site(&s, *state);
	close_site(&s);
	pid_t child = fork();
	if (child == 0)
		_exit(change_without_space(*state));
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	open_site(&s, *state);
	start_writer(&s);
	assert_int_equal(count_certificates(&s, "anna"), 0);
	assert_int_equal(
		write_now(&s, replace(&s, "anna", "anna", PR_USER_X509_CERTIFICATE, VALUES("a"))),
		0);
	close_site(&s);
}

/* Many threads ask at once; whatever order it comes to, nothing is lost. */
struct racer {
	pthread_t thread;
	struct site *site;
	const char *who;
};

enum { RACES = 100 };

static void *race(void *context)
{
	struct racer *r = context;

	for (unsigned i = 0; i < RACES; i++)
		writer_submit(r->site->writer,
		              replace(r->site, r->who, r->who, PR_USER_X509_CERTIFICATE,
		                      i + 1 < RACES ? VALUES("other") : VALUES("last", "one")));
	return NULL;
}

static void changes_that_race_are_all_made(void **state)
{
	static const char *const names[] = {"anna", "bruno", "carla"};
	struct racer racers[3];
	struct site s;

	fill_site(&s, *state);
	for (size_t i = 0; i < 3; i++) {
		racers[i] = (struct racer){.site = &s, .who = names[i]};
		pthread_create(&racers[i].thread, NULL, race, &racers[i]);
	}
	for (size_t i = 0; i < 3; i++)
		pthread_join(racers[i].thread, NULL);
	wait_for(&s, 3 * RACES);
	assert_int_equal(s.failed, 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(count_certificates(&s, names[i]), 2);
	close_site(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(readers_see_a_change_when_it_is_done),
		SCRATCH_TEST(a_change_survives_a_restart),
		SCRATCH_TEST(all_values_of_an_attribute_are_replaced),
		SCRATCH_TEST(members_come_and_go_and_back_links_follow),
		SCRATCH_TEST(what_is_so_already_is_not_written),
		SCRATCH_TEST(the_schema_of_an_entry_is_kept),
		SCRATCH_TEST(a_member_that_is_gone_cannot_be_added),
		SCRATCH_TEST(rights_are_those_of_the_moment_of_writing),
		SCRATCH_TEST(waiting_changes_share_a_transaction),
		SCRATCH_TEST(a_change_that_fails_leaves_the_others_alone),
		SCRATCH_TEST(a_change_of_two_parts_happens_as_a_whole_or_not),
		SCRATCH_TEST(what_waits_at_the_end_is_written),
		SCRATCH_TEST(an_import_and_a_change_take_turns),
		SCRATCH_TEST(a_process_that_is_killed_has_kept_what_it_said),
		SCRATCH_TEST(full_disk_refuses_a_change_and_changes_nothing),
		SCRATCH_TEST(changes_that_race_are_all_made),
	};

	log_set_level(LOG_LEVEL_WARN);
	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
