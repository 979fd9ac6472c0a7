#include "store/users.h"

#include "directory/policy.h"

static bool in_group(void *context, const char *group)
{
	const struct account_status *status = context;

	for (size_t i = 0; i < status->group_count; i++)
		if (strcmp(status->groups[i], group) == 0)
			return true;
	return false;
}

struct audience store_audience(struct store *s, const struct snapshot *snapshot,
                               const char *account)
{
	const struct account_source accounts = store_account_source(s);
	struct account_status status;

	accounts.status(accounts.context, account, &status);
	return policy_audience(snapshot, in_group, &status);
}
