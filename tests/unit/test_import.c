#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "directory/view.h"
#include "scratch.h"
#include "store/import.h"
#include "store/keys.h"
#include "store/users.h"

enum { MAP_SIZE = 64 << 20 };

#define GUID_A           "objectGUID: 11111111-1111-1111-1111-111111111111\n"
#define GUID_B           "objectGUID: 22222222-2222-2222-2222-222222222222\n"
#define PERSON(dn, more) "dn: " dn "\nobjectClass: person\n" more "\n"

static struct store *open_store(const char *dir)
{
	struct store *s = NULL;
	struct error e = {0};
	int err = store_open(dir, MAP_SIZE, &s, &e);
	if (err)
		fail_msg("%s", e.text);
	return s;
}

/* Warnings, one after the other. */
struct told {
	char text[1000];
};

static void tell(void *context, const char *text)
{
	struct told *told = context;
	strncat(told->text, text, sizeof told->text - strlen(told->text) - 1);
}

static int run(struct store *s, const char *ldif, bool replace, struct import_result *result,
               struct told *told, struct error *e)
{
	const struct import_options options = {
		.source = "f", .replace = replace, .organization = "Example"};
	struct import *i = NULL;
	int err = import_begin(s, &options, &i, e);
	if (err)
		return err;
	import_on_warning(i, tell, told);
	err = import_feed(i, slice_of_string(ldif), e);
	if (!err)
		return import_commit(i, result, e);
	import_abort(i);
	return err;
}

static struct import_result import(struct store *s, const char *ldif)
{
	struct import_result result = {0};
	struct told told = {0};
	struct error e = {0};
	if (run(s, ldif, false, &result, &told, &e))
		fail_msg("%s", e.text);
	return result;
}

static struct import_result replace(struct store *s, const char *ldif)
{
	struct import_result result = {0};
	struct told told = {0};
	struct error e = {0};
	if (run(s, ldif, true, &result, &told, &e))
		fail_msg("%s", e.text);
	return result;
}

static bool append(void *context, struct slice bytes)
{
	buffer_put(context, bytes.data, bytes.size);
	return true;
}

static const char *export(struct store *s)
{
	static struct buffer out;
	buffer_free(&out);
	buffer_init(&out, 64 << 20);
	assert_int_equal(store_export(s, append, &out, NULL), 0);
	buffer_put_u8(&out, 0);
	return (const char *)out.data;
}

