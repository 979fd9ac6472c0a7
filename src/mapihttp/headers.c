#include "mapihttp/headers-private.h"

enum { VALUE_MAX = 256 };

static bool is_visible(struct slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < 0x21 || text.data[i] > 0x7E)
			return false;
	return text.size > 0;
}

static bool is_digits(struct slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return text.size > 0;
}

/* A GUID and a counter: {E2EA6C1C-E61B-49E9-9CFB-38184F907552}:123456, with or without braces. */
static bool is_guid_and_counter(struct slice text)
{
	const uint8_t *colon = text.size ? memchr(text.data, ':', text.size) : NULL;
	struct guid guid;

	if (!colon)
		return false;
	size_t size = (size_t)(colon - text.data);
	return guid_parse(slice_of(text.data, size), &guid) &&
	       is_digits(slice_of(colon + 1, text.size - size - 1));
}

/* Parameters behind it are nobody's business. */
static bool is_mapi_http(struct slice text)
{
	static const char type[] = "application/mapi-http";
	enum { SIZE = sizeof type - 1 };

	return slice_starts_nocase(text, type) &&
	       (text.size == SIZE || text.data[SIZE] == ';' || text.data[SIZE] == ' ');
}

static const struct rule {
	const char *name;
	bool required;
	bool (*sound)(struct slice value);
} rules[] = {
	{"X-RequestType", true,  is_visible         },
	{"X-RequestId",   true,  is_guid_and_counter},
	{"X-ClientInfo",  false, is_visible         },
	{"Content-Type",  true,  is_mapi_http       },
};

static enum mapihttp_code check(const struct http_head *head, const struct rule *rule)
{
	size_t count = 0;
	struct slice value = http_header(head, rule->name, &count);

	if (count == 0)
		return rule->required ? MAPIHTTP_MISSING_HEADER : MAPIHTTP_SUCCESS;
	if (count > 1 || value.size > VALUE_MAX || !rule->sound(value))
		return MAPIHTTP_INVALID_HEADER;
	return MAPIHTTP_SUCCESS;
}

enum mapihttp_code headers_check(const struct http_head *head)
{
	enum mapihttp_code code = MAPIHTTP_SUCCESS;

	for (size_t i = 0; i < sizeof rules / sizeof rules[0] && !code; i++)
		code = check(head, &rules[i]);
	return code;
}

struct slice headers_single(const struct http_head *head, const char *name)
{
	size_t count = 0;
	struct slice value = http_header(head, name, &count);

	return count == 1 && value.size <= VALUE_MAX ? value : slice_of(NULL, 0);
}
