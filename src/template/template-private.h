#ifndef TEMPLATE_TEMPLATE_PRIVATE_H
#define TEMPLATE_TEMPLATE_PRIVATE_H

/* What a description file says, in lists in the set's arena, in the order of the file. */

#include "mapi/tags.h"
#include "template/template.h"

enum {
	/* Of dialogs, in dialog units: the largest that clients are known to show. */
	DIALOG_WIDTH = 386,
	DIALOG_HEIGHT = 195,

	MAX_FILE_BYTES = 1 << 18,
	MAX_LANGUAGES = 100,
	MAX_TEMPLATES = 16,   /* in one file */
	MAX_CONTROLS = 200,   /* in one template */
	MAX_INPUTS = 9,       /* of a template for new addresses */
	INPUT_FIRST = 0x6800, /* property id of the first one */
	FILTER_BYTES = 15,    /* of the filter of an edit, with the NUL */
};

/* MS-OXOABKT 2.2.2.1.2, by the names of MAPI. */
enum control_flag {
	CONTROL_MULTILINE = 0x01,
	CONTROL_EDITABLE = 0x02,
	CONTROL_REQUIRED = 0x04,
	CONTROL_IMMEDIATE = 0x08,
	CONTROL_PASSWORD = 0x10,
	CONTROL_DOUBLE_BYTE = 0x20,
	CONTROL_SELECTION = 0x40,
};

/* What a kind of control may say, and what is sent for it (MS-OXOABKT 2.2.2.1.3). */
struct control_kind {
	const char *word;
	uint32_t wire_type;
	uint16_t types[2]; /* one of which its property has to have; 0: it shows none */
	const char *shows; /* in a message */
	uint16_t sent;     /* the type its property is sent with */
	mapi_tag fixed;    /* the only property it can have; 0: any */
	uint32_t flags;    /* that it may have */
	size_t text_bytes; /* room for its text, with the NUL; 0: it has none */
	bool placed;       /* has a position and a size */
	bool typed;        /* is typed into: has a number of characters, and a filter */
};

struct control {
	struct control *next;
	const struct control_kind *kind;
	uint32_t x, y, width, height;
	uint32_t flags;
	mapi_tag tag; /* as sent */
	uint32_t max; /* characters */
	/* UTF-8: what is shown, or the filter of an edit; "*" where neither is. */
	struct slice text;
};

struct template
{
	struct template *next;
	const struct language *language;
	uint32_t display_type;     /* DT_ADDRESS_TEMPLATE for new addresses, else what it shows */
	struct slice address_type; /* for new addresses */
	struct slice title;        /* for new addresses */
	struct slice dn;
	struct slice script;
	struct control *controls;
	size_t count; /* of them */
	unsigned line;
};

struct language {
	struct language *next;
	const char *path; /* of the file */
	uint32_t lcid;
	struct template *templates;
};

struct templates {
	struct arena arena;
	const char *organization;
	struct language *languages;
	size_t count; /* of them */
	const struct language *fallback;
	struct template_cache *cache;
};

/* controls.c */
const struct control_kind *control_kind(struct slice word);
/* All words, as "page, label ... or button", for messages. */
void control_kinds_list(char *out, size_t size);
uint32_t control_flag(struct slice word); /* 0: there is no such */
/* A property as sent by a kind of control, from one of its names. e without file and line. */
int control_property(const struct control_kind *kind, const char *name, bool address, mapi_tag *tag,
                     struct error *e);
/* The tag of an input of a template for new addresses, from "input1" on; 0: it is none. */
mapi_tag control_input(struct slice word);

/* words.c: a line of a description file, word by word. */
enum word_kind { WORD_END, WORD_BARE, WORD_QUOTED, WORD_BAD };

struct words {
	struct slice line; /* what is left of it */
	struct arena *arena;
	enum word_kind kind; /* of the current word */
	struct slice text;   /* of the current word, NUL-terminated in the arena */
	const char *fault;   /* of WORD_BAD */
};

void words_next(struct words *w);
bool words_is(const struct words *w, const char *bare);
/* "12", "0x40c". */
bool words_number(const struct words *w, uint32_t max, uint32_t *number);
/* Two decimal numbers with a character between, as in "12,34". */
bool words_pair(const struct words *w, char between, uint32_t *first, uint32_t *second);

/* description.c: reads one file into a new language of the set. */
int description_parse(struct templates *set, const char *path, struct slice text, struct error *e);

/* script.c: the script that joins inputs and texts to an address (MS-OXOABKT 2.2.2.2). */
struct address_part {
	mapi_tag tag;      /* 0: the text */
	struct slice text; /* ASCII */
};
struct slice script_make(struct arena *a, const struct address_part *parts, size_t count);

/* languages.c */
const struct template *language_template(const struct language *l, uint32_t display_type,
                                         struct slice address_type);
enum language_step {
	LANGUAGE_EXACT,
	LANGUAGE_RELATIVE,
	LANGUAGE_DEFAULT,
	LANGUAGE_ANY,
	LANGUAGE_FALLBACK,
	LANGUAGE_STEPS
};
/* What one step of the search for the language of an LCID finds; NULL: nothing, try the next. */
const struct language *language_at(const struct templates *set, uint32_t lcid,
                                   enum language_step step);

/* layout.c: *fits is false when a text had to be changed for the code page. */
struct slice layout_make(struct arena *a, const struct template *t, uint32_t codepage, bool *fits);

/* cache.c: layout_make() once. */
struct template_cache *template_cache_new(void);
void template_cache_free(struct template_cache *c); /* NULL is fine */
struct slice template_cache_get(struct template_cache *c, const struct template *t,
                                uint32_t codepage, struct arena *a, bool *fits);

#endif
