#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

/*
 * Counters and gauges of the process: atomic, relaxed, read by the control socket and metrics.
 * The names stand in counters.c beside their help texts; add a row in both places.
 */

#include <stdatomic.h>
#include <stdint.h>

enum counter {
	COUNTER_CONNECTIONS_ACCEPTED,
	COUNTER_CONNECTIONS_REFUSED, /* a limit on connections */
	COUNTER_CONNECTIONS_OPEN,    /* gauge */
	COUNTER_CONNECTIONS_TIMED_OUT,
	COUNTER_CONNECTIONS_OVER_BUDGET, /* closed: what all of them hold has a limit */
	COUNTER_BYTES_IN,
	COUNTER_BYTES_OUT,
	COUNTER_PDUS_IN,
	COUNTER_PDUS_OUT,
	COUNTER_PDUS_MALFORMED,
	COUNTER_FAULTS_SENT,
	COUNTER_HTTP_REQUESTS,
	COUNTER_HTTP_MALFORMED,
	COUNTER_REASSEMBLY_BYTES, /* gauge: half-received requests */
	COUNTER_REASSEMBLY_REFUSED,
	COUNTER_CALLS,
	COUNTER_CALLS_YIELDED,
	COUNTER_LOGINS,
	COUNTER_LOGINS_FAILED,
	COUNTER_SESSIONS_OPEN, /* gauge */
	COUNTER_SESSIONS_OPENED,
	COUNTER_SESSIONS_REFUSED,
	COUNTER_SESSIONS_RUNDOWN, /* ended because the client had gone */
	COUNTER_SESSIONS_ENDED_BY_OPERATOR,
	COUNTER_ANR,
	COUNTER_BROWSES,
	COUNTER_MATCHES,
	COUNTER_PROPERTY_READS,
	COUNTER_CHANGES,
	COUNTER_CHANGES_FAILED,
	COUNTER_COUNT,
};

extern _Atomic uint64_t counters[COUNTER_COUNT];

static inline void counter_add(enum counter c, int64_t n)
{
	atomic_fetch_add_explicit(&counters[c], (uint64_t)n, memory_order_relaxed);
}

static inline uint64_t counter_read(enum counter c)
{
	return atomic_load_explicit(&counters[c], memory_order_relaxed);
}

const char *counter_name(enum counter c); /* "sessions_open" */
const char *counter_help(enum counter c); /* one sentence */

#endif
