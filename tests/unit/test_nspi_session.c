#include "nspi_book.h"

#include "base/buffer.h"
#include "nspi/nspi_ndr.h"

/* The stub of a request, in the test's own arena. */
static struct slice stub_of(struct book *b, ndr_fn *filter, void *in, struct buffer *stub)
{
	struct ndr n = {0};

	(void)b;
	buffer_init(stub, 1 << 20);
	ndr_encode_init(&n, stub);
	filter(&n, in);
	assert_false(ndr_failed(&n));
	return buffer_slice(stub);
}

static void call_rpc(struct book *b, uint16_t opnum, struct slice stub, struct buffer *out)
{
	book_begin_call(b);
	buffer_init(out, 1 << 20);
	enum nspi_run run = nspi_call_start_rpc(&b->call, opnum, stub, false, out);
	while (run == NSPI_YIELD)
		run = nspi_call_run(&b->call, out);
	assert_int_equal(run, NSPI_DONE);
}

static void bind_gives_a_handle_and_the_server_guid(void **state)
{
	struct book *b = *state;
	struct nspi_bind_in in = {.stat = book_stat(), .server_guid = &(struct guid){{1}}};
	struct nspi_bind_out *out = ask(b, OP_BIND, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_int_equal(out->handle.attributes, 0);
	assert_false(guid_is_zero(&out->handle.id));
	assert_true(guid_equal(out->server_guid, &b->server_guid));
	assert_int_equal(sessions_count(b->sessions), 2);
}

static void bind_without_a_guid_gets_none(void **state)
{
	struct nspi_bind_in in = {.stat = book_stat()};
	struct nspi_bind_out *out = ask(*state, OP_BIND, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
	assert_null(out->server_guid);
}

static void bind_looks_at_nothing_in_stat_but_the_code_page(void **state)
{
	struct nspi_bind_in in = {.stat = book_stat()};

	in.stat.container_id = 0x77f6d5c8; /* what an Outlook was seen to send */
	in.stat.total_recs = 0x00090000;
	in.stat.sort_type = 99;
	in.stat.current_rec = MISSING;
	struct nspi_bind_out *out = ask(*state, OP_BIND, &in);
	assert_int_equal(out->status, MAPI_SUCCESS);
}

static void assert_bind_refused(struct book *b, struct nspi_bind_in *in, uint32_t status)
{
	size_t before = sessions_count(b->sessions);
	in->server_guid = &(struct guid){{1}};
	struct nspi_bind_out *out = ask(b, OP_BIND, in);

	assert_int_equal(out->status, status);
	assert_null(out->server_guid);
	assert_true(guid_is_zero(&out->handle.id));
	assert_int_equal(sessions_count(b->sessions), before);
	assert_int_equal(sessions_check(b->sessions, NULL), 0);
}

static void bind_refuses_code_page_1200(void **state)
{
	struct nspi_bind_in in = {.stat = book_stat()};

	in.stat.codepage = CP_WINUNICODE;
	assert_bind_refused(*state, &in, MAPI_E_UNKNOWN_CPID);
}

static void bind_with_an_unknown_code_page_gives_its_place_back(void **state)
{
	struct nspi_bind_in in = {.stat = book_stat()};

	in.stat.codepage = 99999;
	assert_bind_refused(*state, &in, MAPI_E_UNKNOWN_CPID);
}

static void set_limit(struct book *b, uint32_t sessions)
{
	const struct limit limit = {.scope = LIMIT_DEFAULT, .sessions = sessions};

	limits_set(b->limits, &limit);
}

static void bind_above_the_limit_fails_to_log_on(void **state)
{
	struct nspi_bind_in in = {.stat = book_stat()};

	set_limit(*state, 1);
	assert_bind_refused(*state, &in, MAPI_E_LOGON_FAILED);
}

static void bind_counts_before_it_looks_at_the_code_page(void **state)
{
	struct nspi_bind_in in = {.stat = book_stat()};

	set_limit(*state, 1);
	in.stat.codepage = 99999;
	assert_bind_refused(*state, &in, MAPI_E_LOGON_FAILED);
}

static void bind_of_nobody_fails_to_log_on(void **state)
{
	struct book *b = *state;
	struct nspi_bind_in in = {.stat = book_stat()};

	principal_unref(b->anna);
	b->anna = principal_nobody();
	assert_bind_refused(b, &in, MAPI_E_LOGON_FAILED);
}

static void bind_ignores_the_anonymous_flag(void **state)
{
	struct nspi_bind_in in = {.flags = NSPI_ANONYMOUS_LOGIN, .stat = book_stat()};
	struct nspi_bind_out *out = ask(*state, OP_BIND, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
}

static void bind_of_exchange_refuses_the_anonymous_flag(void **state)
{
	struct nspi_bind_in in = {.flags = NSPI_ANONYMOUS_LOGIN, .stat = book_stat()};

	assert_bind_refused(*state, &in, MAPI_E_NO_SUPPORT);
}

static void bind_ignores_unknown_flags(void **state)
{
	struct nspi_bind_in in = {.flags = ~(uint32_t)NSPI_ANONYMOUS_LOGIN, .stat = book_stat()};
	struct nspi_bind_out *out = ask(*state, OP_BIND, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
}

static void the_session_knows_the_callers_own_entry(void **state)
{
	struct book *b = *state;
	struct nspi_query_columns_in in = {.handle = b->handle};

	ask(b, OP_QUERY_COLUMNS, &in);
	assert_string_equal(b->call.view.viewer->account, "anna");
	assert_int_equal(b->call.view.viewer->own_mid, ANNA);
}

static uint32_t bruno_is_it(void *context, const struct view *v, const char *account)
{
	(void)context;
	(void)v;
	(void)account;
	return BRUNO;
}

static void an_entry_given_by_hand_comes_before_the_name(void **state)
{
	struct book *b = *state;

	nspi_service_set_account_entry(b->service, bruno_is_it, NULL);
	book_bind(b);
	struct nspi_query_columns_in in = {.handle = b->handle};
	ask(b, OP_QUERY_COLUMNS, &in);
	assert_int_equal(b->call.view.viewer->own_mid, BRUNO);
}

static void unbind_ends_the_session(void **state)
{
	struct book *b = *state;
	struct nspi_unbind_in in = {.handle = b->handle, .reserved = 99};
	struct nspi_unbind_out *out = ask(b, OP_UNBIND, &in);

	assert_int_equal(out->status, MAPI_UNBIND_SUCCESS);
	assert_true(guid_is_zero(&out->handle.id));
	assert_int_equal(sessions_count(b->sessions), 0);
}

static void unbind_of_a_null_handle_fails(void **state)
{
	struct nspi_unbind_in in = {0};
	struct nspi_unbind_out *out = ask(*state, OP_UNBIND, &in);

	assert_int_equal(out->status, MAPI_UNBIND_FAILURE);
	assert_true(guid_is_zero(&out->handle.id));
}

static void assert_mismatch(struct book *b, uint16_t opnum, void *in)
{
	assert_int_equal(nspi_call_start(&b->call, opnum, in), NSPI_DONE);
	assert_int_equal(b->call.fault, 0x1C00001A);
}

static void unbind_of_an_unknown_handle_is_a_fault(void **state)
{
	struct book *b = *state;
	struct nspi_unbind_in in = {.handle = {.id = {{1, 2, 3}}}};

	book_begin_call(b);
	assert_mismatch(b, OP_UNBIND, &in);
}

static void a_null_handle_is_a_fault_elsewhere(void **state)
{
	struct book *b = *state;
	struct nspi_query_columns_in in = {0};

	book_begin_call(b);
	assert_mismatch(b, OP_QUERY_COLUMNS, &in);
}

static void a_handle_with_attributes_is_a_fault(void **state)
{
	struct book *b = *state;
	struct nspi_query_columns_in in = {.handle = b->handle};

	in.handle.attributes = 1;
	book_begin_call(b);
	assert_mismatch(b, OP_QUERY_COLUMNS, &in);
}

static void a_handle_of_another_group_is_a_fault(void **state)
{
	struct book *b = *state;
	struct nspi_query_columns_in in = {.handle = b->handle};

	book_begin_call(b);
	b->call.group = OTHER_GROUP;
	assert_mismatch(b, OP_QUERY_COLUMNS, &in);
}

static void a_handle_of_another_account_is_a_fault(void **state)
{
	struct book *b = *state;
	struct nspi_query_columns_in in = {.handle = b->handle};
	struct principal *bruno = principal_new("bruno", "ntlm", "PC2", true);

	book_begin_call(b);
	b->call.principal = bruno;
	assert_mismatch(b, OP_QUERY_COLUMNS, &in);
	principal_unref(bruno);
}

static void a_handle_that_was_unbound_is_a_fault(void **state)
{
	struct book *b = *state;
	struct nspi_unbind_in in = {.handle = b->handle};

	ask(b, OP_UNBIND, &in);
	book_begin_call(b);
	assert_mismatch(b, OP_UNBIND, &in);
}

static void rundown_ends_the_sessions_of_a_group(void **state)
{
	struct book *b = *state;

	book_end_call(b);
	assert_int_equal(nspi_holds(b->service, GROUP), 1);
	nspi_rundown(b->service, OTHER_GROUP);
	assert_int_equal(nspi_holds(b->service, GROUP), 1);
	nspi_rundown(b->service, GROUP);
	assert_int_equal(nspi_holds(b->service, GROUP), 0);
}

static void opnums_have_names(void **state)
{
	(void)state;
	assert_string_equal(nspi_operation_name(3), "QueryRows");
	assert_string_equal(nspi_operation_name(20), "ResolveNamesW");
	assert_null(nspi_operation_name(15));
	assert_null(nspi_operation_name(21));
}

static void unknown_opnums_are_a_fault(void **state)
{
	static const uint16_t unknown[] = {15, 21, 0xFFFF};
	struct book *b = *state;

	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		struct buffer out;
		call_rpc(b, unknown[i], slice_of("", 0), &out);
		assert_int_equal(b->call.fault, 0x1C010002);
		assert_int_equal(out.size, 0);
		buffer_free(&out);
	}
}

static void a_stub_cut_off_anywhere_is_a_fault(void **state)
{
	struct book *b = *state;
	struct nspi_get_prop_list_in in = {.handle = b->handle, .mid = ANNA, .codepage = 1252};
	struct buffer stub, out;
	struct slice whole = stub_of(b, ndr_nspi_get_prop_list_in, &in, &stub);

	for (size_t size = 0; size < whole.size; size++) {
		call_rpc(b, OP_GET_PROP_LIST, slice_of(whole.data, size), &out);
		assert_int_equal(b->call.fault, 0x6F7);
		assert_int_equal(out.size, 0);
		buffer_free(&out);
	}
	buffer_free(&stub);
}

static void bytes_behind_a_stub_are_ignored(void **state)
{
	struct book *b = *state;
	struct nspi_unbind_in in = {.handle = b->handle};
	struct buffer stub, out;

	stub_of(b, ndr_nspi_unbind_in, &in, &stub);
	buffer_put_zeros(&stub, 5);
	call_rpc(b, OP_UNBIND, buffer_slice(&stub), &out);
	assert_int_equal(b->call.fault, 0);
	assert_int_equal(out.size, 24);
	assert_int_equal(out.data[20], MAPI_UNBIND_SUCCESS);
	buffer_free(&out);
	buffer_free(&stub);
}

static void an_answer_is_decoded_as_it_was_given(void **state)
{
	struct book *b = *state;
	struct nspi_update_stat_in in = {
		.handle = b->handle, .stat = book_stat(), .delta = &(int32_t){9}};
	struct nspi_update_stat_out answer = {0};
	struct buffer stub, out;
	struct ndr n = {0};

	in.stat.delta = 2;
	call_rpc(b, OP_UPDATE_STAT, stub_of(b, ndr_nspi_update_stat_in, &in, &stub), &out);
	assert_int_equal(b->call.fault, 0);
	ndr_decode_init(&n, buffer_slice(&out), false, &b->arena);
	ndr_nspi_update_stat_out(&n, &answer);
	assert_false(ndr_failed(&n));
	assert_int_equal(answer.status, MAPI_SUCCESS);
	assert_int_equal(*answer.delta, 2);
	assert_int_equal(answer.stat.current_rec, book_order[2]);
	buffer_free(&out);
	buffer_free(&stub);
}

/* NspiGetMatches with `depth` Not around an Exist, which no encoder of ours would write. */
static void put_deep_request(struct buffer *stub, const struct nspi_handle *handle,
                             const struct nspi_stat *stat, unsigned depth)
{
	buffer_init(stub, 1 << 20);
	buffer_put_u32(stub, handle->attributes);
	buffer_put(stub, handle->id.bytes, sizeof handle->id.bytes);
	buffer_put_u32(stub, 0);
	buffer_put(stub, stat, sizeof *stat);
	buffer_put_u32(stub, 0); /* pReserved */
	buffer_put_u32(stub, 0);
	buffer_put_u32(stub, 1); /* Filter */
	for (unsigned i = 0; i < depth; i++) {
		buffer_put_u32(stub, RES_NOT);
		buffer_put_u32(stub, RES_NOT);
		buffer_put_u32(stub, 2 + i);
	}
	buffer_put_u32(stub, RES_EXIST);
	buffer_put_u32(stub, RES_EXIST);
	buffer_put_zeros(stub, 12 + 12); /* the rest of it; lpPropName, ulRequested, pPropTags */
}

static void a_filter_that_is_too_deep_is_too_complex(void **state)
{
	struct book *b = *state;
	struct nspi_stat stat = book_stat();
	struct nspi_get_matches_out answer = {0};
	struct buffer stub, out;
	struct ndr n = {0};

	put_deep_request(&stub, &b->handle, &stat, 2 * RESTRICTION_MAX_DEPTH);
	call_rpc(b, OP_GET_MATCHES, buffer_slice(&stub), &out);
	assert_int_equal(b->call.fault, 0);
	ndr_decode_init(&n, buffer_slice(&out), false, &b->arena);
	ndr_nspi_get_matches_out(&n, &answer);
	assert_false(ndr_failed(&n));
	assert_int_equal(answer.status, MAPI_E_TOO_COMPLEX);
	assert_stat_equal(&answer.stat, &stat);
	buffer_free(&out);
	buffer_free(&stub);
}

static void an_answer_beyond_the_buffer_is_a_fault(void **state)
{
	struct book *b = *state;
	struct nspi_query_columns_in in = {.handle = b->handle};
	struct buffer stub, out;
	struct slice request = stub_of(b, ndr_nspi_query_columns_in, &in, &stub);

	book_begin_call(b);
	buffer_init(&out, 100);
	buffer_put_string(&out, "before");
	assert_int_equal(nspi_call_start_rpc(&b->call, OP_QUERY_COLUMNS, request, false, &out),
	                 NSPI_DONE);
	assert_int_equal(b->call.fault, 0x1C010013);
	assert_int_equal(out.size, 6);
	buffer_free(&out);
	buffer_free(&stub);
}

static void a_session_ended_while_its_call_waits_dies_afterwards(void **state)
{
	struct book *b = *state;
	struct nspi_query_columns_in in = {.handle = b->handle};

	ask(b, OP_QUERY_COLUMNS, &in);
	assert_true(sessions_end_id(b->sessions, &b->handle.id, SESSION_END_OPERATOR));
	assert_int_equal(sessions_count(b->sessions), 0);
	assert_string_equal(b->call.view.viewer->account, "anna");
	book_end_call(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(bind_gives_a_handle_and_the_server_guid),
		ON_BOTH(bind_without_a_guid_gets_none),
		ON_BOTH(bind_looks_at_nothing_in_stat_but_the_code_page),
		ON_BOTH(bind_refuses_code_page_1200),
		ON_BOTH(bind_with_an_unknown_code_page_gives_its_place_back),
		ON_BOTH(bind_above_the_limit_fails_to_log_on),
		ON_BOTH(bind_counts_before_it_looks_at_the_code_page),
		ON_BOTH(bind_of_nobody_fails_to_log_on),
		ON_DIRECTORY(bind_ignores_the_anonymous_flag),
		ON_EXCHANGE(bind_of_exchange_refuses_the_anonymous_flag),
		ON_BOTH(bind_ignores_unknown_flags),
		ON_DIRECTORY(the_session_knows_the_callers_own_entry),
		ON_DIRECTORY(an_entry_given_by_hand_comes_before_the_name),
		ON_BOTH(unbind_ends_the_session),
		ON_BOTH(unbind_of_a_null_handle_fails),
		ON_BOTH(unbind_of_an_unknown_handle_is_a_fault),
		ON_DIRECTORY(a_null_handle_is_a_fault_elsewhere),
		ON_DIRECTORY(a_handle_with_attributes_is_a_fault),
		ON_DIRECTORY(a_handle_of_another_group_is_a_fault),
		ON_DIRECTORY(a_handle_of_another_account_is_a_fault),
		ON_DIRECTORY(a_handle_that_was_unbound_is_a_fault),
		ON_DIRECTORY(rundown_ends_the_sessions_of_a_group),
		ON_DIRECTORY(opnums_have_names),
		ON_DIRECTORY(unknown_opnums_are_a_fault),
		ON_DIRECTORY(a_stub_cut_off_anywhere_is_a_fault),
		ON_DIRECTORY(bytes_behind_a_stub_are_ignored),
		ON_DIRECTORY(an_answer_is_decoded_as_it_was_given),
		ON_DIRECTORY(a_filter_that_is_too_deep_is_too_complex),
		ON_DIRECTORY(an_answer_beyond_the_buffer_is_a_fault),
		ON_DIRECTORY(a_session_ended_while_its_call_waits_dies_afterwards),
	};

	return cmocka_run_group_tests_name("nspi session", tests, NULL, NULL);
}
