#include "store/ldif.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/buffer.h"
#include "base/memory.h"

/* A logical line: where it starts in the record's text, and its number in the file. */
struct line {
	size_t offset, number;
};

enum state {
	STATE_LINE_START,
	STATE_LINE,
	STATE_COMMENT,
};

struct ldif {
	char *source;
	ldif_handler *handler;
	void *context;
	enum state state;
	bool after_comment; /* a folded line here belongs to a comment */
	bool folded;        /* the physical line continues the one before */
	bool begun;         /* the first record, which may hold the version, is behind us */
	size_t number;      /* of the physical line */
	size_t physical;    /* where it starts in text */
	struct buffer text; /* of the record's lines, unfolded */
	struct line *lines;
	size_t line_count, line_room;
	struct ldif_value *values; /* as many as line_room */
	struct ldif_modification *modifications;
	size_t modification_room;
};

struct ldif *ldif_new(const char *source, ldif_handler *handler, void *context)
{
	struct ldif *l = xcalloc(1, sizeof *l);
	l->source = xstrdup(source);
	l->handler = handler;
	l->context = context;
	l->number = 1;
	buffer_init(&l->text, LDIF_MAX_RECORD);
	return l;
}

void ldif_free(struct ldif *l)
{
	if (!l)
		return;
	buffer_free(&l->text);
	free(l->lines);
	free(l->values);
	free(l->modifications);
	free(l->source);
	free(l);
}

const char *ldif_source(const struct ldif *l)
{
	return l->source;
}

int ldif_fail(const struct ldif *l, struct error *e, int code, size_t line, const char *format, ...)
{
	char text[400];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	return error_set(e, code, "%s:%zu: %s", l->source, line, text);
}

static bool is_word(struct slice s, const char *word)
{
	return slice_equal_nocase(s, slice_of_string(word));
}

/* For messages: as much of a value as is good to read. */
static int shown(struct slice s)
{
	return s.size > 64 ? 64 : (int)s.size;
}

static struct slice line_text(const struct ldif *l, size_t i)
{
	size_t end = i + 1 < l->line_count ? l->lines[i + 1].offset : l->text.size;
	return slice_of(l->text.data + l->lines[i].offset, end - l->lines[i].offset);
}

static bool is_dash(const struct ldif *l, size_t i)
{
	return slice_equal(line_text(l, i), slice_of_string("-"));
}

static bool name_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

/* "displayName;lang-ja" -> name and options. */
static bool split_description(struct slice text, struct slice *name, struct slice *options)
{
	size_t n = 0;
	while (n < text.size && name_char(text.data[n]))
		n++;
	*name = slice_of(text.data, n);
	*options = slice_of(text.data + n, text.size - n);
	if (n == 0 || n > 256 || options->size > 256)
		return false;
	if (options->size == 0)
		return true;
	*options = slice_of(options->data + 1, options->size - 1);
	for (size_t i = 0; i < options->size; i++)
		if (!name_char(options->data[i]) && options->data[i] != ';' &&
		    options->data[i] != '=' && options->data[i] != '*')
			return false;
	return text.data[n] == ';';
}

static struct slice skip_fill(struct slice s, size_t n)
{
	while (n < s.size && s.data[n] == ' ')
		n++;
	return slice_of(s.data + n, s.size - n);
}

static int decode_value(struct ldif *l, struct ldif_value *v, struct error *e)
{
	uint8_t *text = l->text.data + (v->value.data - l->text.data);
	size_t size = v->value.size;
	if (!base64_decode(text, &size))
		return ldif_fail(l, e, ERR_INVALID, v->line, "the value after :: is not base64");
	v->value = slice_of(text, size);
	return 0;
}

