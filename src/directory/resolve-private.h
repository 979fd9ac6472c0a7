#ifndef DIRECTORY_RESOLVE_PRIVATE_H
#define DIRECTORY_RESOLVE_PRIVATE_H

/*
 * Ambiguous name resolution. A name matches an object of the container
 *   - "=name"   when one of the searched properties is that;
 *   - an address (SMTP, or legacyExchangeDN) when it is one of the object's: then nothing else
 * counts;
 *   - else when one of the searched properties begins with it, or when, cut in two at a space, one
 * half begins the given name and the other the surname, in either order. Compared without case,
 * accents and width.
 */

#include "directory/view.h"

/* Calls visit for each match, some of them several times, until it returns false. After a good many
 * words it pauses: then it returns true, and goes on at the place when it is called again. */
bool resolve_some(const struct view *v, const struct container *c, struct slice name,
                  struct resolve_place *place, bool (*visit)(void *context, const struct object *o),
                  void *context);

#endif
