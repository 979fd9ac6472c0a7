#include "nspi/changes-private.h"

#include <stdlib.h>

#include "base/memory.h"

/* Between a call, on its loop, and the writer, on its own thread: whoever is the last frees it. */
struct nspi_wait {
	_Atomic unsigned holders;
	_Atomic bool over;
	int err; /* once it is over */
	struct nspi_waker waker;
};

void nspi_wait_abandon(struct nspi_wait *w)
{
	if (w && atomic_fetch_sub_explicit(&w->holders, 1, memory_order_acq_rel) == 1)
		free(w);
}

static void change_done(void *context, int err)
{
	struct nspi_wait *w = context;

	w->err = err;
	atomic_store_explicit(&w->over, true, memory_order_release);
	w->waker.wake(w->waker.owner, w->waker.whose);
	nspi_wait_abandon(w);
}

struct change *nspi_change_new(struct nspi_call *call, uint32_t mid)
{
	const struct nspi_writing *writing = &call->service->writing;
	const struct viewer *viewer = call->view.viewer;
	char client[ADDRESS_TEXT_SIZE];
	struct change *c = change_new(viewer, address_text(call->client, client), mid);

	if (c && writing->is_administrator)
		c->administrator = writing->is_administrator(writing->context, viewer->account);
	return c;
}

static int submit(struct nspi_call *call, struct change *c)
{
	const struct nspi_writing *writing = &call->service->writing;
	struct nspi_wait *w = xcalloc(1, sizeof *w);

	w->holders = 2;
	w->waker = call->waker;
	c->done = change_done;
	c->context = w;
	int err = writing->submit(writing->context, c);
	if (err)
		free(w);
	else
		call->wait = w;
	return err;
}

enum nspi_run nspi_change_submit(struct nspi_call *call, struct change *c)
{
	const struct nspi_writing *writing = &call->service->writing;
	uint32_t status = MAPI_SUCCESS;

	if (c->edit_count == 0)
		goto out;
	status = MAPI_E_NO_ACCESS;
	if (!writing->submit || !change_right(c, writing->rights, call->snapshot))
		goto out;
	status = MAPI_E_NOT_ENOUGH_RESOURCES;
	if (submit(call, c))
		goto out;
	return NSPI_WAIT;
out:
	change_free(c);
	return nspi_answer(call, status);
}

enum nspi_run nspi_change_outcome(struct nspi_call *call)
{
	const struct nspi_wait *w = call->wait;

	if (!atomic_load_explicit(&w->over, memory_order_acquire))
		return NSPI_WAIT;
	/* Whatever it is that did not work, clients are told AccessDenied (MS-NSPI 3.1.4.14). */
	return nspi_answer(call, w->err ? MAPI_E_NO_ACCESS : MAPI_SUCCESS);
}
