#ifndef DIRECTORY_LINKS_PRIVATE_H
#define DIRECTORY_LINKS_PRIVATE_H

/* A walk over the visible other ends of a link or back link, each once. */

#include "directory/lookup-private.h"
#include "directory/view.h"

struct link_walk {
	const struct view *view;
	const struct object *object;
	uint16_t link_id; /* as it is stored, at the source of the link */
	bool back;
	struct slice forward;
	size_t next;
	struct index_range sources;
	const struct object *last;
};

/* false when the property is no link. */
bool link_walk_start(struct link_walk *w, const struct view *v, const struct object *o,
                     uint16_t property_id);
/* Looks at one more; false when there is none. *found is NULL when it is not to be seen. */
bool link_walk_look(struct link_walk *w, const struct object **found);
/* The next one that is to be seen; NULL at the end. */
const struct object *link_walk_next(struct link_walk *w);
/* At most how many a walk that has just begun will meet. */
size_t link_walk_bound(const struct link_walk *w);

#endif
