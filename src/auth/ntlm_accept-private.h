#ifndef AUTH_NTLM_ACCEPT_PRIVATE_H
#define AUTH_NTLM_ACCEPT_PRIVATE_H

/*
 * The server's side of an NTLMv2 login, MS-NLMP 3.2.5.1: one NEGOTIATE, one CHALLENGE, one
 * AUTHENTICATE. Lives during the handshake only.
 */

#include "auth/ntlm_session-private.h"
#include "auth/service-private.h"

enum ntlm_accept_state {
	NTLM_ACCEPT_NEGOTIATE,    /* waits for one */
	NTLM_ACCEPT_AUTHENTICATE, /* waits for one, or for its turn to be checked */
	NTLM_ACCEPT_OVER,         /* a challenge is used once */
};

struct ntlm_acceptor {
	struct auth_service *service; /* borrowed */
	const struct settings *settings;
	enum auth_level level;
	char client_address[64];
	enum ntlm_accept_state state;
	uint32_t offered_flags;
	uint8_t server_challenge[NTLM_CHALLENGE_SIZE];
	struct buffer negotiate, challenge; /* as sent: the MIC covers them */
	bool bound, binding_required; /* the login's channel is known; it has to be bound to it */
	uint8_t bindings[NTLM_BINDINGS_SIZE];
	uint64_t turn_ms; /* when a slowed-down login may be checked; 0: not slowed down */

	/* What came of it; taken by the owner. */
	struct principal *principal;
	struct ntlm_session *session; /* its keys; NULL when nothing can be signed */
	struct ntlm_session keys;
	const char *failure; /* static text */
	char *claimed_account;
};

void ntlm_acceptor_init(struct ntlm_acceptor *a, struct auth_service *service,
                        enum auth_level level, const char *client_address);
void ntlm_acceptor_set_channel(struct ntlm_acceptor *a, struct slice end_point, bool required);
void ntlm_acceptor_clear(struct ntlm_acceptor *a); /* wipes and frees all it still has */

/* AUTH_WAIT: give the same token again from turn_ms on. */
enum auth_status ntlm_accept_step(struct ntlm_acceptor *a, struct slice token, struct buffer *out);

#endif
