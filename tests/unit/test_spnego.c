/* SPNEGO: its tokens, and the choice of NTLM from what a client offers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/negotiation-private.h"
#include "auth/spnego-private.h"
#include "auth_site.h"
#include "vectors.h"

#define TOKEN_LIMIT  65536
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define NTLM_OID    0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A
#define MS_KRB5_OID 0x06, 0x09, 0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 0x01, 0x02, 0x02

static const uint8_t ntlm_contents[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A};

/* NegTokenInit without RFC 2743 framing. */
static const uint8_t kerberos_then_ntlm[] = {
	0xA0,        0x23,     0x30, 0x21, 0xA0, 0x19, 0x30, 0x17,
	MS_KRB5_OID, NTLM_OID, 0xA2, 0x04, 0x04, 0x02, 'K',  '!',
};
static const uint8_t kerberos_only[] = {
	0xA0, 0x11, 0x30, 0x0F, 0xA0, 0x0D, 0x30, 0x0B, MS_KRB5_OID,
};
static const uint8_t ntlm_without_token[] = {
	0xA0, 0x12, 0x30, 0x10, 0xA0, 0x0E, 0x30, 0x0C, NTLM_OID,
};
static const uint8_t with_request_flags[] = {
	0xA0, 0x1C, 0x30, 0x1A, 0xA0, 0x0E, 0x30, 0x0C, NTLM_OID, 0xA1,
	0x04, 0x03, 0x02, 0x01, 0x06, 0xA2, 0x02, 0x04, 0x00,
};

struct site_pair {
	struct site site;
	struct ntlm_acceptor acceptor;
	struct negotiation negotiation;
	struct ntlm_initiator initiator;
	struct buffer out;
};

static void pair_open(struct site_pair *p, enum auth_level level)
{
	struct auth_initiator_config config = {
		.type = AUTH_TYPE_SPNEGO,
		.level = level,
		.user = "alice",
		.domain = "EXAMPLE",
		.password = SITE_PASSWORD,
	};
	site_open(&p->site);
	ntlm_acceptor_init(&p->acceptor, p->site.service, level, "192.0.2.1");
	ntlm_initiator_init(&p->initiator, &config);
	negotiation_init(&p->negotiation);
	buffer_init(&p->out, TOKEN_LIMIT);
}

static void pair_close(struct site_pair *p)
{
	ntlm_acceptor_clear(&p->acceptor);
	ntlm_initiator_clear(&p->initiator);
	negotiation_clear(&p->negotiation);
	buffer_free(&p->out);
	site_close(&p->site);
}

static enum auth_status accept(struct site_pair *p, struct slice token)
{
	buffer_clear(&p->out);
	return negotiation_accept(&p->negotiation, &p->acceptor, token, &p->out);
}

static struct spnego_response answer_of(const struct site_pair *p)
{
	struct spnego_response m;
	assert_int_equal(spnego_response_parse(buffer_slice(&p->out), &m), 0);
	return m;
}

/* The client's next NTLM message in a NegTokenResp, with a mechListMIC over these mechanisms if
 * there are any. */
static enum auth_status send_ntlm(struct site_pair *p, struct slice message,
                                  struct slice mechanisms)
{
	uint8_t mic[NTLM_SIGNATURE_SIZE];
	struct buffer inner, token;
	buffer_init(&inner, TOKEN_LIMIT);
	buffer_init(&token, TOKEN_LIMIT);
	assert_int_not_equal(ntlm_initiate_step(&p->initiator, message, &inner), AUTH_FAILED);
	struct spnego_response m = {.state = SPNEGO_NO_STATE, .token = buffer_slice(&inner)};
	if (mechanisms.data && p->initiator.session) {
		ntlm_session_sign_mechanisms(p->initiator.session, mechanisms, mic);
		m.mic = slice_of(mic, sizeof mic);
	}
	spnego_response_write(&m, &token);
	enum auth_status status = accept(p, buffer_slice(&token));
	buffer_free(&inner);
	buffer_free(&token);
	return status;
}

