#include "auth/ntlm_accept-private.h"

#include <nettle/memops.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/utf.h"

#define MESSAGE_MAX      16384
#define WORKSTATION_MAX  64 /* units; a longer one is left out */
#define NAMES_MEMORY_MAX 16384
#define NTLM_V1_SIZE     24 /* of its response */

/* One AUTHENTICATE while it is checked. */
struct login {
	struct slice token;
	struct ntlm_authenticate message;
	struct ntlm_v2_response response;
	uint32_t flags; /* in force: offered and taken */
	struct arena names;
	struct slice domain, user, workstation; /* UTF-8, NUL-terminated */
	bool known;
	bool usable; /* has an NT hash: accounts made while NTLM was off have none */
	struct account_secret secret; /* zeros when it is not known */
	uint8_t session_key[NTLM_KEY_SIZE];
};

void ntlm_acceptor_init(struct ntlm_acceptor *a, struct auth_service *service,
                        enum auth_level level, const char *client_address)
{
	*a = (struct ntlm_acceptor){
		.service = service,
		.settings = service_settings(service),
		.level = level,
	};
	snprintf(a->client_address, sizeof a->client_address, "%s", client_address);
	buffer_init(&a->negotiate, MESSAGE_MAX);
	buffer_init(&a->challenge, MESSAGE_MAX);
}

void ntlm_acceptor_set_channel(struct ntlm_acceptor *a, struct slice end_point, bool required)
{
	a->bound = true;
	a->binding_required = required;
	ntlm_channel_bindings(end_point, a->bindings);
}

void ntlm_acceptor_clear(struct ntlm_acceptor *a)
{
	settings_unref(a->settings);
	buffer_free(&a->negotiate);
	buffer_free(&a->challenge);
	principal_unref(a->principal);
	free(a->claimed_account);
	wipe(a, sizeof *a);
}

static enum auth_status fail(struct ntlm_acceptor *a, const char *why)
{
	a->state = NTLM_ACCEPT_OVER;
	a->failure = why;
	return AUTH_FAILED;
}

/* Key exchange is only defined with signing or sealing (3.1.5.1.2). */
static uint32_t flags_to_offer(uint32_t asked, const struct settings *settings)
{
	uint32_t flags = NTLM_UNICODE | NTLM_REQUEST_TARGET | NTLM_NTLM | NTLM_ALWAYS_SIGN |
	                 NTLM_EXTENDED_SESSION | NTLM_TARGET_INFO;
	flags |= settings->netbios_domain[0] ? NTLM_TARGET_DOMAIN : NTLM_TARGET_SERVER;
	flags |= asked & (NTLM_SIGN | NTLM_SEAL | NTLM_128 | NTLM_56 | NTLM_VERSION);
	if (asked & (NTLM_SIGN | NTLM_SEAL))
		flags |= asked & NTLM_KEY_EXCHANGE;
	return flags;
}

static void put_utf16(struct buffer *b, const char *text)
{
	struct slice utf8 = slice_of_string(text);
	uint8_t *p = buffer_extend(b, 2 * utf16_units(utf8));
	if (p)
		utf8_to_utf16le(utf8, p);
}

static void put_name(struct buffer *list, enum ntlm_av_id id, const char *name)
{
	struct buffer value;
	buffer_init(&value, MESSAGE_MAX);
	put_utf16(&value, name);
	if (value.size > 0)
		ntlm_av_put(list, id, buffer_slice(&value));
	buffer_free(&value);
}

static void put_timestamp(struct buffer *list)
{
	uint8_t value[NTLM_TIME_SIZE];
	ntlm_current_time(value);
	ntlm_av_put(list, NTLM_AV_TIMESTAMP, slice_of(value, sizeof value));
}

/* No MsvAvFlags: clients copy the list into what they prove, and would then announce things by it.
 * The timestamp makes them send a MIC. They want both NetBIOS names before they sign (3.1.5.1.2).
 */
