/* Logins: the initiator against the acceptor, and tokens that a test changes on the way. */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/ntlm_accept-private.h"
#include "auth/ntlm_initiate-private.h"
#include "auth_site.h"
#include "base/counters.h"

#define CLIENT_ADDRESS "192.0.2.1"
#define TOKEN_LIMIT    65536

/* What goes over the wire may be changed by a test: it gets each token, numbered from 1. */
typedef void tamper_fn(unsigned number, struct buffer *token);

struct pair {
	struct site site;
	struct auth_initiator_config client_config;
	enum auth_level server_level;
	enum auth_type server_type;
	const char *client_address;
	tamper_fn *tamper;

	struct auth_context *client, *server;
	enum auth_status client_status, server_status;
	unsigned tokens;
};

static void pair_open(struct pair *p, enum auth_type type, enum auth_level level)
{
	*p = (struct pair){
		.client_config =
			{
					.type = type,
					.level = level,
					.user = "alice",
					.domain = "EXAMPLE",
					.workstation = "DESK7",
					.password = SITE_PASSWORD,
					},
		.server_level = level,
		.server_type = type,
		.client_address = CLIENT_ADDRESS,
	};
	site_open(&p->site);
}

static void pair_reset(struct pair *p)
{
	auth_context_free(p->client);
	auth_context_free(p->server);
	p->client = auth_initiate_new(&p->client_config);
	p->server = auth_accept_new(p->site.service, p->server_type, p->server_level,
	                            p->client_address);
	p->client_status = p->server_status = AUTH_CONTINUE;
	p->tokens = 0;
}

static void pair_close(struct pair *p)
{
	auth_context_free(p->client);
	auth_context_free(p->server);
	site_close(&p->site);
}

static void carry(struct pair *p, struct buffer *token)
{
	p->tokens++;
	if (p->tamper)
		p->tamper(p->tokens, token);
}

static void client_turn(struct pair *p, struct buffer *to_client, struct buffer *to_server)
{
	buffer_clear(to_server);
	if (p->client_status == AUTH_CONTINUE)
		p->client_status =
			auth_initiate_step(p->client, buffer_slice(to_client), to_server);
	if (to_server->size > 0)
		carry(p, to_server);
}

static void server_turn(struct pair *p, struct buffer *to_server, struct buffer *to_client)
{
	buffer_clear(to_client);
	if (to_server->size > 0 && p->server_status == AUTH_CONTINUE)
		p->server_status = auth_accept_step(p->server, buffer_slice(to_server), to_client);
	if (to_client->size > 0)
		carry(p, to_client);
}

/* Until neither side has anything to say. */
static void run(struct pair *p)
{
	struct buffer to_client, to_server;
	buffer_init(&to_client, TOKEN_LIMIT);
	buffer_init(&to_server, TOKEN_LIMIT);
	pair_reset(p);
	do {
		client_turn(p, &to_client, &to_server);
		server_turn(p, &to_server, &to_client);
	} while (to_client.size > 0);
	buffer_free(&to_client);
	buffer_free(&to_server);
}

static void assert_logged_in(struct pair *p)
{
	assert_string_equal(auth_failure(p->server), "");
	assert_string_equal(auth_failure(p->client), "");
	assert_int_equal(p->server_status, AUTH_COMPLETE);
	assert_int_equal(p->client_status, AUTH_COMPLETE);
}

static void assert_refused(struct pair *p, const char *why)
{
	assert_int_equal(p->server_status, AUTH_FAILED);
	assert_string_equal(auth_failure(p->server), why);
}

