#include "client/client.h"

#include <stdlib.h>

#include "base/memory.h"
#include "client/client-private.h"
#include "client/locate-private.h"
#include "client/mapihttp-private.h"
#include "mapi/errors.h"
#include "nspi/nspi_mapihttp.h"
#include "nspi/nspi_ndr.h"

enum { STUB_LIMIT = 16 << 20 };

struct client { /* one of the two */
	struct connection *connection;
	struct mapihttp_client *http;
	struct buffer stub; /* of requests, its memory kept */
};

static int find_port(const struct client_config *config, uint16_t *port, struct error *e)
{
	uint16_t mapper =
		config->endpoint_mapper_port ? config->endpoint_mapper_port : ENDPOINT_MAPPER_PORT;

	if (config->port) {
		*port = config->port;
		return 0;
	}
	return locate_nspi(config->host, mapper, config->timeout_ms, port, e);
}

static int open_rpc(const struct client_config *config, struct connection **out, struct error *e)
{
	uint16_t port = 0;
	int err = find_port(config, &port, e);

	if (err)
		return err;
	const struct connection_config to = {
		.host = config->host,
		.port = port,
		.timeout_ms = config->timeout_ms,
		.rpc = {.interface = &NSPI_INTERFACE,
	                .version_major = NSPI_VERSION_MAJOR,
	                .version_minor = NSPI_VERSION_MINOR,
	                .auth = config->auth.type == AUTH_TYPE_NONE ? NULL : &config->auth,
	                .assoc_group = config->assoc_group},
	};
	return connection_open(&to, out, e);
}

static enum http_login login_of(const struct client_config *config)
{
	if (config->auth.type == AUTH_TYPE_NONE)
		return HTTP_LOGIN_NONE;
	if (config->basic)
		return HTTP_LOGIN_BASIC;
	return config->auth.type == AUTH_TYPE_NTLM ? HTTP_LOGIN_NTLM : HTTP_LOGIN_NEGOTIATE;
}

static struct mapihttp_client *open_http(const struct client_config *config)
{
	const struct http_connection_config to = {
		.stream = {.host = config->host,
	                   .port = config->port ? config->port
	                         : config->tls  ? 443
	                                        : 80,
	                   .timeout_ms = config->timeout_ms,
	                   .tls = config->tls,
	                   .tls_name = config->tls_name,
	                   .ca_file = config->ca_file,
	                   .insecure = config->insecure},
		.path = config->http_path,
		.login = login_of(config),
		.auth = config->auth,
	};

	return mapihttp_client_new(&to);
}

int client_open(const struct client_config *config, struct client **out, struct error *e)
{
	struct connection *connection = NULL;
	int err = config->http_path ? 0 : open_rpc(config, &connection, e);

	if (err)
		return err;
	struct client *c = xcalloc(1, sizeof *c);
	c->connection = connection;
	c->http = connection ? NULL : open_http(config);
	buffer_init(&c->stub, STUB_LIMIT);
	*out = c;
	return 0;
}

void client_close(struct client *c)
{
	if (!c)
		return;
	connection_close(c->connection);
	mapihttp_client_free(c->http);
	buffer_free(&c->stub);
	free(c);
}

uint32_t client_assoc_group(const struct client *c)
{
	return c->connection ? connection_group(c->connection) : 0;
}

struct connection *client_connection(struct client *c)
{
	return c->connection;
}

struct operation {
	const char *name;
	uint16_t opnum;
	ndr_fn *in, *out;
	const char *request_type; /* NULL: not offered over HTTP */
	wire_fn *http_in, *http_out;
};

enum { OPNUM_BIND = 0, OPNUM_UNBIND = 1 };

static int too_large(struct error *e)
{
	return error_set(e, ERR_LIMIT, "the request is too large");
}

static int undecoded(bool no_memory, const struct arena *a, struct error *e)
{
	return no_memory ? error_set(e, ERR_NO_MEMORY, "the answer is larger than %zu bytes",
	                             a->ceiling)
	                 : error_set(e, ERR_INVALID, "the server's answer is malformed");
}

static int call_rpc(struct client *c, struct arena *a, const struct operation *op, void *in,
                    void *out, struct error *e)
{
	struct slice reply;
	struct ndr n;

	buffer_clear(&c->stub);
	ndr_encode_init(&n, &c->stub);
	op->in(&n, in);
	if (ndr_failed(&n))
		return too_large(e);
	int err = connection_call(c->connection, op->opnum, buffer_slice(&c->stub), &reply, e);
	if (err)
		return err;
	ndr_decode_init(&n, reply, false, a);
	op->out(&n, out);
	return ndr_failed(&n) ? undecoded(n.error == NDR_NO_MEMORY, a, e) : 0;
}

