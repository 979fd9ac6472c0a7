#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/call.h"
#include "directory/policy.h"
#include "store/users.h"

/* Why an account sees an entry or does not: by the functions that decide it for clients. */

enum { ENTRIES_SHOWN = 2, IDS_MAX = 1024, TEXT_SIZE = 400 };

static bool is_mid(const char *text, uint32_t *mid)
{
	char *end = NULL;

	if (strncmp(text, "0x", 2) != 0)
		return false;
	*mid = (uint32_t)strtoul(text + 2, &end, 16);
	return end != text + 2 && !*end;
}

static int by_name(const struct view *everything, const char *text, const struct object **found,
                   struct error *e)
{
	const struct object *all[ENTRIES_SHOWN];
	uint32_t mid = 0;
	size_t count = view_objects_by_name(everything, slice_of_string(text), all, ENTRIES_SHOWN);

	*found = count == 1 ? all[0] : NULL;
	if (count == 0 && view_resolve(everything, view_container(everything, 0),
	                               slice_of_string(text), &mid) == ANR_AMBIGUOUS)
		count = ENTRIES_SHOWN;
	if (mid)
		*found = view_object(everything, mid);
	if (count > 1)
		return error_set(
			e, ERR_INVALID,
			"\"%.100s\" may be several entries: give a DN, an address or a MId", text);
	return 0;
}

/* As operators name entries: a MId, "/o=..." or "/guid=...", an LDAP DN, an address, an account, a
 * name. */
static int find_entry(const struct view *everything, const char *text, const struct object **found,
                      struct error *e)
{
	struct slice name = slice_of_string(text);
	uint32_t mid;
	int err = 0;

	if (is_mid(text, &mid))
		*found = view_object(everything, mid);
	else if (text[0] == '/')
		*found = view_object_by_dn(everything, name);
	else if (strchr(text, '='))
		*found = view_object_by_ldap_dn(everything, name);
	else
		err = by_name(everything, text, found, e);
	if (!err && !*found)
		err = error_set(
			e, ERR_NOT_FOUND,
			"the book has no entry \"%.100s\"; only users, contacts, groups, rooms "
			"and folders are taken from an import",
			text);
	return err;
}

static json_t *describe_rule(const struct view *v, enum view_rule rule)
{
	const char *gal = policy_view_gal(v->snapshot, v->viewer->audience);
	const char *view = policy_view_name(v->snapshot, v->viewer->audience);
	char text[TEXT_SIZE];

	switch (rule) {
	case VIEW_LISTED:
		if (!*gal)
			return json_string("nothing hides it");
		snprintf(text, sizeof text, "it is on %s, the global address list of view \"%s\"",
		         gal, view);
		return value_text(text);
	case VIEW_HIDDEN:
		return json_string("its msExchHideFromAddressLists is TRUE: it is on no list and "
		                   "found by no name, but who knows its DN or MId gets it");
	case VIEW_OUTSIDE:
		snprintf(text, sizeof text,
		         "it is not on %s, the global address list of view \"%s\"", gal, view);
		return value_text(text);
	case VIEW_UNKNOWN: break;
	}
	return json_string("the configuration is being read");
}

static json_t *list_lists(const struct view *v, const struct object *o)
{
	json_t *lists = json_array();
	const struct container *c;

	for (size_t i = 0; (c = view_hierarchy_at(v, i)); i++)
		if (container_has(v, c, object_mid(o)))
			json_array_append_new(lists, value_text(container_name(c, 0)));
	return lists;
}

/* What the entry has and the account does not get. */
static json_t *list_withheld(const struct view *everything, const struct view *v,
                             const struct object *o)
{
	json_t *list = json_array();
	uint16_t ids[IDS_MAX];
	size_t count = object_property_ids(everything, o, ids, IDS_MAX);

	for (size_t i = 0; i < count; i++) {
		const char *attribute, *rule;
		if (!policy_withholds(v->snapshot, v->viewer->audience, ids[i], &attribute, &rule))
			continue;
		json_t *item = json_object();
		value_put(item, "attribute", value_text(attribute));
		value_put(item, "withhold", value_text(rule));
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *text_of(struct slice s)
{
	char text[TEXT_SIZE];

	snprintf(text, sizeof text, "%.*s", (int)s.size, (const char *)s.data);
	return value_text(text);
}

static json_t *describe(const struct view *everything, const struct view *v, const struct object *o)
{
	static const char *const seen[] = {
		[VIEW_LISTED] = "listed",
		[VIEW_HIDDEN] = "by DN and MId only",
		[VIEW_OUTSIDE] = "no",
		[VIEW_UNKNOWN] = "no",
	};
	enum view_rule rule = view_rule(v, o);
	json_t *answer = json_object();
	char mid[16];

	snprintf(mid, sizeof mid, "0x%" PRIx32, object_mid(o));
	value_put(answer, "account", value_text(v->viewer->account));
	value_put(answer, "view", value_text(policy_view_name(v->snapshot, v->viewer->audience)));
	value_put(answer, "name", text_of(object_display_name(everything, o)));
	value_put(answer, "dn", text_of(object_dn(everything, o)));
	value_put(answer, "mid", json_string(mid));
	value_put(answer, "seen", json_string(seen[rule]));
	value_put(answer, "rule", describe_rule(v, rule));
	value_put(answer, "lists", list_lists(v, o));
	value_put(answer, "members_hidden", json_boolean(object_members_hidden(o)));
	value_put(answer, "withheld", list_withheld(everything, v, o));
	return answer;
}

int command_why(struct call *c, struct error *e)
{
	struct store *store = c->admin->setup.store;
	const struct object *o = NULL;
	struct user user;
	int err = store_user_get(store, call_text(c, "account"), &user, e);

	if (err)
		return err;
	const struct snapshot *snapshot = directory_acquire(c->admin->setup.directory);
	const struct viewer viewer = {
		.account = user.name,
		.audience = store_audience(store, snapshot, user.name),
	};
	const struct view everything = {.snapshot = snapshot};
	const struct view v = {.snapshot = snapshot, .viewer = &viewer};
	err = find_entry(&everything, call_text(c, "entry"), &o, e);
	if (!err)
		c->result = describe(&everything, &v, o);
	snapshot_unref(snapshot);
	return err;
}
