#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "book.h"
#include "directory/change.h"
#include "mapi/tags.h"

enum { ANNA = ENTRY_MID_FIRST, BRUNO, SALES, NOBODYS, GONE };

struct site {
	struct arena arena;
	struct directory *directory;
	const struct snapshot *snapshot;
	struct rights *rights;
};

static const char *const self_writable[] = {"telephoneNumber", "otherTelephone"};

static void put(struct directory_builder *b, const struct entry *entry)
{
	struct error e = {0};

	assert_int_equal(builder_put(b, entry, &e), 0);
	assert_string_equal(e.text, "");
}

static int setup(void **state)
{
	struct site *s = *state = calloc(1, sizeof *s);
	struct arena *a = &s->arena;

	arena_init(a, 1 << 20);
	s->directory = directory_new(NULL);
	struct directory_builder *b = builder_new(s->directory, NULL);
	put(b, book_entry(a, ANNA, "cn=anna", "objectClass", "user", "cn", "Anna", "mail", "anna@x",
	                  NULL));
	put(b, book_entry(a, BRUNO, "cn=bruno", "objectClass", "user", "cn", "Bruno", "mail",
	                  "bruno@x", NULL));
	put(b, book_entry(a, SALES, "cn=sales", "objectClass", "group", "cn", "Sales", "mail",
	                  "sales@x", "managedBy", "CN = Anna", NULL));
	put(b, book_entry(a, NOBODYS, "cn=nobodys", "objectClass", "group", "cn", "Nobody's",
	                  "mail", "nobodys@x", NULL));
	s->snapshot = builder_finish(b);
	return rights_new(self_writable, 2, &s->rights, NULL);
}

static int teardown(void **state)
{
	struct site *s = *state;

	rights_free(s->rights);
	snapshot_unref(s->snapshot);
	directory_free(s->directory);
	arena_free(&s->arena);
	free(s);
	return 0;
}

static void each_property_has_its_right(void **state)
{
	static const struct {
		mapi_tag tag;
		uint32_t entry;
		enum right anna, bruno, administrator;
	} cases[] = {
		{PR_USER_X509_CERTIFICATE,     ANNA,    RIGHT_SELF,    RIGHT_NONE, RIGHT_ADMINISTRATOR},
		{PR_USER_X509_CERTIFICATE,     BRUNO,   RIGHT_NONE,    RIGHT_SELF, RIGHT_ADMINISTRATOR},
		{PR_EMS_AB_X509_CERT,          ANNA,    RIGHT_SELF,    RIGHT_NONE, RIGHT_ADMINISTRATOR},
		{PR_EMS_AB_PUBLIC_DELEGATES,   ANNA,    RIGHT_SELF,    RIGHT_NONE, RIGHT_ADMINISTRATOR},
		{PR_BUSINESS_TELEPHONE_NUMBER, ANNA,    RIGHT_SELF,    RIGHT_NONE, RIGHT_ADMINISTRATOR},
		{PR_EMS_AB_MEMBER,             SALES,   RIGHT_MANAGER, RIGHT_NONE, RIGHT_ADMINISTRATOR},
		{PR_EMS_AB_MEMBER,             NOBODYS, RIGHT_NONE,    RIGHT_NONE, RIGHT_ADMINISTRATOR},
		{PR_EMS_AB_MEMBER,             ANNA,    RIGHT_NONE,    RIGHT_NONE, RIGHT_ADMINISTRATOR},
 /* What nobody changes, and what only shows another property's value. */
		{PR_TITLE,                     ANNA,    RIGHT_NONE,    RIGHT_NONE, RIGHT_NONE         },
		{PR_EMS_AB_OWNER,              SALES,   RIGHT_NONE,    RIGHT_NONE, RIGHT_NONE         },
		{PR_EMS_AB_IS_MEMBER_OF_DL,    ANNA,    RIGHT_NONE,    RIGHT_NONE, RIGHT_NONE         },
		{PR_PRIMARY_TELEPHONE_NUMBER,  ANNA,    RIGHT_NONE,    RIGHT_NONE, RIGHT_NONE         },
	};
	const struct site *s = *state;
	const struct viewer anna = {"anna", ANNA}, bruno = {"bruno", BRUNO}, boss = {"b", 0};
	const struct view by_anna = {s->snapshot, &anna}, by_bruno = {s->snapshot, &bruno},
			  by_boss = {s->snapshot, &boss};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct object *o = view_object(&by_anna, cases[i].entry);
		uint16_t id = tag_id(cases[i].tag);
		assert_int_equal(rights_to_change(s->rights, &by_anna, false, o, id),
		                 cases[i].anna);
		assert_int_equal(rights_to_change(s->rights, &by_bruno, false, o, id),
		                 cases[i].bruno);
		assert_int_equal(rights_to_change(s->rights, &by_boss, true, o, id),
		                 cases[i].administrator);
		assert_int_equal(rights_to_change(s->rights, &by_boss, false, o, id), RIGHT_NONE);
	}
}

