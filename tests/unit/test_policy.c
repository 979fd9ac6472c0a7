#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "book.h"
#include "directory/policy.h"
#include "mapi/tags.h"

enum {
	ANNA = ENTRY_MID_FIRST, /* a user */
	BERTA,                  /* a contact */
	CARLA,                  /* a contact, hidden */
	DORA,                   /* a user, Anna's manager */
	TEAM,                   /* a group of all of them */
};

/* A book and somebody who looks at it. */
struct eyes {
	struct arena arena;
	struct directory *directory;
	const struct snapshot *snapshot;
	struct policy *policy;
	struct viewer viewer;
	struct view view;
};

static void fill(struct eyes *s)
{
	struct arena *a = &s->arena;
	struct entry *entries[] = {
		book_entry(a, ANNA, "cn=anna,o=x", "objectClass", "user", "displayName", "Anna A",
	                   "givenName", "Anna", "sn", "Ames", "mail", "anna@x.example", "mobile",
	                   "1", "manager", "cn=dora,o=x", NULL),
		book_entry(a, BERTA, "cn=berta,o=x", "objectClass", "contact", "displayName",
	                   "Berta B", "sn", "Berg", "mail", "berta@x.example", "mobile", "2", NULL),
		book_entry(a, CARLA, "cn=carla,o=x", "objectClass", "contact", "displayName",
	                   "Carla C", "mail", "carla@x.example", "msExchHideFromAddressLists",
	                   "TRUE", NULL),
		book_entry(a, DORA, "cn=dora,o=x", "objectClass", "user", "displayName", "Dora D",
	                   "mail", "dora@x.example", NULL),
		book_entry(a, TEAM, "cn=team,o=x", "objectClass", "group", "displayName", "Team",
	                   "member", "cn=anna,o=x", "member", "cn=berta,o=x", "member",
	                   "cn=carla,o=x", "managedBy", "cn=dora,o=x", NULL),
	};
	book_publish(s->directory, entries, sizeof entries / sizeof *entries);
}

static int open_eyes(void **state)
{
	struct eyes *s = calloc(1, sizeof *s);
	arena_init(&s->arena, 1 << 20);
	s->directory = directory_new(NULL);
	fill(s);
	*state = s;
	return 0;
}

static int close_eyes(void **state)
{
	struct eyes *s = *state;
	snapshot_unref(s->snapshot);
	directory_free(s->directory);
	policy_unref(s->policy);
	arena_free(&s->arena);
	free(s);
	return 0;
}

static bool is_it(void *context, const char *group)
{
	return context && strcmp(context, group) == 0;
}

/* Looks at the book as a member of one group, or of none. */
static const struct view *look(struct eyes *s, const char *group)
{
	snapshot_unref(s->snapshot);
	s->snapshot = directory_acquire(s->directory);
	s->viewer = (struct viewer){
		.account = "eve",
		.audience = policy_audience(s->snapshot, is_it, (void *)(uintptr_t)group),
	};
	s->view = (struct view){.snapshot = s->snapshot, .viewer = &s->viewer};
	return &s->view;
}

static void set(struct eyes *s, const struct policy_config *config)
{
	struct error e = {0};
	bool rebuild;
	policy_unref(s->policy);
	if (policy_new(config, &s->policy, &e))
		fail_msg("%s", e.text);
	assert_int_equal(directory_set_policy(s->directory, s->policy, &rebuild, &e), 0);
	if (rebuild)
		fill(s);
}

#define STRINGS(...)                                                                               \
	{                                                                                          \
		(const char *const[]){__VA_ARGS__},                                                \
			sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)                \
	}

static void set_view(struct eyes *s, struct policy_view view)
{
	view.name = "V";
	view.place = "f:1";
	view.gal = view.gal ? view.gal : "";
	set(s, &(struct policy_config){.views = &view, .view_count = 1});
}

static void set_withhold(struct eyes *s, struct policy_withhold withhold)
{
	withhold.name = "W";
	withhold.place = "f:2";
	set(s, &(struct policy_config){.withholds = &withhold, .withhold_count = 1});
}

static uint32_t count_of(const struct view *v, uint32_t container)
{
	struct table t;
	assert_int_equal(table_open(v, view_container(v, container), 0, 0x409, &t), 0);
	return table_count(&t);
}

static enum view_rule rule_of(struct eyes *s, const struct view *v, uint32_t mid)
{
	const struct view everything = {.snapshot = s->snapshot};
	return view_rule(v, view_object(&everything, mid));
}

