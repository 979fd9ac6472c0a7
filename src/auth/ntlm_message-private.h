#ifndef AUTH_NTLM_MESSAGE_PRIVATE_H
#define AUTH_NTLM_MESSAGE_PRIVATE_H

/*
 * The three NTLM messages and the lists in them, MS-NLMP 2.2. Parsed messages borrow from the
 * token; their strings stay UTF-16LE, because keys are computed from the bytes as they were sent.
 */

#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"

/* NegotiateFlags, MS-NLMP 2.2.2.5. */
#define NTLM_UNICODE          UINT32_C(0x00000001)
#define NTLM_OEM              UINT32_C(0x00000002)
#define NTLM_REQUEST_TARGET   UINT32_C(0x00000004)
#define NTLM_SIGN             UINT32_C(0x00000010)
#define NTLM_SEAL             UINT32_C(0x00000020)
#define NTLM_NTLM             UINT32_C(0x00000200)
#define NTLM_ANONYMOUS        UINT32_C(0x00000800)
#define NTLM_ALWAYS_SIGN      UINT32_C(0x00008000)
#define NTLM_TARGET_DOMAIN    UINT32_C(0x00010000)
#define NTLM_TARGET_SERVER    UINT32_C(0x00020000)
#define NTLM_EXTENDED_SESSION UINT32_C(0x00080000)
#define NTLM_TARGET_INFO      UINT32_C(0x00800000)
#define NTLM_VERSION          UINT32_C(0x02000000)
#define NTLM_128              UINT32_C(0x20000000)
#define NTLM_KEY_EXCHANGE     UINT32_C(0x40000000)
#define NTLM_56               UINT32_C(0x80000000)

/* AvId, MS-NLMP 2.2.2.1. */
enum ntlm_av_id {
	NTLM_AV_END = 0,
	NTLM_AV_NETBIOS_COMPUTER = 1,
	NTLM_AV_NETBIOS_DOMAIN = 2,
	NTLM_AV_DNS_COMPUTER = 3,
	NTLM_AV_DNS_DOMAIN = 4,
	NTLM_AV_FLAGS = 6,
	NTLM_AV_TIMESTAMP = 7,
	NTLM_AV_CHANNEL_BINDINGS = 10,
};

#define NTLM_AV_FLAG_MIC UINT32_C(0x00000002) /* of NTLM_AV_FLAGS: the AUTHENTICATE has a MIC */

#define NTLM_CHALLENGE_SIZE 8
#define NTLM_TIME_SIZE      8
#define NTLM_MIC_OFFSET     72 /* in AUTHENTICATE */
#define NTLM_MIC_SIZE       16

struct ntlm_negotiate {
	uint32_t flags;
};

struct ntlm_challenge {
	uint32_t flags;
	uint8_t server_challenge[NTLM_CHALLENGE_SIZE];
	struct slice target_name, target_info;
};

struct ntlm_authenticate {
	uint32_t flags;
	struct slice lm_response, nt_response;
	struct slice domain, user, workstation;
	struct slice session_key; /* EncryptedRandomSessionKey */
};

/* An NTLMv2_RESPONSE, MS-NLMP 2.2.2.8. */
struct ntlm_v2_response {
	struct slice proof;  /* NTProofStr, 16 bytes */
	struct slice proved; /* NTLMv2_CLIENT_CHALLENGE, called temp in 3.3.2 */
	uint32_t av_flags;   /* what NTLM_AV_FLAGS says, 0 without it */
	struct slice channel_bindings;
};

/* Does the token begin as an NTLM message does? */
bool ntlm_is_message(struct slice token);

/* 0 or ERR_INVALID. */
int ntlm_negotiate_parse(struct slice token, struct ntlm_negotiate *out);
int ntlm_challenge_parse(struct slice token, struct ntlm_challenge *out);
int ntlm_authenticate_parse(struct slice token, struct ntlm_authenticate *out);

/* ERR_INVALID too for the 24 bytes of NTLMv1, and for a list without its end. */
int ntlm_v2_response_parse(struct slice nt_response, struct ntlm_v2_response *out);

/* The next pair of a list; false at its end, or when it is cut off (then r->failed). */
struct ntlm_av {
	uint16_t id;
	struct slice value;
};
bool ntlm_av_next(struct reader *r, struct ntlm_av *out);
void ntlm_av_put(struct buffer *b, uint16_t id, struct slice value);

/* Now, as a FILETIME. */
void ntlm_current_time(uint8_t filetime[NTLM_TIME_SIZE]);

/* Fields of more than 65535 bytes are the caller's mistake. */
void ntlm_negotiate_write(const struct ntlm_negotiate *m, struct buffer *out);
void ntlm_challenge_write(const struct ntlm_challenge *m, struct buffer *out);
/* The MIC is left zero: it covers the finished message. */
void ntlm_authenticate_write(const struct ntlm_authenticate *m, struct buffer *out);

#endif
