#include "directory/rights.h"

#include <stdlib.h>

#include "base/memory.h"
#include "directory/object-private.h"

#define ID(tag) ((uint16_t)((tag) >> 16))

struct rights {
	size_t self_writable_count;
	uint16_t self_writable[]; /* property ids */
};

/* What the protocol lets clients change (MS-OXNSPI 3.1.4.1.14, 3.1.4.1.15), and who may. */
static const struct rule {
	uint16_t property_id;
	enum right right;
} rules[] = {
	{ID(PR_USER_X509_CERTIFICATE),   RIGHT_SELF   },
	{ID(PR_EMS_AB_X509_CERT),        RIGHT_SELF   },
	{ID(PR_EMS_AB_PUBLIC_DELEGATES), RIGHT_SELF   },
	{ID(PR_EMS_AB_MEMBER),           RIGHT_MANAGER},
};

/* Text that says who an entry is: by these it is found, and an account finds its entry. */
static const uint16_t identities[] = {
	ID(PR_EMAIL_ADDRESS),          ID(PR_SMTP_ADDRESS),         ID(PR_ACCOUNT),
	ID(PR_EMS_AB_PROXY_ADDRESSES), ID(PR_EMS_AB_OBJ_DIST_NAME),
};

static bool has_id(const uint16_t *ids, size_t count, uint16_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static int check_writable(const char *name, uint16_t *id, struct error *e)
{
	const struct attribute *a = attribute_by_name(slice_of_string(name));
	const char *why = NULL;

	if (!a || !a->visible)
		why = "clients do not see such an attribute";
	else if (tag_type(a->tag) != PT_UNICODE && tag_type(a->tag) != PT_MV_UNICODE)
		why = "it is no text";
	else if (a->source_id)
		why = "it shows another attribute's value";
	else if (has_id(identities, sizeof identities / sizeof *identities, tag_id(a->tag)))
		why = "it says who an entry is";
	if (why)
		return error_set(e, ERR_INVALID, "self_writable = \"%s\": %s", name, why);
	*id = tag_id(a->tag);
	return 0;
}

int rights_new(const char *const *self_writable, size_t count, struct rights **out, struct error *e)
{
	struct rights *r = xcalloc(1, sizeof *r + count * sizeof r->self_writable[0]);
	int err = 0;

	for (; r->self_writable_count < count && !err; r->self_writable_count++)
		err = check_writable(self_writable[r->self_writable_count],
		                     &r->self_writable[r->self_writable_count], e);
	if (err)
		rights_free(r);
	else
		*out = r;
	return err;
}

void rights_free(struct rights *r)
{
	free(r);
}

/* Who may change a property beside administrators; RIGHT_NONE when nobody ever does. */
static enum right right_needed(const struct rights *r, uint16_t property_id)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (rules[i].property_id == property_id)
			return rules[i].right;
	return has_id(r->self_writable, r->self_writable_count, property_id) ? RIGHT_SELF
	                                                                     : RIGHT_NONE;
}

static bool is_managed_by(const struct object *group, const struct object *manager)
{
	struct slice raw;

	return object_raw(group, ID(PR_EMS_AB_OWNER), &raw) && links_have(raw, manager->dn_hash);
}

enum right rights_to_change(const struct rights *r, const struct view *v, bool administrator,
                            const struct object *o, uint16_t property_id)
{
	enum right needed =
		view_attribute(v, property_id) ? right_needed(r, property_id) : RIGHT_NONE;
	const struct object *own = v->viewer->own_mid ? view_object(v, v->viewer->own_mid) : NULL;

	if (needed == RIGHT_NONE)
		return RIGHT_NONE;
	if (needed == RIGHT_SELF && own == o)
		return RIGHT_SELF;
	if (needed == RIGHT_MANAGER && own && is_managed_by(o, own))
		return RIGHT_MANAGER;
	return administrator ? RIGHT_ADMINISTRATOR : RIGHT_NONE;
}

const char *right_name(enum right right)
{
	static const char *const names[] = {
		[RIGHT_NONE] = "none",
		[RIGHT_SELF] = "self",
		[RIGHT_MANAGER] = "manager",
		[RIGHT_ADMINISTRATOR] = "administrator",
	};

	return names[right];
}
