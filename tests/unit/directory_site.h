#ifndef TESTS_UNIT_DIRECTORY_SITE_H
#define TESTS_UNIT_DIRECTORY_SITE_H

/* A directory, what has been put into it, and a view of what was published last. */

#include <assert.h>
#include <stdlib.h>

#include "book.h"

enum { FIRST = 0x1000, SITE_ENTRIES_MAX = 3000 };

struct site {
	struct arena arena;
	struct directory *directory;
	const struct snapshot *snapshot;
	struct viewer viewer;
	struct view view;
	struct entry *entries[SITE_ENTRIES_MAX];
	size_t count;
};

static inline struct site *site_open(void **state)
{
	struct site *s = calloc(1, sizeof *s);
	arena_init(&s->arena, SIZE_MAX);
	s->directory = directory_new(NULL);
	*state = s;
	return s;
}

static inline int site_setup(void **state)
{
	site_open(state);
	return 0;
}

static inline int site_teardown(void **state)
{
	struct site *s = *state;
	snapshot_unref(s->snapshot);
	directory_free(s->directory);
	arena_free(&s->arena);
	free(s);
	return 0;
}

static inline void site_add(struct site *s, struct entry *e)
{
	assert(s->count < SITE_ENTRIES_MAX);
	s->entries[s->count++] = e;
}

/* The view is the server's own again. */
static inline const struct view *site_look(struct site *s)
{
	snapshot_unref(s->snapshot);
	s->snapshot = directory_acquire(s->directory);
	s->view = (struct view){.snapshot = s->snapshot};
	return &s->view;
}

static inline void site_publish(struct site *s)
{
	book_publish(s->directory, s->entries, s->count);
	site_look(s);
}

#endif
