#include "conf/conf-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/utf.h"

struct unit {
	const char *suffix;
	uint64_t factor;
};

static const struct unit size_units[] = {
	{"",   1		},
	{"K",  UINT64_C(1) << 10},
	{"M",  UINT64_C(1) << 20},
	{"G",  UINT64_C(1) << 30},
	{"T",  UINT64_C(1) << 40},
	{NULL, 0		},
};

static const struct unit span_units[] = {
	{"ms", 1       },
	{"s",  1000    },
	{"m",  60000   },
	{"h",  3600000 },
	{"d",  86400000},
	{NULL, 0       },
};

static const struct unit percent_units[] = {
	{"",   1},
	{"%",  1},
	{NULL, 0},
};

static const struct unit no_units[] = {
	{"",   1},
	{NULL, 0},
};

/* Digits, then one of the units. false when it is not that, or beyond 64 bits. */
static bool parse_quantity(const char *text, const struct unit *units, uint64_t *value)
{
	char *end = NULL;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	if (errno)
		return false;
	for (const struct unit *u = units; u->suffix; u++)
		if (strcmp(end, u->suffix) == 0)
			return !__builtin_mul_overflow((uint64_t)number, u->factor, value);
	return false;
}

/* What a type wants to read, for the message, and how its quantities are written. */
static const struct {
	const char *name;
	const char *wanted;
	const struct unit *units;
} types[CONF_TYPE_COUNT] = {
	[CONF_TEXT] = {"text",    "a text",					    NULL         },
	[CONF_PATH] = {"path",    "an absolute path",                                  NULL         },
	[CONF_ADDRESS] = {"address", "a numeric IPv4 or IPv6 address, or \"*\"",          NULL         },
	[CONF_STRINGS] = {"list",    "a list such as { \"one\", \"two\" }",               NULL         },
	[CONF_FLAG] = {"flag",    "yes or no",                                         NULL         },
	[CONF_CHOICE] = {"word",    "one of the words",                                  NULL         },
	[CONF_PORT] = {"port",    "a port number",                                     no_units     },
	[CONF_NUMBER] = {"number",  "a number",                                          no_units     },
	[CONF_LIMIT] = {"limit",   "a number, or unlimited",                            no_units     },
	[CONF_PERCENT] = {"percent", "a percentage such as 80%",                          percent_units},
	[CONF_SIZE] = {"size",    "a size such as 512K, 4M or 1G",                     size_units   },
	[CONF_BIG_SIZE] = {"size",    "a size such as 512K, 4M or 1G",                     size_units   },
	[CONF_SECONDS] = {"span",    "a span such as 30s, 5m or 2h",                      span_units   },
	[CONF_MILLISECONDS] = {"span",    "a span such as 500ms, 30s or 5m",                   span_units   },
	[CONF_DATE] = {"date",    "a date such as 2027-01-31 or 2027-01-31T18:00:00Z", NULL         },
};

const char *conf_type_name(enum conf_type type)
{
	return types[type].name;
}

static int not_wanted(const struct conf_option *o, const char *text, struct error *e)
{
	return error_set(e, ERR_INVALID, "%s = %s: %s is wanted", o->key, *text ? text : "\"\"",
	                 types[o->type].wanted);
}

bool conf_text_valid(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			return false;
	return utf8_valid(slice_of_string(text));
}

static int store_text(const struct conf_option *o, const char *text, void *field, struct error *e)
{
	size_t length = strlen(text);

	if (!conf_text_valid(text))
		return error_set(e, ERR_INVALID, "%s is not UTF-8 or has control characters in it",
		                 o->key);
	if (length < o->min || length > o->max)
		return error_set(e, ERR_INVALID,
		                 "%s has %zu bytes: %" PRIu64 " to %" PRIu64 " are allowed", o->key,
		                 length, o->min, o->max);
	*(char **)field = xstrdup(text);
	return 0;
}

static int parse_path(const struct conf_option *o, const char *text, void *field, struct error *e)
{
	if (*text != '/' && (*text || o->min))
		return not_wanted(o, text, e);
	return store_text(o, text, field, e);
}

static int parse_address(const struct conf_option *o, const char *text, void *field,
                         struct error *e)
{
	uint8_t bytes[16];

	if (strcmp(text, "*") != 0 && inet_pton(AF_INET, text, bytes) != 1 &&
	    inet_pton(AF_INET6, text, bytes) != 1)
		return not_wanted(o, text, e);
	return store_text(o, text, field, e);
}

static bool find_choice(const struct conf_choice *choices, const char *text, int *value)
{
	for (; choices->word; choices++)
		if (strcmp(choices->word, text) == 0) {
			*value = choices->value;
			return true;
		}
	return false;
}

static int parse_flag(const struct conf_option *o, const char *text, void *field, struct error *e)
{
	int value = 0;

	if (!find_choice(o->choices, text, &value))
		return not_wanted(o, text, e);
	*(bool *)field = value;
	return 0;
}

static int parse_choice(const struct conf_option *o, const char *text, void *field, struct error *e)
{
	char words[128] = "";
	int value = 0;

	if (find_choice(o->choices, text, &value)) {
		memcpy(field, &value, sizeof value);
		return 0;
	}
	for (const struct conf_choice *c = o->choices; c->word; c++) {
		strncat(words, c == o->choices ? "" : ", ", sizeof words - strlen(words) - 1);
		strncat(words, c->word, sizeof words - strlen(words) - 1);
	}
	return error_set(e, ERR_INVALID, "%s = %s: one of %s is wanted", o->key,
	                 *text ? text : "\"\"", words);
}

