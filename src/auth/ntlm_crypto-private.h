#ifndef AUTH_NTLM_CRYPTO_PRIVATE_H
#define AUTH_NTLM_CRYPTO_PRIVATE_H

/* The functions of NTLMv2, MS-NLMP 3.3.2. Strings are UTF-16LE as they go over the wire. */

#include "auth/ntlm_message-private.h"

#define NTLM_KEY_SIZE   16
#define NTLM_PROOF_SIZE 16

/* Units of a user name at most; longer ones are nobody's. */
#define NTLM_NAME_MAX 256

/* How a user name is upper-cased before it is hashed. Windows and Samba map each UTF-16 unit to one
 * unit; others apply the full mapping of Unicode, where a German sharp s becomes SS. */
enum ntlm_upper {
	NTLM_UPPER_SIMPLE,
	NTLM_UPPER_FULL,
};

/* name has at most NTLM_NAME_MAX units. Gives the size of what it wrote. */
#define NTLM_UPPER_SIZE ((size_t)NTLM_NAME_MAX * 3 * 2) /* no unit becomes more than three */
size_t ntlm_upper_case(struct slice name, enum ntlm_upper upper, uint8_t out[NTLM_UPPER_SIZE]);

/* NTOWFv2. user has at most NTLM_NAME_MAX units; the domain is taken exactly as it is. */
void ntlm_response_key(const uint8_t nt_hash[NTLM_KEY_SIZE], struct slice user,
                       enum ntlm_upper upper, struct slice domain, uint8_t key[NTLM_KEY_SIZE]);

/* NTProofStr of what a client proves. */
void ntlm_proof(const uint8_t key[NTLM_KEY_SIZE],
                const uint8_t server_challenge[NTLM_CHALLENGE_SIZE], struct slice proved,
                uint8_t proof[NTLM_PROOF_SIZE]);

void ntlm_session_base_key(const uint8_t key[NTLM_KEY_SIZE], const uint8_t proof[NTLM_PROOF_SIZE],
                           uint8_t base_key[NTLM_KEY_SIZE]);

/* RC4 of one key under another; its own inverse. */
void ntlm_exchange_key(const uint8_t base_key[NTLM_KEY_SIZE], const uint8_t in[NTLM_KEY_SIZE],
                       uint8_t out[NTLM_KEY_SIZE]);

/* MsvAvChannelBindings of a TLS channel, by its tls-server-end-point: MD5 of the
 * gss_channel_bindings_struct that holds it, MS-NLMP 2.2.2.1 and RFC 4121, 4.1.1.2. */
#define NTLM_BINDINGS_SIZE 16
void ntlm_channel_bindings(struct slice end_point, uint8_t bindings[NTLM_BINDINGS_SIZE]);

/* Over the three messages as they were sent, the MIC of the last one (at least NTLM_MIC_OFFSET +
 * NTLM_MIC_SIZE bytes long) taken as zeros. */
void ntlm_mic(const uint8_t session_key[NTLM_KEY_SIZE], struct slice negotiate,
              struct slice challenge, struct slice authenticate, uint8_t mic[NTLM_MIC_SIZE]);

#endif
