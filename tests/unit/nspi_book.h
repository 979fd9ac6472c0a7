#ifndef TESTS_UNIT_NSPI_BOOK_H
#define TESTS_UNIT_NSPI_BOOK_H

/*
 * The small book with a session on it, as cmocka's *state. ask() runs one operation to its end and
 * gives its answer, which lives until the next ask().
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mapi/entryid.h"
#include "mapi/tags.h"

#include "small_book.h"

static inline void *ask(struct book *b, enum book_opnum opnum, void *in)
{
	book_begin_call(b);
	enum nspi_run run = nspi_call_start(&b->call, (uint16_t)opnum, in);
	while (run == NSPI_YIELD) {
		b->yields++;
		run = nspi_call_step(&b->call);
	}
	assert_int_equal(run, NSPI_DONE);
	assert_int_equal(b->call.fault, 0);
	return b->call.out;
}

static inline struct nspi_bind_out *book_bind(struct book *b)
{
	struct nspi_bind_in in = {.stat = book_stat()};
	struct nspi_bind_out *out = ask(b, OP_BIND, &in);

	assert_int_equal(out->status, MAPI_SUCCESS);
	b->handle = out->handle;
	return out;
}

static inline int book_make(void **state, enum nspi_profile profile)
{
	struct book *b = book_filled(profile);

	book_bind(b);
	*state = b;
	return 0;
}

static inline int book_setup(void **state)
{
	return book_make(state, NSPI_PROFILE_DIRECTORY);
}

static inline int book_setup_exchange(void **state)
{
	return book_make(state, NSPI_PROFILE_EXCHANGE);
}

static inline int book_teardown(void **state)
{
	book_free(*state);
	return 0;
}

/* A test on a domain controller's book, on an Exchange server's, on both. */
#define ON_DIRECTORY(f) cmocka_unit_test_setup_teardown(f, book_setup, book_teardown)
#define ON_EXCHANGE(f)  cmocka_unit_test_setup_teardown(f, book_setup_exchange, book_teardown)
#define ON_BOTH(f)      ON_DIRECTORY(f), ON_EXCHANGE(f)

/* A list of tags or MIds from its items. */
#define TAGS(...)                                                                                  \
	(&(struct mapi_tags){                                                                      \
		.count = sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t),                     \
		.items = (uint32_t[]){__VA_ARGS__},                                                \
	})
#define NO_TAGS (&(struct mapi_tags){.count = 0, .items = (uint32_t[]){0}})

static inline void assert_tags(const struct mapi_tags *actual, const struct mapi_tags *expected)
{
	assert_non_null(actual);
	assert_int_equal(actual->count, expected->count);
	for (uint32_t i = 0; i < expected->count; i++)
		assert_int_equal(actual->items[i], expected->items[i]);
}

static inline void assert_text(struct slice actual, const char *expected)
{
	assert_non_null(actual.data);
	assert_int_equal(actual.size, strlen(expected));
	assert_memory_equal(actual.data, expected, actual.size);
}

/* A row whose first value is a string. */
static inline void assert_row_text(const struct mapi_rows *rows, uint32_t row, const char *expected)
{
	assert_non_null(rows);
	assert_true(row < rows->count);
	assert_text(rows->rows[row].values[0].string, expected);
}

static inline void assert_stat_equal(const struct nspi_stat *a, const struct nspi_stat *b)
{
	assert_memory_equal(a, b, sizeof *a);
}

/* Values of one object, any status; asked in code page 1252. */
static inline struct nspi_get_props_out *book_props(struct book *b, uint32_t mid,
                                                    struct mapi_tags *tags)
{
	struct nspi_get_props_in in = {.handle = b->handle, .stat = book_stat(), .tags = tags};

	in.stat.current_rec = mid;
	return ask(b, OP_GET_PROPS, &in);
}

#define NAME_UNICODE PR_DISPLAY_NAME
#define NAME_STRING8 0x3001001Eu

/* STAT of a row of the global address list. */
static inline void assert_position(const struct nspi_stat *stat, uint32_t row)
{
	assert_int_equal(stat->current_rec, row < BOOK_SIZE ? book_order[row] : MID_END_OF_TABLE);
	assert_int_equal(stat->num_pos, row);
	assert_int_equal(stat->total_recs, BOOK_SIZE);
	assert_int_equal(stat->delta, 0);
}

/* The MId in a row whose first value is PidTagInstanceKey. */
static inline uint32_t instance_of(const struct mapi_row *row)
{
	const uint8_t *key = row->values[0].binary.data;

	assert_int_equal(row->values[0].tag, PR_INSTANCE_KEY);
	assert_int_equal(row->values[0].binary.size, 4);
	return (uint32_t)(key[0] | key[1] << 8 | key[2] << 16 | (uint32_t)key[3] << 24);
}

static inline void book_set_limits(struct book *b, uint32_t max_rows, uint32_t max_answer_bytes)
{
	const struct nspi_settings settings = {
		.max_rows = max_rows,
		.max_answer_bytes = max_answer_bytes,
		.max_matches = 1000,
	};

	nspi_service_set_settings(b->service, &settings);
}

#endif
