/* NTLM messages, keys, signing and sealing against the examples of MS-NLMP 4.2.4. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/ntlm_session-private.h"

static const uint8_t user[] = {'U', 0, 's', 0, 'e', 0, 'r', 0};
static const uint8_t domain[] = {'D', 0, 'o', 0, 'm', 0, 'a', 0, 'i', 0, 'n', 0};
static const uint8_t response_key[] = {
	0x0c, 0x86, 0x8a, 0x40, 0x3b, 0xfd, 0x7a, 0x93,
	0xa3, 0x00, 0x1e, 0xf2, 0x2e, 0xf0, 0x2e, 0x3f,
};
static const uint8_t session_base_key[] = {
	0x8d, 0xe4, 0x0c, 0xca, 0xdb, 0xc1, 0x4a, 0x82,
	0xf1, 0x5c, 0xb0, 0xad, 0x0d, 0xe9, 0x5c, 0xa3,
};
static const uint8_t proof[] = {
	0x68, 0xcd, 0x0a, 0xb8, 0x51, 0xe5, 0x1c, 0x96,
	0xaa, 0xbc, 0x92, 0x7b, 0xeb, 0xef, 0x6a, 0x1c,
};
static const uint8_t server_challenge[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};

static const uint8_t challenge_message[] = {
	0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0x00, 0x02, 0x00, 0x00, 0x00, 0x0c, 0x00, 0x0c,
	0x00, 0x38, 0x00, 0x00, 0x00, 0x33, 0x82, 0x8a, 0xe2, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab,
	0xcd, 0xef, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x24, 0x00, 0x24, 0x00, 0x44,
	0x00, 0x00, 0x00, 0x06, 0x00, 0x70, 0x17, 0x00, 0x00, 0x00, 0x0f, 0x53, 0x00, 0x65, 0x00,
	0x72, 0x00, 0x76, 0x00, 0x65, 0x00, 0x72, 0x00, 0x02, 0x00, 0x0c, 0x00, 0x44, 0x00, 0x6f,
	0x00, 0x6d, 0x00, 0x61, 0x00, 0x69, 0x00, 0x6e, 0x00, 0x01, 0x00, 0x0c, 0x00, 0x53, 0x00,
	0x65, 0x00, 0x72, 0x00, 0x76, 0x00, 0x65, 0x00, 0x72, 0x00, 0x00, 0x00, 0x00, 0x00,
};
static const uint8_t authenticate_message[] = {
	0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0x00, 0x03, 0x00, 0x00, 0x00, 0x18, 0x00, 0x18,
	0x00, 0x6c, 0x00, 0x00, 0x00, 0x54, 0x00, 0x54, 0x00, 0x84, 0x00, 0x00, 0x00, 0x0c, 0x00,
	0x0c, 0x00, 0x48, 0x00, 0x00, 0x00, 0x08, 0x00, 0x08, 0x00, 0x54, 0x00, 0x00, 0x00, 0x10,
	0x00, 0x10, 0x00, 0x5c, 0x00, 0x00, 0x00, 0x10, 0x00, 0x10, 0x00, 0xd8, 0x00, 0x00, 0x00,
	0x35, 0x82, 0x88, 0xe2, 0x05, 0x01, 0x28, 0x0a, 0x00, 0x00, 0x00, 0x0f, 0x44, 0x00, 0x6f,
	0x00, 0x6d, 0x00, 0x61, 0x00, 0x69, 0x00, 0x6e, 0x00, 0x55, 0x00, 0x73, 0x00, 0x65, 0x00,
	0x72, 0x00, 0x43, 0x00, 0x4f, 0x00, 0x4d, 0x00, 0x50, 0x00, 0x55, 0x00, 0x54, 0x00, 0x45,
	0x00, 0x52, 0x00, 0x86, 0xc3, 0x50, 0x97, 0xac, 0x9c, 0xec, 0x10, 0x25, 0x54, 0x76, 0x4a,
	0x57, 0xcc, 0xcc, 0x19, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0x68, 0xcd, 0x0a,
	0xb8, 0x51, 0xe5, 0x1c, 0x96, 0xaa, 0xbc, 0x92, 0x7b, 0xeb, 0xef, 0x6a, 0x1c, 0x01, 0x01,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xaa,
	0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x0c, 0x00,
	0x44, 0x00, 0x6f, 0x00, 0x6d, 0x00, 0x61, 0x00, 0x69, 0x00, 0x6e, 0x00, 0x01, 0x00, 0x0c,
	0x00, 0x53, 0x00, 0x65, 0x00, 0x72, 0x00, 0x76, 0x00, 0x65, 0x00, 0x72, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc5, 0xda, 0xd2, 0x54, 0x4f, 0xc9, 0x79, 0x90, 0x94,
	0xce, 0x1c, 0xe9, 0x0b, 0xc9, 0xd0, 0x3e,
};

#define EXAMPLE_FLAGS                                                                              \
	(NTLM_UNICODE | NTLM_SIGN | NTLM_SEAL | NTLM_EXTENDED_SESSION | NTLM_128 |                 \
	 NTLM_KEY_EXCHANGE)

static struct slice bytes(const uint8_t *data, size_t size)
{
	return slice_of(data, size);
}

static struct ntlm_authenticate example_authenticate(void)
{
	struct ntlm_authenticate m = {0};
	assert_int_equal(ntlm_authenticate_parse(
				 slice_of(authenticate_message, sizeof authenticate_message), &m),
	                 0);
	return m;
}

static void nt_hash_is_md4_of_the_utf16_password(void **state)
{
	static const uint8_t expected[16] = {0xa4, 0xf4, 0x9c, 0x40, 0x65, 0x10, 0xbd, 0xca,
	                                     0xb6, 0x82, 0x4e, 0xe7, 0xc3, 0x0f, 0xd8, 0x52};
	uint8_t hash[16];
	(void)state;
	assert_int_equal(auth_nt_hash("Password", hash), 0);
	assert_memory_equal(hash, expected, sizeof expected);
}

static void nt_hash_refuses_what_is_not_utf8(void **state)
{
	uint8_t hash[16];
	(void)state;
	assert_int_equal(auth_nt_hash("pass\xff", hash), ERR_INVALID);
}

static void response_key_is_that_of_the_example(void **state)
{
	uint8_t hash[16], key[16];
	(void)state;
	assert_int_equal(auth_nt_hash("Password", hash), 0);
	ntlm_response_key(hash, bytes(user, sizeof user), NTLM_UPPER_SIMPLE,
	                  bytes(domain, sizeof domain), key);
	assert_memory_equal(key, response_key, sizeof key);
}

static void response_key_ignores_the_case_of_the_user_but_not_of_the_domain(void **state)
{
	static const uint8_t lower_user[] = {'u', 0, 's', 0, 'E', 0, 'r', 0};
	static const uint8_t lower_domain[] = {'d', 0, 'o', 0, 'm', 0, 'a', 0, 'i', 0, 'n', 0};
	uint8_t hash[16], key[16];
	(void)state;
	assert_int_equal(auth_nt_hash("Password", hash), 0);
	ntlm_response_key(hash, bytes(lower_user, sizeof lower_user), NTLM_UPPER_SIMPLE,
	                  bytes(domain, sizeof domain), key);
	assert_memory_equal(key, response_key, sizeof key);
	ntlm_response_key(hash, bytes(user, sizeof user), NTLM_UPPER_SIMPLE,
	                  bytes(lower_domain, sizeof lower_domain), key);
	assert_memory_not_equal(key, response_key, sizeof key);
}

static void names_of_any_script_are_upper_cased(void **state)
{
	static const struct {
		enum ntlm_upper upper;
		uint16_t in[3], out[4];
		size_t in_units, out_units;
	} cases[] = {
		{NTLM_UPPER_SIMPLE, {'a', 0x00E9, 0x0436}, {'A', 0x00C9, 0x0416}, 3, 3},
		{NTLM_UPPER_SIMPLE, {0x00DF, 0x03C3},      {0x00DF, 0x03A3},      2, 2},
		{NTLM_UPPER_FULL,   {0x00DF, 'x'},         {'S', 'S', 'X'},       2, 3},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t in[6], out[NTLM_UPPER_SIZE];
		for (size_t k = 0; k < cases[i].in_units; k++)
			put_le16(in + 2 * k, cases[i].in[k]);
		size_t size =
			ntlm_upper_case(slice_of(in, 2 * cases[i].in_units), cases[i].upper, out);
		assert_int_equal(size, 2 * cases[i].out_units);
		for (size_t k = 0; k < cases[i].out_units; k++)
			assert_int_equal(out[2 * k] | out[2 * k + 1] << 8, cases[i].out[k]);
	}
}

static void the_longest_name_may_triple_in_upper_case(void **state)
{
	uint8_t in[2 * NTLM_NAME_MAX], out[NTLM_UPPER_SIZE];
	(void)state;
	for (size_t i = 0; i < NTLM_NAME_MAX; i++)
		put_le16(in + 2 * i, 0x0390); /* becomes three code points */
	assert_int_equal(ntlm_upper_case(slice_of(in, sizeof in), NTLM_UPPER_FULL, out),
	                 NTLM_UPPER_SIZE);
}

