#include "directory/directory.h"

#include "base/hashmap.h"
#include "base/memory.h"
#include "directory/chunk-private.h"
#include "directory/container-private.h"
#include "directory/fold-private.h"
#include "directory/load-private.h"
#include "directory/lookup-private.h"
#include "mapi/tags.h"

#include <malloc.h>
#include <stdlib.h>

/* Hashes of the legacyExchangeDNs met so far, to warn of one that two entries share. Open
 * addressing; a DN's first MId stays. */
struct seen_dns {
	struct seen_dn {
		uint64_t hash; /* 0: free */
		uint32_t mid;
	} * slots;
	size_t count, capacity; /* capacity: a power of two */
};

enum { LOAD_MIN = 1000 };
enum { SETTLED_BYTES_MAX = 2048 };
enum { ENTRY_BYTES_MAX = 512 << 20 }; /* of values; a group of millions has less */

/* What is known of an entry before it is put beside the others. */
struct made_object {
	struct object *object; /* NULL: no recipient */
	uint32_t mid;
	uint64_t dn_hash; /* of its legacyExchangeDN */
};

struct builder_part {
	struct directory_settings *settings;
	struct draft draft;
	bool is_load; /* the objects are packed */
	struct object_packer packer;
	struct made_object *made;
	size_t count, capacity;
};

struct directory_builder {
	struct directory *directory;
	struct directory_settings *settings;
	const struct snapshot *base; /* NULL: nothing */
	struct records records;
	size_t count;
	uint32_t *touched; /* MIds put or removed, some of them twice */
	size_t touched_count, touched_capacity;
	struct seen_dns seen;
	struct builder_part *own; /* of those put one by one */
	uint64_t source;
	bool orders_later;
};

struct directory_builder *builder_new(struct directory *d, const struct snapshot *base)
{
	struct directory_builder *b = xcalloc(1, sizeof *b);
	b->directory = d;
	b->settings = directory_settings(d);
	if (base) {
		b->source = base->source;
		b->base = snapshot_ref(base);
		b->records = records_share(&base->records);
		b->count = base->count;
	}
	b->own = builder_part_new(b);
	return b;
}

void builder_free(struct directory_builder *b)
{
	if (!b)
		return;
	builder_part_free(b->own);
	records_free(&b->records);
	snapshot_unref(b->base);
	directory_settings_unref(b->settings);
	free(b->seen.slots);
	free(b->touched);
	free(b);
}

static struct seen_dn *seen_slot(const struct seen_dns *s, uint64_t hash)
{
	size_t i = hash & (s->capacity - 1);
	while (s->slots[i].hash && s->slots[i].hash != hash)
		i = (i + 1) & (s->capacity - 1);
	return &s->slots[i];
}

static void seen_grow(struct seen_dns *s)
{
	struct seen_dns bigger = {.capacity = s->capacity ? 2 * s->capacity : 64,
	                          .count = s->count};
	bigger.slots = xcalloc(bigger.capacity, sizeof *bigger.slots);
	for (size_t i = 0; i < s->capacity; i++)
		if (s->slots[i].hash)
			*seen_slot(&bigger, s->slots[i].hash) = s->slots[i];
	free(s->slots);
	*s = bigger;
}

/* The MId that has this DN since before, or the one given. */
static uint32_t seen_owner(struct seen_dns *s, uint64_t hash, uint32_t mid)
{
	if (s->count * 4 >= s->capacity * 3)
		seen_grow(s);
	struct seen_dn *slot = seen_slot(s, hash | 1);
	if (!slot->hash) {
		*slot = (struct seen_dn){hash | 1, mid};
		s->count++;
	}
	return slot->mid;
}

/* Another entry with this legacyExchangeDN: of those put into this builder, else of the base. 0:
 * none. */
static uint32_t other_owner(struct directory_builder *b, const struct made_object *m)
{
	uint32_t owner = seen_owner(&b->seen, m->dn_hash, m->mid);
	if (owner != m->mid)
		return owner;
	if (!b->base)
		return 0;
	struct view everything = {.snapshot = b->base};
	const struct object *o =
		lookup_legacy_dn(&everything, object_text(m->object, tag_id(PR_EMAIL_ADDRESS)));
	if (!o || o->mid == m->mid || records_get(&b->records, o->mid) != o)
		return 0;
	return o->mid;
}

