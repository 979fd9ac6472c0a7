#include "directory/view.h"

#include "directory/collation-private.h"
#include "directory/container-private.h"
#include "directory/links-private.h"
#include "directory/lookup-private.h"
#include "mapi/tags.h"

#include <stdlib.h>

enum view_rule view_rule(const struct view *v, const struct object *o)
{
	const struct scope *s = scope_of(v);

	if (!s)
		return VIEW_UNKNOWN;
	if (s->items[0].list != INDEX_ALL && !(o->lists >> s->items[0].list & 1))
		return VIEW_OUTSIDE;
	return object_listed(o) ? VIEW_LISTED : VIEW_HIDDEN;
}

static bool is_withheld(const struct view *v, uint16_t property_id)
{
	const struct directory_settings *s = v->snapshot->settings;

	if (!s->policy || !v->viewer || !v->viewer->audience.withheld)
		return false;
	return policy_rules_of(s->policy, property_id) & v->viewer->audience.withheld;
}

const struct attribute *view_attribute(const struct view *v, uint16_t property_id)
{
	const struct attribute *a = attribute_by_id(property_id);

	return a && !is_withheld(v, property_id) ? a : NULL;
}

/* What stands behind the first value of mail goes with it. */
bool view_searches(const struct view *v, uint16_t property_id)
{
	if (property_id == ATTRIBUTE_OTHER_MAIL)
		property_id = tag_id(PR_SMTP_ADDRESS);
	return !is_withheld(v, property_id);
}

static const struct object *if_seen(const struct view *v, const struct object *o)
{
	return o && view_rule(v, o) <= VIEW_HIDDEN ? o : NULL;
}

const struct object *view_object(const struct view *v, uint32_t mid)
{
	return if_seen(v, records_get(&v->snapshot->records, mid));
}

void view_objects(const struct view *v, const uint32_t *mids, size_t count,
                  const struct object **objects)
{
	records_get_all(&v->snapshot->records, mids, count, objects);
	for (size_t i = 0; i < count; i++)
		objects[i] = if_seen(v, objects[i]);
}

/* The same digits as bytes instead of as the number that they are in a GUID's text. */
static struct guid swap_guid(struct guid g)
{
	static const uint8_t from[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	struct guid swapped;
	for (size_t i = 0; i < sizeof from; i++)
		swapped.bytes[i] = g.bytes[from[i]];
	return swapped;
}

/* Servers write the digits after "/guid=" in both ways, and clients keep what they got. */
static const struct object *object_by_guid_text(const struct view *v, struct slice digits)
{
	struct guid guid;
	if (digits.size != 32 || !guid_parse(digits, &guid))
		return NULL;
	const struct object *o = lookup_guid(v, &guid);
	if (o)
		return o;
	guid = swap_guid(guid);
	return lookup_guid(v, &guid);
}

const struct object *view_object_by_dn(const struct view *v, struct slice dn)
{
	if (slice_starts_nocase(dn, "/guid="))
		return object_by_guid_text(v, slice_of(dn.data + 6, dn.size - 6));
	return dn.size > 0 ? lookup_legacy_dn(v, dn) : NULL;
}

const struct object *view_object_by_ldap_dn(const struct view *v, struct slice dn)
{
	uint64_t hash = ldap_dn_hash(&v->snapshot->settings->secret, dn);
	return hash ? lookup_dn_hash(v, hash) : NULL;
}

size_t view_objects_by_name(const struct view *v, struct slice name, const struct object **found,
                            size_t max)
{
	size_t count = lookup_name(v, NAME_ADDRESS, name, found, max);
	return count ? count : lookup_name(v, NAME_ACCOUNT, name, found, max);
}

uint32_t view_entry_of_account(const struct view *v, const char *account)
{
	const struct object *found[2];
	if (!account || !*account)
		return 0;
	size_t count = lookup_name(v, NAME_ACCOUNT, slice_of_string(account), found, 2);
	return count == 1 ? found[0]->mid : 0;
}

bool container_has(const struct view *v, const struct container *c, uint32_t mid)
{
	const struct object *o = view_object(v, mid);
	return o && container_holds(c, o);
}

bool object_has(const struct view *v, const struct object *o, const struct attribute *a)
{
	struct link_walk w;
	struct slice raw;
	uint16_t id = tag_id(a->tag);
	if (!view_attribute(v, id))
		return false;
	if (link_walk_start(&w, v, o, id))
		return link_walk_next(&w) != NULL;
	return id == tag_id(PR_EMS_AB_OBJECT_GUID) ||
	       object_raw(o, a->source_id ? a->source_id : id, &raw);
}

size_t object_property_ids(const struct view *v, const struct object *o, uint16_t *ids, size_t max)
{
	size_t rows, count = 0;
	const struct attribute *attributes = attributes_visible(&rows);
	for (size_t i = 0; i < rows && count < max; i++)
		if (object_has(v, o, &attributes[i]))
			ids[count++] = tag_id(attributes[i].tag);
	return count;
}
