#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mapi/attributes.h"
#include "mapi/tags.h"

#include "directory_site.h"

static const struct object *object(struct site *s, uint32_t mid)
{
	const struct object *o = view_object(&s->view, mid);
	assert_non_null(o);
	return o;
}

static void assert_text(struct site *s, uint32_t mid, mapi_tag tag, const char *expected)
{
	struct mapi_value value;
	assert_true(object_value(&s->view, object(s, mid), tag_id(tag), &s->arena, &value));
	assert_int_equal(value.tag, tag);
	if (!slice_equal(value.string, slice_of_string(expected)))
		fail_msg("0x%08x is \"%.*s\"", tag, (int)value.string.size, value.string.data);
}

static void assert_no_value(struct site *s, uint32_t mid, uint16_t id)
{
	struct mapi_value value;
	assert_false(object_value(&s->view, object(s, mid), id, &s->arena, &value));
}

static uint32_t table_size(struct site *s, uint32_t container)
{
	struct table t;
	assert_int_equal(table_open(&s->view, view_container(&s->view, container), 0, 0x409, &t),
	                 0);
	return table_count(&t);
}

static void values_have_the_native_type_of_their_property(void **state)
{
	struct site *s = *state;
	struct mapi_value v;
	site_add(s, book_entry(&s->arena, FIRST, "CN=Anna,DC=x", "objectClass", "top",
	                       "objectClass", "user", "displayName", "Anna Müller",
	                       "telephoneNumber", "+49 1", "telephoneNumber", "+49 2",
	                       "proxyAddresses", "SMTP:a@x.org", "proxyAddresses", "smtp:b@x.org",
	                       "whenCreated", "20260301120000.0Z", "mAPIRecipient", "TRUE",
	                       "msDS-HABSeniorityIndex", "-7", "userCertificate", "\x30\x01\xFF",
	                       "displayNamePrintable", "Anna Mueller", NULL));
	site_publish(s);
	const struct object *o = object(s, FIRST);
	assert_text(s, FIRST, PR_DISPLAY_NAME, "Anna Müller");
	assert_text(s, FIRST, PR_TRANSMITTABLE_DISPLAY_NAME, "Anna Müller");
	assert_text(s, FIRST, PR_BUSINESS_TELEPHONE_NUMBER, "+49 1");
	assert_text(s, FIRST, PR_PRIMARY_TELEPHONE_NUMBER, "+49 1");
	assert_text(s, FIRST, PR_DISPLAY_NAME_PRINTABLE, "Anna Mueller");
	assert_text(s, FIRST, PR_SMTP_ADDRESS, "a@x.org");
	assert_text(s, FIRST, PR_EMAIL_ADDRESS, "/o=Test/ou=Book/cn=Recipients/cn=00001000");
	assert_text(s, FIRST, PR_EMS_AB_OBJ_DIST_NAME, "/o=Test/ou=Book/cn=Recipients/cn=00001000");
	assert_true(object_value(&s->view, o, tag_id(PR_EMS_AB_PROXY_ADDRESSES), &s->arena, &v));
	assert_int_equal(v.tag, PR_EMS_AB_PROXY_ADDRESSES);
	assert_int_equal(v.slices.count, 2);
	assert_true(slice_equal(v.slices.items[1], slice_of_string("smtp:b@x.org")));
	assert_true(object_value(&s->view, o, 0x3007, &s->arena, &v));
	assert_true(v.filetime == UINT64_C(134168400000000000)); /* 2026-03-01T12:00:00Z */
	assert_true(object_value(&s->view, o, 0x3A40, &s->arena, &v));
	assert_int_equal(v.boolean, 1);
	assert_true(object_value(&s->view, o, 0x8CA0, &s->arena, &v));
	assert_int_equal(v.long_value, -7);
	assert_true(object_value(&s->view, o, tag_id(PR_EMS_AB_X509_CERT), &s->arena, &v));
	assert_int_equal(v.slices.count, 1);
	assert_true(object_value(&s->view, o, tag_id(PR_EMS_AB_OBJECT_GUID), &s->arena, &v));
	assert_int_equal(v.binary.size, 16);
	assert_no_value(s, FIRST, tag_id(PR_TITLE));
	assert_no_value(s, FIRST, ATTRIBUTE_OBJECT_CLASS);
	assert_no_value(s, FIRST, tag_id(PR_EMS_AB_MEMBER));
}

