#include "mapi/entryid.h"

#include "base/buffer.h"
#include "base/reader.h"

const struct guid GUID_NSPI = {
	{0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A, 0xB4, 0xB9, 0x08, 0x00, 0x2B, 0x2F, 0xE1,
         0x82}
};
const struct guid PS_MAPI = {
	{0x28, 0x03, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
         0x46}
};

enum { TYPE_PERMANENT = 0x00, TYPE_EPHEMERAL = 0x87 };
enum { HEAD_SIZE = 28, EPHEMERAL_SIZE = 32 };

/* The 28 bytes that both forms begin with: type, provider, version, display type. */
static uint8_t *put_head(struct arena *a, size_t size, uint8_t type, const struct guid *provider,
                         uint32_t display_type)
{
	uint8_t *id = arena_alloc(a, size);
	if (!id)
		return NULL;
	id[0] = type;
	memcpy(id + 4, provider->bytes, sizeof provider->bytes);
	put_le32(id + 20, 1);
	put_le32(id + 24, display_type);
	return id;
}

struct slice entryid_permanent(struct arena *a, uint32_t display_type, struct slice dn)
{
	size_t size = HEAD_SIZE + dn.size + 1;
	uint8_t *id = put_head(a, size, TYPE_PERMANENT, &GUID_NSPI, display_type);
	if (!id)
		return slice_of(NULL, 0);
	if (dn.size > 0)
		memcpy(id + HEAD_SIZE, dn.data, dn.size);
	return slice_of(id, size);
}

struct slice entryid_ephemeral(struct arena *a, const struct guid *server, uint32_t display_type,
                               uint32_t mid)
{
	uint8_t *id = put_head(a, EPHEMERAL_SIZE, TYPE_EPHEMERAL, server, display_type);
	if (!id)
		return slice_of(NULL, 0);
	put_le32(id + HEAD_SIZE, mid);
	return slice_of(id, EPHEMERAL_SIZE);
}

static bool parse_ephemeral(struct reader *r, const struct guid *provider,
                            const struct guid *server, struct entryid *out)
{
	out->ephemeral = true;
	out->mid = reader_u32(r);
	return !r->failed && reader_left(r) == 0 && guid_equal(provider, server);
}

static bool parse_permanent(struct reader *r, const struct guid *provider, struct entryid *out)
{
	struct slice rest = reader_slice(r, reader_left(r));
	const uint8_t *nul = rest.size > 0 ? memchr(rest.data, 0, rest.size) : NULL;
	if (!nul || !guid_equal(provider, &GUID_NSPI))
		return false;
	out->dn = slice_of(rest.data, (size_t)(nul - rest.data));
	return true;
}

bool entryid_parse(struct slice id, const struct guid *server, struct entryid *out)
{
	struct reader r;
	struct guid provider;
	reader_init(&r, id.data, id.size);
	uint8_t type = reader_u8(&r);
	reader_skip(&r, 3);
	const uint8_t *bytes = reader_take(&r, sizeof provider.bytes);
	uint32_t version = reader_u32(&r);
	struct entryid e = {.display_type = reader_u32(&r)};
	if (r.failed || version != 1)
		return false;
	memcpy(provider.bytes, bytes, sizeof provider.bytes);
	if (type == TYPE_EPHEMERAL   ? !parse_ephemeral(&r, &provider, server, &e)
	    : type == TYPE_PERMANENT ? !parse_permanent(&r, &provider, &e)
	                             : true)
		return false;
	*out = e;
	return true;
}
