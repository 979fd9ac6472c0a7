/* The common response format: MS-OXCMAPIHTTP 2.2.2.2, 2.2.7. */

#include "mapihttp/cookies-private.h"
#include "mapihttp/exchange-private.h"
#include "mapihttp/headers-private.h"

/* Clients take the version apart, and do what Exchange of that version can. */
#define SERVER_APPLICATION "Exchange/15.01.2507.006"

static const struct failure {
	enum mapihttp_code code;
	const char *name, *text;
} failures[] = {
	{MAPIHTTP_UNKNOWN_FAILURE,        "Unknown Failure",        "The request could not be dealt with." },
	{MAPIHTTP_INVALID_VERB,           "Invalid Verb",           "Requests are sent by POST."           },
	{MAPIHTTP_INVALID_PATH,           "Invalid Path",           "No endpoint is at this path."         },
	{MAPIHTTP_INVALID_HEADER,         "Invalid Header",
         "A header is there twice, is too long, or is not what it should be."                              },
	{MAPIHTTP_INVALID_REQUEST_TYPE,   "Invalid Request Type",
         "X-RequestType names nothing that this endpoint does."                                            },
	{MAPIHTTP_INVALID_CONTEXT_COOKIE, "Invalid Context Cookie",
         "The cookie MapiContext is none that this server gives out."                                      },
	{MAPIHTTP_MISSING_HEADER,         "Missing Header",
         "X-RequestType, X-RequestId and Content-Type have to be there."                                   },
	{MAPIHTTP_ANONYMOUS_NOT_ALLOWED,  "Anonymous Not Allowed",  "Log in first."                        },
	{MAPIHTTP_TOO_LARGE,              "Too Large",              "The body of the request is too large."},
	{MAPIHTTP_CONTEXT_NOT_FOUND,      "Context Not Found",
         "The session has ended, or is not that of this account."                                          },
	{MAPIHTTP_NO_PRIVILEGE,           "No Privilege",           "This account may not do that."        },
	{MAPIHTTP_INVALID_BODY,           "Invalid Request Body",   "The body of the request is malformed."},
	{MAPIHTTP_MISSING_COOKIE,         "Missing Cookie",
         "Bind first, and send the cookies MapiContext and MapiSequence of the last response."             },
	{MAPIHTTP_INVALID_SEQUENCE,       "Invalid Sequence",
         "One request at a time, each with the cookies of the response before it."                         },
	{MAPIHTTP_ENDPOINT_DISABLED,      "Endpoint Disabled",      "The endpoint is switched off."        },
	{MAPIHTTP_INVALID_RESPONSE,       "Invalid Response",       "The response would be too large."     },
	{MAPIHTTP_SHUTTING_DOWN,          "Endpoint Shutting Down", "The server is ending."                },
};

static const struct failure *failure_of(enum mapihttp_code code)
{
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
		if (failures[i].code == code)
			return &failures[i];
	return NULL;
}

const char *mapihttp_code_name(enum mapihttp_code code)
{
	const struct failure *f = failure_of(code);

	return f ? f->name : NULL;
}

static void echo(struct web_request *r, const char *name)
{
	struct slice value = headers_single(r->head, name);

	if (value.data)
		web_header_slice(r, name, value);
}

static void put_head(struct exchange *x, enum mapihttp_code code)
{
	const struct mapihttp_limits *limits = x->mapihttp->limits;
	struct web_request *r = x->request;

	web_respond(r, 200);
	web_header(r, "Content-Type", code ? "text/html" : "application/mapi-http");
	web_header(r, "Cache-Control", "private");
	echo(r, "X-RequestType");
	echo(r, "X-RequestId");
	echo(r, "X-ClientInfo");
	web_header_number(r, "X-ResponseCode", code);
	web_header(r, "X-ServerApplication", SERVER_APPLICATION);
	web_header_number(r, "X-ExpirationInfo", limits->session_timeout_ms);
	web_header_number(r, "X-PendingPeriod", limits->pending_ms);
	if (x->context)
		cookies_put(r, x->mapihttp->endpoint->path, x->context);
}

static void put_diagnostics(struct buffer *out, enum mapihttp_code code)
{
	const struct failure *f = failure_of(code);

	buffer_printf(out,
	              "<html><head><title>%s</title></head><body>"
	              "<p>X-ResponseCode %d: %s</p><p>%s</p></body></html>\r\n",
	              f->name, code, f->name, f->text);
}

/* DONE and the additional headers but their end. */
static void put_done(const struct exchange *x, struct buffer *out)
{
	char date[HTTP_DATE_SIZE];

	http_date(x->started_wall_ms, date);
	buffer_put_string(out, "DONE\r\n");
	http_put_header_number(out, "X-ElapsedTime", x->request->now_ms - x->started_ms);
	http_put_header_text(out, "X-StartTime", date);
}

/* What went wrong after X-ResponseCode 0 had been sent (3.2.5.2). */
static void put_late_failure(struct buffer *out, enum mapihttp_code code)
{
	http_put_header_number(out, "X-ResponseCode", code);
	http_put_header_text(out, "Content-Type", "text/html");
	http_put_end_of_head(out);
	put_diagnostics(out, code);
}

void exchange_fail(struct exchange *x, enum mapihttp_code code)
{
	bool begun = web_responded(x->request);

	if (!begun)
		put_head(x, code);
	struct buffer *out = web_body(x->request);
	if (begun) {
		put_done(x, out);
		put_late_failure(out, code);
	} else {
		put_diagnostics(out, code);
	}
}

static void begin(struct exchange *x)
{
	put_head(x, MAPIHTTP_SUCCESS);
	buffer_put_string(web_body(x->request), "PROCESSING\r\n");
}

void exchange_succeed(struct exchange *x)
{
	const struct mapihttp *m = x->mapihttp;

	if (!web_responded(x->request))
		begin(x);
	struct buffer *out = web_body(x->request);
	put_done(x, out);
	size_t headers = out->size;
	http_put_end_of_head(out);
	if (x->ping || m->endpoint->answer(m->context, &x->call, out))
		return;
	out->size = headers;
	put_late_failure(out, MAPIHTTP_INVALID_RESPONSE);
}

void exchange_keep_alive(struct exchange *x)
{
	const struct mapihttp_limits *limits = x->mapihttp->limits;
	struct web_request *r = x->request;

	/* The cookies of a new context stand in the head: it has to be there first. */
	if (x->kind == MAPIHTTP_OPENS)
		return;
	if (!web_responded(r))
		x->due_ms = x->started_ms + limits->moment_ms;
	if (r->now_ms >= x->due_ms) {
		if (web_responded(r))
			buffer_put_string(web_body(r), "PENDING\r\n");
		else
			begin(x);
		x->due_ms = r->now_ms + limits->pending_ms;
	}
	r->tick_ms = x->due_ms;
}
