#ifndef TESTS_NSPI_FILTERS_H
#define TESTS_NSPI_FILTERS_H

/* Every filter of nspi/nspi_ndr.h, for tests that walk through all of them. */

#include "nspi/nspi_ndr.h"

struct filter {
	const char *name, *direction; /* "query_rows", "in": as in the names of vectors */
	size_t size;                  /* of the value */
	ndr_fn *fn;
};

#define FILTER_OF(op, side, filter)                                                                \
	{                                                                                          \
		.name = #op, .direction = #side, .size = sizeof(struct nspi_##op##_##side),        \
		.fn = filter,                                                                      \
	}
#define FILTER(op, side) FILTER_OF(op, side, ndr_nspi_##op##_##side)

static const struct filter filters[] = {
	FILTER(bind, in),
	FILTER(bind, out),
	FILTER(unbind, in),
	FILTER(unbind, out),
	FILTER(update_stat, in),
	FILTER(update_stat, out),
	FILTER(query_rows, in),
	FILTER(query_rows, out),
	FILTER(seek_entries, in),
	FILTER(seek_entries, out),
	FILTER(get_matches, in),
	FILTER(get_matches, out),
	FILTER(resort_restriction, in),
	FILTER(resort_restriction, out),
	FILTER(dn_to_mid, in),
	FILTER(dn_to_mid, out),
	FILTER(get_prop_list, in),
	FILTER(get_prop_list, out),
	FILTER(get_props, in),
	FILTER(get_props, out),
	FILTER(compare_mids, in),
	FILTER(compare_mids, out),
	FILTER(mod_props, in),
	FILTER(mod_props, out),
	FILTER(get_special_table, in),
	FILTER(get_special_table, out),
	FILTER(get_template_info, in),
	FILTER(get_template_info, out),
	FILTER(mod_link_att, in),
	FILTER(mod_link_att, out),
	FILTER(query_columns, in),
	FILTER(query_columns, out),
	FILTER(get_names_from_ids, in),
	FILTER(get_names_from_ids, out),
	FILTER(get_ids_from_names, in),
	FILTER(get_ids_from_names, out),
	FILTER(resolve_names, in),
	FILTER(resolve_names, out),
	{"resolve_names_w", "in",  sizeof(struct nspi_resolve_names_in),
                              ndr_nspi_resolve_names_w_in},
	{"resolve_names_w", "out", sizeof(struct nspi_resolve_names_out),
                              ndr_nspi_resolve_names_out },
};

enum { FILTER_COUNT = sizeof filters / sizeof filters[0] };

#endif
