/* Address lists that the configuration defines. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "directory/policy.h"

#include "book.h"

enum { ANNA = ENTRY_MID_FIRST, BERT, CARL, DORA };

#define SALES_DN "CN=Sales,CN=All Address Lists,DC=x"

struct site {
	struct arena arena;
	struct directory *directory;
	struct policy *policy;
};

static int try_lists(struct site *s, const struct policy_list *lists, size_t count, struct error *e)
{
	const struct policy_config config = {.lists = lists, .list_count = count};
	bool rebuild = false;
	int err = policy_new(&config, &s->policy, e);
	return err ? err : directory_set_policy(s->directory, s->policy, &rebuild, e);
}

static struct site site_new(const struct policy_list *lists, size_t count)
{
	struct site s = {.directory = directory_new(NULL)};
	struct error e = {0};
	arena_init(&s.arena, 1 << 20);
	if (try_lists(&s, lists, count, &e))
		fail_msg("%s", e.text);
	struct entry *entries[] = {
		book_entry(&s.arena, ANNA, "cn=anna", "objectClass", "user", "displayName", "Anna",
	                   "department", "Sales", "userAccountControl", "512", NULL),
		book_entry(&s.arena, BERT, "cn=bert", "objectClass", "user", "displayName", "Bert",
	                   "department", "sales", "userAccountControl", "514", NULL),
		book_entry(&s.arena, CARL, "cn=carl", "objectClass", "contact", "displayName",
	                   "Carl", "department", "Development", "showInAddressBook",
	                   "cn=sales, cn=all address lists,dc=X", NULL),
		book_entry(&s.arena, DORA, "cn=dora", "objectClass", "user", "displayName", "Dora",
	                   "department", "Sales", "msExchHideFromAddressLists", "TRUE", NULL),
	};
	book_publish(s.directory, entries, sizeof entries / sizeof entries[0]);
	return s;
}

static void site_free(struct site *s)
{
	directory_free(s->directory);
	policy_unref(s->policy);
	arena_free(&s->arena);
}

/* The viewer of a test: in no group. */
static struct viewer eve;

static bool in_none(void *context, const char *group)
{
	(void)context, (void)group;
	return false;
}

static struct view look(const struct site *s)
{
	struct view v = {.snapshot = directory_acquire(s->directory), .viewer = &eve};
	eve = (struct viewer){.account = "eve",
	                      .audience = policy_audience(v.snapshot, in_none, NULL)};
	return v;
}

static const struct container *list_called(const struct view *v, const char *name)
{
	const struct container *c;
	for (size_t i = 0; (c = view_hierarchy_at(v, i)); i++)
		if (strcmp(container_name(c, 0x0409), name) == 0)
			return c;
	fail_msg("no list %s", name);
	return NULL;
}

/* MIds in the order of their names; 0 for none. */
static void assert_on(const struct site *s, const char *name, uint32_t first, uint32_t second,
                      uint32_t third)
{
	const uint32_t expected[] = {first, second, third};
	struct view v = look(s);
	struct table t;
	assert_int_equal(table_open(&v, list_called(&v, name), 0, 0x0409, &t), 0);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(table_mid_at(&t, i), expected[i]);
	snapshot_unref(v.snapshot);
}

static const struct policy_list sales = {
	.name = "Sales", .place = "f:1", .filter = "(department=Sales)", .dn = "", .parent = ""};

static void who_fits_the_filter_is_on_the_list(void **state)
{
	(void)state;
	struct site s = site_new(&sales, 1);
	assert_on(&s, "Sales", ANNA, BERT, 0);
	site_free(&s);
}

static void a_list_follows_changes(void **state)
{
	(void)state;
	struct site s = site_new(&sales, 1);
	const struct snapshot *base = directory_acquire(s.directory);
	struct directory_builder *b = builder_new(s.directory, base);
	struct error e;
	snapshot_unref(base);
	builder_put(b,
	            book_entry(&s.arena, ANNA, "cn=anna", "objectClass", "user", "displayName",
	                       "Anna", "department", "Other", NULL),
	            &e);
	builder_put(b,
	            book_entry(&s.arena, DORA, "cn=dora", "objectClass", "user", "displayName",
	                       "Dora", "department", "Sales", NULL),
	            &e);
	directory_publish(s.directory, builder_finish(b));
	assert_on(&s, "Sales", BERT, DORA, 0);
	site_free(&s);
}

