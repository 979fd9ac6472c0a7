#include "main/book.h"

#include "mapi/attributes.h"
#include "mapi/locale.h"

/* Where a key of the section directory is written. */
static unsigned line_of(const struct conf *c, const char *key)
{
	for (size_t i = 0; i < c->setting_count; i++)
		if (strcmp(c->settings[i].section, "directory") == 0 &&
		    strcmp(c->settings[i].key, key) == 0)
			return c->settings[i].line;
	return 0;
}

static int add_locale(const struct conf *c, const char *name, struct book_config *out,
                      struct error *e)
{
	const struct locale *l = locale_by_name(slice_of_string(name));

	if (!l)
		return error_set(e, ERR_INVALID,
		                 "%s:%u: locales: there is no locale \"%s\"; write one as "
		                 "\"de-DE\"",
		                 c->path, line_of(c, "locales"), name);
	if (out->directory.locale_count == BOOK_LOCALES_MAX)
		return error_set(e, ERR_LIMIT, "%s:%u: locales: at most %d are possible", c->path,
		                 line_of(c, "locales"), BOOK_LOCALES_MAX);
	out->locales[out->directory.locale_count++] = l->lcid;
	return 0;
}

static bool is_searchable(const struct attribute *a)
{
	return a && a->conversion == CONVERT_TEXT && a->source_id == 0;
}

static int check_searched(const struct conf *c, struct error *e)
{
	for (size_t i = 0; i < c->anr_attributes.count; i++) {
		const char *name = c->anr_attributes.items[i];
		if (!is_searchable(attribute_by_name(slice_of_string(name))))
			return error_set(e, ERR_INVALID,
			                 "%s:%u: anr_attributes: %s is no text attribute of "
			                 "the address book",
			                 c->path, line_of(c, "anr_attributes"), name);
	}
	return 0;
}

int book_config_read(const struct conf *c, struct book_config *out, struct error *e)
{
	int err = check_searched(c, e);

	*out = (struct book_config){0};
	for (size_t i = 0; i < c->locales.count && !err; i++)
		err = add_locale(c, c->locales.items[i], out, e);
	out->directory.locales = out->locales;
	out->directory.anr_attributes = (const char *const *)c->anr_attributes.items;
	out->directory.anr_attribute_count = c->anr_attributes.count;
	return err;
}
