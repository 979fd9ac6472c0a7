/* The address creation table (MS-OXOABKT 2.2.1): what kinds of addresses can be made that are not
 * in the book, and where the dialog for each is. */

#include "base/buffer.h"
#include "mapi/codepage.h"
#include "mapi/entryid.h"
#include "mapi/tags.h"
#include "nspi/templates-private.h"

enum { ROW_COLUMNS = 7, KEY_BYTES = 4 };

struct creation {
	struct nspi_call *call;
	const struct templates *set;
	uint32_t codepage;
};

static struct mapi_value string8(const struct creation *c, mapi_tag tag, struct slice utf8)
{
	return (struct mapi_value){
		.tag = tag_with_type(tag, PT_STRING8),
		.string = codepage_from_utf8(c->call->arena, c->codepage, utf8, NULL),
	};
}

static struct slice instance_key(const struct creation *c, uint32_t number)
{
	uint8_t *key = arena_alloc(c->call->arena, KEY_BYTES);

	if (key)
		put_le32(key, number);
	return slice_of(key, key ? KEY_BYTES : 0);
}

/* The display type is the new recipient's; that of the template is in the entry id alone. */
static bool make_row(const struct creation *c, const struct template *t, uint32_t number,
                     struct mapi_row *row)
{
	struct arena *a = c->call->arena;
	struct mapi_value *v = arena_alloc_array(a, ROW_COLUMNS, sizeof *v);

	if (!v)
		return false;
	v[0] = string8(c, PR_ADDRTYPE, template_address_type(t));
	v[1] = string8(c, PR_DISPLAY_NAME, template_title(t));
	v[2] = (struct mapi_value){.tag = PR_DISPLAY_TYPE, .long_value = DT_MAILUSER};
	v[3] = (struct mapi_value){
		.tag = PR_ENTRYID,
		.binary = entryid_permanent(a, DT_ADDRESS_TEMPLATE, template_dn(t)),
	};
	v[4] = (struct mapi_value){.tag = PR_DEPTH, .long_value = 0};
	v[5] = (struct mapi_value){.tag = PR_SELECTABLE, .boolean = 1};
	v[6] = (struct mapi_value){.tag = PR_INSTANCE_KEY, .binary = instance_key(c, number)};
	*row = (struct mapi_row){.count = ROW_COLUMNS, .values = v};
	/* What the call's memory holds is the call's own: the set can be replaced once it is done.
	 */
	v[0].string = arena_slice(a, v[0].string);
	v[1].string = arena_slice(a, v[1].string);
	return v[0].string.data && v[1].string.data && v[3].binary.data && v[6].binary.data;
}

static struct mapi_rows *make_rows(const struct creation *c, uint32_t locale)
{
	struct mapi_rows *rows = arena_alloc(c->call->arena, sizeof *rows);
	uint32_t count = 0;

	while (c->set && templates_of_address(c->set, locale, count))
		count++;
	if (rows)
		rows->rows = arena_alloc_array(c->call->arena, count, sizeof *rows->rows);
	if (!rows || !rows->rows)
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		const struct template *t = template_for_codepage(
			c->set, templates_of_address(c->set, locale, i), c->codepage);
		if (!make_row(c, t, i + 1, &rows->rows[rows->count++]))
			return NULL;
	}
	return rows;
}

struct mapi_rows *nspi_creation_rows(struct nspi_call *call, uint32_t locale, uint32_t codepage)
{
	/* No code page is refused here, and the strings are always in 8 bits. */
	bool narrow = codepage != CP_WINUNICODE && codepage_supported(codepage);
	const struct creation c = {
		.call = call,
		.set = nspi_templates_lock(call->service),
		.codepage = narrow ? codepage : CP_WINDOWS_1252,
	};
	struct mapi_rows *rows = make_rows(&c, locale);

	nspi_templates_unlock(call->service);
	return rows;
}
