#include "auth/ntlm_initiate-private.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/utf.h"

#define MESSAGE_MAX 16384

/* The answer to one CHALLENGE while it is made. */
struct answer {
	struct ntlm_challenge challenge;
	uint32_t flags;
	struct buffer nt_response; /* room for the proof first, then what it proves */
	uint8_t timestamp[NTLM_TIME_SIZE];
	bool with_mic;
	uint8_t base_key[NTLM_KEY_SIZE], session_key[NTLM_KEY_SIZE], wrapped_key[NTLM_KEY_SIZE];
};

static bool set_name(struct buffer *b, const char *text)
{
	struct slice utf8 = slice_of_string(text ? text : "");
	buffer_init(b, (size_t)2 * NTLM_NAME_MAX);
	if (!utf8_valid(utf8))
		return false;
	uint8_t *p = buffer_extend(b, 2 * utf16_units(utf8));
	if (p)
		utf8_to_utf16le(utf8, p);
	return !b->failed;
}

void ntlm_initiator_init(struct ntlm_initiator *i, const struct auth_initiator_config *config)
{
	*i = (struct ntlm_initiator){.level = config->level};
	buffer_init(&i->negotiate, MESSAGE_MAX);
	bool user_set = set_name(&i->user, config->user);
	bool domain_set = set_name(&i->domain, config->domain);
	bool workstation_set = set_name(&i->workstation, config->workstation);
	i->anonymous = user_set && i->user.size == 0;
	i->bound = config->end_point.size > 0;
	if (i->bound)
		ntlm_channel_bindings(config->end_point, i->bindings);
	if (!user_set || !domain_set || !workstation_set)
		i->failure = "user, domain or workstation is too long or not UTF-8";
	else if (auth_nt_hash(config->password ? config->password : "", i->nt_hash))
		i->failure = "password is not UTF-8";
}

void ntlm_initiator_clear(struct ntlm_initiator *i)
{
	buffer_free(&i->user);
	buffer_free(&i->domain);
	buffer_free(&i->workstation);
	buffer_free(&i->negotiate);
	wipe(i, sizeof *i);
}

static enum auth_status fail(struct ntlm_initiator *i, const char *why)
{
	i->state = NTLM_INITIATE_OVER;
	i->failure = why;
	return AUTH_FAILED;
}

static uint32_t flags_to_ask(enum auth_level level)
{
	uint32_t flags = NTLM_UNICODE | NTLM_REQUEST_TARGET | NTLM_NTLM | NTLM_ALWAYS_SIGN |
	                 NTLM_EXTENDED_SESSION | NTLM_VERSION | NTLM_128;
	if (level >= AUTH_LEVEL_PACKET)
		flags |= NTLM_SIGN | NTLM_KEY_EXCHANGE;
	if (level >= AUTH_LEVEL_PRIVACY)
		flags |= NTLM_SEAL;
	return flags;
}

static enum auth_status send_negotiate(struct ntlm_initiator *i, struct buffer *out)
{
	struct ntlm_negotiate m = {.flags = flags_to_ask(i->level)};
	ntlm_negotiate_write(&m, &i->negotiate);
	buffer_put(out, i->negotiate.data, i->negotiate.size);
	i->state = NTLM_INITIATE_CHALLENGE;
	return AUTH_CONTINUE;
}

/* The server's list goes into what is proved, its flags, bindings and end replaced by ours. A
 * server that tells its time gets that time back and a MIC (3.1.5.1.2). */
static int copy_target_info(const struct ntlm_initiator *i, struct answer *a, struct buffer *list)
{
	struct reader r;
	struct ntlm_av av;
	uint8_t flags[4];
	reader_init(&r, a->challenge.target_info.data, a->challenge.target_info.size);
	while (ntlm_av_next(&r, &av)) {
		if (av.id == NTLM_AV_TIMESTAMP && av.value.size == sizeof a->timestamp) {
			memcpy(a->timestamp, av.value.data, sizeof a->timestamp);
			a->with_mic = true;
		}
		if (av.id != NTLM_AV_FLAGS && av.id != NTLM_AV_CHANNEL_BINDINGS)
			ntlm_av_put(list, av.id, av.value);
	}
	if (r.failed)
		return ERR_INVALID;
	put_le32(flags, NTLM_AV_FLAG_MIC);
	if (a->with_mic)
		ntlm_av_put(list, NTLM_AV_FLAGS, slice_of(flags, sizeof flags));
	if (i->bound)
		ntlm_av_put(list, NTLM_AV_CHANNEL_BINDINGS,
		            slice_of(i->bindings, sizeof i->bindings));
	ntlm_av_put(list, NTLM_AV_END, slice_of("", 0));
	return list->failed ? ERR_LIMIT : 0;
}