static void touch(struct directory_builder *b, uint32_t mid, const struct object *o)
{
	const struct object *old = records_get(&b->records, mid);
	if (!old && !o)
		return;
	if (b->touched_count == b->touched_capacity) {
		b->touched_capacity = b->touched_capacity ? 2 * b->touched_capacity : 16;
		b->touched = xrealloc_array(b->touched, b->touched_capacity, sizeof *b->touched);
	}
	b->touched[b->touched_count++] = mid;
	b->count = b->count + (o != NULL) - (old != NULL);
	if (old)
		object_evacuate(&b->records, old);
	records_set(&b->records, mid, o);
}

static size_t entry_bytes(const struct entry *entry)
{
	size_t bytes = 0;
	for (size_t i = 0; i < entry->count; i++)
		for (size_t k = 0; k < entry->attributes[i].count; k++)
			bytes += entry->attributes[i].values[k].size;
	return bytes;
}

static int check_entry(const struct entry *entry, struct error *e)
{
	if (entry->mid < ENTRY_MID_FIRST)
		return error_set(e, ERR_INVALID, "MId 0x%x is reserved for address lists",
		                 entry->mid);
	if (entry->legacy_dn.size == 0 || entry->legacy_dn.size > NAME_MAX)
		return error_set(e, ERR_INVALID, "legacyExchangeDN must have 1 to %d bytes",
		                 NAME_MAX);
	if (entry_bytes(entry) > ENTRY_BYTES_MAX)
		return error_set(e, ERR_LIMIT, "an entry has at most %d bytes of values",
		                 ENTRY_BYTES_MAX);
	return 0;
}

struct builder_part *builder_part_new(struct directory_builder *b)
{
	struct builder_part *p = xcalloc(1, sizeof *p);
	p->settings = b->settings;
	p->is_load = !b->base;
	draft_init(&p->draft, &p->settings->secret);
	return p;
}

void builder_part_free(struct builder_part *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++)
		object_unref(p->made[i].object);
	object_packer_close(&p->packer);
	draft_free(&p->draft);
	free(p->made);
	free(p);
}

static struct made_object make_object(struct builder_part *p, const struct entry *entry)
{
	struct made_object m = {.mid = entry->mid};
	uint8_t folded[NAME_MAX];
	if (p->draft.category == CATEGORY_NONE)
		return m;
	size_t size = fold_case(entry->legacy_dn, folded, sizeof folded);
	m.dn_hash = hash_with(&p->settings->secret, slice_of(folded, size));
	m.object = draft_pack(&p->draft, entry, p->is_load ? &p->packer : NULL);
	m.object->lists = lists_of(p->settings->lists, m.object, entry);
	return m;
}

int builder_part_put(struct builder_part *p, const struct entry *entry, struct error *e)
{
	if (e)
		*e = (struct error){0};
	int err = check_entry(entry, e);
	draft_reset(&p->draft);
	if (!err) {
		draft_take(&p->draft, entry, e);
		draft_classify(&p->draft);
	}
	if (p->count == p->capacity) {
		p->capacity = p->capacity ? 2 * p->capacity : 16;
		p->made = xrealloc_array(p->made, p->capacity, sizeof *p->made);
	}
	p->made[p->count++] = make_object(p, entry);
	return err;
}

static void take_made(struct directory_builder *b, const struct made_object *m, struct error *e)
{
	uint32_t owner = m->object ? other_owner(b, m) : 0;
	if (owner) {
		struct slice dn = object_text(m->object, tag_id(PR_EMAIL_ADDRESS));
		error_set(e, 0,
		          "its legacyExchangeDN %.*s belongs to another entry too (MId 0x%x); "
		          "clients reach the one with the lower MId by it",
		          (int)(dn.size < 200 ? dn.size : 200), (const char *)dn.data, owner);
	}
	touch(b, m->mid, m->object);
}

void builder_join(struct directory_builder *b, struct builder_part *p,
                  void (*warn)(void *context, uint32_t mid, const char *text), void *context)
{
	for (size_t i = 0; i < p->count; i++) {
		struct error e = {0};
		take_made(b, &p->made[i], &e);
		if (e.text[0])
			warn(context, p->made[i].mid, e.text);
	}
	p->count = 0;
	builder_part_free(p);
}

