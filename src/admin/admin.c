#include "admin/admin.h"

#include <stdlib.h>

#include "admin/call.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

/* clang-format off */
#define TEXT(name)     { name, PARAMETER_TEXT, false }
#define REQUIRED(name) { name, PARAMETER_TEXT, true }
#define FLAG(name)     { name, PARAMETER_FLAG, false }
#define NUMBER(name)   { name, PARAMETER_NUMBER, false }

#define READS  COMMAND_READS
#define WRITES (COMMAND_WRITES | COMMAND_IS_LOGGED)
#define SERVER COMMAND_NEEDS_SERVER
#define STEERS (COMMAND_NEEDS_SERVER | COMMAND_IS_LOGGED)

static const struct command commands[] = {
	{ "accounts",            SERVER, command_accounts,            { TEXT("account") } },
	{ "check",               SERVER, command_check,               { { 0 } } },
	{ "counters",            SERVER, command_counters,            { { 0 } } },
	{ "end",                 STEERS, command_end,
	  { TEXT("session"), TEXT("account"), TEXT("client"), FLAG("all") } },
	{ "events",              SERVER, command_events,              { NUMBER("count") } },
	{ "export",              READS,  command_export,              { { 0 } } },
	{ "group-add",           WRITES, command_group_add,           { REQUIRED("group") } },
	{ "group-add-member",    WRITES, command_group_add_member,
	  { REQUIRED("group"), REQUIRED("account") } },
	{ "group-del",           WRITES, command_group_del,           { REQUIRED("group") } },
	{ "group-list",          READS,  command_group_list,          { { 0 } } },
	{ "group-remove-member", WRITES, command_group_remove_member,
	  { REQUIRED("group"), REQUIRED("account") } },
	{ "import",              WRITES, command_import,
	  { TEXT("source"), FLAG("replace") } },
	{ "limit-clear",         WRITES, command_limit_clear,
	  { TEXT("account"), TEXT("group"), FLAG("default") } },
	{ "limit-list",          READS,  command_limit_list,          { { 0 } } },
	{ "limit-set",           WRITES, command_limit_set,
	  { TEXT("account"), TEXT("group"), FLAG("default"), REQUIRED("sessions"), REQUIRED("reason"),
	    TEXT("until"), TEXT("review") } },
	{ "limit-show",          READS,  command_limit_show,          { TEXT("account") } },
	{ "lists",               SERVER, command_lists,               { { 0 } } },
	{ "log-level",           STEERS, command_log_level,           { TEXT("level") } },
	{ "orders",              SERVER, command_orders,              { { 0 } } },
	{ "reload",              STEERS, command_reload,              { { 0 } } },
	{ "selftest",            SERVER, command_selftest,            { TEXT("account") } },
	{ "sessions",            SERVER, command_sessions,
	  { TEXT("account"), TEXT("client") } },
	{ "status",              SERVER, command_status,              { { 0 } } },
	{ "user-add",            WRITES, command_user_add,
	  { REQUIRED("account"), REQUIRED("password"), TEXT("entry") } },
	{ "user-del",            WRITES, command_user_del,            { REQUIRED("account") } },
	{ "user-disable",        WRITES, command_user_disable,        { REQUIRED("account") } },
	{ "user-enable",         WRITES, command_user_enable,         { REQUIRED("account") } },
	{ "user-list",           READS,  command_user_list,           { { 0 } } },
	{ "user-passwd",         WRITES, command_user_passwd,
	  { REQUIRED("account"), REQUIRED("password") } },
	{ "why",                 SERVER, command_why,
	  { REQUIRED("account"), REQUIRED("entry") } },
};
/* clang-format on */

struct admin_context *admin_context_new(const struct admin_setup *setup)
{
	struct admin_context *a = xcalloc(1, sizeof *a);
	a->setup = *setup;
	a->started_ms = clock_mono_ms();
	pthread_mutex_init(&a->writer, NULL);
	pthread_mutex_init(&a->hooks, NULL);
	return a;
}