static void rules_for_bits_are_active_directorys(void **state)
{
	(void)state;
	struct policy_list enabled = sales;
	enabled.filter = "(&(department=sales)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))";
	struct site s = site_new(&enabled, 1);
	assert_on(&s, "Sales", ANNA, 0, 0);
	site_free(&s);
}

static void who_names_the_list_is_on_it(void **state)
{
	(void)state;
	struct policy_list both = sales, only = sales;
	both.dn = only.dn = SALES_DN;
	only.filter = "";
	only.name = "Only";
	struct policy_list lists[] = {both, only};
	struct site s = site_new(lists, 2);
	assert_on(&s, "Sales", ANNA, BERT, CARL);
	assert_on(&s, "Only", CARL, 0, 0);
	site_free(&s);
}

static void names_resolve_inside_a_list(void **state)
{
	(void)state;
	struct site s = site_new(&sales, 1);
	struct view v = look(&s);
	uint32_t mid = 0;
	const struct container *c = list_called(&v, "Sales");
	assert_int_equal(view_resolve(&v, c, slice_of_string("Bert"), &mid), ANR_RESOLVED);
	assert_int_equal(mid, BERT);
	assert_int_equal(view_resolve(&v, c, slice_of_string("Carl"), &mid), ANR_UNRESOLVED);
	snapshot_unref(v.snapshot);
	site_free(&s);
}

static void lists_stand_below_their_parents(void **state)
{
	(void)state;
	static const struct policy_list lists[] = {
		{.name = "North", .place = "", .filter = "(l=N)", .dn = "", .parent = "Sales"    },
		{.name = "Sales", .place = "", .filter = "(l=S)", .dn = "", .parent = "all users"},
		{.name = "Other", .place = "", .filter = "(l=O)", .dn = "", .parent = ""         },
	};
	static const struct {
		const char *name;
		uint32_t depth;
		const char *parent;
	} expected[] = {
		{"Global Address List",     0, NULL                 },
		{"All Users",               1, "Global Address List"},
		{"Sales",                   2, "All Users"          },
		{"North",                   3, "Sales"              },
		{"All Groups",              1, "Global Address List"},
		{"All Contacts",            1, "Global Address List"},
		{"All Rooms and Equipment", 1, "Global Address List"},
		{"Public Folders",          1, "Global Address List"},
		{"Other",                   1, "Global Address List"},
	};
	struct site s = site_new(lists, 3);
	struct view v = look(&s);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		const struct container *c = view_hierarchy_at(&v, i);
		assert_string_equal(container_name(c, 0x0409), expected[i].name);
		assert_int_equal(container_depth(c), expected[i].depth);
		if (expected[i].parent)
			assert_string_equal(container_name(container_parent(c), 0x0409),
			                    expected[i].parent);
	}
	assert_null(view_hierarchy_at(&v, sizeof expected / sizeof expected[0]));
	snapshot_unref(v.snapshot);
	site_free(&s);
}

static void a_list_is_called_by_the_clients_language(void **state)
{
	(void)state;
	static const char *const names[] = {"de-DE=Vertrieb", "fr=Ventes", "zh-TW=業務"};
	struct policy_list named = sales;
	named.names = (struct policy_strings){names, 3};
	struct site s = site_new(&named, 1);
	struct view v = look(&s);
	const struct container *c = list_called(&v, "Sales");
	assert_string_equal(container_name(c, 0x0407), "Vertrieb");
	assert_string_equal(container_name(c, 0x0C07), "Vertrieb");
	assert_string_equal(container_name(c, 0x0C0C), "Ventes");
	assert_string_equal(container_name(c, 0x0404), "業務");
	assert_string_equal(container_name(c, 0x0419), "Sales");
	snapshot_unref(v.snapshot);
	site_free(&s);
}

