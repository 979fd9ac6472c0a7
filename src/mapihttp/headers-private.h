#ifndef MAPIHTTP_HEADERS_PRIVATE_H
#define MAPIHTTP_HEADERS_PRIVATE_H

#include "mapihttp/mapihttp.h"

/* Are the headers of a request there, once each, and sound (2.2.2.1)? */
enum mapihttp_code headers_check(const struct http_head *head);

/* The value of a header that is there once; { NULL, 0 } otherwise. */
struct slice headers_single(const struct http_head *head, const char *name);

#endif
