#ifndef STORE_LDIF_H
#define STORE_LDIF_H

/*
 * LDIF (RFC 2849) as a stream: bytes are fed as they come, whole records come out. Folded lines,
 * comments, base64, content and change records. What the usual tools print around records (the
 * search results of ldapsearch, referrals) is passed over. References to files are refused. No I/O.
 */

#include "base/error.h"
#include "base/slice.h"

enum ldif_change {
	LDIF_CONTENT, /* no changetype, or changetype: add */
	LDIF_DELETE,
	LDIF_MODIFY,
	LDIF_RENAME,
};

enum ldif_edit { LDIF_EDIT_ADD, LDIF_EDIT_DELETE, LDIF_EDIT_REPLACE };

struct ldif_value {
	size_t line;
	struct slice name;    /* attribute type, without options */
	struct slice options; /* "lang-ja;binary", empty when there are none */
	struct slice value;
};

/* One change of an attribute: its values are `count` of the record's from `first` on. */
struct ldif_modification {
	size_t line;
	enum ldif_edit edit;
	struct slice name, options;
	size_t first, count;
};

/* Borrowed, until the handler returns. */
struct ldif_record {
	size_t line;
	enum ldif_change change;
	struct slice dn;
	const struct ldif_value *values;
	size_t count;
	const struct ldif_modification *modifications; /* LDIF_MODIFY */
	size_t modification_count;
	struct slice new_rdn,
		new_superior; /* LDIF_RENAME; new_superior.data is NULL when it stays */
	bool delete_old_rdn;
};

/* 0, or an error that ends the reading; e has its text, with file and line. */
typedef int ldif_handler(void *context, const struct ldif_record *record, struct error *e);

struct ldif;

/* source is the file's name in messages. */
struct ldif *ldif_new(const char *source, ldif_handler *handler, void *context);
void ldif_free(struct ldif *l); /* NULL is fine */

/* After an error only ldif_free() is allowed. Errors begin with "file:line: ". */
int ldif_feed(struct ldif *l, struct slice bytes, struct error *e);
int ldif_finish(struct ldif *l, struct error *e);

/* An error with "source:line: " before it. */
int ldif_fail(const struct ldif *l, struct error *e, int code, size_t line, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

const char *ldif_source(const struct ldif *l);

/* Bounds of one record. */
#define LDIF_MAX_LINE   (8u << 20)  /* bytes, unfolded */
#define LDIF_MAX_RECORD (64u << 20) /* bytes */
#define LDIF_MAX_LINES  2000000u

#endif
