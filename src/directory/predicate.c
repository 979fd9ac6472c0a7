#include "directory/predicate-private.h"

#include "directory/fold-private.h"
#include "directory/object-private.h"
#include "mapi/codepage.h"
#include "mapi/tags.h"

/* What making a predicate needs all the way down. */
struct maker {
	const struct view *view;
	uint32_t codepage;
	struct arena *arena;
	size_t nodes;
	struct name_matches *names;
	enum scan_status status;
};

static bool fail(struct maker *m, enum scan_status status)
{
	m->status = status;
	return false;
}

static bool is_text(uint16_t type)
{
	return type == PT_STRING8 || type == PT_UNICODE;
}

static bool make_resolved(struct maker *m, struct predicate *p)
{
	p->kind = PREDICATE_RESOLVED;
	p->matches = arena_alloc(m->arena, sizeof *p->matches);
	if (!p->matches)
		return fail(m, SCAN_NO_MEMORY);
	p->matches->name = p->text;
	p->matches->next = m->names;
	m->names = p->matches;
	return true;
}

/* The text of a value, in UTF-8 and folded. */
static bool take_text(struct maker *m, struct predicate *p, const struct mapi_value *value)
{
	p->text = value->string.data ? value->string : slice_of("", 0);
	if (tag_type(value->tag) == PT_STRING8) {
		if (!codepage_supported(m->codepage))
			return fail(m, SCAN_TOO_COMPLEX);
		p->text = codepage_to_utf8(m->arena, m->codepage, p->text);
	}
	p->needle = p->text;
	if (p->text.data && p->property_id != tag_id(PR_DISPLAY_NAME_PRINTABLE))
		p->needle = fold_text_arena(m->arena, p->text);
	return p->needle.data ? true : fail(m, SCAN_NO_MEMORY);
}

/* Properties that every object has without storing them, for restrictions on them. */
static bool is_made_up(uint16_t id)
{
	return id == tag_id(PR_DISPLAY_TYPE) || id == tag_id(PR_OBJECT_TYPE) ||
	       id == tag_id(PR_ADDRTYPE);
}

/* false for a property that no object has, or none for the caller. */
static bool take_property(const struct maker *m, struct predicate *p, mapi_tag tag)
{
	p->property_id = tag_id(tag);
	p->attribute = attribute_by_id(p->property_id);
	return view_attribute(m->view, p->property_id) || is_made_up(p->property_id);
}

static bool is_link(const struct attribute *a)
{
	return a && (a->conversion == CONVERT_LINK || a->conversion == CONVERT_BACKLINK);
}

static bool make_content(struct maker *m, struct predicate *p, const struct mapi_restriction *r)
{
	const struct mapi_value *value = r->content.value;
	p->kind = PREDICATE_CONTENT;
	p->relation = r->content.fuzzy & 0xFFFF;
	if (!value || p->relation > FL_PREFIX || !is_text(tag_type(value->tag)))
		return fail(m, SCAN_TOO_COMPLEX);
	bool known = take_property(m, p, r->content.tag);
	if (is_link(p->attribute))
		return fail(m, SCAN_TOO_COMPLEX);
	if (!take_text(m, p, value))
		return false;
	if (p->property_id == tag_id(PR_ANR))
		return make_resolved(m, p);
	if (!known)
		p->kind = PREDICATE_NEVER;
	return true;
}

static bool make_relation(struct maker *m, struct predicate *p, const struct mapi_restriction *r)
{
	const struct mapi_value *value = r->property.value;
	bool known = take_property(m, p, r->property.tag);
	bool anr = p->property_id == tag_id(PR_ANR);

	p->kind = PREDICATE_RELATION;
	p->relation = r->property.relop;
	p->value = value;
	if (!value || p->relation > RELOP_NE || (tag_type(value->tag) & MAPI_MV_FLAG) ||
	    is_link(p->attribute) || (anr && p->relation != RELOP_EQ))
		return fail(m, SCAN_TOO_COMPLEX);
	if (is_text(tag_type(value->tag)) && !take_text(m, p, value))
		return false;
	if (anr && p->text.data)
		return make_resolved(m, p);
	if (!known)
		p->kind = PREDICATE_NEVER;
	return true;
}

static bool make_exists(struct maker *m, struct predicate *p, const struct mapi_restriction *r)
{
	p->kind = take_property(m, p, r->exist.tag) ? PREDICATE_EXISTS : PREDICATE_NEVER;
	return true;
}

static bool make(struct maker *m, struct predicate *p, const struct mapi_restriction *r,
                 unsigned depth);

static bool make_children(struct maker *m, struct predicate *p,
                          const struct mapi_restriction *items, uint32_t count, unsigned depth)
{
	if (count > PREDICATE_NODES_MAX - m->nodes)
		return fail(m, SCAN_TOO_COMPLEX);
	p->children = arena_alloc_array(m->arena, count, sizeof *p->children);
	if (!p->children)
		return fail(m, SCAN_NO_MEMORY);
	p->count = count;
	for (uint32_t i = 0; i < count; i++)
		if (!make(m, &p->children[i], &items[i], depth + 1))
			return false;
	return true;
}

/* Recursion is bounded by RESTRICTION_MAX_DEPTH. */
static bool make(struct maker *m, struct predicate *p, const struct mapi_restriction *r,
                 unsigned depth)
{
	if (depth > RESTRICTION_MAX_DEPTH || ++m->nodes > PREDICATE_NODES_MAX)
		return fail(m, SCAN_TOO_COMPLEX);
	switch ((enum restriction_type)r->type) {
	case RES_AND:
	case RES_OR:
		p->kind = r->type == RES_AND ? PREDICATE_AND : PREDICATE_OR;
		return make_children(m, p, r->list.items, r->list.count, depth);
	case RES_NOT:
		p->kind = PREDICATE_NOT;
		if (!r->child)
			return fail(m, SCAN_TOO_COMPLEX);
		return make_children(m, p, r->child, 1, depth);
	case RES_CONTENT: return make_content(m, p, r);
	case RES_PROPERTY: return make_relation(m, p, r);
	case RES_EXIST: return make_exists(m, p, r);
	case RES_COMPAREPROPS:
	case RES_BITMASK:
	case RES_SIZE:
	case RES_SUBRESTRICTION: break;
	}
	return fail(m, SCAN_TOO_COMPLEX);
}

enum scan_status predicate_make(const struct view *v, const struct mapi_restriction *r,
                                uint32_t codepage, struct arena *a, struct predicate_made *out)
{
	struct maker m = {.view = v, .codepage = codepage, .arena = a, .status = SCAN_NO_MEMORY};
	struct predicate *p = arena_alloc(a, sizeof *p);
	if (!p || !make(&m, p, r, 1))
		return m.status;
	*out = (struct predicate_made){p, m.nodes, m.names};
	return SCAN_DONE;
}
