#ifndef MAIN_BOOK_H
#define MAIN_BOOK_H

/* What the configuration says of the address book, in the form that the directory takes. */

#include "conf/conf.h"
#include "directory/directory.h"

enum { BOOK_LOCALES_MAX = 15 };

struct book_config {
	struct directory_config directory; /* borrows from the rest, and from the configuration */
	uint32_t locales[BOOK_LOCALES_MAX];
};

int book_config_read(const struct conf *c, struct book_config *out, struct error *e);

#endif
