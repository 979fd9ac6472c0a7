#ifndef ADMIN_CALL_H
#define ADMIN_CALL_H

/*
 * One command being run: what its functions see. The arguments were checked against the command's
 * parameters before it runs, so that they have the types that are said there and the required ones
 * are present.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "admin/admin.h"

struct admin_context {
	struct admin_setup setup;
	uint64_t started_ms;    /* monotonic */
	pthread_mutex_t writer; /* held by the command that changes something */
	pthread_mutex_t hooks;  /* held while a hook runs */
	/* Of the import that runs, for status. */
	_Atomic bool importing;
	_Atomic uint64_t imported_records;
};

struct call {
	struct admin_context *admin;
	const json_t *arguments;
	const struct admin_io *io;
	uid_t caller;
	json_t *result; /* of the last line; NULL: nothing to say */
};

/* NULL when it is not there. */
const char *call_text(const struct call *c, const char *name);
bool call_flag(const struct call *c, const char *name);
size_t call_number(const struct call *c, const char *name, size_t otherwise);

/* They take the row; false when nobody listens any more. */
bool call_row(struct call *c, json_t *row);
bool call_progress(struct call *c, json_t *progress);
void call_warn(struct call *c, const char *text);

/* JSON values of ours. Text that is not valid UTF-8 keeps its ASCII characters. */
json_t *value_text(const char *text);
json_t *value_limit(uint32_t sessions); /* "unlimited" or the number */
json_t *value_time(uint64_t wall_ms);   /* null for 0 */
json_t *value_count(uint64_t number);
void value_put(json_t *object, const char *key, json_t *value); /* takes the value */

enum parameter_kind { PARAMETER_TEXT, PARAMETER_FLAG, PARAMETER_NUMBER };

struct parameter {
	const char *name;
	enum parameter_kind kind;
	bool required;
};

#define COMMAND_MAX_PARAMETERS 7

enum command_use {
	COMMAND_READS = 0,
	COMMAND_WRITES = 1, /* changes the store: one at a time */
	COMMAND_NEEDS_SERVER = 2,
	COMMAND_IS_LOGGED = 4, /* with who asked for it */
};

struct command {
	const char *name;
	unsigned use;
	int (*run)(struct call *c, struct error *e);
	struct parameter parameters[COMMAND_MAX_PARAMETERS];
};

/* commands_*.c */
int command_status(struct call *c, struct error *e);
int command_counters(struct call *c, struct error *e);
int command_events(struct call *c, struct error *e);
int command_check(struct call *c, struct error *e);
int command_reload(struct call *c, struct error *e);
int command_log_level(struct call *c, struct error *e);
int command_sessions(struct call *c, struct error *e);
int command_accounts(struct call *c, struct error *e);
int command_end(struct call *c, struct error *e);
int command_limit_set(struct call *c, struct error *e);
int command_limit_clear(struct call *c, struct error *e);
int command_limit_show(struct call *c, struct error *e);
int command_limit_list(struct call *c, struct error *e);
int command_user_add(struct call *c, struct error *e);
int command_user_passwd(struct call *c, struct error *e);
int command_user_del(struct call *c, struct error *e);
int command_user_disable(struct call *c, struct error *e);
int command_user_enable(struct call *c, struct error *e);
int command_user_list(struct call *c, struct error *e);
int command_group_add(struct call *c, struct error *e);
int command_group_del(struct call *c, struct error *e);
int command_group_add_member(struct call *c, struct error *e);
int command_group_remove_member(struct call *c, struct error *e);
int command_group_list(struct call *c, struct error *e);
int command_import(struct call *c, struct error *e);
int command_export(struct call *c, struct error *e);
int command_selftest(struct call *c, struct error *e);
int command_why(struct call *c, struct error *e);
int command_lists(struct call *c, struct error *e);
int command_orders(struct call *c, struct error *e);

#endif
