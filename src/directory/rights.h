#ifndef DIRECTORY_RIGHTS_H
#define DIRECTORY_RIGHTS_H

/*
 * Who may change what of the address book: decided here and nowhere else, for every operation on
 * every transport. Immutable once made.
 */

#include "directory/view.h"

struct rights;

/* self_writable: LDAP names of further properties that everybody may change of the own entry. Only
 * text that clients see, and that says nothing about who an entry is. */
int rights_new(const char *const *self_writable, size_t count, struct rights **out,
               struct error *e);
void rights_free(struct rights *r); /* NULL is fine */

enum right {
	RIGHT_NONE,
	RIGHT_SELF,          /* it is the caller's own entry */
	RIGHT_MANAGER,       /* the group's managedBy is the caller's entry */
	RIGHT_ADMINISTRATOR, /* may change of every entry what somebody may change of it */
};

/* Why the view's caller may change a property of an object, RIGHT_NONE when it may not. */
enum right rights_to_change(const struct rights *r, const struct view *v, bool administrator,
                            const struct object *o, uint16_t property_id);

const char *right_name(enum right right); /* "self" */

#endif