static const struct {
	enum auth_type type;
	bool bare;
} framings[] = {
	{AUTH_TYPE_NTLM,   false},
	{AUTH_TYPE_SPNEGO, false},
	{AUTH_TYPE_SPNEGO, true },
};
static const enum auth_level levels[] = {
	AUTH_LEVEL_CONNECT,
	AUTH_LEVEL_PACKET,
	AUTH_LEVEL_INTEGRITY,
	AUTH_LEVEL_PRIVACY,
};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void assert_one_pdu_passes(struct auth_context *from, struct auth_context *to, bool sealed)
{
	uint8_t pdu[] = "header..body....trailer.", token[AUTH_TOKEN_MAX];
	const size_t size = sizeof pdu - 1;
	assert_int_equal(auth_protect(from, pdu, size, 8, 8, token), 0);
	assert_memory_equal(pdu, "header..", 8);
	assert_int_equal(memcmp(pdu + 8, "body....", 8) != 0, sealed);
	assert_memory_equal(pdu + 16, "trailer.", 8);
	assert_int_equal(
		auth_unprotect(to, pdu, size, 8, 8, slice_of(token, auth_token_size(from))), 0);
	assert_string_equal((char *)pdu, "header..body....trailer.");
}

static void every_level_and_framing_logs_in_and_protects_both_ways(void **state)
{
	(void)state;
	for (size_t f = 0; f < COUNT(framings); f++) {
		for (size_t l = 0; l < COUNT(levels); l++) {
			struct pair p;
			pair_open(&p, framings[f].type, levels[l]);
			p.client_config.bare_ntlm = framings[f].bare;
			run(&p);
			assert_logged_in(&p);
			bool connect = levels[l] == AUTH_LEVEL_CONNECT;
			assert_int_equal(auth_token_size(p.server), connect ? 0 : 16);
			for (int i = 0; i < 3 && !connect; i++) {
				bool sealed = levels[l] == AUTH_LEVEL_PRIVACY;
				assert_one_pdu_passes(p.client, p.server, sealed);
				assert_one_pdu_passes(p.server, p.client, sealed);
			}
			pair_close(&p);
		}
	}
}

static void the_principal_is_the_account_by_its_own_name(void **state)
{
	struct pair p;
	(void)state;
	pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_INTEGRITY);
	p.client_config.user = "ALICE";
	run(&p);
	assert_logged_in(&p);
	const struct principal *who = auth_principal(p.server);
	assert_string_equal(who->account, "alice");
	assert_string_equal(who->mechanism, "ntlm");
	assert_string_equal(who->workstation, "DESK7");
	assert_true(who->authenticated);
	pair_close(&p);
}

static void a_wrong_password_is_refused_by_name_of_the_reason(void **state)
{
	struct pair p;
	(void)state;
	pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_CONNECT);
	p.client_config.password = "secret 1";
	run(&p);
	assert_refused(&p, "wrong password");
	assert_string_equal(auth_claimed_account(p.server), "EXAMPLE\\alice");
	pair_close(&p);
}

static void accounts_are_found_whatever_the_spelling(void **state)
{
	static const struct {
		const char *user, *domain, *account;
	} cases[] = {
		{"Alice",             "EXAMPLE", "alice"        },
		{"alice",             "desk7",   "alice"        },
		{"alice@example.org", "",        "alice"        },
		{"strau\xc3\x9f",     "EXAMPLE", "strau\xc3\x9f"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pair p;
		pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_CONNECT);
		p.client_config.user = cases[i].user;
		p.client_config.domain = cases[i].domain;
		run(&p);
		assert_logged_in(&p);
		assert_string_equal(auth_principal(p.server)->account, cases[i].account);
		pair_close(&p);
	}
}

static void logins_that_fail_say_why_to_the_log_alone(void **state)
{
	static const struct {
		const char *user, *domain, *password, *why;
	} cases[] = {
		{"alice",  "EXAMPLE", "wrong",       "wrong password"  },
		{"alice",  "EXAMPLE", "",            "wrong password"  },
		{"nobody", "EXAMPLE", SITE_PASSWORD, "unknown account" },
		{"alice",  "FOREIGN", SITE_PASSWORD, "unknown account" },
		{"carol",  "EXAMPLE", SITE_PASSWORD, "account disabled"},
		{"carol",  "EXAMPLE", "wrong",       "wrong password"  },
		{"",       "",        "",            "anonymous"       },
	};
	(void)state;
	for (size_t f = 0; f < COUNT(framings); f++) {
		for (size_t i = 0; i < COUNT(cases); i++) {
			struct pair p;
			pair_open(&p, framings[f].type, AUTH_LEVEL_INTEGRITY);
			p.client_config.bare_ntlm = framings[f].bare;
			p.client_config.user = cases[i].user;
			p.client_config.domain = cases[i].domain;
			p.client_config.password = cases[i].password;
			run(&p);
			assert_refused(&p, cases[i].why);
			pair_close(&p);
		}
	}
}

