#include "rfr/rfr_ndr.h"

const struct guid RFR_INTERFACE = {
	{0xe0, 0xf5, 0x44, 0x15, 0x3c, 0x61, 0xd1, 0x11, 0x93, 0xdf, 0x00, 0xc0, 0x4f, 0xd7, 0xbd,
         0x09}
};

/* range(10, 1024) of cbMailboxServerDN */
enum { DN_SIZE_MIN = 10, DN_SIZE_MAX = 1024 };

/* The inner pointer, which is [unique] by pointer_default, and its string. */
static void inner_string(struct ndr *n, void *value)
{
	struct slice *s = value;

	s->data = ndr_embedded(n, s->data);
	if (s->data)
		ndr_string8(n, s);
}

static struct slice *string_pointer(struct ndr *n, const struct slice *s)
{
	return ndr_pointer(n, s, sizeof *s, inner_string);
}

/* 0 long RfrGetNewDSA([in] unsigned long ulFlags, [in, string] unsigned char *pUserDN,
 *         [in, out, unique, string] unsigned char **ppszUnused,
 *         [in, out, unique, string] unsigned char **ppszServer); */
void ndr_rfr_new_dsa_in(struct ndr *n, void *value)
{
	struct rfr_new_dsa_in *in = value;

	ndr_u32(n, &in->flags);
	ndr_string8(n, &in->user_dn);
	in->unused = string_pointer(n, in->unused);
	in->server = string_pointer(n, in->server);
}

void ndr_rfr_new_dsa_out(struct ndr *n, void *value)
{
	struct rfr_new_dsa_out *out = value;

	out->unused = string_pointer(n, out->unused);
	out->server = string_pointer(n, out->server);
	ndr_u32(n, &out->status);
}

/* The max_count that comes next has to equal cbMailboxServerDN. */
static void check_size(struct ndr *n, uint32_t size)
{
	struct reader ahead = n->in;

	if (size < DN_SIZE_MIN || size > DN_SIZE_MAX)
		ndr_fail(n, NDR_BAD_VALUE);
	if (ndr_decoding(n) && reader_u32(&ahead) != size)
		ndr_fail(n, NDR_BAD_VALUE);
}

/* 1 long RfrGetFQDNFromServerDN([in] unsigned long ulFlags,
 *         [in, range(10, 1024)] unsigned long cbMailboxServerDN,
 *         [in, string, size_is(cbMailboxServerDN)] unsigned char *szMailboxServerDN,
 *         [out, ref, string] unsigned char **ppszServerFQDN); */
void ndr_rfr_fqdn_in(struct ndr *n, void *value)
{
	struct rfr_fqdn_in *in = value;
	uint32_t size = (uint32_t)in->server_dn.size + 1;

	ndr_u32(n, &in->flags);
	ndr_u32(n, &size);
	check_size(n, size);
	ndr_string8(n, &in->server_dn);
}

void ndr_rfr_fqdn_out(struct ndr *n, void *value)
{
	struct rfr_fqdn_out *out = value;

	inner_string(n, &out->fqdn);
	ndr_u32(n, &out->status);
}
