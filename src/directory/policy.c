#include "directory/policy.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "directory/policy-private.h"
#include "directory/snapshot-private.h"
#include "mapi/attributes.h"

#define ID(tag) ((uint16_t)((tag) >> 16))

/* What clients cannot do without: names, and what an entry is known by. */
static const uint16_t indispensable[] = {
	ID(PR_DISPLAY_NAME),
	ID(PR_EMAIL_ADDRESS),
	ID(PR_DISPLAY_NAME_PRINTABLE),
	ID(PR_DISPLAY_TYPE_EX),
};

static struct policy_names copy_names(struct policy_strings from)
{
	struct policy_names names = {xcalloc(from.count + 1, sizeof *names.items), from.count};

	for (size_t i = 0; i < from.count; i++)
		names.items[i] = xstrdup(from.items[i]);
	return names;
}

static void free_names(struct policy_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
}

static bool is_indispensable(const struct attribute *a)
{
	for (size_t i = 0; i < sizeof indispensable / sizeof *indispensable; i++)
		if (indispensable[i] == tag_id(a->tag))
			return true;
	return false;
}

static int check_attribute(const struct policy_withhold *w, const char *name, struct error *e)
{
	const struct attribute *a = attribute_by_name(slice_of_string(name));
	const char *why = NULL;

	if (!a || !a->visible)
		why = "clients do not see such an attribute anyway";
	else if (is_indispensable(a))
		why = "clients cannot do without it";
	return why ? error_set(e, ERR_INVALID, "%s: withhold \"%s\": \"%s\": %s", w->place, w->name,
	                       name, why)
	           : 0;
}

/* A property is withheld with its attribute, with the one whose value it shows, and a back link
 * with the link that it is made from. */
static bool is_covered(const struct attribute *a, const struct attribute *named)
{
	return tag_id(a->tag) == tag_id(named->tag) || a->source_id == tag_id(named->tag) ||
	       slice_equal_nocase(slice_of_string(a->ldap_name), slice_of_string(named->ldap_name));
}

static uint16_t rules_for(const struct policy_config *c, const struct attribute *a)
{
	uint16_t rules = 0;

	for (size_t i = 0; i < c->withhold_count; i++) {
		const struct policy_strings *names = &c->withholds[i].attributes;
		for (size_t k = 0; k < names->count; k++)
			if (is_covered(a, attribute_by_name(slice_of_string(names->items[k]))))
				rules |= (uint16_t)(1u << i);
	}
	return rules;
}

static void take_properties(struct policy *p, const struct policy_config *c)
{
	size_t count = 0;
	const struct attribute *all = attributes_visible(&count);

	p->properties = xcalloc(count + 1, sizeof *p->properties);
	for (size_t i = 0; i < count; i++) {
		uint16_t rules = rules_for(c, &all[i]);
		if (rules)
			p->properties[p->property_count++] =
				(struct withheld_property){tag_id(all[i].tag), rules};
	}
}

static int take_withholds(struct policy *p, const struct policy_config *c, struct error *e)
{
	int err = 0;

	if (c->withhold_count > POLICY_WITHHOLDS_MAX)
		return error_set(e, ERR_LIMIT, "%s: more than %d sections withhold",
		                 c->withholds[POLICY_WITHHOLDS_MAX].place, POLICY_WITHHOLDS_MAX);
	p->withholds = xcalloc(c->withhold_count + 1, sizeof *p->withholds);
	for (size_t i = 0; i < c->withhold_count && !err; i++) {
		const struct policy_withhold *w = &c->withholds[i];
		p->withholds[p->withhold_count++] = (struct policy_withholding){
			.name = xstrdup(w->name),
			.from = copy_names(w->from_groups),
			.unless = copy_names(w->unless_groups),
		};
		for (size_t k = 0; k < w->attributes.count && !err; k++)
			err = check_attribute(w, w->attributes.items[k], e);
	}
	if (!err)
		take_properties(p, c);
	return err;
}

static int take_views(struct policy *p, const struct policy_config *c, struct error *e)
{
	const char *everybody = NULL;

	if (c->view_count > POLICY_VIEWS_MAX)
		return error_set(e, ERR_LIMIT, "%s: more than %d sections view",
		                 c->views[POLICY_VIEWS_MAX].place, POLICY_VIEWS_MAX);
	p->views = xcalloc(c->view_count + 1, sizeof *p->views);
	for (size_t i = 0; i < c->view_count; i++) {
		const struct policy_view *v = &c->views[i];
		p->views[p->view_count++] = (struct policy_rule){
			.name = xstrdup(v->name),
			.place = xstrdup(v->place),
			.groups = copy_names(v->groups),
			.lists = copy_names(v->lists),
			.gal = xstrdup(v->gal),
		};
		if (v->groups.count == 0 && everybody)
			return error_set(
				e, ERR_INVALID,
				"views \"%s\" and \"%s\" both have no groups: only one can "
				"be that of everybody else",
				everybody, v->name);
		if (v->groups.count == 0)
			everybody = v->name;
	}
	return 0;
}

