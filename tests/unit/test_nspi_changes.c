#include "nspi_book.h"

/* Nobody may change anything: what is checked before that, and in which order. */

static uint32_t mod_props(struct book *b, struct nspi_stat stat, uint32_t reserved,
                          struct mapi_tags *tags)
{
	struct nspi_mod_props_in in = {
		.handle = b->handle, .reserved = reserved, .stat = stat, .tags = tags
	};

	return ((struct nspi_mod_props_out *)ask(b, OP_MOD_PROPS, &in))->status;
}

static struct nspi_stat at(uint32_t mid)
{
	struct nspi_stat stat = book_stat();

	stat.current_rec = mid;
	return stat;
}

static void a_property_cannot_be_changed(void **state)
{
	assert_int_equal(mod_props(*state, at(ANNA), 0, TAGS(PR_USER_X509_CERTIFICATE)),
	                 MAPI_E_NO_ACCESS);
}

static void mod_props_of_nothing_needs_no_right(void **state)
{
	assert_int_equal(mod_props(*state, at(BRUNO), 0, NO_TAGS), MAPI_SUCCESS);
}

static void mod_props_refuses_kinds_that_never_change(void **state)
{
	assert_int_equal(mod_props(*state, at(BOARD), 0, NO_TAGS), MAPI_E_INVALID_OBJECT);
}

static void mod_props_wants_an_entry(void **state)
{
	assert_int_equal(mod_props(*state, at(MISSING), 0, NO_TAGS), MAPI_E_INVALID_PARAMETER);
	assert_int_equal(mod_props(*state, at(MID_BEGINNING_OF_TABLE), 0, NO_TAGS),
	                 MAPI_E_INVALID_PARAMETER);
}

static void mod_props_wants_tags(void **state)
{
	assert_int_equal(mod_props(*state, at(BOARD), 0, NULL), MAPI_E_INVALID_PARAMETER);
}

static void mod_props_refuses_a_reserved_value_before_all_else(void **state)
{
	struct nspi_stat stat = at(MISSING);

	assert_int_equal(mod_props(*state, stat, 1, NULL), MAPI_E_CALL_FAILED);
	stat.codepage = CP_WINUNICODE;
	assert_int_equal(mod_props(*state, stat, 1, NULL), MAPI_E_UNKNOWN_CPID);
}

static void mod_props_of_exchange_ignores_the_reserved_value(void **state)
{
	assert_int_equal(mod_props(*state, at(ANNA), 1, NO_TAGS), MAPI_SUCCESS);
}

static uint32_t mod_link(struct book *b, mapi_tag tag, uint32_t mid)
{
	struct nspi_mod_link_att_in in = {
		.handle = b->handle, .flags = NSPI_DELETE, .tag = tag, .mid = mid
	};

	return ((struct nspi_mod_link_att_out *)ask(b, OP_MOD_LINK_ATT, &in))->status;
}

static void a_link_cannot_be_changed(void **state)
{
	assert_int_equal(mod_link(*state, PR_EMS_AB_MEMBER, SALES), MAPI_E_NO_ACCESS);
	assert_int_equal(mod_link(*state, tag_with_type(PR_EMS_AB_MEMBER, PT_MV_STRING8), SALES),
	                 MAPI_E_NO_ACCESS);
	assert_int_equal(mod_link(*state, PR_EMS_AB_PUBLIC_DELEGATES, ANNA), MAPI_E_NO_ACCESS);
}

static void a_link_of_another_kind_of_entry_is_left_alone_in_silence(void **state)
{
	assert_int_equal(mod_link(*state, PR_EMS_AB_MEMBER, ANNA), MAPI_SUCCESS);
	assert_int_equal(mod_link(*state, PR_EMS_AB_PUBLIC_DELEGATES, SALES), MAPI_SUCCESS);
}

static void a_link_of_another_kind_of_entry_is_denied_by_exchange(void **state)
{
	assert_int_equal(mod_link(*state, PR_EMS_AB_MEMBER, ANNA), MAPI_E_NO_ACCESS);
}

static void mod_link_att_knows_the_tag_before_the_entry(void **state)
{
	assert_int_equal(mod_link(*state, 0x1234000D, MISSING), MAPI_E_NOT_FOUND);
	assert_int_equal(mod_link(*state, PR_TITLE, MISSING), MAPI_E_NOT_FOUND);
	assert_int_equal(mod_link(*state, PR_EMS_AB_MEMBER, MISSING), MAPI_E_INVALID_PARAMETER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(a_property_cannot_be_changed),
		ON_BOTH(mod_props_of_nothing_needs_no_right),
		ON_BOTH(mod_props_refuses_kinds_that_never_change),
		ON_BOTH(mod_props_wants_an_entry),
		ON_BOTH(mod_props_wants_tags),
		ON_DIRECTORY(mod_props_refuses_a_reserved_value_before_all_else),
		ON_EXCHANGE(mod_props_of_exchange_ignores_the_reserved_value),
		ON_BOTH(a_link_cannot_be_changed),
		ON_DIRECTORY(a_link_of_another_kind_of_entry_is_left_alone_in_silence),
		ON_EXCHANGE(a_link_of_another_kind_of_entry_is_denied_by_exchange),
		ON_BOTH(mod_link_att_knows_the_tag_before_the_entry),
	};

	return cmocka_run_group_tests_name("nspi changes", tests, NULL, NULL);
}