static enum anr_result resolve(const struct view *v, const char *name)
{
	uint32_t mid = 0;
	return view_resolve(v, view_container(v, 0), slice_of_string(name), &mid);
}

static bool has_value(struct eyes *s, const struct view *v, uint32_t mid, mapi_tag tag)
{
	struct mapi_value value;
	return object_value(v, view_object(v, mid), tag_id(tag), &s->arena, &value);
}

static size_t links_of(struct eyes *s, const struct view *v, uint32_t mid, mapi_tag tag)
{
	const uint32_t *mids;
	size_t count = 0;
	int err = view_links(v, view_object(v, mid), tag_id(tag), 10, &s->arena, &mids, &count);
	return err == 0 ? count : (size_t)err;
}

static void without_a_policy_everybody_sees_everything(void **state)
{
	const struct view *v = look(*state, NULL);
	assert_int_equal(count_of(v, 0), 4);
	assert_int_equal(rule_of(*state, v, ANNA), VIEW_LISTED);
	assert_int_equal(rule_of(*state, v, CARLA), VIEW_HIDDEN);
}

static void a_view_has_only_what_is_on_its_global_list(void **state)
{
	set_view(*state, (struct policy_view){.groups = STRINGS("guests"), .gal = "All Contacts"});
	const struct view *v = look(*state, "guests");
	assert_int_equal(count_of(v, 0), 1);
	assert_null(view_object(v, ANNA));
	assert_non_null(view_object(v, BERTA));
	assert_null(view_object_by_ldap_dn(v, slice_of_string("cn=anna,o=x")));
	assert_int_equal(rule_of(*state, v, ANNA), VIEW_OUTSIDE);
	assert_string_equal(policy_view_name(v->snapshot, v->viewer->audience), "V");
	assert_string_equal(policy_view_gal(v->snapshot, v->viewer->audience), "All Contacts");
}

static void a_hidden_entry_of_a_view_is_hidden_there_too(void **state)
{
	set_view(*state, (struct policy_view){.groups = STRINGS("guests"), .gal = "All Contacts"});
	const struct view *v = look(*state, "guests");
	assert_int_equal(rule_of(*state, v, CARLA), VIEW_HIDDEN);
	assert_non_null(view_object(v, CARLA));
	assert_int_equal(resolve(v, "Carla C"), ANR_UNRESOLVED);
}

static void accounts_in_no_view_see_everything(void **state)
{
	set_view(*state, (struct policy_view){.groups = STRINGS("guests"), .gal = "All Contacts"});
	const struct view *v = look(*state, "staff");
	assert_int_equal(count_of(v, 0), 4);
	assert_string_equal(policy_view_name(v->snapshot, v->viewer->audience), "");
}

static void a_view_without_groups_is_that_of_everybody_else(void **state)
{
	const struct policy_view views[] = {
		{.name = "Others", .place = "f:1", .gal = "All Users"},
		{ .name = "Guests",
	         .place = "f:2",
	         .groups = STRINGS("guests"),
	         .gal = "All Contacts"},
	};
	set(*state, &(struct policy_config){.views = views, .view_count = 2});
	assert_int_equal(count_of(look(*state, "guests"), 0), 1);
	assert_int_equal(count_of(look(*state, NULL), 0), 2);
}

static void the_lists_of_a_view_are_cut_to_its_global_one(void **state)
{
	set_view(*state, (struct policy_view){.gal = "All Contacts"});
	const struct view *v = look(*state, NULL);
	for (size_t i = 1; view_hierarchy_at(v, i); i++) {
		const struct container *c = view_hierarchy_at(v, i);
		bool contacts = strcmp(container_name(c, 0), "All Contacts") == 0;
		assert_int_equal(count_of(v, container_id(c)), contacts ? 1 : 0);
	}
}

static void a_view_has_the_lists_that_it_names_and_another_hierarchy(void **state)
{
	uint32_t before = view_hierarchy_version(look(*state, NULL));
	set_view(*state, (struct policy_view){.lists = STRINGS("all groups")});
	const struct view *v = look(*state, NULL);
	assert_string_equal(container_name(view_hierarchy_at(v, 1), 0), "All Groups");
	assert_null(view_hierarchy_at(v, 2));
	assert_int_not_equal(view_hierarchy_version(v), before);
	assert_int_equal(count_of(v, container_id(view_hierarchy_at(v, 1))), 1);
}

