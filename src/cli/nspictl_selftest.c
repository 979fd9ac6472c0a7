#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/nspictl.h"
#include "cli/selftest.h"

static const char *const words[] = {
	[FINDING_OK] = "ok",
	[FINDING_ODD] = "odd",
	[FINDING_WRONG] = "wrong",
};

void selftest_add(struct selftest *t, enum finding finding, const char *what, const char *format,
                  ...)
{
	char text[sizeof((struct error *)NULL)->text + 200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	json_t *row = json_object();
	json_object_set_new(row, "finding", json_string(words[finding]));
	json_object_set_new(row, "what", json_string(what));
	json_t *sentence = json_string(text);
	json_object_set_new(row, "text", sentence ? sentence : json_string("(not valid UTF-8)"));
	json_array_append_new(t->findings, row);
	t->wrong |= finding == FINDING_WRONG;
}

static long long number(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

static void check_book(struct selftest *t)
{
	long long entries = number(t->book, "entries"), listed = number(t->book, "listed");
	const char *view = json_string_value(json_object_get(t->book, "view"));

	if (entries == 0)
		selftest_add(t, FINDING_WRONG, "book",
		             "it has no entries: `nspictl import FILE` brings some");
	else if (listed == 0)
		selftest_add(
			t, FINDING_WRONG, "book",
			"all of its %lld entries are hidden: their msExchHideFromAddressLists is "
			"TRUE",
			entries);
	else if (number(t->book, "visible") == 0)
		selftest_add(t, FINDING_WRONG, "book",
		             "%s sees nothing: view \"%s\" has no entries",
		             t->account ? t->account : "who has no view by a group", view);
	else
		selftest_add(t, FINDING_OK, "book",
		             "%lld entries, %lld of them in the address lists", entries, listed);
}

static void check_accounts(struct selftest *t)
{
	long long accounts = number(t->book, "accounts"), enabled = number(t->book, "enabled");

	if (accounts == 0)
		selftest_add(t, FINDING_WRONG, "accounts",
		             "there are none, nobody can log in: `nspictl user add NAME`");
	else if (enabled == 0)
		selftest_add(t, FINDING_WRONG, "accounts", "all %lld are disabled", accounts);
	else
		selftest_add(t, FINDING_OK, "accounts", "%lld, of which %lld are enabled", accounts,
		             enabled);
	if (json_is_true(json_object_get(t->book, "disabled")))
		selftest_add(t, FINDING_WRONG, "accounts",
		             "%s is disabled: `nspictl user enable %s`", t->account, t->account);
}

static void check_listeners(struct selftest *t, const json_t *listeners)
{
	bool book = false;

	for (size_t i = 0; i < json_array_size(listeners); i++) {
		const json_t *l = json_array_get(listeners, i);
		const char *service = json_string_value(json_object_get(l, "service"));
		selftest_listener(t, l);
		book |= service && strcmp(service, "endpoint-mapper") != 0;
	}
	if (!book)
		selftest_add(t, FINDING_WRONG, "listeners", "none serves the address book");
}

/* One request of ours; NULL with the reason on standard error and in *status. */
static json_t *ask(const struct conf *conf, const char *command, const char *account, int *status)
{
	static const struct cli_command silent = {.name = ""};
	json_t *request = json_pack("{ss ss*}", "command", command, "account", account);
	struct source none = {.fd = -1};
	struct output o;
	struct error e = {0};

	output_init(&o, &silent, false);
	int err = remote_run(conf->control_socket, request, &none, &o, &e);
	if (err)
		fprintf(stderr, "nspictl: %s\n", e.text);
	*status = err ? EXIT_UNREACHABLE : EXIT_FAILED;
	json_t *done = o.failed ? NULL : json_incref(o.done);
	output_free(&o);
	json_decref(request);
	return done;
}

static void print(const struct selftest *t, bool json)
{
	for (size_t i = 0; !json && i < json_array_size(t->findings); i++) {
		const json_t *row = json_array_get(t->findings, i);
		printf("%-5s  ", json_string_value(json_object_get(row, "finding")));
		text_print(stdout, json_string_value(json_object_get(row, "what")));
		fputs(": ", stdout);
		text_print(stdout, json_string_value(json_object_get(row, "text")));
		putchar('\n');
	}
	if (json) {
		json_dumpf(t->findings, stdout, JSON_INDENT(2));
		putchar('\n');
	}
}

static void run_checks(struct selftest *t, const json_t *status)
{
	t->findings = json_array();
	check_book(t);
	check_accounts(t);
	check_listeners(t, json_object_get(status, "listeners"));
}

/* Whether there is a password where one is needed. */
static bool take_password(const json_t *arguments, char **password)
{
	if (json_object_get(arguments, "account"))
		*password = password_read_once(json_object_get(arguments, "stdin") != NULL);
	return *password || !json_object_get(arguments, "account");
}

int selftest_run(const struct cli_line *line, const struct conf *conf)
{
	const json_t *arguments = line->arguments;
	struct selftest t = {
		.conf = conf,
		.account = json_string_value(json_object_get(arguments, "account")),
		.ca_file = json_string_value(json_object_get(arguments, "ca")),
	};
	char *password = NULL;
	json_t *book = NULL;
	int exit_status = EXIT_FAILED;
	json_t *status = ask(conf, "status", NULL, &exit_status);

	if (status)
		book = ask(conf, "selftest", t.account, &exit_status);
	if (book && take_password(arguments, &password)) {
		t.password = password;
		t.book = book;
		run_checks(&t, status);
		print(&t, line->json);
		exit_status = t.wrong ? EXIT_FAILED : EXIT_SUCCESS;
	}
	json_decref(t.findings);
	json_decref(book);
	json_decref(status);
	password_forget(password);
	return exit_status;
}