static void put_target_info(struct buffer *list, const struct settings *s)
{
	const char *domain = s->netbios_domain[0] ? s->netbios_domain : s->netbios_name;
	put_name(list, NTLM_AV_NETBIOS_DOMAIN, domain);
	put_name(list, NTLM_AV_NETBIOS_COMPUTER, s->netbios_name);
	put_name(list, NTLM_AV_DNS_DOMAIN, s->dns_domain);
	put_name(list, NTLM_AV_DNS_COMPUTER, s->dns_name);
	put_timestamp(list);
	ntlm_av_put(list, NTLM_AV_END, slice_of("", 0));
}

static void make_challenge(struct ntlm_acceptor *a)
{
	const struct settings *s = a->settings;
	struct buffer name, list;
	buffer_init(&name, MESSAGE_MAX);
	buffer_init(&list, MESSAGE_MAX);
	put_utf16(&name, s->netbios_domain[0] ? s->netbios_domain : s->netbios_name);
	put_target_info(&list, s);

	struct ntlm_challenge m = {
		.flags = a->offered_flags,
		.target_name = buffer_slice(&name),
		.target_info = buffer_slice(&list),
	};
	random_bytes(a->server_challenge, sizeof a->server_challenge);
	memcpy(m.server_challenge, a->server_challenge, sizeof m.server_challenge);
	ntlm_challenge_write(&m, &a->challenge);
	buffer_free(&name);
	buffer_free(&list);
}

/* At level connect a client may ask for OEM strings only and still take Unicode, as those that log
 * in over HTTP do; what it took is checked with AUTHENTICATE. */
static const char *asked_too_little(uint32_t asked, enum auth_level level)
{
	if (level == AUTH_LEVEL_CONNECT && (asked & NTLM_OEM))
		asked |= NTLM_UNICODE;
	return ntlm_flags_missing(asked | NTLM_SIGN | NTLM_SEAL, level);
}

static enum auth_status accept_negotiate(struct ntlm_acceptor *a, struct slice token,
                                         struct buffer *out)
{
	struct ntlm_negotiate m;
	if (!a->settings->ntlm)
		return fail(a, "NTLM is switched off");
	if (ntlm_negotiate_parse(token, &m))
		return fail(a, "malformed NEGOTIATE message");
	const char *missing = asked_too_little(m.flags, a->level);
	if (missing)
		return fail(a, missing);
	a->offered_flags = flags_to_offer(m.flags, a->settings);
	buffer_put(&a->negotiate, token.data, token.size);
	make_challenge(a);
	if (a->negotiate.failed || a->challenge.failed)
		return fail(a, "NTLM message too long");
	buffer_put(out, a->challenge.data, a->challenge.size);
	a->state = NTLM_ACCEPT_AUTHENTICATE;
	return AUTH_CONTINUE;
}

static struct slice to_utf8(struct login *l, struct slice utf16)
{
	return utf16le_to_utf8(&l->names, utf16.data, utf16.size);
}

static bool read_names(struct ntlm_acceptor *a, struct login *l)
{
	const struct ntlm_authenticate *m = &l->message;
	if (m->user.size > 2 * NTLM_NAME_MAX || m->domain.size > 2 * NTLM_NAME_MAX)
		return false;
	bool named = m->workstation.size <= 2 * WORKSTATION_MAX;
	l->domain = to_utf8(l, m->domain);
	l->user = to_utf8(l, m->user);
	l->workstation = to_utf8(l, named ? m->workstation : slice_of("", 0));
	if (!l->domain.data || !l->user.data || !l->workstation.data)
		return false;

	const char *domain = (const char *)l->domain.data;
	const char *user = (const char *)l->user.data;
	free(a->claimed_account);
	a->claimed_account = domain[0] ? xasprintf("%s\\%s", domain, user) : xstrdup(user);
	return true;
}

static enum auth_status complete(struct ntlm_acceptor *a, const struct login *l, bool authenticated)
{
	const char *mechanism = authenticated ? "ntlm" : "anonymous";
	const char *workstation = (const char *)l->workstation.data;
	a->principal = principal_new(l->secret.name, mechanism, workstation, authenticated);
	a->session = ntlm_session_make(&a->keys, NTLM_ACCEPTOR, l->session_key, l->flags);
	a->state = NTLM_ACCEPT_OVER;
	return AUTH_COMPLETE;
}

