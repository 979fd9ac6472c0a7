#include "directory/records-private.h"

#include "base/memory.h"

#include <stdlib.h>

enum { LEVELS = 3 };
static const unsigned shifts[LEVELS] = {21, 10, 0};
static const unsigned slot_counts[LEVELS] = {2048, 2048, 1024};

struct records_node {
	_Atomic uint32_t refs;
	void *slots[]; /* nodes; on the last level objects */
};

static unsigned slot_of(uint32_t mid, unsigned level)
{
	return mid >> shifts[level] & (slot_counts[level] - 1);
}

static struct records_node *node_ref(struct records_node *n)
{
	atomic_fetch_add_explicit(&n->refs, 1, memory_order_relaxed);
	return n;
}

/* Recursion over the three levels. */
static void node_unref(struct records_node *n, unsigned level)
{
	if (!n || atomic_fetch_sub_explicit(&n->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (unsigned i = 0; i < slot_counts[level]; i++) {
		if (level == LEVELS - 1)
			object_unref(n->slots[i]);
		else
			node_unref(n->slots[i], level + 1);
	}
	free(n);
}

static struct records_node *new_node(unsigned level)
{
	struct records_node *n = xcalloc(1, sizeof *n + slot_counts[level] * sizeof n->slots[0]);
	n->refs = 1;
	return n;
}

/* A node that nobody else refers to, in the place of the one in *slot. */
static struct records_node *own_node(struct records_node **slot, unsigned level)
{
	struct records_node *old = *slot;
	if (old && atomic_load_explicit(&old->refs, memory_order_acquire) == 1)
		return old;
	struct records_node *n = new_node(level);
	for (unsigned i = 0; old && i < slot_counts[level]; i++) {
		n->slots[i] = old->slots[i];
		if (!n->slots[i])
			continue;
		if (level == LEVELS - 1)
			object_ref(n->slots[i]);
		else
			node_ref(n->slots[i]);
	}
	node_unref(old, level);
	*slot = n;
	return n;
}

struct records records_share(const struct records *r)
{
	return (struct records){r->root ? node_ref(r->root) : NULL};
}

void records_free(struct records *r)
{
	node_unref(r->root, 0);
	r->root = NULL;
}

static void *const *slot_at(const struct records *r, uint32_t mid)
{
	const struct records_node *n = r->root;
	for (unsigned level = 0; n && level < LEVELS - 1; level++)
		n = n->slots[slot_of(mid, level)];
	return n ? &n->slots[slot_of(mid, LEVELS - 1)] : NULL;
}

const struct object *records_get(const struct records *r, uint32_t mid)
{
	void *const *slot = slot_at(r, mid);
	return slot ? *slot : NULL;
}

static void expect(const struct object *o)
{
	enum { LINE = 64, LINES = 8 }; /* most are not longer */
	for (size_t i = 0; i < LINES; i++)
		__builtin_prefetch((const uint8_t *)o + i * LINE);
}

void records_get_all(const struct records *r, const uint32_t *mids, size_t count,
                     const struct object **objects)
{
	for (size_t i = 0; i < count; i++)
		__builtin_prefetch(slot_at(r, mids[i]));
	for (size_t i = 0; i < count; i++) {
		objects[i] = records_get(r, mids[i]);
		if (objects[i])
			expect(objects[i]);
	}
}

void records_set(struct records *r, uint32_t mid, const struct object *o)
{
	struct records_node *n = own_node(&r->root, 0);
	for (unsigned level = 1; level < LEVELS; level++) {
		void **slot = &n->slots[slot_of(mid, level - 1)];
		struct records_node *child = *slot;
		own_node(&child, level);
		*slot = child;
		n = child;
	}
	void **slot = &n->slots[slot_of(mid, LEVELS - 1)];
	object_unref(*slot);
	*slot = (void *)(uintptr_t)o;
}

struct each {
	void (*visit)(void *context, const struct object *o);
	void *context;
};

/* Recursion over the three levels, as below. */
static void each_of(const struct records_node *n, unsigned level, const struct each *e)
{
	for (unsigned i = 0; n && i < slot_counts[level]; i++) {
		if (!n->slots[i])
			continue;
		if (level == LEVELS - 1)
			e->visit(e->context, n->slots[i]);
		else
			each_of(n->slots[i], level + 1, e);
	}
}

void records_each(const struct records *r, void (*visit)(void *context, const struct object *o),
                  void *context)
{
	struct each e = {visit, context};
	each_of(r->root, 0, &e);
}

struct diff {
	void (*visit)(void *context, uint32_t mid, const struct object *before,
	              const struct object *after);
	void *context;
};

static void diff_of(const struct records_node *before, const struct records_node *after,
                    unsigned level, uint32_t base, const struct diff *d)
{
	if (before == after)
		return;
	for (unsigned i = 0; i < slot_counts[level]; i++) {
		void *x = before ? before->slots[i] : NULL, *y = after ? after->slots[i] : NULL;
		uint32_t mid = base | i << shifts[level];
		if (x == y)
			continue;
		if (level == LEVELS - 1)
			d->visit(d->context, mid, x, y);
		else
			diff_of(x, y, level + 1, mid, d);
	}
}

void records_diff(const struct records *before, const struct records *after,
                  void (*visit)(void *context, uint32_t mid, const struct object *before,
                                const struct object *after),
                  void *context)
{
	struct diff d = {visit, context};
	diff_of(before->root, after->root, 0, 0, &d);
}
