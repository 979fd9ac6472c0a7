#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/call.h"
#include "base/clock.h"
#include "base/log.h"
#include "session/events.h"
#include "store/users.h"

static const char *const scope_names[] = {
	[LIMIT_DEFAULT] = "default",
	[LIMIT_GROUP] = "group",
	[LIMIT_ACCOUNT] = "account",
};

static const char *const origin_names[] = {
	[LIMIT_BUILT_IN] = "built in",
	[LIMIT_CONFIGURED] = "configuration",
	[LIMIT_SET] = "nspictl",
};

struct spelling {
	const char *wanted;
	char *out;
	bool found;
};

static bool spell_group(void *context, const char *group, const char *const *members, size_t count)
{
	struct spelling *s = context;
	(void)members;
	(void)count;
	s->found = slice_equal_nocase(slice_of_string(group), slice_of_string(s->wanted));
	if (s->found)
		snprintf(s->out, ACCOUNT_NAME_SIZE, "%s", group);
	return !s->found;
}

/* The limit's name as it was made; a limit for a name that nobody has would never be in force. */
static int spell(struct call *c, const char *account, const char *group, struct limit *limit,
                 struct error *e)
{
	struct store *s = c->admin->setup.store;
	struct user user;

	if (account) {
		int err = store_user_get(s, account, &user, e);
		if (err)
			return err;
		snprintf(limit->name, sizeof limit->name, "%s", user.name);
	} else if (group) {
		struct spelling spelling = {.wanted = group, .out = limit->name};
		store_group_walk(s, spell_group, &spelling);
		if (!spelling.found)
			return error_set(e, ERR_NOT_FOUND, "there is no group %s", group);
	}
	return 0;
}

static int take_target(struct call *c, struct limit *limit, struct error *e)
{
	const char *account = call_text(c, "account"), *group = call_text(c, "group");
	if (!!account + !!group + call_flag(c, "default") != 1)
		return error_set(e, ERR_INVALID, "say one of an account, a group or the default");
	limit->scope = account ? LIMIT_ACCOUNT : group ? LIMIT_GROUP : LIMIT_DEFAULT;
	return spell(c, account, group, limit, e);
}

static int take_date(struct call *c, const char *name, uint64_t *wall_ms, struct error *e)
{
	const char *text = call_text(c, name);
	if (text && clock_parse(text, wall_ms))
		return error_set(
			e, ERR_INVALID,
			"--%s \"%.40s\" is not a date: write 2027-03-31 or 2027-03-31T18:00:00Z",
			name, text);
	return 0;
}

static int take_reason(struct call *c, struct limit *limit, struct error *e)
{
	const char *reason = call_text(c, "reason");
	if (reason[0] == 0)
		return error_set(e, ERR_INVALID,
		                 "the reason is empty: say who needs this limit and what for");
	if (strlen(reason) >= sizeof limit->reason)
		return error_set(e, ERR_LIMIT, "the reason is longer than %zu bytes",
		                 sizeof limit->reason - 1);
	snprintf(limit->reason, sizeof limit->reason, "%s", reason);
	return 0;
}

static int take_limit(struct call *c, struct limit *limit, struct error *e)
{
	int err = take_target(c, limit, e);
	if (!err)
		err = limit_parse_sessions(call_text(c, "sessions"), &limit->sessions, e);
	if (!err)
		err = take_reason(c, limit, e);
	if (!err)
		err = take_date(c, "until", &limit->until_ms, e);
	if (!err)
		err = take_date(c, "review", &limit->review_ms, e);
	if (!err && limit->until_ms && limit->until_ms <= limit->set_ms)
		err = error_set(e, ERR_INVALID, "--until is in the past");
	return err;
}

static void format_sessions(uint32_t sessions, char text[16])
{
	if (sessions == LIMIT_UNLIMITED)
		snprintf(text, 16, "unlimited");
	else
		snprintf(text, 16, "%" PRIu32, sessions);
}

