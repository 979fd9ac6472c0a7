#include "cli/nspictl.h"

/* clang-format off */
#define OPTION_STDIN { "stdin", NULL, NULL, "read the password from a line of standard input" }

const struct cli_command cli_commands[] = {
	{
		.name = "status",
		.request = "status",
		.usage = "",
		.summary = "version, listeners, sessions, size of the book",
		.print = print_status,
	},
	{
		.name = "sessions",
		.request = "sessions",
		.usage = "[--account A] [--client ADDRESS]",
		.summary = "who holds sessions, from where, since when",
		.details = "AGE is the time since the session was opened, IDLE since its last call.\n",
		.options = {
			{ "account", "A", NULL, "only those of this account" },
			{ "client", "ADDRESS", NULL, "only those from this address" },
		},
		.columns = {
			{ "SESSION",     "id",          COLUMN_TEXT },
			{ "USER",        "user",        COLUMN_TEXT },
			{ "CLIENT",      "client",      COLUMN_TEXT },
			{ "WORKSTATION", "workstation", COLUMN_TEXT },
			{ "TRANSPORT",   "transport",   COLUMN_TEXT },
			{ "AGE",         "age_ms",      COLUMN_SPAN },
			{ "IDLE",        "idle_ms",     COLUMN_SPAN },
			{ "CALLS",       "calls",       COLUMN_RIGHT },
		},
		.sort = { "user", "age_ms" },
	},
	{
		.name = "accounts",
		.request = "accounts",
		.usage = "[ACCOUNT]",
		.summary = "sessions held, limit, highest number, refusals of each account",
		.details =
			"Accounts that asked for a session since nspid was started. One that holds\n"
			"none may be forgotten when there are very many.\n",
		.positional = { "account" },
		.columns = {
			{ "ACCOUNT", "account", COLUMN_TEXT },
			{ "HELD",    "held",    COLUMN_RIGHT },
			{ "LIMIT",   "limit",   COLUMN_RIGHT },
			{ "HIGHEST", "highest", COLUMN_RIGHT },
			{ "REFUSED", "refused", COLUMN_RIGHT },
		},
		.sort = { "held", "refused" },
	},
	{
		.name = "end",
		.request = "end",
		.usage = "SESSION | --account A | --client ADDRESS | --all",
		.summary = "end sessions; their clients have to bind again",
		.details = "SESSION is an id as `nspictl sessions` shows it.\n",
		.required = 1,
		.positional = { "session" },
		.options = {
			{ "account", "A", "session", "all of this account" },
			{ "client", "ADDRESS", "session", "all from this address" },
			{ "all", NULL, "session", "all there are" },
		},
		.print = print_ended,
	},
	{
		.name = "limit set",
		.request = "limit-set",
		.usage = "ACCOUNT|--group G|--default NUMBER|unlimited --reason TEXT\n"
			 "           [--until DATE] [--review DATE]",
		.summary = "how many sessions an account may hold, at once, with no restart",
		.details =
			"What is set here is kept and beats the configuration file. An account's\n"
			"limit comes before those of its groups, of which the highest counts, and\n"
			"these before the default. A lower limit ends no session. 0 means that nobody\n"
			"may.\n"
			"\n"
			"DATE is 2027-03-31 (its first moment, in UTC) or 2027-03-31T18:00:00Z.\n"
			"\n"
			"  nspictl limit set svc-archive 2000 --reason '400 agents' --review 2027-01-01\n"
			"  nspictl limit set --group mobile 200 --reason 'mobile gateway'\n",
		.required = 2,
		.positional = { "account", "sessions" },
		.options = {
			{ "group", "G", "account", "for each member of this group of accounts" },
			{ "default", NULL, "account", "for accounts that nothing else is said about" },
			{ "reason", "TEXT", NULL, "who needs it and what for", .required = true },
			{ "until", "DATE", NULL, "it is not there any more from then on" },
			{ "review", "DATE", NULL, "a reminder to look at it again" },
		},
		.print = print_limit,
	},
	{
		.name = "limit show",
		.request = "limit-show",
		.usage = "[ACCOUNT]",
		.summary = "the limit in force, and where it comes from",
		.positional = { "account" },
		.print = print_limit,
	},
	{
		.name = "limit list",
		.request = "limit-list",
		.usage = "",
		.summary = "all limits, of the configuration file and set here",
		.columns = {
			{ "SCOPE",   "scope",      COLUMN_TEXT },
			{ "NAME",    "name",       COLUMN_TEXT },
			{ "LIMIT",   "sessions",   COLUMN_RIGHT },
			{ "FROM",    "from",       COLUMN_TEXT },
			{ "UNTIL",   "until",      COLUMN_TEXT },
			{ "EXPIRED", "expired",    COLUMN_YES },
			{ "REVIEW",  "review",     COLUMN_TEXT },
			{ "DUE",     "review_due", COLUMN_YES },
			{ "REASON",  "reason",     COLUMN_TEXT },
		},
	},
	{
		.name = "limit clear",
		.request = "limit-clear",
		.usage = "ACCOUNT|--group G|--default",
		.summary = "take back what `limit set` said",
		.required = 1,
		.positional = { "account" },
		.options = {
			{ "group", "G", "account", "of this group of accounts" },
			{ "default", NULL, "account", "the default" },
		},
	},
	{
		.name = "user add",
		.request = "user-add",
		.usage = "ACCOUNT [--entry DN] [--stdin]",
		.summary = "a new account; its password is asked for",
		.details =
			"An account belongs to the entry of the book that --entry names, else to the\n"
			"one whose sAMAccountName, uid, userPrincipalName or mail is its name.\n",
		.required = 1,
		.positional = { "account" },
		.options = {
			{ "entry", "DN", NULL, "the account's entry in the book" },
			OPTION_STDIN,
		},
		.payload = PAYLOAD_PASSWORD,
	},
	{
		.name = "user passwd",
		.request = "user-passwd",
		.usage = "ACCOUNT [--stdin]",
		.summary = "a new password for an account",
		.required = 1,
		.positional = { "account" },
		.options = { OPTION_STDIN },
		.payload = PAYLOAD_PASSWORD,
	},
	{
		.name = "user list",
		.request = "user-list",
		.usage = "",
		.summary = "the accounts",
		.columns = {
			{ "ACCOUNT",      "name",         COLUMN_TEXT },
			{ "DISABLED",     "disabled",     COLUMN_YES },
			{ "GROUPS",       "groups",       COLUMN_TEXT },
			{ "CREATED",      "created",      COLUMN_TEXT },
			{ "PASSWORD SET", "password_set", COLUMN_TEXT },
			{ "ENTRY",        "entry",        COLUMN_TEXT },
		},
	},
	{
		.name = "user disable",
		.request = "user-disable",
		.usage = "ACCOUNT",
		.summary = "nobody logs in with it any more; its sessions end",
		.required = 1,
		.positional = { "account" },
		.print = print_account_ended,
	},
	{
		.name = "user enable",
		.request = "user-enable",
		.usage = "ACCOUNT",
		.summary = "take back `user disable`",
		.required = 1,
		.positional = { "account" },
	},
	{
		.name = "user del",
		.request = "user-del",
		.usage = "ACCOUNT",
		.summary = "delete an account and its limit; its sessions end",
		.required = 1,
		.positional = { "account" },
		.print = print_account_ended,
	},
	{
		.name = "group add",
		.request = "group-add",
		.usage = "GROUP",
		.summary = "a new group of accounts, for `limit set --group`",
		.required = 1,
		.positional = { "group" },
	},
	{
		.name = "group add-member",
		.request = "group-add-member",
		.usage = "GROUP ACCOUNT",
		.summary = "put an account into a group",
		.required = 2,
		.positional = { "group", "account" },
	},
	{
		.name = "group remove-member",
		.request = "group-remove-member",
		.usage = "GROUP ACCOUNT",
		.summary = "take an account out of a group",
		.required = 2,
		.positional = { "group", "account" },
	},
	{
		.name = "group list",
		.request = "group-list",
		.usage = "",
		.summary = "the groups of accounts and their members",
		.columns = {
			{ "GROUP",   "name",    COLUMN_TEXT },
			{ "MEMBERS", "members", COLUMN_TEXT },
		},
	},
	{
		.name = "group del",
		.request = "group-del",
		.usage = "GROUP",
		.summary = "delete a group; its members stay",
		.required = 1,
		.positional = { "group" },
	},
	{
		.name = "import",
		.request = "import",
		.usage = "FILE [--replace]",
		.summary = "LDIF into the book, while clients are being served",
		.details =
			"Adds and changes entries, all of them or, when a record is faulty, none.\n"
			"FILE may be - for standard input.\n",
		.required = 1,
		.positional = { "source" },
		.options = { { "replace", NULL, NULL, "remove the entries that the file lacks" } },
		.payload = PAYLOAD_IMPORT,
		.print = print_import,
	},
	{
		.name = "export",
		.request = "export",
		.usage = "[FILE]",
		.summary = "the book as LDIF, to FILE or standard output",
		.positional = { "file" },
		.payload = PAYLOAD_EXPORT,
	},
	{
		.name = "lists",
		.request = "lists",
		.usage = "",
		.summary = "the address lists and how many entries each has",
		.columns = {
			{ "LIST",    "name",    COLUMN_TEXT },
			{ "ID",      "id",      COLUMN_TEXT },
			{ "BELOW",   "below",   COLUMN_TEXT },
			{ "ENTRIES", "entries", COLUMN_RIGHT },
		},
	},
	{
		.name = "orders",
		.request = "orders",
		.usage = "",
		.summary = "the sort orders, and whether they are made yet",
		.columns = {
			{ "LOCALE", "locale", COLUMN_TEXT },
			{ "LCID",   "lcid",   COLUMN_TEXT },
			{ "BY",     "by",     COLUMN_TEXT },
			{ "STATE",  "state",  COLUMN_TEXT },
		},
	},
	{
		.name = "selftest",
		.request = "selftest",
		.usage = "[--account A [--stdin]] [--ca FILE]",
		.summary = "ask every listener as clients do, and say what is wrong",
		.details =
			"With an account, whose password is asked for, it logs in, reads the lists and\n"
			"resolves a name; without one it sees whether the listeners answer. Certificates\n"
			"have to be good for dns_name. The exit status is 1 when something is wrong.\n",
		.options = {
			{ "account", "A", NULL, "log in as this account" },
			{ "ca", "FILE", NULL, "who signs certificates, when the system does not know it" },
			OPTION_STDIN,
		},
		.run = selftest_run,
	},
	{
		.name = "why",
		.request = "why",
		.usage = "ACCOUNT ENTRY",
		.summary = "the rule that shows an entry to an account, or hides it",
		.details =
			"ENTRY is a MId (0x1001), a legacyExchangeDN, /guid=..., an LDAP DN, an address,\n"
			"an account or a name. Says too on which lists it is for that account, and which\n"
			"of its attributes are withheld.\n"
			"\n"
			"  nspictl why alice 'CN=Bob,OU=People,DC=example,DC=com'\n",
		.required = 2,
		.positional = { "account", "entry" },
		.print = print_why,
	},
	{
		.name = "events",
		.request = "events",
		.usage = "[--count N]",
		.summary = "the last refusals, failed logins, ended sessions, changed limits",
		.options = { { "count", "N", NULL, "at most so many; 100 if not given", .number = true } },
		.columns = {
			{ "TIME",  "time",  COLUMN_TEXT },
			{ "ID",    "id",    COLUMN_RIGHT },
			{ "EVENT", "name",  COLUMN_TEXT },
			{ "TIMES", "count", COLUMN_RIGHT },
			{ "WHAT",  "text",  COLUMN_TEXT },
		},
	},
	{
		.name = "counters",
		.request = "counters",
		.usage = "",
		.summary = "what has been counted since the start",
		.print = print_counters,
	},
	{
		.name = "reload",
		.request = "reload",
		.usage = "",
		.summary = "read the configuration file again, as SIGHUP does",
	},
	{
		.name = "log-level",
		.request = "log-level",
		.usage = "[error|warn|info|debug]",
		.summary = "show or change how much is logged, until the next reload",
		.positional = { "level" },
		.print = print_log_level,
	},
	{
		.name = "check",
		.request = "check",
		.usage = "",
		.summary = "compare the counts of sessions with the sessions there are",
		.print = print_check,
	},
};
/* clang-format on */

const size_t cli_command_count = sizeof cli_commands / sizeof cli_commands[0];