void admin_context_free(struct admin_context *a)
{
	if (!a)
		return;
	pthread_mutex_destroy(&a->hooks);
	pthread_mutex_destroy(&a->writer);
	free(a);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

bool admin_works_offline(const char *name)
{
	const struct command *command = find_command(name);
	return command && !(command->use & COMMAND_NEEDS_SERVER);
}

static bool has_kind(const json_t *value, enum parameter_kind kind)
{
	switch (kind) {
	case PARAMETER_TEXT: return json_is_string(value);
	case PARAMETER_FLAG: return json_is_boolean(value);
	case PARAMETER_NUMBER: return json_is_integer(value) && json_integer_value(value) >= 0;
	}
	return false;
}

static const struct parameter *find_parameter(const struct command *command, const char *name)
{
	const struct parameter *p = command->parameters;
	for (; p < command->parameters + COMMAND_MAX_PARAMETERS && p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static int check_types(const struct command *command, const json_t *request, struct error *e)
{
	json_t *object =
		(json_t *)(uintptr_t)request; /* what walks an object could also change it */
	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
		const char *name = json_object_iter_key(i);
		const struct parameter *known = find_parameter(command, name);
		if (strcmp(name, "command") == 0)
			continue;
		if (!known || !has_kind(json_object_iter_value(i), known->kind))
			return error_set(e, ERR_INVALID,
			                 "%s: \"%.40s\" is unknown or of the wrong type",
			                 command->name, name);
	}
	return 0;
}

static int check_arguments(const struct command *command, const json_t *request, struct error *e)
{
	const struct parameter *p = command->parameters;
	for (; p < command->parameters + COMMAND_MAX_PARAMETERS && p->name; p++)
		if (p->required && !json_object_get(request, p->name))
			return error_set(e, ERR_INVALID, "%s: \"%s\" is missing", command->name,
			                 p->name);
	return check_types(command, request, e);
}

static void lock_writer(struct call *c)
{
	if (pthread_mutex_trylock(&c->admin->writer) == 0)
		return;
	call_progress(c, json_pack("{ss}", "waiting", "another change is being made"));
	pthread_mutex_lock(&c->admin->writer);
}

static int run_command(const struct command *command, struct call *c, struct error *e)
{
	int err = check_arguments(command, c->arguments, e);
	if (err)
		return err;
	if ((command->use & COMMAND_NEEDS_SERVER) && !c->admin->setup.sessions)
		return error_set(e, ERR_UNSUPPORTED, "%s needs a running nspid", command->name);
	if (command->use & COMMAND_WRITES)
		lock_writer(c);
	err = command->run(c, e);
	if (command->use & COMMAND_WRITES)
		pthread_mutex_unlock(&c->admin->writer);
	if ((command->use & COMMAND_IS_LOGGED) && c->admin->setup.sessions)
		log_info("control command %s by uid %u: %s", command->name, (unsigned)c->caller,
		         err ? e->text : "done");
	return err;
}

static void put_last_line(struct call *c, int err, const struct error *e)
{
	json_t *line;
	if (err)
		line = json_pack("{so}", "error", value_text(e->text[0] ? e->text : err_text(err)));
	else
		line = json_pack("{so}", "done", c->result ? c->result : json_object());
	c->io->line(c->io->context, line);
	json_decref(line);
}

int admin_run(struct admin_context *a, const json_t *request, uid_t caller,
              const struct admin_io *io)
{
	struct call c = {.admin = a, .arguments = request, .io = io, .caller = caller};
	struct error e = {0};
	const char *name = json_string_value(json_object_get(request, "command"));
	const struct command *command = name ? find_command(name) : NULL;
	int err;

	if (command)
		err = run_command(command, &c, &e);
	else
		err = error_set(&e, ERR_INVALID, "there is no command \"%.40s\"", name ? name : "");
	if (err)
		json_decref(c.result);
	put_last_line(&c, err, &e);
	return err;
}