static void property_ids_are_those_with_a_value(void **state)
{
	struct site *s = *state;
	uint16_t ids[256];
	struct mapi_value v;
	site_add(s, book_entry(&s->arena, FIRST, "cn=boss", "objectClass", "user", "displayName",
	                       "Boss", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 1, "cn=anna", "objectClass", "user",
	                       "displayName", "Anna", "uid", "anna", "manager", "CN=Boss",
	                       "manager", "cn=nobody", NULL));
	site_publish(s);
	for (uint32_t mid = FIRST; mid < FIRST + 2; mid++) {
		size_t count = object_property_ids(&s->view, object(s, mid), ids, 256);
		bool manager = false, reports = false;
		for (size_t i = 0; i < count; i++) {
			assert_true(i == 0 || ids[i - 1] < ids[i]);
			assert_non_null(attribute_by_id(ids[i]));
			manager |= ids[i] == tag_id(PR_EMS_AB_MANAGER);
			reports |= ids[i] == tag_id(PR_EMS_AB_REPORTS);
			if (ids[i] != tag_id(PR_EMS_AB_MANAGER) &&
			    ids[i] != tag_id(PR_EMS_AB_REPORTS))
				assert_true(object_value(&s->view, object(s, mid), ids[i],
				                         &s->arena, &v));
		}
		assert_int_equal(manager, mid == FIRST + 1);
		assert_int_equal(reports, mid == FIRST);
		assert_int_equal(object_property_ids(&s->view, object(s, mid), ids, 2), 2);
	}
}

static void an_openldap_entry_fills_what_active_directory_names_otherwise(void **state)
{
	struct site *s = *state;
	site_add(s, book_entry(&s->arena, FIRST, "uid=anna,ou=people,dc=x", "objectClass",
	                       "inetOrgPerson", "cn", "Anna Müller", "sn", "Müller", "uid", "anna",
	                       "mail", "anna@x.org", "o", "Acme", "ou", "Sales", "mobile", "0170",
	                       "jpegPhoto", "JPEG", "roomNumber", "12", "labeledURI",
	                       "http://x.org/anna", NULL));
	site_publish(s);
	assert_text(s, FIRST, PR_DISPLAY_NAME, "Anna Müller");
	assert_text(s, FIRST, PR_ACCOUNT, "anna");
	assert_text(s, FIRST, PR_COMPANY_NAME, "Acme");
	assert_text(s, FIRST, PR_DEPARTMENT_NAME, "Sales");
	assert_text(s, FIRST, PR_OFFICE_LOCATION, "12");
	assert_text(s, FIRST, PR_EMS_AB_THUMBNAIL_PHOTO, "JPEG");
	assert_int_equal(object_display_type(object(s, FIRST)), DT_MAILUSER);
}

static void another_schemas_spelling_does_not_replace_the_attribute(void **state)
{
	struct site *s = *state;
	site_add(s, book_entry(&s->arena, FIRST, "cn=a", "objectClass", "user", "thumbnailPhoto",
	                       "small", "jpegPhoto", "large", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 1, "cn=b", "objectClass", "user", "jpegPhoto",
	                       "large", "thumbnailPhoto", "small", NULL));
	site_publish(s);
	assert_text(s, FIRST, PR_EMS_AB_THUMBNAIL_PHOTO, "small");
	assert_text(s, FIRST + 1, PR_EMS_AB_THUMBNAIL_PHOTO, "small");
}