/* What both sides sign with comes from the client, under the key that only the password gives. */
static void take_session_key(struct login *l, const uint8_t base_key[NTLM_KEY_SIZE])
{
	if (l->flags & NTLM_KEY_EXCHANGE)
		ntlm_exchange_key(base_key, l->message.session_key.data, l->session_key);
	else
		memcpy(l->session_key, base_key, NTLM_KEY_SIZE);
}

static bool is_anonymous(const struct ntlm_authenticate *m)
{
	bool no_lm = m->lm_response.size == 0 ||
	             (m->lm_response.size == 1 && m->lm_response.data[0] == 0);
	return m->user.size == 0 && m->nt_response.size == 0 && no_lm;
}

/* Whatever the level: Samba takes extended session security back when it is nobody. Then there is
 * no session, and nothing protected can be exchanged. */
static enum auth_status accept_anonymous(struct ntlm_acceptor *a, struct login *l)
{
	static const uint8_t no_key[NTLM_KEY_SIZE];
	if (!a->settings->anonymous)
		return fail(a, "anonymous");
	take_session_key(l, no_key);
	return complete(a, l, false);
}

/* Windows and the specification hash the domain as it was sent; some clients leave it out
 * (3.2.5.1.2). All spellings are tried, known account or not, so a failure takes the same time. */
static bool proof_matches(const struct ntlm_acceptor *a, const struct login *l,
                          uint8_t base_key[NTLM_KEY_SIZE])
{
	static const struct {
		enum ntlm_upper upper;
		bool with_domain;
	} spellings[] = {
		{NTLM_UPPER_SIMPLE, true },
		{NTLM_UPPER_FULL,   true },
		{NTLM_UPPER_SIMPLE, false},
		{NTLM_UPPER_FULL,   false},
	};
	uint8_t key[NTLM_KEY_SIZE], proof[NTLM_PROOF_SIZE];
	bool matches = false;
	for (size_t i = 0; i < sizeof spellings / sizeof spellings[0] && !matches; i++) {
		struct slice domain =
			spellings[i].with_domain ? l->message.domain : slice_of("", 0);
		ntlm_response_key(l->secret.nt_hash, l->message.user, spellings[i].upper, domain,
		                  key);
		ntlm_proof(key, a->server_challenge, l->response.proved, proof);
		matches = memeql_sec(proof, l->response.proof.data, sizeof proof);
	}
	ntlm_session_base_key(key, proof, base_key);
	wipe(key, sizeof key);
	wipe(proof, sizeof proof);
	return matches && l->usable;
}

/* A message too short for a MIC field cannot hold the one it announces. */
static bool mic_matches(const struct ntlm_acceptor *a, const struct login *l)
{
	if (!(l->response.av_flags & NTLM_AV_FLAG_MIC))
		return true;
	if (l->token.size < NTLM_MIC_OFFSET + NTLM_MIC_SIZE)
		return false;
	uint8_t mic[NTLM_MIC_SIZE];
	ntlm_mic(l->session_key, buffer_slice(&a->negotiate), buffer_slice(&a->challenge), l->token,
	         mic);
	return memeql_sec(mic, l->token.data + NTLM_MIC_OFFSET, sizeof mic);
}

/* Zeros are what a client sends that knows of no channel. */
static bool channel_matches(const struct ntlm_acceptor *a, const struct login *l)
{
	static const uint8_t none[NTLM_BINDINGS_SIZE];
	struct slice said = l->response.channel_bindings;
	if (!a->bound)
		return true;
	if (said.size == 0 || slice_equal(said, slice_of(none, sizeof none)))
		return !a->binding_required;
	return slice_equal(said, slice_of(a->bindings, sizeof a->bindings));
}

/* A name that nobody has slows down as one that somebody has: whatever its case, and without what
 * follows an '@'. */
static uint64_t unknown_account_key(const struct ntlm_acceptor *a, struct slice user)
{
	uint8_t upper[NTLM_UPPER_SIZE];
	size_t size = 0;
	while (size < user.size && !(user.data[size] == '@' && user.data[size + 1] == 0))
		size += 2;
	size = ntlm_upper_case(slice_of(user.data, size), NTLM_UPPER_SIMPLE, upper);
	return throttle_key(slice_of(upper, size), a->client_address);
}

