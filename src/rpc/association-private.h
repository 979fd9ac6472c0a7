#ifndef RPC_ASSOCIATION_PRIVATE_H
#define RPC_ASSOCIATION_PRIVATE_H

/* What the files of an association share: association.c (states, time), bind.c, presentation.c,
 * security.c, request.c, fragments.c (joining requests, splitting responses), scratch.c. */

#include "rpc/group.h"
#include "rpc/pdu.h"
#include "rpc/rpc.h"

/* MS-RPCE 3.3.3.5.4 and what Windows was seen to allow; the raw-protocol tests count on 2049. */
enum { MAX_SECURITY_CONTEXTS = 2049, MAX_UNFINISHED_LOGINS = 16, MAX_PRESENTATIONS = 1024 };

enum { FEW_PRESENTATIONS = 2 }; /* what clients have mostly; and one security context */

enum association_state {
	ASSOCIATION_NEW, /* not bound yet */
	ASSOCIATION_BOUND,
	ASSOCIATION_CALLING,  /* work is a call that yielded or waits */
	ASSOCIATION_LOGIN,    /* work is a login that is slowed down */
	ASSOCIATION_SKIPPING, /* over a PDU that is too long, to refuse it then */
	ASSOCIATION_CLOSED,
};

struct presentation {
	uint16_t id;
	uint8_t binding;    /* index in the service's */
	bool offered_ndr64; /* beside NDR, which was chosen */
};

enum security_state {
	SECURITY_STARTED,
	SECURITY_READY,
	SECURITY_FAILED, /* in auth3, which has no answer: the next request tells */
};

struct security {
	struct auth_context *auth;
	uint32_t id; /* auth_context_id */
	uint8_t type, level, state;
};

enum { NO_SECURITY = -1 };

/* What all fragments of a request have in common. */
struct request {
	uint32_t call_id;
	uint16_t context_id, opnum;
	uint8_t drep[4];
	uint8_t binding;
	bool secured;     /* it carries a trailer; else security is what is implied */
	int16_t security; /* index, or NO_SECURITY */
};

/* A request whose last fragment is still to come. */
struct joining {
	struct request request;
	struct buffer stub;
	size_t reserved; /* of the process's budget */
	bool refused;    /* answered with a fault already: what else comes of it is dropped */
};

/* The memory of the PDU that is being dealt with, and of the call or login that it leads to. */
struct rpc_work {
	struct rpc_work *next; /* in the scratch's spare list */
	struct arena arena;
	struct buffer stub; /* of the response */
	struct buffer token;
	struct buffer joined; /* the stub of a request that came in fragments */
	size_t reserved;

	struct request request;
	struct rpc_call call;

	uint8_t answer_type, answer_flags; /* of a login: what is sent when it is done */
	uint32_t answer_call_id;
	int16_t login; /* index of the security context */
	struct pdu_bind_ack ack;
};

struct rpc_association {
	const struct rpc_service *service;
	struct rpc_scratch *scratch;
	struct rpc_peer peer;
	struct rpc_group *group;            /* NULL: not bound */
	struct rpc_work *work;              /* in states CALLING and LOGIN */
	struct joining *joining;            /* NULL: no request is half received */
	struct presentation *presentations; /* few_presentations, or allocated */
	struct security *securities;        /* &first_security, or allocated */
	struct presentation few_presentations[FEW_PRESENTATIONS];
	struct security first_security;
	uint64_t active_ms, deadline_ms;
	uint64_t login_since_ms; /* of the oldest unfinished login, while there are any */
	uint32_t skip_call_id;
	uint16_t skip_left;
	uint16_t presentation_count, security_count;
	uint16_t unfinished_logins;
	uint16_t max_fragment;
	int16_t implied;       /* security context of requests without a trailer, or NO_SECURITY */
	uint8_t state;         /* enum association_state */
	uint8_t parked;        /* enum rpc_next, in state CALLING */
	bool explicit_connect; /* a trailer named a context of level connect once */
	bool conc_mpx, header_sign;
};

/* A PDU on its way through. */
struct incoming {
	struct pdu_header header;
	struct pdu_auth auth;
	bool auth_valid;
	uint8_t *bytes; /* header.size of them, in the work's arena */
	struct rpc_work *work;
	uint64_t now_ms;
};

static inline struct slice incoming_pdu(const struct incoming *in)
{
	return slice_of(in->bytes, in->header.size);
}