static void an_init_token_is_read_with_and_without_framing(void **state)
{
	struct buffer b;
	struct spnego_init m;
	(void)state;
	buffer_init(&b, TOKEN_LIMIT);
	spnego_init_write(slice_of_string("NTLMSSP"), &b);
	assert_int_equal(b.data[0], 0x60);
	assert_int_equal(spnego_init_parse(buffer_slice(&b), &m), 0);
	assert_true(slice_equal(m.token, slice_of_string("NTLMSSP")));
	assert_true(slice_equal(m.mechanisms, spnego_ntlm_only()));
	assert_true(m.ntlm_preferred);
	assert_int_equal(
		spnego_init_parse(slice_of(ntlm_without_token, sizeof ntlm_without_token), &m), 0);
	assert_null(m.token.data);
	buffer_free(&b);
}

static void request_flags_are_ignored(void **state)
{
	struct spnego_init m;
	(void)state;
	assert_int_equal(
		spnego_init_parse(slice_of(with_request_flags, sizeof with_request_flags), &m), 0);
	assert_int_equal(m.token.size, 0);
	assert_non_null(m.token.data);
}

static void the_samba_client_is_read(void **state)
{
	struct buffer b;
	struct spnego_init m;
	struct spnego_response r;
	(void)state;
	buffer_init(&b, TOKEN_LIMIT);
	vector_load("login_samba_spnego_negotiate.in", &b);
	assert_int_equal(spnego_init_parse(buffer_slice(&b), &m), 0);
	assert_true(m.ntlm_preferred);
	assert_true(ntlm_is_message(m.token));
	buffer_clear(&b);
	vector_load("login_samba_spnego_authenticate.in", &b);
	assert_int_equal(spnego_response_parse(buffer_slice(&b), &r), 0);
	assert_true(ntlm_is_message(r.token));
	assert_int_equal(r.mic.size, 16);
	buffer_free(&b);
}

static void responses_of_any_length_survive_writing_and_reading(void **state)
{
	static const size_t sizes[] = {0, 1, 100, 127, 128, 250, 255, 256, 5000};
	static uint8_t bytes[5000];
	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct spnego_response m =
					       {
						       .state = SPNEGO_ACCEPT_INCOMPLETE,
						       .mechanism = slice_of(ntlm_contents,
		                                                             sizeof ntlm_contents),
						       .token = slice_of(bytes, sizes[i]),
						       .mic = slice_of("0123456789abcdef", 16),
					       },
				       again;
		struct buffer b;
		buffer_init(&b, TOKEN_LIMIT);
		spnego_response_write(&m, &b);
		assert_int_equal(spnego_response_parse(buffer_slice(&b), &again), 0);
		assert_int_equal(again.state, m.state);
		assert_true(slice_equal(again.mechanism, m.mechanism));
		assert_true(slice_equal(again.token, m.token));
		assert_true(slice_equal(again.mic, m.mic));
		buffer_free(&b);
	}
}

static void fields_that_are_not_there_are_none(void **state)
{
	static const uint8_t completed[] = {0xA1, 0x07, 0x30, 0x05, 0xA0, 0x03, 0x0A, 0x01, 0x00};
	struct spnego_response m;
	(void)state;
	assert_int_equal(spnego_response_parse(slice_of(completed, sizeof completed), &m), 0);
	assert_int_equal(m.state, SPNEGO_ACCEPT_COMPLETED);
	assert_null(m.mechanism.data);
	assert_null(m.token.data);
	assert_null(m.mic.data);
}

/* A copy of exactly that size, so that a read behind its end is seen. */
static uint8_t *cut(const struct buffer *b, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	memcpy(copy, b->data, size);
	return copy;
}

static void tokens_cut_off_anywhere_are_refused(void **state)
{
	struct buffer init, response;
	(void)state;
	buffer_init(&init, TOKEN_LIMIT);
	buffer_init(&response, TOKEN_LIMIT);
	vector_load("login_samba_spnego_negotiate.in", &init);
	vector_load("login_samba_spnego_authenticate.in", &response);
	for (size_t size = 0; size < init.size; size++) {
		uint8_t *copy = cut(&init, size);
		struct spnego_init m;
		assert_int_equal(spnego_init_parse(slice_of(copy, size), &m), ERR_INVALID);
		free(copy);
	}
	for (size_t size = 0; size < response.size; size++) {
		uint8_t *copy = cut(&response, size);
		struct spnego_response m;
		assert_int_equal(spnego_response_parse(slice_of(copy, size), &m), ERR_INVALID);
		free(copy);
	}
	buffer_free(&init);
	buffer_free(&response);
}

