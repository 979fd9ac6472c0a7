#ifndef DIRECTORY_HIERARCHY_PRIVATE_H
#define DIRECTORY_HIERARCHY_PRIVATE_H

/*
 * The hierarchical address book: organizational groups (msOrg-IsOrganizational) are departments,
 * and those among their members are the departments below. Each is an address list of its other
 * members in an order of its own: leaders first (msOrg-Leaders), the higher msDS-HABSeniorityIndex
 * first, then by phonetic name, then by display name. Made from a snapshot, for each view, and
 * shared by the snapshots that follow while nothing in it changes.
 */

#include "directory/snapshot-private.h"

/* The members of a department. */
struct roster {
	uint32_t count;
	uint32_t *mids;
	struct roster_place {
		uint32_t mid, position;
	} * places; /* in order of MId */
};

bool roster_position(const struct roster *r, uint32_t mid, uint32_t *position);

/* NULL when the policy names no root, or there is no such group. */
const struct hierarchy *hierarchy_new(const struct snapshot *s);
const struct hierarchy *hierarchy_ref(const struct hierarchy *h); /* NULL is fine */
void hierarchy_unref(const struct hierarchy *h);                  /* NULL is fine */
/* Whether the snapshot would have the same one. */
bool hierarchy_fits(const struct hierarchy *h, const struct snapshot *s);

/* The departments of a view, in the order of the hierarchy table. */
const struct container *hierarchy_at(const struct hierarchy *h, size_t scope, size_t index);
const struct container *hierarchy_find(const struct hierarchy *h, size_t scope, uint32_t id);
uint32_t hierarchy_version(const struct hierarchy *h, size_t scope);

#endif
