#include "auth/auth.h"

#include <assert.h>
#include <stdlib.h>

#include "auth/negotiation-private.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/memory.h"

#define TOKEN_MAX 16384 /* of a peer */

enum context_state {
	CONTEXT_HANDSHAKE,
	CONTEXT_WAITING, /* for auth_accept_resume */
	CONTEXT_COMPLETE,
	CONTEXT_FAILED,
};

enum framing {
	FRAMING_UNKNOWN, /* the first token tells */
	FRAMING_NONE,
	FRAMING_SPNEGO,
};

/* What is only needed until the context is complete; of a failed one the reason stays. */
struct handshake {
	enum auth_type type;
	enum framing framing;
	struct negotiation negotiation;
	struct ntlm_acceptor acceptor;
	struct ntlm_initiator initiator;
	struct buffer waiting_token;
	const char *failure; /* static text; NULL: ask NTLM */
};

/* Kept small: there is one for each connection, and most do nothing. */
struct auth_context {
	struct handshake *handshake; /* NULL once complete */
	struct principal *principal; /* of a complete acceptor */
	struct ntlm_session session; /* if it protects */
	bool protects; /* not at level connect, nor with an anonymous client without keys */
	uint8_t level, role, state; /* enum auth_level, ntlm_role, context_state */
};

bool auth_type_offered(struct auth_service *s, enum auth_type type)
{
	const struct settings *settings = service_settings(s);
	bool ntlm = settings->ntlm;
	settings_unref(settings);
	return ntlm && (type == AUTH_TYPE_NTLM || type == AUTH_TYPE_SPNEGO);
}

static struct auth_context *context_new(enum ntlm_role role, enum auth_type type,
                                        enum auth_level level)
{
	struct auth_context *c = xcalloc(1, sizeof *c);
	c->handshake = xcalloc(1, sizeof *c->handshake);
	c->handshake->type = type;
	c->role = role;
	c->level = level;
	c->state = CONTEXT_HANDSHAKE;
	negotiation_init(&c->handshake->negotiation);
	buffer_init(&c->handshake->waiting_token, TOKEN_MAX);
	return c;
}

struct auth_context *auth_accept_new(struct auth_service *s, enum auth_type type,
                                     enum auth_level level, const char *client_address)
{
	assert(type == AUTH_TYPE_NTLM || type == AUTH_TYPE_SPNEGO);
	struct auth_context *c = context_new(NTLM_ACCEPTOR, type, level);
	ntlm_acceptor_init(&c->handshake->acceptor, s, level, client_address);
	return c;
}

void auth_accept_set_channel(struct auth_context *c, struct slice end_point, bool required)
{
	assert(c->role == NTLM_ACCEPTOR && c->state == CONTEXT_HANDSHAKE);
	ntlm_acceptor_set_channel(&c->handshake->acceptor, end_point, required);
}

struct auth_context *auth_initiate_new(const struct auth_initiator_config *config)
{
	struct auth_context *c = context_new(NTLM_INITIATOR, config->type, config->level);
	bool framed = config->type == AUTH_TYPE_SPNEGO && !config->bare_ntlm;
	c->handshake->framing = framed ? FRAMING_SPNEGO : FRAMING_NONE;
	ntlm_initiator_init(&c->handshake->initiator, config);
	return c;
}

static void handshake_free(struct handshake *h, enum ntlm_role role)
{
	if (!h)
		return;
	negotiation_clear(&h->negotiation);
	if (role == NTLM_ACCEPTOR)
		ntlm_acceptor_clear(&h->acceptor);
	else
		ntlm_initiator_clear(&h->initiator);
	buffer_free(&h->waiting_token);
	free(h);
}

void auth_context_free(struct auth_context *c)
{
	if (!c)
		return;
	handshake_free(c->handshake, c->role);
	principal_unref(c->principal);
	wipe(&c->session, sizeof c->session);
	free(c);
}

static void take_results(struct auth_context *c)
{
	struct handshake *h = c->handshake;
	const struct ntlm_session *session =
		c->role == NTLM_ACCEPTOR ? h->acceptor.session : h->initiator.session;
	c->protects = session && c->level > AUTH_LEVEL_CONNECT;
	if (c->protects)
		c->session = *session;
	c->principal = h->acceptor.principal;
	h->acceptor.principal = NULL;
	handshake_free(h, c->role);
	c->handshake = NULL;
}

static enum auth_status fail(struct auth_context *c, const char *why)
{
	c->handshake->failure = why;
	c->state = CONTEXT_FAILED;
	return AUTH_FAILED;
}

static enum auth_status settle(struct auth_context *c, enum auth_status status)
{
	switch (status) {
	case AUTH_CONTINUE: c->state = CONTEXT_HANDSHAKE; break;
	case AUTH_WAIT: c->state = CONTEXT_WAITING; break;
	case AUTH_FAILED: c->state = CONTEXT_FAILED; break;
	case AUTH_COMPLETE:
		take_results(c);
		c->state = CONTEXT_COMPLETE;
		break;
	}
	return status;
}

/* Wine and others send NTLM messages without SPNEGO under its type. */
static enum framing framing_of(enum auth_type type, struct slice token)
{
	return type == AUTH_TYPE_SPNEGO && !ntlm_is_message(token) ? FRAMING_SPNEGO : FRAMING_NONE;
}

