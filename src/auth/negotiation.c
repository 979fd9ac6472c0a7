#include "auth/negotiation-private.h"

#include "auth/spnego-private.h"

#define TOKEN_MAX 32768

void negotiation_init(struct negotiation *n)
{
	*n = (struct negotiation){0};
	buffer_init(&n->mechanisms, TOKEN_MAX);
}

void negotiation_clear(struct negotiation *n)
{
	buffer_free(&n->mechanisms);
}

static enum auth_status fail(struct negotiation *n, const char *why)
{
	n->failure = why;
	return AUTH_FAILED;
}

/* Who sends a mechListMIC gets one, and one has to come when NTLM was not the first choice (RFC
 * 4178 section 5). Without signing there is nothing to make it with. */
static enum auth_status exchange_mics(struct negotiation *n, struct ntlm_session *session,
                                      struct slice mic, uint8_t signature[NTLM_SIGNATURE_SIZE],
                                      struct slice *answer)
{
	if (!session)
		return AUTH_COMPLETE;
	if (!mic.data)
		return n->mic_requested ? fail(n, "mechListMIC missing") : AUTH_COMPLETE;
	if (!ntlm_session_verify_mechanisms(session, buffer_slice(&n->mechanisms), mic))
		return fail(n, "list of mechanisms changed on the way (mechListMIC)");
	ntlm_session_sign_mechanisms(session, buffer_slice(&n->mechanisms), signature);
	*answer = slice_of(signature, NTLM_SIGNATURE_SIZE);
	return AUTH_COMPLETE;
}

static enum auth_status accept_ntlm(struct negotiation *n, struct ntlm_acceptor *ntlm,
                                    struct slice token, struct slice mic,
                                    struct spnego_response *answer, struct buffer *out)
{
	uint8_t signature[NTLM_SIGNATURE_SIZE];
	struct buffer inner;
	buffer_init(&inner, TOKEN_MAX);
	enum auth_status status = ntlm_accept_step(ntlm, token, &inner);
	if (status == AUTH_COMPLETE) {
		answer->state = SPNEGO_ACCEPT_COMPLETED;
		status = exchange_mics(n, ntlm->session, mic, signature, &answer->mic);
	}
	if (inner.size > 0)
		answer->token = buffer_slice(&inner);
	if (status == AUTH_CONTINUE || status == AUTH_COMPLETE)
		spnego_response_write(answer, out);
	buffer_free(&inner);
	return status;
}

/* The OID goes back as it came: clients compare it with the one they offered. */
static enum auth_status accept_init(struct negotiation *n, struct ntlm_acceptor *ntlm,
                                    struct slice token, struct buffer *out)
{
	struct spnego_init m;
	if (spnego_init_parse(token, &m))
		return fail(n, "malformed SPNEGO token");
	if (!m.ntlm.data)
		return fail(n, "no mechanism in common");
	buffer_put(&n->mechanisms, m.mechanisms.data, m.mechanisms.size);
	n->mic_requested = !m.ntlm_preferred;
	n->state = NEGOTIATION_UNDER_WAY;

	struct spnego_response answer = {
		.state = m.ntlm_preferred ? SPNEGO_ACCEPT_INCOMPLETE : SPNEGO_REQUEST_MIC,
		.mechanism = m.ntlm,
	};
	if (m.ntlm_preferred && m.token.data)
		return accept_ntlm(n, ntlm, m.token, slice_of(NULL, 0), &answer, out);
	spnego_response_write(&answer, out);
	return AUTH_CONTINUE;
}

static enum auth_status accept_response(struct negotiation *n, struct ntlm_acceptor *ntlm,
                                        struct slice token, struct buffer *out)
{
	struct spnego_response m;
	if (spnego_response_parse(token, &m))
		return fail(n, "malformed SPNEGO token");
	if (!m.token.data)
		return fail(n, "SPNEGO token without an NTLM message");
	struct spnego_response answer = {.state = SPNEGO_ACCEPT_INCOMPLETE};
	return accept_ntlm(n, ntlm, m.token, m.mic, &answer, out);
}

enum auth_status negotiation_accept(struct negotiation *n, struct ntlm_acceptor *ntlm,
                                    struct slice token, struct buffer *out)
{
	return n->state == NEGOTIATION_START ? accept_init(n, ntlm, token, out)
	                                     : accept_response(n, ntlm, token, out);
}

static enum auth_status initiate_start(struct negotiation *n, struct ntlm_initiator *ntlm,
                                       struct buffer *out)
{
	struct slice mechanisms = spnego_ntlm_only();
	struct buffer inner;
	buffer_init(&inner, TOKEN_MAX);
	enum auth_status status = ntlm_initiate_step(ntlm, slice_of("", 0), &inner);
	if (status == AUTH_CONTINUE)
		spnego_init_write(buffer_slice(&inner), out);
	buffer_put(&n->mechanisms, mechanisms.data, mechanisms.size);
	n->state = NEGOTIATION_UNDER_WAY;
	buffer_free(&inner);
	return status;
}

static enum auth_status answer_challenge(struct negotiation *n, struct ntlm_initiator *ntlm,
                                         struct slice challenge, struct buffer *out)
{
	uint8_t signature[NTLM_SIGNATURE_SIZE];
	struct spnego_response answer = {.state = SPNEGO_NO_STATE};
	struct buffer inner;
	buffer_init(&inner, TOKEN_MAX);
	enum auth_status status = ntlm_initiate_step(ntlm, challenge, &inner);
	if (status == AUTH_COMPLETE) {
		answer.token = buffer_slice(&inner);
		if (ntlm->session) {
			ntlm_session_sign_mechanisms(ntlm->session, buffer_slice(&n->mechanisms),
			                             signature);
			answer.mic = slice_of(signature, sizeof signature);
		}
		spnego_response_write(&answer, out);
		n->state = NEGOTIATION_CLOSING;
		status = AUTH_CONTINUE;
	}
	buffer_free(&inner);
	return status;
}

/* With one mechanism offered nobody can have put a weaker one in front, so a server that sends no
 * mechListMIC is believed. */
static enum auth_status initiate_close(struct negotiation *n, struct ntlm_session *session,
                                       const struct spnego_response *m)
{
	if (m->state != SPNEGO_ACCEPT_COMPLETED)
		return fail(n, "server did not complete the negotiation");
	if (session && m->mic.data &&
	    !ntlm_session_verify_mechanisms(session, buffer_slice(&n->mechanisms), m->mic))
		return fail(n, "list of mechanisms changed on the way (mechListMIC)");
	return AUTH_COMPLETE;
}

enum auth_status negotiation_initiate(struct negotiation *n, struct ntlm_initiator *ntlm,
                                      struct slice token, struct buffer *out)
{
	struct spnego_response m;
	if (n->state == NEGOTIATION_START)
		return initiate_start(n, ntlm, out);
	if (spnego_response_parse(token, &m))
		return fail(n, "malformed SPNEGO token");
	if (m.state == SPNEGO_REJECT)
		return fail(n, "server refused NTLM");
	if (n->state == NEGOTIATION_CLOSING)
		return initiate_close(n, ntlm->session, &m);
	if (!m.token.data)
		return fail(n, "SPNEGO token without an NTLM message");
	return answer_challenge(n, ntlm, m.token, out);
}