/* NTLMv2_CLIENT_CHALLENGE, MS-NLMP 2.2.2.7, and the four zeros that follow it in 3.3.2. */
static int put_proved(const struct ntlm_initiator *i, struct answer *a, struct buffer *b)
{
	uint8_t client_challenge[NTLM_CHALLENGE_SIZE];
	struct buffer list;
	buffer_init(&list, MESSAGE_MAX);
	ntlm_current_time(a->timestamp);
	random_bytes(client_challenge, sizeof client_challenge);
	int err = copy_target_info(i, a, &list);
	buffer_put_u8(b, 1); /* RespType */
	buffer_put_u8(b, 1); /* HiRespType */
	buffer_put_zeros(b, 6);
	buffer_put(b, a->timestamp, sizeof a->timestamp);
	buffer_put(b, client_challenge, sizeof client_challenge);
	buffer_put_zeros(b, 4);
	buffer_put(b, list.data, list.size);
	buffer_put_zeros(b, 4);
	buffer_free(&list);
	return err ? err : b->failed ? ERR_LIMIT : 0;
}

static int prove(const struct ntlm_initiator *i, struct answer *a)
{
	buffer_put_zeros(&a->nt_response, NTLM_PROOF_SIZE);
	int err = put_proved(i, a, &a->nt_response);
	if (err)
		return err;
	uint8_t *proof = a->nt_response.data;
	struct slice proved =
		slice_of(proof + NTLM_PROOF_SIZE, a->nt_response.size - NTLM_PROOF_SIZE);
	uint8_t key[NTLM_KEY_SIZE];
	ntlm_response_key(i->nt_hash, buffer_slice(&i->user), NTLM_UPPER_SIMPLE,
	                  buffer_slice(&i->domain), key);
	ntlm_proof(key, a->challenge.server_challenge, proved, proof);
	ntlm_session_base_key(key, proof, a->base_key);
	wipe(key, sizeof key);
	return 0;
}

static struct slice make_session_key(struct answer *a)
{
	if (!(a->flags & NTLM_KEY_EXCHANGE)) {
		memcpy(a->session_key, a->base_key, sizeof a->session_key);
		return slice_of("", 0);
	}
	random_bytes(a->session_key, sizeof a->session_key);
	ntlm_exchange_key(a->base_key, a->session_key, a->wrapped_key);
	return slice_of(a->wrapped_key, sizeof a->wrapped_key);
}

/* Servers look at the NT response first, so the LM response is zeros as MS-NLMP 3.1.5.1.2 allows;
 * that of an anonymous client is one zero. */
static void write_authenticate(const struct ntlm_initiator *i, struct answer *a,
                               struct slice challenge, struct buffer *out)
{
	static const uint8_t zeros[24];
	struct ntlm_authenticate m = {
		.flags = a->flags | (i->anonymous ? NTLM_ANONYMOUS : 0),
		.lm_response = slice_of(zeros, i->anonymous ? 1 : sizeof zeros),
		.nt_response = buffer_slice(&a->nt_response),
		.domain = buffer_slice(&i->domain),
		.user = buffer_slice(&i->user),
		.workstation = buffer_slice(&i->workstation),
		.session_key = make_session_key(a),
	};
	struct buffer message;
	buffer_init(&message, (size_t)2 * MESSAGE_MAX);
	ntlm_authenticate_write(&m, &message);
	if (a->with_mic)
		ntlm_mic(a->session_key, buffer_slice(&i->negotiate), challenge,
		         buffer_slice(&message), message.data + NTLM_MIC_OFFSET);
	buffer_put(out, message.data, message.size);
	buffer_free(&message);
}

static enum auth_status answer_challenge(struct ntlm_initiator *i, struct answer *a,
                                         struct slice token, struct buffer *out)
{
	if (ntlm_challenge_parse(token, &a->challenge))
		return fail(i, "malformed CHALLENGE message");
	a->flags = a->challenge.flags & (flags_to_ask(i->level) | NTLM_TARGET_INFO);
	const char *missing = ntlm_flags_missing(a->flags, i->level);
	if (missing)
		return fail(i, missing);
	if (!i->anonymous && prove(i, a))
		return fail(i, "malformed target information in CHALLENGE");
	write_authenticate(i, a, token, out);
	i->session = ntlm_session_make(&i->keys, NTLM_INITIATOR, a->session_key, a->flags);
	i->state = NTLM_INITIATE_OVER;
	return AUTH_COMPLETE;
}

static enum auth_status receive_challenge(struct ntlm_initiator *i, struct slice token,
                                          struct buffer *out)
{
	struct answer a = {0};
	buffer_init(&a.nt_response, MESSAGE_MAX);
	enum auth_status status = answer_challenge(i, &a, token, out);
	buffer_free(&a.nt_response);
	wipe(&a, sizeof a);
	return status;
}

enum auth_status ntlm_initiate_step(struct ntlm_initiator *i, struct slice token,
                                    struct buffer *out)
{
	if (i->failure)
		return AUTH_FAILED;
	switch (i->state) {
	case NTLM_INITIATE_START: return send_negotiate(i, out);
	case NTLM_INITIATE_CHALLENGE: return receive_challenge(i, token, out);
	case NTLM_INITIATE_OVER: break;
	}
	return fail(i, "message after the end of the handshake");
}
