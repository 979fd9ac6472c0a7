#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "main/wiring-private.h"

/* A listener without a certificate of its own gets one that is made at the first start. */

static int make_certificate(const struct wiring *w, const char *path, struct error *e)
{
	const char *const names[] = {w->conf->dns_name, "localhost"};

	if (access(path, F_OK) == 0)
		return 0;
	int err = net_tls_make_certificate(path, names, sizeof names / sizeof names[0], e);
	if (!err)
		log_warn(
			"no certificate is configured for https: one for %s, signed by itself, was "
			"made in %s; clients will not trust it",
			names[0], path);
	return err;
}

static int load_made(const struct wiring *w, const struct listener *l, struct error *e)
{
	char *path = xasprintf("%s/self-signed.pem", w->conf->state_dir);
	int err = make_certificate(w, path, e);

	if (!err)
		err = net_tls_load(l->tls, path, path, e);
	free(path);
	return err;
}

int wiring_load_certificates(struct wiring *w, struct error *e)
{
	int err = 0;

	for (size_t i = 0; i < w->listener_count && !err; i++) {
		const struct listener *l = &w->listeners[i];
		if (!l->tls)
			continue;
		err = *l->conf.certificate
		            ? net_tls_load(l->tls, l->conf.certificate, l->conf.key, e)
		            : load_made(w, l, e);
		if (err)
			error_prefix(e, "listener \"%s\"", l->conf.name);
	}
	return err;
}
