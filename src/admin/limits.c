#include <stdio.h>
#include <stdlib.h>

#include "admin/admin.h"
#include "base/memory.h"
#include "store/users.h"

_Static_assert(CONF_UNLIMITED == LIMIT_UNLIMITED,
               "unlimited is the same number in the file and in force");

/* Where the file says so; false when it does not, and the value is the default. */
static bool find_line(const struct conf *c, const char *section, const char *title, const char *key,
                      char *where, size_t size)
{
	for (size_t i = 0; i < c->setting_count; i++) {
		const struct conf_setting *s = &c->settings[i];
		if (strcmp(s->section, section) != 0 || strcmp(s->key, key) != 0)
			continue;
		if (title && (!s->title || strcmp(s->title, title) != 0))
			continue;
		snprintf(where, size, "%s:%u", c->path, s->line);
		return s->line > 0;
	}
	return false;
}

static struct limit limit_of(const struct conf *c, const struct conf_limit *from,
                             enum limit_scope scope)
{
	struct limit l = {
		.scope = scope,
		.origin = LIMIT_CONFIGURED,
		.sessions = from->sessions,
		.until_ms = from->until_ms,
		.review_ms = from->review_ms,
	};
	snprintf(l.name, sizeof l.name, "%s", from->name);
	snprintf(l.reason, sizeof l.reason, "%s", from->reason);
	find_line(c, scope == LIMIT_GROUP ? "group" : "account", from->name, "sessions", l.where,
	          sizeof l.where);
	return l;
}

/* Not there when the file does not say it: then the built-in default is in force, and said to be.
 */
static size_t add_default(const struct conf *c, struct limit *l)
{
	*l = (struct limit){.scope = LIMIT_DEFAULT, .sessions = c->sessions_per_user};
	return find_line(c, "sessions", NULL, "per_user", l->where, sizeof l->where) ? 1 : 0;
}

void admin_configure_limits(struct limits *l, const struct conf *c)
{
	struct limit *list = xcalloc(1 + c->account_count + c->group_count, sizeof *list);
	size_t count = add_default(c, list);

	for (size_t i = 0; i < c->group_count; i++)
		list[count++] = limit_of(c, &c->groups[i], LIMIT_GROUP);
	for (size_t i = 0; i < c->account_count; i++)
		list[count++] = limit_of(c, &c->accounts[i], LIMIT_ACCOUNT);
	limits_replace(l, LIMIT_CONFIGURED, list, count);
	limits_set_policy(l, c->on_excess == ON_EXCESS_AUDIT, c->warn_percent);
	free(list);
}

int admin_load_limits(struct limits *l, struct store *s, struct error *e)
{
	struct limit *list = NULL;
	size_t count = 0;
	int err = store_limit_list(s, &list, &count, e);
	if (err)
		return err;
	limits_replace(l, LIMIT_SET, list, count);
	free(list);
	return 0;
}
