#include "directory/view.h"

#include "directory/collation-private.h"
#include "directory/hierarchy-private.h"
#include "directory/keys-private.h"
#include "directory/table-private.h"
#include "mapi/tags.h"

#include <stdlib.h>

/* The order of that kind that is nearest to the locale asked for, among those that are made; the
 * default where none is near. By phonetic names only for who asks in that language. */
static const struct sort_order *nearest_order(const struct snapshot *s, uint32_t sort,
                                              uint32_t lcid)
{
	const struct directory_settings *settings = s->settings;
	const struct sort_order *nearest = NULL;
	unsigned best = 0;
	if (sort == TABLE_BY_DISPLAY_NAME)
		nearest = &settings->orders[0];
	for (size_t i = 0; i < settings->order_count; i++) {
		const struct sort_order *order = &settings->orders[i];
		unsigned near = locale_nearness(lcid, order->lcid);
		if (order->sort != sort || near <= best || !s->indexes[INDEX_ORDERS + i])
			continue;
		best = near;
		nearest = order;
	}
	return nearest;
}

int table_open(const struct view *v, const struct container *c, uint32_t sort_type, uint32_t lcid,
               struct table *t)
{
	const struct snapshot *s = v->snapshot;
	const struct sort_order *order = nearest_order(s, sort_type, lcid);
	bool told = sort_type != TABLE_BY_PHONETIC_NAME ||
	            view_attribute(v, tag_id(PR_EMS_AB_PHONETIC_DISPLAY_NAME));
	if (!order || !told)
		return ERR_UNSUPPORTED;
	*t = (struct table){.snapshot = s,
	                    .container = c,
	                    .order = s->indexes[INDEX_ORDERS + (order - s->settings->orders)],
	                    .sort = order->sort,
	                    .lcid = order->lcid};
	return 0;
}

uint32_t table_count(const struct table *t)
{
	if (t->container->roster)
		return t->container->roster->count;
	return index_count(t->order, t->container->list);
}

static uint32_t roster_mids(const struct table *t, uint32_t position, uint32_t *mids, uint32_t max)
{
	const struct roster *r = t->container->roster;
	uint32_t count = r->count - position < max ? r->count - position : max;
	for (uint32_t i = 0; i < count; i++)
		mids[i] = r->mids[position + i];
	return count;
}

uint32_t table_mids(const struct table *t, uint32_t position, uint32_t *mids, uint32_t max)
{
	int list = t->container->list;
	uint32_t count = 0;
	if (position >= table_count(t))
		return 0;
	if (t->container->roster)
		return roster_mids(t, position, mids, max);
	struct index_cursor c = index_at(t->order, index_select(t->order, list, position));
	for (; count < max && index_cursor_valid(&c); index_cursor_next(&c, list))
		mids[count++] = index_cursor_mid(&c);
	return count;
}

uint32_t table_mid_at(const struct table *t, uint32_t position)
{
	uint32_t mid;
	return table_mids(t, position, &mid, 1) ? mid : 0;
}

size_t table_key(const struct table *t, const struct object *o, uint8_t key[INDEX_KEY_MAX])
{
	return collation_key(t->lcid, keys_sort_name(o, t->sort), key);
}

bool table_position(const struct table *t, uint32_t mid, uint32_t *position)
{
	const struct object *o = records_get(&t->snapshot->records, mid);
	uint8_t key[INDEX_KEY_MAX];
	if (!o || !container_holds(t->container, o))
		return false;
	if (t->container->roster)
		return roster_position(t->container->roster, mid, position);
	uint32_t place = index_lower(t->order, slice_of(key, table_key(t, o, key)), mid);
	*position = index_rank(t->order, t->container->list, place);
	return true;
}

/* Departments are not in the order of names: their first row that is not less. */
static uint32_t roster_seek(const struct table *t, struct slice wanted)
{
	const struct roster *r = t->container->roster;
	uint8_t key[INDEX_KEY_MAX];
	uint32_t i = 0;
	for (; i < r->count; i++) {
		const struct object *o = records_get(&t->snapshot->records, r->mids[i]);
		if (index_compare(slice_of(key, table_key(t, o, key)), 0, wanted, 0) >= 0)
			break;
	}
	return i;
}

uint32_t table_seek(const struct table *t, struct slice target)
{
	uint8_t key[INDEX_KEY_MAX];
	size_t size = collation_key(t->lcid, target, key);
	if (t->container->roster)
		return roster_seek(t, slice_of(key, size));
	uint32_t place = index_lower(t->order, slice_of(key, size), 0);
	return index_rank(t->order, t->container->list, place);
}

int table_compare_target(const struct view *v, const struct table *t, uint32_t mid,
                         struct slice target)
{
	const struct object *o = view_object(v, mid);
	uint8_t wanted[INDEX_KEY_MAX], own[INDEX_KEY_MAX];
	struct slice key = slice_of(wanted, collation_key(t->lcid, target, wanted));
	if (!o)
		return 1;
	return index_compare(key, 0, slice_of(own, table_key(t, o, own)), 0);
}
