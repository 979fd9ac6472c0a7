#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/reader.h"
#include "mapi/tags.h"
#include "template/template-private.h"
#include "template/template.h"

#define HEAD "language 0x409\ntemplate agent\n"
#define PAGE HEAD "page \"One\"\n"
#define BODY PAGE "label \"x\" at 0,0 size 1x1\n"

static struct templates *parse(const char *text)
{
	struct templates *set = NULL;
	struct error e = {0};

	if (templates_parse("f", slice_of_string(text), "Org", &set, &e))
		fail_msg("%s", e.text);
	return set;
}

static void assert_refused(const char *text, const char *message)
{
	struct templates *set = NULL;
	struct error e = {0};

	if (templates_parse("f", slice_of_string(text), "Org", &set, &e) == 0)
		fail_msg("taken: %s", text);
	assert_null(set);
	assert_string_equal(e.text, message);
}

/* clang-format off */
static const struct {
	const char *text, *message;
} faults[] = {
	/* lines and words */
	{ "", "f: no template in it" },
	{ "language 0x409\n", "f: no template in it" },
	{ "language 0x409\n\xFF\n", "f:2: this is not UTF-8" },
	{ "\n\n\"x\"\n", "f:3: x: a statement is wanted here" },
	{ HEAD "page \"One\n", "f:3: a text is not closed: add the closing \"" },
	{ HEAD "page \"One\\\n", "f:3: a text is not closed: add the closing \"" },
	{ HEAD "page \"a\x01\"\n", "f:3: a control character" },
	{ HEAD "pa\x7Fge \"a\"\n", "f:3: a control character" },
	/* the language */
	{ "template user\n", "f:1: a file begins with its language, such as: language 0x409" },
	{ "language\n", "f:1: an LCID such as 0x409 is missing" },
	{ "language German\n", "f:1: German: an LCID such as 0x409 is wanted here" },
	{ "language 0x10409\n", "f:1: 0x10409: an LCID such as 0x409 is wanted here" },
	{ "language 0x400\n", "f:1: 0x400: an LCID such as 0x409 is wanted here" },
	{ "language 0x\n", "f:1: 0x: an LCID such as 0x409 is wanted here" },
	{ "language 0x409 0x407\n", "f:1: 0x407: the end of the line is wanted here" },
	{ "language 0x409\nlanguage 0x407\n", "f:2: a file describes one language: this is the second one" },
	{ "language 0x409\nfallback\nfallback\n", "f:3: fallback is said in f already" },
	/* templates */
	{ "language 0x409\ntemplate room\n", "f:2: room: user, group, folder, agent, contact, search or address is "
	  "wanted here" },
	{ BODY "template agent\n", "f:5: this template was given on line 2 already" },
	{ "language 0x409\npage \"x\"\n", "f:2: a control stands in a template: begin with template user" },
	{ HEAD, "f:2: this template has no controls" },
	{ HEAD "template user\n", "f:2: this template has no controls" },
	{ PAGE, "f:2: the last page of this template is empty" },
	{ PAGE "page \"Two\"\n", "f:4: the page above is empty" },
	{ BODY "page \"Two\"\n", "f:2: the last page of this template is empty" },
	{ HEAD "label \"x\" at 0,0 size 1x1\n", "f:3: a template begins with a page" },
	/* controls */
	{ PAGE "buton \"x\"\n", "f:4: unknown control \"buton\": there are page, frame, label, edit, list, check, button, "
	  "values or drop-down" },
	{ HEAD "page\n", "f:3: a text in quotes is missing" },
	{ HEAD "page \"12345678901234567890123456789012\"\n",
	  "f:3: \"12345678901234567890123456789012\" has 32 bytes, 31 are allowed here" },
	{ HEAD "page \"x\" at 1,1\n", "f:3: at: page has none" },
	{ PAGE "label \"x\" size 1x1\n", "f:4: label needs at" },
	{ PAGE "label \"x\" at 1,1\n", "f:4: label needs size" },
	{ PAGE "label \"x\" at 1,1 size 0x1\n", "f:4: a control without a size cannot be seen" },
	{ PAGE "label \"x\" at 1;1 size 1x1\n", "f:4: 1;1: X,Y such as 12,34 is wanted here" },
	{ PAGE "label \"x\" at 1,1 size 1x1x1\n", "f:4: 1x1x1: WIDTHxHEIGHT such as 120x12 is wanted here" },
	{ PAGE "label \"x\" at 1,1 at 1,1\n", "f:4: at is said twice" },
	{ PAGE "label \"x\" at 380,1 size 7x1\n", "f:4: the control reaches to 387,2: the dialog ends at 386,195" },
	{ PAGE "label \"x\" at 0,190 size 7x6\n", "f:4: the control reaches to 7,196: the dialog ends at 386,195" },
	{ PAGE "label \"x\" at 65535,0 size 65535x1\n",
	  "f:4: the control reaches to 131070,1: the dialog ends at 386,195" },
	{ PAGE "label \"x\" at 70000,0 size 1x1\n", "f:4: 70000,0: X,Y such as 12,34 is wanted here" },
	{ PAGE "label \"x\" at 0,0 size 1x1 editable\n", "f:4: editable: label cannot be that" },
	{ PAGE "label \"x\" at 0,0 size 1x1 nice\n",
	  "f:4: nice: at, size, max, filter or a flag such as editable is wanted here" },
	{ PAGE "edit \"x\"\n", "f:4: x: a property is wanted here" },
	{ PAGE "edit givenNam at 0,0 size 1x1 max 1\n", "f:4: givenNam: entries have no such property; write an LDAP "
	  "attribute such as givenName, or a tag such as 0x3A06001F" },
	{ PAGE "edit unicodePwd at 0,0 size 1x1 max 1\n", "f:4: unicodePwd: entries have no such property; write an LDAP "
	  "attribute such as givenName, or a tag such as 0x3A06001F" },
	{ PAGE "edit input1 at 0,0 size 1x1 max 1\n", "f:4: input1: entries have no such property; write an LDAP "
	  "attribute such as givenName, or a tag such as 0x3A06001F" },
	{ PAGE "edit manager at 0,0 size 1x1 max 1\n", "f:4: manager is not a text, which is what edit shows" },
	{ PAGE "list givenName at 0,0 size 1x1\n", "f:4: givenName is not entries, which is what list shows" },
	{ PAGE "values givenName at 0,0 size 1x1\n", "f:4: givenName is not several texts, which is what values shows" },
	{ PAGE "check givenName \"x\" at 0,0 size 1x1\n", "f:4: givenName is not yes or no, which is what check shows" },
	{ PAGE "edit givenName at 0,0 size 1x1\n", "f:4: edit needs max" },
	{ PAGE "edit givenName at 0,0 size 1x1 max 0\n",
	  "f:4: 0: a number of characters from 1 to 32767 is wanted here" },
	{ PAGE "edit givenName at 0,0 size 1x1 max 1 required\n", "f:4: what is required has to be editable too" },
	{ PAGE "edit givenName at 0,0 size 1x1 max 1 editable editable\n", "f:4: editable is said twice" },
	{ PAGE "edit givenName at 0,0 size 1x1 max 1 selection\n", "f:4: selection: edit cannot be that" },
	{ PAGE "edit givenName at 0,0 size 1x1 max 1 filter \"0-9\"\n",
	  "f:4: 0-9: a filter is \"*\" or characters in brackets, such as \"[0-9]\"" },
	{ PAGE "edit givenName at 0,0 size 1x1 max 1 filter \"[0123456789abc]\"\n",
	  "f:4: \"[0123456789abc]\" has 15 bytes, 14 are allowed here" },
	{ PAGE "list manager at 0,0 size 1x1 max 1\n", "f:4: max: list has none" },
	{ BODY "result input1\n", "f:5: only a template for addresses has a result" },
};

