/* NspiBind and NspiUnbind (MS-NSPI 3.1.4.1, 3.1.4.2): the life of a session. */

#include "nspi/viewers-private.h"

static uint32_t open_session(struct nspi_call *call)
{
	const struct session_request request = {
		.principal = call->principal,
		.client = call->client,
		.transport = call->transport,
		.group = call->group,
		.data_size = sizeof(struct known_viewer),
	};

	if (session_open(call->service->sessions, &request, &call->session) != SESSION_GRANTED)
		return MAPI_E_LOGON_FAILED;
	return MAPI_SUCCESS;
}

/* Nothing but the code page of STAT is looked at: real clients send garbage in the rest. */
static uint32_t check_request(const struct nspi_call *call, const struct nspi_bind_in *in)
{
	if (in->flags & NSPI_ANONYMOUS_LOGIN && nspi_rules(call)->anonymous_flag_refused)
		return MAPI_E_NO_SUPPORT;
	if (!codepage_supported(in->stat.codepage))
		return MAPI_E_UNKNOWN_CPID;
	return MAPI_SUCCESS;
}

enum nspi_run nspi_bind(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_bind_in *in = request;
	struct nspi_bind_out *out = answer;

	if (in->stat.codepage == CP_WINUNICODE)
		return nspi_answer(call, MAPI_E_UNKNOWN_CPID);
	uint32_t status = open_session(call);
	if (status)
		return nspi_answer(call, status);
	status = check_request(call, in);
	if (status) {
		session_close(call->session, SESSION_END_UNDONE);
		return nspi_answer(call, status);
	}
	nspi_viewer_remember(call);
	out->handle.id = *session_id(call->session);
	if (in->server_guid)
		out->server_guid = &call->service->server_guid;
	return nspi_answer(call, MAPI_SUCCESS);
}

enum nspi_run nspi_unbind(struct nspi_call *call, const void *request, void *answer)
{
	(void)request;
	(void)answer; /* the handle in it is NULL already */
	if (!call->session || !session_close(call->session, SESSION_END_UNBIND))
		return nspi_answer(call, MAPI_UNBIND_FAILURE);
	return nspi_answer(call, MAPI_UNBIND_SUCCESS);
}