/* The hash that stands for an unknown account is known to everybody. */
static void the_stand_in_for_an_unknown_account_lets_nobody_in(void **state)
{
	static const uint8_t zeros[NTLM_KEY_SIZE];
	struct account_secret secret = {0};
	struct site site;
	(void)state;
	site_open(&site);
	assert_int_equal(site_find(NULL, slice_of_string("nobody"), slice_of_string(""), &secret),
	                 ERR_NOT_FOUND);
	assert_memory_equal(secret.nt_hash, zeros, sizeof zeros);

	struct ntlm_acceptor a;
	struct ntlm_initiator i;
	struct auth_initiator_config config = {
		.type = AUTH_TYPE_NTLM,
		.level = AUTH_LEVEL_CONNECT,
		.user = "nobody",
		.password = "x",
	};
	struct buffer negotiate, challenge, authenticate;
	buffer_init(&negotiate, TOKEN_LIMIT);
	buffer_init(&challenge, TOKEN_LIMIT);
	buffer_init(&authenticate, TOKEN_LIMIT);
	ntlm_acceptor_init(&a, site.service, AUTH_LEVEL_CONNECT, CLIENT_ADDRESS);
	ntlm_initiator_init(&i, &config);
	memset(i.nt_hash, 0, sizeof i.nt_hash);
	assert_int_equal(ntlm_initiate_step(&i, slice_of("", 0), &negotiate), AUTH_CONTINUE);
	assert_int_equal(ntlm_accept_step(&a, buffer_slice(&negotiate), &challenge), AUTH_CONTINUE);
	assert_int_equal(ntlm_initiate_step(&i, buffer_slice(&challenge), &authenticate),
	                 AUTH_COMPLETE);
	assert_int_equal(ntlm_accept_step(&a, buffer_slice(&authenticate), &challenge),
	                 AUTH_FAILED);
	ntlm_acceptor_clear(&a);
	ntlm_initiator_clear(&i);
	buffer_free(&negotiate);
	buffer_free(&challenge);
	buffer_free(&authenticate);
	site_close(&site);
}

static void anonymous_completes_only_when_allowed_and_proves_nothing(void **state)
{
	(void)state;
	for (size_t f = 0; f < COUNT(framings); f++) {
		struct pair p;
		pair_open(&p, framings[f].type, AUTH_LEVEL_INTEGRITY);
		p.client_config.bare_ntlm = framings[f].bare;
		p.client_config.user = p.client_config.domain = p.client_config.password = "";
		p.site.config.anonymous = true;
		auth_service_reconfigure(p.site.service, &p.site.config);
		run(&p);
		assert_logged_in(&p);
		assert_false(auth_principal(p.server)->authenticated);
		assert_string_equal(auth_principal(p.server)->account, "");
		assert_string_equal(auth_principal(p.server)->mechanism, "anonymous");
		pair_close(&p);
	}
}

static uint8_t *ntlm_in(struct buffer *token)
{
	return memmem(token->data, token->size, "NTLMSSP", 8);
}

static void without_extended_session(unsigned number, struct buffer *token)
{
	if (number == 3)
		ntlm_in(token)[62] &= (uint8_t)~0x08;
}

/* As Samba's clients do when they are nobody. */
static void anonymous_without_keys_completes_but_can_protect_nothing(void **state)
{
	struct pair p;
	uint8_t pdu[16] = {0}, token[AUTH_TOKEN_MAX] = {0};
	(void)state;
	pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY);
	p.client_config.user = p.client_config.domain = p.client_config.password = "";
	p.site.config.anonymous = true;
	auth_service_reconfigure(p.site.service, &p.site.config);
	p.tamper = without_extended_session;
	run(&p);
	assert_int_equal(p.server_status, AUTH_COMPLETE);
	assert_int_equal(auth_protect(p.server, pdu, sizeof pdu, 0, sizeof pdu, token),
	                 ERR_UNSUPPORTED);
	assert_int_equal(
		auth_unprotect(p.server, pdu, sizeof pdu, 0, sizeof pdu, slice_of(token, 16)),
		ERR_DENIED);
	pair_close(&p);
}

