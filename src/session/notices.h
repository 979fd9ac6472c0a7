#ifndef SESSION_NOTICES_H
#define SESSION_NOTICES_H

/*
 * When something that a peer can repeat is worth a line in the log: the first time at once, then
 * once a minute for each account and kind of event, with how often it happened. Fixed memory. Safe
 * from any thread.
 */

#include "session/events.h"

struct notices;

struct notices *notices_new(void);
void notices_free(struct notices *n);

/* How often an event of that kind happened to key, which names an account or an address, since it
 * was last told, this time included; 0: keep quiet now. */
uint32_t notices_due(struct notices *n, const char *key, const struct event *event,
                     uint64_t now_ms);

/* The last of those whose minute is over, with how many there are to tell; false when there is
 * none. */
bool notices_overdue(struct notices *n, uint64_t now_ms, struct event *out);

#endif
