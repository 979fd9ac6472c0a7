/* Restrictions as MAPI over HTTP has them: MS-OXCDATA 2.12, with counts of 32 bits. */

#include "nspi/nspi_mapihttp-private.h"

enum { RESTRICTION_WIRE_MIN = 5 }; /* the type, and an Exist or a list of none */

/* Operators and relations are single bytes here. */
static void narrow(struct wire *w, uint32_t *v)
{
	uint8_t byte = (uint8_t)*v;

	wire_u8(w, &byte);
	*v = byte;
}

static void list(struct wire *w, struct mapi_restriction *r)
{
	wire_count(w, &r->list.count, HTTP_MAX_ITEMS);
	struct mapi_restriction *items =
		wire_items(w, r->list.items, r->list.count, sizeof *items, RESTRICTION_WIRE_MIN);
	for (uint32_t i = 0; items && i < r->list.count && !wire_failed(w); i++)
		http_nspi_restriction(w, &items[i]);
	r->list.items = items;
}

static void child(struct wire *w, struct mapi_restriction **place)
{
	struct mapi_restriction *r = wire_items(w, *place, 1, sizeof *r, RESTRICTION_WIRE_MIN);

	if (r)
		http_nspi_restriction(w, r);
	else
		wire_fail(w, WIRE_BAD);
	*place = r;
}

static void not_arm(struct wire *w, struct mapi_restriction *r)
{
	child(w, &r->child);
}

/* Is there a value behind the tag? Clients write a HasValue byte, of which MS-OXCDATA knows
 * nothing: it is told from the type of a value that comes without one, which has 0xFF or 0 in its
 * first byte never. */
static bool has_tagged(struct wire *w, bool present)
{
	int next = wire_peek(w);

	if (w->decoding && next > 0 && next != 0xFF)
		return true;
	return wire_has(w, present);
}

static void tagged(struct wire *w, struct mapi_value **place)
{
	if (!has_tagged(w, *place != NULL)) {
		*place = NULL;
		return;
	}
	struct mapi_value *v = wire_items(w, *place, 1, sizeof *v, HTTP_TAGGED_WIRE_MIN);
	if (v)
		http_nspi_tagged(w, v);
	*place = v;
}

/* FuzzyLevelLow and FuzzyLevelHigh side by side are the ulFuzzyLevel of MS-NSPI. */
static void content(struct wire *w, struct mapi_restriction *r)
{
	wire_u32(w, &r->content.fuzzy);
	wire_u32(w, &r->content.tag);
	tagged(w, &r->content.value);
}

static void property(struct wire *w, struct mapi_restriction *r)
{
	narrow(w, &r->property.relop);
	wire_u32(w, &r->property.tag);
	tagged(w, &r->property.value);
}

static void compare(struct wire *w, struct mapi_restriction *r)
{
	narrow(w, &r->compare.relop);
	wire_u32(w, &r->compare.tag1);
	wire_u32(w, &r->compare.tag2);
}

static void bitmask(struct wire *w, struct mapi_restriction *r)
{
	narrow(w, &r->bitmask.relation);
	wire_u32(w, &r->bitmask.tag);
	wire_u32(w, &r->bitmask.mask);
}

static void size(struct wire *w, struct mapi_restriction *r)
{
	narrow(w, &r->size.relop);
	wire_u32(w, &r->size.tag);
	wire_u32(w, &r->size.bytes);
}

static void exist(struct wire *w, struct mapi_restriction *r)
{
	wire_u32(w, &r->exist.tag);
}

static void sub(struct wire *w, struct mapi_restriction *r)
{
	wire_u32(w, &r->sub.subobject);
	child(w, &r->sub.child);
}

static void (*const arms[])(struct wire *w, struct mapi_restriction *r) = {
	[RES_AND] = list,           [RES_OR] = list,           [RES_NOT] = not_arm,
	[RES_CONTENT] = content,    [RES_PROPERTY] = property, [RES_COMPAREPROPS] = compare,
	[RES_BITMASK] = bitmask,    [RES_SIZE] = size,         [RES_EXIST] = exist,
	[RES_SUBRESTRICTION] = sub,
};

void http_nspi_restriction(struct wire *w, void *value)
{
	struct mapi_restriction *r = value;

	narrow(w, &r->type);
	if (r->type >= sizeof arms / sizeof arms[0])
		wire_fail(w, WIRE_BAD);
	else if (w->depth > RESTRICTION_MAX_DEPTH)
		wire_fail(w, WIRE_TOO_DEEP);
	if (wire_failed(w))
		return;
	w->depth++;
	arms[r->type](w, r);
	w->depth--;
}