static void assert_exports(struct store *s, const char *part)
{
	const char *text = export(s);
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void assert_exports_not(struct store *s, const char *part)
{
	assert_null(strstr(export(s), part));
}

static uint32_t mid_of(struct store *s, const char *dn)
{
	MDB_txn *txn = NULL;
	struct key key;
	assert_true(key_of_dn(slice_of_string(dn), 0, &key));
	assert_int_equal(store_begin_read(s, &txn, NULL), 0);
	struct keys *keys = keys_new(s, txn, TABLE_DNS);
	uint32_t mid = keys_get(keys, &key);
	keys_free(keys);
	mdb_txn_abort(txn);
	return mid;
}

/* The import fails, says so, and leaves the store as it was. */
static void assert_fault(struct store *s, const char *ldif, int code, const char *says)
{
	struct import_result result = {0};
	struct told told = {0};
	struct error e = {0};
	char *before = xstrdup(export(s));
	assert_int_equal(run(s, ldif, false, &result, &told, &e), code);
	if (!strstr(e.text, says))
		fail_msg("\"%s\" does not say \"%s\"", e.text, says);
	assert_string_equal(export(s), before);
	free(before);
}

static void assert_warning(struct store *s, const char *ldif, const char *says)
{
	struct import_result result = {0};
	struct told told = {0};
	struct error e = {0};
	assert_int_equal(run(s, ldif, false, &result, &told, &e), 0);
	assert_int_equal(result.warnings, 1);
	assert_string_equal(told.text, says);
}

static void imported_entries_are_exported_whole(void **state)
{
	struct store *s = open_store(*state);
	struct import_result r =
		import(s, "dn: cn=a,dc=x\nobjectClass: top\nobjectClass: person\ncn: a\nmail: a@x\n"
	                  "thumbnailPhoto:: /9j/\nlegacyExchangeDN: /o=X/cn=a\n" GUID_A);
	assert_int_equal(r.records, 1);
	assert_int_equal(r.added, 1);
	assert_int_equal(mid_of(s, "cn=a,dc=x"), ENTRY_MID_FIRST);
	assert_string_equal(
		export(s),
		"version: 1\n\ndn: cn=a,dc=x\nobjectGUID:: EREREREREREREREREREREQ==\n"
		"legacyExchangeDN: /o=X/cn=a\nobjectClass: top\nobjectClass: person\ncn: a\n"
		"mail: a@x\nthumbnailPhoto:: /9j/\n");
	store_close(s);
}

static void second_import_changes_nothing(void **state)
{
	static const char ldif[] =
		PERSON("cn=a,dc=x", "cn: a\n" GUID_A) PERSON("cn=b,dc=x", "cn: b\n");
	struct store *s = open_store(*state);
	import(s, ldif);
	uint32_t a = mid_of(s, "cn=a,dc=x"), b = mid_of(s, "cn=b,dc=x");
	char *before = xstrdup(export(s));
	struct import_result r = import(s, ldif);
	assert_int_equal(r.unchanged, 2);
	assert_int_equal(r.added + r.changed + r.removed, 0);
	assert_string_equal(export(s), before);
	assert_int_equal(mid_of(s, "cn=a,dc=x"), a);
	assert_int_equal(mid_of(s, "cn=b,dc=x"), b);
	free(before);
	store_close(s);
}

static void order_of_attributes_in_the_file_does_not_matter(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", "cn: a\nsn: b\nmail: c\n"));
	assert_int_equal(import(s, PERSON("cn=a", "mail: c\nSN: b\nCN: a\n")).unchanged, 1);
	store_close(s);
}

static void changed_entry_keeps_its_mid(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", "sn: old\n") PERSON("cn=b", ""));
	uint32_t mid = mid_of(s, "cn=a");
	struct import_result r = import(s, PERSON("CN=A", "sn: new\n"));
	assert_int_equal(r.changed, 1);
	assert_int_equal(mid_of(s, "cn=a"), mid);
	assert_exports(s, "sn: new\n");
	assert_exports_not(s, "sn: old\n");
	assert_exports(s, "dn: cn=b\n");
	store_close(s);
}

static void entry_is_known_by_its_guid_under_another_name(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", GUID_A));
	uint32_t mid = mid_of(s, "cn=a");
	assert_int_equal(import(s, PERSON("cn=z", GUID_A)).changed, 1);
	assert_int_equal(mid_of(s, "cn=z"), mid);
	assert_int_equal(mid_of(s, "cn=a"), 0);
	store_close(s);
}

static void entries_that_swap_names_keep_their_mids(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", GUID_A) PERSON("cn=b", GUID_B));
	uint32_t a = mid_of(s, "cn=a"), b = mid_of(s, "cn=b");
	struct import_result r = import(s, PERSON("cn=b", GUID_A) PERSON("cn=a", GUID_B));
	assert_int_equal(r.changed, 2);
	assert_int_equal(r.removed, 0);
	assert_int_equal(mid_of(s, "cn=b"), a);
	assert_int_equal(mid_of(s, "cn=a"), b);
	store_close(s);
}

static void entry_of_another_guid_takes_over_a_name(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", GUID_A));
	uint32_t mid = mid_of(s, "cn=a");
	struct import_result r = import(s, PERSON("cn=a", GUID_B));
	assert_int_equal(r.added, 1);
	assert_int_equal(r.removed, 1);
	assert_int_equal(mid_of(s, "cn=a"), mid + 1);
	store_close(s);
}

static void entry_known_by_name_is_given_a_guid_and_keeps_it(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", ""));
	uint32_t mid = mid_of(s, "cn=a");
	assert_int_equal(import(s, PERSON("cn=a", GUID_A)).changed, 1);
	assert_int_equal(import(s, PERSON("cn=a", "")).unchanged, 1);
	assert_int_equal(mid_of(s, "cn=a"), mid);
	store_close(s);
}

static void mid_is_never_given_out_again(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", ""));
	uint32_t mid = mid_of(s, "cn=a");
	import(s, "dn: cn=a\nchangetype: delete\n");
	store_close(s);
	s = open_store(*state);
	import(s, PERSON("cn=a", ""));
	assert_true(mid_of(s, "cn=a") > mid);
	store_close(s);
}

static void replace_removes_what_the_file_lacks(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", "") PERSON("cn=b", ""));
	uint32_t b = mid_of(s, "cn=b");
	struct import_result r = replace(s, PERSON("cn=b", "") PERSON("cn=c", ""));
	assert_int_equal(r.added, 1);
	assert_int_equal(r.removed, 1);
	assert_int_equal(r.unchanged, 1);
	assert_int_equal(mid_of(s, "cn=a"), 0);
	assert_int_equal(mid_of(s, "cn=b"), b);
	store_close(s);
}

static void replace_refuses_an_empty_file_and_changes(void **state)
{
	struct store *s = open_store(*state);
	struct import_result r;
	struct told told = {0};
	struct error e = {0};
	import(s, PERSON("cn=a", ""));
	assert_int_equal(run(s, "version: 1\n", true, &r, &told, &e), ERR_INVALID);
	assert_int_equal(run(s, "dn: cn=b\nchangetype: delete\n\n", true, &r, &told, &e),
	                 ERR_INVALID);
	assert_int_equal(run(s, "dn: cn=a\nisDeleted: TRUE\n", true, &r, &told, &e), ERR_INVALID);
	assert_exports(s, "dn: cn=a\n");
	store_close(s);
}

static void faulty_record_stops_the_import_and_changes_nothing(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", "sn: b\n" GUID_A));
	assert_fault(s, PERSON("cn=new", "") "dn: cn=a\nno colon\n\n", ERR_INVALID,
	             "f:5: no colon");
	assert_fault(s, PERSON("cn=new", "") PERSON("nonsense", ""), ERR_INVALID,
	             "f:4: the DN is malformed");
	assert_fault(s, PERSON("cn=new", "objectGUID: x\n"), ERR_INVALID,
	             "f:3: objectGUID is no GUID");
	assert_fault(s, PERSON("cn=n", "") PERSON("CN=N", ""), ERR_EXISTS,
	             "f:4: the file has this entry a second");
	assert_fault(s, PERSON("cn=n", GUID_A) PERSON("cn=n", GUID_B), ERR_EXISTS,
	             "f:5: the file has this entry");
	assert_fault(s, "dn: cn=n\nchangetype: modify\nadd: sn\nsn: x\n", ERR_NOT_FOUND,
	             "f:1: there is no such entry");
	assert_fault(s, "dn: cn=n\nchangetype: modrdn\nnewrdn: cn=m\ndeleteoldrdn: 1\n",
	             ERR_NOT_FOUND, "f:1:");
	assert_fault(s, "dn: cn=a\nchangetype: modify\nreplace: objectGUID\n", ERR_INVALID,
	             "f:3: objectGUID cannot");
	store_close(s);
}

static void aborted_import_changes_nothing(void **state)
{
	const struct import_options options = {.source = "f", .organization = "Example"};
	struct store *s = open_store(*state);
	struct import *i = NULL;
	assert_int_equal(import_begin(s, &options, &i, NULL), 0);
	assert_int_equal(import_feed(i, slice_of_string(PERSON("cn=a", "")), NULL), 0);
	import_abort(i);
	assert_exports_not(s, "dn:");
	store_close(s);
}

static void other_writes_are_refused_while_an_import_runs(void **state)
{
	const struct import_options options = {.source = "f", .organization = "Example"};
	struct store *s = open_store(*state);
	struct import *i = NULL, *second = NULL;
	struct error e = {0};
	assert_int_equal(import_begin(s, &options, &i, NULL), 0);
	assert_int_equal(store_group_add(s, "g", &e), ERR_BUSY);
	assert_int_equal(import_begin(s, &options, &second, &e), ERR_BUSY);
	assert_non_null(strstr(e.text, "an import is under way"));
	import_abort(i);
	assert_int_equal(store_group_add(s, "g", NULL), 0);
	store_close(s);
}

static void modifications_are_applied_and_may_be_so_already(void **state)
{
	static const char change[] =
		"dn: cn=a\nchangetype: modify\nadd: mail\nmail: C@x\nmail: d@x\n-\n"
		"delete: sn\n-\ndelete: title\ntitle: BOSS\n-\nreplace: cn\ncn: new\n-\n\n";
	struct store *s = open_store(*state);
	import(s,
	       PERSON("cn=a", "mail: b@x\nmail: c@x\nsn: s\ntitle: boss\ntitle: clerk\ncn: old\n"));
	assert_int_equal(import(s, change).changed, 1);
	assert_exports(s, "mail: b@x\nmail: c@x\nmail: d@x\ntitle: clerk\ncn: new\n");
	assert_exports_not(s, "sn:");
	assert_int_equal(import(s, change).unchanged, 1);
	store_close(s);
}

static void members_compare_as_names_do(void **state)
{
	struct store *s = open_store(*state);
	import(s, "dn: cn=g\nobjectClass: group\nmember: CN=Ann,DC=x\nmember: cn=bob,dc=x\n");
	import(s, "dn: cn=g\nchangetype: modify\ndelete: member\nmember: cn=ann, dc=X\n-\n"
	          "add: member\nmember: CN=BOB,dc=x\n-\n");
	assert_exports_not(s, "Ann");
	assert_exports_not(s, "BOB");
	assert_exports(s, "member: cn=bob,dc=x\n");
	store_close(s);
}

static void deleted_entry_is_gone_and_may_be_deleted_again(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", "") PERSON("cn=b", ""));
	assert_int_equal(import(s, "dn: cn=a\nchangetype: delete\n").removed, 1);
	assert_int_equal(import(s, "dn: cn=a\nchangetype: delete\n").unchanged, 1);
	assert_exports_not(s, "dn: cn=a\n");
	store_close(s);
}

static void renamed_entry_keeps_its_mid_and_links_follow_it(void **state)
{
	static const char change[] =
		"dn: cn=a,dc=x\nchangetype: modrdn\nnewrdn: cn=z\ndeleteoldrdn: 1\n\n";
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a,dc=x", "cn: a\n") "dn: cn=g,dc=x\nobjectClass: group\nmember: "
	                                         "CN=A,dc=x\nmember: cn=q\n");
	uint32_t mid = mid_of(s, "cn=a,dc=x");
	import(s, change);
	assert_int_equal(mid_of(s, "cn=z,dc=x"), mid);
	assert_int_equal(mid_of(s, "cn=a,dc=x"), 0);
	assert_exports(s, "cn: z\n");
	assert_exports_not(s, "cn: a\n");
	assert_exports(s, "member: cn=z,dc=x\nmember: cn=q\n");
	assert_int_equal(import(s, change).unchanged, 1);
	store_close(s);
}

