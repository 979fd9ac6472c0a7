/* Description files: one statement a line. docs/templates.md tells what they say. */

#include <stdio.h>

#include "base/utf.h"
#include "template/description-private.h"

enum { MAX_PARTS = 16 };

/* Statements about the language. */

static void append_language(struct templates *set, struct language *l)
{
	struct language **end = &set->languages;

	while (*end)
		end = &(*end)->next;
	*end = l;
	set->count++;
}

static int parse_language(struct parser *p)
{
	enum { PRIMARY = 0x3FF, MOST = 0xFFFF };
	uint32_t lcid = 0;

	words_next(&p->words);
	if (!words_number(&p->words, MOST, &lcid) || !(lcid & PRIMARY))
		return parser_unexpected(p, "an LCID such as 0x409");
	if (p->language)
		return parser_fail(p, "a file describes one language: this is the second one");
	for (const struct language *l = p->set->languages; l; l = l->next)
		if (l->lcid == lcid)
			return parser_fail(p, "language 0x%x is that of %s already", lcid, l->path);
	p->language = arena_alloc(&p->set->arena, sizeof *p->language);
	const char *path = arena_strdup(&p->set->arena, p->path);
	if (!p->language || !path)
		return parser_no_memory(p);
	*p->language = (struct language){.path = path, .lcid = lcid};
	append_language(p->set, p->language);
	return parser_end_of_line(p);
}

static int parse_fallback(struct parser *p)
{
	if (p->set->fallback)
		return parser_fail(p, "fallback is said in %s already", p->set->fallback->path);
	p->set->fallback = p->language;
	return parser_end_of_line(p);
}

/* Templates. */

static const struct {
	const char *word;
	uint32_t display_type;
} shown[] = {
	{"user",    DT_MAILUSER       },
	{"group",   DT_DISTLIST       },
	{"folder",  DT_FORUM          },
	{"agent",   DT_AGENT          },
	{"contact", DT_REMOTE_MAILUSER},
	{"search",  DT_SEARCH         },
};

static int parse_shown(struct parser *p, struct template *t)
{
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
		if (words_is(&p->words, shown[i].word)) {
			t->display_type = shown[i].display_type;
			t->address_type = slice_of("", 0);
			return 0;
		}
	return parser_unexpected(p, "user, group, folder, agent, contact, search or address");
}

/* It becomes a part of a DN. */
static bool is_address_type(const struct words *w)
{
	enum { MOST = 16 };
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return w->kind == WORD_BARE && w->text.size > 0 && w->text.size <= MOST &&
	       strspn((const char *)w->text.data, allowed) == w->text.size;
}

static int parse_address(struct parser *p, struct template *t)
{
	enum { TITLE_BYTES = 128 };

	words_next(&p->words);
	if (!is_address_type(&p->words))
		return parser_unexpected(p, "an address type such as SMTP");
	t->display_type = DT_ADDRESS_TEMPLATE;
	t->address_type = p->words.text;
	return parser_quoted(p, "what people know the addresses by, in quotes,", TITLE_BYTES,
	                     &t->title);
}

static struct slice make_dn(const struct parser *p, const struct template *t)
{
	static const char format[] =
		"/o=%s/ou=Address Book/cn=Configuration/cn=Addressing/cn=%s/cn=%x/cn=%s";
	struct arena *a = &p->set->arena;
	bool address = t->display_type == DT_ADDRESS_TEMPLATE;
	char type[16];

	snprintf(type, sizeof type, "%x", t->display_type);
	return slice_of_string(arena_printf(a, format, p->set->organization,
	                                    address ? "Address-Templates" : "Display-Templates",
	                                    p->language->lcid,
	                                    address ? (const char *)t->address_type.data : type));
}

/* What can only be said once all of a template has been read. */
static int end_template(struct parser *p)
{
	const struct template *t = p->template;

	if (!t)
		return 0;
	if (!p->last || !p->last->kind->placed)
		return error_set(p->error, ERR_INVALID, "%s:%u: %s", p->path, t->line,
		                 p->last ? "the last page of this template is empty"
		                         : "this template has no controls");
	if (t->display_type != DT_ADDRESS_TEMPLATE)
		return 0;
	if (!t->script.data)
		return error_set(p->error, ERR_INVALID,
		                 "%s:%u: this template needs a result, such as: result input1",
		                 p->path, t->line);
	if (p->wanted & ~p->inputs)
		return error_set(p->error, ERR_INVALID,
		                 "%s:%u: the result has an input that no edit asks for", p->path,
		                 t->line);
	return 0;
}

static void append_template(struct parser *p, struct template *t)
{
	if (p->template)
		p->template->next = t;
	else
		p->language->templates = t;
	p->template = t;
	p->last = NULL;
	p->inputs = p->wanted = 0;
	p->templates++;
}

