#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <strings.h>

#include <cmocka.h>

#include "base/utf.h"
#include "directory/fold-private.h"

#include "directory_site.h"

enum { PEOPLE = 1500 };

static int setup(void **state)
{
	struct site *s = site_open(state);
	site_publish(s);
	return 0;
}

static enum anr_result resolve_in(struct site *s, uint32_t container, const char *name,
                                  uint32_t *mid)
{
	*mid = 0;
	return view_resolve(&s->view, view_container(&s->view, container), slice_of_string(name),
	                    mid);
}

static void assert_resolves(struct site *s, const char *name, uint32_t expected)
{
	uint32_t mid;
	enum anr_result result = resolve_in(s, 0, name, &mid);
	if (result != ANR_RESOLVED || mid != expected)
		fail_msg("\"%s\": result %d, MId 0x%x instead of 0x%x", name, result, mid,
		         expected);
}

static void assert_result(struct site *s, const char *name, enum anr_result expected)
{
	uint32_t mid;
	enum anr_result result = resolve_in(s, 0, name, &mid);
	if (result != expected)
		fail_msg("\"%s\": result %d instead of %d", name, result, expected);
}

static void add_person(struct site *s, uint32_t mid, const char *given, const char *surname,
                       const char *mail)
{
	site_add(s, book_entry(&s->arena, mid, arena_printf(&s->arena, "cn=%x,dc=x", mid),
	                       "objectClass", "user", "displayName",
	                       arena_printf(&s->arena, "%s %s", given, surname), "givenName", given,
	                       "sn", surname, "mail", mail, NULL));
}

static void add_few(struct site *s)
{
	add_person(s, FIRST, "Anna", "Müller", "anna@example.com");
	add_person(s, FIRST + 1, "Annabel", "Müllerová", "anna@example.co");
	add_person(s, FIRST + 2, "Jo", "van der Berg", "joanna@example.com");
	add_person(s, FIRST + 3, "太郎", "田中", "taro@example.com");
	site_publish(s);
}

static void a_prefix_of_any_searched_property_resolves(void **state)
{
	struct site *s = *state;
	add_few(s);
	assert_resolves(s, "Annab", FIRST + 1);
	assert_resolves(s, "jo", FIRST + 2);
	assert_resolves(s, "taro", FIRST + 3);
	assert_result(s, "muller", ANR_AMBIGUOUS);
}

static void case_accents_and_width_do_not_matter(void **state)
{
	struct site *s = *state;
	add_few(s);
	assert_resolves(s, "ANNABEL MULLEROVA", FIRST + 1);
	assert_resolves(s, "ＪＯ", FIRST + 2);
	assert_resolves(s, "田", FIRST + 3);
}

static void two_words_mean_given_name_and_surname_in_either_order(void **state)
{
	struct site *s = *state;
	add_few(s);
	assert_resolves(s, "annab mull", FIRST + 1);
	assert_resolves(s, "mull annab", FIRST + 1);
	assert_resolves(s, "müll, annab", FIRST + 1);
	assert_resolves(s, "van der be jo", FIRST + 2);
	assert_resolves(s, "jo van d", FIRST + 2);
	assert_result(s, "ann mull", ANR_AMBIGUOUS);
	assert_result(s, "jo mull", ANR_UNRESOLVED);
}

static void an_exact_address_is_not_ambiguous_as_a_part_of_another(void **state)
{
	struct site *s = *state;
	add_few(s);
	assert_resolves(s, "anna@example.co", FIRST + 1);
	assert_resolves(s, "anna@example.com", FIRST);
	assert_resolves(s, "SMTP:Anna@Example.Com", FIRST);
	assert_result(s, "anna@exam", ANR_AMBIGUOUS);
}

static void an_equal_sign_means_exactly_that(void **state)
{
	struct site *s = *state;
	add_few(s);
	assert_result(s, "anna", ANR_AMBIGUOUS);
	assert_resolves(s, "=anna", FIRST);
	assert_resolves(s, "=anna muller", FIRST);
	assert_resolves(s, "= Anna@Example.co", FIRST + 1);
	assert_result(s, "=anna mulle", ANR_UNRESOLVED);
	assert_result(s, "=", ANR_UNRESOLVED);
}