#define ADDRESS      "language 0x409\ntemplate address SMTP \"Mail\"\npage \"One\"\n"
#define ADDRESS_BODY ADDRESS "edit input1 at 0,0 size 1x1 max 9 editable\n"

static const struct {
	const char *text, *message;
} address_faults[] = {
	{ "language 0x409\ntemplate address smtp \"x\"\n", "f:2: smtp: an address type such as SMTP is wanted here" },
	{ "language 0x409\ntemplate address ABCDEFGHIJKLMNOPQ \"x\"\n",
	  "f:2: ABCDEFGHIJKLMNOPQ: an address type such as SMTP is wanted here" },
	{ "language 0x409\ntemplate address SMTP\n",
	  "f:2: what people know the addresses by, in quotes, is missing" },
	{ ADDRESS_BODY, "f:2: this template needs a result, such as: result input1" },
	{ ADDRESS_BODY "result\n", "f:5: a result needs an input" },
	{ ADDRESS_BODY "result \"x\"\n", "f:5: a result needs an input" },
	{ ADDRESS_BODY "result input2\n", "f:2: the result has an input that no edit asks for" },
	{ ADDRESS_BODY "result input0\n", "f:5: input0: input1 to input9 or a text in quotes is wanted here" },
	{ ADDRESS_BODY "result input1 \"\xC3\xA4\"\n", "f:5: \"\xC3\xA4\": addresses are ASCII" },
	{ ADDRESS_BODY "result input1\nresult input1\n", "f:6: result is said twice" },
	{ ADDRESS "edit givenName at 0,0 size 1x1 max 1\n",
	  "f:4: givenName: a new address has displayName and input1 to input9" },
	{ ADDRESS "list manager at 0,0 size 1x1\n",
	  "f:4: list: a template for addresses has page, frame, label and edit alone" },
	{ ADDRESS "button \"x\" at 0,0 size 1x1\n",
	  "f:4: button: a template for addresses has page, frame, label and edit alone" },
};
/* clang-format on */

