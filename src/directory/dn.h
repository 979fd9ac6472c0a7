#ifndef DIRECTORY_DN_H
#define DIRECTORY_DN_H

/*
 * LDAP distinguished names (RFC 4514; also with ';' and quoted values, as older programs write
 * them). Two names mean the same entry when their normalised forms are the same bytes.
 */

#include "base/buffer.h"
#include "base/slice.h"

#define DN_MAX 4096 /* bytes of a name as it is written */

/* One attribute type and value of a name. */
struct dn_part {
	struct slice type; /* as written */
	size_t size;
	uint8_t value[DN_MAX]; /* without escapes */
	char next;             /* what follows: ',' another RDN, '+' more of this one, 0 the end */
};

/* Takes one part from the front of *rest; false when there is none, or the name is malformed or too
 * long. */
bool dn_next(struct slice *rest, struct dn_part *part);

/* Appends the form that compares: lower-case types, values without needless escapes and spaces,
 * folded in case. false when it is no DN; out may then hold a part of it. The empty name is one. */
bool dn_normalise(struct slice dn, struct buffer *out);

/* What follows the first RDN, as written; false when there is nothing. */
bool dn_parent(struct slice dn, struct slice *parent);

#endif
