#include "base/reader.h"
#include "rpc/association-private.h"

/* MS-RPCE 2.2.2.13: behind the stub of a request, a client may repeat what the request says
 * elsewhere without protection. Always little-endian. */

enum {
	COMMAND_MASK = 0x3FFF,
	COMMAND_END = 0x4000,
	COMMAND_MUST_PROCESS = 0x8000,
	COMMAND_BITMASK1 = 1,
	COMMAND_PCONTEXT = 2,
	COMMAND_HEADER2 = 3,
	BITMASK1_HEADER_SIGN = 1,
};

/* How far from the end a trailer may begin. Samba's are at most 80 bytes. */
enum { FARTHEST = 1024 };

static const uint8_t signature[8] = {0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71};

static bool check_bitmask1(const struct rpc_association *a, struct reader *r)
{
	return !(reader_u32(r) & BITMASK1_HEADER_SIGN) || a->header_sign;
}

static bool check_pcontext(const struct rpc_association *a, const struct request *q,
                           struct reader *r)
{
	const struct rpc_interface *f = a->service->bindings[q->binding].interface;
	const uint8_t *uuid = reader_take(r, sizeof f->uuid->bytes);
	uint16_t major = reader_u16(r);
	uint16_t minor = reader_u16(r);
	const uint8_t *transfer = reader_take(r, sizeof pdu_ndr.uuid.bytes);
	uint32_t version = reader_u32(r);
	return !r->failed && memcmp(uuid, f->uuid->bytes, sizeof f->uuid->bytes) == 0 &&
	       major == f->version_major && minor <= f->version_minor &&
	       memcmp(transfer, pdu_ndr.uuid.bytes, sizeof pdu_ndr.uuid.bytes) == 0 &&
	       version == pdu_ndr.major;
}

static bool check_header2(const struct request *q, struct reader *r)
{
	uint8_t type = reader_u8(r);
	reader_skip(r, 3);
	const uint8_t *drep = reader_take(r, sizeof q->drep);
	uint32_t call_id = reader_u32(r);
	uint16_t context_id = reader_u16(r);
	uint16_t opnum = reader_u16(r);
	return !r->failed && type == PDU_REQUEST && memcmp(drep, q->drep, sizeof q->drep) == 0 &&
	       call_id == q->call_id && context_id == q->context_id && opnum == q->opnum;
}

static bool check_command(const struct rpc_association *a, const struct request *q,
                          uint16_t command, struct slice value)
{
	struct reader r;
	reader_init(&r, value.data, value.size);
	switch (command & COMMAND_MASK) {
	case COMMAND_BITMASK1: return check_bitmask1(a, &r) && !r.failed;
	case COMMAND_PCONTEXT: return check_pcontext(a, q, &r);
	case COMMAND_HEADER2: return check_header2(q, &r);
	}
	return !(command & COMMAND_MUST_PROCESS);
}

static bool check_commands(const struct rpc_association *a, const struct request *q,
                           struct slice commands)
{
	struct reader r;
	reader_init(&r, commands.data, commands.size);
	uint16_t command = 0;
	while (!(command & COMMAND_END)) {
		command = reader_u16(&r);
		struct slice value = reader_slice(&r, reader_u16(&r));
		if (r.failed || !check_command(a, q, command, value))
			return false;
	}
	return true;
}

bool rpc_verify_trailer(const struct rpc_association *a, const struct request *q,
                        struct slice *stub)
{
	if (stub->size < sizeof signature)
		return true;
	size_t at = (stub->size - sizeof signature) & ~(size_t)3;
	size_t first = at > FARTHEST ? at - FARTHEST : 0;
	for (;; at -= 4) {
		if (memcmp(stub->data + at, signature, sizeof signature) == 0)
			break;
		if (at <= first)
			return true;
	}
	size_t behind = at + sizeof signature;
	struct slice commands = slice_of(stub->data + behind, stub->size - behind);
	stub->size = at;
	return check_commands(a, q, commands);
}