static void any_changed_byte_of_a_pdu_is_noticed(void **state)
{
	static const enum auth_level signing[] = {AUTH_LEVEL_PACKET, AUTH_LEVEL_INTEGRITY,
	                                          AUTH_LEVEL_PRIVACY};
	(void)state;
	for (size_t l = 0; l < COUNT(signing); l++) {
		for (size_t i = 0; i < 24 + 16; i++) {
			struct pair p;
			uint8_t pdu[24 + 16] = "header..body....trailer.";
			pair_open(&p, AUTH_TYPE_SPNEGO, signing[l]);
			run(&p);
			assert_logged_in(&p);
			assert_int_equal(auth_protect(p.client, pdu, 24, 8, 8, pdu + 24), 0);
			pdu[i] ^= 0x40;
			assert_int_equal(
				auth_unprotect(p.server, pdu, 24, 8, 8, slice_of(pdu + 24, 16)),
				ERR_DENIED);
			pair_close(&p);
		}
	}
}

static void a_token_of_another_length_is_no_signature(void **state)
{
	struct pair p;
	uint8_t pdu[24] = "header..body....trailer.", token[AUTH_TOKEN_MAX] = {0};
	(void)state;
	for (size_t size = 0; size <= 32; size++) {
		pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_INTEGRITY);
		run(&p);
		assert_int_equal(auth_protect(p.client, pdu, 24, 8, 8, token), 0);
		assert_int_equal(auth_unprotect(p.server, pdu, 24, 8, 8, slice_of(token, size)),
		                 size == 16 ? 0 : ERR_DENIED);
		pair_close(&p);
	}
}

/* What a client asks for goes into the first token at 12, what it took into the third at 60. */
static uint32_t dropped_flag;
static unsigned dropped_in;

static void drop_flag(unsigned number, struct buffer *token)
{
	if (number != dropped_in)
		return;
	uint8_t *message = ntlm_in(token);
	uint8_t *flags = message + (number == 1 ? 12 : 60);
	struct reader r;
	reader_init(&r, flags, 4);
	put_le32(flags, reader_u32(&r) & ~dropped_flag);
}

/* Sealing may be missing from what is asked for: it is what was taken in the end that counts. */
static void flags_that_a_level_needs_are_insisted_on(void **state)
{
	static const struct {
		enum auth_level level;
		uint32_t flag;
		unsigned first; /* message that may not lack it */
		const char *why;
	} cases[] = {
  /* clang-format off */
		{ AUTH_LEVEL_CONNECT,   NTLM_UNICODE,          1, "Unicode not negotiated" },
		{ AUTH_LEVEL_CONNECT,   NTLM_EXTENDED_SESSION, 1, "extended session security not negotiated" },
		{ AUTH_LEVEL_INTEGRITY, NTLM_UNICODE,          1, "Unicode not negotiated" },
		{ AUTH_LEVEL_INTEGRITY, NTLM_128,              1, "128-bit keys not negotiated" },
		{ AUTH_LEVEL_PRIVACY,   NTLM_SEAL,             3, "sealing not negotiated" },
  /* clang-format on */
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (dropped_in = cases[i].first; dropped_in <= 3; dropped_in += 2) {
			struct pair p;
			dropped_flag = cases[i].flag;
			pair_open(&p, AUTH_TYPE_NTLM, cases[i].level);
			p.tamper = drop_flag;
			run(&p);
			assert_refused(&p, cases[i].why);
			pair_close(&p);
		}
	}
}

static void change_version_in_negotiate(unsigned number, struct buffer *token)
{
	if (number == 1)
		ntlm_in(token)[32] ^= 1;
}

static void change_version_in_challenge(unsigned number, struct buffer *token)
{
	if (number == 2)
		ntlm_in(token)[48] ^= 1;
}

