#include "nspi_book.h"

#include "directory/change.h"
#include "mapi/codepage.h"

/* What ModProps and ModLinkAtt check, what they ask the writer for, and what they make of its
 * answer. Anna is the caller; she manages Sales, and boss is the administrators' switch. */

#define ANNA_DN "CN=Anna Berg,OU=People,DC=example,DC=com"

static struct site {
	struct rights *rights;
	struct change *change; /* that waits to be written */
	bool full, boss;
	unsigned wakes;
	uint64_t woken;
} site;

static bool is_administrator(void *context, const char *account)
{
	(void)context;
	assert_string_equal(account, "anna");
	return site.boss;
}

static int take_change(void *context, struct change *c)
{
	(void)context;
	if (site.full)
		return ERR_LIMIT;
	assert_null(site.change);
	site.change = c;
	return 0;
}

static void wake(void *owner, uint64_t whose)
{
	assert_ptr_equal(owner, &site);
	site.wakes++;
	site.woken = whose;
}

/* Sales gets a manager. */
static void give_manager(struct book *b)
{
	struct directory_builder *builder = builder_new(b->directory, b->snapshot);

	book_put(builder, SALES, "CN=Sales,OU=Groups,DC=example,DC=com",
	         "objectClass: group\n"
	         "displayName: Sales Team\n"
	         "mail: sales@example.com\n"
	         "managedBy: " ANNA_DN "\n"
	         "member: CN=Carla Keller,OU=People,DC=example,DC=com\n");
	book_publish(b, builder);
}

static int writable(void **state, enum nspi_profile profile)
{
	static const char *const self_writable[] = {"telephoneNumber", "otherTelephone"};
	struct nspi_writing writing = {.is_administrator = is_administrator, .submit = take_change};
	struct book *b;

	site = (struct site){0};
	assert_int_equal(rights_new(self_writable, 2, &site.rights, NULL), 0);
	book_make(state, profile);
	b = *state;
	give_manager(b);
	writing.rights = site.rights;
	nspi_service_set_writing(b->service, &writing);
	return 0;
}

static int writable_setup(void **state)
{
	return writable(state, NSPI_PROFILE_DIRECTORY);
}

static int writable_setup_exchange(void **state)
{
	return writable(state, NSPI_PROFILE_EXCHANGE);
}

static int writable_teardown(void **state)
{
	change_free(site.change);
	rights_free(site.rights);
	return book_teardown(state);
}

#define WRITABLE(f)                                                                                \
	cmocka_unit_test_setup_teardown(f, writable_setup, writable_teardown),                     \
		cmocka_unit_test_setup_teardown(f, writable_setup_exchange, writable_teardown)

static enum nspi_run start(struct book *b, enum book_opnum opnum, void *in)
{
	book_begin_call(b);
	b->call.waker = (struct nspi_waker){wake, &site, 4711};
	return nspi_call_start(&b->call, (uint16_t)opnum, in);
}

/* What the writer does when it is done with the change. */
static void finish(int err)
{
	struct change *c = site.change;

	assert_non_null(c);
	site.change = NULL;
	c->done(c->context, err);
	change_free(c);
}

static uint32_t outcome(struct book *b, int err)
{
	finish(err);
	assert_int_equal(nspi_call_step(&b->call), NSPI_DONE);
	assert_int_equal(b->call.fault, 0);
	return b->call.status;
}

static struct nspi_stat at(uint32_t mid)
{
	struct nspi_stat stat = book_stat();

	stat.current_rec = mid;
	return stat;
}

static struct nspi_mod_props_in props_in(const struct book *b, uint32_t mid, struct mapi_tags *tags)
{
	return (struct nspi_mod_props_in){.handle = b->handle, .stat = at(mid), .tags = tags};
}

#define ROW(...)                                                                                   \
	(struct mapi_row)                                                                          \
	{                                                                                          \
		.count = sizeof((struct mapi_value[]){__VA_ARGS__}) / sizeof(struct mapi_value),   \
		.values = (struct mapi_value[]){__VA_ARGS__},                                      \
	}
#define SLICES(...)                                                                                \
	{                                                                                          \
		.count = sizeof((struct slice[]){__VA_ARGS__}) / sizeof(struct slice),             \
		.items = (struct slice[]){__VA_ARGS__},                                            \
	}