static void lengths_that_cannot_be_are_refused(void **state)
{
	static const uint8_t indefinite[] = {0xA1, 0x80, 0x30, 0x80, 0x00, 0x00, 0x00, 0x00};
	static const uint8_t five_octets[] = {0xA1, 0x85, 0x00, 0x00, 0x00, 0x00, 0x02, 0x30, 0x00};
	static const uint8_t huge[] = {0xA1, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x30, 0x00};
	static const uint8_t unknown_state[] = {0xA1, 0x07, 0x30, 0x05, 0xA0,
	                                        0x03, 0x0A, 0x01, 0x04};
	struct spnego_response m;
	(void)state;
	assert_int_equal(spnego_response_parse(slice_of(indefinite, sizeof indefinite), &m),
	                 ERR_INVALID);
	assert_int_equal(spnego_response_parse(slice_of(five_octets, sizeof five_octets), &m),
	                 ERR_INVALID);
	assert_int_equal(spnego_response_parse(slice_of(huge, sizeof huge), &m), ERR_INVALID);
	assert_int_equal(spnego_response_parse(slice_of(unknown_state, sizeof unknown_state), &m),
	                 ERR_INVALID);
}

/* RFC 4178 section 5: the first choice was another, so both sides have to sign the list. */
static void a_client_that_prefers_kerberos_is_asked_for_ntlm_and_a_mic(void **state)
{
	struct spnego_init init;
	struct site_pair p;
	(void)state;
	assert_int_equal(
		spnego_init_parse(slice_of(kerberos_then_ntlm, sizeof kerberos_then_ntlm), &init),
		0);
	pair_open(&p, AUTH_LEVEL_INTEGRITY);
	assert_int_equal(accept(&p, slice_of(kerberos_then_ntlm, sizeof kerberos_then_ntlm)),
	                 AUTH_CONTINUE);
	struct spnego_response m = answer_of(&p);
	assert_int_equal(m.state, SPNEGO_REQUEST_MIC);
	assert_true(slice_equal(m.mechanism, slice_of(ntlm_contents, sizeof ntlm_contents)));
	assert_null(m.token.data);

	assert_int_equal(send_ntlm(&p, slice_of("", 0), slice_of(NULL, 0)), AUTH_CONTINUE);
	m = answer_of(&p);
	assert_int_equal(m.state, SPNEGO_ACCEPT_INCOMPLETE);
	assert_true(ntlm_is_message(m.token));

	assert_int_equal(send_ntlm(&p, m.token, init.mechanisms), AUTH_COMPLETE);
	m = answer_of(&p);
	assert_int_equal(m.state, SPNEGO_ACCEPT_COMPLETED);
	assert_true(ntlm_session_verify_mechanisms(p.initiator.session, init.mechanisms, m.mic));
	pair_close(&p);
}

static enum auth_status log_in_after_kerberos(struct site_pair *p, struct slice mechanisms)
{
	assert_int_equal(accept(p, slice_of(kerberos_then_ntlm, sizeof kerberos_then_ntlm)),
	                 AUTH_CONTINUE);
	assert_int_equal(send_ntlm(p, slice_of("", 0), slice_of(NULL, 0)), AUTH_CONTINUE);
	return send_ntlm(p, answer_of(p).token, mechanisms);
}

static void a_mic_that_was_asked_for_has_to_come(void **state)
{
	struct site_pair p;
	(void)state;
	pair_open(&p, AUTH_LEVEL_INTEGRITY);
	assert_int_equal(log_in_after_kerberos(&p, slice_of(NULL, 0)), AUTH_FAILED);
	assert_string_equal(p.negotiation.failure, "mechListMIC missing");
	pair_close(&p);
}

static void a_mic_over_another_list_is_refused(void **state)
{
	struct site_pair p;
	(void)state;
	pair_open(&p, AUTH_LEVEL_INTEGRITY);
	assert_int_equal(log_in_after_kerberos(&p, spnego_ntlm_only()), AUTH_FAILED);
	pair_close(&p);
}

static void without_signing_no_mic_can_be_had(void **state)
{
	struct site_pair p;
	(void)state;
	pair_open(&p, AUTH_LEVEL_CONNECT);
	assert_int_equal(log_in_after_kerberos(&p, slice_of(NULL, 0)), AUTH_COMPLETE);
	assert_null(answer_of(&p).mic.data);
	pair_close(&p);
}