static void nothing_is_without_a_display_name(void **state)
{
	struct site *s = *state;
	site_add(s, book_entry(&s->arena, FIRST, "uid=x,dc=y", "objectClass", "user", "mail",
	                       "m@x.org", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 1, "uid=Jos\\C3\\A9,dc=y", "objectClass", "user",
	                       NULL));
	site_publish(s);
	assert_text(s, FIRST, PR_DISPLAY_NAME, "m@x.org");
	assert_text(s, FIRST + 1, PR_DISPLAY_NAME, "José");
	assert_int_equal(table_size(s, 0), 2);
}

static void entries_are_classified_by_class_and_recipient_type(void **state)
{
	static const struct {
		const char *object_class, *type, *details;
		uint32_t container; /* 0: not in the book */
		enum display_type display_type;
	} cases[] = {
		{"user",			  NULL,          NULL,         0x10, DT_MAILUSER       },
		{"inetOrgPerson",                 NULL,          NULL,         0x10, DT_MAILUSER       },
		{"group",                         NULL,          NULL,         0x11, DT_DISTLIST       },
		{"groupOfNames",                  NULL,          NULL,         0x11, DT_DISTLIST       },
		{"groupOfUniqueNames",            NULL,          NULL,         0x11, DT_DISTLIST       },
		{"msExchDynamicDistributionList", NULL,          NULL,         0x11, DT_AGENT          },
		{"contact",                       "6",           NULL,         0x12, DT_REMOTE_MAILUSER},
		{"contact",                       NULL,          NULL,         0x12, DT_REMOTE_MAILUSER},
		{"publicFolder",                  NULL,          NULL,         0x14, DT_FORUM          },
		{"user",			  "7",           NULL,         0x13, DT_MAILUSER       },
		{"user",			  "8",           NULL,         0x13, DT_MAILUSER       },
		{"user",			  "1073741824",  NULL,         0x10, DT_MAILUSER       },
		{"group",                         "1073741833",  NULL,         0x11, DT_DISTLIST       },
		{"user",			  "-2147483642", NULL,         0x10, DT_REMOTE_MAILUSER},
		{"user",			  "-2147481850", NULL,         0x13, DT_REMOTE_MAILUSER},
		{"user",			  NULL,          "16",         0x13, DT_MAILUSER       },
		{"user",			  NULL,          "8589934592", 0x13, DT_MAILUSER       },
		{"room",			  NULL,          NULL,         0x13, DT_MAILUSER       },
		{"organizationalUnit",            NULL,          NULL,         0,    0                 },
		{"domainDNS",                     NULL,          NULL,         0,    0                 },
	};
	const size_t count = sizeof cases / sizeof cases[0];
	struct site *s = *state;
	for (size_t i = 0; i < count; i++)
		site_add(s, book_entry(&s->arena, FIRST + (uint32_t)i,
		                       arena_printf(&s->arena, "cn=%zu", i), "objectClass", "top",
		                       "objectClass", cases[i].object_class, "displayName", "X",
		                       cases[i].type ? "msExchRecipientDisplayType" : NULL,
		                       cases[i].type, NULL));
	for (size_t i = 0; i < count; i++)
		if (cases[i].details)
			s->entries[i] =
				book_entry(&s->arena, FIRST + (uint32_t)i,
			                   arena_printf(&s->arena, "cn=%zu", i), "objectClass",
			                   cases[i].object_class, "msExchRecipientTypeDetails",
			                   cases[i].details, NULL);
	site_publish(s);
	for (size_t i = 0; i < count; i++) {
		const struct object *o = view_object(&s->view, FIRST + (uint32_t)i);
		if (cases[i].container == 0) {
			assert_null(o);
			continue;
		}
		assert_non_null(o);
		assert_int_equal(object_display_type(o), cases[i].display_type);
		for (uint32_t id = 0x10; id <= 0x14; id++)
			assert_int_equal(container_has(&s->view, view_container(&s->view, id),
			                               object_mid(o)),
			                 id == cases[i].container);
		assert_true(container_has(&s->view, view_container(&s->view, 0), object_mid(o)));
	}
}

