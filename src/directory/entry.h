#ifndef DIRECTORY_ENTRY_H
#define DIRECTORY_ENTRY_H

/*
 * An entry as the store knows it: LDAP attributes. The builder makes an object of the snapshot from
 * it. All of it is borrowed.
 */

#include "base/guid.h"
#include "base/slice.h"

/*
 * MIds of objects start here. Below it, from 0x10 on, are the ids of address lists, so that neither
 * is ever taken for the other.
 */
enum { ENTRY_MID_FIRST = 0x1000 };

struct entry_attribute {
	struct slice name; /* without options */
	const struct slice *values;
	size_t count;
};

struct entry {
	uint32_t mid;           /* given out by the store, from ENTRY_MID_FIRST on, never reused */
	struct guid guid;       /* objectGUID or entryUUID, else made from the DN */
	struct slice dn;        /* LDAP DN as it was written */
	struct slice legacy_dn; /* legacyExchangeDN, the entry's own or the one made up */
	const struct entry_attribute *attributes;
	size_t count;
};

#endif