static void faults_are_told_with_their_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		assert_refused(faults[i].text, faults[i].message);
}

static void faults_of_address_templates_are_told_with_their_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof address_faults / sizeof address_faults[0]; i++)
		assert_refused(address_faults[i].text, address_faults[i].message);
}

static void counts_are_bounded(void **state)
{
	static const char one[] = "label \"x\" at 0,0 size 1x1\n";
	char *text = xmalloc(sizeof PAGE + sizeof one * (MAX_CONTROLS + 1)), *end;

	(void)state;
	end = stpcpy(text, PAGE);
	for (int i = 0; i < MAX_CONTROLS; i++)
		end = stpcpy(end, one);
	assert_refused(text, "f:203: more than 200 controls in one template");
	free(text);
}

/* Example B of the layout: a page, a label, an edit. */
#define EXAMPLE                                                                                    \
	HEAD "page \"General\"\n"                                                                  \
	     "label \"&Display name:\" at 6,8 size 70x8\n"                                         \
	     "edit displayName at 77,7 size 100x12 max 256\n"

static void a_template_is_rows_and_then_strings(void **state)
{
	static const uint32_t rows[3][9] = {
		{0,  0,   0, 0,  8, 0, 0,          0,   0x74},
		{6,  70,  8, 8,  0, 0, 0,          0,   0x7C},
		{77, 100, 7, 12, 1, 0, 0x3001001E, 256, 0x8B},
	};
	static const char strings[] = "General\0&Display name:\0*";
	struct templates *set = parse(EXAMPLE);
	const struct template *t = templates_of_type(set, DT_AGENT, 0x409);
	struct arena a;
	struct reader r;

	(void)state;
	arena_init(&a, 1 << 16);
	struct slice data = template_data(set, t, 1252, &a);
	assert_int_equal(data.size, 141);
	reader_init(&r, data.data, data.size);
	assert_int_equal(reader_u32(&r), 1);
	assert_int_equal(reader_u32(&r), 3);
	for (size_t i = 0; i < 27; i++)
		assert_int_equal(reader_u32(&r), rows[i / 9][i % 9]);
	assert_memory_equal(reader_take(&r, sizeof strings), strings, sizeof strings);
	assert_int_equal(reader_left(&r), 0);
	arena_free(&a);
	templates_free(set);
}

