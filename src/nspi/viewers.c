#include "nspi/viewers-private.h"

#include <stdlib.h>

#include "base/memory.h"
#include "directory/policy.h"

/* Kept with a session, whose calls may come from several loops at once. */
struct known_viewer {
	const char *account; /* of the session's principal */
	uint32_t own_mid;
	_Atomic struct audience audience;
};

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
	struct known_viewer *known = xcalloc(1, sizeof *known);

	known->account = session_principal(call->session)->account;
	known->own_mid = own_entry(call->service, call->snapshot, known->account);
	atomic_store(&known->audience, audience_of(call->service, call->snapshot, known->account));
	session_set_data(call->session, known, free);
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
static struct audience current_audience(const struct nspi_call *call, struct known_viewer *known)
{
	struct audience audience = atomic_load_explicit(&known->audience, memory_order_relaxed);

	if (policy_is_of(call->snapshot, audience))
		return audience;
	audience = audience_of(call->service, call->snapshot, known->account);
	atomic_store_explicit(&known->audience, audience, memory_order_relaxed);
	return audience;
}

void nspi_viewer_look(struct nspi_call *call)
{
	struct known_viewer *known = call->session ? session_data(call->session) : NULL;

	call->viewer = (struct viewer){.account = ""};
	if (known)
		call->viewer = (struct viewer){
			.account = known->account,
			.own_mid = known->own_mid,
			.audience = current_audience(call, known),
		};
	call->view = (struct view){.snapshot = call->snapshot, .viewer = &call->viewer};
}
