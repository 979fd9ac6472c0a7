/* Content records: which entry of the store one means, and what it says. */

#include <stdio.h>

#include "base/utf.h"
#include "directory/dn.h"
#include "store/import-private.h"

static bool parse_guid(struct slice value, struct guid *guid)
{
	if (value.size != sizeof guid->bytes)
		return guid_parse(value, guid);
	memcpy(guid->bytes, value.data, sizeof guid->bytes);
	return true;
}

/* objectGUID before entryUUID, where an entry has both. */
static int take_guid(struct import *i, const struct ldif_value *v, const struct name *name,
                     struct error *e)
{
	bool object_guid =
		slice_equal_nocase(slice_of_string(name->spelled), slice_of_string("objectGUID"));
	struct guid guid;
	if (!object_guid && i->record.guid_origin == GUID_OBJECT_GUID)
		return 0;
	if (!parse_guid(v->value, &guid) || guid_is_zero(&guid))
		return ldif_fail(i->ldif, e, ERR_INVALID, v->line, "%s is no GUID", name->spelled);
	i->record.guid = guid;
	i->record.guid_origin = object_guid ? GUID_OBJECT_GUID : GUID_ENTRY_UUID;
	return 0;
}

bool import_legacy_dn_is_good(struct import *i, const struct ldif_value *v)
{
	if (v->value.size > 0 && v->value.size < LEGACY_DN_MAX && utf8_valid(v->value) &&
	    !memchr(v->value.data, 0, v->value.size))
		return true;
	import_warn(i, v->line, "legacyExchangeDN is no such name; another one is made up");
	return false;
}

static int take_value(struct import *i, const struct ldif_value *v, struct error *e)
{
	struct name *name = NULL;
	int err = import_name(i, v->line, v->name, v->options, &name, e);
	if (err || !name)
		return err;
	if (name->use == NAME_GUID)
		return take_guid(i, v, name, e);
	if (name->use == NAME_LEGACY_DN && import_legacy_dn_is_good(i, v))
		i->record.legacy_dn = v->value;
	if (name->use == NAME_KEPT && import_value_is_good(i, name, v))
		record_add(&i->record, name->id, v->value);
	return 0;
}

static int take_values(struct import *i, const struct ldif_record *r, struct error *e)
{
	int err = 0;
	record_clear(&i->record);
	i->record.dn = r->dn;
	for (size_t k = 0; k < r->count && !err; k++)
		err = take_value(i, &r->values[k], e);
	record_sort(&i->record);
	return err;
}

/* An entry without a GUID has one made from its DN. Another entry may have that one already: it was
 * made for the same DN before that entry was renamed. */
static void make_guid(struct import *i)
{
	struct key key;
	uint32_t number = 0;
	do
		key_of_dn(i->record.dn, ++number, &key);
	while (keys_get(i->guids, &key));
	memcpy(i->record.guid.bytes, key.bytes, sizeof key.bytes);
}

static int fail_twice(struct import *i, const struct ldif_record *r, struct error *e)
{
	return ldif_fail(i->ldif, e, ERR_EXISTS, r->line,
	                 "the file has this entry a second time: %.*s",
	                 (int)(r->dn.size > 200 ? 200 : r->dn.size), (const char *)r->dn.data);
}

/* The entry that has the DN, when it is not the one with this GUID. */
static int displace(struct import *i, uint32_t holder, const struct ldif_record *r, struct error *e)
{
	if (import_seen(i, holder))
		return fail_twice(i, r, e);
	mids_add(&i->displaced, holder);
	return 0;
}

/* Which entry of the store the record means; 0 for a new one. i->old is it. */
static int find_entry(struct import *i, const struct ldif_record *r, uint32_t *mid, struct error *e)
{
	struct key key;
	bool named = i->record.guid_origin != GUID_MADE;
	uint32_t by_dn = 0;
	int err = import_find(i, r, r->dn, &by_dn, e);
	if (err)
		return err;
	memcpy(key.bytes, i->record.guid.bytes, sizeof key.bytes);
	uint32_t by_guid = named ? keys_get(i->guids, &key) : 0;
	*mid = by_guid ? by_guid : by_dn;
	if (*mid)
		err = import_load(i, *mid, e);
	if (err || *mid == 0)
		return err;
	if (by_guid && by_dn && by_dn != by_guid)
		return displace(i, by_dn, r, e);
	if (by_guid || !named || i->old.guid_origin == GUID_MADE)
		return 0;
	*mid = 0; /* another entry took over the DN of one that is gone */
	return displace(i, by_dn, r, e);
}

/* "/o=Example/ou=Address Book/cn=Recipients/cn=<guid>" */
static void make_legacy_dn(struct import *i)
{
	char guid[GUID_TEXT_SIZE];
	guid_format(&i->record.guid, guid);
	int n = snprintf(i->legacy_dn, sizeof i->legacy_dn,
	                 "/o=%.512s/ou=Address Book/cn=Recipients/cn=%s", i->organization, guid);
	i->record.legacy_dn = slice_of(i->legacy_dn, (size_t)n);
}

static void check_legacy_dn(struct import *i, const struct ldif_record *r, uint32_t mid)
{
	struct key key;
	if (!i->record.legacy_dn.data)
		return;
	key_of_text(i->record.legacy_dn, &key);
	uint32_t holder = keys_get(i->legacy_dns, &key);
	if (!holder || holder == mid)
		return;
	import_warn(i, r->line, "another entry has the same legacyExchangeDN; one is made up");
	i->record.legacy_dn = slice_of(NULL, 0);
}

/* What an entry was given once it keeps, so that permanent ids of clients stay good. */
static void keep_identity(struct import *i, bool known)
{
	struct record *record = &i->record, *old = &i->old;
	if (record->guid_origin == GUID_MADE) {
		if (known) {
			record->guid = old->guid;
			record->guid_origin = old->guid_origin;
		} else {
			make_guid(i);
		}
	}
	if (record->legacy_dn.data)
		return;
	if (known)
		record->legacy_dn = old->legacy_dn;
	else
		make_legacy_dn(i);
}

static bool has_value(const struct ldif_record *r, const char *name, const char *value)
{
	for (size_t i = 0; i < r->count; i++)
		if (slice_equal_nocase(r->values[i].name, slice_of_string(name)))
			return slice_equal_nocase(r->values[i].value, slice_of_string(value));
	return false;
}

/* The root of a server, or what Active Directory keeps of a deleted entry. */
static bool is_no_entry(const struct ldif_record *r)
{
	return r->dn.size == 0 || has_value(r, "isDeleted", "TRUE");
}

int import_content(struct import *i, const struct ldif_record *r, struct error *e)
{
	uint32_t mid = 0;
	if (is_no_entry(r)) {
		i->result.skipped++;
		return 0;
	}
	int err = take_values(i, r, e);
	if (!err)
		err = find_entry(i, r, &mid, e);
	if (err)
		return err;
	if (mid && import_seen(i, mid))
		return fail_twice(i, r, e);
	check_legacy_dn(i, r, mid);
	keep_identity(i, mid != 0);
	return import_write(i, mid ? mid : i->next_mid, e);
}