/* "name;options: value", "name:: base64". */
static int parse_line(struct ldif *l, size_t i, struct ldif_value *v, struct error *e)
{
	struct slice text = line_text(l, i);
	size_t line = v->line = l->lines[i].number;
	const uint8_t *colon = memchr(text.data, ':', text.size);
	if (!colon)
		return ldif_fail(l, e, ERR_INVALID, line, "no colon in \"%.*s\"", shown(text),
		                 (const char *)text.data);
	size_t before = (size_t)(colon - text.data);
	if (!split_description(slice_of(text.data, before), &v->name, &v->options))
		return ldif_fail(l, e, ERR_INVALID, line, "\"%.*s\" is no attribute name",
		                 shown(slice_of(text.data, before)), (const char *)text.data);
	struct slice rest = slice_of(colon + 1, text.size - before - 1);
	uint8_t kind = rest.size ? rest.data[0] : 0;
	v->value = skip_fill(rest, kind == ':' || kind == '<');
	if (kind == ':')
		return decode_value(l, v, e);
	if (kind == '<')
		return ldif_fail(
			l, e, ERR_UNSUPPORTED, line,
			"values from a URL are not read; put the value into the file, as base64");
	if (v->value.size && memchr(v->value.data, 0, v->value.size))
		return ldif_fail(l, e, ERR_INVALID, line,
		                 "a NUL byte: LDIF is UTF-8 text, with base64 for binary values");
	return 0;
}

static int parse_values(struct ldif *l, size_t first, struct ldif_record *r, struct error *e)
{
	int err = 0;
	for (size_t i = first; i < l->line_count && !err; i++)
		err = parse_line(l, i, &l->values[r->count++], e);
	r->values = l->values;
	return err;
}

static const struct edit_name {
	const char *name;
	enum ldif_edit edit;
} edit_names[] = {
	{"add",     LDIF_EDIT_ADD    },
	{"delete",  LDIF_EDIT_DELETE },
	{"replace", LDIF_EDIT_REPLACE},
};

static int parse_edit(struct ldif *l, size_t i, struct ldif_modification *m, struct error *e)
{
	struct ldif_value head;
	int err = parse_line(l, i, &head, e);
	if (err)
		return err;
	for (size_t k = 0; k < sizeof edit_names / sizeof *edit_names; k++) {
		if (!is_word(head.name, edit_names[k].name))
			continue;
		m->edit = edit_names[k].edit;
		m->line = head.line;
		if (split_description(head.value, &m->name, &m->options))
			return 0;
		return ldif_fail(l, e, ERR_INVALID, head.line, "\"%.*s\" is no attribute name",
		                 shown(head.value), (const char *)head.value.data);
	}
	return ldif_fail(l, e, ERR_INVALID, head.line,
	                 "expected add:, delete: or replace:, not \"%.*s:\"", shown(head.name),
	                 (const char *)head.name.data);
}

static struct ldif_modification *new_modification(struct ldif *l, size_t count)
{
	if (count == l->modification_room) {
		l->modification_room = count ? 2 * count : 8;
		l->modifications = xrealloc_array(l->modifications, l->modification_room,
		                                  sizeof *l->modifications);
	}
	l->modifications[count] = (struct ldif_modification){0};
	return &l->modifications[count];
}

static int parse_modification(struct ldif *l, size_t *i, struct ldif_modification *m,
                              struct ldif_record *r, struct error *e)
{
	int err = parse_edit(l, (*i)++, m, e);
	m->first = r->count;
	for (; !err && *i < l->line_count && !is_dash(l, *i); (*i)++) {
		struct ldif_value *v = &l->values[r->count++];
		err = parse_line(l, *i, v, e);
		if (!err && (!slice_equal_nocase(v->name, m->name) ||
		             !slice_equal_nocase(v->options, m->options)))
			err = ldif_fail(
				l, e, ERR_INVALID, v->line,
				"a value of %.*s among those of %.*s; a line \"-\" is missing",
				shown(v->name), (const char *)v->name.data, shown(m->name),
				(const char *)m->name.data);
		m->count++;
	}
	(*i)++; /* the dash, which the last one may lack */
	return err;
}

static int parse_modify(struct ldif *l, size_t first, struct ldif_record *r, struct error *e)
{
	int err = 0;
	for (size_t i = first; i < l->line_count && !err;) {
		struct ldif_modification *m = new_modification(l, r->modification_count++);
		err = parse_modification(l, &i, m, r, e);
	}
	r->values = l->values;
	r->modifications = l->modifications;
	return err;
}

static int parse_delete(struct ldif *l, size_t first, struct ldif_record *r, struct error *e)
{
	(void)r;
	if (first == l->line_count)
		return 0;
	return ldif_fail(l, e, ERR_INVALID, l->lines[first].number,
	                 "nothing may follow changetype: delete");
}

