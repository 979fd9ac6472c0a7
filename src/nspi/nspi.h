#ifndef NSPI_NSPI_H
#define NSPI_NSPI_H

/*
 * The operations of MS-NSPI and MS-OXNSPI as functions of (call, in, out), and the table where
 * every transport meets them. Knows no transport: who drives a call fills struct nspi_call, and
 * calls nspi_call_run() until it does not return NSPI_YIELD.
 */

#include "auth/principal.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "directory/change.h"
#include "directory/view.h"
#include "session/session.h"

enum nspi_profile {
	NSPI_PROFILE_DIRECTORY, /* a domain controller: MS-NSPI */
	NSPI_PROFILE_EXCHANGE,  /* MS-OXNSPI */
};

struct nspi_settings { /* what a reload can change */
	uint32_t max_rows;
	uint32_t max_answer_bytes;
	uint32_t max_matches;
};

/* Shared by all loops; settings are swapped atomically. Borrows the table of sessions. */
struct nspi_service;
struct nspi_service *nspi_service_new(struct sessions *sessions, const struct guid *server_guid,
                                      const struct nspi_settings *settings);
/* entry_of finds the MId of the entry given to an account by hand (--entry), 0 when there is none.
 * Before the first call; without it entries are found by the account's name alone. */
void nspi_service_set_account_entry(struct nspi_service *s,
                                    uint32_t (*entry_of)(void *context, const struct view *v,
                                                         const char *account),
                                    void *context);
/* What an account sees, which depends on its groups; before the first call. Without it, and for
 * those who have no account, it is what they see who are in no group. */
void nspi_service_set_audience(struct nspi_service *s,
                               struct audience (*audience_of)(void *context,
                                                              const struct snapshot *snapshot,
                                                              const char *account),
                               void *context);
/* Who may change what, and where changes go; before the first call. Without it nothing can be
 * changed. */
struct nspi_writing {
	const struct rights *rights;
	bool (*is_administrator)(void *context, const char *account);
	/* Takes the change when it returns 0, and then calls its done() once. ERR_LIMIT: too many
	 * wait already. */
	int (*submit)(void *context, struct change *change);
	void *context;
};
void nspi_service_set_writing(struct nspi_service *s, const struct nspi_writing *writing);
void nspi_service_set_settings(struct nspi_service *s, const struct nspi_settings *settings);
/* Takes the templates and frees those from before; NULL: none. */
struct templates;
void nspi_service_set_templates(struct nspi_service *s, struct templates *templates);
void nspi_service_free(struct nspi_service *s);
/* That account, which is borrowed, when it looks at the book outside of a session. */
struct viewer nspi_viewer_of(const struct nspi_service *s, const struct snapshot *snapshot,
                             const char *account);
const struct guid *nspi_server_guid(const struct nspi_service *s);

enum nspi_run {
	NSPI_DONE,
	NSPI_YIELD, /* call nspi_call_run again after other events */
	NSPI_WAIT,  /* call it again once the call's waker has been called */
};

/* Gets the driver of a call that waits to run it again. Called once after each NSPI_WAIT, from any
 * thread, also when that call is over meanwhile: whose says which connection it was. */
struct nspi_waker {
	void (*wake)(void *owner, uint64_t whose);
	void *owner;
	uint64_t whose;
};

struct nspi_operation;

struct nspi_call {
	/* filled by the driver, all else zero */
	struct nspi_service *service;
	const struct snapshot *snapshot; /* borrowed; the call takes a reference when it yields */
	enum nspi_profile profile;
	struct arena *arena;
	const struct principal *principal; /* never NULL */
	const struct address *client;      /* borrowed, never NULL */
	enum session_transport transport;
	uint64_t group;
	struct guid session_id; /* MAPI/HTTP only: stands for a handle; that of a new session after
	                           Bind, zero when it was refused */
	struct nspi_waker waker;

	/* the call's own */
	const struct nspi_operation *operation;
	struct session *session; /* pinned, NULL in NspiBind */
	struct viewer viewer;
	struct view view;
	void *in, *out;
	void *state;            /* of an operation that yielded, in the arena */
	struct nspi_wait *wait; /* of an operation that waits */
	bool pinned_snapshot;
	struct nspi_settings settings; /* in force when the call began */
	uint32_t status;               /* the operation's return value */
	uint32_t fault;                /* an RPC fault status instead of an answer, 0: none */
};

/*
 * Over RPC: decodes the stub and finds the session; then runs; on NSPI_DONE the response stub has
 * been appended to out, or call->fault is set. nspi_call_run() goes on after NSPI_YIELD and
 * NSPI_WAIT.
 * nspi_call_cancel() instead of it when the connection has gone; both release all that the call
 * holds (the arena is the driver's).
 */
enum nspi_run nspi_call_start_rpc(struct nspi_call *call, uint16_t opnum, struct slice stub,
                                  bool big_endian, struct buffer *out);
enum nspi_run nspi_call_run(struct nspi_call *call, struct buffer *out);
void nspi_call_cancel(struct nspi_call *call);

/* Over MAPI/HTTP a request body takes the place of the stub, and what comes before the answer's is
 * known only once it runs no more: after NSPI_DONE without a fault nspi_call_answer_http() appends
 * it. False: it is too large. */
enum nspi_run nspi_call_start_http(struct nspi_call *call, struct slice request_type,
                                   struct slice body);
enum nspi_run nspi_call_run_http(struct nspi_call *call);
bool nspi_call_answer_http(struct nspi_call *call, struct buffer *out);

/* The association group has gone: its sessions end. */
void nspi_rundown(struct nspi_service *s, uint64_t group);
/* The session context of that group has gone: MAPI/HTTP. */
void nspi_context_ended(struct nspi_service *s, uint64_t group, bool expired);
/* Live sessions of a group. */
size_t nspi_holds(struct nspi_service *s, uint64_t group);

/* X-RequestType as it is written, from what a client wrote; NULL when there is none such. */
const char *nspi_request_type(struct slice request_type);

const char *nspi_operation_name(uint16_t opnum); /* "QueryRows"; NULL for 15 and above 20 */

#endif
