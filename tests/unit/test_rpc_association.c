/* One connection, as its bytes: what is answered, what ends it, and when it is given up. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/counters.h"
#include "rpc_wire.h"

static void assert_fault(const struct wire *w, uint32_t status, enum rpc_next next)
{
	assert_int_equal(fault_status(&w->out), status);
	assert_int_equal(w->next, next);
}

/* Two PDUs and what is behind them, cut in two at every place. */
static void answers_are_the_same_however_the_input_is_cut(void **state)
{
	struct buffer in;
	buffer_init(&in, 4096);
	put_bind(&in, 0, 0);
	put_request(&in, PFC_FIRST, 2, TOY_ECHO, slice_of("first ", 6));
	put_request(&in, PFC_LAST, 2, TOY_ECHO, slice_of("second", 6));
	for (size_t cut = 0; cut <= in.size; cut++) {
		struct wire w;
		size_t taken = 0, more = 0;
		wire_open(&w, *state, &site_peer);
		rpc_association_input(w.a, slice_of(in.data, cut), &taken, 0, &w.out);
		rpc_association_input(w.a, slice_of(in.data + taken, in.size - taken), &more, 0,
		                      &w.out);
		assert_int_equal(taken + more, in.size);
		buffer_consume(&w.out, 60);
		assert_true(slice_equal(response_stub(&w.out), slice_of("first second", 12)));
		wire_close(&w);
	}
	buffer_free(&in);
}

static void pipelined_requests_are_answered_in_turn(void **state)
{
	struct wire w;
	struct pdu_header h;
	wire_open_bound(&w, *state);
	for (uint32_t i = 0; i < 5; i++)
		put_request(&w.in, PFC_FIRST | PFC_LAST, 10 + i, i % 2 ? TOY_YIELD : TOY_ECHO,
		            slice_of("x", 1));
	assert_int_equal(wire_send(&w, 0), RPC_NEXT_READ);
	for (uint32_t i = 0; i < 5; i++) {
		answer_at(&w.out, 0, &h);
		assert_int_equal(h.type, PDU_RESPONSE);
		assert_int_equal(h.call_id, 10 + i);
		buffer_consume(&w.out, h.size);
	}
	wire_close(&w);
}

static void nothing_but_a_bind_opens_a_connection(void **state)
{
	struct wire w;
	wire_open(&w, *state, &site_peer);
	wire_call(&w, TOY_ECHO, slice_of("", 0));
	assert_fault(&w, RPC_FAULT_PROTO_ERROR, RPC_NEXT_CLOSE);
	wire_close(&w);
}

static void a_second_bind_is_refused_and_ends_the_connection(void **state)
{
	struct wire w;
	struct pdu_header h;
	wire_open_bound(&w, *state);
	assert_int_equal(wire_bind(&w, 0, 0), RPC_NEXT_CLOSE);
	answer_at(&w.out, 0, &h);
	assert_int_equal(h.type, PDU_BIND_NAK);
	wire_close(&w);
}

static void bytes_that_are_no_pdu_end_the_connection_in_silence(void **state)
{
	struct wire w;
	wire_open(&w, *state, &site_peer);
	buffer_put_string(&w.in, "GET / HTTP/1.1\r\nHost: example\r\n\r\n");
	assert_int_equal(wire_send(&w, 0), RPC_NEXT_CLOSE);
	assert_int_equal(w.out.size, 0);
	wire_close(&w);
}

static void a_bind_of_another_version_is_told_ours(void **state)
{
	struct wire w;
	struct pdu_header h;
	wire_open(&w, *state, &site_peer);
	put_bind(&w.in, 0, 0);
	w.in.data[0] = 4;
	assert_int_equal(wire_send(&w, 0), RPC_NEXT_CLOSE);
	answer_at(&w.out, 0, &h);
	assert_int_equal(h.type, PDU_BIND_NAK);
	assert_int_equal(w.out.data[16], NAK_PROTOCOL);
	assert_memory_equal(w.out.data + 18, "\1\5\0", 3);
	wire_close(&w);
}

