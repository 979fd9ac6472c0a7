#include "directory/filter.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "directory/dn.h"
#include "directory/filter-private.h"
#include "directory/fold-private.h"
#include "mapi/attributes.h"

#define ALL_BITS  "1.2.840.113556.1.4.803"
#define SOME_BITS "1.2.840.113556.1.4.804"

struct parser {
	struct filter *filter;
	const char *text, *at;
	struct error *error;
};

static struct filter_node *fail(const struct parser *p, const char *what)
{
	error_set(p->error, ERR_INVALID, "the filter \"%.100s\": %s at character %zu", p->text,
	          what, (size_t)(p->at - p->text) + 1);
	return NULL;
}

static void skip_spaces(struct parser *p)
{
	while (*p->at == ' ')
		p->at++;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool filter_number(struct slice text, int64_t *number)
{
	char copy[24], *end;

	if (text.size == 0 || text.size >= sizeof copy)
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	*number = strtoll(copy, &end, 10);
	return end == copy + text.size && copy[0] != ' ';
}

/* Of several RDNs the first value: "CN=Person,CN=Schema,..." is Person. */
static struct slice category_of(struct arena *a, struct slice value)
{
	struct dn_part part;
	struct slice rest = value;

	if (!memchr(value.data, '=', value.size) || !dn_next(&rest, &part))
		return arena_slice(a, value);
	return arena_slice(a, slice_of(part.value, part.size));
}

static struct slice normal_dn(struct arena *a, struct slice value)
{
	struct buffer normal;

	buffer_init(&normal, 2 * DN_MAX);
	bool is_dn = dn_normalise(value, &normal);
	struct slice copy = arena_slice(a, is_dn ? buffer_slice(&normal) : value);
	buffer_free(&normal);
	return copy;
}

struct slice filter_fold(struct arena *a, enum filter_syntax syntax, struct slice value)
{
	if (syntax == FILTER_DN)
		return normal_dn(a, value);
	if (syntax == FILTER_CATEGORY)
		value = category_of(a, value);
	uint8_t *folded = arena_alloc_raw(a, 3 * value.size + 1);
	return folded ? slice_of(folded, fold_case(value, folded, 3 * value.size + 1))
	              : slice_of(NULL, 0);
}

/* Takes a value up to '*' or ')'; data is NULL for what is none. */
static struct slice take_text(struct parser *p)
{
	uint8_t *bytes = arena_alloc_raw(&p->filter->arena, strcspn(p->at, "*()") + 1);
	size_t size = 0;

	while (*p->at && !strchr("*()", *p->at)) {
		if (*p->at != '\\') {
			bytes[size++] = (uint8_t)*p->at++;
			continue;
		}
		int high = digit_of(p->at[1]), low = high < 0 ? -1 : digit_of(p->at[2]);
		if (low < 0) {
			fail(p, "\"\\\" wants two hexadecimal digits behind it");
			return slice_of(NULL, 0);
		}
		bytes[size++] = (uint8_t)(high << 4 | low);
		p->at += 3;
	}
	return slice_of(bytes, size);
}

/* The pieces of a value, of which a plain one has one; false when there is an error. */
static bool take_pieces(struct parser *p, struct filter_node *n, size_t *count)
{
	struct filter_piece **end = &n->pieces;

	for (*count = 1;; ++*count) {
		struct slice text = take_text(p);
		if (!text.data)
			return false;
		struct filter_piece *piece = arena_alloc(&p->filter->arena, sizeof *piece);
		*piece = (struct filter_piece){.text = text};
		*end = piece;
		end = &piece->next;
		if (*p->at != '*')
			return true;
		p->at++;
	}
}

static void fold_pieces(struct parser *p, struct filter_node *n)
{
	for (struct filter_piece *piece = n->pieces; piece; piece = piece->next)
		piece->text = filter_fold(&p->filter->arena, FILTER_TEXT, piece->text);
}

static void take_plain(struct parser *p, struct filter_node *n)
{
	struct slice value = n->pieces->text;

	n->has_number = filter_number(value, &n->number);
	n->value = filter_fold(&p->filter->arena, n->syntax, value);
	/* Users and contacts have the category of persons. */
	if (n->syntax == FILTER_CATEGORY && (slice_equal(n->value, slice_of_string("user")) ||
	                                     slice_equal(n->value, slice_of_string("contact"))))
		n->value = slice_of_string("person");
}

static struct filter_node *take_value(struct parser *p, struct filter_node *n)
{
	size_t pieces;

	if (!take_pieces(p, n, &pieces))
		return NULL;
	bool empty = pieces == 2 && !n->pieces->text.size && !n->pieces->next->text.size;
	bool bits = n->kind == FILTER_ALL_BITS || n->kind == FILTER_SOME_BITS;
	if (pieces > 1 && n->kind != FILTER_EQUAL)
		return fail(p, "\"*\" goes with \"=\" alone");
	if (pieces > 1)
		n->kind = empty ? FILTER_PRESENT : FILTER_SUBSTRING;
	fold_pieces(p, n);
	if (pieces == 1)
		take_plain(p, n);
	return bits && !n->has_number ? fail(p, "a rule for bits wants a number") : n;
}

static enum filter_syntax syntax_of(struct slice attribute)
{
	const struct attribute *a = attribute_by_name(attribute);

	if (slice_equal_nocase(attribute, slice_of_string("objectCategory")))
		return FILTER_CATEGORY;
	if (slice_equal_nocase(attribute, slice_of_string("showInAddressBook")))
		return FILTER_DN;
	return a && a->conversion == CONVERT_LINK ? FILTER_DN : FILTER_TEXT;
}

static bool is_name_character(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
	       c == '.' || c == ';' || c == '_';
}

static bool take_name(struct parser *p, struct filter_node *n)
{
	const char *start = p->at;

	while (is_name_character(*p->at))
		p->at++;
	n->attribute = slice_of(start, (size_t)(p->at - start));
	const struct attribute *a = attribute_by_name(n->attribute);
	if (n->attribute.size == 0)
		fail(p, "an attribute is missing");
	else if (a && a->conversion == CONVERT_BACKLINK)
		fail(p,
		     "this attribute is made from other entries' links, by which no list can go");
	else
		n->syntax = syntax_of(n->attribute);
	return n->attribute.size > 0 && !(a && a->conversion == CONVERT_BACKLINK);
}

static bool take_operator(struct parser *p, struct filter_node *n)
{
	static const struct {
		const char *text;
		enum filter_kind kind;
	} operators[] = {
		{"=",                FILTER_EQUAL      },
		{"~=",               FILTER_APPROXIMATE},
		{">=",               FILTER_GREATER    },
		{"<=",               FILTER_LESS       },
		{":" ALL_BITS ":=",  FILTER_ALL_BITS   },
		{":" SOME_BITS ":=", FILTER_SOME_BITS  },
	};

	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		size_t size = strlen(operators[i].text);
		if (strncmp(p->at, operators[i].text, size) != 0)
			continue;
		p->at += size;
		n->kind = operators[i].kind;
		return true;
	}
	fail(p, *p->at == ':' ? "this matching rule is not known" : "an operator is missing");
	return false;
}