static int parse_rename(struct ldif *l, size_t first, struct ldif_record *r, struct error *e)
{
	bool told_old = false;
	int err = parse_values(l, first, r, e);
	for (size_t i = 0; i < r->count && !err; i++) {
		const struct ldif_value *v = &r->values[i];
		if (is_word(v->name, "newrdn") && v->value.size) {
			r->new_rdn = v->value;
		} else if (is_word(v->name, "newsuperior")) {
			r->new_superior = v->value;
		} else if (is_word(v->name, "deleteoldrdn") &&
		           (is_word(v->value, "0") || is_word(v->value, "1"))) {
			r->delete_old_rdn = v->value.data[0] == '1';
			told_old = true;
		} else {
			err = ldif_fail(l, e, ERR_INVALID, v->line,
			                "a rename has newrdn:, deleteoldrdn: 0 or 1, and "
			                "newsuperior:, not \"%.*s:\"",
			                shown(v->name), (const char *)v->name.data);
		}
	}
	if (!err && (!r->new_rdn.data || !told_old))
		err = ldif_fail(l, e, ERR_INVALID, r->line, "newrdn: or deleteoldrdn: is missing");
	return err;
}

static const struct change_type {
	const char *name;
	enum ldif_change change;
	int (*parse)(struct ldif *l, size_t first, struct ldif_record *r, struct error *e);
} change_types[] = {
	{"add",    LDIF_CONTENT, parse_values},
	{"delete", LDIF_DELETE,  parse_delete},
	{"modify", LDIF_MODIFY,  parse_modify},
	{"modrdn", LDIF_RENAME,  parse_rename},
	{"moddn",  LDIF_RENAME,  parse_rename},
};

static int parse_body(struct ldif *l, size_t first, struct ldif_record *r, struct error *e)
{
	struct ldif_value second;
	if (first == l->line_count)
		return 0;
	int err = parse_line(l, first, &second, e);
	if (err)
		return err;
	if (is_word(second.name, "control"))
		return ldif_fail(l, e, ERR_UNSUPPORTED, second.line,
		                 "controls are not supported; take the line out");
	if (!is_word(second.name, "changetype")) {
		l->values[r->count++] = second; /* decoded in place: not to be parsed again */
		return parse_values(l, first + 1, r, e);
	}
	for (size_t i = 0; i < sizeof change_types / sizeof *change_types; i++) {
		if (!is_word(second.value, change_types[i].name))
			continue;
		r->change = change_types[i].change;
		return change_types[i].parse(l, first + 1, r, e);
	}
	return ldif_fail(l, e, ERR_INVALID, second.line, "unknown changetype \"%.*s\"",
	                 shown(second.value), (const char *)second.value.data);
}

/* What ldapsearch and ldbsearch print that is no entry: referrals, the result, the cookie of paged
 * results. */
