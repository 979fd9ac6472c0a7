#ifndef AUTH_NTLM_INITIATE_PRIVATE_H
#define AUTH_NTLM_INITIATE_PRIVATE_H

/* The client's side of an NTLMv2 login, MS-NLMP 3.1.5.1. Lives during the handshake only. */

#include "auth/ntlm_session-private.h"

enum ntlm_initiate_state {
	NTLM_INITIATE_START,
	NTLM_INITIATE_CHALLENGE, /* waits for one */
	NTLM_INITIATE_OVER,
};

struct ntlm_initiator {
	enum auth_level level;
	enum ntlm_initiate_state state;
	bool anonymous;
	uint8_t nt_hash[NTLM_KEY_SIZE];
	bool bound;
	uint8_t bindings[NTLM_BINDINGS_SIZE];    /* if bound */
	struct buffer user, domain, workstation; /* UTF-16LE */
	struct buffer negotiate;                 /* as sent */

	/* What came of it. */
	struct ntlm_session *session; /* its keys; NULL when nothing can be signed */
	struct ntlm_session keys;
	const char *failure; /* static text */
};

/* A name or password that cannot be sent lets the first step fail. */
void ntlm_initiator_init(struct ntlm_initiator *i, const struct auth_initiator_config *config);
void ntlm_initiator_clear(struct ntlm_initiator *i); /* wipes and frees all it still has */

enum auth_status ntlm_initiate_step(struct ntlm_initiator *i, struct slice token,
                                    struct buffer *out);

#endif
