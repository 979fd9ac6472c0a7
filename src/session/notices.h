#ifndef SESSION_NOTICES_H
#define SESSION_NOTICES_H

/*
 * When something that a peer can repeat is worth a line in the log: the first time at once, then
 * once a minute for each account and kind of event, with how often it happened. Fixed memory. Safe
 * from any thread.
 */

#include "session/events.h"

struct notices;

/* What an account held at that moment. */
struct standing {
	uint32_t held, limit;
	uint64_t oldest_age_ms, oldest_idle_ms;
};

struct notice {
	char account[ACCOUNT_NAME_SIZE];
	char client_address[64];  /* of the last time */
	struct standing standing; /* likewise */
	enum event_id id;
	uint64_t told_ms; /* monotonic */
	uint32_t pending; /* times since then */
	bool used;
};

struct notices *notices_new(void);
void notices_free(struct notices *n);

/* How often it happened, this time included, since it was last told; 0: keep quiet now. */
uint32_t notices_due(struct notices *n, enum event_id id, const char *account,
                     const char *client_address, const struct standing *standing, uint64_t now_ms);

/* One whose minute is over and that has something to tell; false when there is none. */
bool notices_overdue(struct notices *n, uint64_t now_ms, struct notice *out);

#endif
