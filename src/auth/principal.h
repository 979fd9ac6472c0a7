#ifndef AUTH_PRINCIPAL_H
#define AUTH_PRINCIPAL_H

/*
 * Who a security context proved to be. Immutable, reference counted, safe from any thread.
 * A caller without authentication has a principal too: one with `authenticated` false.
 */

#include <stdbool.h>
#include <stddef.h>

struct principal {
	const char *
		account; /* canonical name, the key of sessions and limits; "" when there is none */
	bool authenticated;    /* proved by a password or ticket; false for anonymous NTLM and for
	                          nobody */
	const char *mechanism; /* "ntlm", "basic", "anonymous", "none": static text for listings */
	const char *workstation; /* as the client says, "" when it does not; not to be believed */
};

struct principal *principal_new(const char *account, const char *mechanism, const char *workstation,
                                bool authenticated);
struct principal *principal_ref(const struct principal *p);
void principal_unref(const struct principal *p); /* NULL is fine */

/* The one of callers that did not authenticate. Not counted; ref and unref are fine. */
const struct principal *principal_nobody(void);

#endif