static void what_is_below_a_moved_entry_moves_with_it(void **state)
{
	struct store *s = open_store(*state);
	import(s, "dn: ou=o,dc=x\nobjectClass: organizationalUnit\n\n" PERSON("cn=a,ou=o,dc=x", "")
	                  PERSON("cn=b,dc=x", "manager: cn=a,ou=o,dc=x\n"));
	uint32_t mid = mid_of(s, "cn=a,ou=o,dc=x");
	import(s, "dn: ou=o,dc=x\nchangetype: moddn\nnewrdn: ou=p\ndeleteoldrdn: 0\nnewsuperior: "
	          "dc=y\n\n"
	          "dn: cn=a,ou=p,dc=y\nchangetype: modify\nreplace: sn\nsn: new\n-\n");
	assert_int_equal(mid_of(s, "cn=a,ou=p,dc=y"), mid);
	assert_exports(s, "manager: cn=a,ou=p,dc=y\n");
	assert_exports(s, "sn: new\n");
	store_close(s);
}

static void names_follow_through_several_renames_of_one_file(void **state)
{
	struct store *s = open_store(*state);
	import(s, "dn: ou=o,dc=x\nobjectClass: organizationalUnit\n\n" PERSON("cn=a,ou=o,dc=x", "")
	                  PERSON("cn=b,dc=x", "manager: cn=a,ou=o,dc=x\n"));
	uint32_t mid = mid_of(s, "cn=a,ou=o,dc=x");
	import(s, "dn: cn=a,ou=o,dc=x\nchangetype: modrdn\nnewrdn: cn=c\ndeleteoldrdn: 1\n\n"
	          "dn: cn=c,ou=o,dc=x\nchangetype: modrdn\nnewrdn: cn=d\ndeleteoldrdn: 1\n\n"
	          "dn: ou=o,dc=x\nchangetype: modrdn\nnewrdn: ou=p\ndeleteoldrdn: 1\n\n");
	assert_int_equal(mid_of(s, "cn=d,ou=p,dc=x"), mid);
	assert_exports(s, "dn: ou=p,dc=x\n");
	assert_exports(s, "manager: cn=d,ou=p,dc=x\n");
	store_close(s);
}

