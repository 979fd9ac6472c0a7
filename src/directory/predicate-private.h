#ifndef DIRECTORY_PREDICATE_PRIVATE_H
#define DIRECTORY_PREDICATE_PRIVATE_H

/*
 * A restriction made ready to be asked of many objects: needles folded, names resolved, types
 * checked. Text compares as the directory's own comparison does (MS-NSPI 3.1.1.2.5), without case,
 * accents and width, whatever the fuzzy level says; PidTagAddressBookDisplayNamePrintable alone
 * compares byte for byte.
 */

#include "directory/view.h"
#include "mapi/attributes.h"

enum { PREDICATE_NODES_MAX = 1024 };

enum predicate_kind {
	PREDICATE_AND,
	PREDICATE_OR,
	PREDICATE_NOT,
	PREDICATE_CONTENT,
	PREDICATE_RELATION,
	PREDICATE_EXISTS,
	PREDICATE_RESOLVED, /* the name given resolves to the object, perhaps ambiguously */
	PREDICATE_NEVER,    /* a property that nothing has */
};

struct predicate {
	enum predicate_kind kind;
	uint32_t count; /* children; MIds of PREDICATE_RESOLVED */
	struct predicate *children;
	const uint32_t *mids;              /* ascending */
	const struct attribute *attribute; /* NULL: one of the properties that are made up */
	uint16_t property_id;
	uint32_t relation;   /* RELOP_*, or the low word of the fuzzy level */
	struct slice needle; /* folded, where text compares folded */
	struct slice text;   /* UTF-8 as it was given */
	const struct mapi_value *value;
};

/* Makes it in the arena; NULL with *status set when it cannot be. */
struct predicate *predicate_new(const struct view *v, const struct table *t,
                                const struct mapi_restriction *r, uint32_t codepage,
                                struct arena *a, size_t *nodes, enum scan_status *status);

bool predicate_holds(const struct predicate *p, const struct view *v, const struct table *t,
                     const struct object *o);

#endif
