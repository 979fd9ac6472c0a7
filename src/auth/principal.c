#include "auth/principal.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* One allocation: the public part first, so that a pointer to it is a pointer to all of it. */
struct counted_principal {
	struct principal public;
	_Atomic uint32_t references;
	char text[]; /* account, NUL, workstation, NUL */
};

static const struct principal nobody = {
	.account = "",
	.mechanism = "none",
	.workstation = "",
};

struct principal *principal_new(const char *account, const char *mechanism, const char *workstation,
                                bool authenticated)
{
	size_t account_size = strlen(account) + 1;
	size_t workstation_size = strlen(workstation) + 1;
	struct counted_principal *p = xmalloc(sizeof *p + account_size + workstation_size);
	memcpy(p->text, account, account_size);
	memcpy(p->text + account_size, workstation, workstation_size);
	p->public = (struct principal){
		.account = p->text,
		.authenticated = authenticated,
		.mechanism = mechanism,
		.workstation = p->text + account_size,
	};
	atomic_init(&p->references, 1);
	return &p->public;
}

/* Whoever holds a principal sees it const; only the count behind it changes. */
static struct counted_principal *counted(const struct principal *p)
{
	return (struct counted_principal *)(uintptr_t)p;
}

struct principal *principal_ref(const struct principal *p)
{
	if (p != &nobody)
		atomic_fetch_add_explicit(&counted(p)->references, 1, memory_order_relaxed);
	return &counted(p)->public;
}

void principal_unref(const struct principal *p)
{
	if (!p || p == &nobody)
		return;
	if (atomic_fetch_sub_explicit(&counted(p)->references, 1, memory_order_acq_rel) == 1)
		free(counted(p));
}

const struct principal *principal_nobody(void)
{
	return &nobody;
}
