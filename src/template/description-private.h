#ifndef TEMPLATE_DESCRIPTION_PRIVATE_H
#define TEMPLATE_DESCRIPTION_PRIVATE_H

/* A description file while it is read: one statement a line, docs/templates.md tells what they say.
 */

#include "template/template-private.h"

struct parser {
	struct templates *set;
	struct language *language; /* NULL before its statement */
	struct template *template; /* the current one, NULL before the first */
	struct control *last;      /* of its controls */
	size_t templates;
	uint32_t inputs; /* of the current template: a bit for each that has a control */
	uint32_t wanted; /* the same of those in its result */
	const char *path;
	unsigned line;
	struct words words;
	struct error *error;
};

/* All return ERR_INVALID, with file and line. */
int parser_fail(struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Of the current word, which is not what was wanted. */
int parser_unexpected(struct parser *p, const char *wanted);
int parser_no_memory(struct parser *p);

/* The current word, for messages. */
const char *parser_word(const struct parser *p);
/* 0 when the next word is the end of the line. */
int parser_end_of_line(struct parser *p);
/* The next word as a text in quotes with less than room bytes. */
int parser_quoted(struct parser *p, const char *wanted, size_t room, struct slice *text);

/* description_control.c: the statement of a control, its first word read. */
int parse_control(struct parser *p, const struct control_kind *kind);

#endif