int builder_put(struct directory_builder *b, const struct entry *entry, struct error *e)
{
	struct error none;
	int err = builder_part_put(b->own, entry, e ? e : &none);
	b->own->count = 0;
	if (err)
		return err;
	take_made(b, &b->own->made[0], e ? e : &none);
	return 0;
}

void builder_remove(struct directory_builder *b, uint32_t mid)
{
	touch(b, mid, NULL);
}

static int compare_mids(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void sort_touched(struct directory_builder *b)
{
	size_t kept = 0;
	if (b->touched_count > 1)
		qsort(b->touched, b->touched_count, sizeof *b->touched, compare_mids);
	for (size_t i = 0; i < b->touched_count; i++)
		if (i == 0 || b->touched[i] != b->touched[kept - 1])
			b->touched[kept++] = b->touched[i];
	b->touched_count = kept;
}

void builder_set_source(struct directory_builder *b, uint64_t generation)
{
	b->source = generation;
}

void builder_leave_orders(struct directory_builder *b)
{
	b->orders_later = true;
}

/* The keys that the touched objects had, and those that they have. */
static void put_changes(struct directory_builder *b, size_t index, struct index_batch *batch)
{
	for (size_t i = 0; i < b->touched_count; i++) {
		uint32_t mid = b->touched[i];
		const struct object *before = b->base ? records_get(&b->base->records, mid) : NULL;
		const struct object *after = records_get(&b->records, mid);
		if (before)
			keys_put(b->settings, index, before, true, batch);
		if (after)
			keys_put(b->settings, index, after, false, batch);
	}
}

/* NULL when the base has no such index yet. */
static const struct index *change_index(struct directory_builder *b, size_t index)
{
	const struct index *old =
		b->base ? b->base->indexes[index] : index_empty(keys_lists(b->settings, index));
	struct index_batch batch;
	if (!old)
		return NULL;
	index_batch_init(&batch);
	put_changes(b, index, &batch);
	const struct index *ix = index_apply(old, &batch);
	index_batch_free(&batch);
	if (!b->base)
		index_unref(old);
	return ix;
}

/* Puts the objects in the order of the default locale's table, where most of them are read from.
 * One with a photo stays where it is: it fills pages of its own. */
static void settle_objects(struct directory_builder *b, const struct index *order)
{
	struct object_packer packer = {0};
	struct index_cursor c = index_at(order, 0);
	for (; index_cursor_valid(&c); index_cursor_next(&c, INDEX_ALL)) {
		uint32_t mid = index_cursor_mid(&c);
		const struct object *o = records_get(&b->records, mid);
		if (o->size < SETTLED_BYTES_MAX)
			records_set(&b->records, mid, object_packer_copy(&packer, o));
	}
	object_packer_close(&packer);
	malloc_trim(0); /* what the load needed for a while */
}

static void change_indexes(struct directory_builder *b, struct snapshot *s)
{
	for (size_t i = 0; i < snapshot_index_count(s); i++)
		s->indexes[i] = change_index(b, i);
}

static void load_indexes(struct directory_builder *b, struct snapshot *s)
{
	size_t count = b->orders_later ? INDEX_ORDERS + 1 : snapshot_index_count(s);
	struct object_list all = object_list_new(&b->records, b->count);
	s->indexes[INDEX_ORDERS] = index_of_objects(b->settings, INDEX_ORDERS, &all);
	for (size_t i = 0; i < count; i++)
		if (i != INDEX_ORDERS)
			s->indexes[i] = index_of_objects(b->settings, i, &all);
	object_list_free(&all);
	settle_objects(b, s->indexes[INDEX_ORDERS]);
}

/* A book that was loaded anew, not changed a little. */
static bool is_load(const struct directory_builder *b)
{
	return b->touched_count >= LOAD_MIN && b->touched_count > b->count / 2;
}

const struct snapshot *builder_finish(struct directory_builder *b)
{
	struct snapshot *s = snapshot_new(b->directory, b->settings);
	sort_touched(b);
	s->count = b->count;
	s->source = b->source;
	if (is_load(b))
		load_indexes(b, s);
	else
		change_indexes(b, s);
	s->records = b->records;
	b->records = (struct records){NULL};
	builder_free(b);
	return s;
}
