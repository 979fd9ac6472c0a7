#include <stdio.h>
#include <stdlib.h>

#include "admin/admin.h"
#include "base/memory.h"
#include "store/users.h"

_Static_assert(CONF_UNLIMITED == LIMIT_UNLIMITED,
               "unlimited is the same number in the file and in force");

static struct limit limit_of(const struct conf_limit *c, enum limit_scope scope)
{
	struct limit l = {
		.scope = scope,
		.origin = LIMIT_CONFIGURED,
		.sessions = c->sessions,
		.until_ms = c->until_ms,
		.review_ms = c->review_ms,
	};
	snprintf(l.name, sizeof l.name, "%s", c->name);
	snprintf(l.reason, sizeof l.reason, "%s", c->reason);
	return l;
}

void admin_configure_limits(struct limits *l, const struct conf *c)
{
	size_t count = 0;
	struct limit *list = xcalloc(1 + c->account_count + c->group_count, sizeof *list);

	list[count++] = (struct limit){ .scope = LIMIT_DEFAULT, .sessions = c->sessions_per_user };
	for (size_t i = 0; i < c->group_count; i++)
		list[count++] = limit_of(&c->groups[i], LIMIT_GROUP);
	for (size_t i = 0; i < c->account_count; i++)
		list[count++] = limit_of(&c->accounts[i], LIMIT_ACCOUNT);
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