static void a_fragment_that_is_too_long_is_refused_when_it_has_passed(void **state)
{
	static const size_t pieces[] = {1, 16, 1000, 65536};
	for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
		struct wire w;
		struct buffer in;
		uint8_t stub[RPC_MAX_FRAGMENT + 1 - PDU_REQUEST_HEADER_SIZE] = {0};
		buffer_init(&in, 8192);
		wire_open_bound(&w, *state);
		put_request(&in, PFC_FIRST | PFC_LAST, 7, TOY_ECHO, slice_of(stub, sizeof stub));
		buffer_clear(&w.out);
		size_t held = 0, taken = 0;
		while (held < in.size) {
			held = held + pieces[i] < in.size ? held + pieces[i] : in.size;
			size_t more = 0;
			w.next = rpc_association_input(w.a, slice_of(in.data + taken, held - taken),
			                               &more, 0, &w.out);
			taken += more;
			if (held < in.size)
				assert_int_equal(w.out.size, 0);
		}
		assert_fault(&w, RPC_FAULT_PROTO_ERROR, RPC_NEXT_CLOSE);
		buffer_free(&in);
		wire_close(&w);
	}
}

static void a_big_endian_request_is_served(void **state)
{
	static const uint8_t request[] = {
		5, 0, 0, 3, 0, 0, 0, 0,        0, 28, 0, 0, 0, 0, 0, 9, /* header */
		0, 0, 0, 4, 0, 0, 0, TOY_GROW, 0, 0,  0, 5,
	};
	struct wire w;
	wire_open_bound(&w, *state);
	buffer_put(&w.in, request, sizeof request);
	assert_int_equal(wire_send(&w, 0), RPC_NEXT_READ);
	assert_int_equal(response_stub(&w.out).size, 5);
	wire_close(&w);
}

static struct pdu_result bind_result(const struct wire *w, size_t index)
{
	struct arena arena;
	struct pdu_header h;
	struct pdu_bind_ack ack;
	struct slice pdu = answer_at(&w->out, 0, &h);
	arena_init(&arena, 65536);
	assert_true(pdu_read_bind_ack(&h, slice_of(pdu.data + 16, pdu.size - 16), &arena, &ack));
	assert_true(index < ack.result_count);
	struct pdu_result result = ack.results[index];
	arena_free(&arena);
	return result;
}

/* As Windows binds: NDR, NDR64 and feature negotiation, each for the same interface. */
static void ndr_is_taken_ndr64_is_not_and_features_are_granted(void **state)
{
	struct pdu_syntax ndr = pdu_ndr, ndr64 = pdu_ndr64;
	struct pdu_syntax features = {
		.uuid = {{0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45, 0xff}}, .major = 1};
	struct pdu_syntax toy = {toy_uuid, 2, 0};
	struct pdu_context contexts[] = {
		{0, 1, toy, &ndr     },
		{1, 1, toy, &ndr64   },
		{2, 1, toy, &features}
        };
	struct pdu_bind bind = {
		.max_xmit = 5840, .max_recv = 4280, .context_count = 3, .contexts = contexts};
	struct wire w;
	wire_open(&w, *state, &site_peer);
	struct pdu_writer pdu =
		pdu_begin(&w.in, PDU_BIND, PFC_FIRST | PFC_LAST | PFC_HEADER_SIGN, 1);
	pdu_put_bind(&w.in, &bind);
	pdu_end(&pdu);
	assert_int_equal(wire_send(&w, 0), RPC_NEXT_READ);
	assert_int_equal(w.out.data[3], PFC_FIRST | PFC_LAST | PFC_HEADER_SIGN);
	assert_int_equal(w.out.data[16] | w.out.data[17] << 8, 4280);
	assert_int_equal(bind_result(&w, 0).result, RESULT_ACCEPTANCE);
	assert_int_equal(bind_result(&w, 1).result, RESULT_PROVIDER_REJECTION);
	assert_int_equal(bind_result(&w, 1).reason, REASON_TRANSFER_SYNTAXES);
	assert_int_equal(bind_result(&w, 2).result, RESULT_NEGOTIATE_ACK);
	assert_int_equal(bind_result(&w, 2).reason, 3);
	wire_close(&w);
}