static void proof_and_session_base_key_are_those_of_the_example(void **state)
{
	struct ntlm_authenticate m = example_authenticate();
	struct ntlm_v2_response v;
	uint8_t computed[16], base_key[16];
	(void)state;
	assert_int_equal(ntlm_v2_response_parse(m.nt_response, &v), 0);
	ntlm_proof(response_key, server_challenge, v.proved, computed);
	assert_memory_equal(computed, proof, sizeof proof);
	assert_memory_equal(v.proof.data, proof, sizeof proof);
	ntlm_session_base_key(response_key, computed, base_key);
	assert_memory_equal(base_key, session_base_key, sizeof base_key);
}

/* Microsoft's open specifications blog, "NTLM and Channel Binding Hash", 2013-03-26. */
static void channel_bindings_are_those_of_the_published_example(void **state)
{
	static const uint8_t hash[32] = {
		0xE3, 0xCA, 0x49, 0x27, 0x1E, 0x50, 0x89, 0xCC, 0x48, 0xCE, 0x82,
		0x10, 0x9F, 0x13, 0x24, 0xF4, 0x1D, 0xBE, 0xDD, 0xC2, 0x9A, 0x77,
		0x74, 0x10, 0xC7, 0x38, 0xF7, 0x86, 0x8C, 0x4F, 0xF4, 0x05,
	};
	static const uint8_t expected[16] = {
		0x6E, 0xA1, 0x9D, 0xF0, 0x66, 0xDA, 0x46, 0x22,
		0x05, 0x1F, 0x9C, 0x4F, 0x92, 0xC6, 0xDF, 0x74,
	};
	uint8_t bindings[NTLM_BINDINGS_SIZE];
	(void)state;
	ntlm_channel_bindings(slice_of(hash, sizeof hash), bindings);
	assert_memory_equal(bindings, expected, sizeof expected);
}

