#include "auth/service-private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf.h"

struct auth_service {
	pthread_mutex_t lock; /* of the pointer to the settings */
	struct settings *settings;
	struct throttle *throttle;
	struct proven *proven;
};

/* A name that is no UTF-8 could not go into a challenge. */
static char *copy_name(const char *name)
{
	return xstrdup(name && utf8_valid(slice_of_string(name)) ? name : "");
}

static struct settings *settings_new(const struct auth_service_config *config)
{
	struct settings *s = xmalloc(sizeof *s);
	*s = (struct settings){
		.ntlm = config->ntlm,
		.anonymous = config->anonymous,
		.netbios_domain = copy_name(config->netbios_domain),
		.netbios_name = copy_name(config->netbios_name),
		.dns_domain = copy_name(config->dns_domain),
		.dns_name = copy_name(config->dns_name),
		.login_delay_max_ms = config->login_delay_max_ms,
		.accounts = config->accounts,
		.on_failure = config->on_failure,
		.on_failure_context = config->on_failure_context,
	};
	atomic_init(&s->references, 1);
	return s;
}

static struct settings *counted(const struct settings *s)
{
	return (struct settings *)(uintptr_t)s;
}

void settings_unref(const struct settings *settings)
{
	struct settings *s = counted(settings);
	if (!s || atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) != 1)
		return;
	free(s->netbios_domain);
	free(s->netbios_name);
	free(s->dns_domain);
	free(s->dns_name);
	free(s);
}

struct auth_service *auth_service_new(const struct auth_service_config *config)
{
	struct auth_service *s = xmalloc(sizeof *s);
	*s = (struct auth_service){
		.settings = settings_new(config),
		.throttle = throttle_new(),
		.proven = proven_new(),
	};
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void auth_service_reconfigure(struct auth_service *s, const struct auth_service_config *config)
{
	struct settings *fresh = settings_new(config);
	pthread_mutex_lock(&s->lock);
	struct settings *old = s->settings;
	s->settings = fresh;
	pthread_mutex_unlock(&s->lock);
	settings_unref(old);
}

void auth_service_free(struct auth_service *s)
{
	if (!s)
		return;
	settings_unref(s->settings);
	throttle_free(s->throttle);
	proven_free(s->proven);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

const struct settings *service_settings(struct auth_service *s)
{
	pthread_mutex_lock(&s->lock);
	struct settings *settings = s->settings;
	atomic_fetch_add_explicit(&settings->references, 1, memory_order_relaxed);
	pthread_mutex_unlock(&s->lock);
	return settings;
}

struct throttle *service_throttle(struct auth_service *s)
{
	return s->throttle;
}

struct proven *service_proven(struct auth_service *s)
{
	return s->proven;
}