static enum auth_status accept_token(struct handshake *h, struct slice token, struct buffer *out)
{
	if (h->framing == FRAMING_UNKNOWN)
		h->framing = framing_of(h->type, token);
	if (h->framing == FRAMING_SPNEGO)
		return negotiation_accept(&h->negotiation, &h->acceptor, token, out);
	return ntlm_accept_step(&h->acceptor, token, out);
}

static void tell_failure(const struct auth_context *c)
{
	const struct ntlm_acceptor *a = &c->handshake->acceptor;
	const struct settings *s = a->settings;
	if (s && s->on_failure && a->claimed_account && a->claimed_account[0])
		s->on_failure(s->on_failure_context, a->claimed_account, a->client_address,
		              auth_failure(c));
}

static enum auth_status count(const struct auth_context *c, enum auth_status status)
{
	if (status == AUTH_COMPLETE && c->principal->authenticated)
		counter_add(COUNTER_LOGINS, 1);
	if (status == AUTH_FAILED) {
		counter_add(COUNTER_LOGINS_FAILED, 1);
		tell_failure(c);
	}
	return status;
}

enum auth_status auth_accept_step(struct auth_context *c, struct slice token, struct buffer *out)
{
	assert(c->role == NTLM_ACCEPTOR);
	if (c->state != CONTEXT_HANDSHAKE)
		return AUTH_FAILED;
	if (token.size > TOKEN_MAX)
		return count(c, fail(c, "token too long"));
	enum auth_status status = accept_token(c->handshake, token, out);
	if (status == AUTH_WAIT)
		buffer_put(&c->handshake->waiting_token, token.data, token.size);
	return count(c, settle(c, status));
}

uint32_t auth_wait_ms(const struct auth_context *c)
{
	if (c->state != CONTEXT_WAITING)
		return 0;
	uint64_t turn_ms = c->handshake->acceptor.turn_ms;
	uint64_t now_ms = clock_mono_ms();
	uint64_t wait_ms = turn_ms > now_ms ? turn_ms - now_ms : 0;
	return wait_ms < UINT32_MAX ? (uint32_t)wait_ms : UINT32_MAX;
}

enum auth_status auth_accept_resume(struct auth_context *c, struct buffer *out)
{
	assert(c->state == CONTEXT_WAITING);
	struct slice token = buffer_slice(&c->handshake->waiting_token);
	return count(c, settle(c, accept_token(c->handshake, token, out)));
}

static enum auth_status initiate_token(struct handshake *h, struct slice token, struct buffer *out)
{
	if (h->framing == FRAMING_SPNEGO)
		return negotiation_initiate(&h->negotiation, &h->initiator, token, out);
	return ntlm_initiate_step(&h->initiator, token, out);
}

enum auth_status auth_initiate_step(struct auth_context *c, struct slice token, struct buffer *out)
{
	assert(c->role == NTLM_INITIATOR);
	if (c->state != CONTEXT_HANDSHAKE)
		return AUTH_FAILED;
	if (token.size > TOKEN_MAX)
		return fail(c, "token too long");
	return settle(c, initiate_token(c->handshake, token, out));
}

const struct principal *auth_principal(const struct auth_context *c)
{
	assert(c->state == CONTEXT_COMPLETE);
	return c->principal;
}

static const char *first_of(const char *a, const char *b, const char *c)
{
	return a ? a : b ? b : c ? c : "";
}

const char *auth_failure(const struct auth_context *c)
{
	const struct handshake *h = c->handshake;
	if (!h)
		return "";
	return first_of(h->failure, h->negotiation.failure,
	                c->role == NTLM_ACCEPTOR ? h->acceptor.failure : h->initiator.failure);
}

const char *auth_claimed_account(const struct auth_context *c)
{
	if (c->principal)
		return c->principal->account;
	return first_of(c->handshake ? c->handshake->acceptor.claimed_account : NULL, NULL, NULL);
}

size_t auth_token_size(const struct auth_context *c)
{
	return c->level > AUTH_LEVEL_CONNECT ? NTLM_SIGNATURE_SIZE : 0;
}

/* NTLM signs the whole PDU; privacy encrypts its body too. */
static struct ntlm_region region_to_seal(const struct auth_context *c, uint8_t *pdu,
                                         size_t pdu_size, size_t body_offset, size_t body_size)
{
	assert(c->state == CONTEXT_COMPLETE);
	assert(body_offset <= pdu_size && body_size <= pdu_size - body_offset);
	return (struct ntlm_region){
		.data = pdu + body_offset,
		.size = c->level == AUTH_LEVEL_PRIVACY ? body_size : 0,
	};
}

int auth_protect(struct auth_context *c, uint8_t *pdu, size_t pdu_size, size_t body_offset,
                 size_t body_size, uint8_t *token)
{
	struct ntlm_region sealed = region_to_seal(c, pdu, pdu_size, body_offset, body_size);
	if (!c->protects)
		return ERR_UNSUPPORTED;
	ntlm_session_seal(&c->session, slice_of(pdu, pdu_size), sealed, token);
	return 0;
}

int auth_unprotect(struct auth_context *c, uint8_t *pdu, size_t pdu_size, size_t body_offset,
                   size_t body_size, struct slice token)
{
	struct ntlm_region sealed = region_to_seal(c, pdu, pdu_size, body_offset, body_size);
	bool good = c->protects &&
	            ntlm_session_unseal(&c->session, slice_of(pdu, pdu_size), sealed, token);
	return good ? 0 : ERR_DENIED;
}
