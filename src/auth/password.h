#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

/*
 * A login by name and password, as HTTP's Basic brings it with every request. The password is
 * checked against the account's NT hash, else against its yescrypt hash, which takes tens of
 * milliseconds and is left to a thread that may block. What proved right is remembered for some
 * minutes, under a key of the process, and forgotten when the password changes. Wrong passwords
 * slow down as those of NTLM do (auth/auth.h).
 */

#include "auth/auth.h"

struct auth_password;

enum auth_password_status {
	AUTH_PASSWORD_GOOD,
	AUTH_PASSWORD_WRONG,
	AUTH_PASSWORD_LATER, /* check again not before auth_password_wait_ms() have passed */
	AUTH_PASSWORD_HARD,  /* have auth_password_work() done, then check again */
};

/* user may carry its domain ("EXAMPLE\alice", "alice@example.org"). Copies all. */
struct auth_password *auth_password_new(struct auth_service *s, struct slice user,
                                        struct slice password, const char *client_address);
void auth_password_free(struct auth_password *p); /* wipes it; NULL is fine */

enum auth_password_status auth_password_check(struct auth_password *p);
uint32_t auth_password_wait_ms(const struct auth_password *p);
/* On any thread, while nobody else touches p. */
void auth_password_work(struct auth_password *p);

/* Of one that is good; the caller's. */
struct principal *auth_password_principal(const struct auth_password *p);
/* For the log, never for the peer. */
const char *auth_password_failure(const struct auth_password *p);
const char *auth_password_claimed(const struct auth_password *p);

/* The yescrypt hash that accounts keep beside the NT hash, or in its place. ERR_INVALID when the
 * password is no valid UTF-8 or longer than libcrypt takes. */
int auth_crypt_hash(const char *password, char crypt_hash[ACCOUNT_CRYPT_SIZE]);

#endif
