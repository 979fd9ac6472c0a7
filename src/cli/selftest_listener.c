#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/selftest.h"
#include "mapi/errors.h"
#include "mapi/tags.h"

/* Asks at a listener as clients do: logs in, reads the lists, counts the entries, resolves a name.
 */

enum { TIMEOUT_MS = 10000, ARENA_MAX = 16 << 20, WHAT_SIZE = 200 };

/* One listener while it is tested. */
struct visit {
	struct selftest *test;
	const struct conf_listener *listener;
	char what[WHAT_SIZE]; /* how it is called in findings */
	struct client_config config;
	struct client *client;
	struct nspi_handle handle;
	struct arena arena;
};

static const struct conf_listener *find_listener(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->listener_count; i++)
		if (strcmp(c->listeners[i].name, name) == 0)
			return &c->listeners[i];
	return NULL;
}

/* Where this host reaches what listens on all addresses. */
static const char *reachable(const char *address)
{
	if (strcmp(address, "*") == 0 || strcmp(address, "0.0.0.0") == 0)
		return "127.0.0.1";
	return strcmp(address, "::") == 0 ? "::1" : address;
}

static bool is_http(const struct visit *v)
{
	return v->listener->service == SERVICE_HTTP || v->listener->service == SERVICE_HTTPS;
}

static void set_login(struct visit *v)
{
	const struct selftest *t = v->test;

	if (!t->account)
		return;
	v->config.auth = (struct auth_initiator_config){
		.type = AUTH_TYPE_NTLM,
		.level = AUTH_LEVEL_INTEGRITY,
		.user = t->account,
		.password = t->password,
		.domain = "",
	};
	v->config.basic = is_http(v) && !t->conf->ntlm;
}

static void begin(struct visit *v, struct selftest *t, const json_t *listener)
{
	const char *name = json_string_value(json_object_get(listener, "name"));
	uint16_t port = (uint16_t)json_integer_value(json_object_get(listener, "port"));

	*v = (struct visit){.test = t, .listener = find_listener(t->conf, name)};
	arena_init(&v->arena, ARENA_MAX);
	snprintf(v->what, sizeof v->what, "listener \"%.64s\"", name);
	if (!v->listener)
		return;
	v->config = (struct client_config){
		.host = reachable(v->listener->address),
		.port = port,
		.timeout_ms = TIMEOUT_MS,
		.http_path = is_http(v) ? "/mapi/nspi/" : NULL,
		.tls = v->listener->service == SERVICE_HTTPS,
		.tls_name = t->conf->dns_name,
		.ca_file = t->ca_file,
	};
	set_login(v);
}

static void end(struct visit *v)
{
	struct nspi_unbind_in in = {.handle = v->handle};
	struct nspi_unbind_out out;

	if (v->client && !guid_is_zero(&v->handle.id))
		client_unbind(v->client, &v->arena, &in, &out, NULL);
	client_close(v->client);
	v->client = NULL;
	v->handle = (struct nspi_handle){0};
}

static struct nspi_stat start_of_book(void)
{
	return (struct nspi_stat){.codepage = 1252, .template_locale = 0x409, .sort_locale = 0x409};
}

static int bind(struct visit *v, uint32_t *status, struct error *e)
{
	struct nspi_bind_in in = {.stat = start_of_book()};
	struct nspi_bind_out out = {0};
	int err = client_open(&v->config, &v->client, e);

	if (!err)
		err = client_bind(v->client, &v->arena, &in, &out, e);
	if (!err && out.status == MAPI_SUCCESS)
		v->handle = out.handle;
	*status = out.status;
	return err;
}

/* A certificate that clients cannot trust is told of, and not looked at any more. */
static bool check_certificate(struct visit *v)
{
	struct client_config config = v->config;
	struct client *c = NULL;
	struct nspi_bind_in in = {.stat = start_of_book()};
	struct nspi_bind_out out;
	struct error e = {0};
	bool made = !*v->listener->certificate;

	config.auth = (struct auth_initiator_config){.type = AUTH_TYPE_NONE};
	config.basic = false;
	int err = client_open(&config, &c, &e);
	if (!err)
		err = client_bind(c, &v->arena, &in, &out, &e);
	client_close(c);
	bool distrusted = err && strstr(e.text, "certificate");
	if (distrusted)
		selftest_add(v->test, made ? FINDING_ODD : FINDING_WRONG, v->what, "%s%s", e.text,
		             made ? "; none is configured, so that one was made which signs itself"
		                  : "");
	else if (!err || err == ERR_DENIED)
		selftest_add(v->test, FINDING_OK, v->what, "the certificate is good for %s",
		             v->config.tls_name);
	v->config.insecure = distrusted;
	return !err || err == ERR_DENIED || distrusted;
}

static const char *status_name(uint32_t status)
{
	const char *name = mapi_error_name(status);

	return name ? name : "an unknown status";
}

