#include "conf/conf-private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

/*
 * The words of libconfuse's grammar as far as its lexer agrees with nobody else's reading of the
 * same bytes: comments begin with #, strings stand in double quotes, ${X} and += are refused.
 */

enum token_kind {
	TOKEN_END,
	TOKEN_WORD, /* or a string */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_EQUALS,
	TOKEN_COMMA,
	TOKEN_BAD, /* the error is set */
};

struct token {
	enum token_kind kind;
	struct slice text; /* of a word; of a string with its quotes */
	unsigned line;
};

struct scanner {
	const char *path;
	const uint8_t *pos, *end;
	unsigned line;
	struct conf_places *places;
	struct error *error;
};

static int fail(struct scanner *s, unsigned line, const char *what)
{
	return error_set(s->error, ERR_INVALID, "%s:%u: %s", s->path, line, what);
}

static struct token bad(struct scanner *s, const char *what)
{
	fail(s, s->line, what);
	return (struct token){.kind = TOKEN_BAD};
}

static void skip_blanks(struct scanner *s)
{
	for (; s->pos < s->end; s->pos++) {
		if (*s->pos == '#')
			while (s->pos + 1 < s->end && s->pos[1] != '\n')
				s->pos++;
		else if (*s->pos == '\n')
			s->line++;
		else if (*s->pos != ' ' && *s->pos != '\t' && *s->pos != '\r')
			return;
	}
}

static struct token take_string(struct scanner *s)
{
	const uint8_t *start = s->pos;
	unsigned line = s->line;

	for (s->pos++; s->pos < s->end; s->pos++) {
		uint8_t next = s->pos + 1 < s->end ? s->pos[1] : 0;
		if (*s->pos == '"') {
			s->pos++;
			return (struct token){TOKEN_WORD, slice_of(start, (size_t)(s->pos - start)),
			                      line};
		}
		if (*s->pos == '\n')
			return bad(s, "a string ends on the line it begins on: add the closing \"");
		if (*s->pos == '$' && next == '{')
			return bad(s, "${...} is not expanded here: write \\$ for a dollar sign, "
			              "or the value itself");
		if (*s->pos == '\\') {
			if (next == 0 || !strchr("\"\\$", next))
				return bad(s, "after a backslash only \", \\ or $ can follow");
			s->pos++;
		}
	}
	return bad(s, "a string is not closed: add the closing \"");
}

static bool in_word(uint8_t c)
{
	return c > 0x20 && c < 0x7F && !strchr("\"'#={}()+,*$", c);
}

static struct token take_word(struct scanner *s)
{
	const uint8_t *start = s->pos;

	while (s->pos < s->end && in_word(*s->pos)) {
		if (*s->pos == '/' && s->pos + 1 < s->end && strchr("/*", s->pos[1]))
			return bad(s, "comments begin with #; write a value that holds // or /* in "
			              "double quotes");
		s->pos++;
	}
	if (s->pos == start)
		return bad(s, "unexpected character: write texts in double quotes");
	return (struct token){TOKEN_WORD, slice_of(start, (size_t)(s->pos - start)), s->line};
}

static struct token next_token(struct scanner *s)
{
	static const char marks[] = "{}=,";
	static const enum token_kind kinds[] = {TOKEN_OPEN, TOKEN_CLOSE, TOKEN_EQUALS, TOKEN_COMMA};

	skip_blanks(s);
	if (s->pos == s->end)
		return (struct token){.kind = TOKEN_END, .line = s->line};
	const char *mark = *s->pos ? strchr(marks, *s->pos) : NULL;
	if (mark) {
		s->pos++;
		return (struct token){.kind = kinds[mark - marks], .line = s->line};
	}
	return *s->pos == '"' ? take_string(s) : take_word(s);
}

static int note_place(struct scanner *s, const struct conf_place *place)
{
	const struct conf_place *first =
		conf_place_find(s->places, place->section, place->ordinal, place->option);

	if (first)
		return error_set(s->error, ERR_EXISTS,
		                 "%s:%u: %s was given on line %u already: remove one of them",
		                 s->path, place->line,
		                 place->option ? place->option->key : place->section->name,
		                 first->line);
	s->places->items = xrealloc_array(s->places->items, s->places->count + 1, sizeof *place);
	s->places->items[s->places->count++] = *place;
	return 0;
}

/* Where a key that does not belong here would be at home. */
static const char *home_of(struct slice key)
{
	for (size_t i = 1; i < conf_section_count; i++)
		if (conf_find_option(conf_sections[i].name, key))
			return conf_sections[i].name;
	return NULL;
}

