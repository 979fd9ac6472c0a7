/* The first byte chooses an operation of the endpoint mapper or of mgmt, the second the byte order;
 * the rest is the stub. The client's reader gets the stub as a reply, too. */

#include "../unit/rpc_site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void call(struct rpc_site *s, const struct rpc_binding *b, uint8_t opnum, bool big_endian,
                 struct slice stub)
{
	struct arena arena;
	struct buffer out;
	arena_init(&arena, 4 << 20);
	buffer_init(&out, 4 << 20);
	struct rpc_call c = {.arena = &arena,
	                     .opnum = opnum % b->interface->opnum_count,
	                     .stub = stub,
	                     .big_endian = big_endian,
	                     .principal = principal_nobody(),
	                     .level = AUTH_LEVEL_NONE,
	                     .group = 1,
	                     .service = &s->service,
	                     .peer = &site_peer,
	                     .out = &out};
	if (b->interface->start(b->context, &c) != RPC_DONE)
		abort();
	arena_free(&arena);
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rpc_site s;
	uint16_t port;
	if (!s.scratch) {
		rpc_site_open(&s);
		for (uint16_t i = 1; i < 10; i++)
			rpc_endpoints_add(s.endpoints, &toy_interface, RPC_NCACN_IP_TCP, "", i);
	}
	if (size < 2)
		return 0;
	struct slice stub = slice_of(data + 2, size - 2);
	call(&s, &s.bindings[1 + (data[0] >> 7)], data[0] & 0x7F, data[1] & 1, stub);
	(void)rpc_ept_map_reply(stub, &port);
	return 0;
}
