/* Our client against our server: every way to log in, fragments, limits. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rpc_site.h"

static const struct login_case {
	enum auth_type type;
	enum auth_level level;
	bool bare;
} login_cases[] = {
	{AUTH_TYPE_NTLM,   AUTH_LEVEL_CONNECT,   false},
	{AUTH_TYPE_NTLM,   AUTH_LEVEL_PACKET,    false},
	{AUTH_TYPE_NTLM,   AUTH_LEVEL_INTEGRITY, false},
	{AUTH_TYPE_NTLM,   AUTH_LEVEL_PRIVACY,   false},
	{AUTH_TYPE_SPNEGO, AUTH_LEVEL_CONNECT,   false},
	{AUTH_TYPE_SPNEGO, AUTH_LEVEL_PACKET,    false},
	{AUTH_TYPE_SPNEGO, AUTH_LEVEL_INTEGRITY, false},
	{AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY,   false},
	{AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY,   true },
};

static struct auth_initiator_config login_of(const struct login_case *c)
{
	return (struct auth_initiator_config){
		.type = c->type,
		.level = c->level,
		.bare_ntlm = c->bare,
		.user = "alice",
		.domain = "EXAMPLE",
		.workstation = "DESK7",
		.password = SITE_PASSWORD,
	};
}

static void assert_echoes(struct line *l, size_t size)
{
	uint8_t *stub = malloc(size + 1);
	for (size_t i = 0; i < size; i++)
		stub[i] = (uint8_t)(i * 7 + i / 251);
	assert_int_equal(line_call(l, TOY_ECHO, slice_of(stub, size)), RPC_CLIENT_REPLY);
	assert_true(slice_equal(rpc_client_reply(l->client), slice_of(stub, size)));
	free(stub);
}

static void calls_work_without_authentication(void **state)
{
	struct line l;
	assert_int_equal(line_open(&l, *state, NULL), RPC_CLIENT_BOUND);
	assert_echoes(&l, 0);
	assert_echoes(&l, 60);
	assert_int_equal(line_call(&l, TOY_WHO, slice_of("", 0)), RPC_CLIENT_REPLY);
	assert_true(slice_equal(rpc_client_reply(l.client), slice_of_string("/1")));
	line_close(&l);
}

static void every_login_gives_the_account_at_its_level(void **state)
{
	for (size_t i = 0; i < sizeof login_cases / sizeof login_cases[0]; i++) {
		struct auth_initiator_config login = login_of(&login_cases[i]);
		struct line l;
		char expected[32];
		snprintf(expected, sizeof expected, "alice/%d", (int)login.level);
		assert_int_equal(line_open(&l, *state, &login), RPC_CLIENT_BOUND);
		assert_int_equal(line_call(&l, TOY_WHO, slice_of("", 0)), RPC_CLIENT_REPLY);
		assert_true(slice_equal(rpc_client_reply(l.client), slice_of_string(expected)));
		line_close(&l);
	}
}

static void requests_and_responses_of_any_length_travel_in_fragments(void **state)
{
	static const size_t sizes[] = {1,    15,   16,    17,    5771,   5815,
	                               5816, 5817, 11632, 60000, 1 << 20};
	for (size_t i = 0; i < sizeof login_cases / sizeof login_cases[0]; i++) {
		struct auth_initiator_config login = login_of(&login_cases[i]);
		struct line l;
		assert_int_equal(line_open(&l, *state, &login), RPC_CLIENT_BOUND);
		for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++)
			assert_echoes(&l, sizes[j]);
		line_close(&l);
	}
}

static void a_request_of_exactly_the_limit_is_served_and_one_byte_more_is_not(void **state)
{
	struct rpc_site *s = *state;
	struct line l;
	uint8_t *stub = calloc(1, (4 << 20) + 1);
	assert_int_equal(line_open(&l, s, NULL), RPC_CLIENT_BOUND);
	assert_int_equal(line_call(&l, TOY_ECHO, slice_of(stub, 4 << 20)), RPC_CLIENT_REPLY);
	assert_int_equal(line_call(&l, TOY_ECHO, slice_of(stub, (4 << 20) + 1)), RPC_CLIENT_FAULT);
	assert_int_equal(rpc_client_fault(l.client), RPC_FAULT_ACCESS_DENIED);
	assert_int_equal(l.next, RPC_NEXT_CLOSE);
	line_close(&l);
	free(stub);
}

static void an_answer_beyond_the_limit_is_a_fault_and_the_connection_lives(void **state)
{
	struct rpc_site *s = *state;
	struct line l;
	uint8_t size[4];
	s->limits.max_answer_bytes = 10000;
	put_le32(size, 10001);
	assert_int_equal(line_open(&l, s, NULL), RPC_CLIENT_BOUND);
	assert_int_equal(line_call(&l, TOY_GROW, slice_of(size, 4)), RPC_CLIENT_FAULT);
	assert_int_equal(rpc_client_fault(l.client), RPC_FAULT_OUT_ARGS_TOO_BIG);
	put_le32(size, 10000);
	assert_int_equal(line_call(&l, TOY_GROW, slice_of(size, 4)), RPC_CLIENT_REPLY);
	assert_int_equal(rpc_client_reply(l.client).size, 10000);
	line_close(&l);
}

static void faults_of_the_interface_reach_the_client(void **state)
{
	struct line l;
	assert_int_equal(line_open(&l, *state, NULL), RPC_CLIENT_BOUND);
	assert_int_equal(line_call(&l, TOY_FAULT, slice_of("", 0)), RPC_CLIENT_FAULT);
	assert_int_equal(rpc_client_fault(l.client), RPC_FAULT_CONTEXT_MISMATCH);
	assert_int_equal(line_call(&l, TOY_OPNUMS, slice_of("", 0)), RPC_CLIENT_FAULT);
	assert_int_equal(rpc_client_fault(l.client), RPC_FAULT_OP_RANGE);
	assert_echoes(&l, 4);
	line_close(&l);
}

static void a_call_that_yields_or_waits_is_answered_in_the_end(void **state)
{
	struct line l;
	assert_int_equal(line_open(&l, *state, NULL), RPC_CLIENT_BOUND);
	assert_int_equal(line_call(&l, TOY_YIELD, slice_of("slow", 4)), RPC_CLIENT_REPLY);
	assert_true(slice_equal(rpc_client_reply(l.client), slice_of("slow", 4)));
	assert_int_equal(line_call(&l, TOY_WAIT, slice_of("slower", 6)), RPC_CLIENT_REPLY);
	assert_true(slice_equal(rpc_client_reply(l.client), slice_of("slower", 6)));
	line_close(&l);
}

static void a_wrong_password_is_refused_on_every_way_in(void **state)
{
	for (size_t i = 0; i < sizeof login_cases / sizeof login_cases[0]; i++) {
		struct auth_initiator_config login = login_of(&login_cases[i]);
		struct line l;
		login.password = "wrong";
		login.user = i % 2 ? "alice" : "strau\xc3\x9f";
		enum rpc_client_event event = line_open(&l, *state, &login);
		/* In auth3 it shows by the first request. */
		if (event == RPC_CLIENT_BOUND) {
			assert_int_equal(line_call(&l, TOY_ECHO, slice_of("", 0)),
			                 RPC_CLIENT_FAULT);
			assert_int_equal(rpc_client_fault(l.client), RPC_FAULT_ACCESS_DENIED);
		} else if (l.server && event != RPC_CLIENT_REFUSED) {
			/* A slowed down login has not been answered yet. */
			assert_int_equal(event, RPC_CLIENT_MORE);
		}
		line_close(&l);
	}
}

