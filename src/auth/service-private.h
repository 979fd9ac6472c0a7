#ifndef AUTH_SERVICE_PRIVATE_H
#define AUTH_SERVICE_PRIVATE_H

/* What all contexts share. Settings are immutable and counted: a login under way keeps those it
 * began with. */

#include "auth/auth.h"
#include "auth/proven-private.h"
#include "auth/throttle-private.h"

struct settings {
	bool ntlm, anonymous;
	char *netbios_domain, *netbios_name, *dns_domain, *dns_name; /* "" when there is none */
	uint32_t login_delay_max_ms;
	struct account_source accounts;
	void (*on_failure)(void *context, const char *account, const char *client_address,
	                   const char *reason);
	void *on_failure_context;
	_Atomic uint32_t references;
};

const struct settings *service_settings(struct auth_service *s); /* settings_unref() it */
void settings_unref(const struct settings *settings);            /* NULL is fine */
struct throttle *service_throttle(struct auth_service *s);
struct proven *service_proven(struct auth_service *s);

#endif
