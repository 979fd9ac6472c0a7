#include <stdlib.h>

#include "auth/auth.h"
#include "auth/ntlm_message-private.h"

/*
 * NTLM messages from a peer, in both directions. The first byte chooses which message the rest is:
 * NEGOTIATE or AUTHENTICATE to an acceptor, CHALLENGE to an initiator.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum target {
	TARGET_NEGOTIATE,
	TARGET_AUTHENTICATE,
	TARGET_CHALLENGE,
	TARGET_COUNT,
};

static int find(void *context, struct slice user, struct slice domain, struct account_secret *out)
{
	(void)context;
	(void)domain;
	if (!slice_equal(user, slice_of_string("alice")))
		return ERR_NOT_FOUND;
	*out = (struct account_secret){.name = "alice", .has_nt_hash = true};
	return 0;
}

static struct auth_service *service(void)
{
	static struct auth_service *shared;
	struct auth_service_config config = {
		.ntlm = true,
		.anonymous = true,
		.netbios_domain = "EXAMPLE",
		.netbios_name = "BOOK",
		.accounts = {.find = find},
	};
	if (!shared)
		shared = auth_service_new(&config);
	return shared;
}

static void accept_tokens(const struct slice *tokens, size_t count, struct buffer *out)
{
	struct auth_context *c =
		auth_accept_new(service(), AUTH_TYPE_NTLM, AUTH_LEVEL_CONNECT, "192.0.2.1");
	for (size_t i = 0; i < count; i++) {
		enum auth_status status = auth_accept_step(c, tokens[i], out);
		if (status == AUTH_COMPLETE && auth_principal(c)->authenticated)
			__builtin_trap();
	}
	auth_context_free(c);
}

static void initiate_with(struct slice challenge, struct buffer *out)
{
	struct auth_initiator_config config = {
		.type = AUTH_TYPE_NTLM,
		.level = AUTH_LEVEL_CONNECT,
		.user = "alice",
		.domain = "EXAMPLE",
		.password = "Secret 1",
	};
	struct auth_context *c = auth_initiate_new(&config);
	auth_initiate_step(c, slice_of("", 0), out);
	auth_initiate_step(c, challenge, out);
	auth_context_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ntlm_negotiate asks = {.flags = NTLM_UNICODE | NTLM_EXTENDED_SESSION};
	struct buffer negotiate, out;
	if (size == 0)
		return 0;
	struct slice token = slice_of(data + 1, size - 1);
	buffer_init(&negotiate, 1024);
	buffer_init(&out, 1 << 20);
	ntlm_negotiate_write(&asks, &negotiate);
	const struct slice second[] = {buffer_slice(&negotiate), token};

	switch ((enum target)(data[0] % TARGET_COUNT)) {
	case TARGET_NEGOTIATE: accept_tokens(&token, 1, &out); break;
	case TARGET_AUTHENTICATE: accept_tokens(second, 2, &out); break;
	case TARGET_CHALLENGE: initiate_with(token, &out); break;
	case TARGET_COUNT: break;
	}
	buffer_free(&negotiate);
	buffer_free(&out);
	return 0;
}
