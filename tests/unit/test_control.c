/* The control socket itself: a real one in a directory of its own. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "admin/admin.h"
#include "admin/stream.h"
#include "base/log.h"

struct site {
	char dir[64], path[96];
	struct store *store;
	struct limits *limits;
	struct sessions *sessions;
	struct admin_context *admin;
	struct admin_server *server;
	const struct principal *anna;
};

static void exists(void *context, const char *account, struct account_status *out)
{
	(void)context;
	(void)account;
	*out = (struct account_status){.exists = true};
}

static int make(void **state)
{
	struct site *site = calloc(1, sizeof *site);
	struct error e = {0};
	strcpy(site->dir, "/tmp/nspid-control-XXXXXX");
	assert_non_null(mkdtemp(site->dir));
	snprintf(site->path, sizeof site->path, "%s/control.sock", site->dir);
	log_set_level(LOG_LEVEL_ERROR);
	assert_int_equal(store_open(site->dir, 64 << 20, &site->store, &e), 0);
	site->limits = limits_new();
	const struct sessions_config config = {.accounts = {.status = exists}};
	site->sessions = sessions_new(&config, site->limits);
	const struct admin_setup setup = {
		.version = "1",
		.organization = "Test",
		.store = site->store,
		.limits = site->limits,
		.sessions = site->sessions,
	};
	site->admin = admin_context_new(&setup);
	assert_int_equal(admin_server_start(site->admin, site->path, &site->server, &e), 0);
	site->anna = principal_new("anna", "ntlm", "PC", true);
	*state = site;
	return 0;
}

static int unmake(void **state)
{
	struct site *site = *state;
	char command[128];
	admin_server_stop(site->server);
	admin_context_free(site->admin);
	sessions_free(site->sessions);
	limits_free(site->limits);
	store_close(site->store);
	principal_unref(site->anna);
	snprintf(command, sizeof command, "rm -r %s", site->dir);
	assert_int_equal(system(command), 0);
	free(site);
	return 0;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void send_text(int fd, const char *text, size_t size)
{
	assert_int_equal(send(fd, text, size, MSG_NOSIGNAL), size);
}

/* Reads up to the last line, which must be of that kind. */
static void expect_last(int fd, const char *kind)
{
	struct stream s;
	json_t *line = NULL;
	struct error e = {0};
	bool last = false;

	stream_init(&s, fd, 10000, STREAM_MAX_ANSWER);
	while (!last) {
		if (stream_read(&s, &line, &e))
			fail_msg("%s", e.text);
		last = json_object_get(line, "done") || json_object_get(line, "error");
		if (last && !json_object_get(line, kind))
			fail_msg("no %s but %s", kind, json_dumps(line, 0));
		json_decref(line);
	}
	stream_free(&s);
}

static void expect_end(int fd)
{
	char byte;
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
}

static void open_sessions(struct site *site, size_t count)
{
	const struct limit none = {.scope = LIMIT_DEFAULT, .sessions = LIMIT_UNLIMITED};
	static const struct address client;
	const struct session_request request = {
		.principal = site->anna, .client = &client, .group = 1};
	limits_set(site->limits, &none);
	for (size_t i = 0; i < count; i++) {
		struct session *s;
		assert_int_equal(session_open(site->sessions, &request, &s), SESSION_GRANTED);
		session_unpin(s);
	}
}

static size_t entries(struct site *site)
{
	struct store_counts counts;
	store_counts(site->store, &counts);
	return counts.entries;
}

#define STATUS "{\"command\":\"status\"}\n"
#define ENTRY  "dn: cn=a,o=x\nobjectClass: inetOrgPerson\ncn: a\nsn: a\n"
#define IMPORT "{\"command\":\"import\",\"source\":\"f\"}\n{\"bytes\":52}\n" ENTRY

static void a_request_may_come_in_two_pieces(void **state)
{
	struct site *site = *state;
	static const char text[] = STATUS;
	int fd = connect_to(site->path);
	for (size_t split = 1; split < sizeof text - 1; split++) {
		send_text(fd, text, split);
		send_text(fd, text + split, sizeof text - 1 - split);
		expect_last(fd, "done");
	}
	close(fd);
}

static void an_import_may_come_in_two_pieces(void **state)
{
	struct site *site = *state;
	static const char text[] = IMPORT "{\"bytes\":0}\n";
	int fd = connect_to(site->path);
	assert_int_equal(strlen(ENTRY), 52);
	for (size_t split = 1; split < sizeof text - 1; split++) {
		send_text(fd, text, split);
		send_text(fd, text + split, sizeof text - 1 - split);
		expect_last(fd, "done");
	}
	close(fd);
	assert_int_equal(entries(site), 1);
}

