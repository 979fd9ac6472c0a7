#include "base/counters.h"
#include "ndr/ndr.h"
#include "rpc/rpc.h"

/* The remote management interface (C706 appendix Q): what every server answers about itself. */

enum {
	INQ_IF_IDS,
	INQ_STATS,
	IS_SERVER_LISTENING,
	STOP_SERVER_LISTENING,
	INQ_PRINC_NAME,
};

enum { STATUS_OK = 0, STATUS_ACCESS_DENIED = 5, STATUS_UNKNOWN_AUTHN_SERVICE = 0x6D3 };

static void put_interface(struct ndr *n, const struct rpc_interface *i)
{
	struct guid uuid = *i->uuid;
	uint16_t major = i->version_major, minor = i->version_minor;
	ndr_uuid(n, &uuid);
	ndr_u16(n, &major);
	ndr_u16(n, &minor);
}

/* This interface is not listed, as Windows does not. */
static bool listed(const struct rpc_binding *b)
{
	return b->interface != &rpc_mgmt_interface;
}

/* [out] rpc_if_id_vector_t **if_id_vector; error_status_t */
static void inq_if_ids(const struct rpc_service *s, struct ndr *in, struct ndr *out)
{
	uint32_t count = 0, status = STATUS_OK;
	(void)in;
	for (size_t i = 0; i < s->binding_count; i++)
		count += listed(&s->bindings[i]);
	ndr_referent(out, true);
	ndr_conformant(out, &count, count);
	for (uint32_t i = 0; i < count; i++)
		ndr_referent(out, true);
	for (size_t i = 0; i < s->binding_count; i++)
		if (listed(&s->bindings[i]))
			put_interface(out, s->bindings[i].interface);
	ndr_u32(out, &status);
}

/* [in, out] unsigned32 *count; [out, size_is(*count)] unsigned32 statistics[]; error_status_t.
 * Calls received and made (we call nobody), packets received and sent. */
static void inq_stats(const struct rpc_service *s, struct ndr *in, struct ndr *out)
{
	enum { KNOWN = 4 };
	uint32_t values[KNOWN] = {
		(uint32_t)counter_read(COUNTER_CALLS),
		0,
		(uint32_t)counter_read(COUNTER_PDUS_IN),
		(uint32_t)counter_read(COUNTER_PDUS_OUT),
	};
	uint32_t count = 0, status = STATUS_OK;
	(void)s;
	ndr_u32(in, &count);
	if (count > KNOWN)
		count = KNOWN;
	ndr_conformant(out, &count, count);
	ndr_u32s(out, values, count);
	ndr_u32(out, &status);
}

/* [out] error_status_t *status; returns boolean32 */
static void is_server_listening(const struct rpc_service *s, struct ndr *in, struct ndr *out)
{
	uint32_t status = STATUS_OK, listening = 1;
	(void)s;
	(void)in;
	ndr_u32(out, &status);
	ndr_u32(out, &listening);
}

/* Stopping is the operator's. */
static void stop_server_listening(const struct rpc_service *s, struct ndr *in, struct ndr *out)
{
	uint32_t status = STATUS_ACCESS_DENIED;
	(void)s;
	(void)in;
	ndr_u32(out, &status);
}

/* [in] unsigned32 authn_proto, princ_name_size; [out, string, size_is(princ_name_size)] char
 * princ_name[]; error_status_t. NTLM has no principal names. */
static void inq_princ_name(const struct rpc_service *s, struct ndr *in, struct ndr *out)
{
	uint32_t protocol = 0, size = 0, status = STATUS_UNKNOWN_AUTHN_SERVICE;
	struct slice name = slice_of_string("");
	(void)s;
	ndr_u32(in, &protocol);
	ndr_u32(in, &size);
	ndr_string8(out, &name);
	ndr_u32(out, &status);
}

static void (*const operations[])(const struct rpc_service *s, struct ndr *in, struct ndr *out) = {
	[INQ_IF_IDS] = inq_if_ids,
	[INQ_STATS] = inq_stats,
	[IS_SERVER_LISTENING] = is_server_listening,
	[STOP_SERVER_LISTENING] = stop_server_listening,
	[INQ_PRINC_NAME] = inq_princ_name,
};

static enum rpc_run start(void *context, struct rpc_call *call)
{
	struct ndr in, out;
	ndr_decode_init(&in, call->stub, call->big_endian, call->arena);
	ndr_encode_init(&out, call->out);
	operations[call->opnum](context, &in, &out);
	ndr_align(&out, 4);
	if (ndr_failed(&in))
		call->fault = RPC_FAULT_BAD_STUB;
	else if (ndr_failed(&out))
		call->fault = RPC_FAULT_OUT_ARGS_TOO_BIG;
	return RPC_DONE;
}

static const struct guid uuid = {
	{0x80, 0xbd, 0xa8, 0xaf, 0x8a, 0x7d, 0xc9, 0x11, 0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29,
         0x89}
};

const struct rpc_interface rpc_mgmt_interface = {
	.name = "mgmt",
	.annotation = "",
	.uuid = &uuid,
	.version_major = 1,
	.opnum_count = sizeof operations / sizeof operations[0],
	.start = start,
};
