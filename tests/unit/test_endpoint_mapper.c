/* The endpoint mapper and mgmt, asked by our client and by captured requests. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rpc/epm_ndr.h"
#include "rpc/tower.h"
#include "rpc_wire.h"
#include "vectors.h"

static const struct guid nspi_uuid = {
	{0x18, 0x5a, 0xcc, 0xf5, 0x64, 0x42, 0x1a, 0x10, 0x8c, 0x59, 0x08, 0x00, 0x2b, 0x2f, 0x84,
         0x26}
};
static const struct rpc_interface nspi = {
	.name = "nspi",
	.annotation = "MS Exchange Directory NSP Interface",
	.uuid = &nspi_uuid,
	.version_major = 56,
};

/* Sends a captured conversation; what we answered, and what was answered then. */
static void replay(struct rpc_site *s, const char *name, struct wire *w, struct buffer *captured)
{
	char file[64];
	s->service.port = 135;
	buffer_init(captured, 65536);
	snprintf(file, sizeof file, "%s.out", name);
	vector_load(file, captured);
	wire_open(w, s, &site_peer);
	snprintf(file, sizeof file, "%s.in", name);
	vector_load(file, &w->in);
	assert_int_equal(wire_send(w, 0), RPC_NEXT_READ);
}

enum { BIND_ACK_SIZE = 60, GROUP_AT = 20 };

static void a_captured_ept_map_is_answered_byte_for_byte(void **state)
{
	enum { REFERENT_AT = BIND_ACK_SIZE + 24 + 36 };
	struct rpc_site *s = *state;
	struct buffer captured;
	struct wire w;
	rpc_endpoints_add(s->endpoints, &toy_interface, RPC_NCACN_IP_TCP, "192.168.0.2", 4998);
	rpc_endpoints_add(s->endpoints, &nspi, RPC_NCACN_HTTP, "192.168.0.2", 6004);
	rpc_endpoints_add(s->endpoints, &nspi, RPC_NCACN_IP_TCP, "192.168.0.2", 4997);
	replay(s, "pdu_ept_map", &w, &captured);
	assert_int_equal(w.out.size, captured.size);
	/* A group and a referent of our own. */
	memcpy(w.out.data + GROUP_AT, captured.data + GROUP_AT, 4);
	memcpy(w.out.data + REFERENT_AT, captured.data + REFERENT_AT, 4);
	assert_memory_equal(w.out.data, captured.data, captured.size);
	buffer_free(&captured);
	wire_close(&w);
}

static void a_captured_ept_lookup_is_answered_alike(void **state)
{
	struct rpc_site *s = *state;
	struct buffer captured;
	struct wire w;
	struct ndr n;
	struct arena arena;
	struct ept_lookup_out out = {0};
	struct tower t;
	rpc_endpoints_add(s->endpoints, &nspi, RPC_NCACN_HTTP, "192.168.0.2", 5000);
	replay(s, "pdu_ept_lookup", &w, &captured);
	assert_int_equal(w.out.size, captured.size);
	buffer_consume(&w.out, BIND_ACK_SIZE);
	arena_init(&arena, 1 << 20);
	ndr_decode_init(&n, response_stub(&w.out), false, &arena);
	ept_lookup_out(&n, &out);
	assert_false(ndr_failed(&n));
	assert_int_equal(out.status, EPT_OK);
	assert_int_equal(out.count, 1);
	assert_false(guid_is_zero(&out.handle.id));
	assert_true(slice_equal(out.entries[0].annotation, slice_of_string(nspi.annotation)));
	assert_true(tower_read(slice_of(out.entries[0].tower.data, out.entries[0].tower.size), &t));
	assert_int_equal(t.protseq, RPC_NCACN_HTTP);
	assert_int_equal(t.port, 5000);
	arena_free(&arena);
	buffer_free(&captured);
	wire_close(&w);
}

static void open_mapper(struct line *l, struct rpc_site *s)
{
	assert_int_equal(line_open_group(l, s, &rpc_endpoint_mapper_interface, NULL, 0),
	                 RPC_CLIENT_BOUND);
}

static int ask(struct line *l, const struct guid *uuid, uint16_t major, uint16_t minor,
               uint16_t *port)
{
	struct buffer stub;
	buffer_init(&stub, 1024);
	rpc_ept_map_request(uuid, major, minor, &stub);
	assert_int_equal(line_call(l, RPC_EPT_MAP, buffer_slice(&stub)), RPC_CLIENT_REPLY);
	buffer_free(&stub);
	return rpc_ept_map_reply(rpc_client_reply(l->client), port);
}