/* change: "set to 60", "taken back". */
static void tell(struct call *c, const struct limit *limit, const char *change)
{
	struct event event = {
		.wall_ms = clock_wall_ms(), .id = EVENT_LIMIT_CHANGED, .limit = limit->sessions};
	char sessions[16], caller[16];

	format_sessions(limit->sessions, sessions);
	snprintf(caller, sizeof caller, "%u", (unsigned)c->caller);
	if (limit->scope == LIMIT_ACCOUNT)
		snprintf(event.account, sizeof event.account, "%s", limit->name);
	snprintf(event.text, sizeof event.text, "The limit of %s%s%s was %s%s%s",
	         scope_names[limit->scope], limit->name[0] ? " " : "", limit->name, change,
	         limit->reason[0] ? ": " : "", limit->reason);
	const struct log_field fields[] = {
		{"scope",  scope_names[limit->scope]              },
		{"name",   limit->name[0] ? limit->name : NULL    },
		{"limit",  limit->set_ms ? sessions : NULL        },
		{"reason", limit->reason[0] ? limit->reason : NULL},
		{"by_uid", caller				 },
	};
	log_event(LOG_LEVEL_INFO, event.id, fields, sizeof fields / sizeof fields[0], event.text);
	events_add(sessions_events(c->admin->setup.sessions), &event);
}

/* "nspictl at 2026-03-01T12:00:00Z", "/etc/nspid/nspid.conf:17", "built in" */
static json_t *describe_origin(const struct limit *l)
{
	char text[CLOCK_TEXT_SIZE], set[CLOCK_TEXT_SIZE + 16];
	if (l->origin != LIMIT_SET)
		return value_text(l->where[0] ? l->where : origin_names[l->origin]);
	clock_format(l->set_ms, text);
	snprintf(set, sizeof set, "nspictl at %s", text);
	return json_string(set);
}

static json_t *describe(const struct limit *l)
{
	uint64_t now_ms = clock_wall_ms();
	json_t *o = json_object();
	value_put(o, "scope", json_string(scope_names[l->scope]));
	value_put(o, "name", value_text(l->name));
	value_put(o, "sessions", value_limit(l->sessions));
	value_put(o, "origin", json_string(origin_names[l->origin]));
	value_put(o, "from", describe_origin(l));
	value_put(o, "set", value_time(l->set_ms));
	value_put(o, "until", value_time(l->until_ms));
	value_put(o, "review", value_time(l->review_ms));
	value_put(o, "reason", value_text(l->reason));
	value_put(o, "expired", json_boolean(l->until_ms && l->until_ms <= now_ms));
	value_put(o, "review_due", json_boolean(l->review_ms && l->review_ms <= now_ms));
	return o;
}

int command_limit_set(struct call *c, struct error *e)
{
	struct limit limit = {.origin = LIMIT_SET, .set_ms = clock_wall_ms()};
	char sessions[16], change[32];

	int err = take_limit(c, &limit, e);
	if (!err)
		err = store_limit_set(c->admin->setup.store, &limit, e);
	if (err)
		return err;
	limits_set(c->admin->setup.limits, &limit);
	c->result = describe(&limit);
	if (c->admin->setup.sessions) {
		format_sessions(limit.sessions, sessions);
		snprintf(change, sizeof change, "set to %s", sessions);
		tell(c, &limit, change);
	}
	return 0;
}

int command_limit_clear(struct call *c, struct error *e)
{
	struct limit limit = {0};
	int err = take_target(c, &limit, e);
	if (!err)
		err = store_limit_clear(c->admin->setup.store, limit.scope, limit.name, e);
	if (err)
		return err;
	limits_clear(c->admin->setup.limits, limit.scope, limit.name);
	if (c->admin->setup.sessions)
		tell(c, &limit, "taken back");
	return 0;
}

int command_limit_show(struct call *c, struct error *e)
{
	const char *name = call_text(c, "account");
	struct account_status status = {0};
	struct user user = {0};
	struct limit limit;

	if (name) {
		int err = store_user_get(c->admin->setup.store, name, &user, e);
		if (err)
			return err;
		struct account_source source = store_account_source(c->admin->setup.store);
		source.status(source.context, user.name, &status);
	}
	limits_effective(c->admin->setup.limits, user.name, &status, clock_wall_ms(), &limit);
	c->result = describe(&limit);
	json_object_set_new(c->result, "account", name ? value_text(user.name) : json_null());
	if (name && c->admin->setup.sessions)
		json_object_set_new(
			c->result, "held",
			value_count(sessions_count_account(c->admin->setup.sessions, user.name)));
	return 0;
}

int command_limit_list(struct call *c, struct error *e)
{
	struct limit *list;
	size_t count = limits_list(c->admin->setup.limits, &list);
	(void)e;
	for (size_t i = 0; i < count; i++)
		if (!call_row(c, describe(&list[i])))
			break;
	free(list);
	return 0;
}
