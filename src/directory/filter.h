#ifndef DIRECTORY_FILTER_H
#define DIRECTORY_FILTER_H

/*
 * LDAP filters (RFC 4515) over entries as the store has them, by which address lists are defined:
 * and, or, not, equality, substrings, ordering, presence, and Active Directory's rules for bits.
 * Text compares without case, DNs by what they mean, numbers as numbers; what an entry lacks fits
 * nothing. Immutable.
 */

#include "base/error.h"
#include "directory/entry.h"

struct filter;

/* Errors say what is wrong at which character. */
int filter_parse(const char *text, struct filter **out, struct error *e);
void filter_free(struct filter *f); /* NULL is fine */
const char *filter_text(const struct filter *f);
bool filter_fits(const struct filter *f, const struct entry *entry);

#endif
