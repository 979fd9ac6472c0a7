#include "template/description-private.h"

enum attribute { AT = 1, SIZE = 2, MAX = 4, FILTER = 8 };

static int parse_at(struct parser *p, struct control *c)
{
	words_next(&p->words);
	return words_pair(&p->words, ',', &c->x, &c->y) ? 0
	                                                : parser_unexpected(p, "X,Y such as 12,34");
}

static int parse_size(struct parser *p, struct control *c)
{
	words_next(&p->words);
	return words_pair(&p->words, 'x', &c->width, &c->height)
	             ? 0
	             : parser_unexpected(p, "WIDTHxHEIGHT such as 120x12");
}

static int parse_max(struct parser *p, struct control *c)
{
	words_next(&p->words);
	return words_number(&p->words, INT16_MAX, &c->max) && c->max
	             ? 0
	             : parser_unexpected(p, "a number of characters from 1 to 32767");
}

/* "*", or a set of characters in brackets (MS-OXOABKT 2.2.2.1.3.2). */
static int parse_filter(struct parser *p, struct control *c)
{
	int err =
		parser_quoted(p, "a filter in quotes, such as \"[0-9]\",", FILTER_BYTES, &c->text);

	if (err || slice_equal(c->text, slice_of_string("*")))
		return err;
	if (c->text.size < 3 || *c->text.data != '[' || c->text.data[c->text.size - 1] != ']')
		return parser_fail(
			p, "%s: a filter is \"*\" or characters in brackets, such as \"[0-9]\"",
			parser_word(p));
	return 0;
}

static const struct {
	const char *word;
	enum attribute attribute;
	int (*parse)(struct parser *p, struct control *c);
} attributes[] = {
	{"at",     AT,     parse_at    },
	{"size",   SIZE,   parse_size  },
	{"max",    MAX,    parse_max   },
	{"filter", FILTER, parse_filter},
};

enum { ATTRIBUTE_COUNT = sizeof attributes / sizeof attributes[0] };

static unsigned attributes_of(const struct control_kind *kind)
{
	return (kind->placed ? AT | SIZE : 0u) | (kind->typed ? MAX | FILTER : 0u);
}

static int parse_flag(struct parser *p, struct control *c)
{
	uint32_t flag = control_flag(p->words.text);

	if (p->words.kind != WORD_BARE || !flag)
		return parser_unexpected(p, "at, size, max, filter or a flag such as editable");
	if (!(c->kind->flags & flag))
		return parser_fail(p, "%s: %s cannot be that", parser_word(p), c->kind->word);
	if (c->flags & flag)
		return parser_fail(p, "%s is said twice", parser_word(p));
	c->flags |= flag;
	return 0;
}

static int parse_attribute(struct parser *p, struct control *c, unsigned *seen)
{
	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
		if (!words_is(&p->words, attributes[i].word))
			continue;
		if (!(attributes_of(c->kind) & attributes[i].attribute))
			return parser_fail(p, "%s: %s has none", parser_word(p), c->kind->word);
		if (*seen & attributes[i].attribute)
			return parser_fail(p, "%s is said twice", parser_word(p));
		*seen |= attributes[i].attribute;
		return attributes[i].parse(p, c);
	}
	return parse_flag(p, c);
}

static int parse_attributes(struct parser *p, struct control *c)
{
	unsigned seen = 0;

	for (words_next(&p->words); p->words.kind != WORD_END; words_next(&p->words)) {
		int err = parse_attribute(p, c, &seen);
		if (err)
			return err;
	}
	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
		if (attributes[i].attribute != FILTER &&
		    (attributes_of(c->kind) & ~seen & attributes[i].attribute))
			return parser_fail(p, "%s needs %s", c->kind->word, attributes[i].word);
	return 0;
}

static int parse_property(struct parser *p, struct control *c)
{
	struct error what = {0};
	bool address = p->template->display_type == DT_ADDRESS_TEMPLATE;

	words_next(&p->words);
	if (p->words.kind != WORD_BARE)
		return parser_unexpected(p, "a property");
	if (control_property(c->kind, parser_word(p), address, &c->tag, &what))
		return parser_fail(p, "%s", what.text);
	if (address && tag_id(c->tag) >= INPUT_FIRST)
		p->inputs |= 1u << (tag_id(c->tag) - INPUT_FIRST);
	return 0;
}

static int check_control(struct parser *p, const struct control *c)
{
	if ((c->flags & CONTROL_REQUIRED) && !(c->flags & CONTROL_EDITABLE))
		return parser_fail(p, "what is required has to be editable too");
	if (c->kind->placed && (!c->width || !c->height))
		return parser_fail(p, "a control without a size cannot be seen");
	if (c->x + c->width > DIALOG_WIDTH || c->y + c->height > DIALOG_HEIGHT)
		return parser_fail(p, "the control reaches to %u,%u: the dialog ends at %d,%d",
		                   c->x + c->width, c->y + c->height, DIALOG_WIDTH, DIALOG_HEIGHT);
	return 0;
}

/* Whether a control of this kind may stand where it does. */
static int check_place(struct parser *p, const struct control_kind *kind)
{
	bool address = p->template->display_type == DT_ADDRESS_TEMPLATE;

	if (p->template->count == MAX_CONTROLS)
		return parser_fail(p, "more than %d controls in one template", MAX_CONTROLS);
	if (!p->last && kind->placed)
		return parser_fail(p, "a template begins with a page");
	if (p->last && !p->last->kind->placed && !kind->placed)
		return parser_fail(p, "the page above is empty");
	if (address && (kind->fixed || (kind->sent && !kind->typed)))
		return parser_fail(
			p, "%s: a template for addresses has page, frame, label and edit alone",
			kind->word);
	return 0;
}

int parse_control(struct parser *p, const struct control_kind *kind)
{
	struct control *c = arena_alloc(&p->set->arena, sizeof *c);
	int err = check_place(p, kind);

	if (err)
		return err;
	if (!c)
		return parser_no_memory(p);
	*c = (struct control){.kind = kind, .tag = kind->fixed, .text = slice_of_string("*")};
	if (kind->sent)
		err = parse_property(p, c);
	if (!err && kind->text_bytes)
		err = parser_quoted(p, "a text in quotes", kind->text_bytes, &c->text);
	if (!err)
		err = parse_attributes(p, c);
	if (!err)
		err = check_control(p, c);
	if (err)
		return err;
	*(p->last ? &p->last->next : &p->template->controls) = c;
	p->last = c;
	p->template->count++;
	return 0;
}
