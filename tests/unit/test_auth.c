/* Logins: the initiator against the acceptor, and tokens that a test changes on the way. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/ntlm_crypto-private.h"
#include "auth/spnego-private.h"
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
		.client_config = {
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
	{AUTH_TYPE_NTLM,    false},
	{ AUTH_TYPE_SPNEGO, false},
	{ AUTH_TYPE_SPNEGO, true },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level_and_framing_logs_in_and_protects_both_ways),
		cmocka_unit_test(the_principal_is_the_account_by_its_own_name),
		cmocka_unit_test(a_wrong_password_is_refused_by_name_of_the_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
