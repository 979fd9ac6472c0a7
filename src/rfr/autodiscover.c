#include "rfr/autodiscover.h"

#include <expat.h>
#include <time.h>

#include "base/error.h"

#define RESPONSE_SCHEMA "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
#define OUTLOOK_SCHEMA                                                                             \
	"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"

enum { TEXT_MAX = 1024, DEPTH_MAX = 16 };

/* Namespaces are not looked at: clients of the years write them in several ways. */
static const struct field {
	const char *name;
	size_t offset;
} fields[] = {
	{"EMailAddress",             offsetof(struct autodiscover_request, email) },
	{"AcceptableResponseSchema", offsetof(struct autodiscover_request, schema)},
};

struct parse {
	XML_Parser parser;
	struct autodiscover_request *request;
	const struct field *field; /* whose text is read */
	unsigned depth;
	struct buffer text;
	struct arena *arena;
	int error;
};

static void fail(struct parse *p, int error)
{
	p->error = error;
	XML_StopParser(p->parser, XML_FALSE);
}

static const char *local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
	struct parse *p = context;

	(void)attributes;
	if (++p->depth > DEPTH_MAX)
		fail(p, ERR_INVALID);
	p->field = NULL;
	buffer_clear(&p->text);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (strcmp(local_name(name), fields[i].name) == 0)
			p->field = &fields[i];
}

static void on_text(void *context, const XML_Char *text, int size)
{
	struct parse *p = context;

	if (p->field)
		buffer_put(&p->text, text, (size_t)size);
	if (p->text.failed)
		fail(p, ERR_INVALID);
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct slice trimmed(struct slice s)
{
	while (s.size > 0 && is_space(s.data[0]))
		s = slice_of(s.data + 1, s.size - 1);
	while (s.size > 0 && is_space(s.data[s.size - 1]))
		s.size--;
	return s;
}

static void on_end(void *context, const XML_Char *name)
{
	struct parse *p = context;

	(void)name;
	p->depth--;
	if (!p->field)
		return;
	struct slice text = trimmed(buffer_slice(&p->text));
	text = arena_slice(p->arena, text.data ? text : slice_of("", 0));
	if (!text.data)
		fail(p, ERR_NO_MEMORY);
	memcpy((char *)p->request + p->field->offset, &text, sizeof text);
	p->field = NULL;
}

/* No client has use for one, and entities are for bombs. */
static void on_doctype(void *context, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int internal)
{
	(void)name, (void)system, (void)public, (void)internal;
	fail(context, ERR_INVALID);
}

int autodiscover_parse(struct slice document, struct arena *a, struct autodiscover_request *out)
{
	struct parse p = {.request = out, .arena = a, .parser = XML_ParserCreate(NULL)};

	*out = (struct autodiscover_request){0};
	if (!p.parser)
		return ERR_NO_MEMORY;
	buffer_init(&p.text, TEXT_MAX);
	XML_SetUserData(p.parser, &p);
	XML_SetElementHandler(p.parser, on_start, on_end);
	XML_SetCharacterDataHandler(p.parser, on_text);
	XML_SetStartDoctypeDeclHandler(p.parser, on_doctype);
	if (document.size > INT32_MAX || XML_Parse(p.parser, (const char *)document.data,
	                                           (int)document.size, XML_TRUE) != XML_STATUS_OK)
		p.error = p.error ? p.error : ERR_INVALID;
	XML_ParserFree(p.parser);
	buffer_free(&p.text);
	return p.error;
}

bool autodiscover_schema_known(struct slice schema)
{
	return schema.size == 0 || slice_equal_nocase(schema, slice_of_string(OUTLOOK_SCHEMA));
}

static const char *escape_of(uint8_t c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	default: return c < 0x20 ? " " : NULL; /* a control character is none of XML's */
	}
}

static void put_text(struct buffer *out, struct slice text)
{
	for (size_t i = 0; i < text.size; i++) {
		const char *escape = escape_of(text.data[i]);
		if (escape)
			buffer_put_string(out, escape);
		else
			buffer_put_u8(out, text.data[i]);
	}
}

static void put_element(struct buffer *out, const char *name, struct slice text)
{
	buffer_printf(out, "<%s>", name);
	put_text(out, text);
	buffer_printf(out, "</%s>", name);
}

static void put_urls(struct buffer *out, const char *name, const char *url)
{
	buffer_printf(out, "<%s>", name);
	put_element(out, "InternalUrl", slice_of_string(url));
	put_element(out, "ExternalUrl", slice_of_string(url));
	buffer_printf(out, "</%s>", name);
}

static void put_mapi_http(struct buffer *out, const struct autodiscover_answer *answer)
{
	buffer_put_string(out, "<Protocol Type=\"mapiHttp\" Version=\"1\">");
	if (answer->mailbox_url)
		put_urls(out, "MailStore", answer->mailbox_url);
	put_urls(out, "AddressBook", answer->address_book_url);
	buffer_put_string(out, "</Protocol>");
}

static void put_rpc(struct buffer *out, const struct autodiscover_answer *answer)
{
	buffer_put_string(out, "<Protocol><Type>EXCH</Type>");
	put_element(out, "Server", slice_of_string(answer->server));
	put_element(out, "AD", slice_of_string(answer->server));
	buffer_put_string(out, "<AuthPackage>Ntlm</AuthPackage></Protocol>");
}

static void put_user(struct buffer *out, const struct autodiscover_answer *answer)
{
	buffer_put_string(out, "<User>");
	put_element(out, "DisplayName", answer->display_name);
	put_element(out, "LegacyDN", answer->legacy_dn);
	put_element(out, "AutoDiscoverSMTPAddress", answer->email);
	put_element(out, "DeploymentId", slice_of_string(answer->deployment_id));
	buffer_put_string(out, "</User>");
}

#define DOCUMENT                                                                                   \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"                                           \
	"<Autodiscover xmlns=\"" RESPONSE_SCHEMA "\">"

void autodiscover_put(struct buffer *out, const struct autodiscover_answer *answer)
{
	buffer_put_string(out, DOCUMENT "<Response xmlns=\"" OUTLOOK_SCHEMA "\">");
	put_user(out, answer);
	buffer_put_string(out, "<Account><AccountType>email</AccountType><Action>settings</Action>"
	                       "<MicrosoftOnline>False</MicrosoftOnline>");
	if (answer->mapi_http)
		put_mapi_http(out, answer);
	else
		put_rpc(out, answer);
	buffer_put_string(out, "</Account></Response></Autodiscover>\r\n");
}

static const struct {
	enum autodiscover_error error;
	const char *text;
} errors[] = {
	{AUTODISCOVER_UNKNOWN_ADDRESS, "The address book has no such mail address."     },
	{AUTODISCOVER_INVALID_REQUEST, "Invalid Request"                                },
	{AUTODISCOVER_UNKNOWN_SCHEMA,  "The requested response schema is not available."},
};

void autodiscover_put_error(struct buffer *out, enum autodiscover_error error, uint64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	char text[16];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof text, "%H:%M:%S", &tm);
	buffer_printf(out, DOCUMENT "<Response><Error Time=\"%s.%03u\" Id=\"1\">", text,
	              (unsigned)(wall_ms % 1000));
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (errors[i].error == error)
			buffer_printf(out, "<ErrorCode>%d</ErrorCode><Message>%s</Message>", error,
			              errors[i].text);
	buffer_put_string(out, "<DebugData /></Error></Response></Autodiscover>\r\n");
}
