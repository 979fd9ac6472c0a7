#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "directory/policy.h"
#include "directory_site.h"
#include "mapi/restriction.h"
#include "mapi/tags.h"

enum {
	ROOT = ENTRY_MID_FIRST,
	SALES,
	RESEARCH,
	PLAIN, /* a group that is no department */
	ANNA,
	BERTA,
	CARLA,
	DORA,
	EVE,
	LAST,
};

static const char *const departments[] = {"Company", "Research", "Sales"};

static void set_policy(struct site *s, const struct policy_config *config)
{
	struct policy *p = NULL;
	struct error e = {0};
	bool rebuild;
	if (policy_new(config, &p, &e) || directory_set_policy(s->directory, p, &rebuild, &e))
		fail_msg("%s", e.text);
	policy_unref(p);
}

static struct entry *group(struct arena *a, uint32_t mid, const char *name, const char *seniority,
                           const char *const members[4])
{
	return book_entry(a, mid, arena_printf(a, "cn=%s,o=x", name), "objectClass", "group",
	                  "displayName", name, "msOrg-IsOrganizational", "TRUE",
	                  "msDS-HABSeniorityIndex", seniority, "member", members[0], "member",
	                  members[1], "member", members[2], "member", members[3], NULL);
}

static struct entry *person(struct arena *a, uint32_t mid, const char *name, const char *seniority,
                            const char *phonetic)
{
	return book_entry(a, mid, arena_printf(a, "cn=%s,o=x", name), "objectClass", "user",
	                  "displayName", name, "mail", arena_printf(a, "%s@x.example", name),
	                  "msDS-HABSeniorityIndex", seniority, "msDS-PhoneticDisplayName", phonetic,
	                  NULL);
}

static void fill(struct site *s)
{
	static const char *const in_root[] = {"cn=Sales,o=x", "cn=Research,o=x", "cn=Dora,o=x",
	                                      "cn=Plain,o=x"};
	static const char *const in_sales[] = {"cn=Anna,o=x", "cn=Berta,o=x", "cn=Carla,o=x",
	                                       "cn=Company,o=x"};
	static const char *const in_research[] = {"cn=Eve,o=x", "cn=Nobody,o=x", "cn=Sales,o=x",
	                                          "cn=Eve,o=x"};
	struct arena *a = &s->arena;
	struct entry *plain = book_entry(a, PLAIN, "cn=Plain,o=x", "objectClass", "group",
	                                 "displayName", "Plain", "member", "cn=Eve,o=x", NULL);
	struct entry *entries[] = {
		group(a, ROOT, "Company", "0", in_root),
		group(a, SALES, "Sales", "5", in_sales),
		group(a, RESEARCH, "Research", "10", in_research),
		plain,
		person(a, ANNA, "Anna", "1", "Anna"),
		person(a, BERTA, "Berta", "7", "Berta"),
		person(a, CARLA, "Carla", "1", "Aaa"),
		person(a, DORA, "Dora", "1", "Dora"),
		person(a, EVE, "Eve", "1", "Eve"),
	};
	book_publish(s->directory, entries, sizeof entries / sizeof *entries);
}

static int open_site(void **state)
{
	struct site *s = site_open(state);
	set_policy(s, &(struct policy_config){.hierarchy_root = "CN=company, O=x"});
	fill(s);
	site_look(s);
	return 0;
}

/* Departments stand behind the other lists. */
static const struct container *department(const struct view *v, size_t index)
{
	size_t first = 0;
	while (view_hierarchy_at(v, first) && container_id(view_hierarchy_at(v, first)) < 0x1000)
		first++;
	return view_hierarchy_at(v, first + index);
}

static struct table open_table(const struct view *v, size_t index)
{
	struct table t;
	assert_int_equal(table_open(v, department(v, index), 0, 0x409, &t), 0);
	return t;
}

