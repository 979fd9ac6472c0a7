#include "auth/spnego-private.h"

#include <assert.h>

enum tag {
	TAG_OCTET_STRING = 0x04,
	TAG_OID = 0x06,
	TAG_ENUMERATED = 0x0A,
	TAG_SEQUENCE = 0x30,
	TAG_APPLICATION = 0x60, /* RFC 2743 3.1 */
	TAG_0 = 0xA0,           /* also: negTokenInit */
	TAG_1 = 0xA1,           /* also: negTokenResp */
	TAG_2 = 0xA2,
	TAG_3 = 0xA3,
};

#define NTLM_OID_BYTES 0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A
static const uint8_t ntlm_oid[] = {NTLM_OID_BYTES}; /* 1.3.6.1.4.1.311.2.2.10 */
static const uint8_t ntlm_only[] = {TAG_SEQUENCE, 12, TAG_OID, sizeof ntlm_oid, NTLM_OID_BYTES};
static const uint8_t spnego_oid[] = {0x2B, 0x06, 0x01, 0x05, 0x05, 0x02}; /* 1.3.6.1.5.5.2 */

struct slice spnego_ntlm_only(void)
{
	return slice_of(ntlm_only, sizeof ntlm_only);
}

/* Lengths may be longer than they need to be, as in BER; an indefinite one is refused. */
static size_t read_length(struct reader *r)
{
	uint8_t first = reader_u8(r);
	if (first < 0x80)
		return first;
	size_t octets = first & 0x7F;
	if (octets == 0 || octets > 4)
		r->failed = true;
	size_t length = 0;
	for (size_t i = 0; i < octets && !r->failed; i++)
		length = length << 8 | reader_u8(r);
	return length;
}

static struct slice read_element(struct reader *r, enum tag tag)
{
	if (reader_u8(r) != tag)
		r->failed = true;
	size_t length = read_length(r);
	return reader_slice(r, length);
}

static bool next_is(const struct reader *r, enum tag tag)
{
	return reader_left(r) > 0 && r->pos[0] == tag;
}

/* Goes on inside the next element, with what is in it as all there is. */
static struct reader enter(struct reader *r, enum tag tag)
{
	struct slice content = read_element(r, tag);
	struct reader inner;
	reader_init(&inner, content.data, content.size);
	inner.failed = r->failed;
	return inner;
}

/* A field [n] of the sequence that r is in; none when the next one is another. */
static struct slice read_field(struct reader *r, enum tag n, enum tag tag)
{
	if (!next_is(r, n))
		return slice_of(NULL, 0);
	struct reader field = enter(r, n);
	struct slice value = read_element(&field, tag);
	if (field.failed)
		r->failed = true;
	return value;
}

static struct slice read_mechanisms(struct reader *sequence)
{
	struct reader field = enter(sequence, TAG_0);
	const uint8_t *start = field.pos;
	(void)read_element(&field, TAG_SEQUENCE);
	if (field.failed)
		sequence->failed = true;
	return slice_of(start, (size_t)(field.pos - start));
}

static int find_ntlm(struct spnego_init *m)
{
	struct reader r;
	reader_init(&r, m->mechanisms.data, m->mechanisms.size);
	struct reader list = enter(&r, TAG_SEQUENCE);
	bool first = true;
	while (reader_left(&list) > 0) {
		struct slice oid = read_element(&list, TAG_OID);
		if (!m->ntlm.data && slice_equal(oid, slice_of(ntlm_oid, sizeof ntlm_oid))) {
			m->ntlm = oid;
			m->ntlm_preferred = first;
		}
		first = false;
	}
	return list.failed ? ERR_INVALID : 0;
}