static void an_interface_that_is_not_offered_is_refused_by_name(void **state)
{
	static const struct guid other = {{1}};
	struct rpc_interface unknown = toy_interface;
	struct line l;
	unknown.uuid = &other;
	assert_int_equal(line_open_group(&l, *state, &unknown, NULL, 0), RPC_CLIENT_REFUSED);
	assert_string_equal(rpc_client_reason(l.client),
	                    "the server does not offer this interface");
	line_close(&l);
}

static void a_newer_minor_version_than_ours_is_not_offered(void **state)
{
	struct rpc_interface newer = toy_interface;
	struct line l;
	newer.version_minor++;
	assert_int_equal(line_open_group(&l, *state, &newer, NULL, 0), RPC_CLIENT_REFUSED);
	line_close(&l);
}

/* One bit anywhere in a protected request, and in its answer. */
static void a_flipped_bit_ends_the_connection(void **state)
{
	struct auth_initiator_config login = login_of(&login_cases[3]);
	for (size_t i = 24; i < 80; i += 5) {
		struct line l;
		assert_int_equal(line_open(&l, *state, &login), RPC_CLIENT_BOUND);
		assert_int_equal(rpc_client_request(l.client, TOY_ECHO,
		                                    slice_of("0123456789abcdef0123", 20),
		                                    &l.to_server),
		                 0);
		assert_true(l.to_server.size > i);
		l.to_server.data[i] ^= 0x10;
		assert_int_equal(line_run(&l), RPC_CLIENT_FAULT);
		assert_int_equal(l.next, RPC_NEXT_CLOSE);
		line_close(&l);
	}
}

