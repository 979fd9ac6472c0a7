/* The first byte chooses: a stub for one of the two operations, a body of MAPI/HTTP, or a document
 * that asks autodiscover. */

#include "rfr/autodiscover.h"
#include "rfr/rfr.h"

enum { ARENA_CEILING = 4 << 20, OUTPUT_LIMIT = 1 << 16 };

static struct rfr *new_rfr(void)
{
	static const struct rfr_server servers[] = {
		{"one.example.com", 1},
		{"two.example.com", 3},
	};
	static const struct rfr_config config = {
		.dns_name = "book.example.com",
		.netbios_name = "BOOK",
		.servers = servers,
		.server_count = 2,
		.address_book_url = "",
		.mailbox_url = "",
	};

	return rfr_new(&config);
}

static void ask_over_http(struct rfr *r, struct slice input, struct arena *a, struct buffer *out)
{
	static const char *const types[] = {"GetMailboxUrl", "GetAddressBookUrl"};
	const struct rfr_origin from = {.tls = true, .host = input};

	for (size_t i = 0; i < 2; i++) {
		struct rfr_url_out *answer =
			rfr_call_http(r, slice_of_string(types[i]), input, &from, a);
		if (answer)
			rfr_answer_http(answer, out);
	}
}

static void discover(struct slice input, struct arena *a, struct buffer *out)
{
	struct autodiscover_request request;

	if (autodiscover_parse(input, a, &request))
		return;
	const struct autodiscover_answer answer = {
		.display_name = request.email,
		.legacy_dn = request.schema,
		.email = request.email,
		.deployment_id = "",
		.mapi_http = autodiscover_schema_known(request.schema),
		.address_book_url = "https://book.example.com/mapi/nspi/",
		.server = "book.example.com",
	};
	autodiscover_put(out, &answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rfr *r;
	struct arena a;
	struct buffer out;

	if (size < 1)
		return 0;
	if (!r)
		r = new_rfr();
	struct slice input = slice_of(data + 1, size - 1);
	arena_init(&a, ARENA_CEILING);
	buffer_init(&out, OUTPUT_LIMIT);
	switch (data[0] % 4) {
	case 0:
	case 1: rfr_call(r, data[0] % 4, input, data[0] & 4, &a, &out); break;
	case 2: ask_over_http(r, input, &a, &out); break;
	case 3: discover(input, &a, &out); break;
	}
	buffer_free(&out);
	arena_free(&a);
	return 0;
}