static bool is_chatter(struct slice name)
{
	static const char *const words[] = {"ref", "search", "result", "control", "pagedresults"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (is_word(name, words[i]))
			return true;
	return false;
}

static int parse_version(struct ldif *l, const struct ldif_value *v, struct error *e)
{
	if (is_word(v->value, "1"))
		return 0;
	return ldif_fail(l, e, ERR_UNSUPPORTED, v->line, "LDIF version %.*s; this reads version 1",
	                 shown(v->value), (const char *)v->value.data);
}

static int parse_record(struct ldif *l, struct error *e)
{
	struct ldif_value head;
	size_t first = 0;
	int err = parse_line(l, first++, &head, e);
	if (!err && !l->begun && is_word(head.name, "version")) {
		err = parse_version(l, &head, e);
		if (err || first == l->line_count)
			return err;
		err = parse_line(l, first++, &head, e);
	}
	if (err || is_chatter(head.name))
		return err;
	if (!is_word(head.name, "dn"))
		return ldif_fail(l, e, ERR_INVALID, head.line,
		                 "a record begins with dn:, not \"%.*s:\"", shown(head.name),
		                 (const char *)head.name.data);
	struct ldif_record r = {.line = head.line, .dn = head.value};
	err = parse_body(l, first, &r, e);
	return err ? err : l->handler(l->context, &r, e);
}

static int end_record(struct ldif *l, struct error *e)
{
	if (l->line_count == 0)
		return 0;
	int err = parse_record(l, e);
	l->begun = true;
	l->line_count = 0;
	buffer_clear(&l->text);
	return err;
}

static int begin_line(struct ldif *l, struct error *e)
{
	if (l->line_count == LDIF_MAX_LINES)
		return ldif_fail(l, e, ERR_LIMIT, l->number, "the record has more than %u lines",
		                 LDIF_MAX_LINES);
	if (l->line_count == l->line_room) {
		l->line_room = l->line_room ? 2 * l->line_room : 64;
		l->lines = xrealloc_array(l->lines, l->line_room, sizeof *l->lines);
		l->values = xrealloc_array(l->values, l->line_room, sizeof *l->values);
	}
	l->lines[l->line_count++] = (struct line){l->text.size, l->number};
	return 0;
}

/* Looks at the first byte of a physical line, which says what the line is. */
static int start_line(struct ldif *l, struct slice *bytes, struct error *e)
{
	uint8_t c = bytes->data[0];
	l->folded = c == ' ';
	l->physical = l->text.size;
	if (c == '#' || (l->folded && l->after_comment)) {
		l->state = STATE_COMMENT;
		l->after_comment = true;
		return 0;
	}
	l->state = STATE_LINE;
	l->after_comment = false;
	if (!l->folded)
		return begin_line(l, e);
	if (l->line_count == 0)
		return ldif_fail(l, e, ERR_INVALID, l->number, "a folded line with none before it");
	*bytes = slice_of(bytes->data + 1, bytes->size - 1);
	return 0;
}

static int append(struct ldif *l, struct slice bytes, struct error *e)
{
	if (l->state == STATE_COMMENT)
		return 0;
	buffer_put(&l->text, bytes.data, bytes.size);
	if (l->text.failed)
		return ldif_fail(l, e, ERR_LIMIT, l->number, "the record is longer than %u MiB",
		                 LDIF_MAX_RECORD >> 20);
	if (l->text.size - l->lines[l->line_count - 1].offset > LDIF_MAX_LINE)
		return ldif_fail(l, e, ERR_LIMIT, l->lines[l->line_count - 1].number,
		                 "the line is longer than %u MiB", LDIF_MAX_LINE >> 20);
	return 0;
}

/* Windows programs put one before the first line, be it a comment or not. */
static void strip_byte_order_mark(struct ldif *l)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (!slice_starts_nocase(buffer_slice(&l->text), mark))
		return;
	buffer_consume(&l->text, sizeof mark - 1);
	if (l->text.size == 0 || l->text.data[0] != '#')
		return;
	buffer_clear(&l->text);
	l->line_count = 0;
	l->state = STATE_COMMENT;
	l->after_comment = true;
}

static int end_line(struct ldif *l, struct error *e)
{
	if (l->number == 1)
		strip_byte_order_mark(l);
	bool comment = l->state == STATE_COMMENT;
	l->state = STATE_LINE_START;
	if (!comment && l->text.size > l->physical && l->text.data[l->text.size - 1] == '\r')
		l->text.size--;
	int err = 0;
	if (!comment && !l->folded && l->text.size == l->physical) {
		l->line_count--; /* the empty line itself */
		err = end_record(l, e);
	}
	l->number++;
	return err;
}

int ldif_feed(struct ldif *l, struct slice bytes, struct error *e)
{
	int err = 0;
	while (bytes.size && !err) {
		if (l->state == STATE_LINE_START) {
			err = start_line(l, &bytes, e);
			continue;
		}
		const uint8_t *newline = memchr(bytes.data, '\n', bytes.size);
		size_t n = newline ? (size_t)(newline - bytes.data) : bytes.size;
		err = append(l, slice_of(bytes.data, n), e);
		if (newline && !err)
			err = end_line(l, e);
		n += newline != NULL;
		bytes = slice_of(bytes.data + n, bytes.size - n);
	}
	return err;
}

int ldif_finish(struct ldif *l, struct error *e)
{
	int err = l->state == STATE_LINE_START ? 0 : end_line(l, e);
	return err ? err : end_record(l, e);
}
