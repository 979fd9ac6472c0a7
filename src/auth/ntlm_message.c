#include "auth/ntlm_message-private.h"

#include <assert.h>

#include "base/clock.h"

enum message_type {
	MESSAGE_NEGOTIATE = 1,
	MESSAGE_CHALLENGE = 2,
	MESSAGE_AUTHENTICATE = 3,
};

static const uint8_t signature[8] = "NTLMSSP";

/* VERSION, MS-NLMP 2.2.2.10: for debugging only, but clients expect NTLMSSP_REVISION_W2K3 at its
 * end. */
static const uint8_t version[8] = {6, 1, 0, 0, 0, 0, 0, 15};

#define CHALLENGE_HEADER_SIZE    56
#define AUTHENTICATE_HEADER_SIZE 88
#define TICKS_1601_TO_1970       UINT64_C(116444736000000000) /* of 100 ns */

bool ntlm_is_message(struct slice token)
{
	return token.size >= sizeof signature &&
	       memcmp(token.data, signature, sizeof signature) == 0;
}

static void read_start(struct reader *r, struct slice token, enum message_type type)
{
	reader_init(r, token.data, token.size);
	if (!ntlm_is_message(token))
		r->failed = true;
	reader_skip(r, sizeof signature);
	if (reader_u32(r) != type)
		r->failed = true;
}

/* Len, MaxLen, BufferOffset: the bytes they name, anywhere in the message. */
static struct slice read_field(struct reader *r)
{
	size_t size = reader_u16(r);
	reader_skip(r, 2);
	size_t offset = reader_u32(r);
	size_t message_size = (size_t)(r->end - r->start);
	if (size == 0)
		return slice_of("", 0);
	if (offset > message_size || size > message_size - offset) {
		r->failed = true;
		return slice_of("", 0);
	}
	return slice_of(r->start + offset, size);
}

static struct slice read_unicode_field(struct reader *r)
{
	struct slice s = read_field(r);
	if (s.size % 2 != 0)
		r->failed = true;
	return s;
}

/* Behind the flags stand domain and workstation, which nothing depends on and some clients leave
 * out. */
int ntlm_negotiate_parse(struct slice token, struct ntlm_negotiate *out)
{
	struct reader r;
	read_start(&r, token, MESSAGE_NEGOTIATE);
	struct ntlm_negotiate m = {.flags = reader_u32(&r)};
	if (r.failed)
		return ERR_INVALID;
	*out = m;
	return 0;
}

int ntlm_challenge_parse(struct slice token, struct ntlm_challenge *out)
{
	struct reader r;
	struct ntlm_challenge m = {0};
	read_start(&r, token, MESSAGE_CHALLENGE);
	m.target_name = read_field(&r);
	m.flags = reader_u32(&r);
	const uint8_t *challenge = reader_take(&r, sizeof m.server_challenge);
	reader_skip(&r, 8); /* Reserved */
	m.target_info = read_field(&r);
	if (r.failed)
		return ERR_INVALID;
	memcpy(m.server_challenge, challenge, sizeof m.server_challenge);
	*out = m;
	return 0;
}

int ntlm_authenticate_parse(struct slice token, struct ntlm_authenticate *out)
{
	struct reader r;
	struct ntlm_authenticate m = {0};
	read_start(&r, token, MESSAGE_AUTHENTICATE);
	m.lm_response = read_field(&r);
	m.nt_response = read_field(&r);
	m.domain = read_unicode_field(&r);
	m.user = read_unicode_field(&r);
	m.workstation = read_unicode_field(&r);
	m.session_key = read_field(&r);
	m.flags = reader_u32(&r);
	if (r.failed)
		return ERR_INVALID;
	*out = m;
	return 0;
}

bool ntlm_av_next(struct reader *r, struct ntlm_av *out)
{
	out->id = reader_u16(r);
	size_t size = reader_u16(r);
	out->value = reader_slice(r, size);
	return !r->failed && out->id != NTLM_AV_END;
}

