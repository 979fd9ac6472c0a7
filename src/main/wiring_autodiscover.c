/* Autodiscover: web/ <-> rfr/, with what the address book knows of a mail address. */

#include "base/clock.h"
#include "main/wiring-private.h"
#include "rfr/autodiscover.h"

enum { REQUEST_MAX = 64 << 10 };

static bool is_address_of(const struct view *v, const struct object *o, struct slice email,
                          struct arena *a)
{
	struct mapi_value value;

	if (object_value(v, o, tag_id(PR_SMTP_ADDRESS), a, &value) &&
	    slice_equal_nocase(value.string, email))
		return true;
	if (!object_value(v, o, tag_id(PR_EMS_AB_PROXY_ADDRESSES), a, &value))
		return false;
	for (uint32_t i = 0; i < value.slices.count; i++) {
		struct slice proxy = value.slices.items[i];
		if (slice_starts_nocase(proxy, "smtp:") &&
		    slice_equal_nocase(slice_of(proxy.data + 5, proxy.size - 5), email))
			return true;
	}
	return false;
}

/* The entry with that mail address; NULL when there is none. */
static const struct object *find_entry(const struct view *v, struct slice email, struct arena *a)
{
	const struct container *everybody = view_container(v, 0);
	uint32_t mid = 0;

	if (!everybody || view_resolve(v, everybody, email, &mid) != ANR_RESOLVED)
		return NULL;
	const struct object *o = view_object(v, mid);
	return o && is_address_of(v, o, email, a) ? o : NULL;
}

/* Clients say which version of MAPI/HTTP they can, from 1 on. */
static bool can_mapi_http(const struct web_request *r)
{
	struct slice version = http_header(r->head, "X-MapiHttpCapability", NULL);

	return version.size > 0 && version.data[0] >= '1' && version.data[0] <= '9';
}

static struct buffer *begin(struct web_request *r)
{
	web_respond(r, 200);
	web_header(r, "Content-Type", "text/xml; charset=utf-8");
	web_header(r, "Cache-Control", "private");
	return web_body(r);
}

static enum web_run refuse(struct web_request *r, enum autodiscover_error error)
{
	autodiscover_put_error(begin(r), error, clock_wall_ms());
	return WEB_DONE;
}

static enum web_run answer(struct wiring *w, struct web_request *r, const struct view *v,
                           const struct object *o, struct slice email)
{
	const struct rfr_origin from = {.tls = r->tls, .host = r->host};
	char server[RFR_NAME_SIZE], deployment[GUID_TEXT_SIZE];

	guid_format(nspi_server_guid(w->nspi), deployment);
	rfr_choose(w->rfr, server);
	const struct autodiscover_answer a = {
		.display_name = object_display_name(v, o),
		.legacy_dn = object_dn(v, o),
		.email = email,
		.deployment_id = deployment,
		.mapi_http = can_mapi_http(r),
		.address_book_url = rfr_address_book_url(w->rfr, &from, r->arena),
		.mailbox_url = rfr_has_mailbox_url(w->rfr)
	                             ? rfr_mailbox_url(w->rfr, server, r->arena)
	                             : NULL,
		.server = server,
	};
	if (!a.address_book_url) {
		web_answer(r, 503, "No memory for the request.");
		return WEB_DONE;
	}
	autodiscover_put(begin(r), &a);
	return WEB_DONE;
}

static enum web_run start(void *context, struct web_request *r)
{
	struct wiring *w = context;
	struct autodiscover_request request;
	struct net_connection *c = wiring_http_connection(r->peer);
	const struct snapshot *snapshot = directory_reader_refresh(&loop_data_of(c)->reader);
	const struct viewer viewer = nspi_viewer_of(w->nspi, snapshot, r->principal->account);
	const struct view v = {.snapshot = snapshot, .viewer = &viewer};

	if (autodiscover_parse(r->body, r->arena, &request) || request.email.size == 0)
		return refuse(r, AUTODISCOVER_INVALID_REQUEST);
	if (!autodiscover_schema_known(request.schema))
		return refuse(r, AUTODISCOVER_UNKNOWN_SCHEMA);
	const struct object *o = find_entry(&v, request.email, r->arena);
	return o ? answer(w, r, &v, o, request.email) : refuse(r, AUTODISCOVER_UNKNOWN_ADDRESS);
}

const struct web_handler wiring_autodiscover = {
	.name = "autodiscover",
	.methods = WEB_POST,
	.max_body = REQUEST_MAX,
	.start = start,
};