/* ModProps that gets an answer at once. */
static uint32_t mod_props(struct book *b, struct nspi_mod_props_in in)
{
	assert_int_equal(start(b, OP_MOD_PROPS, &in), NSPI_DONE);
	assert_null(site.change);
	return b->call.status;
}

/* ModProps that waits for the writer. */
static const struct change *ask_props(struct book *b, struct nspi_mod_props_in in)
{
	assert_int_equal(start(b, OP_MOD_PROPS, &in), NSPI_WAIT);
	assert_non_null(site.change);
	return site.change;
}

static void assert_edit(const struct change_edit *edit, mapi_tag tag, enum change_kind kind,
                        size_t count)
{
	assert_int_equal(edit->property_id, tag_id(tag));
	assert_int_equal(edit->kind, kind);
	assert_int_equal(edit->count, count);
}

static void nothing_can_be_changed_without_a_writer(void **state)
{
	struct book *b = *state;

	assert_int_equal(mod_props(b, props_in(b, ANNA, TAGS(PR_USER_X509_CERTIFICATE))),
	                 MAPI_E_NO_ACCESS);
}

static void own_certificates_are_replaced(void **state)
{
	struct book *b = *state;
	struct nspi_mod_props_in in = props_in(b, ANNA, NO_TAGS);

	in.row = ROW({.tag = PR_USER_X509_CERTIFICATE,
	              .slices = SLICES(slice_of("\x30one", 4), slice_of("\x30\0\0", 3))});
	const struct change *c = ask_props(b, in);
	assert_int_equal(c->mid, ANNA);
	assert_int_equal(c->edit_count, 1);
	assert_edit(&c->edits[0], PR_USER_X509_CERTIFICATE, CHANGE_REPLACE, 2);
	assert_true(slice_equal(c->edits[0].values[1], slice_of("\x30\0\0", 3)));
	assert_int_equal(outcome(b, 0), MAPI_SUCCESS);
}

static void properties_of_the_list_lose_their_values(void **state)
{
	struct book *b = *state;
	struct nspi_mod_props_in in =
		props_in(b, ANNA, TAGS(PR_USER_X509_CERTIFICATE, PR_EMS_AB_X509_CERT));

	in.row = ROW({.tag = PR_EMS_AB_X509_CERT, .slices = SLICES(slice_of("\x30", 1))});
	const struct change *c = ask_props(b, in);
	assert_int_equal(c->edit_count, 2);
	assert_edit(&c->edits[0], PR_USER_X509_CERTIFICATE, CHANGE_REPLACE, 0);
	assert_edit(&c->edits[1], PR_EMS_AB_X509_CERT, CHANGE_REPLACE, 1);
	assert_int_equal(outcome(b, 0), MAPI_SUCCESS);
}

static void strings_of_the_code_page_become_unicode(void **state)
{
	struct book *b = *state;
	struct nspi_mod_props_in in = props_in(b, ANNA, NO_TAGS);

	in.stat.codepage = 1251;
	in.row = ROW({.tag = tag_with_type(PR_BUSINESS_TELEPHONE_NUMBER, PT_STRING8),
	              .string = slice_of("\xF2\xE5\xEB. 1", 6)},
		     {.tag = 0x3A1B101E, .slices = SLICES(slice_of("\xE0", 1), slice_of("2", 1))});
	const struct change *c = ask_props(b, in);
	assert_text(c->edits[0].values[0], "\xD1\x82\xD0\xB5\xD0\xBB. 1");
	assert_text(c->edits[1].values[0], "\xD0\xB0");
	assert_text(c->edits[1].values[1], "2");
	assert_int_equal(outcome(b, 0), MAPI_SUCCESS);
}

static void an_empty_string_is_no_value(void **state)
{
	struct book *b = *state;
	struct nspi_mod_props_in in = props_in(b, ANNA, NO_TAGS);

	in.row = ROW({.tag = PR_BUSINESS_TELEPHONE_NUMBER, .string = slice_of("", 0)});
	assert_edit(&ask_props(b, in)->edits[0], PR_BUSINESS_TELEPHONE_NUMBER, CHANGE_REPLACE, 0);
	assert_int_equal(outcome(b, 0), MAPI_SUCCESS);
}

static uint32_t mod_value(struct book *b, struct mapi_value value)
{
	struct nspi_mod_props_in in = props_in(b, ANNA, NO_TAGS);

	in.row = (struct mapi_row){1, &value};
	return mod_props(b, in);
}

