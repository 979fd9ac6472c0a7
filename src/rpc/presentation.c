#include <stdlib.h>

#include "base/memory.h"
#include "rpc/association-private.h"

/* MS-RPCE 3.3.1.5.3: the uuid's first half names feature negotiation, its second half is a mask of
 * features. */
enum { FEATURES_PREFIX = 8 };
static const uint8_t features_uuid[FEATURES_PREFIX] = {0x2c, 0x1c, 0xb7, 0x6c,
                                                       0x12, 0x98, 0x40, 0x45};

/* SecurityContextMultiplexing and KeepConnectionOnOrphan. */
enum { FEATURES_OFFERED = 0x03 };

static bool is_feature_negotiation(const struct pdu_context *c)
{
	const struct pdu_syntax *s = &c->transfers[0];
	return memcmp(s->uuid.bytes, features_uuid, FEATURES_PREFIX) == 0 && s->major == 1 &&
	       s->minor == 0;
}

bool rpc_contexts_valid(const struct pdu_bind *b)
{
	unsigned negotiations = 0;
	for (size_t i = 0; i < b->context_count; i++) {
		if (b->contexts[i].transfer_count == 0)
			return false;
		negotiations += is_feature_negotiation(&b->contexts[i]);
	}
	return b->context_count > 0 && negotiations <= 1;
}

const struct presentation *rpc_presentation_find(const struct rpc_association *a, uint16_t id)
{
	for (size_t i = 0; i < a->presentation_count; i++)
		if (a->presentations[i].id == id)
			return &a->presentations[i];
	return NULL;
}

void rpc_presentations_free(struct rpc_association *a)
{
	if (a->presentations != a->few_presentations)
		free(a->presentations);
}

/* From the few on, room is made at powers of two. */
static void make_room(struct rpc_association *a)
{
	size_t count = a->presentation_count;
	if (count < FEW_PRESENTATIONS || (count & (count - 1)) != 0)
		return;
	bool few = count == FEW_PRESENTATIONS;
	a->presentations =
		xrealloc_array(few ? NULL : a->presentations, count * 2, sizeof *a->presentations);
	if (few)
		memcpy(a->presentations, a->few_presentations, sizeof a->few_presentations);
}

static void add_presentation(struct rpc_association *a, struct presentation p)
{
	make_room(a);
	a->presentations[a->presentation_count++] = p;
}

/* The binding that serves an abstract syntax (same major version, ours at least the asked minor
 * one), or -1. */
static int find_binding(const struct rpc_service *service, const struct pdu_syntax *abstract)
{
	for (size_t i = 0; i < service->binding_count; i++) {
		const struct rpc_interface *f = service->bindings[i].interface;
		if (guid_equal(f->uuid, &abstract->uuid) && f->version_major == abstract->major &&
		    f->version_minor >= abstract->minor)
			return (int)i;
	}
	return -1;
}

static bool offers(const struct pdu_context *c, const struct pdu_syntax *transfer)
{
	for (size_t i = 0; i < c->transfer_count; i++)
		if (pdu_syntax_equal(&c->transfers[i], transfer))
			return true;
	return false;
}

static struct pdu_result rejected(uint16_t reason)
{
	return (struct pdu_result){.result = RESULT_PROVIDER_REJECTION, .reason = reason};
}

/* Accepts NDR for an interface at most once a PDU; `used` remembers for which. */
static struct pdu_result choose(struct rpc_association *a, const struct pdu_context *c, int binding,
                                bool known, bool *used)
{
	if (binding < 0)
		return rejected(REASON_ABSTRACT_SYNTAX);
	if (used[binding] || !offers(c, &pdu_ndr))
		return rejected(REASON_TRANSFER_SYNTAXES);
	if (!known && a->presentation_count >= MAX_PRESENTATIONS)
		return rejected(REASON_LOCAL_LIMIT);
	used[binding] = true;
	if (!known)
		add_presentation(a, (struct presentation){.id = c->id,
		                                          .binding = (uint8_t)binding,
		                                          .offered_ndr64 = offers(c, &pdu_ndr64)});
	return (struct pdu_result){.result = RESULT_ACCEPTANCE, .transfer = pdu_ndr};
}

/* A context id that is offered again must mean the same as before. */
static bool negotiate_one(struct rpc_association *a, const struct pdu_context *c, bool *used,
                          struct pdu_result *result)
{
	int binding = find_binding(a->service, &c->abstract);
	const struct presentation *p = rpc_presentation_find(a, c->id);
	if (p && (p->binding != binding || (offers(c, &pdu_ndr64) && !p->offered_ndr64)))
		return false;
	*result = choose(a, c, binding, p != NULL, used);
	return true;
}

bool rpc_negotiate(struct rpc_association *a, const struct pdu_bind *b, bool features,
                   struct arena *arena, struct pdu_bind_ack *ack)
{
	ack->results = arena_alloc_array(arena, b->context_count, sizeof *ack->results);
	bool *used = arena_alloc_array(arena, a->service->binding_count, sizeof *used);
	if (!ack->results || !used)
		return false;
	ack->result_count = b->context_count;
	for (size_t i = 0; i < b->context_count; i++) {
		const struct pdu_context *c = &b->contexts[i];
		if (features && is_feature_negotiation(c))
			ack->results[i] = (struct pdu_result){
				.result = RESULT_NEGOTIATE_ACK,
				.reason = c->transfers[0].uuid.bytes[FEATURES_PREFIX] &
			                  FEATURES_OFFERED,
			};
		else if (!negotiate_one(a, c, used, &ack->results[i]))
			return false;
	}
	return true;
}
