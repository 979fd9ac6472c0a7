#include "auth/ntlm_crypto-private.h"

#include <assert.h>
#include <nettle/arcfour.h>
#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "auth/auth.h"
#include "base/memory.h"
#include "base/utf.h"

#define UPPER_MAX (NTLM_UPPER_SIZE / 2)

int auth_nt_hash(const char *password, uint8_t nt_hash[16])
{
	struct slice text = slice_of_string(password);
	if (!utf8_valid(text))
		return ERR_INVALID;
	size_t size = 2 * utf16_units(text);
	uint8_t *wide = xmalloc(size + 1);
	utf8_to_utf16le(text, wide);

	struct md4_ctx md4;
	md4_init(&md4);
	md4_update(&md4, size, wide);
	md4_digest(&md4, NTLM_KEY_SIZE, nt_hash);
	wipe(&md4, sizeof md4);
	wipe(wide, size);
	free(wide);
	return 0;
}

static size_t upper_simple(const UChar *in, size_t count, UChar *out)
{
	for (size_t i = 0; i < count; i++)
		out[i] = (UChar)u_toupper(in[i]);
	return count;
}

static size_t upper_full(const UChar *in, size_t count, UChar *out)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t size = u_strToUpper(out, (int32_t)UPPER_MAX, in, (int32_t)count, "", &status);
	return U_FAILURE(status) ? upper_simple(in, count, out) : (size_t)size;
}

size_t ntlm_upper_case(struct slice name, enum ntlm_upper upper, uint8_t out[NTLM_UPPER_SIZE])
{
	UChar units[NTLM_NAME_MAX], uppercase[UPPER_MAX];
	size_t count = name.size / 2;
	assert(count <= NTLM_NAME_MAX);
	for (size_t i = 0; i < count; i++)
		units[i] = (UChar)(name.data[2 * i] | name.data[2 * i + 1] << 8);
	count = upper == NTLM_UPPER_FULL ? upper_full(units, count, uppercase)
	                                 : upper_simple(units, count, uppercase);
	for (size_t i = 0; i < count; i++)
		put_le16(out + 2 * i, uppercase[i]);
	return 2 * count;
}

void ntlm_response_key(const uint8_t nt_hash[NTLM_KEY_SIZE], struct slice user,
                       enum ntlm_upper upper, struct slice domain, uint8_t key[NTLM_KEY_SIZE])
{
	uint8_t name[NTLM_UPPER_SIZE];
	size_t name_size = ntlm_upper_case(user, upper, name);
	struct hmac_md5_ctx hmac;
	hmac_md5_set_key(&hmac, NTLM_KEY_SIZE, nt_hash);
	hmac_md5_update(&hmac, name_size, name);
	hmac_md5_update(&hmac, domain.size, domain.data);
	hmac_md5_digest(&hmac, NTLM_KEY_SIZE, key);
	wipe(&hmac, sizeof hmac);
}

void ntlm_proof(const uint8_t key[NTLM_KEY_SIZE],
                const uint8_t server_challenge[NTLM_CHALLENGE_SIZE], struct slice proved,
                uint8_t proof[NTLM_PROOF_SIZE])
{
	struct hmac_md5_ctx hmac;
	hmac_md5_set_key(&hmac, NTLM_KEY_SIZE, key);
	hmac_md5_update(&hmac, NTLM_CHALLENGE_SIZE, server_challenge);
	hmac_md5_update(&hmac, proved.size, proved.data);
	hmac_md5_digest(&hmac, NTLM_PROOF_SIZE, proof);
	wipe(&hmac, sizeof hmac);
}

void ntlm_session_base_key(const uint8_t key[NTLM_KEY_SIZE], const uint8_t proof[NTLM_PROOF_SIZE],
                           uint8_t base_key[NTLM_KEY_SIZE])
{
	struct hmac_md5_ctx hmac;
	hmac_md5_set_key(&hmac, NTLM_KEY_SIZE, key);
	hmac_md5_update(&hmac, NTLM_PROOF_SIZE, proof);
	hmac_md5_digest(&hmac, NTLM_KEY_SIZE, base_key);
	wipe(&hmac, sizeof hmac);
}

void ntlm_exchange_key(const uint8_t base_key[NTLM_KEY_SIZE], const uint8_t in[NTLM_KEY_SIZE],
                       uint8_t out[NTLM_KEY_SIZE])
{
	struct arcfour_ctx rc4;
	arcfour_set_key(&rc4, NTLM_KEY_SIZE, base_key);
	arcfour_crypt(&rc4, NTLM_KEY_SIZE, out, in);
	wipe(&rc4, sizeof rc4);
}

void ntlm_channel_bindings(struct slice end_point, uint8_t bindings[NTLM_BINDINGS_SIZE])
{
	static const char type[] = "tls-server-end-point:";
	static const uint8_t addresses[16]; /* of neither side */
	uint8_t size[4];
	struct md5_ctx md5;
	put_le32(size, (uint32_t)(sizeof type - 1 + end_point.size));
	md5_init(&md5);
	md5_update(&md5, sizeof addresses, addresses);
	md5_update(&md5, sizeof size, size);
	md5_update(&md5, sizeof type - 1, (const uint8_t *)type);
	md5_update(&md5, end_point.size, end_point.data);
	md5_digest(&md5, NTLM_BINDINGS_SIZE, bindings);
}

void ntlm_mic(const uint8_t session_key[NTLM_KEY_SIZE], struct slice negotiate,
              struct slice challenge, struct slice authenticate, uint8_t mic[NTLM_MIC_SIZE])
{
	static const uint8_t zeros[NTLM_MIC_SIZE];
	const size_t behind = NTLM_MIC_OFFSET + NTLM_MIC_SIZE;
	assert(authenticate.size >= behind);

	struct hmac_md5_ctx hmac;
	hmac_md5_set_key(&hmac, NTLM_KEY_SIZE, session_key);
	hmac_md5_update(&hmac, negotiate.size, negotiate.data);
	hmac_md5_update(&hmac, challenge.size, challenge.data);
	hmac_md5_update(&hmac, NTLM_MIC_OFFSET, authenticate.data);
	hmac_md5_update(&hmac, sizeof zeros, zeros);
	hmac_md5_update(&hmac, authenticate.size - behind, authenticate.data + behind);
	hmac_md5_digest(&hmac, NTLM_MIC_SIZE, mic);
	wipe(&hmac, sizeof hmac);
}
