#include "directory/load-private.h"

#include "base/memory.h"
#include "mapi/locale.h"

#include <stdlib.h>

struct order {
	const struct snapshot *base;
	size_t number; /* of the index */
	const struct index *index;
};

bool snapshot_order(const struct snapshot *s, size_t number, struct order_state *out)
{
	if (number >= s->settings->order_count)
		return false;
	const struct sort_order *order = &s->settings->orders[number];
	*out = (struct order_state){
		.locale = locale_by_lcid(order->lcid)->name,
		.lcid = order->lcid,
		.phonetic = order->sort == TABLE_BY_PHONETIC_NAME,
		.made = s->indexes[INDEX_ORDERS + number] != NULL,
	};
	return true;
}

static size_t missing_order(const struct snapshot *s)
{
	size_t i = INDEX_ORDERS;
	while (i < snapshot_index_count(s) && s->indexes[i])
		i++;
	return i;
}

struct order *order_make(const struct snapshot *s)
{
	size_t number = missing_order(s);
	if (number == snapshot_index_count(s))
		return NULL;
	struct order *o = xcalloc(1, sizeof *o);
	struct object_list all = object_list_new(&s->records, s->count);
	*o = (struct order){.base = snapshot_ref(s), .number = number};
	o->index = index_of_objects(s->settings, number, &all);
	object_list_free(&all);
	return o;
}

struct follow {
	const struct order *order;
	struct index_batch batch;
};

static void follow_change(void *context, uint32_t mid, const struct object *before,
                          const struct object *after)
{
	struct follow *f = context;
	const struct order *o = f->order;
	(void)mid;
	if (before)
		keys_put(o->base->settings, o->number, before, true, &f->batch);
	if (after)
		keys_put(o->base->settings, o->number, after, false, &f->batch);
}

static const struct index *follow(const struct order *o, const struct snapshot *now)
{
	struct follow f = {.order = o};
	index_batch_init(&f.batch);
	records_diff(&o->base->records, &now->records, follow_change, &f);
	const struct index *ix = index_apply(o->index, &f.batch);
	index_batch_free(&f.batch);
	return ix;
}

/* Whether the order means the same in that snapshot, and is still missing. */
static bool belongs_to(const struct order *o, const struct snapshot *now)
{
	return o->number < snapshot_index_count(now) && !now->indexes[o->number] &&
	       settings_index_identity(now->settings, o->number) ==
	               settings_index_identity(o->base->settings, o->number) &&
	       lists_alike(now->settings->lists, o->base->settings->lists);
}

void order_publish(struct order *o, struct directory *d)
{
	const struct snapshot *now = directory_acquire(d);
	if (belongs_to(o, now)) {
		struct snapshot *s = snapshot_copy(d, now);
		s->indexes[o->number] = follow(o, now);
		directory_publish(d, s);
	}
	snapshot_unref(now);
	order_free(o);
}

void order_free(struct order *o)
{
	if (!o)
		return;
	index_unref(o->index);
	snapshot_unref(o->base);
	free(o);
}
