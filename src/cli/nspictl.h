#ifndef CLI_NSPICTL_H
#define CLI_NSPICTL_H

/*
 * nspictl from inside: a command is a row of a table, from which the arguments are read, the
 * request is made, the help is printed and the answer is shown.
 */

#include <jansson.h>
#include <stdio.h>

#include "base/error.h"
#include "base/slice.h"
#include "cli/table.h"
#include "conf/conf.h"

struct output;
struct cli_line;

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_UNREACHABLE = 3 };

struct cli_option {
	const char *name;    /* without the dashes */
	const char *value;   /* what stands for its value in the help; NULL: a flag */
	const char *instead; /* the positional argument that it takes the place of; may be NULL */
	const char *help;
	bool number, required;
};

enum payload {
	PAYLOAD_NONE,
	PAYLOAD_PASSWORD, /* asked for, or from standard input with --stdin */
	PAYLOAD_IMPORT,   /* the file named by "source" is sent */
	PAYLOAD_EXPORT,   /* bytes come, for the file named by "file" */
};

#define CLI_MAX_POSITIONAL 3
#define CLI_MAX_OPTIONS    7

struct cli_command {
	const char *name; /* one or two words */
	const char *request;
	const char *usage; /* behind the name */
	const char *summary;
	const char *details; /* paragraphs, examples; may be NULL */
	size_t required;     /* of the positional arguments */
	const char *positional[CLI_MAX_POSITIONAL];
	struct cli_option options[CLI_MAX_OPTIONS];
	struct column columns[CLI_MAX_COLUMNS]; /* of a listing */
	const char *sort[2]; /* keys that order it for people: texts upwards, numbers downwards */
	enum payload payload;
	void (*print)(const json_t *done); /* the answer of one that is no listing; NULL: nothing */
	/* Of one that is more than a request: does all of it, and returns the exit status. */
	int (*run)(const struct cli_line *line, const struct conf *conf);
};

/* nspictl_commands.c */
extern const struct cli_command cli_commands[];
extern const size_t cli_command_count;

/* What the command line said. */
struct cli_line {
	const struct cli_command *command;
	const char *conf_path;
	bool json, help;
	json_t *arguments; /* of the request, and "stdin" and "file", which are ours */
};

/* nspictl_arguments.c; on failure the reason is on standard error */
bool cli_read_line(int argc, char **argv, struct cli_line *line);
void cli_print_help(FILE *out);
void cli_print_command_help(const struct cli_command *command, FILE *out);

/* nspictl_remote.c: asks the server; ERR_CLOSED when nobody listens on the control socket. */
struct source {
	int fd;          /* of an import, -1: none */
	uint8_t *buffer; /* one read */
};
int source_read(struct source *s, struct slice *bytes, struct error *e); /* empty at the end */
int remote_run(const char *socket_path, const json_t *request, struct source *source,
               struct output *o, struct error *e);

/* nspictl_local.c: runs the command here, on the store that no server has open */
int local_run(const struct conf *conf, const json_t *request, struct source *source,
              struct output *o, struct error *e);

/* nspictl_output.c: shows the lines of an answer */
struct output {
	const struct cli_command *command;
	bool json;
	json_t *rows; /* kept until all are there, for the widths of a table */
	size_t row_count;
	FILE *file;           /* of an export */
	uint64_t total_bytes; /* of an import, 0: not known */
	uint64_t started_ms, told_ms;
	bool progress_shown;
	json_t *done; /* the last line */
	bool finished, failed;
};

void output_init(struct output *o, const struct cli_command *command, bool json);
bool output_line(struct output *o, const json_t *line);
bool output_bytes(struct output *o, struct slice bytes);
void output_free(struct output *o);

/* nspictl_print.c: answers that are no listings */
void print_status(const json_t *done);
void print_counters(const json_t *done);
void print_limit(const json_t *done);
void print_ended(const json_t *done);
void print_account_ended(const json_t *done);
void print_import(const json_t *done);
void print_log_level(const json_t *done);
void print_check(const json_t *done);
void print_why(const json_t *done);

/* nspictl_password.c: the answer is to be wiped and freed; NULL when there is none */
char *password_read(bool from_stdin);
char *password_read_once(bool from_stdin); /* one that there is already: it is asked for once */
void password_forget(char *password);      /* NULL is fine */

/* nspictl_selftest.c */
int selftest_run(const struct cli_line *line, const struct conf *conf);

#endif
