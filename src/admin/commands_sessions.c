#include <inttypes.h>
#include <stdio.h>

#include "admin/call.h"
#include "store/users.h"

/* What a listing is about. */
struct listing {
	struct call *call;
	const char *account, *client; /* NULL: all */
};

/* Operators need not know the spelling that an account was made with. */
static bool same_account(const char *a, const char *b)
{
	return slice_equal_nocase(slice_of_string(a), slice_of_string(b));
}

static json_t *describe_session(const struct session_info *s)
{
	char id[GUID_TEXT_SIZE], group[24];
	json_t *o = json_object();

	guid_format(&s->id, id);
	snprintf(group, sizeof group, "%016" PRIx64, s->group);
	value_put(o, "id", json_string(id));
	value_put(o, "user", value_text(s->account));
	value_put(o, "client", value_text(s->client_address));
	value_put(o, "port", value_count(s->client_port));
	value_put(o, "workstation", value_text(s->workstation));
	value_put(o, "transport", json_string(session_transport_name(s->transport)));
	value_put(o, "group", json_string(group));
	value_put(o, "opened", value_time(s->opened_wall_ms));
	value_put(o, "age_ms", value_count(s->age_ms));
	value_put(o, "idle_ms", value_count(s->idle_ms));
	value_put(o, "calls", value_count(s->calls));
	return o;
}

static bool list_session(void *context, const struct session_info *s)
{
	const struct listing *l = context;
	if (l->account && !same_account(l->account, s->account))
		return true;
	if (l->client && strcmp(l->client, s->client_address) != 0)
		return true;
	return call_row(l->call, describe_session(s));
}

int command_sessions(struct call *c, struct error *e)
{
	struct listing l = {
		.call = c, .account = call_text(c, "account"), .client = call_text(c, "client")};
	(void)e;
	sessions_walk(c->admin->setup.sessions, list_session, &l);
	return 0;
}

static json_t *describe_account(const struct session_account_info *a)
{
	json_t *o = json_object();
	value_put(o, "account", value_text(a->account));
	value_put(o, "held", value_count(a->held));
	value_put(o, "limit", value_limit(a->limit));
	value_put(o, "highest", value_count(a->highest));
	value_put(o, "refused", value_count(a->refused));
	return o;
}

static bool list_account(void *context, const struct session_account_info *a)
{
	const struct listing *l = context;
	if (l->account && !same_account(l->account, a->account))
		return true;
	return call_row(l->call, describe_account(a));
}

int command_accounts(struct call *c, struct error *e)
{
	struct listing l = {.call = c, .account = call_text(c, "account")};
	(void)e;
	sessions_walk_accounts(c->admin->setup.sessions, list_account, &l);
	return 0;
}

static int end_session(struct sessions *t, const char *text, struct error *e)
{
	struct guid id;
	if (!guid_parse(slice_of_string(text), &id))
		return error_set(
			e, ERR_INVALID,
			"\"%.60s\" is not the id of a session; `nspictl sessions` shows them",
			text);
	if (!sessions_end_id(t, &id, SESSION_END_OPERATOR))
		return error_set(e, ERR_NOT_FOUND, "there is no session %s (any more)", text);
	return 0;
}

static size_t end_account(struct call *c, const char *name)
{
	struct user user;
	const char *canonical =
		store_user_get(c->admin->setup.store, name, &user, NULL) ? name : user.name;
	return sessions_end_account(c->admin->setup.sessions, canonical, SESSION_END_OPERATOR);
}

int command_end(struct call *c, struct error *e)
{
	struct sessions *t = c->admin->setup.sessions;
	const char *session = call_text(c, "session"), *account = call_text(c, "account");
	const char *client = call_text(c, "client");
	bool all = call_flag(c, "all");
	size_t ended = 1;

	if (!!session + !!account + !!client + all != 1)
		return error_set(e, ERR_INVALID,
		                 "end: say one of a session, an account, a client or all");
	if (session) {
		int err = end_session(t, session, e);
		if (err)
			return err;
	} else if (account) {
		ended = end_account(c, account);
	} else {
		ended = client ? sessions_end_client(t, client, SESSION_END_OPERATOR)
		               : sessions_end_all(t, SESSION_END_OPERATOR);
	}
	c->result = json_pack("{so}", "ended", value_count(ended));
	return 0;
}