static void name_that_is_taken_is_no_new_name(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", "") PERSON("cn=b", ""));
	assert_fault(s, "dn: cn=a\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 1\n", ERR_EXISTS,
	             "f:1:");
	assert_fault(s, "dn: cn=a\nchangetype: modrdn\nnewrdn: cn=c,dc=x\ndeleteoldrdn: 1\n",
	             ERR_INVALID, "f:1: newrdn is no single RDN");
	store_close(s);
}

static void legacy_dn_is_made_up_once_and_kept(void **state)
{
	static const char made[] =
		"legacyExchangeDN: /o=Example/ou=Address Book/cn=Recipients/cn=11111111-1111-\n"
		" 1111-1111-111111111111\n";
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", GUID_A));
	assert_exports(s, made);
	assert_int_equal(import(s, PERSON("cn=a", "sn: x\n" GUID_A)).changed, 1);
	assert_exports(s, made);
	import(s, PERSON("cn=a", "legacyExchangeDN: /o=Own\n" GUID_A));
	import(s, PERSON("cn=a", GUID_A));
	assert_exports(s, "legacyExchangeDN: /o=Own\n");
	store_close(s);
}

static void legacy_dn_of_another_entry_is_not_taken(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", "legacyExchangeDN: /o=X/cn=a\n"));
	assert_warning(s, PERSON("cn=b", "legacyExchangeDN: /O=x/CN=A\n"),
	               "f:1: another entry has the same legacyExchangeDN; one is made up");
	store_close(s);
}

