#ifndef RPC_RPC_H
#define RPC_RPC_H

/*
 * DCE/RPC connection-oriented, server side, without sockets: bytes in, bytes out. One struct
 * rpc_association is one connection (its presentation contexts, security contexts and the call in
 * progress); it joins an association group, which lives as long as one of its connections does.
 * MS-RPCE, C706.
 *
 * An association is used by one thread. Groups and the service are shared by all.
 */

#include <stdatomic.h>

#include "auth/auth.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/guid.h"
#include "base/network.h"

/* Fault statuses (MS-RPCE, C706 appendix E). */
#define RPC_FAULT_ACCESS_DENIED    UINT32_C(0x00000005)
#define RPC_FAULT_NO_CALL_ACTIVE   UINT32_C(0x000006BD)
#define RPC_FAULT_BAD_STUB         UINT32_C(0x000006F7)
#define RPC_FAULT_SEC_PKG          UINT32_C(0x00000721)
#define RPC_FAULT_OP_RANGE         UINT32_C(0x1C010002)
#define RPC_FAULT_UNKNOWN_IF       UINT32_C(0x1C010003)
#define RPC_FAULT_PROTO_ERROR      UINT32_C(0x1C01000B)
#define RPC_FAULT_OUT_ARGS_TOO_BIG UINT32_C(0x1C010013)
#define RPC_FAULT_TOO_BUSY         UINT32_C(0x1C010014)
#define RPC_FAULT_CONTEXT_MISMATCH UINT32_C(0x1C00001A)
#define RPC_FAULT_NO_MEMORY        UINT32_C(0x1C00001B)
#define RPC_FAULT_INVALID_CONTEXT  UINT32_C(0x1C00001C)

/* "access denied"-like text of a fault status, static for known ones, else NULL. */
const char *rpc_fault_name(uint32_t status);

enum rpc_run {
	RPC_DONE,
	RPC_YIELD, /* run again after other events */
	RPC_WAIT,  /* run again once the interface has had the driver woken, see rpc_peer.driver */
};

/* One call, as an interface sees it. It stays where it is, with all that it points to, until DONE
 * or cancel. */
struct rpc_call {
	struct arena *arena;
	uint16_t opnum;
	struct slice stub; /* joined, unsealed, without verification trailer */
	bool big_endian;
	const struct principal *principal; /* never NULL */
	enum auth_level level;
	uint64_t group; /* association group; never given out twice */
	const struct rpc_service *service;
	const struct rpc_peer *peer;
	struct buffer *out; /* the response stub is appended here */
	uint32_t fault;     /* set to answer with a fault instead */
	void *state;        /* the interface's, between slices */
};

struct rpc_interface {
	const char *name;       /* for logs */
	const char *annotation; /* in the endpoint mapper */
	const struct guid *uuid;
	uint16_t version_major, version_minor;
	uint16_t opnum_count;
	enum rpc_run (*start)(void *context, struct rpc_call *call);
	enum rpc_run (*resume)(void *context,
	                       struct rpc_call *call); /* after YIELD or WAIT; NULL: never needed */
	void (*cancel)(void *context,
	               struct rpc_call *call); /* instead of resume, when the peer has gone */
	void (*rundown)(void *context, uint64_t group); /* the group is gone; NULL: nothing to do */
	size_t (*holds)(void *context, uint64_t group); /* live context handles; NULL: none ever */
};

struct rpc_binding { /* an interface offered on a listener, and what its functions are given */
	const struct rpc_interface *interface;
	void *context;
};

struct rpc_groups; /* all association groups of the process */

/* Each may be changed at any time, from any thread. */
struct rpc_limits {
	_Atomic uint32_t max_request_bytes;
	_Atomic uint32_t max_call_memory;  /* arena ceiling */
	_Atomic uint32_t max_answer_bytes; /* of a response stub, hard */
	_Atomic uint32_t bind_timeout_ms, auth_timeout_ms, idle_timeout_ms; /* 0: none */
};

/* What associations of one listener share. All of it outlives them. A group is joined only through
 * the service that it was made on. */
