#include "directory/change.h"

#include <stdlib.h>

#include "base/memory.h"

static bool copy_origin(struct change *c, const struct viewer *viewer, const char *client_address)
{
	c->viewer = *viewer;
	c->viewer.account = arena_strdup(&c->memory, viewer->account);
	c->client_address = arena_strdup(&c->memory, client_address);
	return c->viewer.account && c->client_address;
}

struct change *change_new(const struct viewer *viewer, const char *client_address, uint32_t mid)
{
	struct change *c = xcalloc(1, sizeof *c);

	arena_init(&c->memory, CHANGE_MAX_BYTES);
	c->mid = mid;
	if (copy_origin(c, viewer, client_address))
		return c;
	change_free(c);
	return NULL;
}

void change_free(struct change *c)
{
	if (!c)
		return;
	arena_free(&c->memory);
	free(c);
}

struct change_edit *change_edit(struct change *c, uint16_t property_id, enum change_kind kind)
{
	for (size_t i = 0; i < c->edit_count; i++)
		if (c->edits[i].property_id == property_id)
			return &c->edits[i];
	if (c->edit_count == CHANGE_MAX_EDITS)
		return NULL;
	struct change_edit *edit = &c->edits[c->edit_count++];
	*edit = (struct change_edit){.property_id = property_id, .kind = kind};
	return edit;
}

enum right change_right(const struct change *c, const struct rights *r, const struct snapshot *now)
{
	const struct view v = {.snapshot = now, .viewer = &c->viewer};
	const struct object *o = view_object(&v, c->mid);
	enum right greatest = RIGHT_NONE;

	for (size_t i = 0; i < c->edit_count; i++) {
		uint16_t id = c->edits[i].property_id;
		enum right right =
			o ? rights_to_change(r, &v, c->administrator, o, id) : RIGHT_NONE;
		if (right == RIGHT_NONE)
			return RIGHT_NONE;
		greatest = right > greatest ? right : greatest;
	}
	return greatest;
}