static void change_workstation(unsigned number, struct buffer *token)
{
	if (number == 3)
		*(uint8_t *)memmem(token->data, token->size, "D\0E\0S\0K", 7) ^= 1;
}

static void change_mic(unsigned number, struct buffer *token)
{
	if (number == 3)
		ntlm_in(token)[NTLM_MIC_OFFSET] ^= 1;
}

static void a_change_in_any_of_the_three_messages_fails_the_mic(void **state)
{
	static tamper_fn *const changes[] = {
		change_version_in_negotiate,
		change_version_in_challenge,
		change_workstation,
		change_mic,
	};
	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct pair p;
		pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_CONNECT);
		p.tamper = changes[i];
		run(&p);
		assert_refused(&p, "messages changed on the way (MIC)");
		pair_close(&p);
	}
}

static void set_field_size(struct buffer *token, size_t field, uint16_t size)
{
	put_le16(ntlm_in(token) + field, size);
}

static void shorten_session_key(unsigned number, struct buffer *token)
{
	if (number == 3)
		set_field_size(token, 52, 15);
}

static void shorten_response_to_v1(unsigned number, struct buffer *token)
{
	if (number == 3)
		set_field_size(token, 20, 24);
}

static void drop_response(unsigned number, struct buffer *token)
{
	if (number == 3)
		set_field_size(token, 20, 0);
}

static void shorten_response_to_47(unsigned number, struct buffer *token)
{
	if (number == 3)
		set_field_size(token, 20, 47);
}

static void cut_list_before_its_end(unsigned number, struct buffer *token)
{
	if (number == 3)
		set_field_size(token, 20, 60);
}

static void make_user_odd(unsigned number, struct buffer *token)
{
	if (number == 3)
		set_field_size(token, 36, 9);
}

static void lengths_are_checked_before_anything_is_computed(void **state)
{
	static const struct {
		tamper_fn *change;
		const char *why;
	} cases[] = {
		{shorten_session_key,     "session key missing"           },
		{shorten_response_to_v1,  "NTLMv1 or LM response"         },
		{drop_response,           "NTLMv1 or LM response"         },
		{shorten_response_to_47,  "malformed NTLMv2 response"     },
		{cut_list_before_its_end, "malformed NTLMv2 response"     },
		{make_user_odd,           "malformed AUTHENTICATE message"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pair p;
		pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_INTEGRITY);
		p.tamper = cases[i].change;
		run(&p);
		assert_refused(&p, cases[i].why);
		pair_close(&p);
	}
}

static void challenges_have_no_flags_but_names_and_time(void **state)
{
	struct pair p;
	struct buffer none, negotiate, challenge;
	struct ntlm_challenge m;
	struct ntlm_av av;
	struct reader r;
	unsigned seen = 0;
	(void)state;
	buffer_init(&none, TOKEN_LIMIT);
	buffer_init(&negotiate, TOKEN_LIMIT);
	buffer_init(&challenge, TOKEN_LIMIT);
	pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY);
	pair_reset(&p);
	client_turn(&p, &none, &negotiate);
	server_turn(&p, &negotiate, &challenge);
	assert_int_equal(ntlm_challenge_parse(buffer_slice(&challenge), &m), 0);
	reader_init(&r, m.target_info.data, m.target_info.size);
	while (ntlm_av_next(&r, &av))
		seen |= 1U << av.id;
	assert_false(r.failed);
	assert_int_equal(seen, 1U << NTLM_AV_NETBIOS_DOMAIN | 1U << NTLM_AV_NETBIOS_COMPUTER |
	                               1U << NTLM_AV_DNS_DOMAIN | 1U << NTLM_AV_DNS_COMPUTER |
	                               1U << NTLM_AV_TIMESTAMP);
	buffer_free(&negotiate);
	buffer_free(&challenge);
	pair_close(&p);
}

static struct buffer kept;

static void keep_third(unsigned number, struct buffer *token)
{
	if (number == 3)
		buffer_put(&kept, token->data, token->size);
}

