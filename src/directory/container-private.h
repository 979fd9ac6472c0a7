#ifndef DIRECTORY_CONTAINER_PRIVATE_H
#define DIRECTORY_CONTAINER_PRIVATE_H

#include "directory/filter.h"
#include "directory/index-private.h"
#include "directory/object-private.h"
#include "directory/policy-private.h"

struct roster;

struct container_name {
	uint32_t lcid;
	const char *text;
};

struct container {
	uint32_t id; /* below ENTRY_MID_FIRST */
	int list;    /* its number in the indexes, INDEX_ALL of a book of all entries */
	const char *dn;
	const char *name;
	uint32_t flags;
	uint32_t depth;
	const struct container *parent;
	enum object_category
		category;            /* of the members of a list that is not the configuration's */
	const struct roster *roster; /* of a department; NULL: what is on the list, by name */
	const struct container_name *names; /* in languages */
	size_t name_count;
};

/* The lists that there are, in the order of the hierarchy table: the global one first, each behind
 * the one it is below. */
struct list_definitions {
	size_t count;
	struct container *items; /* parents are other items */
	struct arena arena;      /* what they point to */
};

/* The lists that an account sees; the first one is its global address list, and what is not on
 * that is not there at all. */
struct scope {
	size_t count;
	struct container *items; /* in the order of the hierarchy table */
	uint32_t version;        /* of the hierarchy */
};

/* Address lists by number. A view's own lists are cuts: what is on both of two others. */
struct address_lists {
	_Atomic uint32_t refs;
	unsigned count;
	struct list_cut {
		int list, gal; /* lower numbers; list -1: the number is no cut */
	} cuts[INDEX_LISTS_MAX];
	struct filter *filters[INDEX_LISTS_MAX]; /* NULL: the number is of no filter */
	struct list_definitions definitions;
	size_t scope_count;
	struct scope *scopes; /* the first is that of who is in no view, and has everything */
};

/* Takes the lists of a policy; without one those that are always there. Numbers come later, but for
 * the latter. */
int list_definitions_make(const struct policy *p, struct list_definitions *out, struct error *e);
void list_definitions_free(struct list_definitions *d);
/* By name without case; NULL when there is none. */
const struct container *list_find(const struct list_definitions *d, const char *name);
enum { LISTS_BUILT_IN = 5 };

/* NULL is a policy without views. */
int lists_new(const struct policy *p, struct address_lists **out, struct error *e);
struct address_lists *lists_ref(struct address_lists *l);
void lists_unref(struct address_lists *l); /* NULL is fine */
/* Goes on with a number that is another one for other texts, but the same after the next start. */
uint32_t list_version(uint32_t version, const char *text);
/* Whether the numbers mean the same. */
bool lists_alike(const struct address_lists *a, const struct address_lists *b);

/* The lists that an object belongs to, one bit each, whether it is hidden or not. */
uint64_t lists_of(const struct address_lists *l, const struct object *o, const struct entry *entry);

/* Only for an object that the view has. */
bool container_holds(const struct container *c, const struct object *o);

/* Whether name resolution goes by a property, also one that clients never see, for the caller. */
bool view_searches(const struct view *v, uint16_t property_id);

/* Of the view's caller; NULL when what it may see is not known by the snapshot's policy. */
const struct scope *scope_of(const struct view *v);

#endif