static void exchanged_key_is_that_of_the_example(void **state)
{
	struct ntlm_authenticate m = example_authenticate();
	uint8_t key[16], expected[16];
	(void)state;
	memset(expected, 0x55, sizeof expected);
	assert_int_equal(m.session_key.size, 16);
	ntlm_exchange_key(session_base_key, m.session_key.data, key);
	assert_memory_equal(key, expected, sizeof expected);
}

static void sealed_message_is_that_of_the_example(void **state)
{
	static const uint8_t plain[] = {'P', 0,   'l', 0,   'a', 0,   'i', 0,   'n',
	                                0,   't', 0,   'e', 0,   'x', 0,   't', 0};
	static const uint8_t expected[] = {0x54, 0xe5, 0x01, 0x65, 0xbf, 0x19, 0x36, 0xdc, 0x99,
	                                   0x60, 0x20, 0xc1, 0x81, 0x1b, 0x0f, 0x06, 0xfb, 0x5f};
	static const uint8_t expected_signature[] = {0x01, 0x00, 0x00, 0x00, 0x7f, 0xb3,
	                                             0x8e, 0xc5, 0xc5, 0x5d, 0x49, 0x76,
	                                             0x00, 0x00, 0x00, 0x00};
	uint8_t key[16], message[sizeof plain], signature[NTLM_SIGNATURE_SIZE];
	(void)state;
	memset(key, 0x55, sizeof key);
	memcpy(message, plain, sizeof plain);
	struct ntlm_session s;
	assert_non_null(ntlm_session_make(&s, NTLM_INITIATOR, key, EXAMPLE_FLAGS));
	ntlm_session_seal(&s, slice_of(message, sizeof message),
	                  (struct ntlm_region){message, sizeof message}, signature);
	assert_memory_equal(message, expected, sizeof expected);
	assert_memory_equal(signature, expected_signature, sizeof expected_signature);
}