/* From offset 16 up to the trailer. */
static inline struct slice incoming_body(const struct incoming *in)
{
	size_t end = in->auth.offset ? in->auth.offset : in->header.size;
	return slice_of(in->bytes + PDU_HEADER_SIZE, end - PDU_HEADER_SIZE);
}

/* association.c */

/* Of the client, for the log; returns text. */
const char *rpc_client_text(const struct rpc_association *a, char text[ADDRESS_TEXT_SIZE]);

/* Sends a fault. close: the connection ends with it. */
enum rpc_next rpc_refuse(struct rpc_association *a, const struct pdu_fault *fault, bool close,
                         struct buffer *out);
enum rpc_next rpc_refuse_bind(struct rpc_association *a, uint32_t call_id, uint16_t reason,
                              struct buffer *out);

/* scratch.c */
struct rpc_work *rpc_work_take(struct rpc_association *a);
void rpc_work_give(struct rpc_association *a, struct rpc_work *w);

/* bind.c: handlers of PDUs, and the end of a login that waited. */
enum rpc_next rpc_bind(struct rpc_association *a, struct incoming *in, struct buffer *out);
enum rpc_next rpc_alter(struct rpc_association *a, struct incoming *in, struct buffer *out);
enum rpc_next rpc_auth3(struct rpc_association *a, struct incoming *in, struct buffer *out);
enum rpc_next rpc_login_resume(struct rpc_association *a, uint64_t now_ms, struct buffer *out);

/* presentation.c */

/* Nothing is changed by a list that breaks the rules: no contexts, one without transfer syntaxes,
 * two elements of feature negotiation. */
bool rpc_contexts_valid(const struct pdu_bind *b);
/* Answers each context. false: one of them contradicts what was agreed on before. */
bool rpc_negotiate(struct rpc_association *a, const struct pdu_bind *b, bool features,
                   struct arena *arena, struct pdu_bind_ack *ack);
const struct presentation *rpc_presentation_find(const struct rpc_association *a, uint16_t id);
void rpc_presentations_free(struct rpc_association *a);

/* security.c */

enum login {
	LOGIN_GOES_ON, /* send the token: done, or another leg is to come */
	LOGIN_WAITS,
	/* Refusals; security.c has what each means to the peer. */
	LOGIN_BAD_LEVEL,
	LOGIN_BAD_TYPE,
	LOGIN_FAILED,
	LOGIN_FINISHED_BEFORE,
	LOGIN_LEVEL_CHANGED,
	LOGIN_TYPE_CHANGED,
	LOGIN_UNKNOWN,
	LOGIN_LIMIT,
};

struct login_refusal {
	uint16_t nak;          /* in bind */
	uint32_t alter, auth3; /* fault statuses */
};

const struct login_refusal *rpc_login_refusal(enum login how);

/* One leg with the token of in; the context is made if it is new and may_start. What is to be sent
 * is in in->work->token. */
enum login rpc_login(struct rpc_association *a, struct incoming *in, bool may_start);
enum login rpc_login_go_on(struct rpc_association *a, struct rpc_work *w);

struct security *rpc_security_find(struct rpc_association *a, uint32_t id);
const struct principal *rpc_security_principal(const struct rpc_association *a, int16_t index);
enum auth_level rpc_security_level(const struct rpc_association *a, int16_t index);
void rpc_securities_free(struct rpc_association *a);

/* request.c */
enum rpc_next rpc_request(struct rpc_association *a, struct incoming *in, struct buffer *out);
enum rpc_next rpc_call_resume(struct rpc_association *a, struct buffer *out);
void rpc_call_cancel(struct rpc_association *a);

/* fragments.c */

/* Starts joining; the first fragment's stub is added like the others. */
void rpc_joining_start(struct rpc_association *a, const struct request *r);
/* 0, or a fault status: ACCESS_DENIED beyond the limit of a request, TOO_BUSY beyond the budget. */
uint32_t rpc_joining_add(struct rpc_association *a, const struct pdu_request *q);
/* Gives the whole stub to the work, and ends the joining. */
void rpc_joining_finish(struct rpc_association *a, struct rpc_work *w);
void rpc_joining_drop(struct rpc_association *a);

void rpc_write_response(struct rpc_association *a, const struct rpc_work *w, struct buffer *out);

/* verification.c */

/* Cuts the verification trailer off the stub, if there is one. false: it contradicts the request.
 */
bool rpc_verify_trailer(const struct rpc_association *a, const struct request *r,
                        struct slice *stub);

#endif
