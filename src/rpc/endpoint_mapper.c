#include "rpc/endpoints.h"

/* The endpoint mapper, from our own table: MS-RPCE 2.2.1.2, 3.1.3.5. Whoever asks may know. */

/* A host's address in a tower is IPv4 or nothing. */
static void local_ipv4(const struct rpc_call *call, uint8_t address[4])
{
	struct address local = call->service->local_address(call->peer->driver);
	memset(address, 0, 4);
	if (address_is_ipv4(&local))
		memcpy(address, local.bytes + sizeof local.bytes - 4, 4);
}

static struct pdu_syntax syntax_of(const struct rpc_interface *i)
{
	return (struct pdu_syntax){
		.uuid = *i->uuid, .major = i->version_major, .minor = i->version_minor};
}

/* false when the arena is full. */
static bool tower_of(const struct rpc_call *call, const struct endpoint *e, struct ept_octets *out)
{
	struct tower t = {.interface = syntax_of(e->interface),
	                  .transfer = pdu_ndr,
	                  .protseq = e->protseq,
	                  .port = e->port};
	if (e->wildcard)
		local_ipv4(call, t.address);
	else
		memcpy(t.address, e->address, sizeof t.address);
	struct buffer octets;
	buffer_init(&octets, TOWER_SIZE);
	tower_write(&t, &octets);
	struct slice copy = arena_slice(call->arena, buffer_slice(&octets));
	buffer_free(&octets);
	*out = (struct ept_octets){.size = (uint32_t)copy.size, .data = copy.data};
	return copy.data != NULL;
}

/* One step of a lookup: where it goes on, what matches, how many at most. */
struct lookup {
	struct rpc_endpoints *endpoints;
	const struct rpc_call *call;
	endpoint_matches *matches;
	const void *query;
	size_t position;
	uint32_t count;
	bool keeps_when_full;
	struct endpoint *found;
};

static bool more_follows(const struct lookup *l)
{
	size_t position = l->position;
	struct endpoint ignored;
	return endpoints_next(l->endpoints, &position, l->matches, l->query, &ignored);
}

/* Fills found with at most max endpoints, and settles the handle and the status of the answer. A
 * lookup whose answer is full is not over, even when nothing follows: its clients ask until none
 * come. */
static uint32_t look(struct lookup *l, uint32_t max, struct ept_handle *h)
{
	uint64_t group = l->call->group;
	if (!endpoints_resume(l->endpoints, group, &h->id, &l->position))
		return EPT_NOT_REGISTERED;
	while (l->count < max && endpoints_next(l->endpoints, &l->position, l->matches, l->query,
	                                        &l->found[l->count]))
		l->count++;
	if (more_follows(l) || (l->keeps_when_full && max > 0 && l->count == max)) {
		endpoints_keep(l->endpoints, group, &h->id, l->position);
		return EPT_OK;
	}
	endpoints_forget(l->endpoints, group, &h->id);
	*h = (struct ept_handle){0};
	return l->count ? EPT_OK : EPT_NOT_REGISTERED;
}

static bool matches_tower(const struct endpoint *e, const void *query)
{
	const struct tower *t = query;
	return guid_equal(e->interface->uuid, &t->interface.uuid) &&
	       e->interface->version_major == t->interface.major &&
	       e->interface->version_minor >= t->interface.minor && e->protseq == t->protseq;
}

static uint32_t fill_map(struct rpc_call *call, struct lookup *l, struct ept_map_out *out)
{
	out->towers = arena_alloc_array(call->arena, l->count, sizeof *out->towers);
	for (uint32_t i = 0; out->towers && i < l->count; i++)
		if (!tower_of(call, &l->found[i], &out->towers[i]))
			return RPC_FAULT_NO_MEMORY;
	out->count = l->count;
	return out->towers ? 0 : RPC_FAULT_NO_MEMORY;
}

static uint32_t run_map(struct rpc_endpoints *e, struct rpc_call *call, const void *arguments,
                        void *answer)
{
	const struct ept_map_in *in = arguments;
	struct ept_map_out *out = answer;
	struct tower wanted;
	out->max = in->max_towers;
	out->status = EPT_NOT_REGISTERED;
	if (!in->tower || !tower_read(slice_of(in->tower->data, in->tower->size), &wanted) ||
	    !pdu_syntax_equal(&wanted.transfer, &pdu_ndr))
		return 0;
	struct lookup l = {
		.endpoints = e, .call = call, .matches = matches_tower, .query = &wanted};
	l.found = arena_alloc_array(call->arena, in->max_towers, sizeof *l.found);
	if (!l.found)
		return RPC_FAULT_NO_MEMORY;
	out->handle = in->handle;
	out->status = look(&l, in->max_towers, &out->handle);
	return fill_map(call, &l, out);
}

enum {
	INQUIRY_ALL = 0,
	INQUIRY_BY_INTERFACE = 1,
	INQUIRY_BY_OBJECT = 2,
	INQUIRY_BY_BOTH = 3,
	VERSION_ALL = 1,
	VERSION_COMPATIBLE = 2,
	VERSION_EXACT = 3,
	VERSION_MAJOR_ONLY = 4,
	VERSION_UP_TO = 5,
};

static bool version_matches(const struct rpc_interface *i, const struct ept_interface *wanted,
                            uint32_t option)
{
	bool same_major = i->version_major == wanted->major;
	switch (option) {
	case VERSION_ALL: return true;
	case VERSION_COMPATIBLE: return same_major && i->version_minor >= wanted->minor;
	case VERSION_EXACT: return same_major && i->version_minor == wanted->minor;
	case VERSION_MAJOR_ONLY: return same_major;
	case VERSION_UP_TO:
		return i->version_major < wanted->major ||
		       (same_major && i->version_minor <= wanted->minor);
	}
	return false;
}

