#include "directory/lookup-private.h"

#include "directory/fold-private.h"
#include "mapi/tags.h"

struct index_range index_range_exact(const struct index *ix, struct slice key)
{
	uint32_t first = index_lower(ix, key, 0);
	uint32_t end = index_lower_from(ix, first, key, UINT32_MAX);
	return (struct index_range){index_at(ix, first), end - first};
}

/* Keys are text: no byte of them is 0xFF, which so stands behind all that begin with the prefix. */
struct index_range index_range_prefix(const struct index *ix, struct slice prefix)
{
	uint8_t behind[INDEX_KEY_MAX + 1];
	size_t size = prefix.size < INDEX_KEY_MAX ? prefix.size : INDEX_KEY_MAX;
	if (size > 0)
		memcpy(behind, prefix.data, size);
	behind[size] = 0xFF;
	uint32_t first = index_lower(ix, slice_of(behind, size), 0);
	uint32_t end = index_lower_from(ix, first, slice_of(behind, size + 1), 0);
	return (struct index_range){index_at(ix, first), end - first};
}

const struct object *index_range_next(struct index_range *r, const struct view *v)
{
	while (r->left > 0) {
		uint32_t mid = index_cursor_mid(&r->cursor);
		r->left--;
		index_cursor_next(&r->cursor, INDEX_ALL);
		const struct object *o = view_object(v, mid);
		if (o)
			return o;
	}
	return NULL;
}

static struct index_range names_of(const struct snapshot *s, enum name_kind kind,
                                   struct slice folded)
{
	struct name_key key = name_key_of(s->settings, kind, folded);
	return index_range_exact(s->indexes[INDEX_NAMES], slice_of(key.bytes, sizeof key.bytes));
}

/* Whether a name as it stands in an object is the one looked for, which is folded. */
static bool same_name(struct slice name, struct slice folded)
{
	uint8_t own[NAME_MAX];
	return name.data && slice_equal(slice_of(own, fold_case(name, own, sizeof own)), folded);
}

static bool has_x500_address(const struct object *o, struct slice folded)
{
	struct slice values = object_text(o, tag_id(PR_EMS_AB_PROXY_ADDRESSES)), value;
	while (values.data && values_next(&values, &value))
		if (same_name(x500_address(value), folded))
			return true;
	return false;
}

static bool has_address(const struct view *v, const struct object *o, struct slice folded)
{
	static const uint16_t ids[] = {PR_EMS_AB_PROXY_ADDRESSES >> 16, ATTRIBUTE_OTHER_MAIL};
	bool shown = view_searches(v, tag_id(PR_SMTP_ADDRESS));
	if (shown && same_name(object_text(o, tag_id(PR_SMTP_ADDRESS)), folded))
		return true;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		struct slice values = object_text(o, ids[i]), value;
		if (!view_searches(v, ids[i]))
			continue;
		while (values.data && values_next(&values, &value))
			if (same_name(smtp_address(value), folded))
				return true;
	}
	return false;
}

static bool has_account(const struct object *o, struct slice folded)
{
	return same_name(object_text(o, ATTRIBUTE_ACCOUNT_NAME), folded) ||
	       same_name(object_text(o, ATTRIBUTE_UID), folded) ||
	       same_name(object_text(o, ATTRIBUTE_PRINCIPAL_NAME), folded) ||
	       same_name(object_text(o, tag_id(PR_SMTP_ADDRESS)), folded);
}

/* The DN of an entry goes before an old one (an X500 address) of another. */
const struct object *lookup_legacy_dn(const struct view *v, struct slice dn)
{
	uint8_t bytes[NAME_MAX];
	struct slice folded = slice_of(bytes, fold_case(dn, bytes, sizeof bytes));
	struct index_range r = names_of(v->snapshot, NAME_LEGACY_DN, folded);
	const struct object *o, *old = NULL;
	while ((o = index_range_next(&r, v))) {
		if (same_name(object_text(o, tag_id(PR_EMAIL_ADDRESS)), folded))
			return o;
		if (!old && has_x500_address(o, folded))
			old = o;
	}
	return old;
}

const struct object *lookup_dn_hash(const struct view *v, uint64_t hash)
{
	struct name_key key = name_key_of_hash(hash);
	struct index_range r = index_range_exact(v->snapshot->indexes[INDEX_NAMES],
	                                         slice_of(key.bytes, sizeof key.bytes));
	const struct object *o;
	while ((o = index_range_next(&r, v)))
		if (o->dn_hash == hash)
			return o;
	return NULL;
}

const struct object *lookup_guid(const struct view *v, const struct guid *guid)
{
	struct index_range r =
		names_of(v->snapshot, NAME_GUID, slice_of(guid->bytes, sizeof guid->bytes));
	const struct object *o;
	while ((o = index_range_next(&r, v)))
		if (guid_equal(&o->guid, guid))
			return o;
	return NULL;
}

size_t lookup_name(const struct view *v, enum name_kind kind, struct slice name,
                   const struct object **found, size_t max)
{
	uint8_t bytes[NAME_MAX];
	struct slice folded = slice_of(bytes, fold_case(name, bytes, sizeof bytes));
	struct index_range r = names_of(v->snapshot, kind, folded);
	const struct object *o, *last = NULL;
	size_t count = 0;
	while (count < max && (o = index_range_next(&r, v))) {
		bool has =
			kind == NAME_ACCOUNT ? has_account(o, folded) : has_address(v, o, folded);
		if (has && o != last)
			found[count++] = last = o;
	}
	return count;
}