static void a_filter_can_define_the_global_list_of_a_view(void **state)
{
	set_view(*state, (struct policy_view){.gal = "(|(sn=ames)(sn=berg))"});
	const struct view *v = look(*state, NULL);
	assert_int_equal(count_of(v, 0), 2);
	assert_int_equal(count_of(v, container_id(view_hierarchy_at(v, 1))), 1);
	assert_int_equal(rule_of(*state, v, DORA), VIEW_OUTSIDE);
	assert_int_equal(rule_of(*state, v, BERTA), VIEW_LISTED);
}

static void links_lead_to_what_the_view_has(void **state)
{
	set_view(*state, (struct policy_view){.gal = "All Users"});
	const struct view *v = look(*state, NULL);
	assert_int_equal(links_of(*state, v, ANNA, PR_EMS_AB_MANAGER), 1);
	assert_int_equal(links_of(*state, v, ANNA, PR_EMS_AB_IS_MEMBER_OF_DL), 0);
	assert_int_equal(links_of(*state, v, DORA, PR_EMS_AB_REPORTS), 1);
}

static void names_resolve_to_what_the_view_has(void **state)
{
	set_view(*state, (struct policy_view){.gal = "All Users"});
	const struct view *v = look(*state, NULL);
	assert_int_equal(resolve(v, "Anna"), ANR_RESOLVED);
	assert_int_equal(resolve(v, "Berta"), ANR_UNRESOLVED);
	assert_int_equal(resolve(v, "berta@x.example"), ANR_UNRESOLVED);
	assert_int_equal(resolve(v, "x.example"), ANR_UNRESOLVED);
}

static void who_was_judged_by_another_policy_sees_nothing(void **state)
{
	struct eyes *s = *state;
	set_view(s, (struct policy_view){.gal = "All Users"});
	const struct audience old = look(s, NULL)->viewer->audience;
	set_view(s, (struct policy_view){.gal = "All Contacts"});
	const struct view *v = look(s, NULL);
	s->viewer.audience = old;
	assert_false(policy_is_of(s->snapshot, old));
	assert_null(view_object(v, ANNA));
	assert_null(view_container(v, 0));
	assert_int_equal(rule_of(s, v, BERTA), VIEW_UNKNOWN);
}

static void a_withheld_attribute_has_no_value(void **state)
{
	set_withhold(*state, (struct policy_withhold){.attributes = STRINGS("MOBILE")});
	const struct view *v = look(*state, NULL);
	const char *attribute, *rule;
	assert_false(has_value(*state, v, ANNA, 0x3A1C001F));
	assert_null(view_attribute(v, 0x3A1C));
	assert_true(policy_withholds(v->snapshot, v->viewer->audience, 0x3A1C, &attribute, &rule));
	assert_string_equal(attribute, "mobile");
	assert_string_equal(rule, "W");
}

static void it_is_withheld_from_some_groups_or_from_all_but_some(void **state)
{
	set_withhold(*state, (struct policy_withhold){.attributes = STRINGS("mobile"),
	                                              .from_groups = STRINGS("guests")});
	assert_false(has_value(*state, look(*state, "guests"), ANNA, 0x3A1C001F));
	assert_true(has_value(*state, look(*state, "staff"), ANNA, 0x3A1C001F));
	set_withhold(*state, (struct policy_withhold){.attributes = STRINGS("mobile"),
	                                              .unless_groups = STRINGS("staff")});
	assert_false(has_value(*state, look(*state, "guests"), ANNA, 0x3A1C001F));
	assert_true(has_value(*state, look(*state, "staff"), ANNA, 0x3A1C001F));
}

static void a_withheld_link_leads_nowhere_and_takes_its_back_link_with_it(void **state)
{
	set_withhold(*state, (struct policy_withhold){.attributes = STRINGS("member")});
	const struct view *v = look(*state, NULL);
	assert_int_equal(links_of(*state, v, TEAM, PR_EMS_AB_MEMBER), 0);
	assert_int_equal(links_of(*state, v, ANNA, PR_EMS_AB_IS_MEMBER_OF_DL), 0);
	assert_int_equal(links_of(*state, v, ANNA, PR_EMS_AB_MANAGER), 1);
}

