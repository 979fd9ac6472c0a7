#include <stdarg.h>
#include <stdio.h>

#include "template/description-private.h"

int parser_fail(struct parser *p, const char *format, ...)
{
	char what[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	return error_set(p->error, ERR_INVALID, "%s:%u: %s", p->path, p->line, what);
}

const char *parser_word(const struct parser *p)
{
	return (const char *)p->words.text.data;
}

int parser_unexpected(struct parser *p, const char *wanted)
{
	if (p->words.kind == WORD_BAD)
		return parser_fail(p, "%s", p->words.fault);
	if (p->words.kind == WORD_END)
		return parser_fail(p, "%s is missing", wanted);
	return parser_fail(p, "%.80s: %s is wanted here", parser_word(p), wanted);
}

int parser_no_memory(struct parser *p)
{
	return parser_fail(p, "the files are too large together");
}

int parser_end_of_line(struct parser *p)
{
	words_next(&p->words);
	return p->words.kind == WORD_END ? 0 : parser_unexpected(p, "the end of the line");
}

int parser_quoted(struct parser *p, const char *wanted, size_t room, struct slice *text)
{
	words_next(&p->words);
	if (p->words.kind != WORD_QUOTED)
		return parser_unexpected(p, wanted);
	if (p->words.text.size >= room)
		return parser_fail(p, "\"%.80s\" has %zu bytes, %zu are allowed here",
		                   parser_word(p), p->words.text.size, room - 1);
	*text = p->words.text;
	return 0;
}
