#ifndef AUTH_ACCOUNTS_H
#define AUTH_ACCOUNTS_H

/*
 * Where account secrets and states come from: a table of functions that whoever owns accounts (the
 * store) gives to auth/ and session/. Functions are called from any loop, must not block on a disk,
 * and fill what the caller owns.
 */

#include "base/slice.h"

#define ACCOUNT_NAME_SIZE  257 /* bytes with the NUL */
#define ACCOUNT_MAX_GROUPS 64
#define ACCOUNT_CRYPT_SIZE 128 /* of a yescrypt hash as crypt(5) writes it, with the NUL */

struct account_secret {
	char name[ACCOUNT_NAME_SIZE]; /* canonical */
	bool has_nt_hash;
	uint8_t nt_hash[16];                 /* zeros without one; wipe() after use */
	char crypt_hash[ACCOUNT_CRYPT_SIZE]; /* "": none */
	bool disabled;
};

struct account_status {
	bool exists, disabled;
	size_t group_count;
	char groups[ACCOUNT_MAX_GROUPS][ACCOUNT_NAME_SIZE];
};

struct account_source {
	void *context;
	/* By user and domain as the client wrote them (domain may be empty, user may be
	 * "user@domain"). 0 or ERR_NOT_FOUND; also ERR_NOT_FOUND for a domain that is not ours. */
	int (*find)(void *context, struct slice user, struct slice domain,
	            struct account_secret *out);
	/* By canonical name; an account that is gone has exists false. */
	void (*status)(void *context, const char *account, struct account_status *out);
};

#endif
