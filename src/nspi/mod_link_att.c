/* NspiModLinkAtt (MS-NSPI 3.1.4.15). */

#include "mapi/entryid.h"
#include "mapi/tags.h"
#include "nspi/changes-private.h"
#include "nspi/properties-private.h"

/* The links that clients can change, and on what (MS-OXNSPI 3.1.4.1.15). */
static const struct link {
	mapi_tag tag;
	enum display_type type;
} links[] = {
	{PR_EMS_AB_MEMBER,           DT_DISTLIST},
	{PR_EMS_AB_PUBLIC_DELEGATES, DT_MAILUSER},
};

static const struct link *link_of(uint16_t property_id)
{
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (tag_id(links[i].tag) == property_id)
			return &links[i];
	return NULL;
}

bool nspi_link_changes(uint16_t property_id, enum display_type type)
{
	const struct link *link = link_of(property_id);

	return link && link->type == type;
}

/* The entries that are meant, as far as they have been looked up. */
struct taken_ids {
	uint32_t next; /* in the request */
	size_t count;
	uint32_t *mids;
};

enum { IDS_A_SLICE = 128 };

/* What is checked before the caller's rights. */
static uint32_t check_request(const struct nspi_call *call, const struct nspi_mod_link_att_in *in)
{
	if (nspi_native_type(tag_id(in->tag)) != PT_OBJECT)
		return MAPI_E_NOT_FOUND;
	const struct object *o = view_object(&call->view, in->mid);
	if (!o)
		return MAPI_E_INVALID_PARAMETER;
	if (!link_of(tag_id(in->tag)) || in->entry_ids.count > CHANGE_MAX_LINKS)
		return MAPI_E_NO_ACCESS;
	return MAPI_SUCCESS;
}

static bool is_other_kind(const struct nspi_call *call, const struct nspi_mod_link_att_in *in)
{
	const struct object *o = view_object(&call->view, in->mid);

	return !nspi_link_changes(tag_id(in->tag), object_display_type(o));
}

/* NULL for an id that is none, or names nothing that the caller can see. */
static const struct object *object_of_id(const struct nspi_call *call, struct slice id)
{
	struct entryid parsed;

	if (!entryid_parse(id, &call->service->server_guid, &parsed))
		return NULL;
	return parsed.ephemeral ? view_object(&call->view, parsed.mid)
	                        : view_object_by_dn(&call->view, parsed.dn);
}

/* Looks a slice of them up. An id of nothing is no value of the link, so it need not be removed,
 * and cannot be added: false. */
static bool take_ids(const struct nspi_call *call, const struct nspi_mod_link_att_in *in,
                     struct taken_ids *t)
{
	for (uint32_t i = 0; i < IDS_A_SLICE && t->next < in->entry_ids.count; i++) {
		const struct object *o = object_of_id(call, in->entry_ids.items[t->next++]);

		if (o)
			t->mids[t->count++] = object_mid(o);
		else if (!(in->flags & NSPI_DELETE))
			return false;
	}
	return true;
}

static enum nspi_run submit(struct nspi_call *call, const struct nspi_mod_link_att_in *in,
                            const struct taken_ids *t)
{
	enum change_kind kind = in->flags & NSPI_DELETE ? CHANGE_REMOVE : CHANGE_ADD;
	struct change *c = nspi_change_new(call, in->mid);
	struct change_edit *edit = c ? change_edit(c, tag_id(in->tag), kind) : NULL;

	if (edit)
		edit->links = arena_alloc_array(&c->memory, t->count, sizeof *edit->links);
	if (!edit || !edit->links) {
		change_free(c);
		return nspi_answer(call, MAPI_E_NOT_ENOUGH_MEMORY);
	}
	edit->count = t->count;
	memcpy(edit->links, t->mids, t->count * sizeof *edit->links);
	return nspi_change_submit(call, c);
}

/* MAPI_SUCCESS with call->state NULL: there is nothing to be done. */
static uint32_t begin(struct nspi_call *call, const struct nspi_mod_link_att_in *in)
{
	uint32_t status = check_request(call, in);

	if (status)
		return status;
	if (is_other_kind(call, in))
		return nspi_rules(call)->mod_link_wrong_type;
	struct taken_ids *t = arena_alloc(call->arena, sizeof *t);
	if (t)
		t->mids = arena_alloc_array(call->arena, in->entry_ids.count, sizeof *t->mids);
	if (!t || !t->mids)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	call->state = t;
	return MAPI_SUCCESS;
}

enum nspi_run nspi_mod_link_att(struct nspi_call *call, const void *request, void *answer)
{
	const struct nspi_mod_link_att_in *in = request;

	(void)answer;
	if (call->wait)
		return nspi_change_outcome(call);
	uint32_t status = call->state ? MAPI_SUCCESS : begin(call, in);
	if (status || !call->state)
		return nspi_answer(call, status);
	struct taken_ids *t = call->state;
	if (!take_ids(call, in, t))
		return nspi_answer(call, MAPI_E_NO_ACCESS);
	return t->next < in->entry_ids.count ? NSPI_YIELD : submit(call, in, t);
}
