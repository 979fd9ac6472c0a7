#include "main/server.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/admin.h"
#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "main/book.h"
#include "main/policy.h"
#include "main/privileges.h"
#include "main/templates.h"
#include "main/wiring.h"
#include "session/events.h"
#include "session/limits.h"
#include "store/keeper.h"
#include "store/users.h"
#include "store/writer.h"

struct server {
	pthread_mutex_t reloading;
	struct conf *started; /* what takes effect at the start only is read here */
	struct conf *conf;    /* in force; the same at first */
	struct wiring *wiring;
	struct store *store;
	struct limits *limits;
	struct sessions *sessions;
	struct auth_service *auth;
	struct directory *directory;
	struct keeper *keeper;
	struct rights *rights;
	struct writer *writer;
	struct nspi_service *nspi;
	struct admin_context *admin;
	struct admin_server *control;
};

/* What the configuration says, in the form that each room wants it. */

static void apply_domains(const struct server *s, const struct conf *c)
{
	struct store_domain *list = xcalloc(c->domain_count + 1, sizeof *list);

	for (size_t i = 0; i < c->domain_count; i++)
		list[i] = (struct store_domain){c->domains[i].name, c->domains[i].accept};
	store_set_domains(s->store, list, c->domain_count);
	free(list);
}

static void tell_failed_login(void *sessions, const char *account, const char *client_address,
                              const char *reason)
{
	sessions_login_failed(sessions, account, client_address, reason);
}

static struct auth_service_config auth_config(const struct server *s, const struct conf *c)
{
	return (struct auth_service_config){
		.ntlm = c->ntlm,
		.anonymous = c->anonymous != ANONYMOUS_OFF,
		.netbios_domain = c->netbios_domain,
		.netbios_name = c->netbios_name,
		.dns_domain = c->dns_domain,
		.dns_name = c->dns_name,
		.login_delay_max_ms = c->login_delay_max_ms,
		.accounts = store_account_source(s->store),
		.on_failure = tell_failed_login,
		.on_failure_context = s->sessions,
	};
}

static struct sessions_config session_config(const struct server *s, const struct conf *c)
{
	return (struct sessions_config){
		.anonymous_read = c->anonymous == ANONYMOUS_READ,
		.accounts = store_account_source(s->store),
	};
}

static struct nspi_settings nspi_config(const struct conf *c)
{
	return (struct nspi_settings){
		.max_rows = c->max_rows,
		.max_answer_bytes = c->max_answer_bytes,
		.max_matches = c->max_matches,
	};
}

static int make_rights(const struct conf *c, struct rights **out, struct error *e)
{
	return rights_new((const char *const *)c->self_writable.items, c->self_writable.count, out,
	                  e);
}

/* The steps. */

static int start_log(struct server *s, struct error *e)
{
	(void)e;
	log_set_level((enum log_level)s->conf->log_level);
	return 0;
}

static int start_listeners(struct server *s, struct error *e)
{
	privileges_raise_files(s->conf->max_connections);
	s->wiring = wiring_new(s->conf);
	return wiring_listen(s->wiring, e);
}

static void stop_listeners(struct server *s)
{
	wiring_free(s->wiring);
}

static int start_privileges(struct server *s, struct error *e)
{
	return privileges_drop(s->conf, e);
}

/* With NTLM switched off nobody needs the hashes that are as good as passwords. */
static int drop_nt_hashes(struct server *s, struct error *e)
{
	size_t left = 0;

	store_set_nt_hashes(s->store, s->conf->ntlm);
	if (s->conf->ntlm)
		return 0;
	int err = store_drop_nt_hashes(s->store, &left, e);
	if (!err && left)
		log_warn("NTLM is switched off, but %zu accounts keep their NT hash until their "
		         "password is set again: they have no other",
		         left);
	return err;
}

