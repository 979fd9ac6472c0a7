#include "rfr/rfr_mapihttp.h"

#include "mapi/errors.h"
#include "rfr/rfr.h"

/* AuxiliaryBufferSize, AuxiliaryBuffer */
static void auxiliary(struct wire *w)
{
	struct slice buffer = {0};

	wire_binary(w, &buffer);
}

/* Flags, ServerDn or UserDn */
void http_rfr_url_in(struct wire *w, void *value)
{
	struct rfr_url_in *in = value;

	wire_u32(w, &in->flags);
	wire_string16(w, &in->dn);
	auxiliary(w);
}

/* StatusCode, ErrorCode, ServerUrl */
void http_rfr_url_out(struct wire *w, void *value)
{
	struct rfr_url_out *out = value;
	uint32_t failure = 0;

	wire_u32(w, &failure);
	if (failure)
		wire_fail(w, WIRE_BAD);
	wire_u32(w, &out->status);
	wire_string16(w, &out->url);
	auxiliary(w);
}

static const char *address_book(struct rfr *r, struct slice dn, const struct rfr_origin *from,
                                struct arena *a)
{
	(void)dn; /* any server serves any user */
	return rfr_address_book_url(r, from, a);
}

static const char *mailbox(struct rfr *r, struct slice dn, const struct rfr_origin *from,
                           struct arena *a)
{
	char name[RFR_NAME_SIZE];

	(void)from;
	return rfr_find(r, dn, name) ? rfr_mailbox_url(r, name, a) : NULL;
}

static const struct request {
	const char *type;
	const char *(*url)(struct rfr *r, struct slice dn, const struct rfr_origin *from,
	                   struct arena *a);
} requests[] = {
	{"GetMailboxUrl",     mailbox     },
	{"GetAddressBookUrl", address_book},
};

static const struct request *request_of(struct slice type)
{
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
		if (slice_equal_nocase(type, slice_of_string(requests[i].type)))
			return &requests[i];
	return NULL;
}

bool rfr_request_type(struct slice request_type)
{
	return request_of(request_type) != NULL;
}

struct rfr_url_out *rfr_call_http(struct rfr *r, struct slice request_type, struct slice body,
                                  const struct rfr_origin *from, struct arena *a)
{
	struct rfr_url_out *out = arena_alloc(a, sizeof *out);
	struct rfr_url_in in = {0};
	struct wire w;

	wire_decode_init(&w, body, a);
	http_rfr_url_in(&w, &in);
	if (!out || wire_failed(&w))
		return NULL;
	const char *url = request_of(request_type)->url(r, in.dn, from, a);
	out->status = url ? MAPI_SUCCESS : MAPI_E_NOT_FOUND;
	out->url = slice_of_string(url ? url : "");
	return out;
}

bool rfr_answer_http(struct rfr_url_out *answer, struct buffer *out)
{
	struct wire w;

	wire_encode_init(&w, out);
	http_rfr_url_out(&w, answer);
	return !wire_failed(&w);
}