static void every_presentation_context_is_known_however_many_they_are(void **state)
{
	enum { CONTEXTS = 40 };
	struct wire w;
	wire_open_bound(&w, *state);
	for (uint16_t id = 1; id < CONTEXTS; id++) {
		put_offer(&w.in, PDU_ALTER, 0, 0, id);
		assert_int_equal(wire_send(&w, 0), RPC_NEXT_READ);
		assert_int_equal(bind_result(&w, 0).result, RESULT_ACCEPTANCE);
	}
	for (uint16_t id = 0; id < CONTEXTS; id++) {
		put_request(&w.in, PFC_FIRST | PFC_LAST, 2, TOY_ECHO, slice_of("x", 1));
		put_le16(w.in.data + 20, id);
		assert_int_equal(wire_send(&w, 0), RPC_NEXT_READ);
		assert_int_equal(response_stub(&w.out).size, 1);
	}
	wire_close(&w);
}

static void a_call_in_progress_is_cancelled_once_when_the_connection_goes(void **state)
{
	struct rpc_site *s = *state;
	struct wire w;
	size_t taken = 0;
	wire_open_bound(&w, s);
	put_request(&w.in, PFC_FIRST | PFC_LAST, 2, TOY_YIELD, slice_of("x", 1));
	assert_int_equal(rpc_association_input(w.a, buffer_slice(&w.in), &taken, 0, &w.out),
	                 RPC_NEXT_RESUME);
	assert_int_equal(rpc_association_input(w.a, buffer_slice(&w.in), &taken, 0, &w.out),
	                 RPC_NEXT_RESUME);
	assert_int_equal(taken, 0);
	wire_close(&w);
	assert_int_equal(s->toy.cancelled, 1);
}

static void another_call_may_run_while_one_has_yielded(void **state)
{
	struct wire yielding, other;
	size_t taken = 0;
	wire_open_bound(&yielding, *state);
	wire_open_bound(&other, *state);
	put_request(&yielding.in, PFC_FIRST | PFC_LAST, 2, TOY_YIELD, slice_of("slow", 4));
	rpc_association_input(yielding.a, buffer_slice(&yielding.in), &taken, 0, &yielding.out);
	wire_call(&other, TOY_ECHO, slice_of("quick", 5));
	assert_true(slice_equal(response_stub(&other.out), slice_of("quick", 5)));
	buffer_clear(&yielding.out);
	while (rpc_association_resume(yielding.a, 0, &yielding.out) == RPC_NEXT_RESUME)
		;
	assert_true(slice_equal(response_stub(&yielding.out), slice_of("slow", 4)));
	wire_close(&yielding);
	wire_close(&other);
}

/* Time */

static enum rpc_next timer_at(struct wire *w, uint64_t now_ms)
{
	return rpc_association_timer(w->a, now_ms, &w->out);
}

static void who_does_not_bind_is_given_up(void **state)
{
	struct wire w;
	wire_open(&w, *state, &site_peer);
	buffer_put_u8(&w.in, 5);
	wire_send(&w, 9000);
	assert_int_equal(rpc_association_deadline(w.a), 10000);
	assert_int_equal(timer_at(&w, 9999), RPC_NEXT_READ);
	assert_int_equal(timer_at(&w, 10000), RPC_NEXT_CLOSE);
	wire_close(&w);
}