static int start_store(struct server *s, struct error *e)
{
	int err = store_open(s->conf->state_dir, s->conf->map_size, &s->store, e);

	if (!err) {
		apply_domains(s, s->conf);
		err = drop_nt_hashes(s, e);
	}
	return err;
}

static void stop_store(struct server *s)
{
	store_close(s->store);
}

static int start_limits(struct server *s, struct error *e)
{
	s->limits = limits_new();
	admin_configure_limits(s->limits, s->conf);
	return admin_load_limits(s->limits, s->store, e);
}

static void stop_limits(struct server *s)
{
	limits_free(s->limits);
}

static int start_sessions(struct server *s, struct error *e)
{
	const struct sessions_config config = session_config(s, s->conf);

	(void)e;
	s->sessions = sessions_new(&config, s->limits);
	return 0;
}

static void stop_sessions(struct server *s)
{
	sessions_free(s->sessions);
}

static int start_auth(struct server *s, struct error *e)
{
	const struct auth_service_config config = auth_config(s, s->conf);

	(void)e;
	s->auth = auth_service_new(&config);
	return 0;
}

static void stop_auth(struct server *s)
{
	auth_service_free(s->auth);
}

/* Before there are entries, so that they are put on their lists as they come. */
static int start_policy(const struct server *s, struct error *e)
{
	struct policy *policy = NULL;
	bool rebuild;
	int err = policy_of_conf(s->started, &policy, e);

	if (!err)
		err = directory_set_policy(s->directory, policy, &rebuild, e);
	policy_unref(policy);
	return err;
}

static int start_directory(struct server *s, struct error *e)
{
	struct book_config config;
	int err = book_config_read(s->started, &config, e);

	if (err)
		return err;
	s->directory = directory_new(&config.directory);
	err = start_policy(s, e);
	return err ? err : store_attach_directory(s->store, s->directory, e);
}

static void stop_directory(struct server *s)
{
	directory_free(s->directory);
}

static int start_keeper(struct server *s, struct error *e)
{
	return keeper_start(s->store, &s->keeper, e);
}

static void stop_keeper(struct server *s)
{
	keeper_stop(s->keeper);
}

static int start_rights(struct server *s, struct error *e)
{
	return make_rights(s->started, &s->rights, e);
}

static void stop_rights(struct server *s)
{
	rights_free(s->rights);
}

static int start_writer(struct server *s, struct error *e)
{
	const struct writer_config config = {
		.store = s->store,
		.rights = s->rights,
		.events = sessions_events(s->sessions),
	};

	return writer_start(&config, &s->writer, e);
}

static void stop_writer(struct server *s)
{
	writer_stop(s->writer);
}

/* The entry that an operator gave to an account with --entry. */
static uint32_t entry_of(void *context, const struct view *v, const char *account)
{
	struct user user;

	if (store_user_get(context, account, &user, NULL) || !*user.entry_dn)
		return 0;
	const struct object *o = view_object_by_ldap_dn(v, slice_of_string(user.entry_dn));
	return o ? object_mid(o) : 0;
}

static struct audience audience_of(void *store, const struct snapshot *snapshot,
                                   const char *account)
{
	return store_audience(store, snapshot, account);
}

static bool is_administrator(void *context, const char *account)
{
	const struct server *s = context;
	const struct account_source accounts = store_account_source(s->store);
	struct account_status status;

	if (!*s->started->administrators)
		return false;
	accounts.status(accounts.context, account, &status);
	return store_is_in_group(&status, s->started->administrators);
}

static int submit_change(void *context, struct change *change)
{
	const struct server *s = context;

	return writer_submit(s->writer, change);
}

