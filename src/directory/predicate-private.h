#ifndef DIRECTORY_PREDICATE_PRIVATE_H
#define DIRECTORY_PREDICATE_PRIVATE_H

/*
 * A restriction made ready to be asked of many objects: needles folded, names resolved, types
 * checked. Text compares as the directory's own comparison does (MS-NSPI 3.1.1.2.5), without case,
 * accents and width, whatever the fuzzy level says; PidTagAddressBookDisplayNamePrintable alone
 * compares byte for byte.
 */

#include "directory/mids-private.h"
#include "directory/resolve-private.h"
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

enum { NAME_MATCHES_SOME = 16384 };

/* What a name resolves to; who asks finds out first. */
struct name_matches {
	struct slice name;
	struct resolve_place place; /* where that goes on */
	struct mid_set set;
	struct mid_array some;     /* of them; all when they are no more than it has room for */
	struct name_matches *next; /* of another name in the same restriction */
};

struct predicate {
	enum predicate_kind kind;
	uint32_t count; /* children */
	struct predicate *children;
	struct name_matches *matches;      /* of PREDICATE_RESOLVED */
	const struct attribute *attribute; /* NULL: one of the properties that are made up */
	uint16_t property_id;
	uint32_t relation;   /* RELOP_*, or the low word of the fuzzy level */
	struct slice needle; /* folded, where text compares folded */
	struct slice text;   /* UTF-8 as it was given */
	const struct mapi_value *value;
};

struct predicate_made {
	struct predicate *predicate;
	size_t nodes;
	struct name_matches *names; /* that have to be resolved before anything is asked */
};

/* Makes it in the arena; SCAN_DONE when it is made. */
enum scan_status predicate_make(const struct view *v, const struct mapi_restriction *r,
                                uint32_t codepage, struct arena *a, struct predicate_made *out);

bool predicate_holds(const struct predicate *p, const struct view *v, const struct table *t,
                     const struct object *o);

#endif