static void proxy_addresses_and_the_dn_resolve(void **state)
{
	struct site *s = *state;
	site_add(s,
	         book_entry(&s->arena, FIRST, "cn=a", "objectClass", "user", "displayName", "A",
	                    "proxyAddresses", "SMTP:first@example.com", "proxyAddresses",
	                    "smtp:second@example.com", "proxyAddresses", "X500:/o=Old/cn=a", NULL));
	site_add(s,
	         book_entry(&s->arena, FIRST + 1, "cn=b", "objectClass", "inetOrgPerson", "cn", "B",
	                    "sn", "B", "mail", "b@example.com", "mail", "bee@example.com", NULL));
	site_publish(s);
	assert_resolves(s, "second@example.com", FIRST);
	assert_resolves(s, "secon", FIRST);
	assert_resolves(s, "first@example.com", FIRST);
	assert_resolves(s, "/O=OLD/CN=A", FIRST);
	assert_resolves(s, "/o=test/OU=Book/cn=Recipients/cn=00001001", FIRST + 1);
	assert_resolves(s, "bee@example.com", FIRST + 1);
	assert_resolves(s, "bee", FIRST + 1);
}

static void one_object_that_matches_several_times_is_one(void **state)
{
	struct site *s = *state;
	site_add(s, book_entry(&s->arena, FIRST, "cn=a", "objectClass", "user", "displayName",
	                       "Peter Peters", "givenName", "Peter", "sn", "Peters", "mail",
	                       "peter@x.org", "mailNickname", "peter", NULL));
	site_publish(s);
	assert_resolves(s, "pet", FIRST);
	assert_resolves(s, "peter pet", FIRST);
}

static void nothing_resolves_to_nothing(void **state)
{
	struct site *s = *state;
	assert_result(s, "x", ANR_UNRESOLVED);
	add_few(s);
	assert_result(s, "", ANR_UNRESOLVED);
	assert_result(s, "   ", ANR_UNRESOLVED);
	assert_result(s, ", ,", ANR_UNRESOLVED);
	assert_result(s, "nobody", ANR_UNRESOLVED);
	assert_result(s, "\xEF\xBF\xBF", ANR_UNRESOLVED);
}

static void only_entries_of_the_container_count(void **state)
{
	struct site *s = *state;
	uint32_t mid;
	add_person(s, FIRST, "Anna", "Weber", "a@example.com");
	site_add(s, book_entry(&s->arena, FIRST + 1, "cn=g", "objectClass", "group", "displayName",
	                       "Anna's friends", "mail", "friends@example.com", NULL));
	site_publish(s);
	assert_result(s, "anna", ANR_AMBIGUOUS);
	assert_int_equal(resolve_in(s, 0x10, "anna", &mid), ANR_RESOLVED);
	assert_int_equal(mid, FIRST);
	assert_int_equal(resolve_in(s, 0x11, "anna", &mid), ANR_RESOLVED);
	assert_int_equal(mid, FIRST + 1);
	assert_int_equal(resolve_in(s, 0x12, "anna", &mid), ANR_UNRESOLVED);
	assert_int_equal(resolve_in(s, 0x10, "friends@example.com", &mid), ANR_UNRESOLVED);
}

static void hidden_entries_resolve_by_nothing(void **state)
{
	struct site *s = *state;
	site_add(s, book_entry(&s->arena, FIRST, "cn=a", "objectClass", "user", "displayName",
	                       "Secret Agent", "givenName", "Secret", "sn", "Agent", "mail",
	                       "secret@example.com", "msExchHideFromAddressLists", "TRUE", NULL));
	add_person(s, FIRST + 1, "Secretary", "Agentson", "sec@example.com");
	site_publish(s);
	assert_result(s, "secret@example.com", ANR_UNRESOLVED);
	assert_result(s, "=secret agent", ANR_UNRESOLVED);
	assert_result(s, "/o=Test/ou=Book/cn=Recipients/cn=00001000", ANR_UNRESOLVED);
	assert_resolves(s, "secret", FIRST + 1);
	assert_resolves(s, "secret agent", FIRST + 1);
}

