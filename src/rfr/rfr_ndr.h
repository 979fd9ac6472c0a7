#ifndef RFR_RFR_NDR_H
#define RFR_RFR_NDR_H

/* The NDR form of the referral interface: one filter a direction of the call, for client and server
 * alike. MS-OXABREF 3.1.4. */

#include "ndr/ndr.h"

extern const struct guid RFR_INTERFACE; /* 1544F5E0-613C-11D1-93DF-00C04FD7BD09 */
enum { RFR_VERSION_MAJOR = 1, RFR_VERSION_MINOR = 0, RFR_OPNUM_COUNT = 2 };
enum { RFR_GET_NEW_DSA, RFR_GET_FQDN_FROM_SERVER_DN };

/* unsigned char ** as [unique, string]: the outer pointer is that to the slice, the inner one is
 * the slice's. */
struct rfr_new_dsa_in {
	uint32_t flags;
	struct slice user_dn;
	struct slice *unused, *server;
};
struct rfr_new_dsa_out {
	struct slice *unused, *server;
	uint32_t status;
};

struct rfr_fqdn_in {
	uint32_t flags;
	struct slice server_dn;
};
struct rfr_fqdn_out {
	struct slice fqdn; /* data NULL: a NULL pointer */
	uint32_t status;
};

ndr_fn ndr_rfr_new_dsa_in, ndr_rfr_new_dsa_out;
ndr_fn ndr_rfr_fqdn_in, ndr_rfr_fqdn_out;

#endif
