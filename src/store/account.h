#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

/* One account: its name and how names compare, its secret, its groups; and how it is written down.
 */

#include "auth/accounts.h"
#include "base/buffer.h"
#include "base/error.h"
#include "store/users.h"

/* Folding a name may lengthen it, by half at most (U+023A is 2 bytes, U+2C65 is 3). */
#define NAME_KEY_SIZE (ACCOUNT_NAME_SIZE * 3 / 2)

struct name_key {
	size_t size;
	uint8_t bytes[NAME_KEY_SIZE];
};

/* Simple case folding of a valid account or group name; ERR_INVALID with a reason otherwise. */
int name_key(struct slice name, struct name_key *key, struct error *e);

static inline struct slice name_key_slice(const struct name_key *key)
{
	return slice_of(key->bytes, key->size);
}

struct account {
	struct name_key key;
	char *name, *entry_dn;
	bool has_nt_hash; /* none is kept while NTLM is switched off */
	uint8_t nt_hash[16];
	char crypt_hash[ACCOUNT_CRYPT_SIZE]; /* "" of accounts made before there were any */
	bool disabled;
	uint64_t created_ms, password_set_ms;
	size_t group_count;
	char **groups;
};

/* The name was checked by name_key(). */
struct account *account_new(const char *name, const char *entry_dn);
struct account *account_clone(const struct account *a);
void account_free(struct account *a); /* wipes the secret; NULL is fine */
/* Groups by their name as the group was made, which is unique. */
bool account_in_group(const struct account *a, const char *group);
int account_join(struct account *a, const char *group, struct error *e);
void account_leave(struct account *a, const char *group);

void account_encode(const struct account *a, struct buffer *out);
struct account *account_decode(struct slice record); /* NULL when it is damaged */

#endif
