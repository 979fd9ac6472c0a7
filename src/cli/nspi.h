#ifndef CLI_NSPI_H
#define CLI_NSPI_H

/*
 * nspi from inside. The options of all commands are one table; a command is a function that gets
 * what they said, opens a session when it needs one, and returns the exit status.
 */

#include <jansson.h>
#include <stdio.h>

#include "cli/table.h"
#include "client/client.h"
#include "mapi/errors.h"
#include "mapi/tags.h"

enum nspi_exit {
	NSPI_EXIT_OK = 0,
	NSPI_EXIT_USAGE = 1,
	NSPI_EXIT_REFUSED = 2,   /* by the server: login, limit, an operation */
	NSPI_EXIT_NOT_FOUND = 3, /* or ambiguous */
	NSPI_EXIT_NETWORK = 4,   /* not reached, gone, not understood */
};

#define HOLD_UNTIL_SIGNAL UINT32_MAX

struct nspi_options { /* what the command line said, or the default */
	const char *server, *http, *ca_file, *user, *password_file;
	const char *auth, *level;
	const char *list, *from, *link, *operation;
	uint32_t timeout_s, mapper_port;
	uint32_t count, position;
	uint32_t max, hold_s, per_connection;
	uint32_t connections, seconds;
	uint32_t locale, codepage; /* of templates */
	bool json, all, insecure, help, version;
};

struct nspi {
	struct nspi_options options;
	struct client_config config; /* of connections; the password is in it */
	struct client *client;
	struct nspi_handle handle;
	struct arena arena; /* answers, until the command ends */
};

/* nspi_options.c */
struct nspi_command;
/* Reads options and the command's name; the rest are its arguments. NULL: the reason is on standard
 * error. */
const struct nspi_command *nspi_read_line(int argc, char **argv, struct nspi_options *o,
                                          char ***arguments, int *count);
void nspi_print_help(FILE *out);

/* nspi_login.c: where to connect, and as whom. An exit status; the reason is on standard error. */
enum nspi_exit nspi_make_config(const struct nspi_options *o, struct client_config *config);
void nspi_free_config(struct client_config *config);

/* nspi_session.c: the session of commands that need one. */
enum nspi_exit nspi_open(struct nspi *n);
void nspi_close(struct nspi *n);
/* STAT of a list, at its beginning. */
struct nspi_stat nspi_stat(uint32_t container);
/* "MAPI_E_LOGON_FAILED (0x80040111)" */
void nspi_status_text(uint32_t status, char text[64]);
/* Say on standard error what went wrong; return what to exit with. */
enum nspi_exit nspi_failed(const struct error *e);
enum nspi_exit nspi_refused(const char *what, uint32_t status);

/* nspi_find.c: what a person names. */
/* The rows of the hierarchy table. */
enum nspi_exit nspi_hierarchy(struct nspi *n, struct mapi_rows **rows);
/* By display name, number or DN; no name is the global address list. */
enum nspi_exit nspi_find_list(struct nspi *n, const char *name, uint32_t *container);
/* The entries that ambiguous name resolution finds in all of the book, at most `most`;
 * MAPI_E_TABLE_TOO_BIG in *status when there are more. */
enum nspi_exit nspi_match(struct nspi *n, const char *name, uint32_t container, uint32_t most,
                          struct nspi_get_matches_out *out);
/* The one entry of that name or DN; NSPI_EXIT_NOT_FOUND with the candidates on standard error. */
enum nspi_exit nspi_find_entry(struct nspi *n, const char *name, uint32_t *mid);

/* nspi_rows.c: values for people and for JSON. */
/* NULL when there is none, or an error stands for it. */
const struct mapi_value *row_value(const struct mapi_row *row, mapi_tag tag);
json_t *value_json(const struct mapi_value *value);
json_t *text_json(struct slice text);
/* What people are listed with: tags, keys and titles in one order. */
struct mapi_tags person_tags(struct arena *a);
extern const struct column person_columns[];
json_t *person_json(const struct mapi_row *row);
void listing_print(const struct nspi *n, const struct column *columns, const json_t *rows);

/* nspi_template_print.c: a dialog and the script of its address, either may be empty; as a
 * description file would have them (docs/templates.md), or as JSON. An exit status; the reason is
 * on standard error. */
struct dialog;
enum nspi_exit template_print(const struct dialog *d, struct slice script, bool json);

/* Commands. */
typedef enum nspi_exit nspi_command_fn(struct nspi *n, int argc, char **argv);
nspi_command_fn nspi_lists, nspi_browse, nspi_resolve, nspi_show, nspi_members, nspi_probe,
	nspi_bench, nspi_template;

struct nspi_command {
	const char *name, *usage, *summary;
	int min_arguments, max_arguments; /* max -1: any number */
	nspi_command_fn *run;
};

#endif
