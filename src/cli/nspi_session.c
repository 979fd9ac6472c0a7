#include <stdio.h>

#include "cli/nspi.h"

enum {
	CODEPAGE = 1252, /* 8-bit strings are asked for nowhere; a server wants one it knows */
	LOCALE = 0x0409,
};

struct nspi_stat nspi_stat(uint32_t container)
{
	return (struct nspi_stat){
		.container_id = container,
		.codepage = CODEPAGE,
		.template_locale = LOCALE,
		.sort_locale = LOCALE,
	};
}

void nspi_status_text(uint32_t status, char text[64])
{
	const char *name = mapi_error_name(status);

	snprintf(text, 64, "%s (0x%08X)", name ? name : "unknown status", status);
}

enum nspi_exit nspi_failed(const struct error *e)
{
	fprintf(stderr, "nspi: %s\n", e->text);
	return e->code == ERR_DENIED ? NSPI_EXIT_REFUSED : NSPI_EXIT_NETWORK;
}

enum nspi_exit nspi_refused(const char *what, uint32_t status)
{
	char text[64];

	nspi_status_text(status, text);
	fprintf(stderr, "nspi: %s refused: %s\n", what, text);
	return NSPI_EXIT_REFUSED;
}

/* With NTLM the first call tells what became of the login. */
static enum nspi_exit bind(struct nspi *n)
{
	struct error e = {0};
	struct nspi_bind_in in = {.stat = nspi_stat(0)};
	struct nspi_bind_out out = {0};

	int err = client_bind(n->client, &n->arena, &in, &out, &e);
	if (err == ERR_DENIED && n->config.auth.type != AUTH_TYPE_NONE && !n->config.http_path)
		error_prefix(&e, "wrong name or password");
	if (err)
		return nspi_failed(&e);
	if (out.status != MAPI_SUCCESS)
		return nspi_refused("NspiBind", out.status);
	n->handle = out.handle;
	return NSPI_EXIT_OK;
}

enum nspi_exit nspi_open(struct nspi *n)
{
	struct error e = {0};

	if (client_open(&n->config, &n->client, &e))
		return nspi_failed(&e);
	return bind(n);
}

/* The connection's end would do as well, but only when it is the last of its group. */
void nspi_close(struct nspi *n)
{
	struct nspi_unbind_in in = {.handle = n->handle};
	struct nspi_unbind_out out = {0};

	if (n->client)
		client_unbind(n->client, &n->arena, &in, &out, NULL);
	client_close(n->client);
	n->client = NULL;
}
