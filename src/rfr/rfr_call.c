/* RfrGetNewDSA and RfrGetFQDNFromServerDN over RPC: MS-OXABREF 3.1.4.1, 3.1.4.2. */

#include "mapi/errors.h"
#include "rfr/rfr.h"
#include "rfr/rfr_ndr.h"

/* RPC fault statuses (C706 appendix E). */
#define FAULT_BAD_STUB         UINT32_C(0x000006F7)
#define FAULT_OP_RANGE         UINT32_C(0x1C010002)
#define FAULT_OUT_ARGS_TOO_BIG UINT32_C(0x1C010013)

/* Flags and the unused string mean nothing, and any server serves any user. */
static void get_new_dsa(struct rfr *r, const void *request, void *answer, char name[RFR_NAME_SIZE])
{
	const struct rfr_new_dsa_in *in = request;
	struct rfr_new_dsa_out *out = answer;

	if (!in->server)
		return; /* there is nowhere to answer to */
	rfr_choose(r, name);
	out->server = in->server;
	*out->server = slice_of_string(name);
}

static void get_fqdn(struct rfr *r, const void *request, void *answer, char name[RFR_NAME_SIZE])
{
	const struct rfr_fqdn_in *in = request;
	struct rfr_fqdn_out *out = answer;

	if (rfr_find(r, in->server_dn, name))
		out->fqdn = slice_of_string(name);
	else
		out->status = MAPI_E_NOT_FOUND;
}

static const struct operation {
	ndr_fn *in, *out;
	size_t in_size, out_size;
	/* name is room for the string in the answer. */
	void (*run)(struct rfr *r, const void *request, void *answer, char name[RFR_NAME_SIZE]);
} operations[RFR_OPNUM_COUNT] = {
	[RFR_GET_NEW_DSA] = {ndr_rfr_new_dsa_in, ndr_rfr_new_dsa_out, sizeof(struct rfr_new_dsa_in),
                             sizeof(struct rfr_new_dsa_out),								      get_new_dsa},
	[RFR_GET_FQDN_FROM_SERVER_DN] = {ndr_rfr_fqdn_in,    ndr_rfr_fqdn_out,
                             sizeof(struct rfr_fqdn_in),                                             sizeof(struct rfr_fqdn_out),
                             get_fqdn													},
};

uint32_t rfr_call(struct rfr *r, uint16_t opnum, struct slice stub, bool big_endian,
                  struct arena *a, struct buffer *out)
{
	char name[RFR_NAME_SIZE];
	struct ndr n;

	if (opnum >= RFR_OPNUM_COUNT)
		return FAULT_OP_RANGE;
	const struct operation *op = &operations[opnum];
	void *request = arena_alloc(a, op->in_size), *answer = arena_alloc(a, op->out_size);
	ndr_decode_init(&n, stub, big_endian, a);
	if (request && answer)
		op->in(&n, request);
	if (!request || !answer || ndr_failed(&n))
		return FAULT_BAD_STUB;
	op->run(r, request, answer, name);
	ndr_encode_init(&n, out);
	op->out(&n, answer);
	return ndr_failed(&n) ? FAULT_OUT_ARGS_TOO_BIG : 0;
}
