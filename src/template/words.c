#include "base/utf.h"
#include "template/template-private.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void drop(struct words *w, size_t size)
{
	w->line = slice_of(w->line.data + size, w->line.size - size);
}

static bool has_control_characters(struct slice s)
{
	for (size_t i = 0; i < s.size; i++)
		if (s.data[i] < 0x20 || s.data[i] == 0x7F)
			return true;
	return false;
}

/* What is wrong with the word; NULL when nothing is. */
static const char *set_text(struct words *w, enum word_kind kind, const void *text, size_t size)
{
	struct slice copy = slice_of(arena_strndup(w->arena, text, size), size);

	if (!copy.data)
		return "the files are too large together";
	if (has_control_characters(copy))
		return "a control character";
	w->kind = kind;
	w->text = copy;
	return NULL;
}

/* The line is behind the opening quote. */
static const char *read_quoted(struct words *w)
{
	uint8_t *text = arena_alloc_raw(w->arena, w->line.size + 1);
	size_t size = 0, i = 0;

	if (!text)
		return "the files are too large together";
	for (; i < w->line.size && w->line.data[i] != '"'; i++) {
		if (w->line.data[i] == '\\' && ++i == w->line.size)
			break;
		text[size++] = w->line.data[i];
	}
	if (i >= w->line.size)
		return "a text is not closed: add the closing \"";
	drop(w, i + 1);
	return set_text(w, WORD_QUOTED, text, size);
}

static const char *read_bare(struct words *w)
{
	const uint8_t *start = w->line.data;
	size_t size = 0;

	while (size < w->line.size && !is_blank(start[size]) && start[size] != '#' &&
	       start[size] != '"')
		size++;
	drop(w, size);
	return set_text(w, WORD_BARE, start, size);
}

void words_next(struct words *w)
{
	while (w->line.size > 0 && is_blank(*w->line.data))
		drop(w, 1);
	w->text = slice_of("", 0);
	w->fault = NULL;
	w->kind = WORD_END;
	if (w->line.size == 0 || *w->line.data == '#')
		return;
	if (*w->line.data == '"') {
		drop(w, 1);
		w->fault = read_quoted(w);
	} else {
		w->fault = read_bare(w);
	}
	if (w->fault)
		w->kind = WORD_BAD;
}

bool words_is(const struct words *w, const char *bare)
{
	return w->kind == WORD_BARE && slice_equal(w->text, slice_of_string(bare));
}

/* Digits of a base up to the end or a character that is none; false when there are none, or the
 * number is beyond max. */
static bool read_digits(struct slice *s, unsigned base, uint32_t max, uint32_t *number)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t value = 0;
	size_t i = 0;

	for (; i < s->size; i++) {
		uint8_t c = s->data[i];
		const char *at = memchr(digits, c >= 'A' && c <= 'F' ? c + 0x20 : c, base);
		if (!at)
			break;
		value = value * base + (uint64_t)(at - digits);
		if (value > max)
			return false;
	}
	*s = slice_of(s->data + i, s->size - i);
	*number = (uint32_t)value;
	return i > 0;
}

bool words_number(const struct words *w, uint32_t max, uint32_t *number)
{
	struct slice s = w->text;
	unsigned base = 10;

	if (slice_starts_nocase(s, "0x")) {
		s = slice_of(s.data + 2, s.size - 2);
		base = 16;
	}
	return w->kind == WORD_BARE && read_digits(&s, base, max, number) && s.size == 0;
}

bool words_pair(const struct words *w, char between, uint32_t *first, uint32_t *second)
{
	struct slice s = w->text;

	if (w->kind != WORD_BARE || !read_digits(&s, 10, UINT16_MAX, first) || s.size == 0 ||
	    *s.data != between)
		return false;
	s = slice_of(s.data + 1, s.size - 1);
	return read_digits(&s, 10, UINT16_MAX, second) && s.size == 0;
}
