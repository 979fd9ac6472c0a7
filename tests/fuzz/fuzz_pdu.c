/* Every reader of PDU bodies and towers, on the same bytes. What is read as a bind or a tower is
 * written again. */

#include <stdlib.h>

#include "rpc/pdu.h"
#include "rpc/rpc.h"
#include "rpc/tower.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_bodies(const struct pdu_header *h, struct slice pdu, const struct pdu_auth *auth)
{
	struct arena arena;
	struct pdu_bind bind;
	struct pdu_bind_ack ack;
	struct pdu_request request;
	struct slice body = slice_of(pdu.data + PDU_HEADER_SIZE, pdu.size - PDU_HEADER_SIZE);
	arena_init(&arena, 1 << 20);
	if (pdu_read_bind(h, body, &arena, &bind)) {
		struct buffer out;
		buffer_init(&out, 1 << 20);
		pdu_put_bind(&out, &bind);
		if (out.failed || (bind.context_count > 0 && out.size > body.size))
			abort();
		buffer_free(&out);
	}
	pdu_read_bind_ack(h, body, &arena, &ack);
	if (pdu_read_request(h, pdu, auth, &request) &&
	    request.stub_offset + request.stub.size > pdu.size)
		abort();
	arena_free(&arena);
}

static void read_tower(struct slice octets)
{
	struct tower t;
	struct buffer out;
	if (!tower_read(octets, &t))
		return;
	buffer_init(&out, 256);
	tower_write(&t, &out);
	if (out.size != TOWER_SIZE)
		abort();
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pdu_header h;
	struct pdu_auth auth;
	struct slice pdu = slice_of(data, size);
	(void)rpc_pdu_size(pdu);
	if (pdu_read_header(pdu, &h) && pdu_read_auth(&h, pdu, &auth))
		read_bodies(&h, pdu, &auth);
	read_tower(pdu);
	return 0;
}
