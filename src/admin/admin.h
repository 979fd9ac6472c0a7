#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

/*
 * What an operator can ask for: the commands of the control socket. They are functions of (what
 * there is to act on, request, where the answer goes), so that nspid runs them for whoever connects
 * to its socket, and nspictl runs the same ones itself, on the store alone, when no server is
 * there.
 *
 * A request is a JSON object, { "command": "limit-set", "account": "alice", "sessions": "2000", ...
 * }. The answer is a number of lines, each a JSON object with one member: { "row": {...} } one of a
 * listing { "progress": {...} }    how far a long command is { "warning": "..." }     it goes on in
 * spite of that { "done": {...} }        the last one, when all went well { "error": "..." } the
 * last one, when it did not
 */

#include <jansson.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/slice.h"
#include "conf/conf.h"
#include "session/limits.h"
#include "session/session.h"
#include "store/store.h"

struct admin_listener {
	char name[64], service[32], address[64], profile[32];
	uint16_t port; /* the one that is bound */
};

/* All of it is borrowed and must live longer than the context. */
struct admin_setup {
	const char *version;
	const char *organization; /* for import */
	struct store *store;
	struct directory *directory; /* NULL when no server runs */
	struct limits *limits;
	struct sessions *sessions; /* NULL when no server runs, like the functions below */
	/* What only main/ knows; called on a thread of the control socket, one at a time. */
	void *hooks;
	size_t (*listeners)(void *hooks, struct admin_listener *out, size_t max);
	int (*reload)(void *hooks, struct error *e);
	void (*tick)(void *hooks); /* every second or so, on one thread */
};

struct admin_context;

struct admin_context *admin_context_new(const struct admin_setup *setup);
void admin_context_free(struct admin_context *a); /* NULL is fine */

/* Where a command's answer goes, and where the bytes of an import come from. */
struct admin_io {
	void *context;
	bool (*line)(void *context, const json_t *line);  /* false: nobody listens any more */
	bool (*bytes)(void *context, struct slice bytes); /* of an export; likewise */
	int (*more)(void *context, struct slice *bytes,
	            struct error *e); /* of an import; empty at its end */
};

/* Runs one request, up to its last line. 0 when that one was "done". */
int admin_run(struct admin_context *a, const json_t *request, uid_t caller,
              const struct admin_io *io);

/* true when the command works without a server. */
bool admin_works_offline(const char *command);

/*
 * The control socket: a thread that accepts, and one for each of a few connections, so that neither
 * a slow reader nor an import holds up others. Only root and the user that the process runs as are
 * let in.
 */
struct admin_server;

int admin_server_start(struct admin_context *a, const char *path, struct admin_server **out,
                       struct error *e);
/* Ends what runs on it, an import too, and removes the socket. NULL is fine. */
void admin_server_stop(struct admin_server *s);

/* What the configuration says about limits; at start and after each reload. */
void admin_configure_limits(struct limits *l, const struct conf *c);
/* What operators set, from the store; at start. */
int admin_load_limits(struct limits *l, struct store *s, struct error *e);

#endif
