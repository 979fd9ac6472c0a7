#ifndef CLI_TABLE_H
#define CLI_TABLE_H

/* Listings on a terminal. */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum column_kind {
	COLUMN_TEXT,  /* also lists of texts */
	COLUMN_RIGHT, /* numbers, limits */
	COLUMN_SPAN,  /* milliseconds */
	COLUMN_YES,   /* "yes" or nothing */
};

struct column {
	const char *title, *key;
	enum column_kind kind;
};

#define CLI_MAX_COLUMNS 10

/* In the order of those keys' values, the first key first; count is the most there may be, NULL
 * ends them. */
void table_sort(json_t *rows, const char *const *keys, size_t count);

/* rows is an array of objects; the table of columns ends with one without a title, or with
 * CLI_MAX_COLUMNS of them. */
void table_print(FILE *out, const struct column *columns, const json_t *rows);

/* Text of others, with what would steer a terminal replaced. */
void text_print(FILE *out, const char *text);

#endif
