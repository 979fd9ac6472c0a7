#include "store/account.h"

#include <assert.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "base/memory.h"
#include "base/reader.h"
#include "base/utf.h"

static bool name_char_allowed(UChar32 c)
{
	static const char forbidden[] = "@\\/:;,\"<>|";
	return c >= 0x20 && !(c >= 0x7F && c < 0xA0) && !(c < 0x80 && strchr(forbidden, (int)c));
}

int name_key(struct slice name, struct name_key *key, struct error *e)
{
	if (name.size == 0 || name.size >= ACCOUNT_NAME_SIZE)
		return error_set(e, ERR_INVALID, "a name has 1 to %d bytes", ACCOUNT_NAME_SIZE - 1);
	if (!utf8_valid(name))
		return error_set(e, ERR_INVALID, "the name is not valid UTF-8");
	int32_t in = 0, out = 0;
	while (in < (int32_t)name.size) {
		UChar32 c;
		U8_NEXT_UNSAFE(name.data, in, c);
		if (!name_char_allowed(c))
			return error_set(e, ERR_INVALID,
			                 "a name has no control characters and none of @ \\ / : ; "
			                 ", \" < > |");
		c = u_foldCase(c, U_FOLD_CASE_DEFAULT);
		U8_APPEND_UNSAFE(key->bytes, out, c);
	}
	key->size = (size_t)out;
	return 0;
}

struct account *account_new(const char *name, const char *entry_dn)
{
	struct account *a = xcalloc(1, sizeof *a);
	int err = name_key(slice_of_string(name), &a->key, NULL);
	assert(!err);
	(void)err;
	a->name = xstrdup(name);
	a->entry_dn = xstrdup(entry_dn ? entry_dn : "");
	return a;
}

void account_free(struct account *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->group_count; i++)
		free(a->groups[i]);
	free(a->groups);
	free(a->name);
	free(a->entry_dn);
	wipe(a, sizeof *a);
	free(a);
}

static void add_group(struct account *a, char *group)
{
	a->groups = xrealloc_array(a->groups, a->group_count + 1, sizeof *a->groups);
	a->groups[a->group_count++] = group;
}

struct account *account_clone(const struct account *a)
{
	struct account *copy = account_new(a->name, a->entry_dn);
	copy->has_nt_hash = a->has_nt_hash;
	memcpy(copy->nt_hash, a->nt_hash, sizeof copy->nt_hash);
	memcpy(copy->crypt_hash, a->crypt_hash, sizeof copy->crypt_hash);
	copy->disabled = a->disabled;
	copy->created_ms = a->created_ms;
	copy->password_set_ms = a->password_set_ms;
	for (size_t i = 0; i < a->group_count; i++)
		add_group(copy, xstrdup(a->groups[i]));
	return copy;
}

bool account_in_group(const struct account *a, const char *group)
{
	for (size_t i = 0; i < a->group_count; i++)
		if (strcmp(a->groups[i], group) == 0)
			return true;
	return false;
}

int account_join(struct account *a, const char *group, struct error *e)
{
	if (a->group_count == ACCOUNT_MAX_GROUPS)
		return error_set(e, ERR_LIMIT, "%s is in %d groups already, more are not possible",
		                 a->name, ACCOUNT_MAX_GROUPS);
	add_group(a, xstrdup(group));
	return 0;
}

void account_leave(struct account *a, const char *group)
{
	size_t kept = 0;
	for (size_t i = 0; i < a->group_count; i++) {
		if (strcmp(a->groups[i], group) == 0)
			free(a->groups[i]);
		else
			a->groups[kept++] = a->groups[i];
	}
	a->group_count = kept;
}

static void put_text(struct buffer *out, const char *text)
{
	size_t size = strlen(text);
	buffer_put_u16(out, (uint16_t)size);
	buffer_put(out, text, size);
}

static char *read_text(struct reader *r, size_t max)
{
	struct slice text = reader_slice(r, reader_u16(r));
	if (text.size > max || (text.size && memchr(text.data, 0, text.size)))
		r->failed = true;
	return xstrndup(r->failed ? "" : (const char *)text.data, text.size);
}

void account_encode(const struct account *a, struct buffer *out)
{
	put_text(out, a->name);
	put_text(out, a->entry_dn);
	buffer_put(out, a->nt_hash, sizeof a->nt_hash);
	buffer_put_u8(out, a->disabled);
	buffer_put_u64(out, a->created_ms);
	buffer_put_u64(out, a->password_set_ms);
	buffer_put_u8(out, (uint8_t)a->group_count);
	for (size_t i = 0; i < a->group_count; i++)
		put_text(out, a->groups[i]);
	buffer_put_u8(out, a->has_nt_hash);
	put_text(out, a->crypt_hash);
}

/* Records written before there were yescrypt hashes end without it. */
static void read_second_part(struct reader *r, struct account *a)
{
	a->has_nt_hash = true;
	if (reader_left(r) == 0)
		return;
	a->has_nt_hash = reader_u8(r);
	char *crypt_hash = read_text(r, ACCOUNT_CRYPT_SIZE - 1);
	memcpy(a->crypt_hash, crypt_hash, strlen(crypt_hash));
	free(crypt_hash);
}

struct account *account_decode(struct slice record)
{
	struct reader r;
	reader_init(&r, record.data, record.size);
	struct account *a = xcalloc(1, sizeof *a);
	a->name = read_text(&r, ACCOUNT_NAME_SIZE - 1);
	if (name_key(slice_of_string(a->name), &a->key, NULL))
		r.failed = true;
	a->entry_dn = read_text(&r, USER_ENTRY_DN_SIZE - 1);
	const uint8_t *hash = reader_take(&r, sizeof a->nt_hash);
	if (hash)
		memcpy(a->nt_hash, hash, sizeof a->nt_hash);
	a->disabled = reader_u8(&r);
	a->created_ms = reader_u64(&r);
	a->password_set_ms = reader_u64(&r);
	size_t count = reader_u8(&r);
	for (size_t i = 0; i < count && i < ACCOUNT_MAX_GROUPS && !r.failed; i++)
		add_group(a, read_text(&r, ACCOUNT_NAME_SIZE - 1));
	read_second_part(&r, a);
	if (!r.failed && reader_left(&r) == 0)
		return a;
	account_free(a);
	return NULL;
}