static void what_one_side_seals_the_other_opens_in_sequence(void **state)
{
	uint8_t key[16] = {1, 2, 3};
	struct ntlm_session client, server;
	assert_non_null(ntlm_session_make(&client, NTLM_INITIATOR, key, EXAMPLE_FLAGS));
	assert_non_null(ntlm_session_make(&server, NTLM_ACCEPTOR, key, EXAMPLE_FLAGS));
	(void)state;
	for (int i = 0; i < 5; i++) {
		uint8_t message[] = "header body trailer", signature[NTLM_SIGNATURE_SIZE];
		struct ntlm_region body = {message + 7, 4};
		struct slice whole = slice_of(message, sizeof message);
		ntlm_session_seal(&client, whole, body, signature);
		assert_memory_not_equal(message + 7, "body", 4);
		assert_true(ntlm_session_unseal(&server, whole, body,
		                                slice_of(signature, sizeof signature)));
		assert_string_equal((char *)message, "header body trailer");
	}
}

static void a_replayed_message_is_refused(void **state)
{
	uint8_t key[16] = {1}, message[] = "message", signature[NTLM_SIGNATURE_SIZE];
	struct ntlm_session client, server;
	uint32_t flags = EXAMPLE_FLAGS & ~NTLM_KEY_EXCHANGE;
	assert_non_null(ntlm_session_make(&client, NTLM_INITIATOR, key, flags));
	assert_non_null(ntlm_session_make(&server, NTLM_ACCEPTOR, key, flags));
	struct slice whole = slice_of(message, sizeof message);
	struct ntlm_region none = {message, 0};
	(void)state;
	ntlm_session_seal(&client, whole, none, signature);
	assert_true(
		ntlm_session_unseal(&server, whole, none, slice_of(signature, sizeof signature)));
	assert_false(
		ntlm_session_unseal(&server, whole, none, slice_of(signature, sizeof signature)));
}

static void every_byte_of_a_signature_counts(void **state)
{
	uint8_t key[16] = {9}, message[] = "message", signature[NTLM_SIGNATURE_SIZE];
	struct ntlm_region none = {message, 0};
	(void)state;
	for (size_t i = 0; i < NTLM_SIGNATURE_SIZE; i++) {
		struct ntlm_session client, server;
		assert_non_null(ntlm_session_make(&client, NTLM_INITIATOR, key, EXAMPLE_FLAGS));
		assert_non_null(ntlm_session_make(&server, NTLM_ACCEPTOR, key, EXAMPLE_FLAGS));
		ntlm_session_seal(&client, slice_of(message, sizeof message), none, signature);
		signature[i] ^= 1;
		assert_false(ntlm_session_unseal(&server, slice_of(message, sizeof message), none,
		                                 slice_of(signature, sizeof signature)));
	}
}

/* MS-SPNG 3.2.5.1. */
static void signing_mechanisms_keeps_the_rc4_state_but_takes_a_sequence_number(void **state)
{
	uint8_t key[16] = {7}, mic[NTLM_SIGNATURE_SIZE], message[] = "message",
		first[NTLM_SIGNATURE_SIZE];
	struct ntlm_session s;
	assert_non_null(ntlm_session_make(&s, NTLM_INITIATOR, key, EXAMPLE_FLAGS));
	struct arcfour_ctx before = s.out.rc4;
	(void)state;
	ntlm_session_sign_mechanisms(&s, slice_of_string("mechanisms"), mic);
	assert_memory_equal(&s.out.rc4, &before, sizeof before);
	ntlm_session_seal(&s, slice_of(message, sizeof message), (struct ntlm_region){message, 0},
	                  first);
	assert_int_equal(mic[12], 0);
	assert_int_equal(first[12], 1);
}

