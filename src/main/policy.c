#include "main/policy.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

/* The configuration's sections in the form that the directory takes. */
struct conversion {
	const struct conf *conf;
	struct policy_view *views;
	struct policy_withhold *withholds;
	struct policy_list *lists;
	char **places; /* of all of them, "file:line" */
	size_t place_count;
};

/* Where the first key of a section is written. */
static const char *place_of(struct conversion *v, const char *section, const char *title)
{
	const struct conf *c = v->conf;
	unsigned line = 0;

	for (size_t i = 0; i < c->setting_count && !line; i++) {
		const struct conf_setting *s = &c->settings[i];
		if (strcmp(s->section, section) == 0 && strcmp(s->title, title) == 0)
			line = s->line;
	}
	return v->places[v->place_count++] = xasprintf("%s:%u", c->path, line);
}

static struct policy_strings strings_of(const struct conf_strings *s)
{
	return (struct policy_strings){(const char *const *)s->items, s->count};
}

static void convert_views(struct conversion *v)
{
	for (size_t i = 0; i < v->conf->view_count; i++) {
		const struct conf_view *from = &v->conf->views[i];
		v->views[i] = (struct policy_view){
			.name = from->name,
			.place = place_of(v, "view", from->name),
			.groups = strings_of(&from->groups),
			.gal = from->gal,
			.lists = strings_of(&from->lists),
		};
	}
}

static void convert_withholds(struct conversion *v)
{
	for (size_t i = 0; i < v->conf->withhold_count; i++) {
		const struct conf_withhold *from = &v->conf->withholds[i];
		v->withholds[i] = (struct policy_withhold){
			.name = from->name,
			.place = place_of(v, "withhold", from->name),
			.attributes = strings_of(&from->attributes),
			.from_groups = strings_of(&from->from),
			.unless_groups = strings_of(&from->unless),
		};
	}
}

static void convert_lists(struct conversion *v)
{
	for (size_t i = 0; i < v->conf->list_count; i++) {
		const struct conf_list *from = &v->conf->lists[i];
		v->lists[i] = (struct policy_list){
			.name = from->name,
			.place = place_of(v, "list", from->name),
			.filter = from->filter,
			.dn = from->dn,
			.parent = from->parent,
			.names = strings_of(&from->names),
		};
	}
}

int policy_of_conf(const struct conf *c, struct policy **out, struct error *e)
{
	struct conversion v = {
		.conf = c,
		.views = xcalloc(c->view_count + 1, sizeof *v.views),
		.withholds = xcalloc(c->withhold_count + 1, sizeof *v.withholds),
		.lists = xcalloc(c->list_count + 1, sizeof *v.lists),
		.places = xcalloc(c->view_count + c->withhold_count + c->list_count + 1,
	                          sizeof *v.places),
	};

	convert_views(&v);
	convert_withholds(&v);
	convert_lists(&v);
	const struct policy_config config = {
		.views = v.views,
		.view_count = c->view_count,
		.withholds = v.withholds,
		.withhold_count = c->withhold_count,
		.hierarchy_root = c->hierarchy_root,
		.lists = v.lists,
		.list_count = c->list_count,
	};
	int err = policy_new(&config, out, e);
	for (size_t i = 0; i < v.place_count; i++)
		free(v.places[i]);
	free(v.places);
	free(v.lists);
	free(v.withholds);
	free(v.views);
	return err;
}
