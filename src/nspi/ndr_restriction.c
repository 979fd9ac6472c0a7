/* Restriction_r and its arms: MS-NSPI 2.3.2. */

#include "nspi/nspi_ndr-private.h"

enum { RESTRICTION_WIRE_MIN = 12 }; /* rt, discriminant, the shortest arm */

static void restriction_fixed(struct ndr *n, struct mapi_restriction *r);
static void restriction_rest(struct ndr *n, struct mapi_restriction *r);

/* typedef struct { [range(0, 100000)] DWORD cRes; [size_is(cRes)] Restriction_r *lpRes; }
 * AndRestriction_r, OrRestriction_r; */
static void list_fixed(struct ndr *n, struct mapi_restriction *r)
{
	struct mapi_restriction *items =
		ndr_embedded_array(n, &r->list.count, r->list.items, NSPI_MAX_ITEMS);

	if (ndr_decoding(n))
		r->list.items = items;
}

static void list_rest(struct ndr *n, struct mapi_restriction *r)
{
	if (!r->list.items)
		return;
	struct mapi_restriction *items =
		ndr_array(n, r->list.items, r->list.count, sizeof *items, RESTRICTION_WIRE_MIN);
	for (uint32_t i = 0; items && i < r->list.count; i++)
		restriction_fixed(n, &items[i]);
	for (uint32_t i = 0; items && i < r->list.count; i++)
		restriction_rest(n, &items[i]);
	if (ndr_decoding(n))
		r->list.items = items;
}

static void child_fixed(struct ndr *n, struct mapi_restriction **child)
{
	struct mapi_restriction *place = ndr_embedded(n, *child);

	if (ndr_decoding(n))
		*child = place;
}

static void child_rest(struct ndr *n, struct mapi_restriction **child)
{
	if (!*child)
		return;
	struct mapi_restriction *r = ndr_items(n, *child, 1, sizeof *r, RESTRICTION_WIRE_MIN);
	if (r)
		ndr_nspi_restriction(n, r);
	if (ndr_decoding(n))
		*child = r;
}

static void value_fixed(struct ndr *n, struct mapi_value **value)
{
	struct mapi_value *place = ndr_embedded(n, *value);

	if (ndr_decoding(n))
		*value = place;
}

static void value_rest(struct ndr *n, struct mapi_value **value)
{
	if (!*value)
		return;
	struct mapi_value *v = ndr_items(n, *value, 1, sizeof *v, 1);
	if (v)
		ndr_nspi_value(n, v);
	if (ndr_decoding(n))
		*value = v;
}

/* typedef struct { Restriction_r *lpRes; } NotRestriction_r; */
static void not_fixed(struct ndr *n, struct mapi_restriction *r)
{
	child_fixed(n, &r->child);
}

static void not_rest(struct ndr *n, struct mapi_restriction *r)
{
	child_rest(n, &r->child);
}

/* typedef struct { DWORD ulFuzzyLevel; DWORD ulPropTag; PropertyValue_r *lpProp; }
 * ContentRestriction_r; */
static void content_fixed(struct ndr *n, struct mapi_restriction *r)
{
	ndr_u32(n, &r->content.fuzzy);
	ndr_u32(n, &r->content.tag);
	value_fixed(n, &r->content.value);
}

static void content_rest(struct ndr *n, struct mapi_restriction *r)
{
	value_rest(n, &r->content.value);
}

/* typedef struct { DWORD relop; DWORD ulPropTag; PropertyValue_r *lpProp; } PropertyRestriction_r;
 */
static void property_fixed(struct ndr *n, struct mapi_restriction *r)
{
	ndr_u32(n, &r->property.relop);
	ndr_u32(n, &r->property.tag);
	value_fixed(n, &r->property.value);
}

static void property_rest(struct ndr *n, struct mapi_restriction *r)
{
	value_rest(n, &r->property.value);
}

