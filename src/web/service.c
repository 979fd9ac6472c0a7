#include "web/service-private.h"

#include <stdlib.h>

#include "base/counters.h"
#include "base/memory.h"

static int settings_new(const struct web_config *config, struct web_settings **settings,
                        struct error *e)
{
	struct web_settings *s = xcalloc(1, sizeof *s);
	int err = 0;
	*s = (struct web_settings){
		.basic = config->basic,
		.negotiate = config->negotiate,
		.proxied_negotiate = config->proxied_negotiate,
		.binding = config->binding,
		.realm = xstrdup(config->realm),
		.proxies = xcalloc(config->proxy_count + 1, sizeof *s->proxies),
		.proxy_count = config->proxy_count,
	};
	atomic_init(&s->references, 1);
	for (size_t i = 0; i < config->proxy_count && !err; i++)
		if (!network_parse(config->proxies[i], &s->proxies[i]))
			err = error_set(e, ERR_INVALID,
			                "\"%s\" is no address of a proxy: write it like 192.0.2.1, "
			                "10.0.0.0/8 or 2001:db8::/32",
			                config->proxies[i]);
	if (err)
		web_settings_unref(s);
	else
		*settings = s;
	return err;
}

struct web_settings *web_settings_ref(struct web_service *s)
{
	pthread_mutex_lock(&s->lock);
	struct web_settings *settings = s->settings;
	atomic_fetch_add_explicit(&settings->references, 1, memory_order_relaxed);
	pthread_mutex_unlock(&s->lock);
	return settings;
}

void web_settings_unref(struct web_settings *s)
{
	if (!s || atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) != 1)
		return;
	free(s->realm);
	free(s->proxies);
	free(s);
}

int web_service_new(const struct web_config *config, struct auth_service *auth,
                    const struct web_pool *pool, const struct web_limits *limits,
                    const struct web_route *routes, size_t route_count,
                    struct web_service **service, struct error *e)
{
	struct web_settings *settings = NULL;
	int err = settings_new(config, &settings, e);
	if (err)
		return err;
	struct web_service *s = xcalloc(1, sizeof *s);
	*s = (struct web_service){
		.auth = auth,
		.pool = pool,
		.limits = limits,
		.routes = routes,
		.route_count = route_count,
		.settings = settings,
	};
	pthread_mutex_init(&s->lock, NULL);
	*service = s;
	return 0;
}

int web_service_reconfigure(struct web_service *s, const struct web_config *config, struct error *e)
{
	struct web_settings *fresh = NULL;
	int err = settings_new(config, &fresh, e);
	if (err)
		return err;
	pthread_mutex_lock(&s->lock);
	struct web_settings *old = s->settings;
	s->settings = fresh;
	pthread_mutex_unlock(&s->lock);
	web_settings_unref(old);
	return 0;
}

void web_service_free(struct web_service *s)
{
	if (!s)
		return;
	web_settings_unref(s->settings);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

bool web_reserve(struct web_service *s, size_t size)
{
	if (atomic_fetch_add(&s->body_bytes, size) + size > s->limits->max_body_bytes) {
		atomic_fetch_sub(&s->body_bytes, size);
		counter_add(COUNTER_REASSEMBLY_REFUSED, 1);
		return false;
	}
	counter_add(COUNTER_REASSEMBLY_BYTES, (int64_t)size);
	return true;
}

void web_give_back(struct web_service *s, size_t size)
{
	atomic_fetch_sub(&s->body_bytes, size);
	counter_add(COUNTER_REASSEMBLY_BYTES, -(int64_t)size);
}
