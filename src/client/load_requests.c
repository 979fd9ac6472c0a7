#include "client/load_requests-private.h"

#include <string.h>

#include "mapi/entryid.h"
#include "mapi/tags.h"
#include "nspi/nspi_ndr.h"

enum {
	SAMPLE_PAGES = 20,
	SAMPLE_ROWS = 50,
	CODEPAGE = 1252,
	LOCALE = 0x0409,
	BIND_REPLY_HANDLE = 4, /* behind a NULL pointer */
};

/* The columns that mail clients show, and the entry id. */
static const mapi_tag page_tags[] = {
	PR_ENTRYID,         PR_DISPLAY_NAME,    PR_SMTP_ADDRESS, PR_TITLE,
	PR_DEPARTMENT_NAME, PR_OFFICE_LOCATION, PR_DISPLAY_TYPE,
};

enum { PAGE_TAG_COUNT = sizeof page_tags / sizeof page_tags[0] };

/* xorshift64: which entry comes next need not be unguessable. */
static uint32_t pick(struct load_source *s, uint32_t below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return below ? (uint32_t)(s->random >> 32) % below : 0;
}

static struct nspi_stat beginning(const struct load_source *s)
{
	return (struct nspi_stat){
		.container_id = s->config->container,
		.codepage = CODEPAGE,
		.template_locale = LOCALE,
		.sort_locale = LOCALE,
	};
}

/* A page at a random place that has as many rows as it can. */
static struct nspi_stat somewhere(struct load_source *s)
{
	struct nspi_stat stat = beginning(s);
	uint32_t rows = s->config->rows < s->sample.total ? s->config->rows : s->sample.total;

	stat.delta = (int32_t)pick(s, s->sample.total - rows + 1);
	return stat;
}

static struct slice some_name(struct load_source *s)
{
	return s->sample.count ? s->sample.names[pick(s, s->sample.count)] : slice_of_string("x");
}

static void encode(struct buffer *stub, ndr_fn *filter, void *in)
{
	struct ndr n;

	ndr_encode_init(&n, stub);
	filter(&n, in);
}

static uint16_t bind(struct load_source *s, const struct nspi_handle *handle, struct slice reply,
                     struct buffer *stub)
{
	struct nspi_bind_in in = {.stat = beginning(s)};

	(void)handle;
	(void)reply;
	encode(stub, ndr_nspi_bind_in, &in);
	return 0;
}

static uint16_t unbind(struct load_source *s, const struct nspi_handle *handle, struct slice reply,
                       struct buffer *stub)
{
	struct nspi_unbind_in in = {.handle = *handle};

	(void)s;
	if (reply.size >= BIND_REPLY_HANDLE + 20)
		memcpy(in.handle.id.bytes, reply.data + BIND_REPLY_HANDLE + 4,
		       sizeof in.handle.id.bytes);
	encode(stub, ndr_nspi_unbind_in, &in);
	return 1;
}

static uint16_t update_stat(struct load_source *s, const struct nspi_handle *handle,
                            struct slice reply, struct buffer *stub)
{
	struct nspi_update_stat_in in = {.handle = *handle, .stat = somewhere(s)};

	(void)reply;
	encode(stub, ndr_nspi_update_stat_in, &in);
	return 2;
}

static uint16_t query_rows(struct load_source *s, const struct nspi_handle *handle,
                           struct slice reply, struct buffer *stub)
{
	struct nspi_query_rows_in in = {
		.handle = *handle,
		.stat = somewhere(s),
		.count = s->config->rows,
		.tags = &s->page,
	};

	(void)reply;
	encode(stub, ndr_nspi_query_rows_in, &in);
	return 3;
}

static uint16_t seek(struct load_source *s, const struct nspi_handle *handle, struct slice reply,
                     struct buffer *stub)
{
	struct nspi_seek_entries_in in = {
		.handle = *handle,
		.stat = beginning(s),
		.target = {.tag = PR_DISPLAY_NAME, .string = some_name(s)},
	};

	(void)reply;
	encode(stub, ndr_nspi_seek_entries_in, &in);
	return 4;
}

static uint16_t matches(struct load_source *s, const struct nspi_handle *handle, struct slice reply,
                        struct buffer *stub)
{
	struct mapi_value value = {.tag = PR_ANR, .string = some_name(s)};
	struct mapi_restriction anr = {
		.type = RES_PROPERTY, .property = {RELOP_EQ, PR_ANR, &value}
        };
	struct nspi_get_matches_in in = {
		.handle = *handle,
		.stat = beginning(s),
		.filter = &anr,
		.requested = s->config->rows,
		.tags = &s->page,
	};

	(void)reply;
	encode(stub, ndr_nspi_get_matches_in, &in);
	return 5;
}

