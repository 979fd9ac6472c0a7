#ifndef NSPI_NSPI_MAPIHTTP_H
#define NSPI_NSPI_MAPIHTTP_H

/*
 * The MAPI over HTTP form of every operation that is offered there: one filter a direction of the
 * call, for client and server alike. Each takes a pointer to the nspi_*_in or nspi_*_out structure
 * of nspi/types.h. Over HTTP there are no handles: whoever decodes a request puts it in.
 */

#include "mapi/wire.h"
#include "nspi/types.h"

wire_fn http_nspi_bind_in, http_nspi_bind_out;
wire_fn http_nspi_unbind_in, http_nspi_unbind_out;
wire_fn http_nspi_update_stat_in, http_nspi_update_stat_out;
wire_fn http_nspi_query_rows_in, http_nspi_query_rows_out;
wire_fn http_nspi_seek_entries_in, http_nspi_seek_entries_out;
wire_fn http_nspi_get_matches_in, http_nspi_get_matches_out;
wire_fn http_nspi_resort_restriction_in, http_nspi_resort_restriction_out;
wire_fn http_nspi_dn_to_mid_in, http_nspi_dn_to_mid_out;
wire_fn http_nspi_get_prop_list_in, http_nspi_get_prop_list_out;
wire_fn http_nspi_get_props_in, http_nspi_get_props_out;
wire_fn http_nspi_compare_mids_in, http_nspi_compare_mids_out;
wire_fn http_nspi_mod_props_in, http_nspi_mod_props_out;
wire_fn http_nspi_get_special_table_in, http_nspi_get_special_table_out;
wire_fn http_nspi_get_template_info_in, http_nspi_get_template_info_out;
wire_fn http_nspi_mod_link_att_in, http_nspi_mod_link_att_out;
wire_fn http_nspi_query_columns_in, http_nspi_query_columns_out;
wire_fn http_nspi_resolve_names_w_in, http_nspi_resolve_names_out;

#endif
