#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/nspi.h"

static const struct nspi_command commands[] = {
	{
         .name = "lists",
         .usage = "",
         .summary = "the address lists, with their sizes",
         .run = nspi_lists,
	 },
	{
         .name = "browse",
         .usage = "[--list L] [--from TEXT] [--count N | --all]",
         .summary = "entries of a list in its order",
         .run = nspi_browse,
	 },
	{
         .name = "resolve",
         .usage = "[--list L] NAME...",
         .summary = "names to entries, as mail clients do",
         .min_arguments = 1,
         .max_arguments = -1,
         .run = nspi_resolve,
	 },
	{
         .name = "show",
         .usage = "NAME|DN",
         .summary = "all properties of one entry",
         .min_arguments = 1,
         .max_arguments = 1,
         .run = nspi_show,
	 },
	{
         .name = "members",
         .usage = "[--link PROPERTY] NAME|DN",
         .summary = "members of a group, or another link",
         .min_arguments = 1,
         .max_arguments = 1,
         .run = nspi_members,
	 },
	{
         .name = "template",
         .usage = "[--locale L] [TYPE|DN]",
         .summary = "the dialogs that clients show",
         .max_arguments = 1,
         .run = nspi_template,
	 },
	{
         .name = "probe",
         .usage = "--max N [--hold[=S]] [--per-connection N]",
         .summary = "open sessions until one is refused",
         .run = nspi_probe,
	 },
	{
         .name = "bench",
         .usage = "[--op OP] [--connections N] [--seconds S]",
         .summary = "measure one operation",
         .run = nspi_bench,
	 },
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

enum option_kind {
	OPTION_TEXT,
	OPTION_NUMBER,
	OPTION_FLAG,
	OPTION_HOLD, /* a number that may be left out */
};

/* An option and where it is kept. */
static const struct option_row {
	const char *name;
	int letter; /* 0: none */
	enum option_kind kind;
	size_t offset;
	uint32_t min, max;    /* of a number */
	const char *commands; /* that know it, NULL: all */
} rows[] = {
#define AT(field) offsetof(struct nspi_options, field)
	{"server",          's', OPTION_TEXT,   AT(server),         0, 0,                     NULL                  },
	{"http",            0,   OPTION_TEXT,   AT(http),           0, 0,
                                                              "lists browse resolve show members template probe"                                                         },
	{"ca",              0,   OPTION_TEXT,   AT(ca_file),        0, 0,
                                                              "lists browse resolve show members template probe"                                                         },
	{"insecure",        0,   OPTION_FLAG,   AT(insecure),       0, 0,
                                                              "lists browse resolve show members template probe"                                                         },
	{"user",            'u', OPTION_TEXT,   AT(user),           0, 0,                     NULL                  },
	{"password-file",   0,   OPTION_TEXT,   AT(password_file),  0, 0,                     NULL                  },
	{"auth",            0,   OPTION_TEXT,   AT(auth),           0, 0,                     NULL                  },
	{"level",           0,   OPTION_TEXT,   AT(level),          0, 0,                     NULL                  },
	{"timeout",         0,   OPTION_NUMBER, AT(timeout_s),      1, 3600,                  NULL                  },
	{"endpoint-mapper", 0,   OPTION_NUMBER, AT(mapper_port),    1, 65535,                 NULL                  },
	{"json",            0,   OPTION_FLAG,   AT(json),           0, 0,                     NULL                  },
	{"help",            'h', OPTION_FLAG,   AT(help),           0, 0,                     NULL                  },
	{"version",         0,   OPTION_FLAG,   AT(version),        0, 0,                     NULL                  },
	{"list",            0,   OPTION_TEXT,   AT(list),           0, 0,                     "browse resolve bench"},
	{"from",            0,   OPTION_TEXT,   AT(from),           0, 0,                     "browse"              },
	{"position",        0,   OPTION_NUMBER, AT(position),       0, INT32_MAX,             "browse"              },
	{"count",           0,   OPTION_NUMBER, AT(count),          1, INT32_MAX,             "browse bench"        },
	{"all",             0,   OPTION_FLAG,   AT(all),            0, 0,                     "browse"              },
	{"link",            0,   OPTION_TEXT,   AT(link),           0, 0,                     "members"             },
	{"max",             0,   OPTION_NUMBER, AT(max),            1, 1000000,               "probe"               },
	{"hold",            0,   OPTION_HOLD,   AT(hold_s),         1, HOLD_UNTIL_SIGNAL - 1, "probe"               },
	{"per-connection",  0,   OPTION_NUMBER, AT(per_connection), 1, 1000000,               "probe"               },
	{"op",              0,   OPTION_TEXT,   AT(operation),      0, 0,                     "bench"               },
	{"connections",     0,   OPTION_NUMBER, AT(connections),    1, 20000,                 "bench"               },
	{"seconds",         0,   OPTION_NUMBER, AT(seconds),        1, 86400,                 "bench"               },
	{"locale",          0,   OPTION_NUMBER, AT(locale),         0, 0xFFFFF,               "template"            },
	{"codepage",        0,   OPTION_NUMBER, AT(codepage),       1, UINT16_MAX,            "template"            },
#undef AT
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static const struct nspi_options defaults = {
	.auth = "ntlm",
	.level = "privacy",
	.operation = "queryrows",
	.timeout_s = 10,
	.count = 50,
	.per_connection = 1,
	.connections = 16,
	.seconds = 5,
	.locale = 0x409,
	.codepage = 65001,
};

static const char help[] =
	"\n"
	"  --http https://HOST[:PORT][/mapi/nspi/]      MAPI over HTTP, instead of -s\n"
	"  --ca FILE, --insecure                        who signed its certificate; any will do\n"
	"  --auth ntlm|spnego|basic|none                how to log in (ntlm); basic: over HTTP\n"
	"  --level connect|packet|integrity|privacy     what protects the calls (privacy)\n"
	"  --password-file FILE                         else NSPI_PASSWORD, else a prompt\n"
	"  --endpoint-mapper PORT                       asked when -s has no port (135)\n"
	"  --timeout SECONDS, --json, --version\n"
	"\n"
	"  nspi -s '[::1]:4997' -u 'EXAMPLE\\anna' browse --from Smith --count 20\n"
	"  nspi --http https://mail.example/mapi/nspi/ -u anna lists\n"
	"  nspi -s mail.example -u anna probe --max 100 --hold=60\n"
	"\n"
	"exit status: 0 done, 1 usage, 2 refused, 3 not found or ambiguous, 4 network\n";

void nspi_print_help(FILE *out)
{
	fputs("usage: nspi -s HOST[:PORT]|--http URL [-u 'DOMAIN\\USER'] COMMAND\n\n", out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-9s%-46s %s\n", commands[i].name, commands[i].usage,
		        commands[i].summary);
	fputs(help, out);
}

static bool read_number(const struct option_row *row, const char *text, uint32_t *number)
{
	char *end = NULL;

	errno = 0;
	unsigned long v = strtoul(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	if (errno || end == text || *end || text[0] == '-' || v < row->min || v > row->max) {
		fprintf(stderr, "nspi: --%s is a number from %u to %u, not '%s'\n", row->name,
		        row->min, row->max, text);
		return false;
	}
	*number = (uint32_t)v;
	return true;
}

static bool store(const struct option_row *row, const char *text, struct nspi_options *o)
{
	void *field = (uint8_t *)o + row->offset;

	switch (row->kind) {
	case OPTION_TEXT: *(const char **)field = text; return true;
	case OPTION_FLAG: *(bool *)field = true; return true;
	case OPTION_NUMBER: return read_number(row, text, field);
	case OPTION_HOLD:
		if (text)
			return read_number(row, text, field);
		*(uint32_t *)field = HOLD_UNTIL_SIGNAL;
		return true;
	}
	return false;
}

static int argument_of(enum option_kind kind)
{
	switch (kind) {
	case OPTION_TEXT:
	case OPTION_NUMBER: return required_argument;
	case OPTION_HOLD: return optional_argument;
	case OPTION_FLAG: return no_argument;
	}
	return no_argument;
}

static const struct option_row *row_of_letter(int letter)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (rows[i].letter == letter)
			return &rows[i];
	}
	return NULL;
}

/* Reads all options; used[i] tells which were there. getopt complains itself. */
static bool read_options(int argc, char **argv, struct nspi_options *o, bool used[ROW_COUNT])
{
	struct option table[ROW_COUNT + 1] = {0};
	int index = 0;

	for (size_t i = 0; i < ROW_COUNT; i++)
		table[i] =
			(struct option){.name = rows[i].name, .has_arg = argument_of(rows[i].kind)};
	for (;;) {
		int c = getopt_long(argc, argv, "s:u:h", table, &index);
		if (c == -1)
			return true;
		const struct option_row *row = c == 0   ? &rows[index]
		                             : c == '?' ? NULL
		                                        : row_of_letter(c);
		if (!row || !store(row, optarg, o))
			return false;
		used[row - rows] = true;
	}
}

static const struct nspi_command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	fprintf(stderr, "nspi: there is no command '%s'; see nspi --help\n", name);
	return NULL;
}