static int call_in_session(struct client *c, struct arena *a, const struct operation *op,
                           const struct guid *session, void *in, void *out, struct error *e)
{
	struct slice reply;
	struct wire w;

	buffer_clear(&c->stub);
	wire_encode_init(&w, &c->stub);
	op->http_in(&w, in);
	if (wire_failed(&w))
		return too_large(e);
	int err = mapihttp_client_call(c->http, session, op->request_type, buffer_slice(&c->stub),
	                               &reply, e);
	if (err)
		return err;
	wire_decode_init(&w, reply, a);
	op->http_out(&w, out);
	return wire_failed(&w) ? undecoded(w.error == WIRE_NO_MEMORY, a, e) : 0;
}

/* The handle of a session is one of our own making: over HTTP there are only its cookies. */
static int bind_over_http(struct client *c, struct arena *a, const struct operation *op, void *in,
                          struct nspi_bind_out *out, struct error *e)
{
	struct guid session;

	mapihttp_client_open(c->http, &session);
	int err = call_in_session(c, a, op, &session, in, out, e);
	if (err || out->status != MAPI_SUCCESS)
		mapihttp_client_drop(c->http, &session);
	else
		out->handle.id = session;
	return err;
}

static int call_http(struct client *c, struct arena *a, const struct operation *op, void *in,
                     void *out, struct error *e)
{
	const struct nspi_handle *handle = in;

	if (!op->request_type)
		return error_set(e, ERR_UNSUPPORTED, "MAPI over HTTP does not have it");
	if (op->opnum == OPNUM_BIND)
		return bind_over_http(c, a, op, in, out, e);
	int err = call_in_session(c, a, op, &handle->id, in, out, e);
	if (op->opnum == OPNUM_UNBIND)
		mapihttp_client_drop(c->http, &handle->id);
	return err;
}

static int call(struct client *c, struct arena *a, const struct operation *op, void *in, void *out,
                struct error *e)
{
	int err = c->http ? call_http(c, a, op, in, out, e) : call_rpc(c, a, op, in, out, e);

	if (err)
		error_prefix(e, "%s", op->name);
	return err;
}

#define RPC_ROW(op, number, title, in_filter)                                                      \
	.name = title, .opnum = number, .in = in_filter, .out = ndr_nspi_##op##_out
#define CALL(op, ...)                                                                              \
	CLIENT_OPERATION(op)                                                                       \
	{                                                                                          \
		static const struct operation row = {__VA_ARGS__};                                 \
		return call(c, a, &row, in, out, e);                                               \
	}
/* A function and its line in the table of operations. */
#define OPERATION(op, number, title)                                                               \
	CALL(op, RPC_ROW(op, number, "Nspi" title, ndr_nspi_##op##_in), .request_type = title,     \
	     .http_in = http_nspi_##op##_in, .http_out = http_nspi_##op##_out)
#define RPC_OPERATION(op, number, title)                                                           \
	CALL(op, RPC_ROW(op, number, "Nspi" title, ndr_nspi_##op##_in))

OPERATION(bind, OPNUM_BIND, "Bind")
OPERATION(unbind, OPNUM_UNBIND, "Unbind")
OPERATION(update_stat, 2, "UpdateStat")
OPERATION(query_rows, 3, "QueryRows")
OPERATION(seek_entries, 4, "SeekEntries")
OPERATION(get_matches, 5, "GetMatches")
OPERATION(resort_restriction, 6, "ResortRestriction")
OPERATION(dn_to_mid, 7, "DNToMId")
OPERATION(get_prop_list, 8, "GetPropList")
OPERATION(get_props, 9, "GetProps")
OPERATION(compare_mids, 10, "CompareMIds")
OPERATION(mod_props, 11, "ModProps")
OPERATION(get_special_table, 12, "GetSpecialTable")
OPERATION(get_template_info, 13, "GetTemplateInfo")
OPERATION(mod_link_att, 14, "ModLinkAtt")
OPERATION(query_columns, 16, "QueryColumns")
RPC_OPERATION(get_names_from_ids, 17, "GetNamesFromIDs")
RPC_OPERATION(get_ids_from_names, 18, "GetIDsFromNames")
/* Names are Unicode here, which has an operation of its own over RPC alone. */
CALL(resolve_names, RPC_ROW(resolve_names, 20, "NspiResolveNamesW", ndr_nspi_resolve_names_w_in),
     .request_type = "ResolveNames", .http_in = http_nspi_resolve_names_w_in,
     .http_out = http_nspi_resolve_names_out)
