#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cli/nspictl.h"

#define GAP 2

/* Characters that take two columns on a terminal (East Asian wide), and that take none. */
static const struct range {
	uint32_t first, last;
	int width;
} ranges[] = {
	{0x0300,   0x036F,  0},
        { 0x1100,  0x115F,  2},
        { 0x200B,  0x200F,  0},
	{ 0x2E80,  0x303E,  2},
        { 0x3041,  0xA4CF,  2},
        { 0xAC00,  0xD7A3,  2},
	{ 0xF900,  0xFAFF,  2},
        { 0xFE00,  0xFE0F,  0},
        { 0xFE30,  0xFE6F,  2},
	{ 0xFF00,  0xFF60,  2},
        { 0xFFE0,  0xFFE6,  2},
        { 0x1F300, 0x1FAFF, 2},
	{ 0x20000, 0x3FFFD, 2},
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

static void print_cell(FILE *out, const struct column *column, const char *text, int width,
                       bool last)
{
	bool right = column->kind == COLUMN_RIGHT || column->kind == COLUMN_SPAN;
	int blanks = width - width_of(text);
	if (right)
		fprintf(out, "%*s", blanks, "");
	text_print(out, text);
	if (!last)
		fprintf(out, "%*s", GAP + (right ? 0 : blanks), "");
}

static size_t count_columns(const struct column *columns)
{
	size_t count = 0;
	while (count < CLI_MAX_COLUMNS && columns[count].title)
		count++;
	return count;
}

void table_print(FILE *out, const struct column *columns, const json_t *rows)
{
	size_t width = count_columns(columns), height = json_array_size(rows) + 1;
	char **cells = xcalloc(width * height, sizeof(char *));
	int widths[CLI_MAX_COLUMNS] = { 0 };

	for (size_t i = 0; i < width * height; i++) {
		const struct column *column = &columns[i % width];
		cells[i] = i < width ? xstrdup(column->title)
		                     : format_cell(column, json_array_get(rows, i / width - 1));
		int w = width_of(cells[i]);
		if (w > widths[i % width])
			widths[i % width] = w;
	}
	for (size_t i = 0; i < width * height; i++) {
		bool last = i % width == width - 1;
		print_cell(out, &columns[i % width], cells[i], widths[i % width], last);
		if (last)
			fputc('\n', out);
		free(cells[i]);
	}
	free(cells);
}
