#ifndef WEB_SERVICE_PRIVATE_H
#define WEB_SERVICE_PRIVATE_H

/* What the connections of a listener share. Settings are immutable and counted: a request under way
 * keeps those it began with. */

#include <pthread.h>

#include "base/network.h"
#include "web/web.h"

struct web_settings {
	bool basic, negotiate, proxied_negotiate;
	enum web_binding binding;
	char *realm;
	struct network *proxies;
	size_t proxy_count;
	_Atomic uint32_t references;
};

struct web_service {
	struct auth_service *auth;
	const struct web_pool *pool;
	const struct web_limits *limits;
	const struct web_route *routes;
	size_t route_count;
	pthread_mutex_t lock; /* of the pointer to the settings */
	struct web_settings *settings;
	_Atomic uint64_t body_bytes;  /* of half-received bodies */
	_Atomic uint32_t hard_checks; /* of passwords, on the pool or waiting for it */
};

struct web_settings *web_settings_ref(struct web_service *s);
void web_settings_unref(struct web_settings *settings); /* NULL is fine */

/* Room for half-received bodies; false: there is no more. */
bool web_reserve(struct web_service *s, size_t size);
void web_give_back(struct web_service *s, size_t size);

#endif
