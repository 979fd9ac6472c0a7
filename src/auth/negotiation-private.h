#ifndef AUTH_NEGOTIATION_PRIVATE_H
#define AUTH_NEGOTIATION_PRIVATE_H

/*
 * SPNEGO around an NTLM login, RFC 4178 and MS-SPNG: the choice of NTLM, and the signatures by
 * which both sides make sure that nobody changed the list of mechanisms. Lives during the handshake
 * only.
 */

#include "auth/ntlm_accept-private.h"
#include "auth/ntlm_initiate-private.h"

enum negotiation_state {
	NEGOTIATION_START,
	NEGOTIATION_UNDER_WAY,
	NEGOTIATION_CLOSING, /* initiator: NTLM is through, the last word is the server's */
};

struct negotiation {
	enum negotiation_state state;
	struct buffer mechanisms; /* MechTypeList as the client sent it */
	bool mic_requested;       /* acceptor: NTLM was not the client's first choice */
	const char *failure;      /* static text; NULL when NTLM has one */
};

void negotiation_init(struct negotiation *n);
void negotiation_clear(struct negotiation *n);

enum auth_status negotiation_accept(struct negotiation *n, struct ntlm_acceptor *ntlm,
                                    struct slice token, struct buffer *out);
enum auth_status negotiation_initiate(struct negotiation *n, struct ntlm_initiator *ntlm,
                                      struct slice token, struct buffer *out);

#endif