static void values_that_a_property_cannot_have_are_denied(void **state)
{
	static uint8_t long_bytes[CHANGE_MAX_BINARY + 1] = {0x30};
	struct slice many[CHANGE_MAX_VALUES + 1];
	const mapi_tag phone = PR_BUSINESS_TELEPHONE_NUMBER;
	const struct mapi_value values[] = {
		{.tag = tag_with_type(phone,                    PT_LONG),                                             .long_value = 1},
		{.tag = tag_with_type(phone,					     PT_MV_UNICODE),
	         .slices = SLICES({(const uint8_t *)"1", 1})},
		{.tag = tag_with_type(phone,   PT_ERROR),                                                       .error = MAPI_E_NOT_FOUND},
		{.tag = phone,				  .string = slice_of("1\0002",       3)},
		{.tag = phone,				  .string = slice_of("\xFF",                          1)},
		{.tag = phone,					     .string = slice_of(long_bytes,										      CHANGE_MAX_TEXT + 1)},
		{.tag = tag_with_type(PR_USER_X509_CERTIFICATE,                                           PT_BINARY),
	         .binary = slice_of("\x30", 1)},
		{.tag = PR_USER_X509_CERTIFICATE,
	         .slices = SLICES({long_bytes, sizeof long_bytes})},
		{.tag = PR_USER_X509_CERTIFICATE, .slices = {CHANGE_MAX_VALUES + 1, many}},
		{.tag = PR_EMS_AB_PUBLIC_DELEGATES,                                           .long_value = 0											      },
	};

	for (size_t i = 0; i <= CHANGE_MAX_VALUES; i++)
		many[i] = slice_of("\x30", 1);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		assert_int_equal(mod_value(*state, values[i]), MAPI_E_NO_ACCESS);
}

static void a_single_valued_property_takes_one_value(void **state)
{
	struct book *b = *state;
	struct nspi_mod_props_in in = props_in(b, ANNA, NO_TAGS);
	const mapi_tag phone = PR_BUSINESS_TELEPHONE_NUMBER;

	in.row = ROW({.tag = phone, .string = slice_of("1", 1)},
		     {.tag = phone, .string = slice_of("2", 1)});
	assert_int_equal(mod_props(b, in), MAPI_E_NO_ACCESS);
}

static void more_properties_than_anybody_changes_are_denied(void **state)
{
	struct book *b = *state;
	static uint32_t items[100000];
	struct mapi_tags tags = {100000, items};

	for (uint32_t i = 0; i < 100000; i++)
		items[i] = i << 16 | PT_UNICODE;
	assert_int_equal(mod_props(b, props_in(b, ANNA, &tags)), MAPI_E_NO_ACCESS);
}

static void another_entry_or_property_is_denied(void **state)
{
	struct book *b = *state;

	assert_int_equal(mod_props(b, props_in(b, BRUNO, TAGS(PR_USER_X509_CERTIFICATE))),
	                 MAPI_E_NO_ACCESS);
	assert_int_equal(mod_props(b, props_in(b, ANNA, TAGS(PR_USER_X509_CERTIFICATE, PR_TITLE))),
	                 MAPI_E_NO_ACCESS);
	assert_int_equal(mod_props(b, props_in(b, ANNA, TAGS(0x66660003))), MAPI_E_NO_ACCESS);
}

static void an_administrator_changes_others_entries(void **state)
{
	struct book *b = *state;

	site.boss = true;
	assert_true(
		ask_props(b, props_in(b, BRUNO, TAGS(PR_USER_X509_CERTIFICATE)))->administrator);
	assert_int_equal(outcome(b, 0), MAPI_SUCCESS);
	assert_int_equal(mod_props(b, props_in(b, BRUNO, TAGS(PR_TITLE))), MAPI_E_NO_ACCESS);
}

static void mod_props_of_nothing_needs_no_right(void **state)
{
	struct book *b = *state;

	assert_int_equal(mod_props(b, props_in(b, BRUNO, NO_TAGS)), MAPI_SUCCESS);
}

static void mod_props_refuses_kinds_that_never_change(void **state)
{
	struct book *b = *state;

	assert_int_equal(mod_props(b, props_in(b, BOARD, NO_TAGS)), MAPI_E_INVALID_OBJECT);
}

static void mod_props_wants_an_entry(void **state)
{
	struct book *b = *state;

	assert_int_equal(mod_props(b, props_in(b, MISSING, NO_TAGS)), MAPI_E_INVALID_PARAMETER);
	assert_int_equal(mod_props(b, props_in(b, MID_BEGINNING_OF_TABLE, NO_TAGS)),
	                 MAPI_E_INVALID_PARAMETER);
}