static void a_second_answer_is_the_same(void **state)
{
	struct templates *set = parse(EXAMPLE);
	const struct template *t = templates_of_type(set, DT_AGENT, 0x409);
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	struct slice first = template_data(set, t, 932, &a),
		     second = template_data(set, t, 932, &a);
	assert_true(first.data != second.data);
	assert_true(slice_equal(first, second));
	arena_free(&a);
	templates_free(set);
}

static void no_memory_for_a_template_is_no_template(void **state)
{
	struct templates *set = parse(EXAMPLE);
	struct arena a;

	(void)state;
	arena_init(&a, 64);
	const struct template *t = templates_of_type(set, DT_AGENT, 0x409);
	assert_null(template_data(set, t, 1252, &a).data);
	arena_free(&a);
	templates_free(set);
}

static struct slice script_of(struct templates *set)
{
	return template_script(templates_of_address(set, 0x409, 0));
}

/* The published program for "user@domain". */
static void a_result_becomes_a_script(void **state)
{
	static const uint32_t words[] = {0x0F,       0x04, 0x6800001E, 0x34,       0x04, 0x6801001E,
	                                 0x34,       0x02, 0x6800001E, 0x80000002, 0x38, 0x02,
	                                 0x6801001E, 0x00, 0x01,       0x40};
	struct templates *set = parse(
		ADDRESS "edit input1 at 0,0 size 1x1 max 9 editable\n"
			"edit input2 at 0,0 size 1x1 max 9 editable\nresult input1 \"@\" input2\n");
	struct slice script = script_of(set);
	struct reader r;

	(void)state;
	assert_int_equal(script.size, sizeof words);
	reader_init(&r, script.data, script.size);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		assert_int_equal(reader_u32(&r), words[i]);
	templates_free(set);
}

static void details_have_an_empty_script(void **state)
{
	struct templates *set = parse(EXAMPLE);
	struct slice script = template_script(templates_of_type(set, DT_AGENT, 0x409));

	(void)state;
	assert_non_null(script.data);
	assert_int_equal(script.size, 0);
	templates_free(set);
}

/* Several languages. */

struct folder {
	char path[64];
	unsigned count;
};

static struct folder make_folder(void)
{
	struct folder f = {.path = "/tmp/nspid-templates-XXXXXX"};

	assert_non_null(mkdtemp(f.path));
	return f;
}

static void add_file(struct folder *f, const char *text)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%u.template", f->path, f->count++);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void remove_folder(struct folder *f)
{
	char path[128];

	for (unsigned i = 0; i < f->count; i++) {
		snprintf(path, sizeof path, "%s/%u.template", f->path, i);
		unlink(path);
	}
	rmdir(f->path);
}

static struct templates *read_folder(struct folder *f)
{
	struct templates *set = NULL;
	struct error e = {0};

	if (templates_read(f->path, "Org", &set, &e))
		fail_msg("%s", e.text);
	remove_folder(f);
	return set;
}

/* What the only page of the agents' template is called. */
static struct templates *read_languages(const char *const *lcids, size_t count,
                                        const char *fallback)
{
	struct folder f = make_folder();

	for (size_t i = 0; i < count; i++) {
		char text[256];
		snprintf(
			text, sizeof text,
			"language %s\n%stemplate agent\npage \"%s\"\nlabel \"x\" at 0,0 size 1x1\n",
			lcids[i], fallback && !strcmp(fallback, lcids[i]) ? "fallback\n" : "",
			lcids[i]);
		add_file(&f, text);
	}
	return read_folder(&f);
}

static const char *chosen(const struct templates *set, uint32_t lcid)
{
	const struct template *t = templates_of_type(set, DT_AGENT, lcid);

	return t ? (const char *)t->controls->text.data : "none";
}