static void the_client_finds_a_port(void **state)
{
	struct rpc_site *s = *state;
	struct line l;
	uint16_t port = 0;
	rpc_endpoints_add(s->endpoints, &nspi, RPC_NCACN_HTTP, "", 6004);
	rpc_endpoints_add(s->endpoints, &nspi, RPC_NCACN_IP_TCP, "", 4997);
	open_mapper(&l, s);
	assert_int_equal(ask(&l, &nspi_uuid, 56, 0, &port), 0);
	assert_int_equal(port, 4997);
	assert_int_equal(ask(&l, &nspi_uuid, 56, 1, &port), ERR_NOT_FOUND);
	assert_int_equal(ask(&l, &nspi_uuid, 55, 0, &port), ERR_NOT_FOUND);
	assert_int_equal(ask(&l, &toy_uuid, 2, 0, &port), ERR_NOT_FOUND);
	line_close(&l);
}

static void a_wildcard_is_told_as_the_address_that_was_asked(void **state)
{
	static const struct {
		const char *local;
		uint8_t expected[4];
	} cases[] = {
		{"192.0.2.9",        {192, 0, 2, 9}},
		{"::ffff:192.0.2.9", {192, 0, 2, 9}},
		{"2001:db8::1",      {0, 0, 0, 0}  },
	};
	struct rpc_site *s = *state;
	rpc_endpoints_add(s->endpoints, &nspi, RPC_NCACN_IP_TCP, "*", 4997);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct line l;
		struct address local;
		const struct rpc_peer peer = {.client = &site_client, .driver = &local};
		uint16_t port;
		open_mapper(&l, s);
		rpc_association_free(l.server);
		rpc_client_free(l.client);
		assert_true(address_parse(cases[i].local, 135, &local));
		struct rpc_client_config config = {.interface = rpc_endpoint_mapper_interface.uuid,
		                                   .version_major = 3};
		l.server = rpc_association_new(&s->service, s->scratch, &peer, 0);
		l.client = rpc_client_new(&config, &l.to_server);
		line_run(&l);
		assert_int_equal(ask(&l, &nspi_uuid, 56, 0, &port), 0);
		struct slice reply = rpc_client_reply(l.client);
		/* The last floor of the only tower ends a pad octet and a status before the end. */
		assert_memory_equal(reply.data + reply.size - 9, cases[i].expected, 4);
		line_close(&l);
	}
}

static struct ept_lookup_out look(struct line *l, struct arena *arena, struct ept_lookup_in in)
{
	struct ndr n;
	struct buffer stub;
	struct ept_lookup_out out = {0};
	buffer_init(&stub, 1024);
	ndr_encode_init(&n, &stub);
	ept_lookup_in(&n, &in);
	assert_int_equal(line_call(l, EPT_LOOKUP, buffer_slice(&stub)), RPC_CLIENT_REPLY);
	ndr_decode_init(&n, rpc_client_reply(l->client), false, arena);
	ept_lookup_out(&n, &out);
	assert_false(ndr_failed(&n));
	buffer_free(&stub);
	return out;
}

static void a_lookup_goes_on_where_it_stopped(void **state)
{
	struct rpc_site *s = *state;
	struct arena arena;
	struct line l;
	struct ept_lookup_in in = {.version_option = 1, .max_entries = 3};
	arena_init(&arena, 1 << 20);
	for (uint16_t port = 1; port <= 7; port++)
		rpc_endpoints_add(s->endpoints, &toy_interface, RPC_NCACN_IP_TCP, "", port);
	open_mapper(&l, s);
	for (uint32_t left = 7; left > 0; left -= left < 3 ? left : 3) {
		struct ept_lookup_out out = look(&l, &arena, in);
		assert_int_equal(out.status, EPT_OK);
		assert_int_equal(out.count, left < 3 ? left : 3);
		assert_int_equal(guid_is_zero(&out.handle.id), left < 3);
		in.handle = out.handle;
	}
	arena_free(&arena);
	line_close(&l);
}

static void a_full_answer_is_followed_by_none(void **state)
{
	struct rpc_site *s = *state;
	struct arena arena;
	struct line l;
	struct ept_lookup_in in = {.version_option = 1, .max_entries = 2};
	arena_init(&arena, 1 << 20);
	rpc_endpoints_add(s->endpoints, &toy_interface, RPC_NCACN_IP_TCP, "", 1);
	rpc_endpoints_add(s->endpoints, &nspi, RPC_NCACN_IP_TCP, "", 2);
	open_mapper(&l, s);
	in.handle = look(&l, &arena, in).handle;
	assert_false(guid_is_zero(&in.handle.id));
	struct ept_lookup_out out = look(&l, &arena, in);
	assert_int_equal(out.count, 0);
	assert_int_equal(out.status, EPT_NOT_REGISTERED);
	assert_true(guid_is_zero(&out.handle.id));
	arena_free(&arena);
	line_close(&l);
}