static void who_does_not_finish_to_log_in_is_given_up(void **state)
{
	struct auth_initiator_config login = {.type = AUTH_TYPE_NTLM,
	                                      .level = AUTH_LEVEL_PRIVACY,
	                                      .user = "alice",
	                                      .domain = "",
	                                      .workstation = "",
	                                      .password = "x"};
	struct rpc_client_config config = {
		.interface = &toy_uuid, .version_major = 2, .auth = &login};
	struct wire w;
	wire_open(&w, *state, &site_peer);
	struct rpc_client *client = rpc_client_new(&config, &w.in);
	assert_int_equal(wire_send(&w, 5000), RPC_NEXT_READ);
	assert_int_equal(timer_at(&w, 10000), RPC_NEXT_READ);
	assert_int_equal(rpc_association_deadline(w.a), 25000);
	assert_int_equal(timer_at(&w, 25000), RPC_NEXT_CLOSE);
	rpc_client_free(client);
	wire_close(&w);
}

static void who_holds_nothing_and_says_nothing_is_given_up(void **state)
{
	struct wire w;
	wire_open_bound(&w, *state);
	put_request(&w.in, PFC_FIRST | PFC_LAST, 2, TOY_ECHO, slice_of("", 0));
	wire_send(&w, 30000);
	assert_int_equal(timer_at(&w, 60000), RPC_NEXT_READ);
	assert_int_equal(rpc_association_deadline(w.a), 90000);
	assert_int_equal(timer_at(&w, 90000), RPC_NEXT_CLOSE);
	wire_close(&w);
}

static void who_holds_a_handle_may_be_silent_for_ever(void **state)
{
	struct wire w;
	wire_open_bound(&w, *state);
	wire_call(&w, TOY_OPEN, slice_of("", 0));
	for (uint64_t now = 60000; now < 10000000; now = rpc_association_deadline(w.a))
		assert_int_equal(timer_at(&w, now), RPC_NEXT_READ);
	wire_close(&w);
}

static void half_a_request_is_not_waited_for_even_with_a_handle(void **state)
{
	struct wire w;
	wire_open_bound(&w, *state);
	wire_call(&w, TOY_OPEN, slice_of("", 0));
	put_request(&w.in, PFC_FIRST, 3, TOY_ECHO, slice_of("half", 4));
	wire_send(&w, 50000);
	assert_int_equal(timer_at(&w, 60000), RPC_NEXT_READ);
	assert_int_equal(timer_at(&w, 110000), RPC_NEXT_CLOSE);
	wire_close(&w);
}

static void timeouts_of_zero_are_none(void **state)
{
	struct rpc_site *s = *state;
	struct wire w;
	s->limits.bind_timeout_ms = s->limits.idle_timeout_ms = 0;
	wire_open(&w, s, &site_peer);
	assert_int_equal(rpc_association_deadline(w.a), 0);
	wire_bind(&w, 0, 0);
	assert_int_equal(rpc_association_deadline(w.a), 0);
	assert_int_equal(timer_at(&w, UINT64_MAX), RPC_NEXT_READ);
	wire_close(&w);
}

/* Fails to log in with NTLM, as often as it takes to be slowed down. */
static void wrong_login(struct line *l, struct rpc_site *s)
{
	struct auth_initiator_config login = {.type = AUTH_TYPE_SPNEGO,
	                                      .level = AUTH_LEVEL_CONNECT,
	                                      .user = "alice",
	                                      .domain = "EXAMPLE",
	                                      .workstation = "",
	                                      .password = "wrong"};
	line_open(l, s, &login);
}

static void a_login_that_is_slowed_down_goes_on_by_the_timer(void **state)
{
	struct rpc_site *s = *state;
	struct line l;
	s->auth.config.login_delay_max_ms = 2;
	auth_service_reconfigure(s->auth.service, &s->auth.config);
	for (int i = 0; i < 20; i++) {
		wrong_login(&l, s);
		if (l.next == RPC_NEXT_WAIT)
			break;
		line_close(&l);
	}
	assert_int_equal(l.next, RPC_NEXT_WAIT);
	uint64_t deadline = rpc_association_deadline(l.server);
	assert_true(deadline > 0);
	assert_int_equal(rpc_association_timer(l.server, deadline - 1, &l.to_client),
	                 RPC_NEXT_WAIT);
	buffer_clear(&l.to_client);
	/* The delay is of the real clock, and may not have passed yet. */
	do
		l.next = rpc_association_timer(l.server, rpc_association_deadline(l.server),
		                               &l.to_client);
	while (l.next == RPC_NEXT_WAIT);
	assert_int_equal(l.next, RPC_NEXT_CLOSE);
	assert_int_equal(fault_status(&l.to_client), RPC_FAULT_SEC_PKG);
	line_close(&l);
}