static void attributes_can_be_added_to_resolution(void **state)
{
	struct site *s = *state;
	static const char *const names[] = {"department", "noSuchAttribute", "member",
	                                    "description"};
	struct directory_config config = {.anr_attributes = names, .anr_attribute_count = 4};
	directory_free(s->directory);
	s->directory = directory_new(&config);
	site_add(s, book_entry(&s->arena, FIRST, "cn=a", "objectClass", "user", "displayName", "A",
	                       "department", "Böttcherei", "description", "Note: of oak", NULL));
	site_publish(s);
	assert_resolves(s, "bottch", FIRST);
	assert_resolves(s, "note: of", FIRST);
}

static size_t resolve_in_slices(struct site *s, const char *name, enum anr_result *result,
                                uint32_t *mid)
{
	struct resolving r = {0};
	size_t slices = 1;
	while (view_resolve_some(&s->view, view_container(&s->view, 0), slice_of_string(name), &r))
		slices++;
	*result = view_resolved(&r, mid);
	return slices;
}

/* A name for which very many entries have to be looked at. */
static void a_broad_name_is_resolved_in_slices(void **state)
{
	struct site *s = *state;
	enum anr_result result;
	uint32_t mid;
	for (uint32_t i = 0; i < PEOPLE - 1; i++)
		add_person(s, FIRST + i, "Michaela", i % 2 ? "Smith" : "Jones",
		           arena_printf(&s->arena, "michaela%u@example.com", i));
	add_person(s, FIRST + PEOPLE, "Michaela", "Miller", "miller@example.com");
	site_publish(s);
	assert_true(resolve_in_slices(s, "mich michael", &result, &mid) >= PEOPLE / 128);
	assert_int_equal(result, ANR_UNRESOLVED);
	resolve_in_slices(s, "mich mi", &result, &mid);
	assert_int_equal(result, ANR_RESOLVED);
	assert_int_equal(mid, FIRST + PEOPLE);
	assert_int_equal(resolve_in_slices(s, "mich", &result, &mid), 1);
	assert_int_equal(result, ANR_AMBIGUOUS);
}

/* What one text of an object says about a folded name. */
static bool begins(struct site *s, const char *text, struct slice folded)
{
	struct slice own = fold_text_arena(&s->arena, slice_of_string(text));
	return own.size >= folded.size && memcmp(own.data, folded.data, folded.size) == 0;
}

static bool fits_halves(struct site *s, const struct book_person *p, struct slice folded)
{
	for (size_t i = 1; i + 1 < folded.size; i++) {
		if (folded.data[i] != ' ' && folded.data[i] != ',')
			continue;
		struct slice a = slice_of(folded.data, i);
		struct slice b = slice_of(folded.data + i, folded.size - i);
		while (b.size > 0 && (b.data[0] == ' ' || b.data[0] == ','))
			b = slice_of(b.data + 1, b.size - 1);
		while (a.size > 0 && (a.data[a.size - 1] == ' ' || a.data[a.size - 1] == ','))
			a.size--;
		if ((begins(s, p->given, a) && begins(s, p->surname, b)) ||
		    (begins(s, p->given, b) && begins(s, p->surname, a)))
			return true;
	}
	return false;
}

static bool brute_matches(struct site *s, const struct book_person *p, const char *name)
{
	struct slice folded = fold_text_arena(&s->arena, slice_of_string(name));
	return begins(s, p->display, folded) || begins(s, p->given, folded) ||
	       begins(s, p->surname, folded) || begins(s, p->mail, folded) ||
	       begins(s, p->alias, folded) || begins(s, p->office, folded) ||
	       fits_halves(s, p, folded);
}