static void a_list_is_known_by_its_name_whatever_stands_before_it(void **state)
{
	(void)state;
	struct policy_list lists[] = {sales, sales};
	lists[0].name = "Before";
	struct site alone = site_new(&sales, 1), second = site_new(lists, 2);
	struct view a = look(&alone);
	const struct container *x = list_called(&a, "Sales");
	char *dn = strdup(container_dn(x));
	uint32_t id = container_id(x), version = view_hierarchy_version(&a);
	snapshot_unref(a.snapshot);
	struct view b = look(&second);
	const struct container *y = list_called(&b, "Sales");
	assert_int_equal(container_id(y), id);
	assert_string_equal(container_dn(y), dn);
	assert_ptr_equal(view_container(&b, id), y);
	assert_ptr_equal(view_container_by_dn(&b, slice_of_string(dn)), y);
	assert_int_not_equal(view_hierarchy_version(&b), version);
	assert_true(id >= 0x20 && id < ENTRY_MID_FIRST);
	snapshot_unref(b.snapshot);
	free(dn);
	site_free(&alone);
	site_free(&second);
}

static void what_makes_no_list_is_told_with_its_place(void **state)
{
	(void)state;
	static const char *const no_language[] = {"Vertrieb"}, *const unknown[] = {"xx=V"};
	static const struct {
		struct policy_list list;
		const char *message;
	} cases[] = {
		{{.name = "A", .place = "f:3", .filter = "", .dn = "", .parent = ""},
	         "f:3: list \"A\": a filter or a dn is wanted"                           },
		{{.name = "A", .place = "f:3", .filter = "(l=x", .dn = "", .parent = ""},
	         "f:3: list \"A\": filter"					       },
		{{.name = "A", .place = "f:3", .filter = "l", .dn = "cn=x", .parent = ""},
	         "f:3: list \"A\": filter"					       },
		{{.name = "A", .place = "f:3", .filter = "(l=x)", .dn = "", .parent = "B"},
	         "f:3: list \"A\": parent: there is no list \"B\""                       },
		{{.name = "A", .place = "f:3", .filter = "(l=x)", .dn = "", .parent = "a"},
	         "f:3: list \"A\": parent: \"a\" is below \"A\" itself"                  },
		{{.name = "ALL USERS", .place = "f:3", .filter = "(l=x)", .dn = "", .parent = ""},
	         "f:3: list \"ALL USERS\": there is a list of that name already"         },
		{{.name = "A",
	          .place = "f:3",
	          .filter = "(l=x)",
	          .dn = "",
	          .parent = "",
	          .names = {no_language, 1}},
	         "f:3: list \"A\": names: \"Vertrieb\": a language and a name are wanted"},
		{{.name = "A",
	          .place = "f:3",
	          .filter = "(l=x)",
	          .dn = "",
	          .parent = "",
	          .names = {unknown, 1}},
	         "f:3: list \"A\": names: \"xx=V\""                                      },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct site s = {.directory = directory_new(NULL)};
		struct error e = {0};
		assert_int_equal(try_lists(&s, &cases[i].list, 1, &e), ERR_INVALID);
		if (strncmp(e.text, cases[i].message, strlen(cases[i].message)) != 0)
			fail_msg("%s", e.text);
		directory_free(s.directory);
	}
}

static void lists_in_a_circle_are_refused(void **state)
{
	(void)state;
	static const struct policy_list lists[] = {
		{.name = "A", .place = "f:1", .filter = "(l=1)", .dn = "", .parent = "B"},
		{.name = "B", .place = "f:2", .filter = "(l=2)", .dn = "", .parent = "C"},
		{.name = "C", .place = "f:3", .filter = "(l=3)", .dn = "", .parent = "A"},
	};
	struct site s = {.directory = directory_new(NULL)};
	struct error e = {0};
	assert_int_equal(try_lists(&s, lists, 3, &e), ERR_INVALID);
	assert_string_equal(e.text, "f:3: list \"C\": parent: \"A\" is below \"C\" itself");
	directory_free(s.directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_fits_the_filter_is_on_the_list),
		cmocka_unit_test(a_list_follows_changes),
		cmocka_unit_test(rules_for_bits_are_active_directorys),
		cmocka_unit_test(who_names_the_list_is_on_it),
		cmocka_unit_test(names_resolve_inside_a_list),
		cmocka_unit_test(lists_stand_below_their_parents),
		cmocka_unit_test(a_list_is_called_by_the_clients_language),
		cmocka_unit_test(a_list_is_known_by_its_name_whatever_stands_before_it),
		cmocka_unit_test(what_makes_no_list_is_told_with_its_place),
		cmocka_unit_test(lists_in_a_circle_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
