#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "rpc/association-private.h"

static const struct login_refusal refusals[] = {
	[LOGIN_BAD_LEVEL] = {NAK_NOT_SPECIFIED, RPC_FAULT_ACCESS_DENIED, RPC_FAULT_PROTO_ERROR  },
	[LOGIN_BAD_TYPE] = {NAK_AUTH_TYPE,     RPC_FAULT_ACCESS_DENIED, RPC_FAULT_PROTO_ERROR  },
	[LOGIN_FAILED] = {NAK_CHECKSUM,      RPC_FAULT_SEC_PKG,       RPC_FAULT_SEC_PKG      },
	[LOGIN_FINISHED_BEFORE] = {NAK_PROTOCOL,      RPC_FAULT_ACCESS_DENIED, RPC_FAULT_PROTO_ERROR  },
	[LOGIN_LEVEL_CHANGED] = {NAK_PROTOCOL,      RPC_FAULT_ACCESS_DENIED, RPC_FAULT_ACCESS_DENIED},
	[LOGIN_TYPE_CHANGED] = {NAK_PROTOCOL,      RPC_FAULT_SEC_PKG,       RPC_FAULT_SEC_PKG      },
	[LOGIN_UNKNOWN] = {NAK_PROTOCOL,      RPC_FAULT_PROTO_ERROR,   RPC_FAULT_PROTO_ERROR  },
	[LOGIN_LIMIT] = {NAK_PROTOCOL,      RPC_FAULT_PROTO_ERROR,   RPC_FAULT_PROTO_ERROR  },
};

const struct login_refusal *rpc_login_refusal(enum login how)
{
	return &refusals[how];
}

struct security *rpc_security_find(struct rpc_association *a, uint32_t id)
{
	for (size_t i = 0; i < a->security_count; i++)
		if (a->securities[i].id == id)
			return &a->securities[i];
	return NULL;
}

const struct principal *rpc_security_principal(const struct rpc_association *a, int16_t index)
{
	return index == NO_SECURITY ? principal_nobody()
	                            : auth_principal(a->securities[index].auth);
}

enum auth_level rpc_security_level(const struct rpc_association *a, int16_t index)
{
	return index == NO_SECURITY ? AUTH_LEVEL_NONE : a->securities[index].level;
}

void rpc_securities_free(struct rpc_association *a)
{
	for (size_t i = 0; i < a->security_count; i++)
		auth_context_free(a->securities[i].auth);
	if (a->securities != &a->first_security)
		free(a->securities);
}

/* From the first on, room is made at powers of two. */
static void make_room(struct rpc_association *a)
{
	size_t count = a->security_count;
	if (count == 0 || (count & (count - 1)) != 0)
		return;
	a->securities =
		xrealloc_array(count == 1 ? NULL : a->securities, count * 2, sizeof *a->securities);
	if (count == 1)
		a->securities[0] = a->first_security;
}

static void add_security(struct rpc_association *a, struct security s, uint64_t now_ms)
{
	make_room(a);
	a->securities[a->security_count++] = s;
	if (a->unfinished_logins++ == 0)
		a->login_since_ms = now_ms;
}

/* The order of the checks is what the raw-protocol tests tell apart. */
static enum login start(struct rpc_association *a, const struct pdu_auth *auth, uint64_t now_ms)
{
	enum { LEVEL_CALL = 3 };
	if (auth->level < AUTH_LEVEL_CONNECT || auth->level > AUTH_LEVEL_PRIVACY)
		return LOGIN_BAD_LEVEL;
	if (!auth_type_offered(a->service->auth, auth->type))
		return LOGIN_BAD_TYPE;
	if (auth->level == LEVEL_CALL)
		return LOGIN_FAILED;
	if (a->security_count >= MAX_SECURITY_CONTEXTS ||
	    a->unfinished_logins >= MAX_UNFINISHED_LOGINS)
		return LOGIN_LIMIT;
	char client[ADDRESS_TEXT_SIZE];
	struct auth_context *c = auth_accept_new(a->service->auth, auth->type, auth->level,
	                                         rpc_client_text(a, client));
	struct security s = {.auth = c,
	                     .id = auth->context_id,
	                     .type = auth->type,
	                     .level = auth->level,
	                     .state = SECURITY_STARTED};
	add_security(a, s, now_ms);
	return LOGIN_GOES_ON;
}

static enum login may_continue(const struct security *s, const struct pdu_auth *auth)
{
	if (s->state != SECURITY_STARTED)
		return LOGIN_FINISHED_BEFORE;
	if (s->level != auth->level)
		return LOGIN_LEVEL_CHANGED;
	return s->type == auth->type ? LOGIN_GOES_ON : LOGIN_TYPE_CHANGED;
}

/* Requests without a trailer speak for the newest context of level connect, until one of them was
 * named in a trailer (MS-RPCE 3.3.1.5.4 and the raw-protocol tests). */
static void finish(struct rpc_association *a, int16_t index)
{
	char client[ADDRESS_TEXT_SIZE];
	struct security *s = &a->securities[index];
	s->state = SECURITY_READY;
	a->unfinished_logins--;
	if (s->level == AUTH_LEVEL_CONNECT && !a->explicit_connect)
		a->implied = index;
	const struct principal *p = auth_principal(s->auth);
	log_debug("login account=%s mechanism=%s level=%u client=%s", p->account, p->mechanism,
	          (unsigned)s->level, rpc_client_text(a, client));
}

static void fail(struct rpc_association *a, int16_t index)
{
	char client[ADDRESS_TEXT_SIZE];
	struct security *s = &a->securities[index];
	s->state = SECURITY_FAILED;
	a->unfinished_logins--;
	log_debug("login failed account=%s reason=\"%s\" client=%s", auth_claimed_account(s->auth),
	          auth_failure(s->auth), rpc_client_text(a, client));
}

/* auth3 has no answer: a provider that still has something to say has not finished. */
static enum login settle(struct rpc_association *a, struct rpc_work *w, enum auth_status status)
{
	bool last_word = w->answer_type == 0;
	switch (status) {
	case AUTH_WAIT: return LOGIN_WAITS;
	case AUTH_CONTINUE:
		if (!last_word)
			return LOGIN_GOES_ON;
		break;
	case AUTH_COMPLETE:
		if (last_word && w->token.size > 0)
			break;
		finish(a, w->login);
		return LOGIN_GOES_ON;
	case AUTH_FAILED: break;
	}
	fail(a, w->login);
	return LOGIN_FAILED;
}

enum login rpc_login(struct rpc_association *a, struct incoming *in, bool may_start)
{
	struct security *s = rpc_security_find(a, in->auth.context_id);
	enum login how = s         ? may_continue(s, &in->auth)
	               : may_start ? start(a, &in->auth, in->now_ms)
	                           : LOGIN_UNKNOWN;
	if (how != LOGIN_GOES_ON)
		return how;
	if (!s)
		s = &a->securities[a->security_count - 1];
	in->work->login = (int16_t)(s - a->securities);
	return settle(a, in->work, auth_accept_step(s->auth, in->auth.token, &in->work->token));
}

enum login rpc_login_go_on(struct rpc_association *a, struct rpc_work *w)
{
	return settle(a, w, auth_accept_resume(a->securities[w->login].auth, &w->token));
}