static bool check_options(const struct nspi_command *command, const bool used[ROW_COUNT])
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (used[i] && rows[i].commands && !strstr(rows[i].commands, command->name)) {
			fprintf(stderr, "nspi: %s has no option --%s\n", command->name,
			        rows[i].name);
			return false;
		}
	}
	return true;
}

static bool check_count(const struct nspi_command *command, int count)
{
	bool few = count < command->min_arguments;
	bool many = command->max_arguments >= 0 && count > command->max_arguments;

	if (few || many)
		fprintf(stderr, "nspi: %s %s\n", command->name,
		        few ? "wants a name" : "has too many arguments; quote a name with blanks");
	return !few && !many;
}

const struct nspi_command *nspi_read_line(int argc, char **argv, struct nspi_options *o,
                                          char ***arguments, int *count)
{
	bool used[ROW_COUNT] = {0};

	*o = defaults;
	if (!read_options(argc, argv, o, used))
		return NULL;
	if (optind == argc) {
		if (!o->help && !o->version)
			fputs("nspi: what should be done? See nspi --help\n", stderr);
		return NULL;
	}
	const struct nspi_command *command = find_command(argv[optind]);
	*arguments = argv + optind + 1;
	*count = argc - optind - 1;
	if (!command || !check_options(command, used) || !check_count(command, *count))
		return NULL;
	return command;
}