static bool read_lists(struct visit *v, uint32_t *count)
{
	struct nspi_get_special_table_in in = {
		.handle = v->handle, .flags = NSPI_UNICODE_STRINGS, .stat = start_of_book()};
	struct nspi_get_special_table_out out = {0};
	struct error e = {0};
	int err = client_get_special_table(v->client, &v->arena, &in, &out, &e);

	if (err || out.status != MAPI_SUCCESS || !out.rows)
		selftest_add(v->test, FINDING_WRONG, v->what,
		             "the address lists cannot be read: %s",
		             err ? e.text : status_name(out.status));
	*count = out.rows ? out.rows->count : 0;
	return !err && out.status == MAPI_SUCCESS && out.rows;
}

static bool count_entries(struct visit *v, uint32_t *count)
{
	struct nspi_update_stat_in in = {.handle = v->handle, .stat = start_of_book()};
	struct nspi_update_stat_out out = {0};
	struct error e = {0};
	int err = client_update_stat(v->client, &v->arena, &in, &out, &e);

	if (err || out.status != MAPI_SUCCESS)
		selftest_add(v->test, FINDING_WRONG, v->what, "the entries cannot be counted: %s",
		             err ? e.text : status_name(out.status));
	*count = out.stat.total_recs;
	return !err && out.status == MAPI_SUCCESS;
}

/* An ambiguous name is found too. */
static bool resolve(struct visit *v, const char *name)
{
	struct slice text = slice_of_string(name);
	struct nspi_resolve_names_in in = {
		.handle = v->handle, .stat = start_of_book(), .names = {1, &text}
        };
	struct nspi_resolve_names_out out = {0};
	struct error e = {0};
	int err = client_resolve_names(v->client, &v->arena, &in, &out, &e);
	bool found = !err && out.mids && out.mids->count == 1 && out.mids->items[0] != 0;

	if (!found)
		selftest_add(v->test, FINDING_WRONG, v->what, "\"%.100s\" is not found: %s", name,
		             err ? e.text : status_name(out.status));
	return found;
}

static void look_at_book(struct visit *v)
{
	const char *sample = json_string_value(json_object_get(v->test->book, "sample"));
	uint32_t lists, entries;

	if (!read_lists(v, &lists) || !count_entries(v, &entries))
		return;
	if (!sample || !resolve(v, sample))
		return;
	selftest_add(v->test, FINDING_OK, v->what,
	             "logged in, %u lists, %u entries, and a name was found", lists, entries);
}

/* Whoever gives no name is turned away, unless the configuration says that everybody may read. */
static void judge_without_account(struct visit *v, int err, uint32_t status, const struct error *e)
{
	bool open = v->test->conf->anonymous == ANONYMOUS_READ;
	bool refused = err == ERR_DENIED || (!err && status == MAPI_E_LOGON_FAILED);

	if (err && !refused)
		selftest_add(v->test, FINDING_WRONG, v->what, "%s", e->text);
	else if (!refused && !open)
		selftest_add(v->test, FINDING_WRONG, v->what, "it lets in who gives no name: %s",
		             status_name(status));
	else if (refused)
		selftest_add(v->test, FINDING_OK, v->what,
		             "it answers, and lets nobody in without a name");
	else
		look_at_book(v);
}

static void judge_login(struct visit *v, int err, uint32_t status, const struct error *e)
{
	if (err == ERR_DENIED)
		selftest_add(v->test, FINDING_WRONG, v->what, "%s cannot log in: %s",
		             v->test->account, e->text);
	else if (err)
		selftest_add(v->test, FINDING_WRONG, v->what, "%s", e->text);
	else if (status != MAPI_SUCCESS)
		selftest_add(v->test, FINDING_WRONG, v->what,
		             "%s gets no session: %s; `nspictl events` says why", v->test->account,
		             status_name(status));
	else
		look_at_book(v);
}

static void visit_book(struct visit *v)
{
	struct error e = {0};
	uint32_t status = 0;

	if (v->config.tls && !check_certificate(v))
		v->config.insecure = true;
	int err = bind(v, &status, &e);
	if (v->test->account)
		judge_login(v, err, status, &e);
	else
		judge_without_account(v, err, status, &e);
	end(v);
}

/* It has to name a port on which the book is served. */
static void visit_endpoint_mapper(struct visit *v)
{
	struct client_config config = v->config;
	struct client *c = NULL;
	struct error e = {0};

	config.endpoint_mapper_port = config.port;
	config.port = 0;
	config.auth = (struct auth_initiator_config){.type = AUTH_TYPE_NONE};
	if (client_open(&config, &c, &e))
		selftest_add(v->test, FINDING_WRONG, v->what, "%s", e.text);
	else
		selftest_add(v->test, FINDING_OK, v->what, "it names a port that answers");
	client_close(c);
}

void selftest_listener(struct selftest *t, const json_t *listener)
{
	struct visit v;

	begin(&v, t, listener);
	if (!v.listener)
		selftest_add(t, FINDING_ODD, v.what,
		             "it is not in the configuration file any more; restart nspid");
	else if (v.listener->service == SERVICE_ENDPOINT_MAPPER)
		visit_endpoint_mapper(&v);
	else
		visit_book(&v);
	arena_free(&v.arena);
}
