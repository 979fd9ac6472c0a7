#include <inttypes.h>
#include <stdio.h>

#include "admin/call.h"
#include "directory/view.h"

/* The address lists and the sort orders of the book that clients get. */

static json_t *describe_list(const struct view *v, const struct container *c)
{
	const struct container *parent = container_parent(c);
	struct table t = {0};
	char id[16];
	json_t *o = json_object();

	snprintf(id, sizeof id, "0x%" PRIx32, container_id(c));
	table_open(v, c, TABLE_BY_DISPLAY_NAME, 0, &t);
	value_put(o, "name", value_text(container_name(c, 0)));
	value_put(o, "id", json_string(id));
	value_put(o, "below", value_text(parent ? container_name(parent, 0) : ""));
	value_put(o, "entries", value_count(table_count(&t)));
	return o;
}

int command_lists(struct call *c, struct error *e)
{
	const struct snapshot *snapshot = directory_acquire(c->admin->setup.directory);
	const struct view everything = {.snapshot = snapshot};
	const struct container *list;

	(void)e;
	for (size_t i = 0; (list = view_hierarchy_at(&everything, i)); i++)
		if (!call_row(c, describe_list(&everything, list)))
			break;
	snapshot_unref(snapshot);
	return 0;
}

static json_t *describe_order(const struct order_state *order)
{
	char lcid[16];
	json_t *o = json_object();

	snprintf(lcid, sizeof lcid, "0x%04" PRIx32, order->lcid);
	value_put(o, "locale", value_text(order->locale));
	value_put(o, "lcid", json_string(lcid));
	value_put(o, "by", json_string(order->phonetic ? "phonetic name" : "display name"));
	value_put(o, "state", json_string(order->made ? "ready" : "being made"));
	return o;
}

int command_orders(struct call *c, struct error *e)
{
	const struct snapshot *snapshot = directory_acquire(c->admin->setup.directory);
	struct order_state order;

	(void)e;
	for (size_t i = 0; snapshot_order(snapshot, i, &order); i++)
		if (!call_row(c, describe_order(&order)))
			break;
	snapshot_unref(snapshot);
	return 0;
}