static void computers_and_system_accounts_are_not_in_the_book(void **state)
{
	struct site *s = *state;
	site_add(s, book_entry(&s->arena, FIRST, "cn=pc", "objectClass", "user", "objectClass",
	                       "computer", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 1, "cn=krbtgt", "objectClass", "user",
	                       "isCriticalSystemObject", "TRUE", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 2, "cn=Administrator", "objectClass", "user",
	                       "isCriticalSystemObject", "TRUE", "mail", "admin@x.org", NULL));
	site_publish(s);
	assert_null(view_object(&s->view, FIRST));
	assert_null(view_object(&s->view, FIRST + 1));
	assert_non_null(view_object(&s->view, FIRST + 2));
	assert_int_equal(snapshot_count(s->snapshot), 1);
}

static void an_entry_that_stops_being_a_recipient_leaves_the_book(void **state)
{
	struct site *s = *state;
	site_add(s, book_entry(&s->arena, FIRST, "cn=a", "objectClass", "user", NULL));
	site_publish(s);
	struct directory_builder *b = builder_new(s->directory, s->snapshot);
	struct error e;
	assert_int_equal(
		builder_put(b, book_entry(&s->arena, FIRST, "cn=a", "objectClass", "device", NULL),
	                    &e),
		0);
	directory_publish(s->directory, builder_finish(b));
	struct directory_reader reader;
	directory_reader_init(&reader, s->directory);
	assert_int_equal(snapshot_count(reader.snapshot), 0);
	directory_reader_done(&reader);
}

static void hidden_entries_are_in_no_list_but_have_a_dn(void **state)
{
	struct site *s = *state;
	const uint32_t *mids;
	size_t count;
	site_add(s, book_entry(&s->arena, FIRST, "cn=h", "objectClass", "user", "displayName", "H",
	                       "msExchHideFromAddressLists", "TRUE", "manager", "cn=v", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 1, "cn=v", "objectClass", "user", "displayName",
	                       "V", "manager", "cn=h", NULL));
	site_publish(s);
	for (uint32_t id = 0; id <= 0x14; id++) {
		const struct container *c = view_container(&s->view, id);
		if (c)
			assert_false(container_has(&s->view, c, FIRST));
	}
	assert_int_equal(table_size(s, 0), 1);
	assert_int_equal(table_size(s, 0x10), 1);
	assert_int_equal(view_links(&s->view, object(s, FIRST + 1), tag_id(PR_EMS_AB_MANAGER), 10,
	                            &s->arena, &mids, &count),
	                 0);
	assert_int_equal(count, 0);
	assert_int_equal(view_links(&s->view, object(s, FIRST + 1), tag_id(PR_EMS_AB_REPORTS), 10,
	                            &s->arena, &mids, &count),
	                 0);
	assert_int_equal(count, 0);
	const struct object *hidden = object(s, FIRST);
	assert_true(object_hidden(hidden));
	assert_ptr_equal(view_object_by_dn(&s->view, object_dn(&s->view, hidden)), hidden);
	assert_ptr_equal(view_object_by_ldap_dn(&s->view, slice_of_string("CN=H")), hidden);
}