static struct filter_node *take_node(struct parser *p, unsigned depth);

/* What stands behind '&', '|' or '!'. */
static struct filter_node *take_children(struct parser *p, struct filter_node *n, unsigned depth)
{
	struct filter_node **end = &n->children;
	size_t count = 0;

	n->kind = *p->at == '&' ? FILTER_AND : *p->at == '|' ? FILTER_OR : FILTER_NOT;
	p->at++;
	for (skip_spaces(p); *p->at == '('; skip_spaces(p), count++) {
		struct filter_node *child = take_node(p, depth + 1);
		if (!child)
			return NULL;
		*end = child;
		end = &child->next;
	}
	if (n->kind == FILTER_NOT && count != 1)
		return fail(p, "\"!\" wants one filter behind it");
	return n;
}

static struct filter_node *take_item(struct parser *p, struct filter_node *n)
{
	return take_name(p, n) && take_operator(p, n) ? take_value(p, n) : NULL;
}

/* Recursion is bounded by FILTER_MAX_DEPTH. */
static struct filter_node *take_node(struct parser *p, unsigned depth)
{
	struct filter_node *n = arena_alloc(&p->filter->arena, sizeof *n);

	if (depth > FILTER_MAX_DEPTH)
		return fail(p, "too many brackets inside each other");
	if (*p->at != '(')
		return fail(p, "\"(\" is missing");
	p->at++;
	skip_spaces(p);
	n = *p->at && strchr("&|!", *p->at) ? take_children(p, n, depth) : take_item(p, n);
	if (!n)
		return NULL;
	if (*p->at != ')')
		return fail(p, "\")\" is missing");
	p->at++;
	return n;
}

static int parse(struct parser *p)
{
	skip_spaces(p);
	p->filter->root = take_node(p, 1);
	if (!p->filter->root)
		return ERR_INVALID;
	skip_spaces(p);
	return *p->at && !fail(p, "there is something behind the end") ? ERR_INVALID : 0;
}

int filter_parse(const char *text, struct filter **out, struct error *e)
{
	if (strlen(text) >= FILTER_MAX_BYTES)
		return error_set(e, ERR_LIMIT, "a filter has at most %d bytes",
		                 FILTER_MAX_BYTES - 1);
	struct filter *f = xcalloc(1, sizeof *f);
	arena_init(&f->arena, SIZE_MAX);
	f->text = arena_strdup(&f->arena, text);
	struct parser p = {.filter = f, .text = f->text, .at = f->text, .error = e};
	int err = parse(&p);
	if (err)
		filter_free(f);
	else
		*out = f;
	return err;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	arena_free(&f->arena);
	free(f);
}

const char *filter_text(const struct filter *f)
{
	return f->text;
}
