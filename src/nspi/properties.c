#include "nspi/properties-private.h"

#include "mapi/attributes.h"
#include "mapi/entryid.h"
#include "mapi/tags.h"

static enum nspi_cell bytes_cell(struct slice s, struct mapi_value *value)
{
	value->string = s;
	return s.data ? CELL_VALUE : CELL_NO_MEMORY;
}

static enum nspi_cell long_cell(uint32_t v, struct mapi_value *value)
{
	value->long_value = (int32_t)v;
	return CELL_VALUE;
}

static struct slice object_name(const struct nspi_reading *r)
{
	return object_dn(&r->columns->call->view, r->object);
}

static enum nspi_cell read_permanent_id(const struct nspi_reading *r, struct mapi_value *value)
{
	struct slice id = entryid_permanent(r->columns->call->arena, object_display_type(r->object),
	                                    object_name(r));

	return bytes_cell(id, value);
}

static enum nspi_cell read_entry_id(const struct nspi_reading *r, struct mapi_value *value)
{
	struct nspi_call *call = r->columns->call;

	if (!r->columns->ephemeral_ids)
		return read_permanent_id(r, value);
	return bytes_cell(entryid_ephemeral(call->arena, &call->service->server_guid,
	                                    object_display_type(r->object), object_mid(r->object)),
	                  value);
}

static enum nspi_cell read_instance_key(const struct nspi_reading *r, struct mapi_value *value)
{
	uint8_t *key = arena_alloc_raw(r->columns->call->arena, 4);

	if (key)
		put_le32(key, object_mid(r->object));
	return bytes_cell(slice_of(key, 4), value);
}

/* "EX:" and the DN in capitals, with its NUL (MS-OXOABK 2.2.3.5). */
static enum nspi_cell read_search_key(const struct nspi_reading *r, struct mapi_value *value)
{
	struct slice dn = object_name(r);
	uint8_t *key = arena_alloc_raw(r->columns->call->arena, dn.size + 4);

	if (!key)
		return CELL_NO_MEMORY;
	memcpy(key, "EX:", 3);
	for (size_t i = 0; i < dn.size; i++)
		key[3 + i] =
			dn.data[i] >= 'a' && dn.data[i] <= 'z' ? dn.data[i] - 0x20 : dn.data[i];
	key[3 + dn.size] = 0;
	return bytes_cell(slice_of(key, dn.size + 4), value);
}

static enum nspi_cell read_mapping_signature(const struct nspi_reading *r, struct mapi_value *value)
{
	(void)r;
	return bytes_cell(slice_of(GUID_NSPI.bytes, sizeof GUID_NSPI.bytes), value);
}

static enum nspi_cell read_dn(const struct nspi_reading *r, struct mapi_value *value)
{
	return bytes_cell(object_name(r), value);
}

static enum nspi_cell read_address_type(const struct nspi_reading *r, struct mapi_value *value)
{
	(void)r;
	return bytes_cell(slice_of_string("EX"), value);
}

static bool is_list(const struct object *o)
{
	enum display_type type = object_display_type(o);

	return type == DT_DISTLIST || type == DT_PRIVATE_DISTLIST;
}

static enum nspi_cell read_object_type(const struct nspi_reading *r, struct mapi_value *value)
{
	if (is_list(r->object))
		return long_cell(MAPI_DISTLIST, value);
	return long_cell(object_display_type(r->object) == DT_FORUM ? MAPI_FOLDER : MAPI_MAILUSER,
	                 value);
}

static enum nspi_cell read_display_type(const struct nspi_reading *r, struct mapi_value *value)
{
	return long_cell(object_display_type(r->object), value);
}

static enum nspi_cell read_details_pane(const struct nspi_reading *r, struct mapi_value *value)
{
	(void)r;
	return long_cell(0, value);
}

static enum nspi_cell read_container_id(const struct nspi_reading *r, struct mapi_value *value)
{
	return long_cell(
		nspi_rules(r->columns->call)->object_is_its_container ? object_mid(r->object) : 0,
		value);
}

static enum nspi_cell read_container_flags(const struct nspi_reading *r, struct mapi_value *value)
{
	if (!is_list(r->object))
		return CELL_NONE;
	return long_cell(AB_RECIPIENTS | AB_UNMODIFIABLE, value);
}

static enum nspi_cell read_container_contents(const struct nspi_reading *r,
                                              struct mapi_value *value)
{
	return is_list(r->object) ? long_cell(0, value) : CELL_NONE;
}