static void mod_props_wants_tags(void **state)
{
	struct book *b = *state;

	assert_int_equal(mod_props(b, props_in(b, BOARD, NULL)), MAPI_E_INVALID_PARAMETER);
}

static void mod_props_refuses_a_reserved_value_before_all_else(void **state)
{
	struct book *b = *state;
	struct nspi_mod_props_in in = props_in(b, MISSING, NULL);

	in.reserved = 1;
	assert_int_equal(mod_props(b, in), MAPI_E_CALL_FAILED);
	in.stat.codepage = CP_WINUNICODE;
	assert_int_equal(mod_props(b, in), MAPI_E_UNKNOWN_CPID);
}

static void mod_props_of_exchange_ignores_the_reserved_value(void **state)
{
	struct book *b = *state;
	struct nspi_mod_props_in in = props_in(b, ANNA, NO_TAGS);

	in.reserved = 1;
	assert_int_equal(mod_props(b, in), MAPI_SUCCESS);
}

/* ModLinkAtt. */

static struct nspi_mod_link_att_in link_in(const struct book *b, mapi_tag tag, uint32_t mid)
{
	return (struct nspi_mod_link_att_in){.handle = b->handle, .tag = tag, .mid = mid};
}

static uint32_t mod_link(struct book *b, struct nspi_mod_link_att_in in)
{
	assert_int_equal(start(b, OP_MOD_LINK_ATT, &in), NSPI_DONE);
	assert_null(site.change);
	return b->call.status;
}

static const struct change *ask_link(struct book *b, struct nspi_mod_link_att_in in)
{
	assert_int_equal(start(b, OP_MOD_LINK_ATT, &in), NSPI_WAIT);
	assert_non_null(site.change);
	return site.change;
}

/* Ids of Bruno, Carla and of nothing, which live as long as the test. */
struct ids {
	struct arena arena;
	struct slice bruno, carla, nobody, garbage;
};

static struct ids make_ids(const struct book *b)
{
	struct ids ids = {.garbage = slice_of("\x87xyz", 4)};
	char dn[64];

	arena_init(&ids.arena, 1 << 16);
	snprintf(dn, sizeof dn, "/o=TEST/ou=Site/cn=Recipients/cn=e%x", CARLA);
	ids.bruno = entryid_ephemeral(&ids.arena, &b->server_guid, DT_DISTLIST, BRUNO);
	ids.carla = entryid_permanent(&ids.arena, DT_MAILUSER, slice_of_string(dn));
	ids.nobody = entryid_ephemeral(&ids.arena, &b->server_guid, DT_MAILUSER, MISSING);
	return ids;
}

static void members_come_in_both_forms_of_ids(void **state)
{
	struct book *b = *state;
	struct ids ids = make_ids(b);
	struct nspi_mod_link_att_in in = link_in(b, PR_EMS_AB_MEMBER, SALES);

	in.entry_ids = (struct mapi_slices)SLICES(ids.bruno, ids.carla);
	const struct change *c = ask_link(b, in);
	assert_edit(&c->edits[0], PR_EMS_AB_MEMBER, CHANGE_ADD, 2);
	assert_int_equal(c->edits[0].links[0], BRUNO);
	assert_int_equal(c->edits[0].links[1], CARLA);
	assert_int_equal(outcome(b, 0), MAPI_SUCCESS);
	arena_free(&ids.arena);
}

static void the_tag_may_have_any_type(void **state)
{
	struct book *b = *state;
	mapi_tag tag = tag_with_type(PR_EMS_AB_MEMBER, PT_MV_STRING8);

	assert_edit(&ask_link(b, link_in(b, tag, SALES))->edits[0], PR_EMS_AB_MEMBER, CHANGE_ADD,
	            0);
	assert_int_equal(outcome(b, 0), MAPI_SUCCESS);
}

static void ids_of_nothing_need_not_be_removed(void **state)
{
	struct book *b = *state;
	struct ids ids = make_ids(b);
	struct nspi_mod_link_att_in in = link_in(b, PR_EMS_AB_MEMBER, SALES);

	in.flags = NSPI_DELETE | 0x80;
	in.entry_ids = (struct mapi_slices)SLICES(ids.nobody, ids.garbage, ids.carla);
	const struct change *c = ask_link(b, in);
	assert_edit(&c->edits[0], PR_EMS_AB_MEMBER, CHANGE_REMOVE, 1);
	assert_int_equal(c->edits[0].links[0], CARLA);
	assert_int_equal(outcome(b, 0), MAPI_SUCCESS);
	arena_free(&ids.arena);
}

