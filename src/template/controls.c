#include <stdio.h>

#include "mapi/attributes.h"
#include "template/template-private.h"

/* PidTagAddressBookManageDistributionList: what a button does. */
#define PR_EMS_AB_MANAGE_DL 0x6704000Du

#define EDIT_FLAGS                                                                                 \
	(CONTROL_MULTILINE | CONTROL_EDITABLE | CONTROL_REQUIRED | CONTROL_IMMEDIATE |             \
	 CONTROL_PASSWORD | CONTROL_DOUBLE_BYTE)
#define LIST_FLAGS (CONTROL_EDITABLE | CONTROL_IMMEDIATE | CONTROL_SELECTION)

/* clang-format off */
static const struct control_kind kinds[] = {
	{ .word = "page", .wire_type = 8, .text_bytes = 32 },
	{ .word = "frame", .wire_type = 6, .text_bytes = 128, .placed = true },
	{ .word = "label", .wire_type = 0, .text_bytes = 128, .placed = true },
	{ .word = "edit", .wire_type = 1, .types = { PT_UNICODE, PT_STRING8 }, .shows = "a text",
	  .sent = PT_STRING8, .flags = EDIT_FLAGS, .placed = true, .typed = true },
	{ .word = "list", .wire_type = 2, .types = { PT_OBJECT, PT_OBJECT }, .shows = "entries",
	  .sent = PT_OBJECT, .flags = LIST_FLAGS, .placed = true },
	{ .word = "check", .wire_type = 5, .types = { PT_BOOLEAN, PT_BOOLEAN }, .shows = "yes or no",
	  .sent = PT_BOOLEAN, .flags = CONTROL_EDITABLE | CONTROL_IMMEDIATE, .text_bytes = 128, .placed = true },
	{ .word = "button", .wire_type = 7, .fixed = PR_EMS_AB_MANAGE_DL, .text_bytes = 128, .placed = true },
	{ .word = "values", .wire_type = 0xB, .types = { PT_MV_UNICODE, PT_MV_STRING8 },
	  .shows = "several texts", .sent = PT_MV_STRING8, .placed = true },
	{ .word = "drop-down", .wire_type = 0xC, .types = { PT_MV_UNICODE, PT_MV_STRING8 },
	  .shows = "several texts", .sent = PT_MV_STRING8, .flags = CONTROL_MULTILINE, .placed = true },
};

static const struct {
	const char *word;
	enum control_flag flag;
} flags[] = {
	{ "multiline", CONTROL_MULTILINE },
	{ "editable", CONTROL_EDITABLE },
	{ "required", CONTROL_REQUIRED },
	{ "immediate", CONTROL_IMMEDIATE },
	{ "password", CONTROL_PASSWORD },
	{ "double-byte", CONTROL_DOUBLE_BYTE },
	{ "selection", CONTROL_SELECTION },
};
/* clang-format on */

enum { KIND_COUNT = sizeof kinds / sizeof kinds[0], FLAG_COUNT = sizeof flags / sizeof flags[0] };

const struct control_kind *control_kind(struct slice word)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (slice_equal(word, slice_of_string(kinds[i].word)))
			return &kinds[i];
	return NULL;
}

void control_kinds_list(char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < KIND_COUNT && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s",
		                         i == 0                ? ""
		                         : i == KIND_COUNT - 1 ? " or "
		                                               : ", ",
		                         kinds[i].word);
}

uint32_t control_flag(struct slice word)
{
	for (size_t i = 0; i < FLAG_COUNT; i++)
		if (slice_equal(word, slice_of_string(flags[i].word)))
			return flags[i].flag;
	return 0;
}

/* The tags of a dialog's own values are 0x6800001E to 0xFFFE001E (MS-OXOABKT 2.2.2.2). */
mapi_tag control_input(struct slice word)
{
	static const char prefix[] = "input";
	size_t digit = sizeof prefix - 1;

	if (word.size != digit + 1 || memcmp(word.data, prefix, digit) != 0 ||
	    word.data[digit] < '1' || word.data[digit] > '0' + MAX_INPUTS)
		return 0;
	return (INPUT_FIRST + (uint32_t)(word.data[digit] - '1')) << 16 | PT_STRING8;
}

/* Of an address that is being made only its display name is there to be asked for. */
static int address_property(const char *name, mapi_tag tag, bool known, mapi_tag *out,
                            struct error *e)
{
	mapi_tag input = control_input(slice_of_string(name));

	if (input) {
		*out = input;
		return 0;
	}
	if (!known || tag_id(tag) != tag_id(PR_DISPLAY_NAME))
		return error_set(e, ERR_INVALID,
		                 "%s: a new address has displayName and input1 to input%d", name,
		                 MAX_INPUTS);
	*out = tag_with_type(PR_DISPLAY_NAME, PT_STRING8);
	return 0;
}

int control_property(const struct control_kind *kind, const char *name, bool address, mapi_tag *out,
                     struct error *e)
{
	mapi_tag tag = 0;
	bool known = mapi_tag_parse(name, &tag);

	if (address)
		return address_property(name, tag, known, out, e);
	const struct attribute *a = known ? attribute_by_id(tag_id(tag)) : NULL;
	if (!a)
		return error_set(e, ERR_INVALID,
		                 "%s: entries have no such property; write an LDAP attribute such "
		                 "as givenName, or a tag such as 0x3A06001F",
		                 name);
	if (tag_type(a->tag) != kind->types[0] && tag_type(a->tag) != kind->types[1])
		return error_set(e, ERR_INVALID, "%s is not %s, which is what %s shows", name,
		                 kind->shows, kind->word);
	*out = tag_with_type(a->tag, kind->sent);
	return 0;
}