static void secrets_are_never_stored(void **state)
{
	struct store *s = open_store(*state);
	assert_warning(
		s, PERSON("cn=a", "userPassword: geheim\nUSERPASSWORD: geheim\n"),
		"f:3: userPassword is a secret or looks like one, and is left out everywhere");
	assert_warning(
		s, PERSON("cn=b", "acmeSecretCode: geheim\n"),
		"f:3: acmeSecretCode is a secret or looks like one, and is left out everywhere");
	assert_warning(s, PERSON("cn=c", "nTSecurityDescriptor:: Z2VoZWlt\n"),
	               "f:3: nTSecurityDescriptor is a secret or looks like one, and is left out "
	               "everywhere");
	assert_exports_not(s, "geheim");
	assert_exports_not(s, "Z2VoZWlt");
	store_close(s);
}

static void what_changes_by_itself_is_not_stored(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", "uSNChanged: 1\nentryCSN: 2\nmemberOf: cn=g\n"));
	assert_int_equal(import(s, PERSON("cn=a", "uSNChanged: 3\nentryCSN: 4\n")).unchanged, 1);
	assert_exports_not(s, "memberOf");
	store_close(s);
}

static void values_in_a_language_are_attributes_of_their_own(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", "cn: a\ncn;lang-ja: b\ncn;BINARY: c\n"));
	assert_exports(s, "cn: a\ncn: c\ncn;lang-ja: b\n");
	store_close(s);
}

