#ifndef TESTS_UNIT_AUTH_SITE_H
#define TESTS_UNIT_AUTH_SITE_H

/* A service with the accounts that the login tests use: alice (password "Secret 1"), strauß (same),
 * and carol, who is disabled. */

#include <string.h>

#include "auth/auth.h"

#define SITE_PASSWORD "Secret 1"

struct site {
	struct auth_service *service;
	struct auth_service_config config;
};

static inline bool site_is(struct slice user, const char *name)
{
	struct slice n = slice_of_string(name);
	bool qualified = user.size > n.size && user.data[n.size] == '@';
	return slice_equal_nocase(slice_of(user.data, qualified ? n.size : user.size), n);
}

static inline int site_find(void *context, struct slice user, struct slice domain,
                            struct account_secret *out)
{
	static const char *const names[] = {"alice", "strau\xc3\x9f", "carol"};
	(void)context;
	if (slice_equal_nocase(domain, slice_of_string("FOREIGN")))
		return ERR_NOT_FOUND;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (!site_is(user, names[i]))
			continue;
		*out = (struct account_secret){.has_nt_hash = true,
		                               .disabled = strcmp(names[i], "carol") == 0};
		memcpy(out->name, names[i], strlen(names[i]) + 1);
		return auth_nt_hash(SITE_PASSWORD, out->nt_hash);
	}
	return ERR_NOT_FOUND;
}

static inline void site_status(void *context, const char *account, struct account_status *out)
{
	(void)context;
	*out = (struct account_status){.exists = strcmp(account, "alice") == 0};
}

static inline void site_open(struct site *s)
{
	s->config = (struct auth_service_config){
		.ntlm = true,
		.netbios_domain = "EXAMPLE",
		.netbios_name = "BOOK",
		.dns_domain = "example.org",
		.dns_name = "book.example.org",
		.accounts = {.find = site_find, .status = site_status},
	};
	s->service = auth_service_new(&s->config);
}

static inline void site_close(struct site *s)
{
	auth_service_free(s->service);
}

#endif