static void nothing_is_found_by_a_withheld_attribute(void **state)
{
	set_withhold(*state, (struct policy_withhold){.attributes = STRINGS("sn", "mail")});
	const struct view *v = look(*state, NULL);
	assert_int_equal(resolve(v, "Ames"), ANR_UNRESOLVED);
	assert_int_equal(resolve(v, "=Ames"), ANR_UNRESOLVED);
	assert_int_equal(resolve(v, "Anna Ames"), ANR_UNRESOLVED);
	assert_int_equal(resolve(v, "anna@x.example"), ANR_UNRESOLVED);
	assert_int_equal(resolve(v, "Anna"), ANR_RESOLVED);
	assert_int_equal(resolve(v, "Anna A"), ANR_RESOLVED);
}

static void a_policy_that_cannot_be_is_refused_with_its_place(void **state)
{
	const struct policy_view views[] = {
		{.name = "V",     .place = "f:7",      .gal = "No Such List"},
		{           .name = "V", .place = "f:7",       .gal = "(sn="                     },
		{ .name = "V",      .place = "f:7", .gal = "",                      .lists = STRINGS("None")},
	};
	const struct policy_withhold withholds[] = {
		{.name = "W", .place = "f:7", .attributes = STRINGS("displayName") },
		{.name = "W", .place = "f:7", .attributes = STRINGS("userPassword")},
	};
	struct policy *p = NULL;
	struct error e = {0};
	(void)state;
	for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
		const struct policy_config config = {.views = &views[i], .view_count = 1};
		assert_int_equal(policy_new(&config, &p, &e), ERR_INVALID);
		assert_memory_equal(e.text, "f:7: ", 5);
	}
	for (size_t i = 0; i < 2; i++) {
		const struct policy_config config = {.withholds = &withholds[i],
		                                     .withhold_count = 1};
		assert_int_equal(policy_new(&config, &p, &e), ERR_INVALID);
		assert_memory_equal(e.text, "f:7: ", 5);
	}
}

/* So many views, each for a group of its own, of the lists given in turn. */
static int many_views(size_t count, const char *const *gals, size_t gal_count, struct error *e)
{
	static const char *const group[] = {"g"};
	struct policy_view views[20];
	const struct policy_config config = {.views = views, .view_count = count};
	struct policy *p = NULL;
	for (size_t i = 0; i < count; i++)
		views[i] = (struct policy_view){
			.name = "V",
			.place = "f:7",
			.groups = {group, 1},
			.gal = gals[i % gal_count]
                };
	int err = policy_new(&config, &p, e);
	policy_unref(p);
	return err;
}

static void views_of_the_same_lists_share_their_numbers(void **state)
{
	static const char *const gals[] = {"All Users", "(sn=a)", "(sn=b)"};
	struct error e = {0};
	(void)state;
	assert_int_equal(many_views(20, gals, 3, &e), 0);
}

static void more_lists_than_there_are_numbers_are_refused(void **state)
{
	static const char *const gals[] = {"(sn=a)", "(sn=b)", "(sn=c)", "(sn=d)", "(sn=e)",
	                                   "(sn=f)", "(sn=g)", "(sn=h)", "(sn=i)", "(sn=j)"};
	struct error e = {0};
	(void)state;
	assert_int_equal(many_views(9, gals, 10, &e), 0);
	assert_int_equal(many_views(10, gals, 10, &e), ERR_LIMIT);
	assert_memory_equal(e.text, "f:7: ", 5);
}

#define EYES(f) cmocka_unit_test_setup_teardown(f, open_eyes, close_eyes)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EYES(without_a_policy_everybody_sees_everything),
		EYES(a_view_has_only_what_is_on_its_global_list),
		EYES(a_hidden_entry_of_a_view_is_hidden_there_too),
		EYES(accounts_in_no_view_see_everything),
		EYES(a_view_without_groups_is_that_of_everybody_else),
		EYES(the_lists_of_a_view_are_cut_to_its_global_one),
		EYES(a_view_has_the_lists_that_it_names_and_another_hierarchy),
		EYES(a_filter_can_define_the_global_list_of_a_view),
		EYES(links_lead_to_what_the_view_has),
		EYES(names_resolve_to_what_the_view_has),
		EYES(who_was_judged_by_another_policy_sees_nothing),
		EYES(a_withheld_attribute_has_no_value),
		EYES(it_is_withheld_from_some_groups_or_from_all_but_some),
		EYES(a_withheld_link_leads_nowhere_and_takes_its_back_link_with_it),
		EYES(nothing_is_found_by_a_withheld_attribute),
		cmocka_unit_test(a_policy_that_cannot_be_is_refused_with_its_place),
		cmocka_unit_test(views_of_the_same_lists_share_their_numbers),
		cmocka_unit_test(more_lists_than_there_are_numbers_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