static void incomplete_range_is_told_once(void **state)
{
	struct store *s = open_store(*state);
	assert_warning(
		s, "dn: cn=g\nobjectClass: group\nmember;range=0-1: cn=a\nmember;range=0-1: cn=b\n",
		"f:3: member has only the values that the server sent first");
	assert_exports(s, "member: cn=a\nmember: cn=b\n");
	assert_int_equal(
		import(s, "dn: cn=h\nobjectClass: group\nmember;range=0-*: cn=a\n").warnings, 0);
	store_close(s);
}

static void value_that_is_not_utf8_is_left_out(void **state)
{
	struct store *s = open_store(*state);
	assert_warning(s, PERSON("cn=a", "sn:: /w==\n"),
	               "f:3: a value of sn is no UTF-8 text and is left out");
	assert_exports_not(s, "sn:");
	store_close(s);
}

static void root_of_the_server_and_tombstones_are_passed_over(void **state)
{
	struct store *s = open_store(*state);
	struct import_result r = import(s, "dn:\nobjectClass: top\n\n" PERSON(
						   "cn=a", "isDeleted: TRUE\n") PERSON("cn=b", ""));
	assert_int_equal(r.skipped, 2);
	assert_int_equal(r.added, 1);
	store_close(s);
}

static void export_imported_elsewhere_gives_the_same_export(void **state)
{
	struct store *s = open_store(*state);
	import(s, PERSON("cn=Ann\\, \\C3\\A9,dc=x",
	                 "description: a long description that has to be folded because it "
	                 "is much longer than one line of it may be\n"
	                 "sn: \xc3\xa9\ntitle::IA==\nentryUUID: 12345678-9abc-def0-1234-"
	                 "56789abcdef0\njpegPhoto:: AAECAwQF\n")
	                  PERSON("cn=b", "note: :x\nnote:: PHg=\n"));
	char *first = xstrdup(export(s));
	char *other_dir = xasprintf("%s/other", (char *)*state);
	struct store *other = open_store(other_dir);
	import(other, first);
	assert_string_equal(export(other), first);
	store_close(other);
	free(other_dir);
	free(first);
	store_close(s);
}

static char *many_people(int count, int version)
{
	struct buffer out;
	buffer_init(&out, 64 << 20);
	for (int i = 0; i < count; i++)
		buffer_printf(&out,
		              "dn: cn=%d,dc=x\nobjectClass: person\ncn: %d\nsn: version %d\n\n", i,
		              i, version);
	buffer_put_u8(&out, 0);
	return (char *)out.data;
}

