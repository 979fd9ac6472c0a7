#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "store/ldif.h"

static const char *const change_names[] = {"content", "delete", "modify", "rename"};
static const char *const edit_names[] = {"add", "delete", "replace"};

static void put_slice(struct buffer *out, const char *label, struct slice s)
{
	buffer_printf(out, "%s", label);
	buffer_put(out, s.data, s.size);
}

static void put_value(struct buffer *out, const struct ldif_value *v)
{
	put_slice(out, " ", v->name);
	if (v->options.size)
		put_slice(out, ";", v->options);
	put_slice(out, "=", v->value);
}

/* Writes a record down in one line: "3 content cn=a cn=a sn=b|". */
static int describe(void *context, const struct ldif_record *r, struct error *e)
{
	struct buffer *out = context;
	(void)e;
	buffer_printf(out, "%zu %s", r->line, change_names[r->change]);
	put_slice(out, " ", r->dn);
	if (r->change == LDIF_RENAME) {
		put_slice(out, " to ", r->new_rdn);
		put_slice(out, " under ", r->new_superior);
		buffer_put_string(out, r->delete_old_rdn ? " instead" : " too");
	}
	for (size_t i = 0; i < r->count && r->change == LDIF_CONTENT; i++)
		put_value(out, &r->values[i]);
	for (size_t i = 0; i < r->modification_count; i++) {
		const struct ldif_modification *m = &r->modifications[i];
		buffer_printf(out, " [%s", edit_names[m->edit]);
		put_slice(out, " ", m->name);
		for (size_t k = 0; k < m->count; k++)
			put_value(out, &r->values[m->first + k]);
		buffer_put_string(out, "]");
	}
	buffer_put_string(out, "|");
	return 0;
}

static int parse(struct slice text, size_t split, struct buffer *out, struct error *e)
{
	struct ldif *l = ldif_new("f", describe, out);
	int err = ldif_feed(l, slice_of(text.data, split), e);
	if (!err)
		err = ldif_feed(l, slice_of(text.data + split, text.size - split), e);
	if (!err)
		err = ldif_finish(l, e);
	ldif_free(l);
	buffer_put_u8(out, 0);
	return err;
}

static void assert_records(struct slice text, const char *expected)
{
	for (size_t split = 0; split <= text.size; split++) {
		struct buffer out;
		struct error e = {0};
		buffer_init(&out, 1 << 20);
		if (parse(text, split, &out, &e))
			fail_msg("split at %zu: %s", split, e.text);
		assert_string_equal((const char *)out.data, expected);
		buffer_free(&out);
	}
}

static void assert_error(const char *text, int code, const char *expected)
{
	for (size_t split = 0; split <= strlen(text); split++) {
		struct buffer out;
		struct error e = {0};
		buffer_init(&out, 1 << 20);
		assert_int_equal(parse(slice_of_string(text), split, &out, &e), code);
		if (!strstr(e.text, expected))
			fail_msg("\"%s\" does not say \"%s\"", e.text, expected);
		buffer_free(&out);
	}
}

#define RECORDS(text, expected) assert_records(slice_of(text, sizeof(text) - 1), expected)

static void content_records_come_out_whole(void **state)
{
	(void)state;
	RECORDS("version: 1\n\ndn: cn=a\nobjectClass: person\ncn: a\n\ndn: cn=b\ncn: b\n",
	        "3 content cn=a objectClass=person cn=a|7 content cn=b cn=b|");
}

static void version_may_stand_right_before_the_first_record(void **state)
{
	(void)state;
	RECORDS("version: 1\ndn: cn=a\ncn: a\n", "2 content cn=a cn=a|");
}

static void last_line_needs_no_newline(void **state)
{
	(void)state;
	RECORDS("dn: cn=a\ncn: a", "1 content cn=a cn=a|");
}

static void folded_lines_are_joined(void **state)
{
	(void)state;
	RECORDS("dn: cn=a\n bc,\n dc=x\ndescription: on\n e\n  two\n",
	        "1 content cn=abc,dc=x description=one two|");
}

static void windows_line_ends_and_byte_order_mark_are_taken(void **state)
{
	(void)state;
	RECORDS("\xef\xbb\xbf"
	        "dn: cn=a\r\n b\r\ncn: ab\r\n\r\ndn: cn=c\r\n\r\n",
	        "1 content cn=ab cn=ab|5 content cn=c|");
	RECORDS("\xef\xbb\xbf# note\r\n folded note\r\ndn: cn=c\r\n\r\n", "3 content cn=c|");
}

