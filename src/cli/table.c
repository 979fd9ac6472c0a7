#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

#define GAP 2

/* Characters that take two columns on a terminal (East Asian wide), and that take none. */
static const struct range {
	uint32_t first, last;
	int width;
} ranges[] = {
	{0x0300,  0x036F,  0},
	{0x1100,  0x115F,  2},
	{0x200B,  0x200F,  0},
	{0x2E80,  0x303E,  2},
	{0x3041,  0xA4CF,  2},
	{0xAC00,  0xD7A3,  2},
	{0xF900,  0xFAFF,  2},
	{0xFE00,  0xFE0F,  0},
	{0xFE30,  0xFE6F,  2},
	{0xFF00,  0xFF60,  2},
	{0xFFE0,  0xFFE6,  2},
	{0x1F300, 0x1FAFF, 2},
	{0x20000, 0x3FFFD, 2},
};

static int width_of_character(uint32_t c)
{
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return ranges[i].width;
	return 1;
}

/* The next character of UTF-8 that jansson has checked. */
static uint32_t next_character(const char **text)
{
	const unsigned char *p = (const unsigned char *)*text;
	int more = p[0] < 0xC0 ? 0 : p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : 3;
	uint32_t c = more == 0 ? p[0] : p[0] & (0x3Fu >> more);
	int i = 1;
	for (; i <= more && p[i]; i++)
		c = c << 6 | (p[i] & 0x3F);
	*text += i;
	return c;
}

static int width_of(const char *text)
{
	int width = 0;
	while (*text)
		width += width_of_character(next_character(&text));
	return width;
}

static bool steers_a_terminal(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069);
}

void text_print(FILE *out, const char *text)
{
	while (*text) {
		const char *start = text;
		if (steers_a_terminal(next_character(&text)))
			fputc('?', out);
		else
			fwrite(start, 1, (size_t)(text - start), out);
	}
}

static char *join(const json_t *list)
{
	char *all = xstrdup("");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *item = json_string_value(json_array_get(list, i));
		char *longer = xasprintf("%s%s%s", all, i ? ", " : "", item ? item : "");
		free(all);
		all = longer;
	}
	return all;
}

static char *format_span(const json_t *value)
{
	char text[CLOCK_TEXT_SIZE];
	clock_format_span((uint64_t)json_integer_value(value), text);
	return xstrdup(text);
}

static char *format_cell(const struct column *column, const json_t *row)
{
	const json_t *value = json_object_get(row, column->key);
	if (column->kind == COLUMN_SPAN)
		return format_span(value);
	if (json_is_boolean(value))
		return xstrdup(json_is_true(value) ? "yes" : "");
	if (json_is_integer(value))
		return xasprintf("%lld", (long long)json_integer_value(value));
	if (json_is_array(value))
		return join(value);
	return xstrdup(json_is_string(value) ? json_string_value(value) : "");
}

/* Blanks are kept back until something follows them on the line. */
static void print_cell(FILE *out, const struct column *column, const char *text, int width,
                       int *blanks)
{
	bool right = column->kind == COLUMN_RIGHT || column->kind == COLUMN_SPAN;
	int padding = width - width_of(text);

	if (text[0]) {
		fprintf(out, "%*s", *blanks + (right ? padding : 0), "");
		text_print(out, text);
		*blanks = GAP + (right ? 0 : padding);
	} else {
		*blanks += GAP + padding;
	}
}

static size_t count_columns(const struct column *columns)
{
	size_t count = 0;
	while (count < CLI_MAX_COLUMNS && columns[count].title)
		count++;
	return count;
}

static int compare_values(const json_t *a, const json_t *b)
{
	if (json_is_string(a) && json_is_string(b))
		return strcmp(json_string_value(a), json_string_value(b));
	json_int_t x = json_integer_value(a), y = json_integer_value(b);
	return x < y ? 1 : x > y ? -1 : 0;
}

struct order {
	const char *const *keys;
	size_t count;
};

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct order *order = context;
	int result = 0;
	for (size_t i = 0; i < order->count && order->keys[i] && result == 0; i++)
		result = compare_values(json_object_get(*(json_t *const *)a, order->keys[i]),
		                        json_object_get(*(json_t *const *)b, order->keys[i]));
	return result;
}

void table_sort(json_t *rows, const char *const *keys, size_t count)
{
	struct order order = {.keys = keys, .count = count};
	size_t height = json_array_size(rows);
	json_t **list = xcalloc(height + 1, sizeof(json_t *));

	if (keys[0]) {
		for (size_t i = 0; i < height; i++)
			list[i] = json_incref(json_array_get(rows, i));
		qsort_r(list, height, sizeof list[0], compare_rows, &order);
		json_array_clear(rows);
		for (size_t i = 0; i < height; i++)
			json_array_append_new(rows, list[i]);
	}
	free(list);
}

/* All cells, the titles first; widths become those of the widest in each column. */
static char **format_cells(const struct column *columns, const json_t *rows, size_t width,
                           int *widths)
{
	size_t count = width * (json_array_size(rows) + 1);
	char **cells = xcalloc(count, sizeof(char *));

	for (size_t i = 0; i < count; i++) {
		const struct column *column = &columns[i % width];
		cells[i] = i < width ? xstrdup(column->title)
		                     : format_cell(column, json_array_get(rows, i / width - 1));
		int w = width_of(cells[i]);
		if (w > widths[i % width])
			widths[i % width] = w;
	}
	return cells;
}

void table_print(FILE *out, const struct column *columns, const json_t *rows)
{
	size_t width = count_columns(columns), height = json_array_size(rows) + 1;
	int widths[CLI_MAX_COLUMNS] = {0}, blanks = 0;
	char **cells = format_cells(columns, rows, width, widths);

	for (size_t i = 0; i < width * height; i++) {
		if (i > 0 && i % width == 0) {
			fputc('\n', out);
			blanks = 0;
		}
		print_cell(out, &columns[i % width], cells[i], widths[i % width], &blanks);
		free(cells[i]);
	}
	fputc('\n', out);
	free(cells);
}
