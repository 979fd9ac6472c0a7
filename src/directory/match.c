#include "directory/predicate-private.h"

#include "directory/collation-private.h"
#include "directory/fold-private.h"
#include "directory/object-private.h"
#include "mapi/tags.h"

enum { FOLD_ROOM = 1024 }; /* of a value, what is behind that is not searched */

static bool compares_folded(const struct predicate *p)
{
	return p->property_id != tag_id(PR_DISPLAY_NAME_PRINTABLE);
}

static bool text_contains(const struct predicate *p, struct slice text)
{
	uint8_t folded[FOLD_ROOM];
	struct slice needle = p->needle;
	if (compares_folded(p))
		text = slice_of(folded, fold_text(text, folded, sizeof folded));
	if (p->relation == FL_FULLSTRING)
		return slice_equal(text, needle);
	if (text.size < needle.size)
		return false;
	if (p->relation == FL_PREFIX)
		return memcmp(text.data, needle.data, needle.size) == 0;
	return memmem(text.data, text.size, needle.data, needle.size) != NULL;
}

/* Whether an order (<0, 0, >0, of a value to the one given) is what the relation wants. */
static bool order_fits(uint32_t relation, int order)
{
	switch (relation) {
	case RELOP_LT: return order < 0;
	case RELOP_LE: return order <= 0;
	case RELOP_GT: return order > 0;
	case RELOP_GE: return order >= 0;
	case RELOP_EQ: return order == 0;
	default: return order != 0;
	}
}

/* 8-bit strings: the shorter one is less, whatever is in it (MS-NSPI 3.1.1.2.5.2). */
static int compare_buffers(struct slice a, struct slice b)
{
	if (a.size != b.size)
		return a.size < b.size ? -1 : 1;
	return a.size ? memcmp(a.data, b.data, a.size) : 0;
}

static int compare_text(const struct predicate *p, const struct table *t, struct slice text)
{
	uint8_t folded[FOLD_ROOM];
	if (p->relation != RELOP_EQ && p->relation != RELOP_NE)
		return compares_folded(p) ? collation_compare(t->lcid, text, p->text)
		                          : compare_buffers(text, p->text);
	if (compares_folded(p))
		text = slice_of(folded, fold_text(text, folded, sizeof folded));
	return !slice_equal(text, p->needle);
}

static int compare_bytes(struct slice a, struct slice b)
{
	size_t shorter = a.size < b.size ? a.size : b.size;
	int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
	return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* One stored value against the one given; a value of another type fits no relation. */
static bool value_fits(const struct predicate *p, const struct table *t, struct slice raw)
{
	uint16_t given = tag_type(p->value->tag);
	int32_t number;
	uint64_t time;

	switch (p->attribute->conversion) {
	case CONVERT_TEXT: return p->text.data && order_fits(p->relation, compare_text(p, t, raw));
	case CONVERT_BINARY:
		return given == PT_BINARY &&
		       order_fits(p->relation, compare_bytes(raw, p->value->binary));
	case CONVERT_INTEGER:
		memcpy(&number, raw.data, sizeof number);
		return given == PT_LONG &&
		       order_fits(p->relation, compare_numbers(number, p->value->long_value));
	case CONVERT_BOOLEAN:
		return given == PT_BOOLEAN &&
		       order_fits(p->relation,
		                  compare_numbers(raw.data[0], p->value->boolean != 0));
	case CONVERT_TIME:
		memcpy(&time, raw.data, sizeof time);
		return given == PT_SYSTIME &&
		       order_fits(p->relation,
		                  compare_numbers((int64_t)time, (int64_t)p->value->filetime));
	case CONVERT_LINK:
	case CONVERT_BACKLINK: break;
	}
	return false;
}

static bool one_holds(const struct predicate *p, const struct table *t, struct slice raw)
{
	if (p->kind == PREDICATE_RELATION)
		return value_fits(p, t, raw);
	return p->attribute->conversion == CONVERT_TEXT && text_contains(p, raw);
}

/* Of several values one is enough; to be unequal, none may be equal. */
static bool stored_holds(const struct predicate *p, const struct table *t, const struct object *o)
{
	const struct attribute *a = p->attribute;
	bool unequal = p->kind == PREDICATE_RELATION && p->relation == RELOP_NE;
	struct slice raw, value;
	if (!object_raw(o, a->source_id ? a->source_id : p->property_id, &raw))
		return false;
	if (!(tag_type(a->tag) & MAPI_MV_FLAG))
		return one_holds(p, t, raw);
	while (values_next(&raw, &value))
		if (one_holds(p, t, value) != unequal)
			return !unequal;
	return unequal;
}

static int32_t object_type(const struct object *o)
{
	return o->display_type == DT_DISTLIST || o->display_type == DT_AGENT ? MAPI_DISTLIST
	                                                                     : MAPI_MAILUSER;
}

/* The properties that are not stored: PidTagDisplayType, PidTagObjectType, PidTagAddressType. */
static bool made_up_holds(const struct predicate *p, const struct table *t, const struct object *o)
{
	if (p->property_id == tag_id(PR_ADDRTYPE)) {
		if (p->kind == PREDICATE_CONTENT)
			return text_contains(p, slice_of_string("EX"));
		return p->text.data &&
		       order_fits(p->relation, compare_text(p, t, slice_of_string("EX")));
	}
	if (p->kind != PREDICATE_RELATION || tag_type(p->value->tag) != PT_LONG)
		return false;
	int32_t number =
		p->property_id == tag_id(PR_DISPLAY_TYPE) ? o->display_type : object_type(o);
	return order_fits(p->relation, compare_numbers(number, p->value->long_value));
}

/* Recursion is bounded by the depth of the restriction. */
bool predicate_holds(const struct predicate *p, const struct view *v, const struct table *t,
                     const struct object *o)
{
	uint32_t i = 0;
	switch (p->kind) {
	case PREDICATE_AND:
		while (i < p->count && predicate_holds(&p->children[i], v, t, o))
			i++;
		return i == p->count;
	case PREDICATE_OR:
		while (i < p->count && !predicate_holds(&p->children[i], v, t, o))
			i++;
		return i < p->count;
	case PREDICATE_NOT: return !predicate_holds(&p->children[0], v, t, o);
	case PREDICATE_CONTENT:
	case PREDICATE_RELATION:
		return p->attribute ? stored_holds(p, t, o) : made_up_holds(p, t, o);
	case PREDICATE_EXISTS: return !p->attribute || object_has(v, o, p->attribute);
	case PREDICATE_RESOLVED: return mid_set_has(&p->matches->set, o->mid);
	case PREDICATE_NEVER: break;
	}
	return false;
}
