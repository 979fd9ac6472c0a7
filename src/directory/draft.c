#include "directory/chunk-private.h"

#include "base/memory.h"
#include "base/utf.h"
#include "directory/dn.h"
#include "mapi/tags.h"

#include <stdlib.h>

#define ID(tag) ((uint16_t)((tag) >> 16))

/* What shows instead of a property that an entry lacks, in this order of preference: OpenLDAP's
 * schemas have no displayName, company or alias where Active Directory has them. */
static const struct {
	uint16_t id, stand_in;
} stand_ins[] = {
	{ID(PR_DISPLAY_NAME),        0x3A0F /* cn */       },
	{ID(PR_DISPLAY_NAME),        0x3A00                },
	{ID(PR_DISPLAY_NAME),        ID(PR_SMTP_ADDRESS)   },
	{ID(PR_DISPLAY_NAME),        ATTRIBUTE_ACCOUNT_NAME},
	{ID(PR_DISPLAY_NAME),        ATTRIBUTE_UID         },
	{ID(PR_ACCOUNT),             ATTRIBUTE_ACCOUNT_NAME},
	{ID(PR_ACCOUNT),             ATTRIBUTE_UID         },
	{0x3A29 /* streetAddress */, 0x813A /* street */   },
};

/* The same for properties that show the first of several values. */
static const struct {
	uint16_t id, stand_in;
} first_of[] = {
	{ID(PR_COMPANY_NAME),    0x8101 /* o */ },
	{ID(PR_DEPARTMENT_NAME), 0x8102 /* ou */},
};

void draft_init(struct draft *d, const struct hash_secret *secret)
{
	*d = (struct draft){.secret = secret};
	arena_init(&d->arena, SIZE_MAX);
}

void draft_reset(struct draft *d)
{
	arena_reset(&d->arena);
	*d = (struct draft){.secret = d->secret,
	                    .arena = d->arena,
	                    .properties = d->properties,
	                    .capacity = d->capacity};
}

void draft_free(struct draft *d)
{
	arena_free(&d->arena);
	free(d->properties);
	*d = (struct draft){0};
}

static struct draft_property *find(const struct draft *d, uint16_t id)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->properties[i].id == id)
			return &d->properties[i];
	return NULL;
}

struct slice draft_get(const struct draft *d, uint16_t id)
{
	const struct draft_property *p = find(d, id);
	return p ? p->raw : slice_of(NULL, 0);
}

void draft_put(struct draft *d, uint16_t id, struct slice raw)
{
	struct draft_property *p = find(d, id);
	if (p) {
		p->raw = raw;
		return;
	}
	if (d->count == d->capacity) {
		d->capacity = d->capacity ? 2 * d->capacity : 32;
		d->properties = xrealloc_array(d->properties, d->capacity, sizeof *d->properties);
	}
	d->properties[d->count++] = (struct draft_property){id, raw};
}

static void warn(struct error *e, const struct entry *entry, const char *what, struct slice name)
{
	if (e && !e->text[0])
		error_set(e, 0, "%.*s: %s %.*s", (int)(entry->dn.size < 200 ? entry->dn.size : 200),
		          (const char *)entry->dn.data, what,
		          (int)(name.size < 64 ? name.size : 64), (const char *)name.data);
}

/* OpenLDAP's mail has several values: all of them resolve, though only the first is shown. */
static void take_other_mail(struct draft *d, const struct entry_attribute *from)
{
	static const struct attribute several = {.tag = PT_MV_UNICODE, .conversion = CONVERT_TEXT};
	struct entry_attribute others = {from->name, from->values + 1, from->count - 1};
	bool warned;
	struct slice raw = convert_values(d, &several, &others, &warned);
	if (raw.data)
		draft_put(d, ATTRIBUTE_OTHER_MAIL, raw);
}

static void take_attribute(struct draft *d, const struct entry *entry,
                           const struct entry_attribute *from, struct error *e)
{
	const struct attribute *a = attribute_by_name(from->name);
	bool warned = false;
	if (!a || from->count == 0)
		return;
	uint16_t id = tag_id(a->tag);
	bool own_name = slice_equal_nocase(from->name, slice_of_string(a->ldap_name));
	if (!own_name && find(d, id))
		return; /* another schema's spelling does not replace the attribute itself */
	struct slice raw = convert_values(d, a, from, &warned);
	if (raw.data)
		draft_put(d, id, raw);
	if (id == ID(PR_SMTP_ADDRESS) && from->count > 1)
		take_other_mail(d, from);
	if (warned)
		warn(e, entry, "left out a value of", from->name);
}