static int start_nspi(struct server *s, struct error *e)
{
	const struct nspi_writing writing = {
		.rights = s->rights,
		.is_administrator = is_administrator,
		.submit = submit_change,
		.context = s,
	};
	const struct nspi_settings settings = nspi_config(s->conf);
	const struct guid guid = store_server_guid(s->store);
	struct templates *templates = NULL;
	int err = templates_of_conf(s->conf, s->conf->organization, &templates, e);

	if (err)
		return err;
	s->nspi = nspi_service_new(s->sessions, &guid, &settings);
	nspi_service_set_audience(s->nspi, audience_of, s->store);
	nspi_service_set_account_entry(s->nspi, entry_of, s->store);
	nspi_service_set_writing(s->nspi, &writing);
	nspi_service_set_templates(s->nspi, templates);
	return 0;
}

static void stop_nspi(struct server *s)
{
	nspi_service_free(s->nspi);
}

static int start_serving(struct server *s, struct error *e)
{
	return wiring_serve(s->wiring, s->directory, s->nspi, s->auth, e);
}

static void stop_serving(struct server *s)
{
	sessions_end_all(s->sessions, SESSION_END_SHUTDOWN);
	wiring_stop(s->wiring);
}

static size_t list_listeners(void *hooks, struct admin_listener *out, size_t max)
{
	static const char *const services[] = {
		[SERVICE_RPC] = "rpc",
		[SERVICE_ENDPOINT_MAPPER] = "endpoint-mapper",
		[SERVICE_HTTP] = "http",
		[SERVICE_HTTPS] = "https",
	};
	static const char *const profiles[] = {
		[PROFILE_DIRECTORY] = "directory",
		[PROFILE_EXCHANGE] = "exchange",
	};
	const struct server *s = hooks;
	struct wiring_listener *list = xcalloc(max, sizeof *list);
	size_t count = wiring_listeners(s->wiring, list, max);

	for (size_t i = 0; i < count; i++) {
		const struct conf_listener *c = list[i].conf;
		snprintf(out[i].name, sizeof out[i].name, "%s", c->name);
		snprintf(out[i].address, sizeof out[i].address, "%s", c->address);
		snprintf(out[i].service, sizeof out[i].service, "%s", services[c->service]);
		snprintf(out[i].profile, sizeof out[i].profile, "%s", profiles[c->profile]);
		out[i].port = list[i].port;
	}
	free(list);
	return count;
}

static int reload_hook(void *hooks, struct error *e)
{
	return server_reload(hooks, e);
}

static void tick_hook(void *hooks)
{
	const struct server *s = hooks;

	wiring_tick(s->wiring);
}

static int start_control(struct server *s, struct error *e)
{
	const struct admin_setup setup = {
		.version = NSPID_VERSION,
		.organization = s->started->organization,
		.store = s->store,
		.directory = s->directory,
		.limits = s->limits,
		.sessions = s->sessions,
		.hooks = s,
		.listeners = list_listeners,
		.reload = reload_hook,
		.tick = tick_hook,
	};

	s->admin = admin_context_new(&setup);
	return admin_server_start(s->admin, s->conf->control_socket, &s->control, e);
}

static void stop_control(struct server *s)
{
	admin_server_stop(s->control);
	admin_context_free(s->admin);
}

static const struct {
	int (*start)(struct server *s, struct error *e);
	void (*stop)(struct server *s); /* also after a start that failed; NULL: nothing to do */
} steps[] = {
	{start_log,        NULL          },
	{start_rights,     stop_rights   },
	{start_listeners,  stop_listeners},
	{start_privileges, NULL          },
	{start_store,      stop_store    },
	{start_limits,     stop_limits   },
	{start_sessions,   stop_sessions },
	{start_auth,       stop_auth     },
	{start_directory,  stop_directory},
	{start_keeper,     stop_keeper   },
	{start_writer,     stop_writer   },
	{start_nspi,       stop_nspi     },
	{start_serving,    stop_serving  },
	{start_control,    stop_control  },
};

enum { STEP_COUNT = sizeof steps / sizeof steps[0] };

static void stop_steps(struct server *s, size_t started)
{
	while (started-- > 0)
		if (steps[started].stop)
			steps[started].stop(s);
}