struct rpc_service {
	const struct rpc_binding *bindings;
	size_t binding_count;
	struct rpc_groups *groups;
	struct auth_service *auth;
	const struct rpc_limits *limits;
	uint16_t port;                                 /* the secondary address of bind_ack */
	struct address (*local_address)(void *driver); /* where a connection came in */
};

struct rpc_peer {
	const struct address *client; /* borrowed; outlives the association */
	void *driver; /* whose this connection is; an interface that WAITs wakes it */
};

/* Memory that calls run in, one of it a loop, lent to all associations of that loop. An association
 * takes some of it when a PDU arrives and gives it back when that is dealt with; a call that yields
 * keeps what it has, and the next call gets other memory. So an idle connection owns none. */
struct rpc_scratch;
struct rpc_scratch *rpc_scratch_new(void);
void rpc_scratch_free(struct rpc_scratch *s); /* after all its associations; NULL is fine */

struct rpc_association;

/* What the driver has to do next. */
enum rpc_next {
	RPC_NEXT_READ,   /* give more input when there is some */
	RPC_NEXT_RESUME, /* call rpc_association_resume() after other events; no input meanwhile */
	RPC_NEXT_WAIT,   /* as RESUME, but only once woken; the deadline counts meanwhile (a login
	                    that is slowed   down goes on by rpc_association_timer) */
	RPC_NEXT_CLOSE,  /* send what is in out, then close */
};

/* Never NULL. peer is copied. */
struct rpc_association *rpc_association_new(const struct rpc_service *service,
                                            struct rpc_scratch *scratch,
                                            const struct rpc_peer *peer, uint64_t now_ms);
void *rpc_association_driver(const struct rpc_association *a);
/* Also cancels a call in progress and leaves the group (with rundown when it was the last). NULL is
 * fine. */
void rpc_association_free(struct rpc_association *a);

/* Consumes whole PDUs from data and appends answers to out. *consumed tells how much was taken; the
 * driver keeps the rest and gives it again with more behind it. */
enum rpc_next rpc_association_input(struct rpc_association *a, struct slice data, size_t *consumed,
                                    uint64_t now_ms, struct buffer *out);
enum rpc_next rpc_association_resume(struct rpc_association *a, uint64_t now_ms,
                                     struct buffer *out);

/* When the driver should call rpc_association_timer at the latest (monotonic ms); 0: never. Ask
 * again after each input, resume and timer. After a timer that says READ, input that was kept
 * meanwhile is to be given. */
uint64_t rpc_association_deadline(const struct rpc_association *a);
enum rpc_next rpc_association_timer(struct rpc_association *a, uint64_t now_ms, struct buffer *out);

/* The longest fragment of a request or response. */
#define RPC_MAX_FRAGMENT 5840
/* The longest PDU that binds or authenticates: what a driver must be able to keep for an
 * association. */
#define RPC_MAX_PDU      16384

/* How long the PDU that begins here is: 0 when more bytes are needed to tell, SIZE_MAX when it is
 * none. */
size_t rpc_pdu_size(struct slice data);

/* The budget is for the half-received requests of the process. */
struct rpc_groups *rpc_groups_new(uint64_t max_reassembly_bytes);
void rpc_groups_set_budget(struct rpc_groups *g, uint64_t max_reassembly_bytes);
void rpc_groups_free(struct rpc_groups *g);

/* Standard interfaces. */

/* mgmt (afa8bd80-7d8a-11c9-bef4-08002b102989 v1.0): give it the rpc_service it speaks of as
 * context. */
extern const struct rpc_interface rpc_mgmt_interface;

/* The endpoint mapper: context is a struct rpc_endpoints. */
extern const struct rpc_interface rpc_endpoint_mapper_interface;

struct rpc_endpoints; /* thread-safe */
struct rpc_endpoints *rpc_endpoints_new(void);
void rpc_endpoints_free(struct rpc_endpoints *e);
enum rpc_protseq { RPC_NCACN_IP_TCP = 0x07, RPC_NCACN_HTTP = 0x1F };
/* address "" or a wildcard: the address that the client's request came in on is told. */
void rpc_endpoints_add(struct rpc_endpoints *e, const struct rpc_interface *interface,
                       enum rpc_protseq protseq, const char *address, uint16_t port);

#endif