/* The primary address of a directory that keeps it in proxyAddresses alone. */
static void take_primary_address(struct draft *d)
{
	struct slice proxies = draft_get(d, ID(PR_EMS_AB_PROXY_ADDRESSES)), value;
	if (draft_get(d, ID(PR_SMTP_ADDRESS)).data || !proxies.data)
		return;
	while (values_next(&proxies, &value))
		if (value.size > 5 && memcmp(value.data, "SMTP:", 5) == 0)
			draft_put(d, ID(PR_SMTP_ADDRESS), slice_of(value.data + 5, value.size - 5));
}

static void take_stand_ins(struct draft *d)
{
	for (size_t i = 0; i < sizeof stand_ins / sizeof stand_ins[0]; i++) {
		struct slice raw = draft_get(d, stand_ins[i].stand_in);
		if (raw.data && !draft_get(d, stand_ins[i].id).data)
			draft_put(d, stand_ins[i].id, raw);
	}
	for (size_t i = 0; i < sizeof first_of / sizeof first_of[0]; i++) {
		struct slice raw = draft_get(d, first_of[i].stand_in), value;
		if (raw.data && !draft_get(d, first_of[i].id).data && values_next(&raw, &value))
			draft_put(d, first_of[i].id, value);
	}
}

/* The last resort: nothing in the book is without a name. */
static void take_name_from_dn(struct draft *d, struct slice dn)
{
	struct dn_part part;
	struct slice rest = dn;
	if (draft_get(d, ID(PR_DISPLAY_NAME)).data)
		return;
	bool named = dn_next(&rest, &part) && part.size > 0 &&
	             utf8_valid(slice_of(part.value, part.size));
	draft_put(d, ID(PR_DISPLAY_NAME),
	          named ? arena_slice(&d->arena, slice_of(part.value, part.size)) : dn);
}

void draft_take(struct draft *d, const struct entry *entry, struct error *e)
{
	for (size_t i = 0; i < entry->count; i++)
		take_attribute(d, entry, &entry->attributes[i], e);
	draft_put(d, ID(PR_EMAIL_ADDRESS), entry->legacy_dn);
	take_primary_address(d);
	take_stand_ins(d);
	take_name_from_dn(d, entry->dn);
}

static int compare_properties(const void *a, const void *b)
{
	const struct draft_property *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

/* What is needed to find an entry, not to show it, goes no further than classification. */
static bool worth_keeping(uint16_t id)
{
	return id != ATTRIBUTE_OBJECT_CLASS && id != ATTRIBUTE_HIDE && id != ATTRIBUTE_SHOW_IN &&
	       id != ATTRIBUTE_RECIPIENT_TYPE && id != ATTRIBUTE_SYSTEM_OBJECT;
}

static void sort_properties(struct draft *d)
{
	size_t kept = 0;
	for (size_t i = 0; i < d->count; i++)
		if (worth_keeping(d->properties[i].id))
			d->properties[kept++] = d->properties[i];
	d->count = kept;
	qsort(d->properties, d->count, sizeof *d->properties, compare_properties);
}

static void write_properties(const struct draft *d, struct object *o)
{
	size_t width = o->wide ? 4 : 2;
	uint8_t *offsets = (uint8_t *)(o->ids + o->count);
	uint8_t *values = offsets + (o->count + 1u) * width;
	uint32_t offset = 0;
	for (size_t i = 0; i <= d->count; i++) {
		memcpy(offsets + i * width, &offset, width); /* little-endian hosts */
		if (i == d->count)
			break;
		struct slice raw = d->properties[i].raw;
		o->ids[i] = d->properties[i].id;
		if (raw.size > 0)
			memcpy(values + offset, raw.data, raw.size);
		offset += (uint32_t)raw.size;
	}
}

struct object *draft_pack(struct draft *d, const struct entry *entry, struct object_packer *packer)
{
	size_t bytes = 0;
	sort_properties(d);
	for (size_t i = 0; i < d->count; i++)
		bytes += d->properties[i].raw.size;
	bool wide = bytes > UINT16_MAX;
	size_t size = sizeof(struct object) + d->count * sizeof(uint16_t) +
	              (d->count + 1) * (wide ? 4 : 2) + bytes;
	uint32_t chunk_offset = 0;
	struct object *o =
		packer ? object_packer_place(packer, size, &chunk_offset) : xmalloc(size);
	*o = (struct object){.refs = 1,
	                     .mid = entry->mid,
	                     .size = (uint32_t)size,
	                     .chunk_offset = chunk_offset,
	                     .count = (uint16_t)d->count,
	                     .display_type = (uint8_t)d->display_type,
	                     .category = (uint8_t)d->category,
	                     .hidden = d->hidden,
	                     .members_hidden = d->members_hidden,
	                     .wide = wide,
	                     .dn_hash = ldap_dn_hash(d->secret, entry->dn),
	                     .guid = entry->guid};
	write_properties(d, o);
	return o;
}