static void ids_of_nothing_cannot_be_added(void **state)
{
	struct book *b = *state;
	struct ids ids = make_ids(b);
	struct nspi_mod_link_att_in in = link_in(b, PR_EMS_AB_MEMBER, SALES);

	in.entry_ids = (struct mapi_slices)SLICES(ids.carla, ids.nobody);
	assert_int_equal(mod_link(b, in), MAPI_E_NO_ACCESS);
	in.entry_ids = (struct mapi_slices)SLICES(ids.garbage);
	assert_int_equal(mod_link(b, in), MAPI_E_NO_ACCESS);
	arena_free(&ids.arena);
}

static void too_many_ids_are_denied(void **state)
{
	static struct slice many[CHANGE_MAX_LINKS + 1];
	struct book *b = *state;
	struct nspi_mod_link_att_in in = link_in(b, PR_EMS_AB_MEMBER, SALES);

	in.flags = NSPI_DELETE;
	in.entry_ids = (struct mapi_slices){CHANGE_MAX_LINKS + 1, many};
	assert_int_equal(mod_link(b, in), MAPI_E_NO_ACCESS);
}

static void many_ids_are_looked_up_in_slices(void **state)
{
	struct book *b = *state;
	struct ids ids = make_ids(b);
	struct slice many[1000];
	struct nspi_mod_link_att_in in = link_in(b, PR_EMS_AB_MEMBER, SALES);
	unsigned yields = 0;

	for (size_t i = 0; i < 1000; i++)
		many[i] = i % 2 ? ids.bruno : ids.carla;
	in.entry_ids = (struct mapi_slices){1000, many};
	enum nspi_run run = start(b, OP_MOD_LINK_ATT, &in);
	for (; run == NSPI_YIELD; yields++)
		run = nspi_call_step(&b->call);
	assert_int_equal(run, NSPI_WAIT);
	assert_in_range(yields, 2, 100);
	assert_edit(&site.change->edits[0], PR_EMS_AB_MEMBER, CHANGE_ADD, 1000);
	assert_int_equal(outcome(b, 0), MAPI_SUCCESS);
	arena_free(&ids.arena);
}

static void delegates_are_ones_own_business(void **state)
{
	struct book *b = *state;

	ask_link(b, link_in(b, PR_EMS_AB_PUBLIC_DELEGATES, ANNA));
	assert_int_equal(outcome(b, 0), MAPI_SUCCESS);
	assert_int_equal(mod_link(b, link_in(b, PR_EMS_AB_PUBLIC_DELEGATES, BRUNO)),
	                 MAPI_E_NO_ACCESS);
}

static void a_link_that_clients_never_change_is_denied(void **state)
{
	struct book *b = *state;

	site.boss = true;
	assert_int_equal(mod_link(b, link_in(b, PR_EMS_AB_MANAGER, ANNA)), MAPI_E_NO_ACCESS);
	assert_int_equal(mod_link(b, link_in(b, PR_EMS_AB_IS_MEMBER_OF_DL, ANNA)),
	                 MAPI_E_NO_ACCESS);
}

static void a_link_of_another_kind_of_entry_is_left_alone_in_silence(void **state)
{
	struct book *b = *state;

	assert_int_equal(mod_link(b, link_in(b, PR_EMS_AB_MEMBER, ANNA)), MAPI_SUCCESS);
	assert_int_equal(mod_link(b, link_in(b, PR_EMS_AB_PUBLIC_DELEGATES, SALES)), MAPI_SUCCESS);
}

static void a_link_of_another_kind_of_entry_is_denied_by_exchange(void **state)
{
	struct book *b = *state;

	assert_int_equal(mod_link(b, link_in(b, PR_EMS_AB_MEMBER, ANNA)), MAPI_E_NO_ACCESS);
}

