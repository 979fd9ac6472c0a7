/* NspiResolveNames and NspiResolveNamesW (MS-NSPI 3.1.4.18, 3.1.4.19): names that people type. */

#include "base/clock.h"
#include "mapi/tags.h"
#include "nspi/position-private.h"
#include "nspi/rows-private.h"
#include "nspi/strings-private.h"

struct progress {
	const struct container *container;
	uint32_t next;     /* name to resolve */
	struct slice name; /* in UTF-8, while it is resolved; data is NULL before */
	struct resolving resolving;
	uint32_t *resolved; /* MIds of the entries found */
	uint32_t resolved_count;
	struct nspi_rows rows;
};

static uint32_t check(const struct nspi_call *call, const struct nspi_resolve_names_in *in,
                      bool string8)
{
	if (in->stat.codepage == CP_WINUNICODE)
		return MAPI_E_UNKNOWN_CPID;
	if (in->reserved && nspi_rules(call)->reserved_must_be_zero)
		return MAPI_E_CALL_FAILED;
	if (!nspi_container(call, &in->stat))
		return MAPI_E_INVALID_BOOKMARK;
	if (string8 && !codepage_supported(in->stat.codepage))
		return MAPI_E_UNKNOWN_CPID;
	return MAPI_SUCCESS;
}

static uint32_t start(struct nspi_call *call, const struct nspi_resolve_names_in *in, bool string8,
                      struct nspi_resolve_names_out *out, struct progress *p)
{
	uint32_t status = check(call, in, string8);

	if (status)
		return status;
	p->container = nspi_container(call, &in->stat);
	p->resolved = arena_alloc_array(call->arena, in->names.count, sizeof *p->resolved);
	out->mids = nspi_new_tags(call, in->names.count);
	if (!p->resolved || !out->mids)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	return nspi_rows_start(call, &p->rows, in->tags, in->stat.codepage, 0);
}

/* Some of the way with the next name, or all of it: then there is a code for it, not the MId of
 * what was found (MS-NSPI 2.2.9). */
static bool resolve(struct nspi_call *call, struct progress *p,
                    const struct nspi_resolve_names_in *in, mapi_tag form, uint32_t *code)
{
	uint32_t mid = 0;

	if (!p->name.data)
		p->name = nspi_string_from_client(call, form, in->names.items[p->next],
		                                  in->stat.codepage);
	if (!p->name.data)
		return false;
	if (p->name.size && view_resolve_some(&call->view, p->container, p->name, &p->resolving))
		return true;
	*code = view_resolved(&p->resolving, &mid);
	if (*code == ANR_RESOLVED)
		p->resolved[p->resolved_count++] = mid;
	p->next++;
	p->name = slice_of(NULL, 0);
	p->resolving = (struct resolving){0};
	return true;
}

/* A slice begins at the first look at the clock. */
static bool is_over(uint64_t *end)
{
	uint64_t now = clock_mono_us();

	if (!*end)
		*end = now + NSPI_SLICE_US;
	return now >= *end;
}

/* As far as one slice reaches; false to go on later. */
static bool resolve_some(struct nspi_call *call, const struct nspi_resolve_names_in *in,
                         bool string8, struct nspi_resolve_names_out *out, uint32_t *status)
{
	enum { NAMES_BETWEEN_LOOKS = 16 };
	struct progress *p = call->state;
	mapi_tag form = string8 ? PT_STRING8 : PT_UNICODE;
	uint64_t end = 0;

	*status = MAPI_SUCCESS;
	while (p->next < in->names.count) {
		if (!resolve(call, p, in, form, &out->mids->items[p->next])) {
			*status = MAPI_E_NOT_ENOUGH_MEMORY;
			return true;
		}
		bool look = p->name.data || p->next % NAMES_BETWEEN_LOOKS == 0;
		if (look && p->next < in->names.count && is_over(&end))
			return false;
	}
	return true;
}

static enum nspi_run run(struct nspi_call *call, const struct nspi_resolve_names_in *in,
                         bool string8, struct nspi_resolve_names_out *out)
{
	struct progress *p = call->state;
	uint32_t status = MAPI_SUCCESS;

	if (!p) {
		p = call->state = arena_alloc(call->arena, sizeof *p);
		status = p ? start(call, in, string8, out, p) : MAPI_E_NOT_ENOUGH_MEMORY;
	}
	if (!status && !resolve_some(call, in, string8, out, &status))
		return NSPI_YIELD;
	if (status)
		return nspi_answer(call, status);
	p->rows.all = true;
	p->rows.mids = p->resolved;
	p->rows.count = p->resolved_count;
	if (!nspi_rows_run(&p->rows, &status))
		return NSPI_YIELD;
	out->rows = p->rows.rows;
	out->columns = p->rows.tags;
	return nspi_answer(call, status);
}

enum nspi_run nspi_resolve_names(struct nspi_call *call, const void *request, void *answer)
{
	return run(call, request, true, answer);
}

enum nspi_run nspi_resolve_names_w(struct nspi_call *call, const void *request, void *answer)
{
	return run(call, request, false, answer);
}
