#include "store/users.h"

#include "directory/policy.h"
#include "store/account.h"

static bool same_name(const char *a, const struct name_key *b)
{
	struct name_key key;

	return name_key(slice_of_string(a), &key, NULL) == 0 &&
	       slice_equal(name_key_slice(&key), name_key_slice(b));
}

bool store_is_in_group(const struct account_status *status, const char *group)
{
	struct name_key key;

	if (name_key(slice_of_string(group), &key, NULL))
		return false;
	for (size_t i = 0; i < status->group_count; i++)
		if (same_name(status->groups[i], &key))
			return true;
	return false;
}

static bool in_group(void *context, const char *group)
{
	return store_is_in_group(context, group);
}

struct audience store_audience(struct store *s, const struct snapshot *snapshot,
                               const char *account)
{
	const struct account_source accounts = store_account_source(s);
	struct account_status status;

	accounts.status(accounts.context, account, &status);
	return policy_audience(snapshot, in_group, &status);
}