static void a_challenge_is_used_once(void **state)
{
	struct pair p;
	struct buffer out;
	(void)state;
	buffer_init(&kept, TOKEN_LIMIT);
	buffer_init(&out, TOKEN_LIMIT);
	pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_CONNECT);
	p.tamper = keep_third;
	run(&p);
	assert_logged_in(&p);
	assert_int_equal(auth_accept_step(p.server, buffer_slice(&kept), &out), AUTH_FAILED);
	assert_string_equal(auth_principal(p.server)->account, "alice"); /* as it was */
	buffer_free(&kept);
	buffer_free(&out);
	pair_close(&p);
}

static unsigned cut_number;
static size_t cut_size;

static void cut_token(unsigned number, struct buffer *token)
{
	if (number == cut_number && token->size > cut_size)
		token->size = cut_size;
}

/* Under ASan the rest of the buffer is still there: the parsers' own tests use exact copies. */
static void a_token_cut_off_anywhere_never_completes_a_login(void **state)
{
	(void)state;
	for (size_t f = 0; f < COUNT(framings); f++) {
		for (cut_number = 1; cut_number <= 3; cut_number += 2) {
			for (cut_size = 0; cut_size < (cut_number == 1 ? 16U : 320U); cut_size++) {
				struct pair p;
				pair_open(&p, framings[f].type, AUTH_LEVEL_INTEGRITY);
				p.client_config.bare_ntlm = framings[f].bare;
				p.tamper = cut_token;
				run(&p);
				assert_int_not_equal(p.server_status, AUTH_COMPLETE);
				pair_close(&p);
			}
		}
	}
}

static void logins_are_counted(void **state)
{
	struct pair p;
	uint64_t logins = counter_read(COUNTER_LOGINS),
		 failed = counter_read(COUNTER_LOGINS_FAILED);
	(void)state;
	pair_open(&p, AUTH_TYPE_SPNEGO, AUTH_LEVEL_CONNECT);
	run(&p);
	p.client_config.password = "wrong";
	run(&p);
	run(&p);
	assert_int_equal(counter_read(COUNTER_LOGINS), logins + 1);
	assert_int_equal(counter_read(COUNTER_LOGINS_FAILED), failed + 2);
	pair_close(&p);
}

static void ntlm_can_be_switched_off(void **state)
{
	struct pair p;
	(void)state;
	pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_CONNECT);
	assert_true(auth_type_offered(p.site.service, AUTH_TYPE_NTLM));
	assert_true(auth_type_offered(p.site.service, AUTH_TYPE_SPNEGO));
	assert_false(auth_type_offered(p.site.service, AUTH_TYPE_KERBEROS));
	p.site.config.ntlm = false;
	auth_service_reconfigure(p.site.service, &p.site.config);
	assert_false(auth_type_offered(p.site.service, AUTH_TYPE_NTLM));
	run(&p);
	assert_refused(&p, "NTLM is switched off");
	pair_close(&p);
}

enum { SLOWED_DOWN_MS = 100 }; /* longer than a login takes under a sanitizer */

static void open_slowed_down(struct pair *p)
{
	pair_open(p, AUTH_TYPE_SPNEGO, AUTH_LEVEL_INTEGRITY);
	p->site.config.login_delay_max_ms = SLOWED_DOWN_MS;
	auth_service_reconfigure(p->site.service, &p->site.config);
	p->client_config.password = "wrong";
	for (int i = 0; i < 3; i++)
		run(p);
	p->client_config.password = SITE_PASSWORD;
}

static enum auth_status resume_until_checked(struct pair *p, struct buffer *out)
{
	enum auth_status status;
	do {
		status = auth_accept_resume(p->server, out);
	} while (status == AUTH_WAIT);
	return status;
}

