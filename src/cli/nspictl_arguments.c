#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/nspictl.h"

#define DEFAULT_CONF "/etc/nspid/nspid.conf"

/* The command line while it is read. */
struct scan {
	int argc, at;
	char **argv;
	struct cli_line *line;
	const char *words[2 + CLI_MAX_POSITIONAL]; /* those that are no options */
	size_t word_count;
	const char
		*taken[CLI_MAX_OPTIONS]; /* names of positional arguments that options stand for */
	size_t taken_count;
};

static bool complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool complain(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("nspictl: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return false;
}

static size_t count_words(const char *name)
{
	return strchr(name, ' ') ? 2 : 1;
}

static bool is_named(const struct cli_command *c, const char *first, const char *second)
{
	size_t size = strlen(first);
	if (strncmp(c->name, first, size) != 0)
		return false;
	if (c->name[size] == 0)
		return true;
	return c->name[size] == ' ' && second && strcmp(c->name + size + 1, second) == 0;
}

static const struct cli_command *find_command(const char *first, const char *second)
{
	for (size_t i = 0; i < cli_command_count; i++)
		if (is_named(&cli_commands[i], first, second))
			return &cli_commands[i];
	return NULL;
}

static const struct cli_option *find_option(const struct cli_command *c, const char *name,
                                            size_t size)
{
	for (const struct cli_option *o = c->options; o < c->options + CLI_MAX_OPTIONS && o->name;
	     o++)
		if (strlen(o->name) == size && memcmp(o->name, name, size) == 0)
			return o;
	return NULL;
}

static bool add_text(struct cli_line *line, const char *key, const char *text)
{
	if (json_object_set_new(line->arguments, key, json_string(text)))
		return complain("%s is not valid UTF-8", key);
	return true;
}

static bool add_number(struct cli_line *line, const char *key, const char *text)
{
	char *end;
	long long number = strtoll(text, &end, 10);
	if (end == text || *end || number < 0)
		return complain("--%s wants a number, not \"%s\"", key, text);
	json_object_set_new(line->arguments, key, json_integer(number));
	return true;
}

/* The value behind '=', or the next argument. */
static const char *take_value(struct scan *s, const char *equals)
{
	if (equals)
		return equals + 1;
	return s->at < s->argc ? s->argv[s->at++] : NULL;
}

static bool read_command_option(struct scan *s, const char *name)
{
	const char *equals = strchr(name, '=');
	size_t size = equals ? (size_t)(equals - name) : strlen(name);
	const struct cli_option *o =
		s->line->command ? find_option(s->line->command, name, size) : NULL;

	if (!o)
		return complain("there is no option --%s%s%s", name,
		                s->line->command ? " of " : "; options follow the command",
		                s->line->command ? s->line->command->name : "");
	if (o->instead && s->taken_count < CLI_MAX_OPTIONS)
		s->taken[s->taken_count++] = o->instead;
	if (!o->value) {
		if (equals)
			return complain("--%s takes no value", o->name);
		json_object_set_new(s->line->arguments, o->name, json_true());
		return true;
	}
	const char *value = take_value(s, equals);
	if (!value)
		return complain("--%s wants a value: %s", o->name, o->value);
	return o->number ? add_number(s->line, o->name, value) : add_text(s->line, o->name, value);
}

static bool read_option(struct scan *s, const char *text)
{
	if (strcmp(text, "-c") == 0) {
		s->line->conf_path = take_value(s, NULL);
		return s->line->conf_path ? true : complain("-c wants the configuration file");
	}
	if (strcmp(text, "-h") == 0 || strcmp(text, "--help") == 0) {
		s->line->help = true;
		return true;
	}
	if (strcmp(text, "--json") == 0) {
		s->line->json = true;
		return true;
	}
	if (text[1] != '-')
		return complain("there is no option %s", text);
	return read_command_option(s, text + 2);
}

static bool read_word(struct scan *s, const char *text)
{
	if (s->word_count == sizeof s->words / sizeof s->words[0])
		return complain("too many arguments: %s", text);
	s->words[s->word_count++] = text;
	if (!s->line->command && s->word_count <= 2)
		s->line->command = find_command(s->words[0], s->word_count == 2 ? text : NULL);
	return true;
}

static bool is_taken(const struct scan *s, const char *positional)
{
	for (size_t i = 0; i < s->taken_count; i++)
		if (strcmp(s->taken[i], positional) == 0)
			return true;
	return false;
}

/* Gives the words behind the command's name to its positional arguments. */
static bool place_words(struct scan *s)
{
	const struct cli_command *c = s->line->command;
	size_t at = count_words(c->name);

	for (size_t i = 0; i < CLI_MAX_POSITIONAL && c->positional[i]; i++) {
		if (is_taken(s, c->positional[i]))
			continue;
		if (at < s->word_count) {
			if (!add_text(s->line, c->positional[i], s->words[at++]))
				return false;
		} else if (i < c->required) {
			return complain("usage: nspictl %s %s", c->name, c->usage);
		}
	}
	if (at < s->word_count)
		return complain("\"%s\" is too much; usage: nspictl %s %s", s->words[at], c->name,
		                c->usage);
	return true;
}

static bool check_required(const struct cli_line *line)
{
	const struct cli_command *c = line->command;
	for (const struct cli_option *o = c->options; o < c->options + CLI_MAX_OPTIONS && o->name;
	     o++)
		if (o->required && !json_object_get(line->arguments, o->name))
			return complain("--%s %s is missing: %s", o->name, o->value, o->help);
	return true;
}

static bool check_command(const struct scan *s)
{
	if (s->line->command)
		return true;
	if (s->word_count == 0)
		return complain("what is to be done? nspictl --help shows the commands");
	return complain("there is no command \"%s%s%s\"; nspictl --help shows them", s->words[0],
	                s->word_count > 1 ? " " : "", s->word_count > 1 ? s->words[1] : "");
}

bool cli_read_line(int argc, char **argv, struct cli_line *line)
{
	struct scan s = {.argc = argc, .at = 1, .argv = argv, .line = line};
	bool only_words = false;

	*line = (struct cli_line){.conf_path = DEFAULT_CONF, .arguments = json_object()};
	while (s.at < argc) {
		const char *text = argv[s.at++];
		bool is_option = !only_words && text[0] == '-' && text[1] != 0;
		if (is_option && strcmp(text, "--") == 0)
			only_words = true;
		else if (!(is_option ? read_option(&s, text) : read_word(&s, text)))
			return false;
	}
	if (line->help)
		return line->command || s.word_count == 0 || check_command(&s);
	return check_command(&s) && place_words(&s) && check_required(line);
}

void cli_print_help(FILE *out)
{
	fputs("usage: nspictl [-c FILE] COMMAND [ARGUMENTS] [--json]\n\n", out);
	for (size_t i = 0; i < cli_command_count; i++)
		fprintf(out, "  %-20s %s\n", cli_commands[i].name, cli_commands[i].summary);
	fputs("\n"
	      "nspictl COMMAND --help says more. -c FILE is nspid's configuration, " DEFAULT_CONF
	      "\n"
	      "when not given. import, export, user, group and limit also work while nspid is "
	      "stopped.\n\n"
	      "  nspictl sessions --account anna\n"
	      "  nspictl limit set anna 200 --reason 'mail archive, 40 agents'\n"
	      "  nspictl import book.ldif\n",
	      out);
}

static void print_option(FILE *out, const char *name, const char *value, const char *help,
                         bool required)
{
	char *words = xasprintf("--%s%s%s", name, value ? " " : "", value ? value : "");
	fprintf(out, "  %-20s %s%s\n", words, help, required ? "; must be given" : "");
	free(words);
}

void cli_print_command_help(const struct cli_command *c, FILE *out)
{
	fprintf(out, "usage: nspictl %s %s\n\n%s\n", c->name, c->usage, c->summary);
	if (c->options[0].name || c->columns[0].title)
		fputc('\n', out);
	for (const struct cli_option *o = c->options; o < c->options + CLI_MAX_OPTIONS && o->name;
	     o++)
		print_option(out, o->name, o->value, o->help, o->required);
	if (c->columns[0].title)
		print_option(out, "json", NULL, "an array of objects instead of a table", false);
	if (c->details)
		fprintf(out, "\n%s", c->details);
}