static void lookups_by_interface_follow_the_version_option(void **state)
{
	static const struct {
		uint32_t option;
		uint16_t major, minor;
		uint32_t count;
	} cases[] = {
		{1, 9, 9, 1},
		{2, 2, 1, 1},
		{2, 2, 0, 1},
		{2, 2, 2, 0},
		{3, 2, 1, 1},
		{3, 2, 0, 0},
		{4, 2, 9, 1},
		{4, 1, 1, 0},
		{5, 2, 1, 1},
		{5, 3, 0, 1},
		{5, 2, 0, 0},
		{6, 2, 1, 0},
	};
	struct rpc_site *s = *state;
	struct arena arena;
	struct line l;
	arena_init(&arena, 1 << 20);
	rpc_endpoints_add(s->endpoints, &toy_interface, RPC_NCACN_IP_TCP, "", 1);
	rpc_endpoints_add(s->endpoints, &nspi, RPC_NCACN_IP_TCP, "", 2);
	open_mapper(&l, s);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ept_interface wanted = {toy_uuid, cases[i].major, cases[i].minor};
		struct ept_lookup_in in = {.inquiry = 1,
		                           .interface = &wanted,
		                           .version_option = cases[i].option,
		                           .max_entries = 10};
		assert_int_equal(look(&l, &arena, in).count, cases[i].count);
	}
	arena_free(&arena);
	line_close(&l);
}

static void lookup_handles_are_bounded_belong_to_their_group_and_run_down(void **state)
{
	struct rpc_site *s = *state;
	struct arena arena;
	struct line l, other;
	struct ept_lookup_in in = {.version_option = 1, .max_entries = 1};
	struct ept_handle first = {0}, last = {0};
	arena_init(&arena, 1 << 20);
	rpc_endpoints_add(s->endpoints, &toy_interface, RPC_NCACN_IP_TCP, "", 1);
	rpc_endpoints_add(s->endpoints, &nspi, RPC_NCACN_IP_TCP, "", 2);
	open_mapper(&l, s);
	open_mapper(&other, s);
	for (int i = 0; i < 40; i++) {
		last = look(&l, &arena, in).handle;
		if (i == 0)
			first = last;
	}
	in.handle = first;
	assert_int_equal(look(&l, &arena, in).status, EPT_NOT_REGISTERED);
	in.handle = last;
	assert_int_equal(look(&other, &arena, in).status, EPT_NOT_REGISTERED);
	assert_int_equal(look(&l, &arena, in).status, EPT_OK);
	line_close(&l);
	assert_int_equal(look(&other, &arena, in).status, EPT_NOT_REGISTERED);
	arena_free(&arena);
	line_close(&other);
}

static void a_handle_can_be_freed(void **state)
{
	struct rpc_site *s = *state;
	struct arena arena;
	struct line l;
	struct ndr n;
	struct buffer stub;
	struct ept_lookup_in in = {.version_option = 1, .max_entries = 1};
	arena_init(&arena, 1 << 20);
	buffer_init(&stub, 64);
	rpc_endpoints_add(s->endpoints, &toy_interface, RPC_NCACN_IP_TCP, "", 1);
	open_mapper(&l, s);
	in.handle = look(&l, &arena, in).handle;
	struct ept_free_in freed = {.handle = in.handle};
	ndr_encode_init(&n, &stub);
	ept_free_in(&n, &freed);
	assert_int_equal(line_call(&l, EPT_LOOKUP_HANDLE_FREE, buffer_slice(&stub)),
	                 RPC_CLIENT_REPLY);
	static const uint8_t null_handle_and_ok[24] = {0};
	assert_true(slice_equal(rpc_client_reply(l.client), slice_of(null_handle_and_ok, 24)));
	assert_int_equal(look(&l, &arena, in).status, EPT_NOT_REGISTERED);
	buffer_free(&stub);
	arena_free(&arena);
	line_close(&l);
}

