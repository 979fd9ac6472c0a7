#include "rpc/epm_ndr.h"
#include "rpc/rpc_client.h"
#include "rpc/tower.h"

/* One call of the endpoint mapper, as a client makes it. */

enum { ASKED_TOWERS = 4 };

void rpc_ept_map_request(const struct guid *interface, uint16_t major, uint16_t minor,
                         struct buffer *stub)
{
	struct ndr n;
	struct buffer octets;
	struct guid no_object = {0};
	struct tower t = {
		.interface = {*interface, major, minor},
		.transfer = pdu_ndr,
		.protseq = RPC_NCACN_IP_TCP
        };
	buffer_init(&octets, TOWER_SIZE);
	tower_write(&t, &octets);
	struct ept_octets tower = {.size = (uint32_t)octets.size, .data = octets.data};
	struct ept_map_in in = {.object = &no_object, .tower = &tower, .max_towers = ASKED_TOWERS};
	ndr_encode_init(&n, stub);
	ept_map_in(&n, &in);
	buffer_free(&octets);
}

static int first_port(const struct ept_map_out *out, uint16_t *port)
{
	for (uint32_t i = 0; i < out->count; i++) {
		struct tower t;
		struct slice octets = slice_of(out->towers[i].data, out->towers[i].size);
		if (tower_read(octets, &t) && t.protseq == RPC_NCACN_IP_TCP && t.port) {
			*port = t.port;
			return 0;
		}
	}
	return ERR_NOT_FOUND;
}

int rpc_ept_map_reply(struct slice stub, uint16_t *port)
{
	struct ndr n;
	struct arena arena;
	struct ept_map_out out = {0};
	arena_init(&arena, 64 * 1024);
	ndr_decode_init(&n, stub, false, &arena);
	ept_map_out(&n, &out);
	int err = ndr_failed(&n) ? ERR_INVALID : first_port(&out, port);
	arena_free(&arena);
	return err;
}