static void after_wrong_passwords_a_login_waits_and_then_succeeds(void **state)
{
	struct pair p;
	struct buffer out;
	(void)state;
	buffer_init(&out, TOKEN_LIMIT);
	open_slowed_down(&p);
	run(&p);
	assert_int_equal(p.server_status, AUTH_WAIT);
	assert_in_range(auth_wait_ms(p.server), 0, SLOWED_DOWN_MS);
	assert_int_equal(resume_until_checked(&p, &out), AUTH_COMPLETE);
	assert_int_equal(auth_initiate_step(p.client, buffer_slice(&out), &out), AUTH_COMPLETE);
	run(&p);
	assert_int_equal(p.server_status, AUTH_COMPLETE); /* without waiting again */
	buffer_free(&out);
	pair_close(&p);
}

static void slowing_down_one_address_leaves_the_others_alone(void **state)
{
	struct pair p;
	(void)state;
	open_slowed_down(&p);
	p.client_address = "192.0.2.77";
	run(&p);
	assert_logged_in(&p);
	pair_close(&p);
}

static void every_spelling_of_an_account_is_slowed_down(void **state)
{
	static const struct {
		const char *first, *second, *second_domain;
	} cases[] = {
		{"alice",  "ALICE@example.org",  ""     },
		{"alice",  "Alice",              "DESK7"},
		{"nobody", "NOBODY@example.org", ""     },
		{"nobody", "Nobody",             "DESK7"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pair p;
		pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_CONNECT);
		p.site.config.login_delay_max_ms = 60000;
		auth_service_reconfigure(p.site.service, &p.site.config);
		p.client_config.user = cases[i].first;
		p.client_config.password = "wrong";
		for (int k = 0; k < 3; k++)
			run(&p);
		p.client_config.user = cases[i].second;
		p.client_config.domain = cases[i].second_domain;
		run(&p);
		assert_int_equal(p.server_status, AUTH_WAIT);
		pair_close(&p);
	}
}

static void names_and_passwords_that_cannot_be_sent_fail_at_once(void **state)
{
	static const struct {
		const char *user, *password;
	} cases[] = {
		{"al\xff", "x"   },
		{"alice",  "\xff"}
        };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pair p;
		pair_open(&p, AUTH_TYPE_SPNEGO, AUTH_LEVEL_CONNECT);
		p.client_config.user = cases[i].user;
		p.client_config.password = cases[i].password;
		run(&p);
		assert_int_equal(p.client_status, AUTH_FAILED);
		assert_string_not_equal(auth_failure(p.client), "");
		pair_close(&p);
	}
}

/* As those ask that log in over HTTP: they take Unicode all the same. */
static void a_client_that_asks_for_oem_strings_is_offered_unicode_at_level_connect_alone(
	void **state)
{
	static const struct {
		enum auth_level level;
		enum auth_status status;
	} cases[] = {
		{AUTH_LEVEL_CONNECT,   AUTH_CONTINUE},
		{AUTH_LEVEL_INTEGRITY, AUTH_FAILED  },
	};
	struct ntlm_negotiate asks = {.flags = NTLM_OEM | NTLM_EXTENDED_SESSION | NTLM_128 |
	                                       NTLM_SIGN};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pair p;
		struct ntlm_challenge m = {0};
		struct buffer negotiate, challenge;
		buffer_init(&negotiate, TOKEN_LIMIT);
		buffer_init(&challenge, TOKEN_LIMIT);
		pair_open(&p, AUTH_TYPE_NTLM, cases[i].level);
		pair_reset(&p);
		ntlm_negotiate_write(&asks, &negotiate);
		assert_int_equal(auth_accept_step(p.server, buffer_slice(&negotiate), &challenge),
		                 cases[i].status);
		ntlm_challenge_parse(buffer_slice(&challenge), &m);
		assert_int_equal(m.flags & NTLM_UNICODE, cases[i].status == AUTH_CONTINUE);
		buffer_free(&negotiate);
		buffer_free(&challenge);
		pair_close(&p);
	}
}

static void the_longest_names_are_taken(void **state)
{
	char name[NTLM_NAME_MAX + 1] = {0};
	struct pair p;
	(void)state;
	memset(name, 'x', NTLM_NAME_MAX);
	pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_CONNECT);
	p.client_config.user = p.client_config.domain = p.client_config.workstation = name;
	run(&p);
	assert_refused(&p, "unknown account");
	pair_close(&p);
}