static void killed_import_leaves_the_old_book(void **state)
{
	char *old = many_people(500, 1), *new = many_people(5000, 2);
	struct store *s = open_store(*state);
	import(s, old);
	char *before = xstrdup(export(s));
	store_close(s);
	for (size_t part = 1; part <= 4; part++) {
		pid_t child = fork();
		if (child == 0) {
			const struct import_options options = {.source = "f",
			                                       .organization = "Example"};
			struct import *i = NULL;
			s = open_store(*state);
			import_begin(s, &options, &i, NULL);
			import_feed(i, slice_of(new, strlen(new) / 4 * part), NULL);
			kill(getpid(), SIGKILL);
		}
		waitpid(child, NULL, 0);
		s = open_store(*state);
		assert_string_equal(export(s), before);
		store_close(s);
	}
	free(before);
	free(old);
	free(new);
}

static void store_at_its_map_size_says_so_and_keeps_the_old_book(void **state)
{
	struct store *s = NULL;
	struct import_result result;
	struct told told = {0};
	struct error e = {0};
	assert_int_equal(store_open(*state, 1 << 20, &s, NULL), 0);
	import(s, PERSON("cn=a", ""));
	char *people = many_people(20000, 1), *before = xstrdup(export(s));
	assert_int_equal(run(s, people, false, &result, &told, &e), ERR_FULL);
	assert_non_null(strstr(e.text, "map_size of 1 MiB; nothing was changed"));
	assert_string_equal(export(s), before);
	assert_int_equal(import(s, PERSON("cn=b", "")).added, 1);
	free(before);
	free(people);
	store_close(s);
}

/* In a child, whose files may not grow: what a write meets on a full disk. */
static int import_without_space(const char *dir, const char *people)
{
	const struct rlimit none = {256 * 1024, 256 * 1024};
	struct store *s = open_store(dir);
	struct import_result result;
	struct told told = {0};
	struct error e = {0};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	int err = run(s, people, false, &result, &told, &e);
	bool right = err == ERR_FULL && strstr(e.text, "no space left on the disk") &&
	             import(s, PERSON("cn=b", "")).added == 1;
	store_close(s);
	return right ? 0 : 1;
}

static void full_disk_is_told_and_changes_nothing(void **state)
{
	char *people = many_people(20000, 1);
	int status = -1;
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a", ""));
	store_close(s);
	pid_t child = fork();
	if (child == 0)
		_exit(import_without_space(*state, people));
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	s = open_store(*state);
	assert_exports(s, "dn: cn=a\n");
	assert_exports(s, "dn: cn=b\n");
	assert_exports_not(s, "dn: cn=1,");
	free(people);
	store_close(s);
}

static void entries_beyond_a_few_are_all_found_again(void **state)
{
	char *first = many_people(5000, 1), *second = many_people(5000, 2);
	struct store *s = open_store(*state);
	assert_int_equal(import(s, first).added, 5000);
	uint32_t mid = mid_of(s, "cn=4711,dc=x");
	assert_int_equal(import(s, first).unchanged, 5000);
	assert_int_equal(import(s, second).changed, 5000);
	assert_int_equal(mid_of(s, "cn=4711,dc=x"), mid);
	free(first);
	free(second);
	store_close(s);
}

static uint32_t published_mid(struct directory *d, const char *dn)
{
	const struct viewer viewer = {.account = ""};
	const struct snapshot *snapshot = directory_acquire(d);
	const struct view view = {.snapshot = snapshot, .viewer = &viewer};
	const struct object *o = view_object_by_ldap_dn(&view, slice_of_string(dn));
	uint32_t mid = o ? object_mid(o) : 0;
	snapshot_unref(snapshot);
	return mid;
}

static void what_is_in_the_store_is_published_at_the_start(void **state)
{
	const struct directory_config config = {0};
	struct directory *d = directory_new(&config);
	struct store *s = open_store(*state);
	import(s, PERSON("cn=a,dc=x", "") "dn: ou=o\nobjectClass: organizationalUnit\n\n");
	assert_int_equal(store_attach_directory(s, d, NULL), 0);
	assert_int_equal(published_mid(d, "cn=a,dc=x"), mid_of(s, "cn=a,dc=x"));
	assert_int_equal(published_mid(d, "ou=o"), 0);
	directory_free(d);
	store_close(s);
}

