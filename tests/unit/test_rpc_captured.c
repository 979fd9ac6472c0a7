/* What Outlook sent to a domain controller, and what it got. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rpc_wire.h"
#include "vectors.h"

static const struct guid nspi_uuid = {
	{0x18, 0x5a, 0xcc, 0xf5, 0x64, 0x42, 0x1a, 0x10, 0x8c, 0x59, 0x08, 0x00, 0x2b, 0x2f, 0x84,
         0x26}
};

/* Gives the captured answer to the captured request. */
static enum rpc_run start(void *context, struct rpc_call *call)
{
	struct buffer expected;
	buffer_init(&expected, 4096);
	vector_load("bind_unauthenticated.in", &expected);
	assert_true(slice_equal(call->stub, buffer_slice(&expected)));
	buffer_clear(&expected);
	vector_load(context, &expected);
	buffer_put(call->out, expected.data, expected.size);
	buffer_free(&expected);
	return RPC_DONE;
}

static const struct rpc_interface nspi = {
	.name = "nspi",
	.uuid = &nspi_uuid,
	.version_major = 56,
	.opnum_count = 21,
	.start = start,
};

static char answer_name[] = "bind_unauthenticated.out";

static int open_site(void **state)
{
	struct rpc_site *s = malloc(sizeof *s);
	rpc_site_open(s);
	s->bindings[0] = (struct rpc_binding){&nspi, answer_name};
	*state = s;
	return 0;
}

static int close_site(void **state)
{
	rpc_site_close(*state);
	free(*state);
	return 0;
}

static void the_captured_nspi_bind_is_answered_byte_for_byte(void **state)
{
	enum { GROUP_AT = 20, PAD_AT = 31 };
	struct buffer captured;
	struct wire w;
	buffer_init(&captured, 4096);
	vector_load("pdu_nspi_bind.out", &captured);
	wire_open(&w, *state, &site_peer);
	vector_load("pdu_nspi_bind.in", &w.in);
	assert_int_equal(wire_send(&w, 0), RPC_NEXT_READ);
	assert_int_equal(w.out.size, captured.size);
	/* A group of our own, and no garbage in a pad octet. */
	memcpy(captured.data + GROUP_AT, w.out.data + GROUP_AT, 4);
	captured.data[PAD_AT] = 0;
	assert_memory_equal(w.out.data, captured.data, captured.size);
	buffer_free(&captured);
	wire_close(&w);
}

/* The login is NTLMv1, which is refused; so the request that follows it is, too. */
static void the_captured_login_is_challenged_and_then_refused(void **state)
{
	struct wire w;
	struct pdu_header h;
	struct pdu_auth auth;
	wire_open(&w, *state, &site_peer);
	vector_load("pdu_nspi_bind_ntlm.in", &w.in);
	put_le32(w.in.data + 20, 0); /* its group is not here */
	assert_int_equal(wire_send(&w, 0), RPC_NEXT_CLOSE);
	struct slice ack = answer_at(&w.out, 0, &h);
	assert_int_equal(h.type, PDU_BIND_ACK);
	assert_int_equal(h.call_id, 2);
	assert_true(pdu_read_auth(&h, ack, &auth));
	assert_int_equal(auth.context_id, 0x000a8600);
	assert_memory_equal(auth.token.data, "NTLMSSP\0\2\0\0\0", 12);
	buffer_consume(&w.out, h.size);
	assert_int_equal(fault_status(&w.out), RPC_FAULT_ACCESS_DENIED);
	wire_close(&w);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_site, close_site)
	const struct CMUnitTest tests[] = {
		TEST(the_captured_nspi_bind_is_answered_byte_for_byte),
		TEST(the_captured_login_is_challenged_and_then_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
