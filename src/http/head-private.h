#ifndef HTTP_HEAD_PRIVATE_H
#define HTTP_HEAD_PRIVATE_H

/* What requests and responses have in common: lines, headers, how the body is framed. Functions
 * that return a status give 0 when all is well. */

#include "http/http.h"

bool http_is_token(struct slice s);
bool http_is_value(struct slice s); /* of a header */
struct slice http_trim(struct slice s);

/* Cuts a line off lines that http_head_size() has found whole; without its CRLF. */
struct slice http_next_line(struct slice *rest);
uint16_t http_parse_headers(struct slice lines, struct http_head *h);
uint16_t http_parse_version(struct slice s, struct http_head *h);
uint16_t http_parse_framing(struct http_head *h, enum http_framing without);
void http_parse_keep_alive(struct http_head *h);

#endif
