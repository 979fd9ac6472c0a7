#ifndef CONF_CONF_PRIVATE_H
#define CONF_CONF_PRIVATE_H

/* The option table and the steps of conf_load(): scan (what libconfuse lets pass), read, convert,
 * cross-check. */

#include <confuse.h>

#include "conf/conf.h"

enum conf_type {
	CONF_TEXT,         /* char * */
	CONF_PATH,         /* char *, absolute */
	CONF_ADDRESS,      /* char *, numeric or "*" */
	CONF_STRINGS,      /* struct conf_strings */
	CONF_FLAG,         /* bool */
	CONF_CHOICE,       /* an enum, words from option->choices */
	CONF_PORT,         /* uint16_t */
	CONF_NUMBER,       /* uint32_t */
	CONF_LIMIT,        /* uint32_t, or "unlimited" */
	CONF_PERCENT,      /* uint32_t */
	CONF_SIZE,         /* uint32_t, bytes */
	CONF_BIG_SIZE,     /* uint64_t, bytes */
	CONF_SECONDS,      /* uint32_t */
	CONF_MILLISECONDS, /* uint32_t */
	CONF_DATE,         /* uint64_t, wall clock ms; "" is 0 */
	CONF_TYPE_COUNT,
};

struct conf_choice {
	const char *word; /* NULL ends the list */
	int value;
};

struct conf_section {
	const char *name; /* "" is the top of the file */
	bool titled;      /* may come several times, each with a name of its own */
	size_t items;     /* offsets in struct conf of the array and its count, when titled */
	size_t count;
	size_t item_size; /* the first member is char *name */
	const char *help;
};

struct conf_option {
	const char *section, *key;
	enum conf_type type;
	size_t offset;        /* in struct conf, or in the item of a titled section */
	const char *fallback; /* as it would be written; NULL: made from the host's name, or has to
	                         be given */
	uint64_t min, max;    /* of the value, in ms for spans; of the length in bytes for texts */
	const struct conf_choice *choices;
	bool required;
	bool restart;
	const char *help;
};

extern const struct conf_section conf_sections[];
extern const size_t conf_section_count;
extern const struct conf_option conf_options[];
extern const size_t conf_option_count;

const struct conf_section *conf_find_section(struct slice name);
const struct conf_option *conf_find_option(const char *section, struct slice key);

/* The word of the table nearest to what was written, for "did you mean"; NULL when none is near. A
 * NULL section looks for the name of a section. */
const char *conf_suggest(const char *section, struct slice written);

/* How a type is called in messages and in the manual. */
const char *conf_type_name(enum conf_type type);
/* Written with quotes. */
bool conf_type_is_text(enum conf_type type);

/* UTF-8 without control characters. */
bool conf_text_valid(const char *text);
/* Writes a text as it would be written in the file. */
struct buffer;
void conf_quote(struct buffer *b, const char *text);

/* Text -> field; e without file and line. */
int conf_value_parse(const struct conf_option *o, const char *text, void *field, struct error *e);
void conf_value_free(const struct conf_option *o, void *field);

/* Where a key or a section stands. */
struct conf_place {
	const struct conf_section *section;
	size_t ordinal; /* of a titled section: the how manieth of its kind, from 0 */
	const struct conf_option *option; /* NULL: the section itself */
	unsigned line;
};

struct conf_places {
	struct conf_place *items;
	size_t count;
};

/* Finds every key's line, and refuses what libconfuse would take in silence: sections, lists and
 * strings that are not closed, a key or section given twice, ${X}, bytes that are not text. */
int conf_scan(const char *path, struct slice text, struct conf_places *places, struct error *e);
void conf_places_free(struct conf_places *p);
const struct conf_place *conf_place_find(const struct conf_places *p,
                                         const struct conf_section *section, size_t ordinal,
                                         const struct conf_option *option);

/* The grammar: libconfuse's tree of texts, one option for each row of the table. cfg_free() it. */
int conf_grammar_parse(const char *path, const char *text, cfg_t **out, struct error *e);

#endif
