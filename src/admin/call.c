#include "admin/call.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/utf.h"

const char *call_text(const struct call *c, const char *name)
{
	return json_string_value(json_object_get(c->arguments, name));
}

bool call_flag(const struct call *c, const char *name)
{
	return json_is_true(json_object_get(c->arguments, name));
}

size_t call_number(const struct call *c, const char *name, size_t otherwise)
{
	const json_t *value = json_object_get(c->arguments, name);
	return value ? (size_t)json_integer_value(value) : otherwise;
}

static bool put_line(struct call *c, const char *kind, json_t *value)
{
	json_t *line = json_pack("{so}", kind, value);
	bool heard = c->io->line(c->io->context, line);
	json_decref(line);
	return heard;
}

bool call_row(struct call *c, json_t *row)
{
	return put_line(c, "row", row);
}

bool call_progress(struct call *c, json_t *progress)
{
	return put_line(c, "progress", progress);
}

void call_warn(struct call *c, const char *text)
{
	put_line(c, "warning", value_text(text));
}

static json_t *ascii_of(const char *text)
{
	char *copy = xstrdup(text);
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	json_t *value = json_string(copy);
	free(copy);
	return value;
}

json_t *value_text(const char *text)
{
	json_t *value = json_string(text);
	return value ? value : ascii_of(text);
}

json_t *value_limit(uint32_t sessions)
{
	return sessions == LIMIT_UNLIMITED ? json_string("unlimited") : json_integer(sessions);
}

json_t *value_time(uint64_t wall_ms)
{
	char text[CLOCK_TEXT_SIZE];
	if (wall_ms == 0)
		return json_null();
	clock_format(wall_ms, text);
	return json_string(text);
}

json_t *value_count(uint64_t number)
{
	return json_integer((json_int_t)number);
}

void value_put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}
