/* The referral interface: rpc/ <-> rfr/ */

#include <stdlib.h>

#include "base/memory.h"
#include "main/wiring-private.h"
#include "rfr/rfr_ndr.h"

/* Names of servers are for those who may read the book. */
static bool may_ask(const struct wiring *w, const struct principal *p)
{
	return p->authenticated || w->anybody_reads;
}

static enum rpc_run start(void *context, struct rpc_call *call)
{
	struct wiring *w = context;

	if (may_ask(w, call->principal))
		call->fault = rfr_call(w->rfr, call->opnum, call->stub, call->big_endian,
		                       call->arena, call->out);
	else
		call->fault = RPC_FAULT_ACCESS_DENIED;
	return RPC_DONE;
}

const struct rpc_interface wiring_rfr_over_rpc = {
	.name = "rfr",
	.annotation = "Address Book Referral",
	.uuid = &RFR_INTERFACE,
	.version_major = RFR_VERSION_MAJOR,
	.version_minor = RFR_VERSION_MINOR,
	.opnum_count = RFR_OPNUM_COUNT,
	.start = start,
};

static struct rfr_config config_of(const struct conf *c, struct rfr_server *servers)
{
	for (size_t i = 0; i < c->referral_count; i++)
		servers[i] = (struct rfr_server){c->referrals[i].name, c->referrals[i].weight};
	return (struct rfr_config){
		.dns_name = c->dns_name,
		.netbios_name = c->netbios_name,
		.servers = servers,
		.server_count = c->referral_count,
		.address_book_url = c->address_book_url,
		.mailbox_url = c->mailbox_url,
	};
}

void wiring_rfr_configure(struct wiring *w, const struct conf *c)
{
	struct rfr_server *servers = xcalloc(c->referral_count + 1, sizeof *servers);
	const struct rfr_config config = config_of(c, servers);

	w->anybody_reads = c->anonymous == ANONYMOUS_READ;
	if (w->rfr)
		rfr_configure(w->rfr, &config);
	else
		w->rfr = rfr_new(&config);
	free(servers);
}
