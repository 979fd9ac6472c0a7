#ifndef RFR_RFR_MAPIHTTP_H
#define RFR_RFR_MAPIHTTP_H

/* The bodies of GetMailboxUrl and GetAddressBookUrl, which are alike: MS-OXCMAPIHTTP 2.2.5.18,
 * 2.2.5.19. One filter a direction, for client and server alike. */

#include "mapi/wire.h"

struct rfr_url_in {
	uint32_t flags;
	struct slice dn; /* UTF-8 here */
};
struct rfr_url_out {
	uint32_t status;
	struct slice url;
};

wire_fn http_rfr_url_in, http_rfr_url_out;

#endif