static void a_session_without_128_bit_keys_cannot_be_had(void **state)
{
	uint8_t key[16] = {7};
	(void)state;
	struct ntlm_session s;
	assert_null(ntlm_session_make(&s, NTLM_ACCEPTOR, key, EXAMPLE_FLAGS & ~NTLM_128));
}

static void challenge_of_the_example_is_read(void **state)
{
	struct ntlm_challenge m;
	(void)state;
	assert_int_equal(
		ntlm_challenge_parse(slice_of(challenge_message, sizeof challenge_message), &m), 0);
	assert_int_equal(m.flags, 0xe28a8233);
	assert_memory_equal(m.server_challenge, server_challenge, sizeof server_challenge);
	assert_int_equal(m.target_name.size, 12);
	assert_int_equal(m.target_info.size, 36);
}

static void challenge_of_the_example_is_written(void **state)
{
	struct ntlm_challenge m;
	struct buffer b;
	(void)state;
	buffer_init(&b, 1000);
	assert_int_equal(
		ntlm_challenge_parse(slice_of(challenge_message, sizeof challenge_message), &m), 0);
	ntlm_challenge_write(&m, &b);
	assert_int_equal(b.size, sizeof challenge_message);
	assert_memory_equal(b.data, challenge_message, 48);
	assert_memory_equal(b.data + 56, challenge_message + 56,
	                    b.size - 56); /* the VERSION between is ours */
	buffer_free(&b);
}

static void authenticate_of_the_example_is_read(void **state)
{
	struct ntlm_authenticate m = example_authenticate();
	(void)state;
	assert_int_equal(m.flags, 0xe2888235);
	assert_true(slice_equal(m.user, slice_of(user, sizeof user)));
	assert_true(slice_equal(m.domain, slice_of(domain, sizeof domain)));
	assert_int_equal(m.workstation.size, 16);
	assert_int_equal(m.lm_response.size, 24);
	assert_int_equal(m.nt_response.size, 0x54);
}

static void authenticate_survives_writing_and_reading(void **state)
{
	struct ntlm_authenticate m = example_authenticate(), again = {0};
	struct buffer b;
	(void)state;
	buffer_init(&b, 1000);
	ntlm_authenticate_write(&m, &b);
	assert_int_equal(ntlm_authenticate_parse(buffer_slice(&b), &again), 0);
	assert_int_equal(again.flags, m.flags);
	assert_true(slice_equal(again.lm_response, m.lm_response));
	assert_true(slice_equal(again.nt_response, m.nt_response));
	assert_true(slice_equal(again.domain, m.domain));
	assert_true(slice_equal(again.user, m.user));
	assert_true(slice_equal(again.workstation, m.workstation));
	assert_true(slice_equal(again.session_key, m.session_key));
	buffer_free(&b);
}

/* A copy of exactly that size, so that a read behind its end is seen. */
static uint8_t *cut(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	memcpy(copy, data, size);
	return copy;
}

static void messages_cut_off_anywhere_are_refused(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof authenticate_message; size++) {
		uint8_t *copy = cut(authenticate_message, size);
		struct ntlm_authenticate m;
		assert_int_equal(ntlm_authenticate_parse(slice_of(copy, size), &m), ERR_INVALID);
		free(copy);
	}
	for (size_t size = 0; size < sizeof challenge_message; size++) {
		uint8_t *copy = cut(challenge_message, size);
		struct ntlm_challenge m;
		assert_int_equal(ntlm_challenge_parse(slice_of(copy, size), &m), ERR_INVALID);
		free(copy);
	}
	for (size_t size = 0; size < 16; size++) {
		uint8_t *copy = cut(challenge_message, size);
		struct ntlm_negotiate m;
		assert_int_equal(ntlm_negotiate_parse(slice_of(copy, size), &m), ERR_INVALID);
		free(copy);
	}
}