static void comments_are_passed_over_even_folded_ones_inside_a_record(void **state)
{
	(void)state;
	RECORDS("# record 1\ndn: cn=a\n# long\n comment: x\ncn: a\n#\n b: c\n\n# end\n",
	        "2 content cn=a cn=a|");
}

static void base64_is_decoded(void **state)
{
	(void)state;
	RECORDS("dn:: Y249w6k=\ncn:: w6k=\nempty::\njpegPhoto:: //79\n",
	        "1 content cn=\xc3\xa9 cn=\xc3\xa9 empty= jpegPhoto=\xff\xfe\xfd|");
}

static void options_are_told_apart_from_names(void **state)
{
	(void)state;
	RECORDS("dn: cn=a\ncn;lang-ja: a\nuserCertificate;binary:: Yg==\nmember;range=0-*: x\n",
	        "1 content cn=a cn;lang-ja=a userCertificate;binary=b member;range=0-*=x|");
}

static void value_may_be_empty_or_begin_with_spaces_that_do_not_count(void **state)
{
	(void)state;
	RECORDS("dn: cn=a\na:\nb:   x  \nc:y\n", "1 content cn=a a= b=x   c=y|");
}

static void change_records_are_told_apart(void **state)
{
	(void)state;
	RECORDS("dn: cn=a\nchangetype: add\ncn: a\n\ndn: cn=a\nchangetype: delete\n\n"
	        "dn: cn=a\nchangetype: modify\nadd: mail\nmail: x\nmail: y\n-\ndelete: "
	        "sn\n-\nreplace: cn\ncn: b\n-\n\n"
	        "dn: cn=a\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 1\n\n"
	        "dn: cn=a\nchangetype: moddn\nnewrdn: cn=b\ndeleteoldrdn: 0\nnewsuperior: dc=y\n",
	        "1 content cn=a cn=a|5 delete cn=a|"
	        "8 modify cn=a [add mail mail=x mail=y] [delete sn] [replace cn cn=b]|"
	        "20 rename cn=a to cn=b under  instead|25 rename cn=a to cn=b under dc=y too|");
}

static void last_dash_of_a_modification_may_be_missing(void **state)
{
	(void)state;
	RECORDS("dn: cn=a\nchangetype: modify\nadd: mail\nmail: x\n",
	        "1 modify cn=a [add mail mail=x]|");
}

static void what_search_tools_print_around_entries_is_passed_over(void **state)
{
	(void)state;
	RECORDS("# extended LDIF\n#\n# LDAPv3\n\n# a\ndn: cn=a\ncn: a\n\n# Referral\nref: "
	        "ldap://x/dc=x\n\n"
	        "# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 2\n",
	        "6 content cn=a cn=a|");
}

static void nothing_at_all_is_no_record(void **state)
{
	(void)state;
	RECORDS("", "");
	RECORDS("\n\n# only a comment\n\n", "");
	RECORDS("version: 1\n", "");
}

