#include "directory/object-private.h"

#include "base/hashmap.h"
#include "directory/chunk-private.h"
#include "directory/dn.h"
#include "mapi/tags.h"

const struct object *object_ref(const struct object *o)
{
	struct object *shared = (struct object *)(uintptr_t)o;
	atomic_fetch_add_explicit(&shared->refs, 1, memory_order_relaxed);
	return o;
}

void object_unref(const struct object *o)
{
	struct object *shared = (struct object *)(uintptr_t)o;
	if (o && atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) == 1)
		object_free(shared);
}

uint64_t ldap_dn_hash(const struct hash_secret *secret, struct slice dn)
{
	struct buffer normal;
	uint64_t hash = 0;
	buffer_init(&normal, 2 * DN_MAX);
	if (dn.size > 0 && dn_normalise(dn, &normal))
		hash = hash_with(secret, buffer_slice(&normal));
	buffer_free(&normal);
	return hash;
}

/* Where the id is, or would be, without a branch that depends on it: this is most of a page's work.
 */
static size_t find_id(const struct object *o, uint16_t id)
{
	size_t first = 0;
	for (size_t left = o->count; left > 1;) {
		size_t half = left / 2;
		first += o->ids[first + half - 1] < id ? half : 0;
		left -= half;
	}
	return first;
}

/* near is where it may be, and is set to where it is. */
static bool raw_near(const struct object *o, uint16_t id, uint16_t *near, struct slice *raw)
{
	if (*near >= o->count || o->ids[*near] != id)
		*near = (uint16_t)find_id(o, id);
	if (*near >= o->count || o->ids[*near] != id)
		return false;
	const uint8_t *values = object_values(o);
	uint32_t start = object_offset(o, *near);
	*raw = slice_of(values + start, object_offset(o, *near + 1u) - start);
	return true;
}

bool object_raw(const struct object *o, uint16_t id, struct slice *raw)
{
	uint16_t near = UINT16_MAX;
	return raw_near(o, id, &near, raw);
}

struct slice object_text(const struct object *o, uint16_t id)
{
	struct slice raw;
	return object_raw(o, id, &raw) ? raw : slice_of(NULL, 0);
}

bool values_next(struct slice *raw, struct slice *value)
{
	size_t size = 0;
	unsigned shift = 0;
	if (raw->size == 0)
		return false;
	const uint8_t *p = raw->data, *end = raw->data + raw->size;
	for (; *p & 0x80; p++, shift += 7)
		size |= (size_t)(*p & 0x7F) << shift;
	size |= (size_t)*p++ << shift;
	*value = slice_of(p, size);
	*raw = slice_of(p + size, (size_t)(end - p) - size);
	return true;
}

bool links_have(struct slice raw, uint64_t hash)
{
	size_t low = 0, high = raw.size / sizeof hash;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (link_at(raw, middle) < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low < raw.size / sizeof hash && link_at(raw, low) == hash;
}

uint32_t object_mid(const struct object *o)
{
	return o->mid;
}

enum display_type object_display_type(const struct object *o)
{
	return (enum display_type)o->display_type;
}

bool object_hidden(const struct object *o)
{
	return o->hidden;
}

bool object_members_hidden(const struct object *o)
{
	return o->members_hidden;
}

static bool decode_many(struct slice raw, struct arena *a, struct mapi_slices *out)
{
	struct slice rest = raw, value;
	uint32_t count = 0;
	while (values_next(&rest, &value))
		count++;
	struct slice *items = arena_alloc_array(a, count, sizeof *items);
	if (!items)
		return false;
	for (uint32_t i = 0; i < count; i++)
		values_next(&raw, &items[i]);
	*out = (struct mapi_slices){count, items};
	return true;
}

/* One case for each conversion of the attribute table. */
static bool decode(const struct attribute *attribute, struct slice raw, struct arena *a,
                   struct mapi_value *value)
{
	value->tag = attribute->tag;
	switch (attribute->conversion) {
	case CONVERT_TEXT:
	case CONVERT_BINARY:
		if (tag_type(attribute->tag) & MAPI_MV_FLAG)
			return decode_many(raw, a, &value->slices);
		value->string = raw;
		return true;
	case CONVERT_INTEGER: memcpy(&value->long_value, raw.data, 4); return true;
	case CONVERT_BOOLEAN: value->boolean = raw.data[0]; return true;
	case CONVERT_TIME: memcpy(&value->filetime, raw.data, 8); return true;
	case CONVERT_LINK:
	case CONVERT_BACKLINK: break;
	}
	return false;
}

bool object_property_find(const struct view *v, uint16_t property_id, struct object_property *p)
{
	const struct attribute *a = view_attribute(v, property_id);
	if (!a || a->conversion == CONVERT_BACKLINK)
		return false;
	*p = (struct object_property){.attribute = a,
	                              .id = a->source_id ? a->source_id : property_id};
	return true;
}

bool object_read(struct object_property *p, const struct object *o, struct arena *a,
                 struct mapi_value *value)
{
	struct slice raw;
	if (p->id == tag_id(PR_EMS_AB_OBJECT_GUID)) {
		value->tag = p->attribute->tag;
		value->binary = slice_of(o->guid.bytes, sizeof o->guid.bytes);
		return true;
	}
	return raw_near(o, p->id, &p->near, &raw) && decode(p->attribute, raw, a, value);
}

bool object_value(const struct view *v, const struct object *o, uint16_t property_id,
                  struct arena *a, struct mapi_value *value)
{
	struct object_property p;
	return object_property_find(v, property_id, &p) && object_read(&p, o, a, value);
}

struct slice object_dn(const struct view *v, const struct object *o)
{
	(void)v;
	return object_text(o, tag_id(PR_EMAIL_ADDRESS));
}

struct slice object_display_name(const struct view *v, const struct object *o)
{
	(void)v;
	return object_text(o, tag_id(PR_DISPLAY_NAME));
}
