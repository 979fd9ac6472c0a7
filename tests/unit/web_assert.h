#ifndef TESTS_UNIT_WEB_ASSERT_H
#define TESTS_UNIT_WEB_ASSERT_H

/* What tests say of the answers of web_site.h. */

#include <stdio.h>
#include <string.h>

#include "web_site.h"

/* The answer begins with the status and ends with the body. */
static inline void web_assert_answer(struct web_site *s, unsigned status, const char *end)
{
	char begin[32];
	char *text = web_site_answer(s);
	snprintf(begin, sizeof begin, "HTTP/1.1 %03u ", status);
	size_t size = strlen(text), end_size = strlen(end);
	if (strncmp(text, begin, strlen(begin)) != 0 || size < end_size ||
	    strcmp(text + size - end_size, end) != 0)
		fail_msg("not %u ... \"%s\": %s", status, end, text);
	free(text);
}

#endif
