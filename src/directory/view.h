#ifndef DIRECTORY_VIEW_H
#define DIRECTORY_VIEW_H

/*
 * What one caller sees of a snapshot. Every operation, on every transport, looks at the address
 * book through a view; nothing else decides what is visible. Cheap to make, lives on the stack for
 * one call, borrows the snapshot. Hidden things behave exactly as if they were absent; an object
 * hidden from address lists can be had by DN and by MId, but is in no table, match or resolution.
 */

#include "base/arena.h"
#include "directory/directory.h"
#include "mapi/restriction.h"
#include "mapi/tags.h"

/* What the rules of a policy (directory/policy.h) let an account see. */
struct audience {
	uint32_t policy;   /* the number of that policy */
	uint16_t withheld; /* which of its rules withhold something, a bit each */
	uint8_t view;      /* 0: none */
};

struct viewer {
	const char *account; /* "" for nobody */
	uint32_t own_mid; /* the entry of the book that belongs to the account, 0 when there is none
	                   */
	struct audience audience;
};

struct view {
	const struct snapshot *snapshot;
	const struct viewer *viewer; /* NULL: the server itself, which sees everything */
};

struct object;    /* of the snapshot */
struct container; /* an address list */
struct attribute; /* mapi/attributes.h */

/* Why an object is seen or not: what everything below goes by. */
enum view_rule {
	VIEW_LISTED,  /* it is in the tables, matches, resolutions and links */
	VIEW_HIDDEN,  /* msExchHideFromAddressLists: it can be had by DN and MId only */
	VIEW_OUTSIDE, /* not on the global address list of the caller's view: it is not there */
	VIEW_UNKNOWN, /* the caller's rights were found out by another policy: nothing is there */
};
enum view_rule view_rule(const struct view *v, const struct object *o);

/* An attribute that the caller gets to see; NULL: there is none such for it. */
const struct attribute *view_attribute(const struct view *v, uint16_t property_id);

/* Objects; NULL when there is none, or it is not to be seen at all. */
const struct object *view_object(const struct view *v, uint32_t mid);
/* Many that are read next, at once. */
void view_objects(const struct view *v, const uint32_t *mids, size_t count,
                  const struct object **objects);
/* legacyExchangeDN (without case), or "/guid=" + 32 hex digits. */
const struct object *view_object_by_dn(const struct view *v, struct slice dn);
/* LDAP DN; for links and tools. */
const struct object *view_object_by_ldap_dn(const struct view *v, struct slice dn);
/* The entry that belongs to an account by sAMAccountName, uid, userPrincipalName or mail; 0 when
 * none does or several do. */
uint32_t view_entry_of_account(const struct view *v, const char *account);

/* Those that have a name as an address or an account, also hidden ones; fills at most max, returns
 * how many. For tools. */
size_t view_objects_by_name(const struct view *v, struct slice name, const struct object **found,
                            size_t max);

uint32_t object_mid(const struct object *o);
enum display_type object_display_type(const struct object *o);
struct slice object_dn(const struct view *v,
                       const struct object *o); /* legacyExchangeDN, as PR_EMAIL_ADDRESS */
struct slice object_display_name(const struct view *v, const struct object *o);
bool object_hidden(const struct object *o);
bool object_members_hidden(const struct object *o); /* hideDLMembership */

/* A stored property in its native type (mapi/attributes.h), strings as PT_UNICODE; false when it
 * has no value. Links are not stored properties: see view_links. Arrays come from the arena. */
bool object_value(const struct view *v, const struct object *o, uint16_t property_id,
                  struct arena *a, struct mapi_value *value);
/* The same of many objects: what there is to look up of a property is looked up once. */
struct object_property {
	const struct attribute *attribute;
	uint16_t id;   /* under which it is stored */
	uint16_t near; /* where the last object had it, for many are alike */
};
/* false: no object has a stored property of that id. */
bool object_property_find(const struct view *v, uint16_t property_id, struct object_property *p);
bool object_read(struct object_property *p, const struct object *o, struct arena *a,
                 struct mapi_value *value);
/* Property ids of stored properties and non-empty links, ascending; returns the count written. */
size_t object_property_ids(const struct view *v, const struct object *o, uint16_t *ids, size_t max);

/* Links and back links (member, memberOf, manager, directReports, managedBy, managedObjects,
 * publicDelegates ...): visible targets' MIds, sorted by Unicode display name, unmappable ones
 * dropped. Borrowed from the arena. ERR_UNSUPPORTED when the property is no link; ERR_LIMIT when
 * there are more than max; ERR_NO_MEMORY. */
int view_links(const struct view *v, const struct object *o, uint16_t property_id, size_t max,
               struct arena *a, const uint32_t **mids, size_t *count);