static void what_is_no_request_is_answered_and_ends_the_connection(void **state)
{
	struct site *site = *state;
	static const char *const bad[] = {"hello\n", "[]\n", "{\"command\":\"status\"\n", "\n",
	                                  "{\"command\":\"a\",\"command\":\"b\"}\n"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		int fd = connect_to(site->path);
		send_text(fd, bad[i], strlen(bad[i]));
		expect_last(fd, "error");
		expect_end(fd);
		close(fd);
	}
}

static void a_line_without_end_is_refused(void **state)
{
	struct site *site = *state;
	int fd = connect_to(site->path);
	char *text = calloc(1, 2 * STREAM_MAX_REQUEST);
	memset(text, '{', 2 * STREAM_MAX_REQUEST);
	send_text(fd, text, STREAM_MAX_REQUEST + 20000);
	expect_last(fd, "error");
	free(text);
	close(fd);
}

static void who_does_not_read_does_not_hold_up_others(void **state)
{
	struct site *site = *state;
	int lazy = connect_to(site->path), other = connect_to(site->path);
	open_sessions(site, 10000);
	send_text(lazy, "{\"command\":\"sessions\"}\n", 23);
	send_text(other, STATUS, strlen(STATUS));
	expect_last(other, "done");
	expect_last(lazy, "done");
	close(lazy);
	close(other);
}

static void status_answers_while_an_import_waits_for_more(void **state)
{
	struct site *site = *state;
	int import = connect_to(site->path), other = connect_to(site->path);
	send_text(import, IMPORT, strlen(IMPORT));
	send_text(other, STATUS, strlen(STATUS));
	expect_last(other, "done");
	send_text(import, "{\"bytes\":0}\n", 12);
	expect_last(import, "done");
	close(import);
	close(other);
}

static void an_import_that_is_cut_off_changes_nothing(void **state)
{
	struct site *site = *state;
	int fd = connect_to(site->path);
	send_text(fd, IMPORT, strlen(IMPORT));
	shutdown(fd, SHUT_WR);
	expect_last(fd, "error");
	close(fd);
	assert_int_equal(entries(site), 0);
}

static void more_connections_than_there_may_be_are_told(void **state)
{
	struct site *site = *state;
	int fds[17];
	for (size_t i = 0; i < 16; i++) {
		fds[i] = connect_to(site->path);
		send_text(fds[i], STATUS, strlen(STATUS));
		expect_last(fds[i], "done");
	}
	fds[16] = connect_to(site->path);
	expect_last(fds[16], "error");
	for (size_t i = 0; i < 17; i++)
		close(fds[i]);
}

static void the_socket_is_for_its_owner_alone(void **state)
{
	struct site *site = *state;
	struct stat s;
	assert_int_equal(stat(site->path, &s), 0);
	assert_int_equal(s.st_mode & 07777, 0600);
}

static void a_socket_that_answers_is_not_taken_over(void **state)
{
	struct site *site = *state;
	struct admin_server *second = NULL;
	struct error e = {0};
	assert_int_equal(admin_server_start(site->admin, site->path, &second, &e), ERR_BUSY);
	assert_non_null(strstr(e.text, "another nspid"));
}

static void a_socket_left_over_is_replaced(void **state)
{
	struct site *site = *state;
	struct admin_server *second = NULL;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s/old.sock", site->dir);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	close(fd);
	assert_int_equal(admin_server_start(site->admin, address.sun_path, &second, NULL), 0);
	admin_server_stop(second);
	assert_int_not_equal(access(address.sun_path, F_OK), 0);
}

static void stopping_ends_an_import_and_changes_nothing(void **state)
{
	struct site *site = *state;
	int fd = connect_to(site->path);
	send_text(fd, IMPORT, strlen(IMPORT));
	admin_server_stop(site->server);
	site->server = NULL;
	assert_int_equal(entries(site), 0);
	close(fd);
}

#define ON_A_SITE(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_SITE(a_request_may_come_in_two_pieces),
		ON_A_SITE(an_import_may_come_in_two_pieces),
		ON_A_SITE(what_is_no_request_is_answered_and_ends_the_connection),
		ON_A_SITE(a_line_without_end_is_refused),
		ON_A_SITE(who_does_not_read_does_not_hold_up_others),
		ON_A_SITE(status_answers_while_an_import_waits_for_more),
		ON_A_SITE(an_import_that_is_cut_off_changes_nothing),
		ON_A_SITE(more_connections_than_there_may_be_are_told),
		ON_A_SITE(the_socket_is_for_its_owner_alone),
		ON_A_SITE(a_socket_that_answers_is_not_taken_over),
		ON_A_SITE(a_socket_left_over_is_replaced),
		ON_A_SITE(stopping_ends_an_import_and_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
