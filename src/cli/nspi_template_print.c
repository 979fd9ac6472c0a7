/* Templates in the words of description files (docs/templates.md), so that what a server shows can
 * be given to another one. */

#include <string.h>

#include "cli/nspi.h"
#include "client/dialog.h"
#include "mapi/attributes.h"

enum { INPUT_FIRST = 0x6800, INPUT_COUNT = 9 };

/* By the type in the row (MS-OXOABKT 2.2.2.1.1), in the order of what its statement says. */
static const struct kind {
	uint32_t type;
	const char *word;
	bool property, text, placed, typed;
} kinds[] = {
	{8,   "page",      false, true,  false, false},
	{6,   "frame",     false, true,  true,  false},
	{0,   "label",     false, true,  true,  false},
	{1,   "edit",      true,  false, true,  true },
	{2,   "list",      true,  false, true,  false},
	{5,   "check",     true,  true,  true,  false},
	{7,   "button",    false, true,  true,  false},
	{0xB, "values",    true,  false, true,  false},
	{0xC, "drop-down", true,  false, true,  false},
};

static const char *const flags[] = {
	"multiline", "editable", "required", "immediate", "password", "double-byte", "selection",
};

static const struct kind *find_kind(uint32_t type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

static json_t *property_json(mapi_tag tag)
{
	const struct attribute *a = attribute_by_id(tag_id(tag));

	if (a)
		return json_string(a->ldap_name);
	if (tag_id(tag) >= INPUT_FIRST && tag_id(tag) < INPUT_FIRST + INPUT_COUNT)
		return json_sprintf("input%d", tag_id(tag) - INPUT_FIRST + 1);
	return json_sprintf("0x%08X", tag);
}

static json_t *flags_json(uint32_t set)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (set >> i & 1)
			json_array_append_new(list, json_string(flags[i]));
	return list;
}

static json_t *control_json(const struct dialog_control *c)
{
	const struct kind *kind = find_kind(c->type);
	json_t *o = json_object();

	json_object_set_new(o, "kind", kind ? json_string(kind->word) : json_integer(c->type));
	if (kind && kind->property)
		json_object_set_new(o, "property", property_json(c->property));
	json_object_set_new(o, "tag", json_sprintf("0x%08X", c->property));
	json_object_set_new(o, "text", text_json(c->text));
	json_object_set_new(o, "x", json_integer(c->x));
	json_object_set_new(o, "y", json_integer(c->y));
	json_object_set_new(o, "width", json_integer(c->width));
	json_object_set_new(o, "height", json_integer(c->height));
	json_object_set_new(o, "max", json_integer(c->max));
	json_object_set_new(o, "flags", flags_json(c->flags));
	return o;
}

/* "name offset" or "name tag offset"; targets of jumps are the last operand. */
static json_t *operand_json(const struct dialog_step *step, uint32_t n)
{
	const struct dialog_operand *o = &step->operands[n];
	bool jump = !strncmp(step->name, "jump", 4) && n + 1 == step->count;

	if (o->is_text)
		return text_json(o->text);
	return jump ? json_sprintf("@%u", o->value) : property_json(o->value);
}

static json_t *script_json(struct slice data, struct error *e)
{
	json_t *list = json_array();
	struct dialog_script script;
	struct dialog_step step;

	dialog_script_init(&script, data);
	while (dialog_script_next(&script, &step, e)) {
		json_t *line = json_array();
		json_array_append_new(line, json_sprintf("@%u", step.offset));
		json_array_append_new(line, json_string(step.name));
		for (uint32_t n = 0; n < step.count; n++)
			json_array_append_new(line, operand_json(&step, n));
		json_array_append_new(list, line);
	}
	return list;
}

static void print_quoted(const char *text)
{
	char escaped[512];
	size_t n = 0;

	for (; *text && n + 3 < sizeof escaped; text++) {
		if (strchr("\"\\", *text))
			escaped[n++] = '\\';
		escaped[n++] = *text;
	}
	escaped[n] = '\0';
	fputs(" \"", stdout);
	text_print(stdout, escaped);
	fputs("\"", stdout);
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

static int number_of(const json_t *o, const char *key)
{
	return (int)json_integer_value(json_object_get(o, key));
}

static void print_place(const json_t *o)
{
	printf(" at %d,%d size %dx%d", number_of(o, "x"), number_of(o, "y"), number_of(o, "width"),
	       number_of(o, "height"));
}

static void print_flags(const json_t *o)
{
	const json_t *list = json_object_get(o, "flags");

	for (size_t i = 0; i < json_array_size(list); i++)
		printf(" %s", json_string_value(json_array_get(list, i)));
}

static void print_filter(const json_t *o)
{
	const char *filter = text_of(o, "text");

	if (*filter && strcmp(filter, "*") != 0) {
		fputs(" filter", stdout);
		print_quoted(filter);
	}
}

/* Types that no statement stands for become comments. */
static void print_control(const struct dialog_control *c, const json_t *o)
{
	const struct kind *kind = find_kind(c->type);

	if (!kind) {
		printf("    # a control of type %u\n", c->type);
		return;
	}
	printf("%s%s", kind->placed ? "    " : "  ", kind->word);
	if (kind->property)
		printf(" %s", text_of(o, "property"));
	if (kind->text)
		print_quoted(text_of(o, "text"));
	if (kind->placed)
		print_place(o);
	if (kind->typed)
		printf(" max %d", number_of(o, "max"));
	if (kind->typed)
		print_filter(o);
	if (kind->placed)
		print_flags(o);
	putchar('\n');
}

static void print_script(const json_t *script)
{
	for (size_t i = 0; i < json_array_size(script); i++) {
		const json_t *line = json_array_get(script, i);
		fputs("  #", stdout);
		for (size_t n = 0; n < json_array_size(line); n++) {
			putchar(' ');
			text_print(stdout, json_string_value(json_array_get(line, n)));
		}
		putchar('\n');
	}
}

enum nspi_exit template_print(const struct dialog *d, struct slice data, bool json)
{
	struct error e = {0};
	json_t *controls = json_array(), *script = script_json(data, &e);

	for (uint32_t i = 0; i < d->count; i++)
		json_array_append_new(controls, control_json(&d->controls[i]));
	json_t *all = json_pack("{s:o, s:o}", "controls", controls, "script", script);
	if (json) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		for (uint32_t i = 0; i < d->count; i++)
			print_control(&d->controls[i], json_array_get(controls, i));
		print_script(script);
	}
	json_decref(all);
	return e.code ? nspi_failed(&e) : NSPI_EXIT_OK;
}
