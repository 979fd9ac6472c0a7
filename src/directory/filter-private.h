#ifndef DIRECTORY_FILTER_PRIVATE_H
#define DIRECTORY_FILTER_PRIVATE_H

#include "base/arena.h"
#include "directory/filter.h"

enum { FILTER_MAX_BYTES = 4096, FILTER_MAX_DEPTH = 32 };

enum filter_kind {
	FILTER_AND,
	FILTER_OR,
	FILTER_NOT,
	FILTER_EQUAL,
	FILTER_APPROXIMATE,
	FILTER_GREATER,
	FILTER_LESS,
	FILTER_PRESENT,
	FILTER_SUBSTRING,
	FILTER_ALL_BITS,  /* 1.2.840.113556.1.4.803 */
	FILTER_SOME_BITS, /* 1.2.840.113556.1.4.804 */
};

enum filter_syntax {
	FILTER_TEXT,
	FILTER_DN,
	FILTER_CATEGORY, /* objectCategory: a DN, for which the first name in it may stand */
};

/* A part of a value; between two of them anything may stand. */
struct filter_piece {
	struct filter_piece *next;
	struct slice text; /* folded */
};

struct filter_node {
	enum filter_kind kind;
	enum filter_syntax syntax;
	struct filter_node *children, *next;
	struct slice attribute;
	struct slice value; /* folded; a normalised DN */
	int64_t number;
	bool has_number;
	struct filter_piece *pieces; /* the first and the last one stand at the ends, maybe empty */
};

struct filter {
	struct arena arena;
	const char *text;
	const struct filter_node *root;
};

bool filter_number(struct slice text, int64_t *number);
/* What a value of that syntax compares as; data is NULL when the arena is full. */
struct slice filter_fold(struct arena *a, enum filter_syntax syntax, struct slice value);

#endif
