#include "conf/conf.h"

#include <string.h>

#include "base/buffer.h"
#include "conf/conf-private.h"

static bool same_section(const struct conf_setting *a, const struct conf_setting *b)
{
	return strcmp(a->section, b->section) == 0 &&
	       (a->title == b->title || (a->title && b->title && strcmp(a->title, b->title) == 0));
}

static void open_section(const struct conf_setting *s, struct buffer *out)
{
	if (!*s->section)
		return;
	buffer_printf(out, "\n%s ", s->section);
	if (s->title) {
		conf_quote(out, s->title);
		buffer_put_string(out, " ");
	}
	buffer_put_string(out, "{\n");
}

static void close_section(const struct conf_setting *s, struct buffer *out)
{
	if (*s->section)
		buffer_put_string(out, "}\n");
}

static void describe_setting(const struct conf *c, const struct conf_setting *s, struct buffer *out)
{
	buffer_printf(out, "%s%s = %s    # ", *s->section ? "\t" : "", s->key, s->text);
	if (s->line)
		buffer_printf(out, "%s:%u\n", c->path, s->line);
	else
		buffer_put_string(out, "default\n");
}

void conf_describe(const struct conf *c, struct buffer *out)
{
	const struct conf_setting *in = NULL;

	for (size_t i = 0; i < c->setting_count; i++) {
		const struct conf_setting *s = &c->settings[i];
		if (!in || !same_section(in, s)) {
			if (in)
				close_section(in, out);
			open_section(s, out);
		}
		in = s;
		describe_setting(c, s, out);
	}
	if (in)
		close_section(in, out);
}

static const struct conf_setting *find(const struct conf *c, const struct conf_setting *like)
{
	for (size_t i = 0; i < c->setting_count; i++)
		if (same_section(&c->settings[i], like) &&
		    strcmp(c->settings[i].key, like->key) == 0)
			return &c->settings[i];
	return NULL;
}

void conf_restart_needed(const struct conf *before, const struct conf *after,
                         void (*tell)(void *context, const struct conf_setting *setting),
                         void *context)
{
	for (size_t i = 0; i < after->setting_count; i++) {
		const struct conf_setting *s = &after->settings[i], *old = find(before, s);
		if (s->restart && (!old || strcmp(old->text, s->text) != 0))
			tell(context, s);
	}
	for (size_t i = 0; i < before->setting_count; i++)
		if (before->settings[i].restart && !find(after, &before->settings[i]))
			tell(context, &before->settings[i]);
}