static void committed_changes_are_published(void **state)
{
	const struct directory_config config = {0};
	struct directory *d = directory_new(&config);
	struct store *s = open_store(*state);
	assert_int_equal(store_attach_directory(s, d, NULL), 0);
	import(s, PERSON("cn=a", "") PERSON("cn=b", ""));
	assert_int_equal(published_mid(d, "cn=a"), mid_of(s, "cn=a"));
	import(s, "dn: cn=a\nchangetype: delete\n\ndn: cn=b\nchangetype: modrdn\nnewrdn: cn=c\n"
	          "deleteoldrdn: 1\n\n" PERSON("cn=d", "") "dn: cn=d\nchangetype: delete\n");
	assert_int_equal(published_mid(d, "cn=a"), 0);
	assert_int_equal(published_mid(d, "cn=b"), 0);
	assert_int_equal(published_mid(d, "cn=c"), mid_of(s, "cn=c"));
	assert_int_equal(published_mid(d, "cn=d"), 0);
	directory_free(d);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(imported_entries_are_exported_whole),
		SCRATCH_TEST(second_import_changes_nothing),
		SCRATCH_TEST(order_of_attributes_in_the_file_does_not_matter),
		SCRATCH_TEST(changed_entry_keeps_its_mid),
		SCRATCH_TEST(entry_is_known_by_its_guid_under_another_name),
		SCRATCH_TEST(entries_that_swap_names_keep_their_mids),
		SCRATCH_TEST(entry_of_another_guid_takes_over_a_name),
		SCRATCH_TEST(entry_known_by_name_is_given_a_guid_and_keeps_it),
		SCRATCH_TEST(mid_is_never_given_out_again),
		SCRATCH_TEST(replace_removes_what_the_file_lacks),
		SCRATCH_TEST(replace_refuses_an_empty_file_and_changes),
		SCRATCH_TEST(faulty_record_stops_the_import_and_changes_nothing),
		SCRATCH_TEST(aborted_import_changes_nothing),
		SCRATCH_TEST(other_writes_are_refused_while_an_import_runs),
		SCRATCH_TEST(modifications_are_applied_and_may_be_so_already),
		SCRATCH_TEST(members_compare_as_names_do),
		SCRATCH_TEST(deleted_entry_is_gone_and_may_be_deleted_again),
		SCRATCH_TEST(renamed_entry_keeps_its_mid_and_links_follow_it),
		SCRATCH_TEST(what_is_below_a_moved_entry_moves_with_it),
		SCRATCH_TEST(names_follow_through_several_renames_of_one_file),
		SCRATCH_TEST(name_that_is_taken_is_no_new_name),
		SCRATCH_TEST(legacy_dn_is_made_up_once_and_kept),
		SCRATCH_TEST(legacy_dn_of_another_entry_is_not_taken),
		SCRATCH_TEST(secrets_are_never_stored),
		SCRATCH_TEST(what_changes_by_itself_is_not_stored),
		SCRATCH_TEST(values_in_a_language_are_attributes_of_their_own),
		SCRATCH_TEST(incomplete_range_is_told_once),
		SCRATCH_TEST(value_that_is_not_utf8_is_left_out),
		SCRATCH_TEST(root_of_the_server_and_tombstones_are_passed_over),
		SCRATCH_TEST(export_imported_elsewhere_gives_the_same_export),
		SCRATCH_TEST(killed_import_leaves_the_old_book),
		SCRATCH_TEST(store_at_its_map_size_says_so_and_keeps_the_old_book),
		SCRATCH_TEST(full_disk_is_told_and_changes_nothing),
		SCRATCH_TEST(entries_beyond_a_few_are_all_found_again),
		SCRATCH_TEST(what_is_in_the_store_is_published_at_the_start),
		SCRATCH_TEST(committed_changes_are_published),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