static void claim_more_user_than_allowed(unsigned number, struct buffer *token)
{
	if (number == 3)
		set_field_size(token, 36, 2 * (NTLM_NAME_MAX + 1));
}

static void longer_names_are_nobodys(void **state)
{
	char name[NTLM_NAME_MAX + 1] = {0};
	struct pair p;
	(void)state;
	memset(name, 'x', NTLM_NAME_MAX);
	pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_CONNECT);
	p.client_config.user = name;
	p.tamper = claim_more_user_than_allowed;
	run(&p);
	assert_refused(&p, "malformed AUTHENTICATE message");
	pair_close(&p);
}

static void *log_in_often(void *shared)
{
	struct pair p = *(struct pair *)shared;
	for (int i = 0; i < 200; i++) {
		p.client_config.password = i % 4 ? SITE_PASSWORD : "wrong";
		run(&p);
		assert_int_not_equal(p.server_status, AUTH_CONTINUE);
	}
	auth_context_free(p.client);
	auth_context_free(p.server);
	return NULL;
}

static void logins_on_several_threads_stand_a_reload_of_the_configuration(void **state)
{
	pthread_t threads[3];
	struct pair p;
	(void)state;
	pair_open(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_INTEGRITY);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_in_often, &p), 0);
	for (int i = 0; i < 200; i++)
		auth_service_reconfigure(p.site.service, &p.site.config);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	pair_close(&p);
}

static void principals_live_as_long_as_somebody_holds_them(void **state)
{
	struct principal *p = principal_new("alice", "ntlm", "DESK7", true);
	const struct principal *again = principal_ref(p);
	(void)state;
	principal_unref(p);
	assert_string_equal(again->account, "alice");
	principal_unref(again);
	const struct principal *nobody = principal_ref(principal_nobody());
	principal_unref(nobody);
	principal_unref(nobody);
	assert_string_equal(principal_nobody()->mechanism, "none");
	principal_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level_and_framing_logs_in_and_protects_both_ways),
		cmocka_unit_test(the_principal_is_the_account_by_its_own_name),
		cmocka_unit_test(a_wrong_password_is_refused_by_name_of_the_reason),
		cmocka_unit_test(accounts_are_found_whatever_the_spelling),
		cmocka_unit_test(logins_that_fail_say_why_to_the_log_alone),
		cmocka_unit_test(the_stand_in_for_an_unknown_account_lets_nobody_in),
		cmocka_unit_test(anonymous_completes_only_when_allowed_and_proves_nothing),
		cmocka_unit_test(anonymous_without_keys_completes_but_can_protect_nothing),
		cmocka_unit_test(any_changed_byte_of_a_pdu_is_noticed),
		cmocka_unit_test(a_token_of_another_length_is_no_signature),
		cmocka_unit_test(flags_that_a_level_needs_are_insisted_on),
		cmocka_unit_test(a_change_in_any_of_the_three_messages_fails_the_mic),
		cmocka_unit_test(lengths_are_checked_before_anything_is_computed),
		cmocka_unit_test(challenges_have_no_flags_but_names_and_time),
		cmocka_unit_test(a_challenge_is_used_once),
		cmocka_unit_test(a_token_cut_off_anywhere_never_completes_a_login),
		cmocka_unit_test(logins_are_counted),
		cmocka_unit_test(ntlm_can_be_switched_off),
		cmocka_unit_test(after_wrong_passwords_a_login_waits_and_then_succeeds),
		cmocka_unit_test(slowing_down_one_address_leaves_the_others_alone),
		cmocka_unit_test(every_spelling_of_an_account_is_slowed_down),
		cmocka_unit_test(names_and_passwords_that_cannot_be_sent_fail_at_once),
		cmocka_unit_test(
			a_client_that_asks_for_oem_strings_is_offered_unicode_at_level_connect_alone),
		cmocka_unit_test(the_longest_names_are_taken),
		cmocka_unit_test(longer_names_are_nobodys),
		cmocka_unit_test(logins_on_several_threads_stand_a_reload_of_the_configuration),
		cmocka_unit_test(principals_live_as_long_as_somebody_holds_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