static void write_hint(const char *section, struct slice written, char *out, size_t size)
{
	const char *home = section ? home_of(written) : NULL;
	const char *near = conf_suggest(section, written);

	if (home)
		snprintf(out, size, "; it belongs in section %s", home);
	else if (near)
		snprintf(out, size, ": did you mean \"%s\"?", near);
	else
		snprintf(out, size, "; see nspid.conf(5)");
}

/* section NULL: the name of a section is unknown. */
static int unknown(struct scanner *s, const struct token *t, const char *section)
{
	char hint[128], where[64] = "";
	int shown = (int)(t->text.size < 64 ? t->text.size : 64);

	write_hint(section, t->text, hint, sizeof hint);
	if (section && *section)
		snprintf(where, sizeof where, " in section %s", section);
	return error_set(s->error, ERR_NOT_FOUND, "%s:%u: unknown %s \"%.*s\"%s%s", s->path,
	                 t->line, section ? "key" : "section", shown, (const char *)t->text.data,
	                 where, hint);
}

/* key = value, or key = { value, value }; what stands between is libconfuse's to judge. */
static int scan_value(struct scanner *s, const struct conf_place *in, const struct token *key)
{
	struct conf_place place = *in;

	place.option = conf_find_option(in->section->name, key->text);
	place.line = key->line;
	if (!place.option)
		return unknown(s, key, in->section->name);
	int err = note_place(s, &place);
	struct token t = next_token(s);
	if (err || t.kind == TOKEN_BAD)
		return ERR_INVALID;
	if (t.kind == TOKEN_WORD)
		return 0;
	if (t.kind != TOKEN_OPEN)
		return fail(s, key->line, "a value is missing after =");
	while (t.kind != TOKEN_CLOSE && t.kind != TOKEN_BAD && t.kind != TOKEN_END)
		t = next_token(s);
	if (t.kind == TOKEN_END)
		return fail(s, key->line, "the list that begins here is not closed: add a }");
	return t.kind == TOKEN_BAD ? ERR_INVALID : 0;
}

static size_t sections_seen(const struct scanner *s, const struct conf_section *section)
{
	size_t n = 0;

	for (size_t i = 0; i < s->places->count; i++)
		n += s->places->items[i].section == section && !s->places->items[i].option;
	return n;
}

/* name { or name "title" { */
static int open_section(struct scanner *s, const struct token *name, struct conf_place *in)
{
	const struct conf_section *section = conf_find_section(name->text);

	if (!section)
		return unknown(s, name, NULL);
	if (*in->section->name)
		return fail(s, name->line,
		            "a section cannot stand inside another: close that one first with a }");
	*in = (struct conf_place){
		.section = section,
		.ordinal = section->titled ? sections_seen(s, section) : 0,
		.line = name->line,
	};
	return note_place(s, in);
}

static int scan_statement(struct scanner *s, const struct token *first, struct conf_place *in)
{
	struct token t = next_token(s);

	if (t.kind == TOKEN_EQUALS)
		return scan_value(s, in, first);
	if (t.kind == TOKEN_WORD)
		t = next_token(s);
	if (t.kind == TOKEN_BAD)
		return ERR_INVALID;
	if (t.kind != TOKEN_OPEN)
		return fail(s, first->line, "\"key = value\" or \"section {\" is wanted");
	return open_section(s, first, in);
}

static int scan_file(struct scanner *s)
{
	const struct conf_place top = {.section = &conf_sections[0]};
	struct conf_place in = top;
	int err = 0;

	while (!err) {
		struct token t = next_token(s);
		if (t.kind == TOKEN_BAD)
			return ERR_INVALID;
		if (t.kind == TOKEN_END && *in.section->name)
			return fail(s, in.line,
			            "the section that begins here is not closed: add a }");
		if (t.kind == TOKEN_END)
			return 0;
		if (t.kind == TOKEN_WORD)
			err = scan_statement(s, &t, &in);
		else if (t.kind == TOKEN_CLOSE && *in.section->name)
			in = top;
		else
			return fail(s, t.line, "\"key = value\" or \"section {\" is wanted");
	}
	return err;
}

int conf_scan(const char *path, struct slice text, struct conf_places *places, struct error *e)
{
	struct conf_places found = {0};
	struct scanner s = {
		.path = path,
		.pos = text.data,
		.end = text.data + text.size,
		.line = 1,
		.places = &found,
		.error = e,
	};

	int err = scan_file(&s);
	if (err) {
		conf_places_free(&found);
		return err;
	}
	*places = found;
	return 0;
}

void conf_places_free(struct conf_places *p)
{
	free(p->items);
	*p = (struct conf_places){0};
}

const struct conf_place *conf_place_find(const struct conf_places *p,
                                         const struct conf_section *section, size_t ordinal,
                                         const struct conf_option *option)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct conf_place *at = &p->items[i];
		if (at->section == section && at->ordinal == ordinal && at->option == option)
			return at;
	}
	return NULL;
}