static void format_bound(const struct conf_option *o, uint64_t value, char *out, size_t size)
{
	const struct unit *best = &no_units[0];

	for (const struct unit *u = types[o->type].units; u->suffix; u++)
		if (value >= u->factor && value % u->factor == 0 && u->factor >= best->factor)
			best = u;
	snprintf(out, size, "%" PRIu64 "%s", value / best->factor, best->suffix);
}

static int parse_in_range(const struct conf_option *o, const char *text, uint64_t *value,
                          struct error *e)
{
	uint64_t v = 0;
	char low[32], high[32];

	/* Nothing is nothing in every unit. */
	if (strcmp(text, "0") != 0 && !parse_quantity(text, types[o->type].units, &v))
		return not_wanted(o, text, e);
	if (v < o->min || v > o->max) {
		format_bound(o, o->min, low, sizeof low);
		format_bound(o, o->max, high, sizeof high);
		return error_set(e, ERR_INVALID, "%s = %s: %s to %s are allowed", o->key, text, low,
		                 high);
	}
	*value = v;
	return 0;
}

static int parse_u16(const struct conf_option *o, const char *text, void *field, struct error *e)
{
	uint64_t value = 0;
	int err = parse_in_range(o, text, &value, e);

	if (!err)
		*(uint16_t *)field = (uint16_t)value;
	return err;
}

static int parse_u32(const struct conf_option *o, const char *text, void *field, struct error *e)
{
	uint64_t value = 0;
	int err = parse_in_range(o, text, &value, e);

	if (!err)
		*(uint32_t *)field = (uint32_t)value;
	return err;
}

static int parse_limit(const struct conf_option *o, const char *text, void *field, struct error *e)
{
	if (strcmp(text, "unlimited") != 0)
		return parse_u32(o, text, field, e);
	*(uint32_t *)field = CONF_UNLIMITED;
	return 0;
}

static int parse_seconds(const struct conf_option *o, const char *text, void *field,
                         struct error *e)
{
	uint64_t ms = 0;
	int err = parse_in_range(o, text, &ms, e);

	if (err)
		return err;
	if (ms % 1000)
		return error_set(e, ERR_INVALID, "%s = %s: whole seconds are wanted", o->key, text);
	*(uint32_t *)field = (uint32_t)(ms / 1000);
	return 0;
}

static int parse_u64(const struct conf_option *o, const char *text, void *field, struct error *e)
{
	uint64_t value = 0;
	int err = parse_in_range(o, text, &value, e);

	if (!err)
		*(uint64_t *)field = value;
	return err;
}

static int parse_date(const struct conf_option *o, const char *text, void *field, struct error *e)
{
	uint64_t wall_ms = 0;

	if (*text && clock_parse(text, &wall_ms))
		return not_wanted(o, text, e);
	*(uint64_t *)field = wall_ms;
	return 0;
}

/* One more item of a list; the empty text is the empty list. */
static int parse_strings(const struct conf_option *o, const char *text, void *field,
                         struct error *e)
{
	struct conf_strings *list = field;
	char *item = NULL;

	if (!*text)
		return 0;
	int err = store_text(o, text, &item, e);
	if (err)
		return err;
	list->items = xrealloc_array(list->items, list->count + 1, sizeof *list->items);
	list->items[list->count++] = item;
	return 0;
}

typedef int parse_fn(const struct conf_option *o, const char *text, void *field, struct error *e);

int conf_value_parse(const struct conf_option *o, const char *text, void *field, struct error *e)
{
	static parse_fn *const parsers[CONF_TYPE_COUNT] = {
		[CONF_TEXT] = store_text,       [CONF_PATH] = parse_path,
		[CONF_ADDRESS] = parse_address, [CONF_STRINGS] = parse_strings,
		[CONF_FLAG] = parse_flag,       [CONF_CHOICE] = parse_choice,
		[CONF_PORT] = parse_u16,        [CONF_NUMBER] = parse_u32,
		[CONF_LIMIT] = parse_limit,     [CONF_PERCENT] = parse_u32,
		[CONF_SIZE] = parse_u32,        [CONF_BIG_SIZE] = parse_u64,
		[CONF_SECONDS] = parse_seconds, [CONF_MILLISECONDS] = parse_u32,
		[CONF_DATE] = parse_date,
	};

	return parsers[o->type](o, text, field, e);
}

bool conf_type_is_text(enum conf_type type)
{
	return type == CONF_TEXT || type == CONF_PATH || type == CONF_ADDRESS || type == CONF_DATE;
}

void conf_quote(struct buffer *b, const char *text)
{
	buffer_put_u8(b, '"');
	for (; *text; text++) {
		if (strchr("\"\\$", *text))
			buffer_put_u8(b, '\\');
		buffer_put_u8(b, (uint8_t)*text);
	}
	buffer_put_u8(b, '"');
}

void conf_value_free(const struct conf_option *o, void *field)
{
	if (o->type == CONF_STRINGS) {
		struct conf_strings *list = field;
		for (size_t i = 0; i < list->count; i++)
			free(list->items[i]);
		free(list->items);
	} else if (o->type == CONF_TEXT || o->type == CONF_PATH || o->type == CONF_ADDRESS) {
		free(*(char **)field);
	}
}