static uint16_t get_props(struct load_source *s, const struct nspi_handle *handle,
                          struct slice reply, struct buffer *stub)
{
	struct nspi_get_props_in in = {.handle = *handle, .stat = beginning(s), .tags = &s->page};

	(void)reply;
	in.stat.current_rec = s->sample.count ? s->sample.mids[pick(s, s->sample.count)] : 0;
	encode(stub, ndr_nspi_get_props_in, &in);
	return 9;
}

static uint16_t resolve(struct load_source *s, const struct nspi_handle *handle, struct slice reply,
                        struct buffer *stub)
{
	struct slice name = some_name(s);
	struct nspi_resolve_names_in in = {
		.handle = *handle,
		.stat = beginning(s),
		.tags = &s->page,
		.names = {1, &name},
	};

	(void)reply;
	encode(stub, ndr_nspi_resolve_names_w_in, &in);
	return 20;
}

static const struct load_operation operations[] = {
	{"bind",       bind,        unbind},
	{"updatestat", update_stat, NULL  },
	{"queryrows",  query_rows,  NULL  },
	{"seek",       seek,        NULL  },
	{"matches",    matches,     NULL  },
	{"getprops",   get_props,   NULL  },
	{"resolve",    resolve,     NULL  },
};

const char *load_operations(void)
{
	return "bind updatestat queryrows seek matches getprops resolve";
}

const struct load_operation *load_find_operation(const char *name)
{
	for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	}
	return NULL;
}

bool load_knows(const char *operation)
{
	return load_find_operation(operation) != NULL;
}

static int count_entries(struct load_source *s, struct client *c, const struct nspi_handle *handle,
                         struct arena *a, struct error *e)
{
	struct nspi_update_stat_in in = {.handle = *handle, .stat = beginning(s)};
	struct nspi_update_stat_out out = {0};
	int err = client_update_stat(c, a, &in, &out, e);

	if (err)
		return err;
	if (out.status || out.stat.total_recs == 0)
		return error_set(e, ERR_NOT_FOUND, "the list has no entries to ask for");
	s->sample.total = out.stat.total_recs;
	return 0;
}

static void keep(struct load_sample *sample, const struct mapi_row *row, const struct guid *server)
{
	struct entryid id;

	if (row->count != 2 || row->values[0].tag != PR_ENTRYID ||
	    row->values[1].tag != PR_DISPLAY_NAME)
		return;
	if (!entryid_parse(row->values[0].binary, server, &id) || !id.ephemeral)
		return;
	sample->mids[sample->count] = id.mid;
	sample->names[sample->count] = row->values[1].string;
	sample->count++;
}

static int sample_page(struct load_source *s, struct client *c, const struct nspi_bind_out *session,
                       struct arena *a, struct error *e)
{
	uint32_t items[] = {PR_ENTRYID, PR_DISPLAY_NAME};
	struct mapi_tags tags = {2, items};
	struct nspi_query_rows_in in = {
		.handle = session->handle,
		.flags = NSPI_EPHEMERAL_IDS,
		.stat = beginning(s),
		.count = SAMPLE_ROWS,
		.tags = &tags,
	};
	struct nspi_query_rows_out out = {0};

	in.stat.delta = (int32_t)pick(s, s->sample.total);
	int err = client_query_rows(c, a, &in, &out, e);
	for (uint32_t i = 0; !err && out.rows && i < out.rows->count && i < SAMPLE_ROWS; i++)
		keep(&s->sample, &out.rows->rows[i], session->server_guid);
	return err;
}

static int make_room(struct load_source *s, struct arena *a, struct error *e)
{
	s->sample.names = arena_alloc_array(a, SAMPLE_PAGES * SAMPLE_ROWS, sizeof(struct slice));
	s->sample.mids = arena_alloc_array(a, SAMPLE_PAGES * SAMPLE_ROWS, sizeof(uint32_t));
	s->page.items = arena_alloc(a, sizeof page_tags);
	if (!s->sample.names || !s->sample.mids || !s->page.items)
		return error_set(e, ERR_NO_MEMORY, "%s", err_text(ERR_NO_MEMORY));
	memcpy(s->page.items, page_tags, sizeof page_tags);
	s->page.count = PAGE_TAG_COUNT;
	return 0;
}

int load_take_sample(struct load_source *s, struct client *c, const struct nspi_bind_out *session,
                     struct arena *a, struct error *e)
{
	int err = make_room(s, a, e);

	if (!err)
		err = count_entries(s, c, &session->handle, a, e);
	for (int i = 0; i < SAMPLE_PAGES && !err; i++)
		err = sample_page(s, c, session, a, e);
	return err;
}