static int take_lists(struct policy *p, const struct policy_config *c, struct error *e)
{
	if (c->list_count > POLICY_LISTS_MAX)
		return error_set(e, ERR_LIMIT, "%s: more than %d sections list",
		                 c->lists[POLICY_LISTS_MAX].place, POLICY_LISTS_MAX);
	p->lists = xcalloc(c->list_count + 1, sizeof *p->lists);
	for (size_t i = 0; i < c->list_count; i++) {
		const struct policy_list *l = &c->lists[i];
		p->lists[p->list_count++] = (struct policy_list_rule){
			.name = xstrdup(l->name),
			.place = xstrdup(l->place),
			.filter = xstrdup(l->filter),
			.dn = xstrdup(l->dn),
			.parent = xstrdup(l->parent),
			.names = copy_names(l->names),
		};
	}
	return 0;
}

static int check_lists(const struct policy *p, struct error *e)
{
	struct address_lists *lists = NULL;
	int err = lists_new(p, &lists, e);

	lists_unref(lists);
	return err;
}

int policy_new(const struct policy_config *config, struct policy **out, struct error *e)
{
	struct policy *p = xcalloc(1, sizeof *p);

	p->refs = 1;
	p->hierarchy_root = xstrdup(config->hierarchy_root ? config->hierarchy_root : "");
	int err = take_lists(p, config, e);
	if (!err)
		err = take_views(p, config, e);
	if (!err)
		err = take_withholds(p, config, e);
	if (!err)
		err = check_lists(p, e);
	if (err)
		policy_unref(p);
	else
		*out = p;
	return err;
}

struct policy *policy_ref(struct policy *p)
{
	if (p)
		atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
	return p;
}

static void free_list(struct policy_list_rule *l)
{
	free(l->name);
	free(l->place);
	free(l->filter);
	free(l->dn);
	free(l->parent);
	free_names(&l->names);
}

void policy_unref(struct policy *p)
{
	if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < p->view_count; i++) {
		free(p->views[i].name);
		free(p->views[i].place);
		free(p->views[i].gal);
		free_names(&p->views[i].groups);
		free_names(&p->views[i].lists);
	}
	for (size_t i = 0; i < p->list_count; i++)
		free_list(&p->lists[i]);
	for (size_t i = 0; i < p->withhold_count; i++) {
		free(p->withholds[i].name);
		free_names(&p->withholds[i].from);
		free_names(&p->withholds[i].unless);
	}
	free(p->hierarchy_root);
	free(p->views);
	free(p->lists);
	free(p->withholds);
	free(p->properties);
	free(p);
}

uint16_t policy_rules_of(const struct policy *p, uint16_t property_id)
{
	size_t low = 0, high = p->property_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (p->properties[middle].id < property_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->property_count && p->properties[low].id == property_id
	             ? p->properties[low].rules
	             : 0;
}

/* Who asks, while it is found out what that account sees. */
struct asker {
	bool (*in_group)(void *context, const char *group);
	void *context;
};

static bool in_one_of(const struct asker *a, const struct policy_names *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		if (a->in_group(a->context, groups->items[i]))
			return true;
	return false;
}

/* The number of a view, from 1; 0 when no view is for this account. */
static uint8_t choose_view(const struct policy *p, const struct asker *a)
{
	uint8_t everybody = 0;

	for (size_t i = 0; i < p->view_count; i++) {
		if (in_one_of(a, &p->views[i].groups))
			return (uint8_t)(i + 1);
		if (p->views[i].groups.count == 0)
			everybody = (uint8_t)(i + 1);
	}
	return everybody;
}

static uint16_t choose_withholds(const struct policy *p, const struct asker *a)
{
	uint16_t rules = 0;

	for (size_t i = 0; i < p->withhold_count; i++) {
		const struct policy_withholding *w = &p->withholds[i];
		bool meant = w->from.count == 0 || in_one_of(a, &w->from);
		if (meant && !in_one_of(a, &w->unless))
			rules |= (uint16_t)(1u << i);
	}
	return rules;
}

struct audience policy_audience(const struct snapshot *s,
                                bool (*in_group)(void *context, const char *group), void *context)
{
	const struct directory_settings *settings = s->settings;
	const struct asker asker = {in_group, context};
	struct audience audience = {.policy = settings->policy_number};

	if (settings->policy) {
		audience.view = choose_view(settings->policy, &asker);
		audience.withheld = choose_withholds(settings->policy, &asker);
	}
	return audience;
}

bool policy_is_of(const struct snapshot *s, struct audience audience)
{
	return audience.policy == s->settings->policy_number;
}

static const struct policy_rule *rule_of(const struct snapshot *s, struct audience audience)
{
	bool in_one = s->settings->policy && policy_is_of(s, audience) && audience.view;

	return in_one ? &s->settings->policy->views[audience.view - 1] : NULL;
}

const char *policy_view_name(const struct snapshot *s, struct audience audience)
{
	const struct policy_rule *rule = rule_of(s, audience);

	return rule ? rule->name : "";
}

const char *policy_view_gal(const struct snapshot *s, struct audience audience)
{
	const struct policy_rule *rule = rule_of(s, audience);

	return rule ? rule->gal : "";
}

bool policy_withholds(const struct snapshot *s, struct audience audience, uint16_t property_id,
                      const char **attribute, const char **rule)
{
	const struct policy *p = s->settings->policy;
	unsigned rules = p ? policy_rules_of(p, property_id) & audience.withheld : 0;

	if (!rules)
		return false;
	*attribute = attribute_by_id(property_id)->ldap_name;
	*rule = p->withholds[__builtin_ctz(rules)].name;
	return true;
}
