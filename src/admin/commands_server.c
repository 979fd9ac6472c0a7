#include <stdlib.h>
#include <unistd.h>

#include "admin/call.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "session/events.h"

#define MAX_LISTENERS  64
#define MAX_EVENTS     1024
#define DEFAULT_EVENTS 100

static json_t *describe_listener(const struct admin_listener *l)
{
	json_t *o = json_object();
	value_put(o, "name", value_text(l->name));
	value_put(o, "service", value_text(l->service));
	value_put(o, "address", value_text(l->address));
	value_put(o, "port", value_count(l->port));
	value_put(o, "profile", value_text(l->profile));
	return o;
}

static json_t *describe_listeners(struct admin_context *a)
{
	struct admin_listener list[MAX_LISTENERS];
	json_t *array = json_array();
	size_t count = 0;

	pthread_mutex_lock(&a->hooks);
	if (a->setup.listeners)
		count = a->setup.listeners(a->setup.hooks, list, MAX_LISTENERS);
	pthread_mutex_unlock(&a->hooks);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, describe_listener(&list[i]));
	return array;
}

static bool count_holder(void *context, const struct session_account_info *info)
{
	*(size_t *)context += info->held > 0;
	return true;
}

static json_t *describe_store(struct admin_context *a)
{
	struct store_counts counts = {0};
	json_t *o = json_object();

	store_counts(a->setup.store, &counts);
	value_put(o, "entries", value_count(counts.entries));
	value_put(o, "accounts", value_count(counts.accounts));
	value_put(o, "groups", value_count(counts.groups));
	value_put(o, "limits", value_count(counts.limits));
	value_put(o, "bytes_used", value_count(counts.bytes_used));
	value_put(o, "bytes_map", value_count(counts.bytes_map));
	return o;
}

static json_t *describe_import(struct admin_context *a)
{
	if (!a->importing)
		return json_null();
	return json_pack("{so}", "records", value_count(a->imported_records));
}

int command_status(struct call *c, struct error *e)
{
	struct admin_context *a = c->admin;
	uint64_t uptime_ms = clock_mono_ms() - a->started_ms;
	size_t holders = 0;

	(void)e;
	sessions_walk_accounts(a->setup.sessions, count_holder, &holders);
	c->result = json_object();
	value_put(c->result, "version", value_text(a->setup.version));
	value_put(c->result, "pid", value_count((uint64_t)getpid()));
	value_put(c->result, "started", value_time(clock_wall_ms() - uptime_ms));
	value_put(c->result, "uptime_ms", value_count(uptime_ms));
	value_put(c->result, "connections", value_count(counter_read(COUNTER_CONNECTIONS_OPEN)));
	value_put(c->result, "sessions", value_count(sessions_count(a->setup.sessions)));
	value_put(c->result, "accounts_with_sessions", value_count(holders));
	value_put(c->result, "sessions_refused",
	          value_count(counter_read(COUNTER_SESSIONS_REFUSED)));
	value_put(c->result, "store", describe_store(a));
	value_put(c->result, "import", describe_import(a));
	value_put(c->result, "listeners", describe_listeners(a));
	return 0;
}

int command_counters(struct call *c, struct error *e)
{
	(void)e;
	c->result = json_object();
	for (int i = 0; i < COUNTER_COUNT; i++)
		json_object_set_new(c->result, counter_name((enum counter)i),
		                    value_count(counter_read((enum counter)i)));
	return 0;
}

static json_t *describe_event(const struct event *event)
{
	json_t *o = json_object();
	value_put(o, "time", value_time(event->wall_ms));
	value_put(o, "id", value_count(event->id));
	value_put(o, "name", json_string(event_name(event->id)));
	value_put(o, "account", value_text(event->account));
	value_put(o, "client", value_text(event->client_address));
	value_put(o, "reason", value_text(event->reason));
	value_put(o, "limit", value_limit(event->limit));
	value_put(o, "held", value_count(event->held));
	value_put(o, "count", value_count(event->count));
	value_put(o, "oldest_age_ms", value_count(event->oldest_age_ms));
	value_put(o, "oldest_idle_ms", value_count(event->oldest_idle_ms));
	value_put(o, "text", value_text(event->text));
	return o;
}

int command_events(struct call *c, struct error *e)
{
	size_t max = call_number(c, "count", DEFAULT_EVENTS);
	struct event *list = xcalloc(MAX_EVENTS, sizeof *list);

	(void)e;
	size_t count = events_copy(sessions_events(c->admin->setup.sessions), list,
	                           max < MAX_EVENTS ? max : MAX_EVENTS);
	for (size_t i = 0; i < count; i++)
		if (!call_row(c, describe_event(&list[i])))
			break;
	free(list);
	return 0;
}

int command_check(struct call *c, struct error *e)
{
	int err = sessions_check(c->admin->setup.sessions, e);
	if (!err)
		c->result = json_pack("{so}", "sessions",
		                      value_count(sessions_count(c->admin->setup.sessions)));
	return err;
}

int command_reload(struct call *c, struct error *e)
{
	struct admin_context *a = c->admin;
	if (!a->setup.reload)
		return error_set(e, ERR_UNSUPPORTED, "this server cannot reload");
	pthread_mutex_lock(&a->hooks);
	int err = a->setup.reload(a->setup.hooks, e);
	pthread_mutex_unlock(&a->hooks);
	return err;
}

int command_log_level(struct call *c, struct error *e)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARN] = "warn",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};
	const char *text = call_text(c, "level");
	enum log_level level;

	if (text && !log_level_parse(text, &level))
		return error_set(e, ERR_INVALID,
		                 "\"%.40s\" is no log level: write error, warn, info or debug",
		                 text);
	if (text)
		log_set_level(level);
	c->result = json_pack("{ss}", "level", names[log_get_level()]);
	return 0;
}