/* As the code page has it: size 0 when it cannot hold it, data NULL when memory is out. */
static struct slice exactly_in(struct arena *a, uint32_t codepage, struct slice utf8)
{
	bool lossy = false;
	struct slice s = codepage_from_utf8(a, codepage, utf8, &lossy);

	return lossy && s.data ? slice_of("", 0) : s;
}

static struct slice stored_string(const struct nspi_reading *r, mapi_tag tag)
{
	struct nspi_call *call = r->columns->call;
	struct mapi_value value = {0};

	if (!object_value(&call->view, r->object, tag_id(tag), call->arena, &value) ||
	    !value.string.data)
		return slice_of("", 0);
	return value.string;
}

/* What is stored, or else the first of display name and alias that the code page can hold
 * (MS-NSPI, behaviour note <7>). */
struct slice nspi_printable_name(const struct nspi_reading *r, uint32_t codepage)
{
	struct arena *a = r->columns->call->arena;
	struct slice name = exactly_in(a, codepage, stored_string(r, PR_DISPLAY_NAME_PRINTABLE));

	if (name.data && !name.size)
		name = exactly_in(a, codepage,
		                  object_display_name(&r->columns->call->view, r->object));
	if (name.data && !name.size)
		name = exactly_in(a, codepage, stored_string(r, PR_ACCOUNT));
	if (name.data && !name.size)
		name = slice_of_string("Unavailable");
	return name;
}

/* Asked for as PtypString it is widened from CP_TELETEX, so it is made in that code page then. */
static enum nspi_cell read_printable_name(const struct nspi_reading *r, struct mapi_value *value)
{
	bool wide = tag_type(r->column->tag) == PT_UNICODE;

	return bytes_cell(nspi_printable_name(r, wide ? CP_TELETEX : r->columns->codepage), value);
}

static enum nspi_cell read_display_name(const struct nspi_reading *r, struct mapi_value *value)
{
	struct slice name = object_display_name(&r->columns->call->view, r->object);

	if (!name.size) {
		name = nspi_printable_name(r, CP_TELETEX);
		if (name.data)
			name = codepage_to_utf8(r->columns->call->arena, CP_TELETEX, name);
	}
	return bytes_cell(name, value);
}

static const struct nspi_property properties[] = {
	{0x0FF6, PT_BINARY,  read_instance_key      },
	{0x0FF8, PT_BINARY,  read_mapping_signature },
	{0x0FF9, PT_BINARY,  read_permanent_id      }, /* PidTagRecordKey */
	{0x0FFE, PT_LONG,    read_object_type       },
	{0x0FFF, PT_BINARY,  read_entry_id          },
	{0x3001, PT_UNICODE, read_display_name      },
	{0x3002, PT_UNICODE, read_address_type      },
	{0x3003, PT_UNICODE, read_dn                }, /* PidTagEmailAddress */
	{0x300B, PT_BINARY,  read_search_key        },
	{0x3600, PT_LONG,    read_container_flags   },
	{0x360F, PT_OBJECT,  read_container_contents},
	{0x3900, PT_LONG,    read_display_type      },
	{0x3902, PT_BINARY,  read_permanent_id      }, /* PidTagTemplateid */
	{0x39FF, PT_STRING8, read_printable_name    },
	{0x3A20, PT_UNICODE, read_display_name      }, /* PidTagTransmittableDisplayName */
	{0x3F08, PT_LONG,    read_details_pane      },
	{0x803C, PT_UNICODE, read_dn                }, /* PidTagAddressBookObjectDistinguishedName */
	{0xFFFD, PT_LONG,    read_container_id      },
};

const struct nspi_property *nspi_properties(size_t *count)
{
	*count = sizeof properties / sizeof *properties;
	return properties;
}

const struct nspi_property *nspi_property(uint16_t id)
{
	for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
		if (properties[i].id == id)
			return &properties[i];
	return NULL;
}

uint16_t nspi_native_type(uint16_t id)
{
	const struct nspi_property *p = nspi_property(id);
	const struct attribute *a = p ? NULL : attribute_by_id(id);

	if (p)
		return p->type;
	if (!a)
		return PT_UNSPECIFIED;
	/* The schema's 8-bit syntaxes are ASCII; only 7BitDisplayName is 8-bit by nature. */
	switch (tag_type(a->tag)) {
	case PT_STRING8: return PT_UNICODE;
	case PT_MV_STRING8: return PT_MV_UNICODE;
	default: return tag_type(a->tag);
	}
}