static void objects_are_found_by_every_form_of_name(void **state)
{
	struct site *s = *state;
	site_add(s,
	         book_entry(&s->arena, FIRST, "CN=Müller\\, Anna,OU=x,DC=y", "objectClass", "user",
	                    "displayName", "A", "proxyAddresses", "x500:/o=Old/cn=Anna", NULL));
	site_publish(s);
	const struct object *o = object(s, FIRST);
	assert_ptr_equal(
		view_object_by_dn(&s->view,
	                          slice_of_string("/O=TEST/ou=book/cn=recipients/cn=00001000")),
		o);
	assert_ptr_equal(view_object_by_dn(&s->view, slice_of_string("/o=old/CN=ANNA")), o);
	assert_ptr_equal(
		view_object_by_dn(&s->view,
	                          slice_of_string("/guid=00100000000000000000000000000000")),
		o);
	assert_ptr_equal(
		view_object_by_ldap_dn(&s->view, slice_of_string("cn=\"müller, anna\", ou=X,dc=Y")),
		o);
	assert_ptr_equal(
		view_object_by_dn(&s->view,
	                          slice_of_string("/guid=00001000000000000000000000000000")),
		o);
	assert_null(view_object_by_dn(&s->view, slice_of_string("/o=Test")));
	assert_null(view_object_by_dn(&s->view, slice_of_string("")));
	assert_null(view_object_by_dn(&s->view, slice_of_string("/guid=0010")));
	assert_null(view_object_by_dn(&s->view,
	                              slice_of_string("/guid=0010000000000000000000000000000g")));
	assert_null(view_object_by_ldap_dn(&s->view, slice_of_string("not a dn")));
	assert_null(view_object_by_ldap_dn(&s->view, slice_of_string("")));
}

static void two_entries_with_one_legacy_dn_leave_the_first(void **state)
{
	struct site *s = *state;
	struct directory_builder *b = builder_new(s->directory, NULL);
	struct entry *second = book_entry(&s->arena, FIRST + 1, "cn=b", "objectClass", "user",
	                                  "displayName", "B", NULL);
	struct entry *first = book_entry(&s->arena, FIRST, "cn=a", "objectClass", "user",
	                                 "displayName", "A", NULL);
	struct error e;
	second->legacy_dn = first->legacy_dn;
	assert_int_equal(builder_put(b, second, &e), 0);
	assert_string_equal(e.text, "");
	assert_int_equal(builder_put(b, first, &e), 0);
	assert_non_null(strstr(e.text, "legacyExchangeDN"));
	directory_publish(s->directory, builder_finish(b));
	s->snapshot = directory_acquire(s->directory);
	s->view.snapshot = s->snapshot;
	assert_int_equal(table_size(s, 0), 2);
	assert_int_equal(object_mid(view_object_by_dn(&s->view, first->legacy_dn)), FIRST);
	b = builder_new(s->directory, s->snapshot);
	assert_int_equal(builder_put(b, second, &e), 0);
	assert_non_null(strstr(e.text, "legacyExchangeDN"));
	builder_free(b);
}

static void bad_values_are_left_out_with_a_warning(void **state)
{
	static const char *const bad[][2] = {
		{"title",                  "\xFF\xFE"       },
		{"whenCreated",            "yesterday"      },
		{"whenCreated",            "20261301000000Z"},
		{"mAPIRecipient",          "maybe"          },
		{"msDS-HABSeniorityIndex", "12345678901"    },
		{"msDS-HABSeniorityIndex", "12x"            },
		{"displayNamePrintable",   "Müller"        },
		{"manager",                "not a dn"       },
	};
	struct site *s = *state;
	struct error e;
	struct directory_builder *b = builder_new(s->directory, NULL);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct entry *entry = book_entry(&s->arena, FIRST + (uint32_t)i, "cn=a",
		                                 "objectClass", "user", bad[i][0], bad[i][1], NULL);
		assert_int_equal(builder_put(b, entry, &e), 0);
		assert_non_null(strstr(e.text, bad[i][0]));
	}
	directory_publish(s->directory, builder_finish(b));
	s->snapshot = directory_acquire(s->directory);
	s->view.snapshot = s->snapshot;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_no_value(s, FIRST + (uint32_t)i,
		                tag_id(attribute_by_name(slice_of_string(bad[i][0]))->tag));
}

