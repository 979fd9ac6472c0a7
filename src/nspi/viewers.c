#include "nspi/viewers-private.h"

#include "directory/policy.h"

static bool in_no_group(void *context, const char *group)
{
	(void)context;
	(void)group;
	return false;
}

static struct audience audience_of(const struct nspi_service *s, const struct snapshot *snapshot,
                                   const char *account)
{
	if (*account && s->audience_of)
		return s->audience_of(s->audience_of_context, snapshot, account);
	return policy_audience(snapshot, in_no_group, NULL);
}

/* An account's entry is its own whether or not it may see it. */
static uint32_t own_entry(const struct nspi_service *s, const struct snapshot *snapshot,
                          const char *account)
{
	const struct view everything = {.snapshot = snapshot};
	uint32_t mid = 0;

	if (*account && s->entry_of)
		mid = s->entry_of(s->entry_of_context, &everything, account);
	if (*account && !mid)
		mid = view_entry_of_account(&everything, account);
	return mid;
}

void nspi_viewer_remember(struct nspi_call *call)
{
	struct known_viewer *known = session_data(call->session);
	const char *account = session_principal(call->session)->account;

	known->own_mid = own_entry(call->service, call->snapshot, account);
	atomic_store(&known->audience, audience_of(call->service, call->snapshot, account));
}

struct viewer nspi_viewer_of(const struct nspi_service *s, const struct snapshot *snapshot,
                             const char *account)
{
	return (struct viewer){
		.account = account,
		.own_mid = own_entry(s, snapshot, account),
		.audience = audience_of(s, snapshot, account),
	};
}

/* The audience by the snapshot's policy, which may be another one than in the call before. */
static struct audience current_audience(const struct nspi_call *call, const char *account,
                                        struct known_viewer *known)
{
	struct audience audience = atomic_load_explicit(&known->audience, memory_order_relaxed);

	if (policy_is_of(call->snapshot, audience))
		return audience;
	audience = audience_of(call->service, call->snapshot, account);
	atomic_store_explicit(&known->audience, audience, memory_order_relaxed);
	return audience;
}

void nspi_viewer_look(struct nspi_call *call)
{
	call->viewer = (struct viewer){.account = ""};
	call->view = (struct view){.snapshot = call->snapshot, .viewer = &call->viewer};
	if (!call->session)
		return;
	struct known_viewer *known = session_data(call->session);
	const char *account = session_principal(call->session)->account;
	call->viewer = (struct viewer){
		.account = account,
		.own_mid = known->own_mid,
		.audience = current_audience(call, account, known),
	};
}
