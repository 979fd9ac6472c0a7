#include "directory/snapshot-private.h"

#include "base/buffer.h"
#include "directory/collation-private.h"
#include "directory/filter.h"

#include <unicode/uchar.h>
#include <unicode/uversion.h>

enum { IDENTITY_MAX = 1 << 20 };

static const struct hash_secret no_secret;

/* What it is made of, as one number. */
static uint64_t finish(struct buffer *b)
{
	uint64_t identity = hash_with(&no_secret, buffer_slice(b));
	buffer_free(b);
	return identity;
}

static void put_attributes(struct buffer *b)
{
	size_t count;
	const struct attribute *a = attributes_stored(&count);
	for (const struct attribute *end = a + count; a < end; a++) {
		buffer_put_string(b, a->ldap_name);
		buffer_put_u32(b, a->tag);
		buffer_put_u8(b, (uint8_t)a->conversion);
		buffer_put_u16(b, a->source_id);
	}
}

static void put_lists(struct buffer *b, const struct address_lists *l)
{
	buffer_put_u32(b, l->count);
	for (unsigned i = 0; i < l->count; i++) {
		buffer_put_u32(b, (uint32_t)l->cuts[i].list);
		buffer_put_u32(b, (uint32_t)l->cuts[i].gal);
		buffer_put_string(b, l->filters[i] ? filter_text(l->filters[i]) : "");
		buffer_put_u8(b, 0);
	}
}

uint64_t settings_identity(const struct directory_settings *s)
{
	struct buffer b;
	UVersionInfo icu;

	buffer_init(&b, IDENTITY_MAX);
	u_getVersion(icu);
	buffer_put(&b, icu, sizeof icu);
	u_getUnicodeVersion(icu);
	buffer_put(&b, icu, sizeof icu);
	buffer_put_u32(&b, sizeof(struct object));
	put_attributes(&b);
	put_lists(&b, s->lists);
	return finish(&b);
}

uint64_t settings_index_identity(const struct directory_settings *s, size_t index)
{
	struct buffer b;
	uint8_t version[4];

	buffer_init(&b, IDENTITY_MAX);
	buffer_put_u32(&b, index < INDEX_ORDERS ? (uint32_t)index : INDEX_ORDERS);
	if (index == INDEX_TOKENS)
		buffer_put(&b, s->searched, s->searched_count * sizeof s->searched[0]);
	if (index >= INDEX_ORDERS) {
		const struct sort_order *order = &s->orders[index - INDEX_ORDERS];
		buffer_put_u32(&b, order->lcid);
		buffer_put_u8(&b, (uint8_t)order->sort);
		collation_version(order->lcid, version);
		buffer_put(&b, version, sizeof version);
	}
	return finish(&b);
}