static void the_clients_parser_takes_answers_at_every_split(void **state)
{
	struct rpc_site *s = *state;
	struct line l;
	assert_int_equal(line_open(&l, s, NULL), RPC_CLIENT_BOUND);
	assert_int_equal(
		rpc_client_request(l.client, TOY_ECHO, slice_of("abcdef", 6), &l.to_server), 0);
	drive(l.server, buffer_slice(&l.to_server), 0, &l.to_client);
	for (size_t i = 0; i < l.to_client.size; i++) {
		size_t taken = 1;
		assert_int_equal(rpc_client_input(l.client, slice_of(l.to_client.data, i), &taken,
		                                  &l.to_server),
		                 RPC_CLIENT_MORE);
		assert_int_equal(taken, 0);
	}
	buffer_clear(&l.to_server);
	assert_int_equal(line_run(&l), RPC_CLIENT_REPLY);
	line_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(calls_work_without_authentication, rpc_site_setup,
	                                        rpc_site_teardown),
		cmocka_unit_test_setup_teardown(every_login_gives_the_account_at_its_level,
	                                        rpc_site_setup, rpc_site_teardown),
		cmocka_unit_test_setup_teardown(
			requests_and_responses_of_any_length_travel_in_fragments, rpc_site_setup,
			rpc_site_teardown),
		cmocka_unit_test_setup_teardown(
			a_request_of_exactly_the_limit_is_served_and_one_byte_more_is_not,
			rpc_site_setup, rpc_site_teardown),
		cmocka_unit_test_setup_teardown(
			an_answer_beyond_the_limit_is_a_fault_and_the_connection_lives,
			rpc_site_setup, rpc_site_teardown),
		cmocka_unit_test_setup_teardown(faults_of_the_interface_reach_the_client,
	                                        rpc_site_setup, rpc_site_teardown),
		cmocka_unit_test_setup_teardown(a_call_that_yields_or_waits_is_answered_in_the_end,
	                                        rpc_site_setup, rpc_site_teardown),
		cmocka_unit_test_setup_teardown(a_wrong_password_is_refused_on_every_way_in,
	                                        rpc_site_setup, rpc_site_teardown),
		cmocka_unit_test_setup_teardown(an_interface_that_is_not_offered_is_refused_by_name,
	                                        rpc_site_setup, rpc_site_teardown),
		cmocka_unit_test_setup_teardown(a_newer_minor_version_than_ours_is_not_offered,
	                                        rpc_site_setup, rpc_site_teardown),
		cmocka_unit_test_setup_teardown(a_flipped_bit_ends_the_connection, rpc_site_setup,
	                                        rpc_site_teardown),
		cmocka_unit_test_setup_teardown(the_clients_parser_takes_answers_at_every_split,
	                                        rpc_site_setup, rpc_site_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
