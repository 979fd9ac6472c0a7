/* PDUs are taken apart at every length, in both byte orders. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rpc/pdu.h"
#include "rpc/rpc.h"
#include "rpc/tower.h"
#include "vectors.h"

static struct buffer load(const char *name)
{
	struct buffer b;
	buffer_init(&b, 1 << 16);
	vector_load(name, &b);
	return b;
}

static void the_size_is_told_as_soon_as_the_header_is_there(void **state)
{
	(void)state;
	struct buffer b = load("pdu_nspi_bind.in");
	for (size_t i = 0; i < b.size; i++)
		assert_int_equal(rpc_pdu_size(slice_of(b.data, i)), i < PDU_HEADER_SIZE ? 0 : 72);
	buffer_free(&b);
}

static void what_is_not_version_five_is_no_pdu(void **state)
{
	(void)state;
	struct buffer b = load("pdu_nspi_bind.in");
	b.data[1] = 1;
	assert_int_equal(rpc_pdu_size(buffer_slice(&b)), 72);
	b.data[1] = 2;
	assert_int_equal(rpc_pdu_size(buffer_slice(&b)), SIZE_MAX);
	b.data[0] = 4;
	b.data[1] = 0;
	assert_int_equal(rpc_pdu_size(buffer_slice(&b)), SIZE_MAX);
	b.data[0] = 5;
	put_le16(b.data + 8, PDU_HEADER_SIZE - 1);
	assert_int_equal(rpc_pdu_size(buffer_slice(&b)), SIZE_MAX);
	buffer_free(&b);
}

static void a_captured_bind_is_read_and_its_prefixes_are_not(void **state)
{
	(void)state;
	struct arena arena;
	struct pdu_header h;
	struct pdu_bind bind;
	struct buffer b = load("pdu_nspi_bind.in");
	arena_init(&arena, 1 << 16);
	assert_true(pdu_read_header(buffer_slice(&b), &h));
	for (size_t size = 0; size < 72 - PDU_HEADER_SIZE; size++)
		assert_false(
			pdu_read_bind(&h, slice_of(b.data + PDU_HEADER_SIZE, size), &arena, &bind));
	assert_true(pdu_read_bind(&h, slice_of(b.data + PDU_HEADER_SIZE, 56), &arena, &bind));
	assert_int_equal(bind.max_xmit, 5840);
	assert_int_equal(bind.context_count, 1);
	assert_int_equal(bind.contexts[0].abstract.major, 56);
	assert_true(pdu_syntax_equal(&bind.contexts[0].transfers[0], &pdu_ndr));
	arena_free(&arena);
	buffer_free(&b);
}

static void a_bind_that_is_written_is_the_captured_one(void **state)
{
	(void)state;
	struct arena arena;
	struct pdu_header h;
	struct pdu_bind bind;
	struct buffer b = load("pdu_nspi_bind.in"), out;
	arena_init(&arena, 1 << 16);
	buffer_init(&out, 1 << 16);
	assert_true(pdu_read_header(buffer_slice(&b), &h));
	assert_true(pdu_read_bind(&h, slice_of(b.data + PDU_HEADER_SIZE, 56), &arena, &bind));
	struct pdu_writer w = pdu_begin(&out, PDU_BIND, h.flags, h.call_id);
	pdu_put_bind(&out, &bind);
	pdu_end(&w);
	assert_int_equal(out.size, 72);
	assert_memory_equal(out.data, b.data, 72);
	buffer_free(&out);
	arena_free(&arena);
	buffer_free(&b);
}

static void a_captured_bind_ack_is_read_and_its_prefixes_are_not(void **state)
{
	(void)state;
	struct arena arena;
	struct pdu_header h;
	struct pdu_bind_ack ack;
	struct buffer b = load("pdu_nspi_bind.out");
	arena_init(&arena, 1 << 16);
	assert_true(pdu_read_header(buffer_slice(&b), &h));
	size_t body = h.size - PDU_HEADER_SIZE;
	for (size_t size = 0; size < body; size++)
		assert_false(pdu_read_bind_ack(&h, slice_of(b.data + PDU_HEADER_SIZE, size), &arena,
		                               &ack));
	assert_true(pdu_read_bind_ack(&h, slice_of(b.data + PDU_HEADER_SIZE, body), &arena, &ack));
	assert_int_equal(ack.group, 0x02a46c81);
	assert_int_equal(ack.result_count, 1);
	assert_int_equal(ack.results[0].result, RESULT_ACCEPTANCE);
	arena_free(&arena);
	buffer_free(&b);
}

static struct slice third_pdu(const struct buffer *b)
{
	size_t at = 0;
	for (int i = 0; i < 2; i++)
		at += rpc_pdu_size(slice_of(b->data + at, b->size - at));
	return slice_of(b->data + at, b->size - at);
}

static void a_captured_trailer_is_found_behind_its_padding(void **state)
{
	(void)state;
	struct pdu_header h;
	struct pdu_auth auth;
	struct pdu_request q;
	struct buffer b = load("pdu_nspi_bind_ntlm.in");
	struct slice pdu = third_pdu(&b);
	assert_true(pdu_read_header(pdu, &h));
	assert_true(pdu_read_auth(&h, pdu, &auth));
	assert_int_equal(auth.type, 10);
	assert_int_equal(auth.level, 2);
	assert_int_equal(auth.pad, 4);
	assert_int_equal(auth.context_id, 0x000a8600);
	assert_int_equal(auth.token.size, 16);
	assert_true(pdu_read_request(&h, pdu, &auth, &q));
	assert_int_equal(q.stub.size, 60);
	assert_int_equal(q.stub_offset, 24);
	buffer_free(&b);
}

static void a_trailer_must_fit_and_its_padding_too(void **state)
{
	(void)state;
	struct pdu_auth auth;
	uint8_t pdu[40] = {0};
	struct pdu_header h = {.drep = {0x10}, .size = sizeof pdu, .auth_size = 8};
	pdu[26] = 0;
	assert_true(pdu_read_auth(&h, slice_of(pdu, sizeof pdu), &auth));
	assert_int_equal(auth.offset, 24);
	pdu[26] = 1;
	assert_false(pdu_read_auth(&h, slice_of(pdu, sizeof pdu), &auth));
	h.auth_size = 16;
	assert_true(pdu_read_auth(&h, slice_of(pdu, sizeof pdu), &auth));
	h.auth_size = 17;
	assert_false(pdu_read_auth(&h, slice_of(pdu, sizeof pdu), &auth));
	h.auth_size = UINT16_MAX;
	assert_false(pdu_read_auth(&h, slice_of(pdu, sizeof pdu), &auth));
}

static void big_endian_fields_are_turned_around(void **state)
{
	(void)state;
	static const uint8_t bytes[] = {
		5, 0, 0, 3, 0, 0, 0, 0,    0, 44, 0, 0, 0, 0, 0, 7, /* header */
		0, 0, 0, 4, 0, 9, 0, 0x0b, 1, 2,  3, 4,
	};
	uint8_t pdu[44] = {0};
	struct pdu_header h;
	struct pdu_auth auth = {0};
	struct pdu_request q;
	memcpy(pdu, bytes, sizeof bytes);
	assert_true(pdu_read_header(slice_of(pdu, sizeof pdu), &h));
	assert_true(pdu_big_endian(&h));
	assert_int_equal(h.size, 44);
	assert_int_equal(h.call_id, 7);
	assert_true(pdu_read_request(&h, slice_of(pdu, sizeof pdu), &auth, &q));
	assert_int_equal(q.alloc_hint, 4);
	assert_int_equal(q.context_id, 9);
	assert_int_equal(q.opnum, 11);
}

