#ifndef DIRECTORY_DIRECTORY_H
#define DIRECTORY_DIRECTORY_H

/*
 * The address book that readers see. A struct snapshot is immutable and reference counted; struct
 * directory is the point where a new one is published. Each event loop keeps one reader, whose
 * refresh is one atomic load; a call that outlives its slice takes a reference of its own.
 */

#include "base/error.h"
#include "directory/entry.h"

struct directory;
struct snapshot;

struct directory_config {
	const char *const *anr_attributes; /* LDAP names, beside the built-in ones */
	size_t anr_attribute_count;
	const uint32_t
		*locales; /* LCIDs of the sort orders that are kept, beside 0x409, the default */
	size_t locale_count;
};

struct directory *directory_new(
	const struct directory_config *config); /* publishes an empty snapshot */
void directory_free(struct directory *d);

/*
 * Who sees what from now on; takes a reference to the policy. Readers have it at once, or when
 * *rebuild is set with the next snapshot, which has to be made from nothing, for the lists have
 * changed. Never while a builder is at work.
 */
struct policy;
struct policy *directory_policy(struct directory *d); /* a reference; NULL when none was set */
int directory_set_policy(struct directory *d, struct policy *p, bool *rebuild, struct error *e);

const struct snapshot *directory_acquire(struct directory *d); /* a reference */
const struct snapshot *snapshot_ref(const struct snapshot *s);
void snapshot_unref(const struct snapshot *s);
void directory_publish(struct directory *d, const struct snapshot *s); /* takes the reference */

struct directory_reader {
	struct directory *directory;
	const struct snapshot *snapshot; /* one reference */
	uint64_t generation;
};

void directory_reader_init(struct directory_reader *r, struct directory *d);
/* The newest snapshot, borrowed until the next refresh. */
const struct snapshot *directory_reader_refresh(struct directory_reader *r);
void directory_reader_done(struct directory_reader *r);

/*
 * A sort order that the configuration names and the snapshot lacks. It is made in seconds, from any
 * thread, while others answer in its place; then what changed meanwhile is followed, and it is
 * published, while nobody else does.
 */
struct order;

struct order_state {
	const char *locale; /* "de-DE" */
	uint32_t lcid;
	bool phonetic; /* by phonetic display name */
	bool made;
};
/* The orders that the configuration names, the default first; false when there is none so far on.
 */
bool snapshot_order(const struct snapshot *s, size_t number, struct order_state *out);

struct order *order_make(const struct snapshot *s);       /* NULL when none is missing */
void order_publish(struct order *o, struct directory *d); /* consumes it */
void order_free(struct order *o);                         /* instead; NULL is fine */

size_t snapshot_count(const struct snapshot *s);        /* objects, hidden ones too */
uint64_t snapshot_source(const struct snapshot *s);     /* see builder_set_source */
uint64_t snapshot_generation(const struct snapshot *s); /* goes up with each publication */

/*
 * The builder: one thread (the store's writer). Starts from a snapshot, whose blocks the result
 * shares, or from nothing. A put replaces the object with that MId.
 */
struct directory_builder;

struct directory_builder *builder_new(struct directory *d,
                                      const struct snapshot *base /* or NULL */);
/* 0 with e->text not empty: the entry was taken, but for what the text names (a warning). */
int builder_put(struct directory_builder *b, const struct entry *entry, struct error *e);
void builder_remove(struct directory_builder *b, uint32_t mid);
/* What the store calls the state that the result shows. */
void builder_set_source(struct directory_builder *b, uint64_t generation);
/* When everything is loaded anew: only the default sort order, the others come later. */
void builder_leave_orders(struct directory_builder *b);

/*
 * A part of what is put, for a book that is loaded on several threads: each has a part of its own,
 * which is then joined to the builder, on the builder's thread and in order of MId.
 */
struct builder_part;

struct builder_part *builder_part_new(struct directory_builder *b);
/* An entry that cannot be taken is not in the book. */
int builder_part_put(struct builder_part *p, const struct entry *entry, struct error *e);
/* warn is told of each entry that is not as it should be. */
void builder_join(struct directory_builder *b, struct builder_part *p,
                  void (*warn)(void *context, uint32_t mid, const char *text), void *context);
void builder_part_free(struct builder_part *p); /* instead of joining it; NULL is fine */

/* Consumes the builder; a reference. */
const struct snapshot *builder_finish(struct directory_builder *b);
void builder_free(struct directory_builder *b); /* gives up; NULL is fine */

#endif
