#include "directory/links-private.h"

#include "directory/container-private.h"
#include "mapi/tags.h"

static bool members_concealed(const struct object *group, uint16_t link_id)
{
	return group->members_hidden && link_id == tag_id(PR_EMS_AB_MEMBER);
}

bool link_walk_start(struct link_walk *w, const struct view *v, const struct object *o,
                     uint16_t property_id)
{
	const struct attribute *a = attribute_by_id(property_id);
	if (!a || (a->conversion != CONVERT_LINK && a->conversion != CONVERT_BACKLINK))
		return false;
	*w = (struct link_walk){.view = v, .object = o, .link_id = property_id};
	w->back = a->conversion == CONVERT_BACKLINK;
	if (!view_attribute(v, property_id))
		return true; /* it leads nowhere */
	if (w->back) {
		w->link_id = a->source_id;
		struct backlink_key key = backlink_key_of(o->dn_hash, w->link_id);
		w->sources = index_range_exact(v->snapshot->indexes[INDEX_BACKLINKS],
		                               slice_of(key.bytes, sizeof key.bytes));
	} else if (!members_concealed(o, w->link_id)) {
		object_raw(o, w->link_id, &w->forward);
	}
	return true;
}

/* The source of a back link, when it is to be seen and does have the link. */
static const struct object *visible_source(const struct link_walk *w, const struct object *o)
{
	struct slice raw;
	bool visible = o != w->last && view_rule(w->view, o) == VIEW_LISTED &&
	               !members_concealed(o, w->link_id) && object_raw(o, w->link_id, &raw) &&
	               links_have(raw, w->object->dn_hash);
	return visible ? o : NULL;
}

static bool look_back(struct link_walk *w, const struct object **found)
{
	const struct object *o = index_range_next(&w->sources, w->view);
	if (!o)
		return false;
	*found = visible_source(w, o);
	if (*found)
		w->last = o;
	return true;
}

bool link_walk_look(struct link_walk *w, const struct object **found)
{
	if (w->back)
		return look_back(w, found);
	if (w->next == w->forward.size / sizeof(uint64_t))
		return false;
	const struct object *o = lookup_dn_hash(w->view, link_at(w->forward, w->next++));
	*found = o && view_rule(w->view, o) == VIEW_LISTED ? o : NULL;
	return true;
}

const struct object *link_walk_next(struct link_walk *w)
{
	const struct object *found;
	while (link_walk_look(w, &found))
		if (found)
			return found;
	return NULL;
}

size_t link_walk_bound(const struct link_walk *w)
{
	return w->back ? w->sources.left : w->forward.size / sizeof(uint64_t);
}

int view_links(const struct view *v, const struct object *o, uint16_t property_id, size_t max,
               struct arena *a, const uint32_t **mids, size_t *count)
{
	static const int errors[] = {
		[SCAN_TOO_COMPLEX] = ERR_UNSUPPORTED,
		[SCAN_TOO_MANY] = ERR_LIMIT,
		[SCAN_NO_MEMORY] = ERR_NO_MEMORY,
	};
	enum scan_status status;
	uint32_t found = 0;
	struct scan *s = scan_links_new(v, o, property_id, max, a, &status);
	while (s && (status = scan_run(s, UINT32_MAX)) == SCAN_MORE)
		continue;
	if (status != SCAN_DONE)
		return errors[status];
	*mids = scan_mids(s, &found);
	*count = found;
	return 0;
}
