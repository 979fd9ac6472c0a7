#include "auth/ntlm_session-private.h"

#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>

#include "base/memory.h"

#define CHECKSUM_SIZE 8

/* SIGNKEY and SEALKEY, MS-NLMP 3.4.5; their NUL is hashed too. */
static const char client_sign[] = "session key to client-to-server signing key magic constant";
static const char server_sign[] = "session key to server-to-client signing key magic constant";
static const char client_seal[] = "session key to client-to-server sealing key magic constant";
static const char server_seal[] = "session key to server-to-client sealing key magic constant";

static void derive_key(const uint8_t session_key[NTLM_KEY_SIZE], struct slice constant,
                       uint8_t key[NTLM_KEY_SIZE])
{
	struct md5_ctx md5;
	md5_init(&md5);
	md5_update(&md5, NTLM_KEY_SIZE, session_key);
	md5_update(&md5, constant.size, constant.data);
	md5_digest(&md5, NTLM_KEY_SIZE, key);
	wipe(&md5, sizeof md5);
}

static void init_direction(struct ntlm_direction *d, const uint8_t session_key[NTLM_KEY_SIZE],
                           struct slice sign_constant, struct slice seal_constant)
{
	uint8_t seal_key[NTLM_KEY_SIZE];
	derive_key(session_key, sign_constant, d->sign_key);
	derive_key(session_key, seal_constant, seal_key);
	arcfour_set_key(&d->rc4, sizeof seal_key, seal_key);
	d->sequence = 0;
	wipe(seal_key, sizeof seal_key);
}

const char *ntlm_flags_missing(uint32_t flags, enum auth_level level)
{
	static const struct {
		enum auth_level from;
		uint32_t flag;
		const char *what;
	} needs[] = {
		{AUTH_LEVEL_CONNECT, NTLM_UNICODE,          "Unicode not negotiated"     },
		{AUTH_LEVEL_CONNECT, NTLM_EXTENDED_SESSION,
	         "extended session security not negotiated"                              },
		{AUTH_LEVEL_PACKET,  NTLM_128,              "128-bit keys not negotiated"},
		{AUTH_LEVEL_PACKET,  NTLM_SIGN,             "signing not negotiated"     },
		{AUTH_LEVEL_PRIVACY, NTLM_SEAL,             "sealing not negotiated"     },
	};
	for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
		if (level >= needs[i].from && !(flags & needs[i].flag))
			return needs[i].what;
	}
	return NULL;
}

struct ntlm_session *ntlm_session_make(struct ntlm_session *s, enum ntlm_role role,
                                       const uint8_t session_key[NTLM_KEY_SIZE], uint32_t flags)
{
	if (ntlm_flags_missing(flags, AUTH_LEVEL_INTEGRITY))
		return NULL;
	struct ntlm_direction *to_server = role == NTLM_INITIATOR ? &s->out : &s->in;
	struct ntlm_direction *to_client = role == NTLM_INITIATOR ? &s->in : &s->out;
	init_direction(to_server, session_key, slice_of(client_sign, sizeof client_sign),
	               slice_of(client_seal, sizeof client_seal));
	init_direction(to_client, session_key, slice_of(server_sign, sizeof server_sign),
	               slice_of(server_seal, sizeof server_seal));
	s->key_exchanged = flags & NTLM_KEY_EXCHANGE;
	return s;
}

/* The checksum before RC4; takes a sequence number. Layout: version 1, checksum, sequence number.
 */
static void make_signature(struct ntlm_direction *d, struct slice message,
                           uint8_t signature[NTLM_SIGNATURE_SIZE])
{
	uint8_t *sequence = signature + 4 + CHECKSUM_SIZE;
	put_le32(signature, 1);
	put_le32(sequence, d->sequence++);

	struct hmac_md5_ctx hmac;
	hmac_md5_set_key(&hmac, sizeof d->sign_key, d->sign_key);
	hmac_md5_update(&hmac, 4, sequence);
	hmac_md5_update(&hmac, message.size, message.data);
	hmac_md5_digest(&hmac, CHECKSUM_SIZE, signature + 4);
	wipe(&hmac, sizeof hmac);
}

static void encrypt_checksum(struct ntlm_direction *d, bool key_exchanged,
                             uint8_t signature[NTLM_SIGNATURE_SIZE])
{
	if (key_exchanged)
		arcfour_crypt(&d->rc4, CHECKSUM_SIZE, signature + 4, signature + 4);
}

static bool signature_equal(const uint8_t expected[NTLM_SIGNATURE_SIZE], struct slice signature)
{
	return signature.size == NTLM_SIGNATURE_SIZE &&
	       memeql_sec(expected, signature.data, NTLM_SIGNATURE_SIZE);
}

/* The checksum is of the plain message; RC4 runs over the sealed part first, then over the
 * checksum. */
void ntlm_session_seal(struct ntlm_session *s, struct slice message, struct ntlm_region sealed,
                       uint8_t signature[NTLM_SIGNATURE_SIZE])
{
	make_signature(&s->out, message, signature);
	arcfour_crypt(&s->out.rc4, sealed.size, sealed.data, sealed.data);
	encrypt_checksum(&s->out, s->key_exchanged, signature);
}

bool ntlm_session_unseal(struct ntlm_session *s, struct slice message, struct ntlm_region sealed,
                         struct slice signature)
{
	uint8_t expected[NTLM_SIGNATURE_SIZE];
	arcfour_crypt(&s->in.rc4, sealed.size, sealed.data, sealed.data);
	make_signature(&s->in, message, expected);
	encrypt_checksum(&s->in, s->key_exchanged, expected);
	return signature_equal(expected, signature);
}

static void make_mechanism_signature(struct ntlm_direction *d, bool key_exchanged,
                                     struct slice mechanisms,
                                     uint8_t signature[NTLM_SIGNATURE_SIZE])
{
	struct arcfour_ctx before = d->rc4;
	make_signature(d, mechanisms, signature);
	encrypt_checksum(d, key_exchanged, signature);
	d->rc4 = before;
	wipe(&before, sizeof before);
}

void ntlm_session_sign_mechanisms(struct ntlm_session *s, struct slice mechanisms,
                                  uint8_t signature[NTLM_SIGNATURE_SIZE])
{
	make_mechanism_signature(&s->out, s->key_exchanged, mechanisms, signature);
}

bool ntlm_session_verify_mechanisms(struct ntlm_session *s, struct slice mechanisms,
                                    struct slice signature)
{
	uint8_t expected[NTLM_SIGNATURE_SIZE];
	make_mechanism_signature(&s->in, s->key_exchanged, mechanisms, expected);
	return signature_equal(expected, signature);
}
