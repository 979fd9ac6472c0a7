#include "directory/snapshot-private.h"

#include "base/memory.h"
#include "base/random.h"
#include "directory/collation-private.h"
#include "directory/directory.h"
#include "mapi/tags.h"

#include <stdlib.h>

static void add_order(struct directory_settings *s, uint32_t lcid, enum table_sort sort)
{
	for (size_t i = 0; i < s->order_count; i++)
		if (s->orders[i].lcid == lcid && s->orders[i].sort == sort)
			return;
	if (s->order_count < ORDERS_MAX)
		s->orders[s->order_count++] = (struct sort_order){lcid, sort};
}

/* MS-NSPI 2.2.10, behaviour note 5: names as they sound are sorted for Japanese alone. */
static void add_orders(struct directory_settings *s, const uint32_t *locales, size_t count)
{
	add_order(s, LCID_EN_US, TABLE_BY_DISPLAY_NAME);
	for (size_t i = 0; i < count && s->order_count < LOCALES_MAX; i++)
		add_order(s, locales[i], TABLE_BY_DISPLAY_NAME);
	for (size_t i = 0; i < count; i++)
		if (locales[i] == LCID_JAPANESE)
			add_order(s, LCID_JAPANESE, TABLE_BY_PHONETIC_NAME);
}

/* legacyExchangeDN resolves too, but whole, through the index of names. */
static void add_searched(struct directory_settings *s, const struct attribute *a)
{
	bool text = a && a->conversion == CONVERT_TEXT && a->source_id == 0;
	if (!text || a->tag == PR_EMAIL_ADDRESS || s->searched_count == SEARCHED_MAX)
		return;
	for (size_t i = 0; i < s->searched_count; i++)
		if (s->searched[i] == tag_id(a->tag))
			return;
	s->searched[s->searched_count++] = tag_id(a->tag);
}

struct directory_settings *directory_settings_new(const struct directory_config *config)
{
	struct directory_settings *s = xcalloc(1, sizeof *s);
	size_t count;
	const struct attribute *visible = attributes_visible(&count);

	s->refs = 1;
	random_bytes(&s->secret, sizeof s->secret);
	add_orders(s, config ? config->locales : NULL, config ? config->locale_count : 0);
	for (uint16_t id = 0; id < ATTRIBUTE_PRIVATE_END; id++) {
		const struct attribute *a = attribute_stored(id);
		if (a && a->anr)
			add_searched(s, a);
	}
	for (size_t i = 0; i < count; i++)
		if (visible[i].anr)
			add_searched(s, &visible[i]);
	for (size_t i = 0; config && i < config->anr_attribute_count; i++)
		add_searched(s, attribute_by_name(slice_of_string(config->anr_attributes[i])));
	lists_new(NULL, &s->lists, NULL);
	return s;
}

struct directory_settings *directory_settings_with(const struct directory_settings *old,
                                                   struct policy *p, struct address_lists *lists)
{
	struct directory_settings *s = xmalloc(sizeof *s);

	*s = *old;
	s->refs = 1;
	s->policy_number++;
	s->policy = policy_ref(p);
	s->lists = lists;
	return s;
}

struct directory_settings *directory_settings_ref(struct directory_settings *s)
{
	atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

void directory_settings_unref(struct directory_settings *s)
{
	if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
		return;
	policy_unref(s->policy);
	lists_unref(s->lists);
	free(s);
}
