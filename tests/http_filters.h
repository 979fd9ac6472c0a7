#ifndef TESTS_HTTP_FILTERS_H
#define TESTS_HTTP_FILTERS_H

/* Every filter of nspi/nspi_mapihttp.h and rfr/rfr_mapihttp.h, for tests that walk through all of
 * them. */

#include "nspi/nspi_mapihttp.h"
#include "rfr/rfr_mapihttp.h"

struct http_filter {
	const char *name, *direction; /* "query_rows", "in": as in the names of vectors */
	size_t size;                  /* of the value */
	wire_fn *fn;
};

#define HTTP_FILTER(op, side)                                                                      \
	{                                                                                          \
		.name = #op, .direction = #side, .size = sizeof(struct nspi_##op##_##side),        \
		.fn = http_nspi_##op##_##side,                                                     \
	}
#define HTTP_FILTERS(op) HTTP_FILTER(op, in), HTTP_FILTER(op, out)

static const struct http_filter http_filters[] = {
	HTTP_FILTERS(bind),
	HTTP_FILTERS(unbind),
	HTTP_FILTERS(compare_mids),
	HTTP_FILTERS(dn_to_mid),
	HTTP_FILTERS(get_matches),
	HTTP_FILTERS(get_prop_list),
	HTTP_FILTERS(get_props),
	HTTP_FILTERS(get_special_table),
	HTTP_FILTERS(get_template_info),
	HTTP_FILTERS(mod_link_att),
	HTTP_FILTERS(mod_props),
	HTTP_FILTERS(query_columns),
	HTTP_FILTERS(query_rows),
	HTTP_FILTERS(resort_restriction),
	HTTP_FILTERS(seek_entries),
	HTTP_FILTERS(update_stat),
	{"resolve_names",        "in",  sizeof(struct nspi_resolve_names_in), http_nspi_resolve_names_w_in},
	HTTP_FILTER(resolve_names, out),
	{"get_mailbox_url",      "in",  sizeof(struct rfr_url_in),            http_rfr_url_in             },
	{"get_mailbox_url",      "out", sizeof(struct rfr_url_out),           http_rfr_url_out            },
	{"get_address_book_url", "in",  sizeof(struct rfr_url_in),            http_rfr_url_in             },
	{"get_address_book_url", "out", sizeof(struct rfr_url_out),           http_rfr_url_out            },
};

enum { HTTP_FILTER_COUNT = sizeof http_filters / sizeof http_filters[0] };

#endif
