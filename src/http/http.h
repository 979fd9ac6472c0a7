#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

/*
 * HTTP/1.0 and 1.1 messages, both sides, without sockets: heads are parsed whole, bodies as they
 * come, and messages are written to buffers. RFC 9110, RFC 9112. What two parsers could read in two
 * ways is refused: two lengths, a length beside chunks, bare LF, space before a colon, folded
 * lines, transfer codings other than chunked, NUL.
 *
 * Nothing here owns anything: slices borrow from the bytes that were parsed.
 */

#include "base/buffer.h"
#include "base/error.h"

enum { HTTP_MAX_HEADERS = 64, HTTP_MAX_HEAD = 32768 };

struct http_header {
	struct slice name, value; /* value without the white space around it */
};

enum http_framing {
	HTTP_NO_BODY,
	HTTP_LENGTH,
	HTTP_CHUNKED,
	HTTP_UNTIL_CLOSE, /* responses only */
};

struct http_head {
	uint8_t minor; /* of HTTP/1.x */
	bool keep_alive;
	enum http_framing framing;
	uint64_t length; /* of the body, with HTTP_LENGTH */
	size_t header_count;
	struct http_header headers[HTTP_MAX_HEADERS];
};

struct http_request {
	struct slice method;
	struct slice path;  /* as sent, with its escapes; begins with '/', or is "*" */
	struct slice query; /* behind the '?'; { NULL, 0 } without one */
	struct slice host;  /* of an absolute target, else of Host; { NULL, 0 } without one */
	bool expect_continue;
	struct http_head head;
};

struct http_response {
	uint16_t status;
	struct slice reason;
	struct http_head head;
};

/* How long the head that begins data is, with its empty line: 0 when more bytes are needed to tell,
 * SIZE_MAX when it is none (a bare LF, a NUL, more than HTTP_MAX_HEAD). *scanned remembers between
 * calls what has been looked at; 0 for a new head. */
size_t http_head_size(struct slice data, size_t *scanned);

/* Of a whole head. 0, or the status to refuse it with: the connection cannot go on then. */
uint16_t http_request_parse(struct slice head, struct http_request *out);
/* Of a whole head; method is the request's. 0 or ERR_INVALID. */
int http_response_parse(struct slice head, struct slice method, struct http_response *out);

static inline bool http_is_named(const struct http_header *h, struct slice name)
{
	return h->name.size == name.size && slice_equal_nocase(h->name, name);
}

/* The value of the first header of that name; { NULL, 0 } without one. count, if not NULL: how many
 * there are. */
struct slice http_header(const struct http_head *h, const char *name, size_t *count);
/* The next element of a comma-separated list, without the white space around it; *list becomes what
 * is left. false at the end. */
bool http_list_next(struct slice *list, struct slice *element);
/* A cookie's value, of all Cookie headers; { NULL, 0 } without one. */
struct slice http_cookie(const struct http_head *h, const char *name);

/* The body behind a head. */
struct http_body {
	uint8_t state;
	enum http_framing framing;
	uint64_t left;   /* of the length, or of the chunk */
	uint32_t extras; /* bytes of chunk extensions and trailers, which are ignored but bounded */
};

enum http_body_result {
	HTTP_BODY_MORE, /* take the part, then give what follows */
	HTTP_BODY_END,
	HTTP_BODY_BAD,
};

void http_body_init(struct http_body *b, const struct http_head *h);
/* Reads on. *part is a piece of the content, maybe none. As long as it says MORE and took
 * something, call again with what is left. */
enum http_body_result http_body_read(struct http_body *b, struct slice data, size_t *consumed,
                                     struct slice *part);

/* "OK"; of a status without one "Unknown". */
const char *http_reason(uint16_t status);
/* The status line, Date and Server are the first of a response; HTTP/1.1 always. */
void http_put_status(struct buffer *out, uint16_t status);
void http_put_request(struct buffer *out, const char *method, const char *target, const char *host);
/* A value that could break the line is left out, with its header. */
void http_put_header(struct buffer *out, const char *name, struct slice value);
void http_put_header_text(struct buffer *out, const char *name, const char *value);
void http_put_header_number(struct buffer *out, const char *name, uint64_t value);
void http_put_end_of_head(struct buffer *out);
/* The decimal digits of a number, at the end of text. */
#define HTTP_DIGITS 20
struct slice http_digits(uint64_t number, char text[HTTP_DIGITS]);

/* Content appended between the two is one chunk; without any there is no chunk. The offset goes
 * from one to the other. */
size_t http_chunk_begin(struct buffer *out);
void http_chunk_end(struct buffer *out, size_t offset);
void http_put_last_chunk(struct buffer *out);

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
#define HTTP_DATE_SIZE 30
void http_date(uint64_t wall_ms, char text[HTTP_DATE_SIZE]);

#endif
