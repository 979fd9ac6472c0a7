#ifndef STORE_FEED_H
#define STORE_FEED_H

/*
 * Records of the store on their way into a part of the book, in the form that the directory takes.
 * One thread has it, and its own view of the store.
 */

#include "store/names.h"
#include "store/record.h"

struct feed {
	struct store *store;
	MDB_txn *txn;
	struct names *names;
	struct builder_part *part;
	struct record record;
	struct slice *values;
	struct entry_attribute *attributes;
	size_t room;              /* of both */
	_Atomic size_t *warnings; /* counts them; only the first few are told */
	size_t taken;
	uintptr_t read_start, read_end; /* where in the store's map the records were */
};

/* Every opened feed, also when that failed, is closed. */
int feed_open(struct feed *f, struct store *s, struct directory_builder *b,
              _Atomic size_t *warnings, struct error *e);
int feed_put(struct feed *f, uint32_t mid, struct slice bytes, struct error *e);
/* What was put goes into the book; an error ends all of it. */
void feed_join(struct feed *f, struct directory_builder *b);
void feed_close(struct feed *f);

/* Tells how many more there were. */
void feed_tell_warnings(size_t warnings);

#endif