/* MS-OXNSPI_R1472 */
static void locales_find_their_nearest_language(void **state)
{
	static const char *const lcids[] = {"0x409", "0x404", "0x804", "0xc0a", "0x411", "0x416"};
	static const struct {
		uint32_t lcid;
		const char *found;
	} cases[] = {
		{0x404,    "0x404"},
		{0xC04,    "0x404"},
		{0x1004,   "0x804"},
		{0x804,    "0x804"},
		{0x20804,  "0x804"},
		{0x40A,    "0xc0a"},
		{0x80A,    "0xc0a"},
		{0x8411,   "0x411"},
		{0x816,    "0x416"},
		{0x1409,   "0x409"},
		{0x419,    "0x409"},
		{0x7F,     "0x409"},
		{0,        "none" },
		{0x400,    "none" },
		{0x3FF,    "none" },
		{0x100409, "none" },
	};
	struct templates *set = read_languages(lcids, 6, "0x409");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(chosen(set, cases[i].lcid), cases[i].found);
	templates_free(set);
}

/* MS-OXNSPI_R1476 */
static void without_a_fallback_there_is_no_other_language(void **state)
{
	static const char *const lcids[] = {"0x409", "0x407"};
	struct templates *set = read_languages(lcids, 2, NULL);

	(void)state;
	assert_string_equal(chosen(set, 0x419), "none");
	assert_string_equal(chosen(set, 0xC07), "0x407");
	templates_free(set);
}

static void texts_that_a_code_page_lacks_give_way_to_the_fallback(void **state)
{
	struct folder f = make_folder();

	add_file(&f,
	         "language 0x411\ntemplate agent\npage \"全般\"\nlabel \"x\" at 0,0 size 1x1\n");
	add_file(&f, "language 0x409\nfallback\ntemplate agent\npage \"General\"\n"
	             "label \"x\" at 0,0 size 1x1\n");
	struct templates *set = read_folder(&f);
	const struct template *japanese = templates_of_type(set, DT_AGENT, 0x411);

	(void)state;
	assert_ptr_equal(template_for_codepage(set, japanese, 932), japanese);
	assert_ptr_equal(template_for_codepage(set, japanese, 65001), japanese);
	assert_ptr_equal(template_for_codepage(set, japanese, 1252),
	                 templates_of_type(set, DT_AGENT, 0x409));
	templates_free(set);
}

/* Ten characters are 30 bytes of UTF-8, and more where each changes the character set. */
static void texts_that_a_code_page_makes_too_long_are_cut_between_characters(void **state)
{
	struct templates *set = parse(HEAD "page \"あaあaあaあa\"\nlabel \"x\" at 0,0 size 1x1\n");
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	struct slice data = template_data(set, templates_of_type(set, DT_AGENT, 0x409), 50220, &a);
	const uint8_t *page = data.data + 8 + 2 * 36;
	assert_in_range(strlen((const char *)page), 20, 31);
	assert_non_null(strstr((const char *)page, "\x1B(B"));
	arena_free(&a);
	templates_free(set);
}

static void names_are_found_without_case(void **state)
{
	static const char name[] =
		"/O=ORG/ou=address "
		"book/cn=configuration/cn=ADDRESSING/cn=display-templates/cn=409/CN=3";
	struct templates *set = parse(BODY);

	(void)state;
	assert_ptr_equal(templates_by_dn(set, slice_of_string(name)),
	                 templates_of_type(set, DT_AGENT, 0x409));
	assert_null(templates_by_dn(set, slice_of("", 0)));
	assert_null(templates_by_dn(set, slice_of_string("/o=Org")));
	templates_free(set);
}

static void assert_folder_refused(struct folder *f, const char *end)
{
	struct templates *set = NULL;
	struct error e = {0};

	assert_int_not_equal(templates_read(f->path, "Org", &set, &e), 0);
	assert_null(set);
	assert_non_null(strstr(e.text, end));
	remove_folder(f);
}