static void reserved_mids_and_empty_dns_are_refused(void **state)
{
	struct site *s = *state;
	struct directory_builder *b = builder_new(s->directory, NULL);
	struct entry *entry =
		book_entry(&s->arena, ENTRY_MID_FIRST - 1, "cn=a", "objectClass", "user", NULL);
	struct error e;
	assert_int_equal(builder_put(b, entry, &e), ERR_INVALID);
	entry->mid = FIRST;
	entry->legacy_dn = slice_of("", 0);
	assert_int_equal(builder_put(b, entry, &e), ERR_INVALID);
	builder_remove(b, 0x123456);
	builder_free(b);
}

static void mids_above_the_signed_range_work(void **state)
{
	struct site *s = *state;
	struct table t;
	uint32_t position;
	site_add(s, book_entry(&s->arena, 0x80000000, "cn=a", "objectClass", "user", "displayName",
	                       "A", NULL));
	site_add(s, book_entry(&s->arena, UINT32_MAX, "cn=b", "objectClass", "user", "displayName",
	                       "B", NULL));
	site_publish(s);
	assert_int_equal(table_open(&s->view, view_container(&s->view, 0), 0, 0x409, &t), 0);
	assert_int_equal(table_mid_at(&t, 0), 0x80000000);
	assert_int_equal(table_mid_at(&t, 1), UINT32_MAX);
	assert_true(table_position(&t, UINT32_MAX, &position));
	assert_int_equal(position, 1);
}

