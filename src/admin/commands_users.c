#include "admin/call.h"
#include "store/users.h"

/* Its sessions end with it; by the spelling that the account was made with, under which they are
 * counted. */
static void end_sessions(struct call *c, const char *account)
{
	size_t ended = 0;
	if (c->admin->setup.sessions)
		ended = sessions_end_account(c->admin->setup.sessions, account,
		                             SESSION_END_ACCOUNT);
	c->result =
		json_pack("{so so}", "account", value_text(account), "ended", value_count(ended));
}

int command_user_add(struct call *c, struct error *e)
{
	return store_user_add(c->admin->setup.store, call_text(c, "account"),
	                      call_text(c, "password"), call_text(c, "entry"), e);
}

int command_user_passwd(struct call *c, struct error *e)
{
	return store_user_passwd(c->admin->setup.store, call_text(c, "account"),
	                         call_text(c, "password"), e);
}

/* A limit set for the account goes too: whoever gets that name next does not inherit it. */
static int drop_limit(struct call *c, const char *account, struct error *e)
{
	int err = store_limit_clear(c->admin->setup.store, LIMIT_ACCOUNT, account, e);
	if (err && err != ERR_NOT_FOUND)
		return err;
	limits_clear(c->admin->setup.limits, LIMIT_ACCOUNT, account);
	return 0;
}

int command_user_del(struct call *c, struct error *e)
{
	struct user user;
	int err = store_user_get(c->admin->setup.store, call_text(c, "account"), &user, e);
	if (!err)
		err = drop_limit(c, user.name, e);
	if (!err)
		err = store_user_delete(c->admin->setup.store, user.name, e);
	if (!err)
		end_sessions(c, user.name);
	return err;
}

int command_user_disable(struct call *c, struct error *e)
{
	struct user user;
	int err = store_user_get(c->admin->setup.store, call_text(c, "account"), &user, e);
	if (!err)
		err = store_user_disable(c->admin->setup.store, user.name, true, e);
	if (!err)
		end_sessions(c, user.name);
	return err;
}

int command_user_enable(struct call *c, struct error *e)
{
	return store_user_disable(c->admin->setup.store, call_text(c, "account"), false, e);
}

static json_t *describe_user(const struct user *u)
{
	json_t *groups = json_array(), *o = json_object();
	for (size_t i = 0; i < u->group_count; i++)
		json_array_append_new(groups, value_text(u->groups[i]));
	value_put(o, "name", value_text(u->name));
	value_put(o, "disabled", json_boolean(u->disabled));
	value_put(o, "entry", value_text(u->entry_dn));
	value_put(o, "groups", groups);
	value_put(o, "created", value_time(u->created_ms));
	value_put(o, "password_set", value_time(u->password_set_ms));
	return o;
}

static bool list_user(void *context, const struct user *u)
{
	return call_row(context, describe_user(u));
}

int command_user_list(struct call *c, struct error *e)
{
	(void)e;
	store_user_walk(c->admin->setup.store, list_user, c);
	return 0;
}

int command_group_add(struct call *c, struct error *e)
{
	return store_group_add(c->admin->setup.store, call_text(c, "group"), e);
}

int command_group_del(struct call *c, struct error *e)
{
	return store_group_delete(c->admin->setup.store, call_text(c, "group"), e);
}

int command_group_add_member(struct call *c, struct error *e)
{
	return store_group_member(c->admin->setup.store, call_text(c, "group"),
	                          call_text(c, "account"), true, e);
}

int command_group_remove_member(struct call *c, struct error *e)
{
	return store_group_member(c->admin->setup.store, call_text(c, "group"),
	                          call_text(c, "account"), false, e);
}

static bool list_group(void *context, const char *group, const char *const *members, size_t count)
{
	json_t *names = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(names, value_text(members[i]));
	return call_row(context, json_pack("{so so}", "name", value_text(group), "members", names));
}

int command_group_list(struct call *c, struct error *e)
{
	(void)e;
	store_group_walk(c->admin->setup.store, list_group, c);
	return 0;
}
