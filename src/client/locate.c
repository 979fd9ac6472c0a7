#include "client/locate-private.h"

#include "client/connection-private.h"
#include "nspi/nspi_ndr.h"

enum { REQUEST_LIMIT = 4096 };

static int ask(struct connection *c, uint16_t *port, struct error *e)
{
	struct buffer stub;
	struct slice reply;

	buffer_init(&stub, REQUEST_LIMIT);
	rpc_ept_map_request(&NSPI_INTERFACE, NSPI_VERSION_MAJOR, NSPI_VERSION_MINOR, &stub);
	int err = connection_call(c, RPC_EPT_MAP, buffer_slice(&stub), &reply, e);
	buffer_free(&stub);
	if (err)
		return err;
	err = rpc_ept_map_reply(reply, port);
	if (err == ERR_NOT_FOUND)
		return error_set(e, err,
		                 "it knows no NSPI server; name the port of one: HOST:PORT");
	return err ? error_set(e, err, "its answer is malformed") : 0;
}

int locate_nspi(const char *host, uint16_t mapper_port, uint32_t timeout_ms, uint16_t *port,
                struct error *e)
{
	const struct rpc_interface *mapper = &rpc_endpoint_mapper_interface;
	struct connection *c = NULL;
	struct connection_config config = {
		.host = host,
		.port = mapper_port,
		.timeout_ms = timeout_ms,
		.rpc = {.interface = mapper->uuid,
	                .version_major = mapper->version_major,
	                .version_minor = mapper->version_minor},
	};
	int err = connection_open(&config, &c, e);

	if (!err)
		err = ask(c, port, e);
	connection_close(c);
	if (err)
		error_prefix(e, "asking the endpoint mapper");
	return err;
}