static void faults_are_told_with_file_and_line(void **state)
{
	static const struct fault {
		const char *text;
		int code;
		const char *says;
	} faults[] = {
		{"dn: cn=a\n\ncn: a\n",					   ERR_INVALID,     "f:3: a record begins with dn:, not \"cn:\""},
		{"dn: cn=a\nno colon\n",					  ERR_INVALID,     "f:2: no colon in \"no colon\""             },
		{"dn: cn=a\ncn:: ???\n",					  ERR_INVALID,     "f:2: the value after :: is not base64"     },
		{"dn: cn=a\ncn:: YQ\n",					   ERR_INVALID,     "f:2:"                                      },
		{"dn: cn=a\nphoto:< file:///etc/shadow\n",                        ERR_UNSUPPORTED,
	         "f:2: values from a URL are not read"											 },
		{"dn: cn=a\n\n folded\n",                                         ERR_INVALID,     "f:3: a folded line"                        },
		{" folded\n",						     ERR_INVALID,     "f:1: a folded line"                        },
		{"dn: cn=a\nc n: a\n",					    ERR_INVALID,     "f:2: \"c n\" is no attribute name"         },
		{"dn: cn=a\n: a\n",					       ERR_INVALID,     "f:2: \"\" is no attribute name"            },
		{"version: 2\n",						  ERR_UNSUPPORTED, "f:1: LDIF version 2"                       },
		{"dn: cn=a\nchangetype: explode\n",                               ERR_INVALID,
	         "f:2: unknown changetype \"explode\""											 },
		{"dn: cn=a\ncontrol: 1.2.3 true\n",                               ERR_UNSUPPORTED, "f:2: controls"                             },
		{"dn: cn=a\nchangetype: delete\ncn: a\n",                         ERR_INVALID,     "f:3: nothing may follow"                   },
		{"dn: cn=a\nchangetype: modify\nincrement: x\n",                  ERR_INVALID,     "f:3: expected add:"                        },
		{"dn: cn=a\nchangetype: modify\nadd: x\ny: z\n",                  ERR_INVALID,
	         "f:4: a value of y among those of x"											  },
		{"dn: cn=a\nchangetype: modrdn\nnewrdn: cn=b\n",                  ERR_INVALID,
	         "f:1: newrdn: or deleteoldrdn:"											       },
		{"dn: cn=a\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 2\n", ERR_INVALID,
	         "f:4: a rename has"													   },
	};
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		assert_error(faults[i].text, faults[i].code, faults[i].says);
}

static void text_in_utf16_is_refused(void **state)
{
	static const char text[] = "dn: x\na: b\0c\n";
	struct buffer out;
	struct error e = {0};
	(void)state;
	buffer_init(&out, 1 << 20);
	assert_int_equal(parse(slice_of(text, sizeof text - 1), 0, &out, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "f:2: a NUL byte"));
	buffer_free(&out);
}

static void line_without_end_is_refused_at_the_bound(void **state)
{
	static uint8_t part[1 << 20];
	struct buffer out;
	struct error e = {0};
	int err = 0;
	size_t fed = 0;
	(void)state;
	buffer_init(&out, 1 << 20);
	memset(part, 'a', sizeof part);
	struct ldif *l = ldif_new("f", describe, &out);
	for (; !err && fed < 100; fed++)
		err = ldif_feed(l, slice_of(part, sizeof part), &e);
	assert_int_equal(err, ERR_LIMIT);
	assert_int_equal(fed, (LDIF_MAX_LINE >> 20) + 1);
	assert_non_null(strstr(e.text, "f:1: the line is longer"));
	ldif_free(l);
	buffer_free(&out);
}

static void record_without_end_is_refused_at_the_bound(void **state)
{
	static uint8_t part[1 << 20];
	struct error e = {0};
	int err = 0;
	(void)state;
	for (size_t i = 0; i < sizeof part; i++)
		part[i] = i % 2 ? '\n' : 'a';
	struct ldif *l = ldif_new("f", describe, NULL);
	for (size_t fed = 0; !err && fed < 100; fed++)
		err = ldif_feed(l, slice_of(part, sizeof part), &e);
	assert_int_equal(err, ERR_LIMIT);
	assert_non_null(strstr(e.text, "lines"));
	ldif_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_records_come_out_whole),
		cmocka_unit_test(version_may_stand_right_before_the_first_record),
		cmocka_unit_test(last_line_needs_no_newline),
		cmocka_unit_test(folded_lines_are_joined),
		cmocka_unit_test(windows_line_ends_and_byte_order_mark_are_taken),
		cmocka_unit_test(comments_are_passed_over_even_folded_ones_inside_a_record),
		cmocka_unit_test(base64_is_decoded),
		cmocka_unit_test(options_are_told_apart_from_names),
		cmocka_unit_test(value_may_be_empty_or_begin_with_spaces_that_do_not_count),
		cmocka_unit_test(change_records_are_told_apart),
		cmocka_unit_test(last_dash_of_a_modification_may_be_missing),
		cmocka_unit_test(what_search_tools_print_around_entries_is_passed_over),
		cmocka_unit_test(nothing_at_all_is_no_record),
		cmocka_unit_test(faults_are_told_with_file_and_line),
		cmocka_unit_test(text_in_utf16_is_refused),
		cmocka_unit_test(line_without_end_is_refused_at_the_bound),
		cmocka_unit_test(record_without_end_is_refused_at_the_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
