#include "client/client.h"

#include <stdlib.h>

#include "base/memory.h"
#include "client/client-private.h"
#include "client/locate-private.h"
#include "nspi/nspi_ndr.h"

enum { STUB_LIMIT = 16 << 20 };

struct client {
	struct connection *connection;
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

int client_open(const struct client_config *config, struct client **out, struct error *e)
{
	struct connection *connection = NULL;
	uint16_t port = 0;
	int err = find_port(config, &port, e);

	if (err)
		return err;
	struct connection_config to = {
		.host = config->host,
		.port = port,
		.timeout_ms = config->timeout_ms,
		.rpc = {.interface = &NSPI_INTERFACE,
                        .version_major = NSPI_VERSION_MAJOR,
                        .version_minor = NSPI_VERSION_MINOR,
                        .auth = config->auth.type == AUTH_TYPE_NONE ? NULL : &config->auth,
                        .assoc_group = config->assoc_group},
	};
	err = connection_open(&to, &connection, e);
	if (err)
		return err;
	struct client *c = xcalloc(1, sizeof *c);
	c->connection = connection;
	buffer_init(&c->stub, STUB_LIMIT);
	*out = c;
	return 0;
}

void client_close(struct client *c)
{
	if (!c)
		return;
	connection_close(c->connection);
	buffer_free(&c->stub);
	free(c);
}

uint32_t client_assoc_group(const struct client *c)
{
	return connection_group(c->connection);
}

struct connection *client_connection(struct client *c)
{
	return c->connection;
}

struct operation {
	const char *name;
	uint16_t opnum;
	ndr_fn *in, *out;
};

static int encode(struct client *c, const struct operation *op, void *in, struct error *e)
{
	struct ndr n;

	buffer_clear(&c->stub);
	ndr_encode_init(&n, &c->stub);
	op->in(&n, in);
	return ndr_failed(&n) ? error_set(e, ERR_LIMIT, "the request is too large") : 0;
}

static int decode(const struct operation *op, struct slice reply, struct arena *a, void *out,
                  struct error *e)
{
	struct ndr n;

	ndr_decode_init(&n, reply, false, a);
	op->out(&n, out);
	if (n.error == NDR_NO_MEMORY)
		return error_set(e, ERR_NO_MEMORY, "the answer is larger than %zu bytes",
		                 a->ceiling);
	return ndr_failed(&n) ? error_set(e, ERR_INVALID, "the server's answer is malformed") : 0;
}

static int call(struct client *c, struct arena *a, const struct operation *op, void *in, void *out,
                struct error *e)
{
	struct slice reply;
	int err = encode(c, op, in, e);

	if (!err)
		err = connection_call(c->connection, op->opnum, buffer_slice(&c->stub), &reply, e);
	if (!err)
		err = decode(op, reply, a, out, e);
	if (err)
		error_prefix(e, "%s", op->name);
	return err;
}

/* A function and its line in the table of operations; `in` is the filter where the wire name is
 * another. */
#define OPERATION(op, opnum, title, in_filter)                                                     \
	CLIENT_OPERATION(op)                                                                       \
	{                                                                                          \
		static const struct operation row = { title, opnum, in_filter,                     \
			                              ndr_nspi_##op##_out };                       \
		return call(c, a, &row, in, out, e);                                               \
	}

OPERATION(bind, 0, "NspiBind", ndr_nspi_bind_in)
OPERATION(unbind, 1, "NspiUnbind", ndr_nspi_unbind_in)
OPERATION(update_stat, 2, "NspiUpdateStat", ndr_nspi_update_stat_in)
OPERATION(query_rows, 3, "NspiQueryRows", ndr_nspi_query_rows_in)
OPERATION(seek_entries, 4, "NspiSeekEntries", ndr_nspi_seek_entries_in)
OPERATION(get_matches, 5, "NspiGetMatches", ndr_nspi_get_matches_in)
OPERATION(resort_restriction, 6, "NspiResortRestriction", ndr_nspi_resort_restriction_in)
OPERATION(dn_to_mid, 7, "NspiDNToMId", ndr_nspi_dn_to_mid_in)
OPERATION(get_prop_list, 8, "NspiGetPropList", ndr_nspi_get_prop_list_in)
OPERATION(get_props, 9, "NspiGetProps", ndr_nspi_get_props_in)
OPERATION(compare_mids, 10, "NspiCompareMIds", ndr_nspi_compare_mids_in)
OPERATION(mod_props, 11, "NspiModProps", ndr_nspi_mod_props_in)
OPERATION(get_special_table, 12, "NspiGetSpecialTable", ndr_nspi_get_special_table_in)
OPERATION(get_template_info, 13, "NspiGetTemplateInfo", ndr_nspi_get_template_info_in)
OPERATION(mod_link_att, 14, "NspiModLinkAtt", ndr_nspi_mod_link_att_in)
OPERATION(query_columns, 16, "NspiQueryColumns", ndr_nspi_query_columns_in)
OPERATION(get_names_from_ids, 17, "NspiGetNamesFromIDs", ndr_nspi_get_names_from_ids_in)
OPERATION(get_ids_from_names, 18, "NspiGetIDsFromNames", ndr_nspi_get_ids_from_names_in)
OPERATION(resolve_names, 20, "NspiResolveNamesW", ndr_nspi_resolve_names_w_in)