static void assert_links(struct site *s, uint32_t mid, mapi_tag tag, const uint32_t *expected,
                         size_t expected_count)
{
	const uint32_t *mids;
	size_t count;
	assert_int_equal(
		view_links(&s->view, object(s, mid), tag_id(tag), 100, &s->arena, &mids, &count),
		0);
	assert_int_equal(count, expected_count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(mids[i], expected[i]);
}

static void add_group(struct site *s)
{
	site_add(s, book_entry(&s->arena, FIRST, "cn=group,dc=x", "objectClass", "groupOfNames",
	                       "cn", "Group", "member", "cn=zoe,dc=x", "member", "CN=Anna, DC=X",
	                       "member", "cn=gone,dc=x", "member", "cn=anna,dc=x", "owner",
	                       "cn=zoe,dc=x", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 1, "cn=zoe,dc=x", "objectClass", "user",
	                       "displayName", "Zoe", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 2, "cn=anna,dc=x", "objectClass", "user",
	                       "displayName", "Anna", "manager", "cn=zoe,dc=x", NULL));
}

static void links_and_back_links_lead_to_visible_entries_by_name(void **state)
{
	struct site *s = *state;
	add_group(s);
	site_publish(s);
	assert_links(s, FIRST, PR_EMS_AB_MEMBER, (uint32_t[]){FIRST + 2, FIRST + 1}, 2);
	assert_links(s, FIRST, PR_EMS_AB_OWNER, (uint32_t[]){FIRST + 1}, 1);
	assert_links(s, FIRST + 1, PR_EMS_AB_IS_MEMBER_OF_DL, (uint32_t[]){FIRST}, 1);
	assert_links(s, FIRST + 1, PR_EMS_AB_REPORTS, (uint32_t[]){FIRST + 2}, 1);
	assert_links(s, FIRST + 1, 0x8024000D, (uint32_t[]){FIRST}, 1);
	assert_links(s, FIRST + 2, PR_EMS_AB_REPORTS, NULL, 0);
}

static void links_revive_when_their_target_comes(void **state)
{
	struct site *s = *state;
	struct error e;
	add_group(s);
	site_publish(s);
	struct directory_builder *b = builder_new(s->directory, s->snapshot);
	assert_int_equal(builder_put(b,
	                             book_entry(&s->arena, FIRST + 3, "cn=gone,dc=x", "objectClass",
	                                        "user", "displayName", "Gone", NULL),
	                             &e),
	                 0);
	builder_remove(b, FIRST + 1);
	directory_publish(s->directory, builder_finish(b));
	snapshot_unref(s->snapshot);
	s->snapshot = s->view.snapshot = directory_acquire(s->directory);
	assert_links(s, FIRST, PR_EMS_AB_MEMBER, (uint32_t[]){FIRST + 2, FIRST + 3}, 2);
	assert_links(s, FIRST + 3, PR_EMS_AB_IS_MEMBER_OF_DL, (uint32_t[]){FIRST}, 1);
}

static void more_links_than_allowed_are_none_at_all(void **state)
{
	struct site *s = *state;
	const uint32_t *mids;
	size_t count;
	add_group(s);
	site_publish(s);
	assert_int_equal(view_links(&s->view, object(s, FIRST), tag_id(PR_EMS_AB_MEMBER), 1,
	                            &s->arena, &mids, &count),
	                 ERR_LIMIT);
	assert_int_equal(view_links(&s->view, object(s, FIRST), tag_id(PR_DISPLAY_NAME), 1,
	                            &s->arena, &mids, &count),
	                 ERR_UNSUPPORTED);
}

static void concealed_members_are_seen_from_neither_side(void **state)
{
	struct site *s = *state;
	site_add(s, book_entry(&s->arena, FIRST, "cn=g", "objectClass", "group", "displayName", "G",
	                       "member", "cn=a", "hideDLMembership", "TRUE", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 1, "cn=a", "objectClass", "user", "displayName",
	                       "A", NULL));
	site_publish(s);
	assert_links(s, FIRST, PR_EMS_AB_MEMBER, NULL, 0);
	assert_links(s, FIRST + 1, PR_EMS_AB_IS_MEMBER_OF_DL, NULL, 0);
}

static void an_account_belongs_to_the_one_entry_that_names_it(void **state)
{
	struct site *s = *state;
	site_add(s, book_entry(&s->arena, FIRST, "cn=a", "objectClass", "user", "sAMAccountName",
	                       "Anna", "userPrincipalName", "anna@corp.example", "mail",
	                       "anna.m@example.com", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 1, "cn=b", "objectClass", "inetOrgPerson", "uid",
	                       "müller", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 2, "cn=c", "objectClass", "user",
	                       "sAMAccountName", "twin", NULL));
	site_add(s, book_entry(&s->arena, FIRST + 3, "cn=d", "objectClass", "user", "uid", "TWIN",
	                       NULL));
	site_publish(s);
	assert_int_equal(view_entry_of_account(&s->view, "ANNA"), FIRST);
	assert_int_equal(view_entry_of_account(&s->view, "anna@corp.example"), FIRST);
	assert_int_equal(view_entry_of_account(&s->view, "Anna.M@example.com"), FIRST);
	assert_int_equal(view_entry_of_account(&s->view, "MÜLLER"), FIRST + 1);
	assert_int_equal(view_entry_of_account(&s->view, "muller"), 0);
	assert_int_equal(view_entry_of_account(&s->view, "twin"), 0);
	assert_int_equal(view_entry_of_account(&s->view, ""), 0);
	assert_int_equal(view_entry_of_account(&s->view, "nobody"), 0);
}

static void the_hierarchy_is_the_global_list_and_five_under_it(void **state)
{
	struct site *s = *state;
	site_publish(s);
	const struct container *global = view_hierarchy_at(&s->view, 0), *c;
	size_t count = 0;
	assert_int_equal(container_id(global), 0);
	assert_string_equal(container_dn(global), "/");
	assert_null(container_parent(global));
	while ((c = view_hierarchy_at(&s->view, count))) {
		assert_ptr_equal(view_container(&s->view, container_id(c)), c);
		assert_ptr_equal(view_container_by_dn(&s->view, slice_of_string(container_dn(c))),
		                 c);
		assert_int_equal(container_depth(c), count > 0);
		assert_true(container_id(c) < ENTRY_MID_FIRST);
		count++;
	}
	assert_int_equal(count, 6);
	assert_null(view_container(&s->view, 1));
	assert_null(view_container(&s->view, FIRST));
	assert_null(view_container_by_dn(&s->view, slice_of_string("/guid=")));
}

static void a_reader_sees_what_was_published_last(void **state)
{
	struct site *s = *state;
	struct directory_reader r;
	directory_reader_init(&r, s->directory);
	uint64_t generation = snapshot_generation(directory_reader_refresh(&r));
	assert_ptr_equal(directory_reader_refresh(&r), r.snapshot);
	site_add(s, book_entry(&s->arena, FIRST, "cn=a", "objectClass", "user", NULL));
	site_publish(s);
	assert_true(snapshot_generation(directory_reader_refresh(&r)) > generation);
	assert_int_equal(snapshot_count(directory_reader_refresh(&r)), 1);
	directory_reader_done(&r);
}

static void an_entry_with_20000_addresses_and_a_long_name_is_served(void **state)
{
	struct site *s = *state;
	struct entry *e = book_entry(&s->arena, FIRST, "cn=a", "objectClass", "user", NULL);
	struct slice *values = arena_alloc_array(&s->arena, 20000, sizeof *values);
	struct entry_attribute attributes[3];
	static char name[65536];
	struct mapi_value v;
	uint32_t mid;

	memset(name, 'n', sizeof name);
	struct slice name_value = slice_of(name, sizeof name);
	for (size_t i = 0; i < 20000; i++)
		values[i] = slice_of_string(arena_printf(&s->arena, "smtp:a%zu@example.com", i));
	attributes[0] = e->attributes[0];
	attributes[1] = (struct entry_attribute){slice_of_string("proxyAddresses"), values, 20000};
	attributes[2] = (struct entry_attribute){slice_of_string("displayName"), &name_value, 1};
	e->attributes = attributes;
	e->count = 3;
	site_add(s, e);
	site_publish(s);
	assert_true(object_value(&s->view, object(s, FIRST), tag_id(PR_EMS_AB_PROXY_ADDRESSES),
	                         &s->arena, &v));
	assert_int_equal(v.slices.count, 20000);
	assert_int_equal(object_display_name(&s->view, object(s, FIRST)).size, sizeof name);
	assert_int_equal(view_resolve(&s->view, view_container(&s->view, 0),
	                              slice_of_string("a12345@example.com"), &mid),
	                 ANR_RESOLVED);
	assert_int_equal(
		view_resolve(&s->view, view_container(&s->view, 0), slice_of(name, 300), &mid),
		ANR_RESOLVED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, site_setup, site_teardown)
		TEST(values_have_the_native_type_of_their_property),
		TEST(property_ids_are_those_with_a_value),
		TEST(an_openldap_entry_fills_what_active_directory_names_otherwise),
		TEST(another_schemas_spelling_does_not_replace_the_attribute),
		TEST(nothing_is_without_a_display_name),
		TEST(entries_are_classified_by_class_and_recipient_type),
		TEST(computers_and_system_accounts_are_not_in_the_book),
		TEST(an_entry_that_stops_being_a_recipient_leaves_the_book),
		TEST(hidden_entries_are_in_no_list_but_have_a_dn),
		TEST(objects_are_found_by_every_form_of_name),
		TEST(two_entries_with_one_legacy_dn_leave_the_first),
		TEST(bad_values_are_left_out_with_a_warning),
		TEST(reserved_mids_and_empty_dns_are_refused),
		TEST(mids_above_the_signed_range_work),
		TEST(links_and_back_links_lead_to_visible_entries_by_name),
		TEST(links_revive_when_their_target_comes),
		TEST(more_links_than_allowed_are_none_at_all),
		TEST(concealed_members_are_seen_from_neither_side),
		TEST(an_account_belongs_to_the_one_entry_that_names_it),
		TEST(the_hierarchy_is_the_global_list_and_five_under_it),
		TEST(a_reader_sees_what_was_published_last),
		TEST(an_entry_with_20000_addresses_and_a_long_name_is_served),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
