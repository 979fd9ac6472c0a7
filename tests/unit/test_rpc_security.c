/* Several logins on one connection: for whom a request speaks. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rpc_wire.h"

#define STRAUSS "strau\xc3\x9f"

static void put_leg(struct buffer *out, uint8_t type, enum auth_level level, uint32_t id,
                    const struct buffer *token)
{
	struct pdu_syntax ndr = pdu_ndr;
	struct pdu_context context = {
		.transfer_count = 1, .abstract = {toy_uuid, 2, 1},
                     .transfers = &ndr
        };
	struct pdu_bind alter = {.context_count = 1, .contexts = &context};
	struct pdu_auth auth = {.type = AUTH_TYPE_NTLM, .level = (uint8_t)level, .context_id = id};
	struct pdu_writer w = pdu_begin(out, type, PFC_FIRST | PFC_LAST, 1);
	if (type == PDU_AUTH3)
		buffer_put_u32(out, 0);
	else
		pdu_put_bind(out, &alter);
	pdu_put_auth(&w, &auth, buffer_slice(token));
	pdu_end(&w);
}

/* The first leg of a login; the answer lies in w->out. */
static struct auth_context *start_login(struct wire *w, const char *user, enum auth_level level,
                                        uint32_t id)
{
	struct auth_initiator_config config = {.type = AUTH_TYPE_NTLM,
	                                       .level = level,
	                                       .user = user,
	                                       .domain = "EXAMPLE",
	                                       .workstation = "",
	                                       .password = SITE_PASSWORD};
	struct auth_context *client = auth_initiate_new(&config);
	struct buffer token;
	buffer_init(&token, 4096);
	auth_initiate_step(client, slice_of("", 0), &token);
	put_leg(&w->in, PDU_ALTER, level, id, &token);
	buffer_free(&token);
	wire_send(w, 0);
	return client;
}

static void log_in(struct wire *w, const char *user, enum auth_level level, uint32_t id)
{
	struct pdu_header h;
	struct pdu_auth auth;
	struct buffer token;
	struct auth_context *client = start_login(w, user, level, id);
	struct slice answer = answer_at(&w->out, 0, &h);
	assert_int_equal(h.type, PDU_ALTER_RESPONSE);
	assert_true(pdu_read_auth(&h, answer, &auth));
	buffer_init(&token, 4096);
	assert_int_equal(auth_initiate_step(client, auth.token, &token), AUTH_COMPLETE);
	put_leg(&w->in, PDU_AUTH3, level, id, &token);
	assert_int_equal(wire_send(w, 0), RPC_NEXT_READ);
	assert_int_equal(w->out.size, 0);
	buffer_free(&token);
	auth_context_free(client);
}

static void assert_speaks_for(struct wire *w, const char *who)
{
	assert_int_equal(w->next, RPC_NEXT_READ);
	assert_true(slice_equal(response_stub(&w->out), slice_of_string(who)));
}

static void ask_implicitly(struct wire *w)
{
	wire_call(w, TOY_WHO, slice_of("", 0));
}

/* With a trailer at level connect, and a verifier that says nothing. */
static void ask_as(struct wire *w, enum auth_level level, uint32_t id)
{
	static const uint8_t verifier[16] = {1};
	struct pdu_auth auth = {.type = AUTH_TYPE_NTLM, .level = (uint8_t)level, .context_id = id};
	struct pdu_writer pdu = pdu_begin(&w->in, PDU_REQUEST, PFC_FIRST | PFC_LAST, 2);
	buffer_put_u32(&w->in, 0);
	buffer_put_u16(&w->in, 0);
	buffer_put_u16(&w->in, TOY_WHO);
	pdu_put_auth(&pdu, &auth, slice_of(verifier, sizeof verifier));
	pdu_end(&pdu);
	wire_send(w, 0);
}

static void a_request_without_trailer_speaks_for_the_newest_login_at_level_connect(void **state)
{
	struct wire w;
	wire_open_bound(&w, *state);
	ask_implicitly(&w);
	assert_speaks_for(&w, "/1");
	log_in(&w, "alice", AUTH_LEVEL_CONNECT, 1);
	ask_implicitly(&w);
	assert_speaks_for(&w, "alice/2");
	log_in(&w, STRAUSS, AUTH_LEVEL_CONNECT, 2);
	ask_implicitly(&w);
	assert_speaks_for(&w, STRAUSS "/2");
	wire_close(&w);
}

