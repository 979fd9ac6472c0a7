/* NspiDNToMId (MS-NSPI 3.1.4.13). Address lists have names too; their MIds are container ids. */

#include "base/clock.h"
#include "nspi/nspi-private.h"

enum { NAMES_BETWEEN_LOOKS = 64 }; /* at the clock */

static uint32_t mid_of(const struct view *v, struct slice dn)
{
	if (!dn.size)
		return 0;
	const struct object *o = view_object_by_dn(v, dn);
	if (o)
		return object_mid(o);
	const struct container *c = view_container_by_dn(v, dn);
	return c ? container_id(c) : 0;
}

enum nspi_run nspi_dn_to_mid(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_dn_to_mid_in *in = request;
	struct nspi_dn_to_mid_out *out = answer;
	uint32_t *next = call->state;
	uint64_t deadline = clock_mono_us() + NSPI_SLICE_US;

	if (!next) {
		next = call->state = arena_alloc(call->arena, sizeof *next);
		out->mids = nspi_new_tags(call, in->names.count);
		if (!next || !out->mids)
			return nspi_answer(call, MAPI_E_NOT_ENOUGH_MEMORY);
	}
	while (*next < in->names.count) {
		uint32_t i = (*next)++;

		out->mids->items[i] = mid_of(&call->view, in->names.items[i]);
		if (*next % NAMES_BETWEEN_LOOKS == 0 && clock_mono_us() >= deadline)
			return NSPI_YIELD;
	}
	return nspi_answer(call, MAPI_SUCCESS);
}
