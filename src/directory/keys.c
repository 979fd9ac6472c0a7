#include "directory/keys-private.h"

#include "base/buffer.h"
#include "base/hashmap.h"
#include "directory/collation-private.h"
#include "directory/container-private.h"
#include "directory/fold-private.h"
#include "mapi/tags.h"

struct name_key name_key_of_hash(uint64_t hash)
{
	struct name_key key;
	for (size_t i = 0; i < NAME_KEY_SIZE; i++)
		key.bytes[i] = (uint8_t)(hash >> (56 - 8 * i));
	return key;
}

struct name_key name_key_of(const struct directory_settings *settings, enum name_kind kind,
                            struct slice folded)
{
	uint8_t salted[1 + NAME_MAX];
	size_t size = folded.size < NAME_MAX ? folded.size : NAME_MAX;
	salted[0] = (uint8_t)kind;
	if (size > 0)
		memcpy(salted + 1, folded.data, size);
	return name_key_of_hash(hash_with(&settings->secret, slice_of(salted, 1 + size)));
}

struct backlink_key backlink_key_of(uint64_t dn_hash, uint16_t link_id)
{
	struct backlink_key key;
	struct name_key hash = name_key_of_hash(dn_hash);
	memcpy(key.bytes, hash.bytes, sizeof hash.bytes);
	key.bytes[4] = (uint8_t)(link_id >> 8);
	key.bytes[5] = (uint8_t)link_id;
	return key;
}

static struct slice behind_scheme(struct slice proxy, const char *scheme)
{
	size_t size = strlen(scheme);
	if (!slice_starts_nocase(proxy, scheme))
		return slice_of(NULL, 0);
	return slice_of(proxy.data + size, proxy.size - size);
}

struct slice smtp_address(struct slice proxy)
{
	struct slice address = behind_scheme(proxy, "smtp:");
	if (!address.data && !memchr(proxy.data, ':', proxy.size))
		return proxy;
	return address;
}

struct slice x500_address(struct slice proxy)
{
	return behind_scheme(proxy, "x500:");
}

/* Where the keys of one object go. */
struct key_sink {
	const struct directory_settings *settings;
	const struct object *object;
	bool removed;
	uint64_t lists;
	struct index_batch *batch;
};

static void put_key(struct key_sink *s, const void *key, size_t size)
{
	index_batch_put(s->batch, slice_of(key, size), s->object->mid, s->lists, s->removed);
}

static void put_name(struct key_sink *s, enum name_kind kind, struct slice text)
{
	uint8_t folded[NAME_MAX];
	if (!text.data || text.size == 0)
		return;
	struct name_key key = name_key_of(s->settings, kind,
	                                  slice_of(folded, fold_case(text, folded, sizeof folded)));
	put_key(s, key.bytes, sizeof key.bytes);
}

static void put_addresses(struct key_sink *s, uint16_t id)
{
	struct slice values = object_text(s->object, id), value;
	while (values.data && values_next(&values, &value)) {
		put_name(s, NAME_ADDRESS, smtp_address(value));
		put_name(s, NAME_LEGACY_DN, x500_address(value));
	}
}

static void put_names(struct key_sink *s)
{
	static const uint16_t account_ids[] = {ATTRIBUTE_ACCOUNT_NAME, ATTRIBUTE_UID,
	                                       ATTRIBUTE_PRINCIPAL_NAME, PR_SMTP_ADDRESS >> 16};
	const struct object *o = s->object;
	struct name_key dn = name_key_of_hash(o->dn_hash);
	struct name_key guid =
		name_key_of(s->settings, NAME_GUID, slice_of(o->guid.bytes, sizeof o->guid.bytes));

	put_key(s, dn.bytes, sizeof dn.bytes);
	put_key(s, guid.bytes, sizeof guid.bytes);
	put_name(s, NAME_LEGACY_DN, object_text(o, tag_id(PR_EMAIL_ADDRESS)));
	for (size_t i = 0; i < sizeof account_ids / sizeof account_ids[0]; i++)
		put_name(s, NAME_ACCOUNT, object_text(o, account_ids[i]));
	put_name(s, NAME_ADDRESS, object_text(o, tag_id(PR_SMTP_ADDRESS)));
	put_addresses(s, tag_id(PR_EMS_AB_PROXY_ADDRESSES));
	put_addresses(s, ATTRIBUTE_OTHER_MAIL);
}

