#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

/*
 * A blocking client of NSPI servers, for tools: a connection, and one function an operation. A
 * connection carries any number of sessions (handles) and any number of connections may be open;
 * each belongs to one thread.
 *
 * Every function returns 0 or ERR_* with a sentence in the error: ERR_DENIED when the server
 * refuses by a fault or does not accept the login, other codes when it cannot be reached or
 * understood; then the connection is of no more use. What the operation says is in the `status` of
 * its answer.
 */

#include "auth/auth.h"
#include "base/arena.h"
#include "base/error.h"
#include "nspi/types.h"

struct client;

/* The strings are borrowed as long as the client lives. */
struct client_config {
	const char *host;
	uint16_t port;                 /* 0: the endpoint mapper is asked; 443 or 80 over HTTP */
	uint16_t endpoint_mapper_port; /* 0: 135 */
	uint32_t timeout_ms;           /* for connecting, and for each answer */
	uint32_t assoc_group;          /* 0: a new one */
	struct auth_initiator_config auth; /* type AUTH_TYPE_NONE: no login */

	/* MAPI over HTTP instead of RPC; level and association group mean nothing then */
	const char *http_path; /* "/mapi/nspi/"; NULL: RPC */
	bool tls;
	const char *tls_name; /* what the certificate has to be for; NULL: the host */
	const char *ca_file;  /* who may sign the server's certificate; NULL: as the system says */
	bool insecure;        /* any certificate will do */
	bool basic;           /* log in with the password itself, whatever auth.type says */
};

int client_open(const struct client_config *config, struct client **out, struct error *e);
void client_close(struct client *c); /* NULL is fine; ends no session by NspiUnbind */

/* With it another connection can use the handles of this one; 0 over HTTP. */
uint32_t client_assoc_group(const struct client *c);

/* Answers live in the arena; its ceiling bounds them. */
#define CLIENT_OPERATION(name)                                                                     \
	int client_##name(struct client *c, struct arena *a, struct nspi_##name##_in *in,          \
	                  struct nspi_##name##_out *out, struct error *e)

CLIENT_OPERATION(bind);
CLIENT_OPERATION(unbind);
CLIENT_OPERATION(update_stat);
CLIENT_OPERATION(query_rows);
CLIENT_OPERATION(seek_entries);
CLIENT_OPERATION(get_matches);
CLIENT_OPERATION(resort_restriction);
CLIENT_OPERATION(dn_to_mid);
CLIENT_OPERATION(get_prop_list);
CLIENT_OPERATION(get_props);
CLIENT_OPERATION(compare_mids);
CLIENT_OPERATION(mod_props);
CLIENT_OPERATION(get_special_table);
CLIENT_OPERATION(get_template_info);
CLIENT_OPERATION(mod_link_att);
CLIENT_OPERATION(query_columns);
CLIENT_OPERATION(get_names_from_ids);
CLIENT_OPERATION(get_ids_from_names);
CLIENT_OPERATION(resolve_names); /* NspiResolveNamesW: text in UTF-8 */

#endif