static void a_response_cut_off_before_the_end_of_its_list_is_refused(void **state)
{
	struct slice whole = example_authenticate().nt_response;
	struct ntlm_v2_response v;
	(void)state;
	for (size_t size = 0; size < whole.size - 4; size++) { /* four zeros follow the list */
		uint8_t *copy = cut(whole.data, size);
		assert_int_equal(ntlm_v2_response_parse(slice_of(copy, size), &v), ERR_INVALID);
		free(copy);
	}
	assert_int_equal(ntlm_v2_response_parse(slice_of(whole.data, whole.size - 4), &v), 0);
}

static void fields_outside_the_message_are_refused(void **state)
{
	static const size_t fields[] = {12, 20, 28, 36, 44, 52};
	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		uint8_t copy[sizeof authenticate_message];
		struct ntlm_authenticate m;
		memcpy(copy, authenticate_message, sizeof copy);
		put_le32(copy + fields[i] + 4, 0xFFFFFFF0);
		assert_int_equal(ntlm_authenticate_parse(slice_of(copy, sizeof copy), &m),
		                 ERR_INVALID);
	}
}

static void an_empty_field_may_point_anywhere(void **state)
{
	uint8_t copy[sizeof authenticate_message];
	struct ntlm_authenticate m;
	(void)state;
	memcpy(copy, authenticate_message, sizeof copy);
	put_le16(copy + 44, 0);
	put_le32(copy + 48, 0xFFFFFFFF);
	assert_int_equal(ntlm_authenticate_parse(slice_of(copy, sizeof copy), &m), 0);
	assert_int_equal(m.workstation.size, 0);
}

static void mic_takes_its_own_field_as_zeros(void **state)
{
	uint8_t key[16] = {3}, message[100] = {0}, zeroed[16], filled[16];
	struct slice none = slice_of("", 0);
	(void)state;
	ntlm_mic(key, none, none, slice_of(message, sizeof message), zeroed);
	memset(message + NTLM_MIC_OFFSET, 0xEE, NTLM_MIC_SIZE);
	ntlm_mic(key, none, none, slice_of(message, sizeof message), filled);
	assert_memory_equal(zeroed, filled, sizeof filled);
	message[NTLM_MIC_OFFSET + NTLM_MIC_SIZE] = 1;
	ntlm_mic(key, none, none, slice_of(message, sizeof message), filled);
	assert_memory_not_equal(zeroed, filled, sizeof filled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nt_hash_is_md4_of_the_utf16_password),
		cmocka_unit_test(nt_hash_refuses_what_is_not_utf8),
		cmocka_unit_test(response_key_is_that_of_the_example),
		cmocka_unit_test(response_key_ignores_the_case_of_the_user_but_not_of_the_domain),
		cmocka_unit_test(names_of_any_script_are_upper_cased),
		cmocka_unit_test(the_longest_name_may_triple_in_upper_case),
		cmocka_unit_test(proof_and_session_base_key_are_those_of_the_example),
		cmocka_unit_test(channel_bindings_are_those_of_the_published_example),
		cmocka_unit_test(exchanged_key_is_that_of_the_example),
		cmocka_unit_test(sealed_message_is_that_of_the_example),
		cmocka_unit_test(what_one_side_seals_the_other_opens_in_sequence),
		cmocka_unit_test(a_replayed_message_is_refused),
		cmocka_unit_test(every_byte_of_a_signature_counts),
		cmocka_unit_test(
			signing_mechanisms_keeps_the_rc4_state_but_takes_a_sequence_number),
		cmocka_unit_test(a_session_without_128_bit_keys_cannot_be_had),
		cmocka_unit_test(challenge_of_the_example_is_read),
		cmocka_unit_test(challenge_of_the_example_is_written),
		cmocka_unit_test(authenticate_of_the_example_is_read),
		cmocka_unit_test(authenticate_survives_writing_and_reading),
		cmocka_unit_test(messages_cut_off_anywhere_are_refused),
		cmocka_unit_test(a_response_cut_off_before_the_end_of_its_list_is_refused),
		cmocka_unit_test(fields_outside_the_message_are_refused),
		cmocka_unit_test(an_empty_field_may_point_anywhere),
		cmocka_unit_test(mic_takes_its_own_field_as_zeros),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