static void an_object_uuid_is_skipped(void **state)
{
	(void)state;
	uint8_t pdu[44] = {0};
	struct pdu_header h = {.flags = PFC_OBJECT_UUID, .drep = {0x10}, .size = sizeof pdu};
	struct pdu_auth auth = {0};
	struct pdu_request q;
	assert_true(pdu_read_request(&h, slice_of(pdu, sizeof pdu), &auth, &q));
	assert_int_equal(q.stub_offset, 40);
	assert_int_equal(q.stub.size, 4);
	assert_false(pdu_read_request(&h, slice_of(pdu, 39), &auth, &q));
}

static void towers_round_trip_and_have_the_size_that_everybody_expects(void **state)
{
	(void)state;
	struct buffer out;
	struct tower t = {
		.interface = {{{1, 2, 3}}, 56, 0},
		.transfer = pdu_ndr,
		.protseq = RPC_NCACN_IP_TCP,
		.port = 4997,
		.address = { 192,        168,  0, 2}
        };
	struct tower again;
	buffer_init(&out, 256);
	tower_write(&t, &out);
	assert_int_equal(out.size, TOWER_SIZE);
	assert_true(tower_read(buffer_slice(&out), &again));
	assert_memory_equal(&again.address, &t.address, sizeof t.address);
	assert_int_equal(again.port, 4997);
	assert_int_equal(again.interface.major, 56);
	for (size_t size = 0; size < 66; size++)
		assert_false(tower_read(slice_of(out.data, size), &again));
	out.data[0] = 7;
	assert_false(tower_read(buffer_slice(&out), &again));
	buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_size_is_told_as_soon_as_the_header_is_there),
		cmocka_unit_test(what_is_not_version_five_is_no_pdu),
		cmocka_unit_test(a_captured_bind_is_read_and_its_prefixes_are_not),
		cmocka_unit_test(a_bind_that_is_written_is_the_captured_one),
		cmocka_unit_test(a_captured_bind_ack_is_read_and_its_prefixes_are_not),
		cmocka_unit_test(a_captured_trailer_is_found_behind_its_padding),
		cmocka_unit_test(a_trailer_must_fit_and_its_padding_too),
		cmocka_unit_test(big_endian_fields_are_turned_around),
		cmocka_unit_test(an_object_uuid_is_skipped),
		cmocka_unit_test(towers_round_trip_and_have_the_size_that_everybody_expects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
