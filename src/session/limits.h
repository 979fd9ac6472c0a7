#ifndef SESSION_LIMITS_H
#define SESSION_LIMITS_H

/*
 * How many sessions an account may hold: what was set for the account, over the highest of its
 * groups, over the default; what an operator set at run time over what the configuration file says.
 * A limit whose `until` has passed is not there. Safe from any thread; a change is in force for the
 * next session_open().
 */

#include "auth/accounts.h"
#include "base/error.h"

#define LIMIT_UNLIMITED UINT32_MAX

enum limit_scope { LIMIT_DEFAULT, LIMIT_GROUP, LIMIT_ACCOUNT };
enum limit_origin {
	LIMIT_BUILT_IN,
	LIMIT_CONFIGURED,
	LIMIT_SET /* by nspictl, kept in the store */
};

struct limit {
	enum limit_scope scope;
	enum limit_origin origin;
	char name[ACCOUNT_NAME_SIZE]; /* account or group; "" for the default */
	uint32_t sessions;            /* 0: nobody may; LIMIT_UNLIMITED */
	char reason[256];
	char where[128];    /* "file:line" when the configuration says it, "" otherwise */
	uint64_t until_ms;  /* wall clock; 0: for ever */
	uint64_t review_ms; /* wall clock; 0: never */
	uint64_t set_ms;    /* wall clock; 0: from the file */
};

struct limits;

struct limits *limits_new(void);
void limits_free(struct limits *l);

/* Replaces all of one origin at once: LIMIT_CONFIGURED on (re)load, LIMIT_SET when the store is
 * read. */
void limits_replace(struct limits *l, enum limit_origin origin, const struct limit *list,
                    size_t count);
void limits_set_policy(struct limits *l, bool audit_only, uint32_t warn_percent);

/* One that an operator sets or takes back (the caller keeps it in the store first). */
void limits_set(struct limits *l, const struct limit *limit);
bool limits_clear(struct limits *l, enum limit_scope scope, const char *name);

/* The one in force for an account with these groups, with where it comes from. */
void limits_effective(struct limits *l, const char *account, const struct account_status *status,
                      uint64_t now_wall_ms, struct limit *out);

/* Copies of all; returns the count, *list is the caller's (free). */
size_t limits_list(struct limits *l, struct limit **list);

bool limits_audit_only(struct limits *l);
uint32_t limits_warn_percent(struct limits *l);

/* "50", "unlimited"; false with a reason in e otherwise. */
int limit_parse_sessions(const char *text, uint32_t *sessions, struct error *e);

#endif