static void requests_that_are_cut_off_are_bad_stub_data(void **state)
{
	struct rpc_site *s = *state;
	struct buffer stub;
	struct line l;
	buffer_init(&stub, 1024);
	rpc_ept_map_request(&nspi_uuid, 56, 0, &stub);
	open_mapper(&l, s);
	for (size_t size = 0; size < stub.size; size++) {
		assert_int_equal(line_call(&l, RPC_EPT_MAP, slice_of(stub.data, size)),
		                 RPC_CLIENT_FAULT);
		assert_int_equal(rpc_client_fault(l.client), RPC_FAULT_BAD_STUB);
	}
	/* More than 500 towers cannot be asked for. */
	put_le32(stub.data + stub.size - 4, 501);
	assert_int_equal(line_call(&l, RPC_EPT_MAP, buffer_slice(&stub)), RPC_CLIENT_FAULT);
	buffer_free(&stub);
	line_close(&l);
}

static void entries_cannot_be_changed_by_peers(void **state)
{
	struct line l;
	uint8_t status[4];
	put_le32(status, EPT_CANT_PERFORM);
	open_mapper(&l, *state);
	assert_int_equal(line_call(&l, EPT_INSERT, slice_of("", 0)), RPC_CLIENT_REPLY);
	assert_true(slice_equal(rpc_client_reply(l.client), slice_of(status, 4)));
	assert_int_equal(line_call(&l, EPT_DELETE, slice_of("", 0)), RPC_CLIENT_REPLY);
	assert_true(slice_equal(rpc_client_reply(l.client), slice_of(status, 4)));
	assert_int_equal(line_call(&l, 5, slice_of("", 0)), RPC_CLIENT_FAULT);
	line_close(&l);
}

/* mgmt */

static void mgmt_answers_what_it_is_asked(void **state)
{
	static const uint8_t listening[] = {0, 0, 0, 0, 1, 0, 0, 0};
	static const uint8_t refused[] = {5, 0, 0, 0};
	static const uint8_t no_name[] = {1, 0, 0, 0, 0, 0, 0,    0, 1, 0,
	                                  0, 0, 0, 0, 0, 0, 0xd3, 6, 0, 0};
	static const uint8_t four_asked[] = {4, 0, 0, 0};
	struct line l;
	assert_int_equal(line_open_group(&l, *state, &rpc_mgmt_interface, NULL, 0),
	                 RPC_CLIENT_BOUND);
	assert_int_equal(line_call(&l, 0, slice_of("", 0)), RPC_CLIENT_REPLY);
	/* Two interfaces: mgmt itself is not told. */
	assert_int_equal(rpc_client_reply(l.client).size, 12 + 2 * 4 + 2 * 20 + 4);
	assert_memory_equal(rpc_client_reply(l.client).data + 20, toy_uuid.bytes, 16);
	assert_int_equal(line_call(&l, 1, slice_of(four_asked, 4)), RPC_CLIENT_REPLY);
	assert_int_equal(rpc_client_reply(l.client).size, 28);
	assert_int_equal(line_call(&l, 1, slice_of("", 0)), RPC_CLIENT_FAULT);
	assert_int_equal(rpc_client_fault(l.client), RPC_FAULT_BAD_STUB);
	assert_int_equal(line_call(&l, 2, slice_of("", 0)), RPC_CLIENT_REPLY);
	assert_true(slice_equal(rpc_client_reply(l.client), slice_of(listening, sizeof listening)));
	assert_int_equal(line_call(&l, 3, slice_of("", 0)), RPC_CLIENT_REPLY);
	assert_true(slice_equal(rpc_client_reply(l.client), slice_of(refused, sizeof refused)));
	assert_int_equal(line_call(&l, 4, slice_of("\12\0\0\0\0\1\0\0", 8)), RPC_CLIENT_REPLY);
	assert_true(slice_equal(rpc_client_reply(l.client), slice_of(no_name, sizeof no_name)));
	line_close(&l);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rpc_site_setup, rpc_site_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_captured_ept_map_is_answered_byte_for_byte),
		TEST(a_captured_ept_lookup_is_answered_alike),
		TEST(the_client_finds_a_port),
		TEST(a_wildcard_is_told_as_the_address_that_was_asked),
		TEST(a_lookup_goes_on_where_it_stopped),
		TEST(a_full_answer_is_followed_by_none),
		TEST(lookups_by_interface_follow_the_version_option),
		TEST(lookup_handles_are_bounded_belong_to_their_group_and_run_down),
		TEST(a_handle_can_be_freed),
		TEST(requests_that_are_cut_off_are_bad_stub_data),
		TEST(entries_cannot_be_changed_by_peers),
		TEST(mgmt_answers_what_it_is_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
