#ifndef STORE_USERS_H
#define STORE_USERS_H

/*
 * Local accounts, groups of accounts and limits set at run time. Account names compare without case
 * (Unicode simple folding) and keep the spelling they were made with. [writer] for all that change
 * something.
 */

#include "directory/view.h"
#include "store/store.h"

#define USER_ENTRY_DN_SIZE 1024

struct user {
	char name[ACCOUNT_NAME_SIZE];
	char entry_dn[USER_ENTRY_DN_SIZE]; /* LDAP DN given with --entry, "" when found by name */
	bool disabled;
	uint64_t created_ms, password_set_ms; /* wall clock */
	size_t group_count;
	char groups[ACCOUNT_MAX_GROUPS][ACCOUNT_NAME_SIZE];
};

/* Names: 1 to 256 bytes of UTF-8 without control characters, '@', '\\', '/', ':', ';', ',', '"',
 * '<', '>', '|'. */
int store_user_add(struct store *s, const char *name, const char *password, const char *entry_dn,
                   struct error *e);
int store_user_passwd(struct store *s, const char *name, const char *password, struct error *e);
int store_user_delete(struct store *s, const char *name, struct error *e);
int store_user_disable(struct store *s, const char *name, bool disabled, struct error *e);
int store_user_get(struct store *s, const char *name, struct user *out, struct error *e);
/* In order of name; visit returns false to stop. */
int store_user_walk(struct store *s, bool (*visit)(void *context, const struct user *u),
                    void *context);

int store_group_add(struct store *s, const char *name, struct error *e);
int store_group_delete(struct store *s, const char *name, struct error *e);
int store_group_member(struct store *s, const char *group, const char *user, bool member,
                       struct error *e);
int store_group_walk(struct store *s,
                     bool (*visit)(void *context, const char *group, const char *const *members,
                                   size_t count),
                     void *context);

/* Limits as nspictl sets them; limits_replace(LIMIT_SET) at start is the caller's. */
int store_limit_set(struct store *s, const struct limit *limit, struct error *e);
int store_limit_clear(struct store *s, enum limit_scope scope, const char *name, struct error *e);
int store_limit_list(struct store *s, struct limit **list, size_t *count,
                     struct error *e); /* free(*list) */

/* Are NT hashes kept? Not while NTLM is switched off: passwords set from then on leave a yescrypt
 * hash alone. true at first. */
void store_set_nt_hashes(struct store *s, bool kept);
/* Drops those of accounts that have a yescrypt hash too; *left: accounts that have none, which keep
 * theirs. [writer] */
int store_drop_nt_hashes(struct store *s, size_t *left, struct error *e);

/* How domain names of clients are taken; none: every name means the local accounts. A name that is
 * not listed means them too, unless some listed one is accepted: then only those are. */
struct store_domain {
	const char *name;
	bool accept;
};
void store_set_domains(struct store *s, const struct store_domain *domains,
                       size_t count); /* copies */

/* For auth/ and session/. Answers from memory, without touching the disk. */
struct account_source store_account_source(struct store *s);

/* Whether an account is in a group, whose name counts without case. */
bool store_is_in_group(const struct account_status *status, const char *group);

/* What an account sees of a snapshot, by the groups that it is in now. */
struct audience store_audience(struct store *s, const struct snapshot *snapshot,
                               const char *account);

#endif