static void put_backlinks(struct key_sink *s)
{
	const struct object *o = s->object;
	for (size_t i = 0; i < o->count; i++) {
		const struct attribute *a = attribute_stored(o->ids[i]);
		struct slice raw;
		if (!a || a->conversion != CONVERT_LINK || !object_raw(o, o->ids[i], &raw))
			continue;
		for (size_t k = 0; k < raw.size / sizeof(uint64_t); k++) {
			struct backlink_key key = backlink_key_of(link_at(raw, k), o->ids[i]);
			put_key(s, key.bytes, sizeof key.bytes);
		}
	}
}

static void put_token(struct key_sink *s, struct slice text)
{
	uint8_t folded[INDEX_KEY_MAX];
	if (text.data && text.size > 0)
		put_key(s, folded, fold_text(text, folded, sizeof folded));
}

static bool holds_addresses(uint16_t id)
{
	return id == tag_id(PR_EMS_AB_PROXY_ADDRESSES) || id == ATTRIBUTE_OTHER_MAIL;
}

bool keys_next_token(struct token_walk *w, struct slice *text)
{
	bool several =
		holds_addresses(w->id) || (tag_type(attribute_stored(w->id)->tag) & MAPI_MV_FLAG);
	if (several && !values_next(&w->left, text))
		return false;
	if (!several) {
		*text = w->left;
		w->left = slice_of(NULL, 0);
	} else if (holds_addresses(w->id)) {
		*text = smtp_address(*text);
	}
	return several || text->data;
}

struct token_walk keys_tokens_of(const struct object *o, uint16_t id)
{
	return (struct token_walk){.id = id, .left = object_text(o, id)};
}

static void put_tokens_of(struct key_sink *s, uint16_t id)
{
	struct token_walk walk = keys_tokens_of(s->object, id);
	struct slice text;
	while (keys_next_token(&walk, &text))
		put_token(s, text);
}

static void put_tokens(struct key_sink *s)
{
	const struct directory_settings *settings = s->settings;
	if (!object_listed(s->object))
		return;
	for (size_t i = 0; i < settings->searched_count; i++)
		put_tokens_of(s, settings->searched[i]);
	put_tokens_of(s, ATTRIBUTE_OTHER_MAIL);
}

struct slice keys_sort_name(const struct object *o, enum table_sort sort)
{
	struct slice name = {0};
	if (sort == TABLE_BY_PHONETIC_NAME)
		name = object_text(o, tag_id(PR_EMS_AB_PHONETIC_DISPLAY_NAME));
	return name.data ? name : object_text(o, tag_id(PR_DISPLAY_NAME));
}

static void put_sort_key(const struct sort_order *order, struct key_sink *s)
{
	uint8_t key[INDEX_KEY_MAX];
	if (!object_listed(s->object))
		return;
	size_t size = collation_key(order->lcid, keys_sort_name(s->object, order->sort), key);
	put_key(s, key, size);
}

unsigned keys_lists(const struct directory_settings *settings, size_t index)
{
	return index >= INDEX_TOKENS ? settings->lists->count : 0;
}

void keys_put(const struct directory_settings *settings, size_t index, const struct object *o,
              bool removed, struct index_batch *batch)
{
	struct key_sink s = {settings, o, removed, index >= INDEX_TOKENS ? o->lists : 0, batch};
	if (index == INDEX_NAMES)
		put_names(&s);
	else if (index == INDEX_BACKLINKS)
		put_backlinks(&s);
	else if (index == INDEX_TOKENS)
		put_tokens(&s);
	else
		put_sort_key(&settings->orders[index - INDEX_ORDERS], &s);
}
