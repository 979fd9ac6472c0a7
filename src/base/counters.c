#include "base/counters.h"

_Atomic uint64_t counters[COUNTER_COUNT];

/* clang-format off */
static const struct {
	const char *name, *help;
} texts[COUNTER_COUNT] = {
	[COUNTER_CONNECTIONS_ACCEPTED] = { "connections_accepted",
		"Connections accepted." },
	[COUNTER_CONNECTIONS_REFUSED] = { "connections_refused",
		"Connections closed at once because of a limit on connections." },
	[COUNTER_CONNECTIONS_OPEN] = { "connections_open",
		"Connections open now." },
	[COUNTER_CONNECTIONS_TIMED_OUT] = { "connections_timed_out",
		"Connections closed because the client was silent or did not read." },
	[COUNTER_CONNECTIONS_OVER_BUDGET] = { "connections_over_budget",
		"Connections closed because all of them together hold too much unread input or output." },
	[COUNTER_BYTES_IN] = { "bytes_in",
		"Bytes received." },
	[COUNTER_BYTES_OUT] = { "bytes_out",
		"Bytes sent." },
	[COUNTER_PDUS_IN] = { "pdus_in",
		"RPC PDUs received." },
	[COUNTER_PDUS_OUT] = { "pdus_out",
		"RPC PDUs sent." },
	[COUNTER_PDUS_MALFORMED] = { "pdus_malformed",
		"Connections ended by a malformed RPC PDU." },
	[COUNTER_FAULTS_SENT] = { "faults_sent",
		"RPC faults sent." },
	[COUNTER_HTTP_REQUESTS] = { "http_requests",
		"HTTP requests received." },
	[COUNTER_HTTP_MALFORMED] = { "http_malformed",
		"Connections ended by a malformed HTTP request." },
	[COUNTER_REASSEMBLY_BYTES] = { "reassembly_bytes",
		"Bytes of half-received requests held now." },
	[COUNTER_REASSEMBLY_REFUSED] = { "reassembly_refused",
		"Requests refused because half-received ones filled their budget." },
	[COUNTER_CALLS] = { "calls",
		"Address book operations run." },
	[COUNTER_CALLS_YIELDED] = { "calls_yielded",
		"Times that a long operation let other clients go first." },
	[COUNTER_LOGINS] = { "logins",
		"Successful authentications." },
	[COUNTER_LOGINS_FAILED] = { "logins_failed",
		"Failed authentications." },
	[COUNTER_SESSIONS_OPEN] = { "sessions_open",
		"Sessions open now." },
	[COUNTER_SESSIONS_OPENED] = { "sessions_opened",
		"Sessions granted." },
	[COUNTER_SESSIONS_REFUSED] = { "sessions_refused",
		"Sessions refused." },
	[COUNTER_SESSIONS_RUNDOWN] = { "sessions_rundown",
		"Sessions ended because their client had gone without NspiUnbind." },
	[COUNTER_SESSIONS_ENDED_BY_OPERATOR] = { "sessions_ended_by_operator",
		"Sessions ended by an operator." },
	[COUNTER_ANR] = { "anr",
		"Names resolved or looked for by ambiguous name resolution." },
	[COUNTER_BROWSES] = { "browses",
		"Browse operations (QueryRows, UpdateStat, SeekEntries)." },
	[COUNTER_MATCHES] = { "matches",
		"Find operations (GetMatches)." },
	[COUNTER_PROPERTY_READS] = { "property_reads",
		"Property reads (GetProps, GetPropList)." },
	[COUNTER_CHANGES] = { "changes",
		"Changes of entries made by clients." },
	[COUNTER_CHANGES_FAILED] = { "changes_failed",
		"Changes by clients that could not be written." },
};
/* clang-format on */

const char *counter_name(enum counter c)
{
	return texts[c].name;
}

const char *counter_help(enum counter c)
{
	return texts[c].help;
}