/* Address lists. Container id 0 is the global address list. NULL when there is none or it is not to
 * be seen. */
const struct container *view_container(const struct view *v, uint32_t container_id);
/* By "/" or "/guid=...", without case. */
const struct container *view_container_by_dn(const struct view *v, struct slice dn);
/* The hierarchy in order of the hierarchy table, the global address list first. NULL at the end. */
const struct container *view_hierarchy_at(const struct view *v, size_t index);
uint32_t view_hierarchy_version(const struct view *v); /* changes when the hierarchy does */

uint32_t container_id(const struct container *c);
const char *container_name(const struct container *c, uint32_t lcid); /* UTF-8 */
const char *container_dn(const struct container *c);                  /* "/" or "/guid=..." */
uint32_t container_flags(const struct container *c);
uint32_t container_depth(const struct container *c);
const struct container *container_parent(const struct container *c); /* NULL at the top */
bool container_has(const struct view *v, const struct container *c, uint32_t mid);

/* A table: a container in a sort order, positions exact. A value, borrows the snapshot. */
enum table_sort { TABLE_BY_DISPLAY_NAME = 0, TABLE_BY_PHONETIC_NAME = 3 };

struct table {
	const struct snapshot *snapshot;
	const struct container *container;
	const void *order;
	enum table_sort sort;
	uint32_t lcid; /* the one in fact used */
};

/* ERR_UNSUPPORTED for a sort type that is not kept. The closest locale is taken. */
int table_open(const struct view *v, const struct container *c, uint32_t sort_type, uint32_t lcid,
               struct table *t);
uint32_t table_count(const struct table *t);
uint32_t table_mid_at(const struct table *t, uint32_t position); /* 0 when beyond the end */
/* A run of rows: writes up to max MIds from position on, returns how many. */
uint32_t table_mids(const struct table *t, uint32_t position, uint32_t *mids, uint32_t max);
bool table_position(const struct table *t, uint32_t mid, uint32_t *position);
/* The first row whose name is not less than target; table_count() when all are less. */
uint32_t table_seek(const struct table *t, struct slice target);
/* Compares a target with an object's sort name as table_seek does: <0, 0, >0. */
int table_compare_target(const struct view *v, const struct table *t, uint32_t mid,
                         struct slice target);

/* Ambiguous name resolution inside a container. */
enum anr_result { ANR_UNRESOLVED = 0, ANR_AMBIGUOUS = 1, ANR_RESOLVED = 2 };
enum anr_result view_resolve(const struct view *v, const struct container *c, struct slice name,
                             uint32_t *mid);

/* The same in slices; all zero at the start. */
struct resolve_place {
	uint32_t range, seen; /* which of the ranges of words that a name has; how much of it */
};
struct resolving {
	struct resolve_place place;
	const struct object *found;
	bool several;
};
/* Looks at some words of the book; true when it is to be called again. */
bool view_resolve_some(const struct view *v, const struct container *c, struct slice name,
                       struct resolving *r);
enum anr_result view_resolved(const struct resolving *r, uint32_t *mid);

/*
 * MIds that are found or brought into order, in slices: the matches of a restriction in table
 * order, links, a list of a client's. Bounded in nodes, depth and matches. A scan borrows the
 * snapshot (the caller holds a reference while it is unfinished) and lives in the arena.
 */
enum scan_status {
	SCAN_MORE, /* call again */
	SCAN_DONE,
	SCAN_TOO_COMPLEX, /* the restriction; or the property is no link */
	SCAN_TOO_MANY,    /* more than max_matches */
	SCAN_NO_MEMORY,
};
struct scan;

/* codepage is that of PT_STRING8 values. NULL with *status set when it cannot be started, as below.
 */
struct scan *scan_new(const struct view *v, const struct table *t, const struct mapi_restriction *r,
                      uint32_t codepage, uint32_t max_matches, struct arena *a,
                      enum scan_status *status);
/* What view_links finds. */
struct scan *scan_links_new(const struct view *v, const struct object *o, uint16_t property_id,
                            size_t max, struct arena *a, enum scan_status *status);
/* MIds as the table has them in order, objects outside the container too; unknown ones are dropped.
 * They are borrowed until it is done. */
struct scan *scan_list_new(const struct view *v, const struct table *t, const uint32_t *mids,
                           size_t count, struct arena *a, enum scan_status *status);
/* Runs until done or about budget_us have passed. */
enum scan_status scan_run(struct scan *s, uint32_t budget_us);
/* After SCAN_DONE. */
const uint32_t *scan_mids(const struct scan *s, uint32_t *count);

#endif