/* The budget of half-received requests */

static void requests_beyond_the_budget_fault_and_are_dropped(void **state)
{
	struct rpc_site *s = *state;
	struct wire greedy, late;
	uint8_t stub[5000] = {0};
	uint64_t before = counter_read(COUNTER_REASSEMBLY_BYTES);
	rpc_groups_set_budget(s->service.groups, 100000);
	wire_open_bound(&greedy, s);
	wire_open_bound(&late, s);
	for (int i = 0; i < 12; i++)
		put_request(&greedy.in, i ? 0 : PFC_FIRST, 2, TOY_ECHO,
		            slice_of(stub, sizeof stub));
	assert_int_equal(wire_send(&greedy, 0), RPC_NEXT_READ);
	assert_int_equal(greedy.out.size, 0);
	for (int i = 0; i < 12; i++)
		put_request(&late.in, i ? 0 : PFC_FIRST, 2, TOY_ECHO, slice_of(stub, sizeof stub));
	wire_send(&late, 0);
	assert_fault(&late, RPC_FAULT_TOO_BUSY, RPC_NEXT_READ);
	put_request(&late.in, PFC_LAST, 2, TOY_ECHO, slice_of(stub, sizeof stub));
	assert_int_equal(wire_send(&late, 0), RPC_NEXT_READ);
	assert_int_equal(late.out.size, 0);
	wire_call(&late, TOY_ECHO, slice_of("small", 5));
	assert_true(slice_equal(response_stub(&late.out), slice_of("small", 5)));
	assert_true(counter_read(COUNTER_REASSEMBLY_BYTES) > before);
	wire_close(&greedy);
	wire_close(&late);
	assert_int_equal(counter_read(COUNTER_REASSEMBLY_BYTES), before);
}

/* Verification trailers: MS-RPCE 2.2.2.13 */

static const uint8_t vt_signature[] = {0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71};

static void put_pcontext(struct buffer *b, uint16_t flags, const struct guid *interface)
{
	struct pdu_syntax s = {*interface, 2, 1};
	buffer_put_u16(b, 2 | flags);
	buffer_put_u16(b, 40);
	pdu_put_syntax(b, &s);
	pdu_put_syntax(b, &pdu_ndr);
}

static void put_header2(struct buffer *b, uint16_t flags, uint16_t opnum)
{
	buffer_put_u16(b, 3 | flags);
	buffer_put_u16(b, 16);
	buffer_put_u32(b, PDU_REQUEST);
	buffer_put_u32(b, 0x10);
	buffer_put_u32(b, 2);
	buffer_put_u16(b, 0);
	buffer_put_u16(b, opnum);
}

static void start_trailer(struct buffer *b)
{
	buffer_init(b, 1024);
	buffer_put(b, "stub", 4);
	buffer_put(b, vt_signature, sizeof vt_signature);
}

static void a_true_verification_trailer_is_cut_off(void **state)
{
	struct buffer b;
	struct wire w;
	start_trailer(&b);
	buffer_put_u16(&b, 1);
	buffer_put_u16(&b, 4);
	buffer_put_u32(&b, 1);
	put_pcontext(&b, 0x8000, &toy_uuid);
	put_header2(&b, 0x4000, TOY_ECHO);
	wire_open(&w, *state, &site_peer);
	wire_bind(&w, PFC_HEADER_SIGN, 0);
	assert_int_equal(wire_call(&w, TOY_ECHO, buffer_slice(&b)), RPC_NEXT_READ);
	assert_true(slice_equal(response_stub(&w.out), slice_of("stub", 4)));
	buffer_free(&b);
	wire_close(&w);
}