static void an_account_whose_entry_is_gone_has_no_right(void **state)
{
	const struct site *s = *state;
	const struct viewer gone = {"gone", GONE};
	const struct view v = {s->snapshot, &gone};

	assert_int_equal(rights_to_change(s->rights, &v, false, view_object(&v, SALES),
	                                  tag_id(PR_EMS_AB_MEMBER)),
	                 RIGHT_NONE);
}

static void assert_refused(const char *name, const char *why)
{
	struct rights *r = NULL;
	struct error e = {0};

	assert_int_equal(rights_new(&name, 1, &r, &e), ERR_INVALID);
	assert_null(r);
	assert_non_null(strstr(e.text, name));
	assert_non_null(strstr(e.text, why));
}

static void only_harmless_text_can_be_made_writable(void **state)
{
	(void)state;
	assert_refused("userPassword", "do not see");
	assert_refused("noSuchThing", "do not see");
	assert_refused("sAMAccountName", "do not see");
	assert_refused("uid", "do not see");
	assert_refused("manager", "no text");
	assert_refused("thumbnailPhoto", "no text");
	assert_refused("mail", "who an entry is");
	assert_refused("legacyExchangeDN", "who an entry is");
	assert_refused("proxyAddresses", "who an entry is");
	assert_refused("mailNickname", "who an entry is");
}

static void a_change_is_allowed_when_all_of_it_is(void **state)
{
	const struct site *s = *state;
	const struct viewer anna = {"anna", ANNA};
	struct change *c = change_new(&anna, "192.0.2.1", ANNA);

	change_edit(c, tag_id(PR_USER_X509_CERTIFICATE), CHANGE_REPLACE);
	assert_int_equal(change_right(c, s->rights, s->snapshot), RIGHT_SELF);
	change_edit(c, tag_id(PR_TITLE), CHANGE_REPLACE);
	assert_int_equal(change_right(c, s->rights, s->snapshot), RIGHT_NONE);
	change_free(c);
}

static void a_change_of_an_entry_that_is_gone_is_not_allowed(void **state)
{
	const struct site *s = *state;
	const struct viewer gone = {"gone", GONE};
	struct change *c = change_new(&gone, "192.0.2.1", GONE);

	c->administrator = true;
	change_edit(c, tag_id(PR_USER_X509_CERTIFICATE), CHANGE_REPLACE);
	assert_int_equal(change_right(c, s->rights, s->snapshot), RIGHT_NONE);
	change_free(c);
}

static void a_property_has_one_edit_in_a_change(void **state)
{
	const struct viewer anna = {"anna", ANNA};
	struct change *c = change_new(&anna, "192.0.2.1", ANNA);
	const struct change_edit *first = change_edit(c, 1, CHANGE_REPLACE);

	(void)state;
	for (uint16_t id = 2; id <= CHANGE_MAX_EDITS; id++)
		assert_non_null(change_edit(c, id, CHANGE_REPLACE));
	assert_ptr_equal(change_edit(c, 1, CHANGE_REPLACE), first);
	assert_null(change_edit(c, CHANGE_MAX_EDITS + 1, CHANGE_REPLACE));
	change_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_property_has_its_right),
		cmocka_unit_test(an_account_whose_entry_is_gone_has_no_right),
		cmocka_unit_test(only_harmless_text_can_be_made_writable),
		cmocka_unit_test(a_change_is_allowed_when_all_of_it_is),
		cmocka_unit_test(a_change_of_an_entry_that_is_gone_is_not_allowed),
		cmocka_unit_test(a_property_has_one_edit_in_a_change),
	};

	return cmocka_run_group_tests_name("rights", tests, setup, teardown);
}