static uint64_t login_key(const struct ntlm_acceptor *a, const struct login *l)
{
	uint64_t unknown = unknown_account_key(a, l->message.user);
	return l->known ? throttle_key(slice_of_string(l->secret.name), a->client_address)
	                : unknown;
}

static bool its_turn(struct ntlm_acceptor *a, uint64_t key, uint64_t now_ms)
{
	if (a->turn_ms > 0)
		return a->turn_ms <= now_ms;
	return throttle_admit(service_throttle(a->service), key, a->settings->login_delay_max_ms,
	                      now_ms, &a->turn_ms);
}

static enum auth_status check_login(struct ntlm_acceptor *a, struct login *l)
{
	struct throttle *throttle = service_throttle(a->service);
	uint64_t now_ms = clock_mono_ms();
	uint64_t key = login_key(a, l);
	if (!its_turn(a, key, now_ms))
		return a->turn_ms == THROTTLE_NEVER
		             ? fail(a, "too many attempts after wrong passwords")
		             : AUTH_WAIT;
	uint8_t base_key[NTLM_KEY_SIZE];
	if (!proof_matches(a, l, base_key)) {
		wipe(base_key, sizeof base_key);
		throttle_failed(throttle, key, a->settings->login_delay_max_ms, now_ms);
		return fail(a, l->usable  ? "wrong password"
		               : l->known ? "no NT hash is kept for the account"
		                          : "unknown account");
	}
	take_session_key(l, base_key);
	wipe(base_key, sizeof base_key);
	if (!mic_matches(a, l))
		return fail(a, "messages changed on the way (MIC)");
	if (!channel_matches(a, l))
		return fail(a, "not bound to this TLS channel (extended protection)");
	throttle_succeeded(throttle, key);
	if (l->secret.disabled)
		return fail(a, "account disabled");
	return complete(a, l, true);
}

static enum auth_status check_account(struct ntlm_acceptor *a, struct login *l)
{
	const struct account_source *accounts = &a->settings->accounts;
	struct slice nt_response = l->message.nt_response;
	if (nt_response.size <= NTLM_V1_SIZE)
		return fail(a, "NTLMv1 or LM response");
	if (ntlm_v2_response_parse(nt_response, &l->response))
		return fail(a, "malformed NTLMv2 response");
	l->known = accounts->find(accounts->context, l->user, l->domain, &l->secret) == 0;
	l->usable = l->known && l->secret.has_nt_hash;
	return check_login(a, l);
}

static enum auth_status check_authenticate(struct ntlm_acceptor *a, struct login *l)
{
	if (ntlm_authenticate_parse(l->token, &l->message) || !read_names(a, l))
		return fail(a, "malformed AUTHENTICATE message");
	l->flags = l->message.flags & a->offered_flags;
	if ((l->flags & NTLM_KEY_EXCHANGE) && l->message.session_key.size != NTLM_KEY_SIZE)
		return fail(a, "session key missing");
	if (is_anonymous(&l->message))
		return accept_anonymous(a, l);
	/* Windows lets a client log in that did not ask for signing, and refuses what it then
	 * sends: there is no session to verify it with. */
	const char *missing = ntlm_flags_missing(l->flags | NTLM_SIGN, a->level);
	return missing ? fail(a, missing) : check_account(a, l);
}

static enum auth_status accept_authenticate(struct ntlm_acceptor *a, struct slice token)
{
	struct login l = {.token = token};
	arena_init(&l.names, NAMES_MEMORY_MAX);
	enum auth_status status = check_authenticate(a, &l);
	arena_free(&l.names);
	wipe(&l, sizeof l);
	return status;
}

enum auth_status ntlm_accept_step(struct ntlm_acceptor *a, struct slice token, struct buffer *out)
{
	switch (a->state) {
	case NTLM_ACCEPT_NEGOTIATE: return accept_negotiate(a, token, out);
	case NTLM_ACCEPT_AUTHENTICATE: return accept_authenticate(a, token);
	case NTLM_ACCEPT_OVER: break;
	}
	return fail(a, "message after the end of the handshake");
}