static void free_server(struct server *s)
{
	if (s->conf != s->started)
		conf_free(s->conf);
	conf_free(s->started);
	pthread_mutex_destroy(&s->reloading);
	free(s);
}

static void say_ready(struct server *s)
{
	struct admin_listener list[64];
	struct store_counts counts;
	struct buffer text;
	size_t count = list_listeners(s, list, sizeof list / sizeof list[0]);

	buffer_init(&text, 4096);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&text, "%s%s=%s:%u", i ? " " : "", list[i].name, list[i].address,
		              list[i].port);
	store_counts(s->store, &counts);
	log_info("ready %.*s entries=%zu accounts=%zu", (int)text.size, (const char *)text.data,
	         counts.entries, counts.accounts);
	buffer_free(&text);
}

int server_check(const struct conf *c, struct error *e)
{
	struct rights *rights = NULL;
	struct policy *policy = NULL;
	struct book_config book;
	int err = make_rights(c, &rights, e);

	if (!err)
		err = policy_of_conf(c, &policy, e);
	if (!err)
		err = book_config_read(c, &book, e);
	policy_unref(policy);
	rights_free(rights);
	return err;
}

int server_start(const char *conf_path, struct server **out, struct error *e)
{
	struct conf *c = NULL;
	int err = conf_load(conf_path, &c, e);

	if (err)
		return err;
	struct server *s = xcalloc(1, sizeof *s);
	pthread_mutex_init(&s->reloading, NULL);
	s->started = s->conf = c;
	for (size_t i = 0; i < STEP_COUNT; i++) {
		err = steps[i].start(s, e);
		if (err) {
			stop_steps(s, i + 1);
			free_server(s);
			return err;
		}
	}
	say_ready(s);
	*out = s;
	return 0;
}

static void say_waits(void *context, const struct conf_setting *setting)
{
	(void)context;
	log_warn("reload: %s%s%s takes effect at the next start", setting->section,
	         *setting->section ? " " : "", setting->key);
}

/* Owns the templates. */
static void apply(struct server *s, const struct conf *c, struct templates *templates)
{
	const struct auth_service_config auth = auth_config(s, c);
	const struct sessions_config sessions = session_config(s, c);
	const struct nspi_settings settings = nspi_config(c);

	log_set_level((enum log_level)c->log_level);
	apply_domains(s, c);
	store_set_nt_hashes(s->store, c->ntlm);
	auth_service_reconfigure(s->auth, &auth);
	sessions_reconfigure(s->sessions, &sessions);
	nspi_service_set_settings(s->nspi, &settings);
	nspi_service_set_templates(s->nspi, templates);
	admin_configure_limits(s->limits, c);
	wiring_reload(s->wiring, c);
	conf_restart_needed(s->started, c, say_waits, NULL);
}

static int reload_policy(struct server *s, const struct conf *c, struct error *e)
{
	struct policy *policy = NULL;
	int err = policy_of_conf(c, &policy, e);

	if (!err)
		err = store_set_policy(s->store, policy, e);
	policy_unref(policy);
	return err;
}

int server_reload(struct server *s, struct error *e)
{
	struct templates *templates = NULL;
	struct conf *c = NULL;

	pthread_mutex_lock(&s->reloading);
	int err = conf_load(s->started->path, &c, e);
	if (!err)
		err = server_check(c, e);
	if (!err)
		err = templates_of_conf(c, s->started->organization, &templates, e);
	if (!err)
		err = wiring_load_certificates(s->wiring, e);
	if (!err)
		err = reload_policy(s, c, e);
	if (err) {
		templates_free(templates);
		conf_free(c);
	} else {
		apply(s, c, templates);
		if (s->conf != s->started)
			conf_free(s->conf);
		s->conf = c;
		log_info("reloaded %s", c->path);
	}
	pthread_mutex_unlock(&s->reloading);
	return err;
}

void server_stop(struct server *s)
{
	if (!s)
		return;
	stop_steps(s, STEP_COUNT);
	free_server(s);
}