static int parse_template(struct parser *p)
{
	struct template *t = arena_alloc(&p->set->arena, sizeof *t);
	int err = end_template(p);

	if (err)
		return err;
	if (!t)
		return parser_no_memory(p);
	if (p->templates == MAX_TEMPLATES)
		return parser_fail(p, "more than %d templates", MAX_TEMPLATES);
	*t = (struct template){.language = p->language, .line = p->line};
	words_next(&p->words);
	err = words_is(&p->words, "address") ? parse_address(p, t) : parse_shown(p, t);
	if (err)
		return err;
	const struct template *same =
		language_template(p->language, t->display_type, t->address_type);
	if (same)
		return parser_fail(p, "this template was given on line %u already", same->line);
	t->dn = make_dn(p, t);
	if (!t->dn.data)
		return parser_no_memory(p);
	append_template(p, t);
	return parser_end_of_line(p);
}

/* The result of a template for addresses. */

static int parse_part(struct parser *p, struct address_part *part)
{
	if (p->words.kind == WORD_QUOTED) {
		part->text = p->words.text;
		for (size_t i = 0; i < part->text.size; i++)
			if (part->text.data[i] >= 0x80)
				return parser_fail(p, "\"%s\": addresses are ASCII",
				                   parser_word(p));
		return 0;
	}
	part->tag = control_input(p->words.text);
	if (p->words.kind != WORD_BARE || !part->tag)
		return parser_unexpected(p, "input1 to input9 or a text in quotes");
	p->wanted |= 1u << (tag_id(part->tag) - INPUT_FIRST);
	return 0;
}

static int parse_result(struct parser *p)
{
	struct address_part parts[MAX_PARTS] = {0};
	size_t count = 0;
	int err = 0;

	if (!p->template || p->template->display_type != DT_ADDRESS_TEMPLATE)
		return parser_fail(p, "only a template for addresses has a result");
	if (p->template->script.data)
		return parser_fail(p, "result is said twice");
	for (words_next(&p->words); p->words.kind != WORD_END; words_next(&p->words)) {
		if (count == MAX_PARTS)
			return parser_fail(p, "more than %d parts", MAX_PARTS);
		err = parse_part(p, &parts[count++]);
		if (err)
			return err;
	}
	if (!p->wanted)
		return parser_fail(p, "a result needs an input");
	p->template->script = script_make(&p->set->arena, parts, count);
	return p->template->script.data ? 0 : parser_fail(p, "the result is too long");
}

/* Lines. */

static int unknown(struct parser *p)
{
	char kinds[128];

	control_kinds_list(kinds, sizeof kinds);
	return parser_fail(p, "unknown control \"%.80s\": there are %s", parser_word(p), kinds);
}

static int parse_statement(struct parser *p)
{
	static const struct {
		const char *word;
		int (*parse)(struct parser *p);
	} statements[] = {
		{"fallback", parse_fallback},
		{"template", parse_template},
		{"result",   parse_result  },
	};
	const struct control_kind *kind = control_kind(p->words.text);

	if (words_is(&p->words, "language"))
		return parse_language(p);
	if (!p->language)
		return parser_fail(p, "a file begins with its language, such as: language 0x409");
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
		if (words_is(&p->words, statements[i].word))
			return statements[i].parse(p);
	if (!kind)
		return unknown(p);
	if (!p->template)
		return parser_fail(p, "a control stands in a template: begin with template user");
	return parse_control(p, kind);
}

static int parse_line(struct parser *p, struct slice line)
{
	if (!utf8_valid(line))
		return parser_fail(p, "this is not UTF-8");
	p->words = (struct words){.line = line, .arena = &p->set->arena};
	words_next(&p->words);
	switch (p->words.kind) {
	case WORD_END: return 0;
	case WORD_BARE: return parse_statement(p);
	case WORD_QUOTED:
	case WORD_BAD: break;
	}
	return parser_unexpected(p, "a statement");
}

static struct slice without_byte_order_mark(struct slice text)
{
	return text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0
	             ? slice_of(text.data + 3, text.size - 3)
	             : text;
}

int description_parse(struct templates *set, const char *path, struct slice text, struct error *e)
{
	struct parser p = {.set = set, .path = path, .error = e};
	int err = 0;

	text = without_byte_order_mark(text);
	while (!err && text.size > 0) {
		const uint8_t *end = memchr(text.data, '\n', text.size);
		size_t size = end ? (size_t)(end - text.data) : text.size;
		p.line++;
		err = parse_line(&p, slice_of(text.data, size));
		size += end != NULL;
		text = slice_of(text.data + size, text.size - size);
	}
	if (!err && !p.template)
		err = error_set(e, ERR_INVALID, "%s: no template in it", path);
	return err ? err : end_template(&p);
}