static void two_files_of_one_language_are_a_fault(void **state)
{
	struct folder f = make_folder();

	(void)state;
	add_file(&f, BODY);
	add_file(&f, "\n" BODY);
	assert_folder_refused(&f, "/1.template:2: language 0x409 is that of /tmp/nspid-templates-");
}

static void two_fallbacks_are_a_fault(void **state)
{
	struct folder f = make_folder();

	(void)state;
	add_file(
		&f,
		"language 0x407\nfallback\ntemplate user\npage \"x\"\nlabel \"x\" at 0,0 size 1x1");
	add_file(&f, "language 0x409\nfallback\n");
	assert_folder_refused(&f, "/1.template:2: fallback is said in /tmp/nspid-templates-");
}

static void an_empty_folder_is_a_fault(void **state)
{
	struct folder f = make_folder();

	(void)state;
	assert_folder_refused(&f, ": no file in it is called NAME.template");
}

static void a_pipe_is_no_description(void **state)
{
	struct folder f = make_folder();
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/%u.template", f.path, f.count++);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_folder_refused(&f, "0.template: this is no file");
}

static void a_folder_that_is_not_there_is_told_apart(void **state)
{
	struct templates *set = NULL;
	struct error e = {0};

	(void)state;
	assert_int_equal(templates_read("/nonexistent", "Org", &set, &e), ERR_NOT_FOUND);
	assert_string_equal(e.text, "/nonexistent: No such file or directory");
}

/* More code pages and templates than the cache has slots. */
static void *ask_for_many(void *context)
{
	static const uint32_t codepages[] = {1252, 932, 65001, 20261, 1251, 874};
	const struct templates *set = context;
	struct arena a;

	arena_init(&a, 1 << 20);
	for (int i = 0; i < 600; i++) {
		const struct template *t =
			templates_of_type(set, DT_AGENT, 0x409 + (uint32_t)i % 3);
		arena_reset(&a);
		if (t && !template_data(set, t, codepages[i % 6], &a).data)
			abort();
	}
	arena_free(&a);
	return NULL;
}

static void threads_share_what_is_encoded(void **state)
{
	static const char *const lcids[] = {"0x409", "0x40a", "0x40b"};
	struct templates *set = read_languages(lcids, 3, NULL);
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_for_many, set), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	templates_free(set);
}

static void the_shipped_descriptions_are_taken(void **state)
{
	struct templates *set = NULL;
	struct error e = {0};
	char path[512];

	(void)state;
	snprintf(path, sizeof path, "%s/data/templates", getenv("NSPID_SOURCE"));
	if (templates_read(path, "Org", &set, &e))
		fail_msg("%s", e.text);
	assert_int_equal(templates_languages(set), 4);
	templates_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_are_told_with_their_line),
		cmocka_unit_test(faults_of_address_templates_are_told_with_their_line),
		cmocka_unit_test(counts_are_bounded),
		cmocka_unit_test(a_template_is_rows_and_then_strings),
		cmocka_unit_test(a_second_answer_is_the_same),
		cmocka_unit_test(no_memory_for_a_template_is_no_template),
		cmocka_unit_test(a_result_becomes_a_script),
		cmocka_unit_test(details_have_an_empty_script),
		cmocka_unit_test(locales_find_their_nearest_language),
		cmocka_unit_test(without_a_fallback_there_is_no_other_language),
		cmocka_unit_test(texts_that_a_code_page_lacks_give_way_to_the_fallback),
		cmocka_unit_test(texts_that_a_code_page_makes_too_long_are_cut_between_characters),
		cmocka_unit_test(names_are_found_without_case),
		cmocka_unit_test(two_files_of_one_language_are_a_fault),
		cmocka_unit_test(two_fallbacks_are_a_fault),
		cmocka_unit_test(an_empty_folder_is_a_fault),
		cmocka_unit_test(a_pipe_is_no_description),
		cmocka_unit_test(a_folder_that_is_not_there_is_told_apart),
		cmocka_unit_test(threads_share_what_is_encoded),
		cmocka_unit_test(the_shipped_descriptions_are_taken),
	};

	return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