static void assert_trailer_is_refused(void **state, struct buffer *b)
{
	struct wire w;
	wire_open_bound(&w, *state);
	wire_call(&w, TOY_ECHO, buffer_slice(b));
	assert_fault(&w, RPC_FAULT_ACCESS_DENIED, RPC_NEXT_CLOSE);
	wire_close(&w);
	buffer_free(b);
}

static void a_verification_trailer_that_contradicts_the_request_is_refused(void **state)
{
	static const struct guid other = {{1}};
	struct buffer b;
	start_trailer(&b);
	put_pcontext(&b, 0x4000, &other);
	assert_trailer_is_refused(state, &b);
	start_trailer(&b);
	put_header2(&b, 0x4000, TOY_FAULT);
	assert_trailer_is_refused(state, &b);
	/* The client says that it supports header signing, but the bind did not. */
	start_trailer(&b);
	buffer_put_u16(&b, 1 | 0x4000);
	buffer_put_u16(&b, 4);
	buffer_put_u32(&b, 1);
	assert_trailer_is_refused(state, &b);
}

static void a_verification_trailer_without_end_is_refused(void **state)
{
	struct buffer b;
	start_trailer(&b);
	put_header2(&b, 0, TOY_ECHO);
	assert_trailer_is_refused(state, &b);
}

static void an_unknown_command_is_refused_only_when_it_has_to_be_processed(void **state)
{
	struct buffer b;
	struct wire w;
	start_trailer(&b);
	buffer_put_u16(&b, 77 | 0x4000);
	buffer_put_u16(&b, 0);
	wire_open_bound(&w, *state);
	wire_call(&w, TOY_ECHO, buffer_slice(&b));
	assert_true(slice_equal(response_stub(&w.out), slice_of("stub", 4)));
	wire_close(&w);
	put_le16(b.data + 12, 77 | 0xC000);
	assert_trailer_is_refused(state, &b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rpc_site_setup, rpc_site_teardown)
	const struct CMUnitTest tests[] = {
		TEST(answers_are_the_same_however_the_input_is_cut),
		TEST(pipelined_requests_are_answered_in_turn),
		TEST(nothing_but_a_bind_opens_a_connection),
		TEST(a_second_bind_is_refused_and_ends_the_connection),
		TEST(bytes_that_are_no_pdu_end_the_connection_in_silence),
		TEST(a_bind_of_another_version_is_told_ours),
		TEST(a_fragment_that_is_too_long_is_refused_when_it_has_passed),
		TEST(a_big_endian_request_is_served),
		TEST(ndr_is_taken_ndr64_is_not_and_features_are_granted),
		TEST(every_presentation_context_is_known_however_many_they_are),
		TEST(a_call_in_progress_is_cancelled_once_when_the_connection_goes),
		TEST(another_call_may_run_while_one_has_yielded),
		TEST(who_does_not_bind_is_given_up),
		TEST(who_does_not_finish_to_log_in_is_given_up),
		TEST(who_holds_nothing_and_says_nothing_is_given_up),
		TEST(who_holds_a_handle_may_be_silent_for_ever),
		TEST(half_a_request_is_not_waited_for_even_with_a_handle),
		TEST(timeouts_of_zero_are_none),
		TEST(a_login_that_is_slowed_down_goes_on_by_the_timer),
		TEST(requests_beyond_the_budget_fault_and_are_dropped),
		TEST(a_true_verification_trailer_is_cut_off),
		TEST(a_verification_trailer_that_contradicts_the_request_is_refused),
		TEST(a_verification_trailer_without_end_is_refused),
		TEST(an_unknown_command_is_refused_only_when_it_has_to_be_processed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
