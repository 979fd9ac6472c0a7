#ifndef AUTH_NTLM_SESSION_PRIVATE_H
#define AUTH_NTLM_SESSION_PRIVATE_H

/*
 * Signing and sealing with extended session security and 128-bit keys, MS-NLMP 3.4: the state that
 * lives as long as its connection, so it is kept small. One thread.
 */

#include <nettle/arcfour.h>

#include "auth/auth.h"
#include "auth/ntlm_crypto-private.h"

#define NTLM_SIGNATURE_SIZE 16

struct ntlm_direction {
	struct arcfour_ctx rc4;
	uint8_t sign_key[NTLM_KEY_SIZE];
	uint32_t sequence;
};

struct ntlm_session {
	struct ntlm_direction out, in;
	bool key_exchanged; /* then checksums are encrypted, 3.4.4.2 */
};

enum ntlm_role {
	NTLM_INITIATOR,
	NTLM_ACCEPTOR,
};

/* What negotiated flags lack for a level ("128-bit keys"), NULL for nothing. */
const char *ntlm_flags_missing(uint32_t flags, enum auth_level level);

/* In that room, whose owner wipes it at last. NULL when the flags are not good for signing, as may
 * be at level connect. */
struct ntlm_session *ntlm_session_make(struct ntlm_session *room, enum ntlm_role role,
                                       const uint8_t session_key[NTLM_KEY_SIZE], uint32_t flags);

/* The part of a message to seal, in place; sealed.size 0 only signs. The signature covers all of
 * the plain message. */
struct ntlm_region {
	uint8_t *data;
	size_t size;
};
void ntlm_session_seal(struct ntlm_session *s, struct slice message, struct ntlm_region sealed,
                       uint8_t signature[NTLM_SIGNATURE_SIZE]);
/* false for a wrong signature. */
bool ntlm_session_unseal(struct ntlm_session *s, struct slice message, struct ntlm_region sealed,
                         struct slice signature);

/* mechListMIC, MS-SPNG 3.2.5.1: the sequence number goes on, the RC4 state goes back, so the first
 * message is signed from the same state. */
void ntlm_session_sign_mechanisms(struct ntlm_session *s, struct slice mechanisms,
                                  uint8_t signature[NTLM_SIGNATURE_SIZE]);
bool ntlm_session_verify_mechanisms(struct ntlm_session *s, struct slice mechanisms,
                                    struct slice signature);

#endif
