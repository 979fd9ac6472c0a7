#include <stdio.h>

#include "admin/call.h"
#include "directory/policy.h"
#include "store/users.h"

/* What a self-test compares the answers of the listeners with: the book as the server has it. */

enum { NAME_SIZE = 400 };

static uint32_t count_listed(const struct view *v, struct table *t)
{
	const struct container *global = view_container(v, 0);

	return global && table_open(v, global, TABLE_BY_DISPLAY_NAME, 0, t) == 0 ? table_count(t)
	                                                                         : 0;
}

/* The name of an entry that somebody may look for. */
static json_t *sample_name(const struct view *v, const struct table *t)
{
	const struct object *o = view_object(v, table_mid_at(t, table_count(t) / 2));
	char text[NAME_SIZE] = "";

	if (o) {
		struct slice name = object_display_name(v, o);
		snprintf(text, sizeof text, "%.*s", (int)name.size, (const char *)name.data);
	}
	return value_text(text);
}

static void describe_book(json_t *answer, const struct view *v)
{
	const struct view everything = {.snapshot = v->snapshot};
	struct table all, seen;

	value_put(answer, "entries", value_count(snapshot_count(v->snapshot)));
	value_put(answer, "listed", value_count(count_listed(&everything, &all)));
	value_put(answer, "visible", value_count(count_listed(v, &seen)));
	value_put(answer, "view", value_text(policy_view_name(v->snapshot, v->viewer->audience)));
	if (count_listed(v, &seen))
		value_put(answer, "sample", sample_name(v, &seen));
}

struct count {
	size_t accounts, enabled;
};

static bool count_account(void *context, const struct user *u)
{
	struct count *count = context;

	count->accounts++;
	count->enabled += !u->disabled;
	return true;
}

static void describe_accounts(json_t *answer, struct store *s)
{
	struct count count = {0};

	store_user_walk(s, count_account, &count);
	value_put(answer, "accounts", value_count(count.accounts));
	value_put(answer, "enabled", value_count(count.enabled));
}

int command_selftest(struct call *c, struct error *e)
{
	struct store *s = c->admin->setup.store;
	const char *account = call_text(c, "account");
	struct user user = {.name = ""};
	int err = account ? store_user_get(s, account, &user, e) : 0;

	if (err)
		return err;
	const struct snapshot *snapshot = directory_acquire(c->admin->setup.directory);
	const struct viewer viewer = {
		.account = user.name,
		.audience = store_audience(s, snapshot, user.name),
	};
	const struct view v = {.snapshot = snapshot, .viewer = &viewer};
	c->result = json_object();
	describe_book(c->result, &v);
	describe_accounts(c->result, s);
	value_put(c->result, "disabled", json_boolean(user.disabled));
	snapshot_unref(snapshot);
	return 0;
}
