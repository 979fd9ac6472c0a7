#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/nspictl.h"

static long long number(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	return value ? value : "";
}

static const char *plural(long long n)
{
	return n == 1 ? "" : "s";
}

static void print_listeners(const json_t *list)
{
	static const struct column columns[CLI_MAX_COLUMNS] = {
		{"LISTENER", "name",    COLUMN_TEXT },
		{"SERVICE",  "service", COLUMN_TEXT },
		{"ADDRESS",  "address", COLUMN_TEXT },
		{"PORT",     "port",    COLUMN_RIGHT},
		{"PROFILE",  "profile", COLUMN_TEXT },
	};
	if (json_array_size(list) > 0) {
		putchar('\n');
		table_print(stdout, columns, list);
	}
}

void print_status(const json_t *done)
{
	const json_t *store = json_object_get(done, "store"),
		     *import = json_object_get(done, "import");
	char uptime[CLOCK_TEXT_SIZE];

	clock_format_span((uint64_t)number(done, "uptime_ms"), uptime);
	printf("nspid %s, pid %lld, up %s\n", text(done, "version"), number(done, "pid"), uptime);
	printf("sessions     %lld of %lld account%s, %lld refused\n", number(done, "sessions"),
	       number(done, "accounts_with_sessions"),
	       plural(number(done, "accounts_with_sessions")), number(done, "sessions_refused"));
	printf("connections  %lld\n", number(done, "connections"));
	printf("book         %lld entr%s\n", number(store, "entries"),
	       number(store, "entries") == 1 ? "y" : "ies");
	printf("store        %lld accounts, %lld groups, %lld limits; %.1f MiB of %.0f MiB\n",
	       number(store, "accounts"), number(store, "groups"), number(store, "limits"),
	       (double)number(store, "bytes_used") / 1048576,
	       (double)number(store, "bytes_map") / 1048576);
	if (json_is_object(import))
		printf("import       running, %lld records so far\n", number(import, "records"));
	print_listeners(json_object_get(done, "listeners"));
}

void print_counters(const json_t *done)
{
	for (void *i = json_object_iter((json_t *)(uintptr_t)done); i;
	     i = json_object_iter_next((json_t *)(uintptr_t)done, i))
		printf("%-30s %lld\n", json_object_iter_key(i),
		       (long long)json_integer_value(json_object_iter_value(i)));
}

static void print_sessions(const json_t *value)
{
	if (json_is_integer(value))
		printf("%lld session%s", (long long)json_integer_value(value),
		       plural(json_integer_value(value)));
	else
		fputs("unlimited sessions", stdout);
}

/* As `limit set` and `limit show` answer. */
void print_limit(const json_t *done)
{
	static const char *const facts[] = {"from", "reason", "until", "review"};
	const char *account = text(done, "account"), *name = text(done, "name");

	fputs(account[0] ? "account " : text(done, "scope"), stdout);
	text_print(stdout, account[0] ? account : name[0] ? " " : "");
	text_print(stdout, account[0] ? "" : name);
	fputs(": ", stdout);
	print_sessions(json_object_get(done, "sessions"));
	if (json_object_get(done, "held"))
		printf(", %lld held", number(done, "held"));
	putchar('\n');
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		const char *fact = text(done, facts[i]);
		if (fact[0] == 0)
			continue;
		printf("  %-7s ", facts[i]);
		text_print(stdout, fact);
		if (i == 0 && account[0])
			printf(" (%s%s%s)", text(done, "scope"), name[0] ? " " : "", name);
		putchar('\n');
	}
}

void print_ended(const json_t *done)
{
	printf("%lld session%s ended\n", number(done, "ended"), plural(number(done, "ended")));
}

void print_account_ended(const json_t *done)
{
	if (number(done, "ended") > 0)
		print_ended(done);
}

void print_import(const json_t *done)
{
	printf("%lld records: %lld added, %lld changed, %lld unchanged, %lld removed, %lld "
	       "skipped, in %.1f s\n",
	       number(done, "records"), number(done, "added"), number(done, "changed"),
	       number(done, "unchanged"), number(done, "removed"), number(done, "skipped"),
	       (double)number(done, "ms") / 1000);
	if (number(done, "warnings") > 0)
		printf("%lld warning%s\n", number(done, "warnings"),
		       plural(number(done, "warnings")));
}

void print_log_level(const json_t *done)
{
	printf("%s\n", text(done, "level"));
}

void print_check(const json_t *done)
{
	printf("%lld session%s, all counts agree\n", number(done, "sessions"),
	       plural(number(done, "sessions")));
}

static void print_fact(const char *label, const char *fact)
{
	if (!*fact)
		return;
	printf("  %-8s ", label);
	text_print(stdout, fact);
	putchar('\n');
}

static void print_lists(const json_t *lists)
{
	for (size_t i = 0; i < json_array_size(lists); i++)
		print_fact(i ? "" : "lists", json_string_value(json_array_get(lists, i)));
}

void print_why(const json_t *done)
{
	const json_t *withheld = json_object_get(done, "withheld");

	text_print(stdout, text(done, "name"));
	printf(" (%s): %s\n", text(done, "mid"), text(done, "seen"));
	print_fact("because", text(done, "rule"));
	print_fact("view", text(done, "view"));
	print_fact("dn", text(done, "dn"));
	print_lists(json_object_get(done, "lists"));
	if (json_is_true(json_object_get(done, "members_hidden")))
		print_fact("members", "hidden from everybody: its hideDLMembership is TRUE");
	for (size_t i = 0; i < json_array_size(withheld); i++) {
		const json_t *item = json_array_get(withheld, i);
		printf("  %-8s %s, by withhold \"", i ? "" : "without", text(item, "attribute"));
		text_print(stdout, text(item, "withhold"));
		fputs("\"\n", stdout);
	}
}