static void mod_link_att_knows_the_tag_before_the_entry(void **state)
{
	struct book *b = *state;

	assert_int_equal(mod_link(b, link_in(b, 0x1234000D, MISSING)), MAPI_E_NOT_FOUND);
	assert_int_equal(mod_link(b, link_in(b, PR_TITLE, MISSING)), MAPI_E_NOT_FOUND);
	assert_int_equal(mod_link(b, link_in(b, PR_EMS_AB_MEMBER, MISSING)),
	                 MAPI_E_INVALID_PARAMETER);
}

/* Waiting. */

static void a_call_waits_until_the_writer_is_done(void **state)
{
	struct book *b = *state;

	ask_props(b, props_in(b, ANNA, TAGS(PR_USER_X509_CERTIFICATE)));
	assert_int_equal(nspi_call_step(&b->call), NSPI_WAIT);
	assert_int_equal(site.wakes, 0);
	assert_int_equal(outcome(b, 0), MAPI_SUCCESS);
	assert_int_equal(site.wakes, 1);
	assert_int_equal(site.woken, 4711);
}

static void whatever_the_writer_cannot_do_is_denied(void **state)
{
	static const int errors[] = {ERR_FULL, ERR_NOT_FOUND, ERR_DENIED, ERR_BUSY, ERR_SYSTEM};
	struct book *b = *state;

	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		ask_props(b, props_in(b, ANNA, TAGS(PR_USER_X509_CERTIFICATE)));
		assert_int_equal(outcome(b, errors[i]), MAPI_E_NO_ACCESS);
	}
}

static void a_writer_with_too_much_to_do_is_out_of_resources(void **state)
{
	struct book *b = *state;

	site.full = true;
	assert_int_equal(mod_props(b, props_in(b, ANNA, TAGS(PR_USER_X509_CERTIFICATE))),
	                 MAPI_E_NOT_ENOUGH_RESOURCES);
}

static void a_change_outlives_a_call_that_is_cancelled(void **state)
{
	struct book *b = *state;
	const struct change *c = ask_props(b, props_in(b, ANNA, TAGS(PR_USER_X509_CERTIFICATE)));

	nspi_call_cancel(&b->call);
	sessions_end_all(b->sessions, SESSION_END_OPERATOR);
	arena_reset(&b->arena);
	assert_string_equal(c->viewer.account, "anna");
	assert_string_equal(c->client_address, "192.0.2.1");
	finish(0);
	assert_int_equal(site.wakes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(nothing_can_be_changed_without_a_writer),
		WRITABLE(own_certificates_are_replaced),
		WRITABLE(properties_of_the_list_lose_their_values),
		WRITABLE(strings_of_the_code_page_become_unicode),
		WRITABLE(an_empty_string_is_no_value),
		WRITABLE(values_that_a_property_cannot_have_are_denied),
		WRITABLE(a_single_valued_property_takes_one_value),
		WRITABLE(more_properties_than_anybody_changes_are_denied),
		WRITABLE(another_entry_or_property_is_denied),
		WRITABLE(an_administrator_changes_others_entries),
		ON_BOTH(mod_props_of_nothing_needs_no_right),
		ON_BOTH(mod_props_refuses_kinds_that_never_change),
		ON_BOTH(mod_props_wants_an_entry),
		ON_BOTH(mod_props_wants_tags),
		ON_DIRECTORY(mod_props_refuses_a_reserved_value_before_all_else),
		ON_EXCHANGE(mod_props_of_exchange_ignores_the_reserved_value),
		WRITABLE(members_come_in_both_forms_of_ids),
		WRITABLE(the_tag_may_have_any_type),
		WRITABLE(ids_of_nothing_need_not_be_removed),
		WRITABLE(ids_of_nothing_cannot_be_added),
		WRITABLE(too_many_ids_are_denied),
		WRITABLE(many_ids_are_looked_up_in_slices),
		WRITABLE(delegates_are_ones_own_business),
		WRITABLE(a_link_that_clients_never_change_is_denied),
		ON_DIRECTORY(a_link_of_another_kind_of_entry_is_left_alone_in_silence),
		ON_EXCHANGE(a_link_of_another_kind_of_entry_is_denied_by_exchange),
		ON_BOTH(mod_link_att_knows_the_tag_before_the_entry),
		WRITABLE(a_call_waits_until_the_writer_is_done),
		WRITABLE(whatever_the_writer_cannot_do_is_denied),
		WRITABLE(a_writer_with_too_much_to_do_is_out_of_resources),
		WRITABLE(a_change_outlives_a_call_that_is_cancelled),
	};

	return cmocka_run_group_tests_name("nspi changes", tests, NULL, NULL);
}