static enum anr_result brute(struct site *s, const struct book_person *people, const char *name,
                             uint32_t *mid)
{
	size_t exact = 0, matches = 0;
	for (size_t i = 0; i < s->count; i++) {
		if (people[i].hidden)
			continue;
		if (strcasecmp(people[i].mail, name) == 0) {
			*mid = people[i].mid;
			exact++;
		} else if (exact == 0 && brute_matches(s, &people[i], name)) {
			*mid = people[i].mid;
			matches++;
		}
	}
	size_t count = exact > 0 ? exact : matches;
	return count == 0 ? ANR_UNRESOLVED : count == 1 ? ANR_RESOLVED : ANR_AMBIGUOUS;
}

/* A name somebody might type for a person: a piece of a property, cut at a character. */
static const char *random_name(struct site *s, struct book_random *r, const struct book_person *p)
{
	const char *whole[] = {p->display, p->given, p->surname, p->mail, p->alias, p->office};
	char *name;
	if (book_next(r, 3) == 0)
		name = arena_printf(&s->arena, "%.*s %s", (int)(2 + book_next(r, 8)), p->surname,
		                    p->given);
	else
		name = arena_strdup(&s->arena, whole[book_next(r, 6)]);
	size_t size = strlen(name), cut = 1 + book_next(r, (uint32_t)size);
	while (cut < size && ((uint8_t)name[cut] & 0xC0) == 0x80)
		cut++;
	name[cut] = 0;
	while (cut > 0 && (name[cut - 1] == ' ' || name[cut - 1] == ','))
		name[--cut] = 0;
	for (size_t i = 0; i < cut && book_next(r, 2); i++)
		if (name[i] >= 'a' && name[i] <= 'z')
			name[i] -= 0x20;
	return name;
}

static void resolution_equals_a_search_through_everybody(void **state)
{
	struct site *s = *state;
	struct book_random r = {42};
	static struct book_person people[PEOPLE];
	for (uint32_t i = 0; i < PEOPLE; i++) {
		people[i] = book_person(&s->arena, &r, FIRST + i);
		site_add(s, book_person_entry(&s->arena, &people[i]));
	}
	site_publish(s);
	for (size_t i = 0; i < 600; i++) {
		const char *name = random_name(s, &r, &people[book_next(&r, PEOPLE)]);
		uint32_t expected = 0, mid;
		if (!*name || !utf8_valid(slice_of_string(name)))
			continue;
		enum anr_result wanted = brute(s, people, name, &expected);
		enum anr_result result = resolve_in(s, 0, name, &mid);
		if (result != wanted || (result == ANR_RESOLVED && mid != expected))
			fail_msg("\"%s\": result %d instead of %d", name, result, wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_prefix_of_any_searched_property_resolves, setup,
	                                        site_teardown),
		cmocka_unit_test_setup_teardown(case_accents_and_width_do_not_matter, setup,
	                                        site_teardown),
		cmocka_unit_test_setup_teardown(
			two_words_mean_given_name_and_surname_in_either_order, setup,
			site_teardown),
		cmocka_unit_test_setup_teardown(
			an_exact_address_is_not_ambiguous_as_a_part_of_another, setup,
			site_teardown),
		cmocka_unit_test_setup_teardown(an_equal_sign_means_exactly_that, setup,
	                                        site_teardown),
		cmocka_unit_test_setup_teardown(proxy_addresses_and_the_dn_resolve, setup,
	                                        site_teardown),
		cmocka_unit_test_setup_teardown(one_object_that_matches_several_times_is_one, setup,
	                                        site_teardown),
		cmocka_unit_test_setup_teardown(nothing_resolves_to_nothing, setup, site_teardown),
		cmocka_unit_test_setup_teardown(only_entries_of_the_container_count, setup,
	                                        site_teardown),
		cmocka_unit_test_setup_teardown(hidden_entries_resolve_by_nothing, setup,
	                                        site_teardown),
		cmocka_unit_test_setup_teardown(attributes_can_be_added_to_resolution, setup,
	                                        site_teardown),
		cmocka_unit_test_setup_teardown(a_broad_name_is_resolved_in_slices, setup,
	                                        site_teardown),
		cmocka_unit_test_setup_teardown(resolution_equals_a_search_through_everybody, setup,
	                                        site_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