/* Our entries have no object, and such match whatever object is asked for. */
static bool matches_inquiry(const struct endpoint *e, const void *query)
{
	const struct ept_lookup_in *in = query;
	if (in->inquiry != INQUIRY_BY_INTERFACE && in->inquiry != INQUIRY_BY_BOTH)
		return true;
	return in->interface && guid_equal(e->interface->uuid, &in->interface->uuid) &&
	       version_matches(e->interface, in->interface, in->version_option);
}

static uint32_t fill_lookup(struct rpc_call *call, struct lookup *l, struct ept_lookup_out *out)
{
	out->entries = arena_alloc_array(call->arena, l->count, sizeof *out->entries);
	for (uint32_t i = 0; out->entries && i < l->count; i++) {
		struct ept_entry *entry = &out->entries[i];
		entry->annotation = slice_of_string(l->found[i].interface->annotation);
		if (!tower_of(call, &l->found[i], &entry->tower))
			return RPC_FAULT_NO_MEMORY;
	}
	out->count = l->count;
	return out->entries ? 0 : RPC_FAULT_NO_MEMORY;
}

static uint32_t run_lookup(struct rpc_endpoints *e, struct rpc_call *call, const void *arguments,
                           void *answer)
{
	const struct ept_lookup_in *in = arguments;
	struct ept_lookup_out *out = answer;
	out->max = in->max_entries;
	out->status = EPT_CANT_PERFORM;
	if (in->inquiry > INQUIRY_BY_BOTH)
		return 0;
	struct lookup l = {.endpoints = e,
	                   .call = call,
	                   .matches = matches_inquiry,
	                   .query = in,
	                   .keeps_when_full = true};
	l.found = arena_alloc_array(call->arena, in->max_entries, sizeof *l.found);
	if (!l.found)
		return RPC_FAULT_NO_MEMORY;
	out->handle = in->handle;
	out->status = look(&l, in->max_entries, &out->handle);
	return fill_lookup(call, &l, out);
}

static uint32_t run_free(struct rpc_endpoints *e, struct rpc_call *call, const void *arguments,
                         void *answer)
{
	const struct ept_free_in *in = arguments;
	struct ept_free_out *out = answer;
	endpoints_forget(e, call->group, &in->handle.id);
	*out = (struct ept_free_out){.status = EPT_OK};
	return 0;
}

static void nothing(struct ndr *n, void *value)
{
	(void)n;
	(void)value;
}

static void status_only(struct ndr *n, void *value)
{
	ndr_u32(n, value);
}

/* Entries come from the configuration, not from peers. */
static uint32_t run_refused(struct rpc_endpoints *e, struct rpc_call *call, const void *arguments,
                            void *answer)
{
	uint32_t *status = answer;
	(void)e;
	(void)call;
	(void)arguments;
	*status = EPT_CANT_PERFORM;
	return 0;
}

static const struct operation {
	ndr_fn *in, *out;
	size_t in_size, out_size;
	uint32_t (*run)(struct rpc_endpoints *e, struct rpc_call *call, const void *in, void *out);
} operations[] = {
	[EPT_INSERT] = {nothing,       status_only,    1,                            sizeof(uint32_t),           run_refused},
	[EPT_DELETE] = {nothing,       status_only,    1,                            sizeof(uint32_t),           run_refused},
	[EPT_LOOKUP] = {ept_lookup_in, ept_lookup_out, sizeof(struct ept_lookup_in),
                        sizeof(struct ept_lookup_out),							   run_lookup },
	[EPT_MAP] = {ept_map_in,    ept_map_out,    sizeof(struct ept_map_in),    sizeof(struct ept_map_out),
                        run_map											     },
	[EPT_LOOKUP_HANDLE_FREE] = {ept_free_in,   ept_free_out,   sizeof(struct ept_free_in),
                        sizeof(struct ept_free_out),                                                             run_free   },
};

static uint32_t run(struct rpc_endpoints *e, struct rpc_call *call, const struct operation *op)
{
	struct ndr n;
	void *in = arena_alloc(call->arena, op->in_size);
	void *out = arena_alloc(call->arena, op->out_size);
	if (!in || !out)
		return RPC_FAULT_NO_MEMORY;
	ndr_decode_init(&n, call->stub, call->big_endian, call->arena);
	op->in(&n, in);
	if (ndr_failed(&n))
		return n.error == NDR_NO_MEMORY ? RPC_FAULT_NO_MEMORY : RPC_FAULT_BAD_STUB;
	uint32_t fault = op->run(e, call, in, out);
	if (fault)
		return fault;
	ndr_encode_init(&n, call->out);
	op->out(&n, out);
	return ndr_failed(&n) ? RPC_FAULT_NO_MEMORY : 0;
}

static enum rpc_run start(void *context, struct rpc_call *call)
{
	call->fault = run(context, call, &operations[call->opnum]);
	return RPC_DONE;
}

static void rundown(void *context, uint64_t group)
{
	endpoints_forget_group(context, group);
}

static size_t holds(void *context, uint64_t group)
{
	return endpoints_kept(context, group);
}

static const struct guid uuid = {
	{0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0,
         0xfa}
};

const struct rpc_interface rpc_endpoint_mapper_interface = {
	.name = "epmapper",
	.annotation = "",
	.uuid = &uuid,
	.version_major = 3,
	.opnum_count = sizeof operations / sizeof operations[0],
	.start = start,
	.rundown = rundown,
	.holds = holds,
};