static void assert_rows(const struct view *v, size_t index, const uint32_t *expected,
                        uint32_t count)
{
	struct table t = open_table(v, index);
	uint32_t mids[LAST - ROOT], position;
	assert_int_equal(table_count(&t), count);
	assert_int_equal(table_mids(&t, 0, mids, LAST - ROOT), count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(mids[i], expected[i]);
		assert_true(table_position(&t, mids[i], &position));
		assert_int_equal(position, i);
	}
	assert_int_equal(table_mid_at(&t, count), 0);
}

#define ROWS(v, index, ...)                                                                        \
	assert_rows(v, index, (const uint32_t[]){__VA_ARGS__},                                     \
	            sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void departments_are_nested_the_senior_ones_first(void **state)
{
	const struct site *s = *state;
	for (size_t i = 0; i < 3; i++) {
		const struct container *c = department(&s->view, i);
		assert_string_equal(container_name(c, 0), departments[i]);
		assert_int_equal(container_depth(c), i ? 2 : 1);
		assert_ptr_equal(view_container(&s->view, container_id(c)), c);
		assert_ptr_equal(view_container_by_dn(&s->view, slice_of_string(container_dn(c))),
		                 c);
	}
	/* Sales is a part of both others, and stands nearer to the root. */
	assert_null(department(&s->view, 3));
	assert_true(container_flags(department(&s->view, 0)) & AB_SUBCONTAINERS);
	assert_false(view_object_by_dn(&s->view,
	                               slice_of_string(container_dn(department(&s->view, 0)))));
}

static void members_stand_by_seniority_then_phonetic_name_then_name(void **state)
{
	const struct site *s = *state;
	ROWS(&s->view, 0, DORA, PLAIN);
	ROWS(&s->view, 1, EVE);
	ROWS(&s->view, 2, BERTA, CARLA, ANNA);
}

static void seeking_finds_the_first_that_is_not_less(void **state)
{
	const struct site *s = *state;
	struct table t = open_table(&s->view, 2);
	assert_int_equal(table_seek(&t, slice_of_string("B")), 0);
	assert_int_equal(table_seek(&t, slice_of_string("C")), 1);
	assert_int_equal(table_seek(&t, slice_of_string("D")), 3);
}

static void names_resolve_inside_a_department(void **state)
{
	const struct site *s = *state;
	uint32_t mid = 0;
	struct slice eve = slice_of_string("eve");
	assert_int_equal(view_resolve(&s->view, department(&s->view, 1), eve, &mid), ANR_RESOLVED);
	assert_int_equal(mid, EVE);
	assert_int_equal(view_resolve(&s->view, department(&s->view, 2), eve, &mid),
	                 ANR_UNRESOLVED);
	assert_true(container_has(&s->view, department(&s->view, 1), EVE));
	assert_false(container_has(&s->view, department(&s->view, 2), EVE));
}

static void searches_inside_a_department_go_by_its_order(void **state)
{
	struct site *s = *state;
	struct table t = open_table(&s->view, 2);
	struct mapi_restriction r = {.type = RES_EXIST};
	enum scan_status status;
	uint32_t count = 0;
	r.exist.tag = PR_DISPLAY_NAME;
	struct scan *scan = scan_new(&s->view, &t, &r, 1252, 100, &s->arena, &status);
	assert_non_null(scan);
	assert_int_equal(scan_run(scan, 100000), SCAN_DONE);
	const uint32_t *mids = scan_mids(scan, &count);
	assert_int_equal(count, 3);
	assert_int_equal(mids[0], BERTA);
	assert_int_equal(mids[2], ANNA);
}

static void put(struct site *s, struct entry *e)
{
	struct directory_builder *b = builder_new(s->directory, s->snapshot);
	struct error error;
	assert_int_equal(builder_put(b, e, &error), 0);
	directory_publish(s->directory, builder_finish(b));
	site_look(s);
}

static void what_does_not_belong_to_it_leaves_the_hierarchy_as_it_is(void **state)
{
	struct site *s = *state;
	const struct container *before = department(&s->view, 0);
	uint32_t version = view_hierarchy_version(&s->view);
	put(s, person(&s->arena, LAST, "Other", "1", "Other"));
	assert_ptr_equal(department(&s->view, 0), before);
	assert_int_equal(view_hierarchy_version(&s->view), version);
}

static void members_that_change_or_come_later_take_their_places(void **state)
{
	struct site *s = *state;
	uint32_t id = container_id(department(&s->view, 1));
	put(s, person(&s->arena, ANNA, "Anna", "9", "Anna"));
	ROWS(&s->view, 2, ANNA, BERTA, CARLA);
	put(s, person(&s->arena, LAST, "Nobody", "9", "Nobody"));
	ROWS(&s->view, 1, LAST, EVE);
	assert_int_equal(container_id(department(&s->view, 1)), id);
}

static void a_department_that_comes_changes_the_version(void **state)
{
	static const char *const members[] = {"cn=Eve,o=x", "cn=Eve,o=x", "cn=Eve,o=x",
	                                      "cn=Eve,o=x"};
	struct site *s = *state;
	uint32_t version = view_hierarchy_version(&s->view);
	put(s, group(&s->arena, PLAIN, "Plain", "99", members));
	assert_string_equal(container_name(department(&s->view, 1), 0), "Plain");
	assert_int_not_equal(view_hierarchy_version(&s->view), version);
}

static void leaders_stand_first_also_when_they_are_no_members(void **state)
{
	struct site *s = *state;
	struct arena *a = &s->arena;
	put(s, book_entry(a, RESEARCH, "cn=Research,o=x", "objectClass", "group", "displayName",
	                  "Research", "msOrg-IsOrganizational", "TRUE", "member", "cn=Eve,o=x",
	                  "member", "cn=Berta,o=x", "msOrg-Leaders", "cn=Anna,o=x", NULL));
	ROWS(&s->view, 2, ANNA, BERTA, EVE);
}

static void a_view_has_of_the_departments_what_it_has_of_the_book(void **state)
{
	struct site *s = *state;
	const struct policy_view view = {
		.name = "V",
		.place = "f:1",
		.gal = "(|(objectClass=group)(sn=x)(cn=*)(displayName=Anna))"};
	set_policy(s, &(struct policy_config){
			      .views = &view, .view_count = 1, .hierarchy_root = "cn=company,o=x"});
	fill(s);
	site_look(s);
	s->viewer = (struct viewer){
		.audience = {.policy = 2, .view = 1}
        };
	s->view.viewer = &s->viewer;
	assert_true(policy_is_of(s->snapshot, s->viewer.audience));
	ROWS(&s->view, 0, PLAIN);
	ROWS(&s->view, 2, ANNA);
}

static void without_a_root_there_are_no_departments(void **state)
{
	struct site *s = *state;
	set_policy(s, &(struct policy_config){.hierarchy_root = "cn=nothing,o=x"});
	assert_null(department(site_look(s), 0));
	set_policy(s, &(struct policy_config){0});
	assert_null(department(site_look(s), 0));
	set_policy(s, &(struct policy_config){.hierarchy_root = "cn=company,o=x"});
	assert_non_null(department(site_look(s), 0));
}

#define SITE(f) cmocka_unit_test_setup_teardown(f, open_site, site_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE(departments_are_nested_the_senior_ones_first),
		SITE(members_stand_by_seniority_then_phonetic_name_then_name),
		SITE(seeking_finds_the_first_that_is_not_less),
		SITE(names_resolve_inside_a_department),
		SITE(searches_inside_a_department_go_by_its_order),
		SITE(what_does_not_belong_to_it_leaves_the_hierarchy_as_it_is),
		SITE(members_that_change_or_come_later_take_their_places),
		SITE(a_department_that_comes_changes_the_version),
		SITE(leaders_stand_first_also_when_they_are_no_members),
		SITE(a_view_has_of_the_departments_what_it_has_of_the_book),
		SITE(without_a_root_there_are_no_departments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