static void a_client_without_a_first_token_is_told_the_choice(void **state)
{
	struct site_pair p;
	(void)state;
	pair_open(&p, AUTH_LEVEL_INTEGRITY);
	assert_int_equal(accept(&p, slice_of(ntlm_without_token, sizeof ntlm_without_token)),
	                 AUTH_CONTINUE);
	assert_int_equal(answer_of(&p).state, SPNEGO_ACCEPT_INCOMPLETE);
	assert_int_equal(send_ntlm(&p, slice_of("", 0), slice_of(NULL, 0)), AUTH_CONTINUE);
	assert_int_equal(send_ntlm(&p, answer_of(&p).token, slice_of(NULL, 0)), AUTH_COMPLETE);
	pair_close(&p);
}

static void the_offered_oid_is_echoed_and_who_sends_no_mic_gets_none(void **state)
{
	struct buffer inner, init;
	struct site_pair p;
	(void)state;
	buffer_init(&inner, TOKEN_LIMIT);
	buffer_init(&init, TOKEN_LIMIT);
	pair_open(&p, AUTH_LEVEL_INTEGRITY);
	assert_int_equal(ntlm_initiate_step(&p.initiator, slice_of("", 0), &inner), AUTH_CONTINUE);
	spnego_init_write(buffer_slice(&inner), &init);
	assert_int_equal(accept(&p, buffer_slice(&init)), AUTH_CONTINUE);
	struct spnego_response m = answer_of(&p);
	assert_true(slice_equal(m.mechanism, slice_of(ntlm_contents, sizeof ntlm_contents)));
	assert_int_equal(send_ntlm(&p, m.token, slice_of(NULL, 0)), AUTH_COMPLETE);
	assert_null(answer_of(&p).mic.data);
	buffer_free(&inner);
	buffer_free(&init);
	pair_close(&p);
}

static void a_client_without_ntlm_is_refused(void **state)
{
	struct site_pair p;
	(void)state;
	pair_open(&p, AUTH_LEVEL_INTEGRITY);
	assert_int_equal(accept(&p, slice_of(kerberos_only, sizeof kerberos_only)), AUTH_FAILED);
	assert_string_equal(p.negotiation.failure, "no mechanism in common");
	pair_close(&p);
}

static enum auth_status initiate(struct site_pair *p, struct slice token)
{
	buffer_clear(&p->out);
	return negotiation_initiate(&p->negotiation, &p->initiator, token, &p->out);
}

static void an_initiator_takes_a_refusal_as_one(void **state)
{
	static const uint8_t reject[] = {0xA1, 0x07, 0x30, 0x05, 0xA0, 0x03, 0x0A, 0x01, 0x02};
	struct site_pair p;
	(void)state;
	pair_open(&p, AUTH_LEVEL_INTEGRITY);
	assert_int_equal(initiate(&p, slice_of("", 0)), AUTH_CONTINUE);
	assert_int_equal(initiate(&p, slice_of(reject, sizeof reject)), AUTH_FAILED);
	assert_string_equal(p.negotiation.failure, "server refused NTLM");
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_init_token_is_read_with_and_without_framing),
		cmocka_unit_test(request_flags_are_ignored),
		cmocka_unit_test(the_samba_client_is_read),
		cmocka_unit_test(responses_of_any_length_survive_writing_and_reading),
		cmocka_unit_test(fields_that_are_not_there_are_none),
		cmocka_unit_test(tokens_cut_off_anywhere_are_refused),
		cmocka_unit_test(lengths_that_cannot_be_are_refused),
		cmocka_unit_test(a_client_that_prefers_kerberos_is_asked_for_ntlm_and_a_mic),
		cmocka_unit_test(a_mic_that_was_asked_for_has_to_come),
		cmocka_unit_test(a_mic_over_another_list_is_refused),
		cmocka_unit_test(without_signing_no_mic_can_be_had),
		cmocka_unit_test(a_client_without_a_first_token_is_told_the_choice),
		cmocka_unit_test(the_offered_oid_is_echoed_and_who_sends_no_mic_gets_none),
		cmocka_unit_test(a_client_without_ntlm_is_refused),
		cmocka_unit_test(an_initiator_takes_a_refusal_as_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
