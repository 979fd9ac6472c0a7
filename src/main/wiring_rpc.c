#include "base/clock.h"
#include "main/wiring-private.h"
#include "nspi/nspi_ndr.h"

/* RPC over TCP: net/ <-> rpc/. The association is the state of its connection, which is its driver.
 */

struct address wiring_rpc_local_address(void *driver)
{
	return net_connection_local(driver);
}

static void *open_association(struct net_connection *c, void *context)
{
	const struct listener *l = context;
	const struct rpc_peer peer = {.client = net_connection_peer(c), .driver = c};
	struct rpc_association *a =
		rpc_association_new(&l->service, loop_data_of(c)->rpc, &peer, clock_mono_ms());

	net_connection_set_deadline(c, rpc_association_deadline(a));
	return a;
}

static enum net_next hand_back(struct rpc_association *a, enum rpc_next next)
{
	static const enum net_next nexts[] = {
		[RPC_NEXT_READ] = NET_READ,
		[RPC_NEXT_RESUME] = NET_RESUME,
		[RPC_NEXT_WAIT] = NET_WAIT,
		[RPC_NEXT_CLOSE] = NET_CLOSE,
	};

	net_connection_set_deadline(rpc_association_driver(a), rpc_association_deadline(a));
	return nexts[next];
}

/* One PDU at a time, so that its answer is on its way before the next is looked at: what a client
 * that does not read can make us hold is one answer. */
static enum net_next input(void *state, struct slice data, size_t *consumed, struct buffer *out)
{
	size_t size = rpc_pdu_size(data);

	if (size && size < data.size)
		data.size = size;
	return hand_back(state, rpc_association_input(state, data, consumed, clock_mono_ms(), out));
}

static enum net_next resume(void *state, struct buffer *out)
{
	return hand_back(state, rpc_association_resume(state, clock_mono_ms(), out));
}

static enum net_next timer(void *state, struct buffer *out)
{
	return hand_back(state, rpc_association_timer(state, clock_mono_ms(), out));
}

static void close_association(void *state)
{
	rpc_association_free(state);
}

const struct net_protocol wiring_rpc_over_tcp = {
	.name = "rpc",
	.open = open_association,
	.input = input,
	.resume = resume,
	.timer = timer,
	.close = close_association,
};

/* NSPI over RPC: rpc/ <-> nspi/ */

static enum rpc_run run_of(enum nspi_run run, const struct nspi_call *n, struct rpc_call *call)
{
	static const enum rpc_run runs[] = {
		[NSPI_DONE] = RPC_DONE,
		[NSPI_YIELD] = RPC_YIELD,
		[NSPI_WAIT] = RPC_WAIT,
	};

	if (run == NSPI_DONE)
		call->fault = n->fault;
	return runs[run];
}

static enum rpc_run nspi_start(void *context, struct rpc_call *call)
{
	const struct listener *l = context;
	struct net_connection *c = call->peer->driver;
	struct nspi_call *n = arena_alloc(call->arena, sizeof *n);

	if (!n) {
		call->fault = RPC_FAULT_NO_MEMORY;
		return RPC_DONE;
	}
	*n = (struct nspi_call){
		.service = l->wiring->nspi,
		.snapshot = directory_reader_refresh(&loop_data_of(c)->reader),
		.profile = l->profile,
		.arena = call->arena,
		.principal = call->principal,
		.client = call->peer->client,
		.transport = SESSION_RPC_TCP,
		.group = call->group,
		.waker = wiring_waker(c),
	};
	call->state = n;
	return run_of(nspi_call_start_rpc(n, call->opnum, call->stub, call->big_endian, call->out),
	              n, call);
}

static enum rpc_run nspi_resume(void *context, struct rpc_call *call)
{
	struct nspi_call *n = call->state;

	(void)context;
	return run_of(nspi_call_run(n, call->out), n, call);
}

static void nspi_cancel(void *context, struct rpc_call *call)
{
	(void)context;
	nspi_call_cancel(call->state);
}

static void nspi_group_gone(void *context, uint64_t group)
{
	const struct listener *l = context;

	nspi_rundown(l->wiring->nspi, group);
}

static size_t nspi_group_holds(void *context, uint64_t group)
{
	const struct listener *l = context;

	return nspi_holds(l->wiring->nspi, group);
}

const struct rpc_interface wiring_nspi_over_rpc = {
	.name = "nspi",
	.annotation = "NSPI",
	.uuid = &NSPI_INTERFACE,
	.version_major = NSPI_VERSION_MAJOR,
	.version_minor = NSPI_VERSION_MINOR,
	.opnum_count = NSPI_OPNUM_COUNT,
	.start = nspi_start,
	.resume = nspi_resume,
	.cancel = nspi_cancel,
	.rundown = nspi_group_gone,
	.holds = nspi_group_holds,
};
