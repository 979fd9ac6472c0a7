#include "directory/object-private.h"

#include "mapi/tags.h"

/* What an object class makes of an entry; the first row that applies. */
static const struct {
	const char *object_class;
	enum object_category category;
	enum display_type display_type;
} classes[] = {
	{"computer",			CATEGORY_NONE,     DT_MAILUSER       },
	{"msDS-ManagedServiceAccount",      CATEGORY_NONE,     DT_MAILUSER       },
	{"msDS-GroupManagedServiceAccount", CATEGORY_NONE,     DT_MAILUSER       },
	{"msExchDynamicDistributionList",   CATEGORY_GROUP,    DT_AGENT          },
	{"publicFolder",                    CATEGORY_FOLDER,   DT_FORUM          },
	{"group",			   CATEGORY_GROUP,    DT_DISTLIST       },
	{"groupOfNames",                    CATEGORY_GROUP,    DT_DISTLIST       },
	{"groupOfUniqueNames",              CATEGORY_GROUP,    DT_DISTLIST       },
	{"groupOfMembers",                  CATEGORY_GROUP,    DT_DISTLIST       },
	{"contact",			 CATEGORY_CONTACT,  DT_REMOTE_MAILUSER},
	{"room",			    CATEGORY_RESOURCE, DT_MAILUSER       },
	{"inetOrgPerson",                   CATEGORY_USER,     DT_MAILUSER       },
	{"user",			    CATEGORY_USER,     DT_MAILUSER       },
	{"person",			  CATEGORY_USER,     DT_MAILUSER       },
	{"posixAccount",                    CATEGORY_USER,     DT_MAILUSER       },
};

/* Kinds of recipient in msExchRecipientDisplayType: its low byte, or for a recipient of another
 * forest the second. */
#define RECIPIENT_REMOTE_BIT UINT32_C(0x80000000)
static const struct {
	uint8_t kind;
	enum object_category category;
	enum display_type display_type;
} kinds[] = {
	{0, CATEGORY_USER,     DT_MAILUSER},
	{1, CATEGORY_GROUP,    DT_DISTLIST},
	{2, CATEGORY_FOLDER,   DT_FORUM   },
	{3, CATEGORY_GROUP,    DT_AGENT   },
	{7, CATEGORY_RESOURCE, DT_MAILUSER},
	{8, CATEGORY_RESOURCE, DT_MAILUSER},
	{9, CATEGORY_GROUP,    DT_DISTLIST},
};

/* msExchRecipientTypeDetails of rooms and equipment, here and in Exchange Online. */
static const char *const resource_types[] = {"16", "32", "8589934592", "17179869184"};

static bool has_class(const struct draft *d, const char *name)
{
	struct slice classes_left = draft_get(d, ATTRIBUTE_OBJECT_CLASS), value;
	while (classes_left.data && values_next(&classes_left, &value))
		if (slice_equal_nocase(value, slice_of_string(name)))
			return true;
	return false;
}

static bool is_true(const struct draft *d, uint16_t id)
{
	struct slice raw = draft_get(d, id);
	return raw.size == 1 && raw.data[0];
}

static void classify_by_class(struct draft *d)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		if (has_class(d, classes[i].object_class)) {
			d->category = classes[i].category;
			d->display_type = classes[i].display_type;
			return;
		}
	}
}

static void classify_by_display_type(struct draft *d)
{
	struct slice raw = draft_get(d, tag_id(PR_DISPLAY_TYPE_EX));
	uint32_t type;
	if (raw.size != sizeof type)
		return;
	memcpy(&type, raw.data, sizeof type);
	bool remote = type & RECIPIENT_REMOTE_BIT;
	uint8_t kind = (uint8_t)(remote ? type >> 8 : type);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (kinds[i].kind != kind || d->category == CATEGORY_CONTACT)
			continue;
		d->category = kinds[i].category;
		d->display_type = remote ? DT_REMOTE_MAILUSER : kinds[i].display_type;
	}
	if ((type & 0xFF) == DT_REMOTE_MAILUSER)
		d->display_type = DT_REMOTE_MAILUSER;
}

static void classify_by_recipient_type(struct draft *d)
{
	struct slice type = draft_get(d, ATTRIBUTE_RECIPIENT_TYPE);
	for (size_t i = 0; i < sizeof resource_types / sizeof resource_types[0]; i++)
		if (type.data && slice_equal(type, slice_of_string(resource_types[i])))
			d->category = CATEGORY_RESOURCE;
}

/* Active Directory's own accounts and groups (krbtgt, Domain Users) are in no address book, unless
 * somebody gave them an address. */
static bool is_system_object(const struct draft *d)
{
	return is_true(d, ATTRIBUTE_SYSTEM_OBJECT) && !draft_get(d, tag_id(PR_SMTP_ADDRESS)).data &&
	       !draft_get(d, ATTRIBUTE_SHOW_IN).data;
}

void draft_classify(struct draft *d)
{
	classify_by_class(d);
	if (d->category == CATEGORY_NONE || is_system_object(d)) {
		d->category = CATEGORY_NONE;
		return;
	}
	classify_by_display_type(d);
	classify_by_recipient_type(d);
	d->hidden = is_true(d, ATTRIBUTE_HIDE);
	d->members_hidden = is_true(d, tag_id(PR_EMS_AB_HIDE_DL_MEMBERSHIP));
}