int ntlm_v2_response_parse(struct slice nt_response, struct ntlm_v2_response *out)
{
	struct reader r;
	reader_init(&r, nt_response.data, nt_response.size);
	struct ntlm_v2_response v = {.proof = reader_slice(&r, 16)};
	v.proved = slice_of(r.pos, reader_left(&r));
	uint8_t type = reader_u8(&r);
	uint8_t highest_type = reader_u8(&r);
	reader_skip(&r, 6 + 8 + NTLM_CHALLENGE_SIZE +
	                        4); /* Reserved, TimeStamp, challenge, Reserved3 */
	if (r.failed || type != 1 || highest_type != 1)
		return ERR_INVALID;

	struct ntlm_av av;
	while (ntlm_av_next(&r, &av)) {
		struct reader value;
		reader_init(&value, av.value.data, av.value.size);
		if (av.id == NTLM_AV_FLAGS)
			v.av_flags = reader_u32(&value);
		/* Of two, one may be what a relaying server had the client copy. */
		if (av.id == NTLM_AV_CHANNEL_BINDINGS && v.channel_bindings.data)
			return ERR_INVALID;
		if (av.id == NTLM_AV_CHANNEL_BINDINGS)
			v.channel_bindings = av.value;
	}
	if (r.failed)
		return ERR_INVALID;
	*out = v;
	return 0;
}

void ntlm_av_put(struct buffer *b, uint16_t id, struct slice value)
{
	assert(value.size <= UINT16_MAX);
	buffer_put_u16(b, id);
	buffer_put_u16(b, (uint16_t)value.size);
	buffer_put(b, value.data, value.size);
}

void ntlm_current_time(uint8_t filetime[NTLM_TIME_SIZE])
{
	uint64_t ticks = TICKS_1601_TO_1970 + clock_wall_ms() * 10000;
	put_le32(filetime, (uint32_t)ticks);
	put_le32(filetime + 4, (uint32_t)(ticks >> 32));
}

static void write_start(struct buffer *b, enum message_type type)
{
	buffer_put(b, signature, sizeof signature);
	buffer_put_u32(b, type);
}

/* Names the next bytes of the payload, which begins at *offset. */
static void write_field(struct buffer *b, struct slice s, size_t *offset)
{
	assert(s.size <= UINT16_MAX);
	buffer_put_u16(b, (uint16_t)s.size);
	buffer_put_u16(b, (uint16_t)s.size);
	buffer_put_u32(b, (uint32_t)*offset);
	*offset += s.size;
}

static void write_version(struct buffer *b, uint32_t flags)
{
	if (flags & NTLM_VERSION)
		buffer_put(b, version, sizeof version);
	else
		buffer_put_zeros(b, sizeof version);
}

void ntlm_negotiate_write(const struct ntlm_negotiate *m, struct buffer *out)
{
	const struct slice none = slice_of("", 0);
	size_t offset = 0;
	write_start(out, MESSAGE_NEGOTIATE);
	buffer_put_u32(out, m->flags);
	write_field(out, none, &offset);
	write_field(out, none, &offset);
	write_version(out, m->flags);
}

void ntlm_challenge_write(const struct ntlm_challenge *m, struct buffer *out)
{
	size_t offset = CHALLENGE_HEADER_SIZE;
	write_start(out, MESSAGE_CHALLENGE);
	write_field(out, m->target_name, &offset);
	buffer_put_u32(out, m->flags);
	buffer_put(out, m->server_challenge, sizeof m->server_challenge);
	buffer_put_zeros(out, 8); /* Reserved */
	write_field(out, m->target_info, &offset);
	write_version(out, m->flags);
	buffer_put(out, m->target_name.data, m->target_name.size);
	buffer_put(out, m->target_info.data, m->target_info.size);
}

/* The strings come first in the payload: their offsets have to be even. */
void ntlm_authenticate_write(const struct ntlm_authenticate *m, struct buffer *out)
{
	size_t strings = AUTHENTICATE_HEADER_SIZE;
	size_t secrets = strings + m->domain.size + m->user.size + m->workstation.size;
	write_start(out, MESSAGE_AUTHENTICATE);
	write_field(out, m->lm_response, &secrets);
	write_field(out, m->nt_response, &secrets);
	write_field(out, m->domain, &strings);
	write_field(out, m->user, &strings);
	write_field(out, m->workstation, &strings);
	write_field(out, m->session_key, &secrets);
	buffer_put_u32(out, m->flags);
	write_version(out, m->flags);
	buffer_put_zeros(out, NTLM_MIC_SIZE);
	buffer_put(out, m->domain.data, m->domain.size);
	buffer_put(out, m->user.data, m->user.size);
	buffer_put(out, m->workstation.data, m->workstation.size);
	buffer_put(out, m->lm_response.data, m->lm_response.size);
	buffer_put(out, m->nt_response.data, m->nt_response.size);
	buffer_put(out, m->session_key.data, m->session_key.size);
}