/* typedef struct { DWORD relop; DWORD ulPropTag1; DWORD ulPropTag2; } ComparePropsRestriction_r; */
static void compare_fixed(struct ndr *n, struct mapi_restriction *r)
{
	ndr_u32(n, &r->compare.relop);
	ndr_u32(n, &r->compare.tag1);
	ndr_u32(n, &r->compare.tag2);
}

/* typedef struct { DWORD relMBR; DWORD ulPropTag; DWORD ulMask; } BitMaskRestriction_r; */
static void bitmask_fixed(struct ndr *n, struct mapi_restriction *r)
{
	ndr_u32(n, &r->bitmask.relation);
	ndr_u32(n, &r->bitmask.tag);
	ndr_u32(n, &r->bitmask.mask);
}

/* typedef struct { DWORD relop; DWORD ulPropTag; DWORD cb; } SizeRestriction_r; */
static void size_fixed(struct ndr *n, struct mapi_restriction *r)
{
	ndr_u32(n, &r->size.relop);
	ndr_u32(n, &r->size.tag);
	ndr_u32(n, &r->size.bytes);
}

/* typedef struct { DWORD ulReserved1; DWORD ulPropTag; DWORD ulReserved2; } ExistRestriction_r; */
static void exist_fixed(struct ndr *n, struct mapi_restriction *r)
{
	ndr_u32(n, &r->exist.reserved1);
	ndr_u32(n, &r->exist.tag);
	ndr_u32(n, &r->exist.reserved2);
}

/* typedef struct { DWORD ulSubObject; Restriction_r *lpRes; } SubRestriction_r; */
static void sub_fixed(struct ndr *n, struct mapi_restriction *r)
{
	ndr_u32(n, &r->sub.subobject);
	child_fixed(n, &r->sub.child);
}

static void sub_rest(struct ndr *n, struct mapi_restriction *r)
{
	child_rest(n, &r->sub.child);
}

struct arm {
	void (*fixed)(struct ndr *n, struct mapi_restriction *r);
	void (*rest)(struct ndr *n, struct mapi_restriction *r); /* NULL: no pointer */
};

/* [switch_type(long)] union RestrictionUnion_r; there is no default arm. */
static const struct arm arms[] = {
	[RES_AND] = {list_fixed,     list_rest    },
	[RES_OR] = {list_fixed,     list_rest    },
	[RES_NOT] = {not_fixed,      not_rest     },
	[RES_CONTENT] = {content_fixed,  content_rest },
	[RES_PROPERTY] = {property_fixed, property_rest},
	[RES_COMPAREPROPS] = {compare_fixed,  NULL         },
	[RES_BITMASK] = {bitmask_fixed,  NULL         },
	[RES_SIZE] = {size_fixed,     NULL         },
	[RES_EXIST] = {exist_fixed,    NULL         },
	[RES_SUBRESTRICTION] = {sub_fixed,      sub_rest     },
};

enum { ARM_COUNT = sizeof arms / sizeof arms[0] };

/* typedef struct { DWORD rt; [switch_is((long)rt)] RestrictionUnion_r res; } Restriction_r; */
static void restriction_fixed(struct ndr *n, struct mapi_restriction *r)
{
	uint32_t head[2] = {r->type, r->type};

	ndr_u32s(n, head, 2);
	if (head[0] != head[1] || head[0] >= ARM_COUNT)
		ndr_fail(n, NDR_BAD_VALUE);
	if (ndr_failed(n))
		return;
	if (ndr_decoding(n))
		r->type = head[0];
	arms[head[0]].fixed(n, r);
}

/* After a failure there is nothing to go on with: what was decoded so far may be half a value. */
static void restriction_rest(struct ndr *n, struct mapi_restriction *r)
{
	if (ndr_failed(n) || !arms[r->type].rest)
		return;
	if (n->depth == RESTRICTION_MAX_DEPTH) {
		ndr_fail(n, NDR_TOO_DEEP);
		return;
	}
	n->depth++;
	arms[r->type].rest(n, r);
	n->depth--;
}

void ndr_nspi_restriction(struct ndr *n, void *value)
{
	restriction_fixed(n, value);
	restriction_rest(n, value);
}
