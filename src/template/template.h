#ifndef TEMPLATE_TEMPLATE_H
#define TEMPLATE_TEMPLATE_H

/*
 * Templates: what the dialogs of a client look like, for the details of an entry, for searching,
 * and for an address that is not in the book (MS-OXOABKT). They are read from a folder with one
 * description file a language (docs/templates.md).
 *
 * A set is immutable once it is read, and may be used by any thread; what it has encoded it keeps
 * in a cache of bounded size with a lock of its own.
 */

#include "base/arena.h"
#include "base/error.h"

struct templates;
struct template; /* of a set */

/*
 * Reads every file of the folder whose name ends in ".template". organization is the /o= of the
 * templates' DNs. On failure *out is untouched and e says "file:line: what, and the fix";
 * ERR_NOT_FOUND when there is no such folder.
 */
int templates_read(const char *folder, const char *organization, struct templates **out,
                   struct error *e);
/* The same of one file that is in memory; path is what messages call it. */
int templates_parse(const char *path, struct slice text, const char *organization,
                    struct templates **out, struct error *e);
void templates_free(struct templates *set); /* NULL is fine */

size_t templates_languages(const struct templates *set);

/*
 * The template for a display type (DT_MAILUSER ... DT_SEARCH) in the language of an LCID, or the
 * nearest there is: the same primary language, then the fallback, when the set has one and the LCID
 * names a language at all. NULL when there is none.
 */
const struct template *templates_of_type(const struct templates *set, uint32_t display_type,
                                         uint32_t lcid);
/* One after the other those for new addresses, chosen in the same way; NULL at the end. */
const struct template *templates_of_address(const struct templates *set, uint32_t lcid,
                                            size_t index);
/* Without case. */
const struct template *templates_by_dn(const struct templates *set, struct slice dn);

/* The template itself, or where its texts cannot be had in the code page, its like in the fallback
 * language. */
const struct template *template_for_codepage(const struct templates *set, const struct template *t,
                                             uint32_t codepage);

/* PidTagTemplateData: data is NULL when memory is out. */
struct slice template_data(const struct templates *set, const struct template *t, uint32_t codepage,
                           struct arena *a);
/* PidTagScriptData; empty for all but those for new addresses. */
struct slice template_script(const struct template *t);

struct slice template_dn(const struct template *t);
/* Of those for new addresses: "SMTP", and what people know it by, in UTF-8. */
struct slice template_address_type(const struct template *t);
struct slice template_title(const struct template *t);

#endif
