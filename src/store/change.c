#include "store/change.h"

#include <stdlib.h>

#include "base/memory.h"
#include "mapi/attributes.h"
#include "store/edit.h"
#include "store/journal.h"
#include "store/publish.h"
#include "store/store-private.h"

enum { VALUES_MAX = 100000 }; /* of an attribute: what an array on the wire can hold */

/* The transaction, and the entry that it is at. */
struct changing {
	struct store *store;
	const struct rights *rights;
	const struct snapshot *now; /* what the store said before */
	MDB_txn *txn;
	struct names *names;
	uint64_t generation;
	struct record record, other; /* they borrow from the store, until the next put */
	struct buffer bytes;
	uint32_t *changed; /* MIds */
	size_t changed_count;
};

static int load(struct changing *g, uint32_t mid, struct slice *bytes, struct record *r,
                struct error *e)
{
	int err = store_get(g->store, g->txn, TABLE_ENTRIES, slice_of(&mid, sizeof mid), bytes, e);

	if (!err && !record_decode(r, *bytes))
		err = store_fail(g->store, e, MDB_CORRUPTED, "cannot read an entry");
	return err;
}

static bool is_name_of(const struct name *name, uint16_t property_id)
{
	const struct attribute *a =
		name && name->plain ? attribute_by_name(slice_of_string(name->spelled)) : NULL;

	return a && tag_id(a->tag) == property_id;
}

static bool is_own_name(const struct name *name, const struct attribute *a)
{
	return slice_equal_nocase(slice_of_string(name->spelled), slice_of_string(a->ldap_name));
}

/* The attribute in which the entry keeps a property, whose own name goes before another schema's;
 * NULL when it has none of them. */
static const struct name *name_in_entry(const struct changing *g, const struct attribute *a)
{
	const struct record *r = &g->record;
	const struct name *found = NULL;

	for (size_t i = 0; i < r->count; i++) {
		const struct name *name = names_at(g->names, r->values[i].name);

		if (i > 0 && r->values[i].name == r->values[i - 1].name)
			continue;
		if (!is_name_of(name, tag_id(a->tag)))
			continue;
		if (is_own_name(name, a))
			return name;
		if (!found)
			found = name;
	}
	return found;
}

/* The links of an edit as the DNs of their other ends; those of entries that are gone are left
 * out. */
static int take_links(struct changing *g, struct change *c, struct change_edit *edit,
                      struct error *e)
{
	size_t count = 0;

	edit->values = arena_alloc_array(&c->memory, edit->count, sizeof *edit->values);
	if (!edit->values)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < edit->count; i++) {
		struct slice bytes = {0};
		int err = load(g, edit->links[i], &bytes, &g->other, e);

		if (!err) {
			edit->links[count] = edit->links[i];
			edit->values[count++] = g->other.dn;
		} else if (err != ERR_NOT_FOUND || edit->kind == CHANGE_ADD) {
			return err;
		}
	}
	edit->count = count;
	return 0;
}

static void remove_property(struct changing *g, const struct attribute *a)
{
	const struct name *name;

	while ((name = name_in_entry(g, a)))
		edit_remove_all(&g->record, name->id);
}

static int apply_edit(struct changing *g, struct change *c, struct change_edit *edit,
                      struct error *e)
{
	const struct attribute *a = attribute_by_id(edit->property_id);
	const struct name *name = name_in_entry(g, a);
	size_t first;
	int err = edit->links ? take_links(g, c, edit, e) : 0;

	if (!err && !name)
		name = names_take(g->names, slice_of_string(a->ldap_name), slice_of(NULL, 0));
	if (err || !name || name->use != NAME_KEPT)
		return err ? err : ERR_LIMIT;
	if (edit->kind == CHANGE_REPLACE)
		remove_property(g, a);
	if (edit->kind == CHANGE_REMOVE)
		edit_remove(&g->record, name, edit->values, edit->count);
	else
		edit_add(&g->record, name, edit->values, edit->count);
	record_sort(&g->record);
	return record_values(&g->record, name->id, &first) > VALUES_MAX ? ERR_LIMIT : 0;
}

static int put(struct changing *g, struct change *c, struct slice old, struct error *e)
{
	struct slice key = slice_of(&c->mid, sizeof c->mid);

	g->record.generation = g->generation;
	buffer_clear(&g->bytes);
	record_encode(&g->record, &g->bytes);
	if (g->bytes.failed)
		return ERR_LIMIT;
	c->changed = !record_same(old, buffer_slice(&g->bytes));
	if (!c->changed)
		return 0;
	g->changed[g->changed_count++] = c->mid;
	return store_put(g->store, g->txn, TABLE_ENTRIES, key, buffer_slice(&g->bytes), e);
}

/* The change as a whole in memory, then to the disk in one piece. */
static int apply(struct changing *g, struct change *c, struct error *e)
{
	struct slice old = {0};

	if (!change_right(c, g->rights, g->now))
		return ERR_DENIED;
	int err = load(g, c->mid, &old, &g->record, e);
	for (size_t i = 0; i < c->edit_count && !err; i++)
		err = apply_edit(g, c, &c->edits[i], e);
	return err ? err : put(g, c, old, e);
}

static int begin(struct changing *g, struct change *list, struct error *e)
{
	size_t count = 0;

	for (const struct change *c = list; c; c = c->next)
		count++;
	g->changed = xcalloc(count, sizeof *g->changed);
	g->now = directory_acquire(g->store->directory);
	buffer_init(&g->bytes, RECORD_MAX);
	int err = store_begin_write(g->store, &g->txn, e);
	if (!err)
		err = names_load(g->store, g->txn, &g->names, e);
	if (!err)
		g->generation = store_meta_number(g->store, g->txn, "generation") + 1;
	return err;
}

static int save(struct changing *g, struct error *e)
{
	const struct mid_list changes = {g->changed, g->changed_count};
	int err = names_save(g->names, g->store, g->txn, e);

	if (!err)
		err = store_set_meta_number(g->store, g->txn, "generation", g->generation, e);
	if (!err)
		err = journal_add(g->store, g->txn, g->generation, &changes, 1, e);
	if (err)
		return err;
	err = store_commit(g->store, g->txn, e);
	g->txn = NULL;
	return err;
}

static void end(struct changing *g)
{
	mdb_txn_abort(g->txn);
	names_free(g->names);
	snapshot_unref(g->now);
	record_free(&g->record);
	record_free(&g->other);
	buffer_free(&g->bytes);
	free(g->changed);
}

/* After these nothing can be said of the transaction, nor of those behind in it. */
static bool breaks_transaction(int err)
{
	return err == ERR_FULL || err == ERR_SYSTEM || err == ERR_CORRUPT;
}

int changes_write(struct store *s, const struct rights *rights, struct change *list,
                  struct error *e)
{
	struct changing g = {.store = s, .rights = rights};
	int err = begin(&g, list, e);

	for (struct change *c = list; c && !err; c = c->next) {
		c->err = apply(&g, c, e);
		err = breaks_transaction(c->err) ? c->err : 0;
	}
	if (!err && g.changed_count > 0)
		err = save(&g, e);
	if (!err && g.changed_count > 0)
		publish_changes(s, &(struct mid_list){g.changed, g.changed_count}, 1);
	end(&g);
	return err;
}
