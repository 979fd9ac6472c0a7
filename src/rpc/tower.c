#include "rpc/tower.h"

enum {
	MAX_FLOORS = 6, /* MS-RPCE 3.1.3.5.3 */
	PROTOCOL_UUID = 0x0d,
	PROTOCOL_RPC_CO = 0x0b,
	PROTOCOL_IP = 0x09,
};

struct floor {
	uint8_t protocol;
	struct slice left, right; /* left: without the protocol id */
};

static void write_floor(struct buffer *out, uint8_t protocol, struct slice left, struct slice right)
{
	buffer_put_u16(out, (uint16_t)(1 + left.size));
	buffer_put_u8(out, protocol);
	buffer_put(out, left.data, left.size);
	buffer_put_u16(out, (uint16_t)right.size);
	buffer_put(out, right.data, right.size);
}

static void write_uuid_floor(struct buffer *out, const struct pdu_syntax *s)
{
	uint8_t left[18], right[2];
	memcpy(left, s->uuid.bytes, sizeof s->uuid.bytes);
	put_le16(left + 16, s->major);
	put_le16(right, s->minor);
	write_floor(out, PROTOCOL_UUID, slice_of(left, sizeof left), slice_of(right, sizeof right));
}

void tower_write(const struct tower *t, struct buffer *out)
{
	static const uint8_t minor_version[2] = {0, 0};
	const uint8_t port[2] = {(uint8_t)(t->port >> 8), (uint8_t)t->port};
	const struct slice none = {0};
	buffer_put_u16(out, 5);
	write_uuid_floor(out, &t->interface);
	write_uuid_floor(out, &t->transfer);
	write_floor(out, PROTOCOL_RPC_CO, none, slice_of(minor_version, sizeof minor_version));
	write_floor(out, t->protseq, none, slice_of(port, sizeof port));
	write_floor(out, PROTOCOL_IP, none, slice_of(t->address, sizeof t->address));
}

static bool read_floor(struct reader *r, struct floor *f)
{
	uint16_t left = reader_u16(r);
	f->protocol = reader_u8(r);
	f->left = reader_slice(r, left ? left - 1u : 0);
	f->right = reader_slice(r, reader_u16(r));
	return !r->failed && left > 0;
}

static bool read_uuid_floor(struct reader *r, struct pdu_syntax *s)
{
	struct floor f;
	if (!read_floor(r, &f) || f.protocol != PROTOCOL_UUID || f.left.size != 18)
		return false;
	memcpy(s->uuid.bytes, f.left.data, sizeof s->uuid.bytes);
	s->major = (uint16_t)(f.left.data[16] | f.left.data[17] << 8);
	s->minor = f.right.size == 2 ? (uint16_t)(f.right.data[0] | f.right.data[1] << 8) : 0;
	return true;
}

bool tower_read(struct slice octets, struct tower *t)
{
	struct floor f;
	struct reader r;
	reader_init(&r, octets.data, octets.size);
	*t = (struct tower){0};
	uint16_t floors = reader_u16(&r);
	if (floors < 4 || floors > MAX_FLOORS)
		return false;
	if (!read_uuid_floor(&r, &t->interface) || !read_uuid_floor(&r, &t->transfer))
		return false;
	if (!read_floor(&r, &f) || f.protocol != PROTOCOL_RPC_CO || !read_floor(&r, &f))
		return false;
	t->protseq = f.protocol;
	if (f.right.size == 2)
		t->port = (uint16_t)(f.right.data[0] << 8 | f.right.data[1]);
	if (floors > 4 && read_floor(&r, &f) && f.right.size == sizeof t->address)
		memcpy(t->address, f.right.data, sizeof t->address);
	return true;
}