int spnego_init_parse(struct slice in, struct spnego_init *out)
{
	struct reader r;
	reader_init(&r, in.data, in.size);
	if (next_is(&r, TAG_APPLICATION)) {
		r = enter(&r, TAG_APPLICATION);
		struct slice oid = read_element(&r, TAG_OID);
		if (!slice_equal(oid, slice_of(spnego_oid, sizeof spnego_oid)))
			return ERR_INVALID;
	}
	struct reader choice = enter(&r, TAG_0);
	struct reader sequence = enter(&choice, TAG_SEQUENCE);
	struct spnego_init m = {.mechanisms = read_mechanisms(&sequence)};
	if (next_is(&sequence, TAG_1)) /* reqFlags: to be ignored, MS-SPNG 3.1.5.3 */
		(void)read_element(&sequence, TAG_1);
	m.token = read_field(&sequence, TAG_2, TAG_OCTET_STRING);
	if (sequence.failed || find_ntlm(&m))
		return ERR_INVALID;
	*out = m;
	return 0;
}

static enum spnego_state read_state(struct reader *sequence)
{
	struct slice value = read_field(sequence, TAG_0, TAG_ENUMERATED);
	if (!value.data)
		return SPNEGO_NO_STATE;
	if (value.size != 1 || value.data[0] > SPNEGO_REQUEST_MIC) {
		sequence->failed = true;
		return SPNEGO_NO_STATE;
	}
	return (enum spnego_state)value.data[0];
}

int spnego_response_parse(struct slice in, struct spnego_response *out)
{
	struct reader r;
	reader_init(&r, in.data, in.size);
	struct reader choice = enter(&r, TAG_1);
	struct reader sequence = enter(&choice, TAG_SEQUENCE);
	struct spnego_response m = {.state = read_state(&sequence)};
	m.mechanism = read_field(&sequence, TAG_1, TAG_OID);
	m.token = read_field(&sequence, TAG_2, TAG_OCTET_STRING);
	m.mic = read_field(&sequence, TAG_3, TAG_OCTET_STRING);
	if (sequence.failed)
		return ERR_INVALID;
	*out = m;
	return 0;
}

static size_t element_size(size_t content)
{
	return content + (content < 0x80 ? 2 : content < 0x100 ? 3 : 4);
}

static void put_header(struct buffer *b, enum tag tag, size_t content)
{
	assert(content <= UINT16_MAX);
	buffer_put_u8(b, (uint8_t)tag);
	if (content >= 0x100) {
		buffer_put_u8(b, 0x82);
		buffer_put_u8(b, (uint8_t)(content >> 8));
	} else if (content >= 0x80) {
		buffer_put_u8(b, 0x81);
	}
	buffer_put_u8(b, (uint8_t)content);
}

static void put_element(struct buffer *b, enum tag tag, struct slice content)
{
	put_header(b, tag, content.size);
	buffer_put(b, content.data, content.size);
}

static size_t field_size(struct slice value)
{
	return value.data ? element_size(element_size(value.size)) : 0;
}

static void put_field(struct buffer *b, enum tag n, enum tag tag, struct slice value)
{
	if (!value.data)
		return;
	put_header(b, n, element_size(value.size));
	put_element(b, tag, value);
}

void spnego_init_write(struct slice token, struct buffer *out)
{
	size_t fields = element_size(sizeof ntlm_only) + field_size(token);
	size_t choice = element_size(fields);
	put_header(out, TAG_APPLICATION, element_size(sizeof spnego_oid) + element_size(choice));
	put_element(out, TAG_OID, slice_of(spnego_oid, sizeof spnego_oid));
	put_header(out, TAG_0, choice);
	put_header(out, TAG_SEQUENCE, fields);
	put_element(out, TAG_0, spnego_ntlm_only());
	put_field(out, TAG_2, TAG_OCTET_STRING, token);
}

void spnego_response_write(const struct spnego_response *m, struct buffer *out)
{
	uint8_t octet = (uint8_t)m->state;
	struct slice state = slice_of(m->state == SPNEGO_NO_STATE ? NULL : &octet, 1);
	size_t fields = field_size(state) + field_size(m->mechanism) + field_size(m->token) +
	                field_size(m->mic);
	put_header(out, TAG_1, element_size(fields));
	put_header(out, TAG_SEQUENCE, fields);
	put_field(out, TAG_0, TAG_ENUMERATED, state);
	put_field(out, TAG_1, TAG_OID, m->mechanism);
	put_field(out, TAG_2, TAG_OCTET_STRING, m->token);
	put_field(out, TAG_3, TAG_OCTET_STRING, m->mic);
}