static void a_login_that_was_named_is_not_implied_any_more(void **state)
{
	struct wire w;
	wire_open_bound(&w, *state);
	log_in(&w, "alice", AUTH_LEVEL_CONNECT, 1);
	ask_as(&w, AUTH_LEVEL_CONNECT, 1);
	assert_speaks_for(&w, "alice/2");
	ask_implicitly(&w);
	assert_speaks_for(&w, "/1");
	log_in(&w, STRAUSS, AUTH_LEVEL_CONNECT, 2);
	ask_implicitly(&w);
	assert_speaks_for(&w, "/1");
	ask_as(&w, AUTH_LEVEL_CONNECT, 2);
	assert_speaks_for(&w, STRAUSS "/2");
	wire_close(&w);
}

static void a_login_that_signs_is_never_implied(void **state)
{
	struct wire w;
	wire_open_bound(&w, *state);
	log_in(&w, "alice", AUTH_LEVEL_INTEGRITY, 1);
	ask_implicitly(&w);
	assert_speaks_for(&w, "/1");
	wire_close(&w);
}

static void assert_refused(struct wire *w, uint32_t status)
{
	assert_int_equal(fault_status(&w->out), status);
	assert_int_equal(w->next, RPC_NEXT_CLOSE);
	wire_close(w);
}

static void a_request_for_an_unknown_login_ends_the_connection(void **state)
{
	struct wire w;
	wire_open_bound(&w, *state);
	log_in(&w, "alice", AUTH_LEVEL_CONNECT, 1);
	ask_as(&w, AUTH_LEVEL_CONNECT, 2);
	assert_refused(&w, RPC_FAULT_ACCESS_DENIED);
}

static void a_request_at_another_level_than_the_login_ends_the_connection(void **state)
{
	struct wire w;
	wire_open_bound(&w, *state);
	log_in(&w, "alice", AUTH_LEVEL_INTEGRITY, 1);
	ask_as(&w, AUTH_LEVEL_CONNECT, 1);
	assert_refused(&w, RPC_FAULT_ACCESS_DENIED);
}

static void a_request_without_signature_on_a_login_that_signs_ends_the_connection(void **state)
{
	struct wire w;
	wire_open_bound(&w, *state);
	log_in(&w, "alice", AUTH_LEVEL_INTEGRITY, 1);
	ask_as(&w, AUTH_LEVEL_INTEGRITY, 1);
	assert_refused(&w, RPC_FAULT_SEC_PKG);
}

static void a_request_before_the_login_is_finished_ends_the_connection(void **state)
{
	struct wire w;
	wire_open_bound(&w, *state);
	auth_context_free(start_login(&w, "alice", AUTH_LEVEL_CONNECT, 1));
	ask_as(&w, AUTH_LEVEL_CONNECT, 1);
	assert_refused(&w, RPC_FAULT_PROTO_ERROR);
}

static void a_finished_login_cannot_be_started_again(void **state)
{
	struct wire w;
	wire_open_bound(&w, *state);
	log_in(&w, "alice", AUTH_LEVEL_CONNECT, 1);
	auth_context_free(start_login(&w, STRAUSS, AUTH_LEVEL_CONNECT, 1));
	assert_refused(&w, RPC_FAULT_ACCESS_DENIED);
}

static void logins_that_are_never_finished_are_bounded(void **state)
{
	struct wire w;
	uint32_t id = 1;
	wire_open_bound(&w, *state);
	do
		auth_context_free(start_login(&w, "alice", AUTH_LEVEL_CONNECT, id++));
	while (w.next == RPC_NEXT_READ && id < 100);
	assert_int_equal(id, 18);
	assert_refused(&w, RPC_FAULT_PROTO_ERROR);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rpc_site_setup, rpc_site_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_request_without_trailer_speaks_for_the_newest_login_at_level_connect),
		TEST(a_login_that_was_named_is_not_implied_any_more),
		TEST(a_login_that_signs_is_never_implied),
		TEST(a_request_for_an_unknown_login_ends_the_connection),
		TEST(a_request_at_another_level_than_the_login_ends_the_connection),
		TEST(a_request_without_signature_on_a_login_that_signs_ends_the_connection),
		TEST(a_request_before_the_login_is_finished_ends_the_connection),
		TEST(a_finished_login_cannot_be_started_again),
		TEST(logins_that_are_never_finished_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
