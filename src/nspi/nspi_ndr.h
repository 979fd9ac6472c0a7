#ifndef NSPI_NSPI_NDR_H
#define NSPI_NSPI_NDR_H

/* The NDR form of every operation: one filter a direction of the call, for client and server alike.
 * Each takes a pointer to the nspi_*_in or nspi_*_out structure of nspi/types.h. */

#include "ndr/ndr.h"
#include "nspi/types.h"

extern const struct guid NSPI_INTERFACE; /* F5CC5A18-4264-101A-8C59-08002B2F8426 */
enum { NSPI_VERSION_MAJOR = 56, NSPI_VERSION_MINOR = 0, NSPI_OPNUM_COUNT = 21 };

ndr_fn ndr_nspi_bind_in, ndr_nspi_bind_out;
ndr_fn ndr_nspi_unbind_in, ndr_nspi_unbind_out;
ndr_fn ndr_nspi_update_stat_in, ndr_nspi_update_stat_out;
ndr_fn ndr_nspi_query_rows_in, ndr_nspi_query_rows_out;
ndr_fn ndr_nspi_seek_entries_in, ndr_nspi_seek_entries_out;
ndr_fn ndr_nspi_get_matches_in, ndr_nspi_get_matches_out;
ndr_fn ndr_nspi_resort_restriction_in, ndr_nspi_resort_restriction_out;
ndr_fn ndr_nspi_dn_to_mid_in, ndr_nspi_dn_to_mid_out;
ndr_fn ndr_nspi_get_prop_list_in, ndr_nspi_get_prop_list_out;
ndr_fn ndr_nspi_get_props_in, ndr_nspi_get_props_out;
ndr_fn ndr_nspi_compare_mids_in, ndr_nspi_compare_mids_out;
ndr_fn ndr_nspi_mod_props_in, ndr_nspi_mod_props_out;
ndr_fn ndr_nspi_get_special_table_in, ndr_nspi_get_special_table_out;
ndr_fn ndr_nspi_get_template_info_in, ndr_nspi_get_template_info_out;
ndr_fn ndr_nspi_mod_link_att_in, ndr_nspi_mod_link_att_out;
ndr_fn ndr_nspi_query_columns_in, ndr_nspi_query_columns_out;
ndr_fn ndr_nspi_get_names_from_ids_in, ndr_nspi_get_names_from_ids_out;
ndr_fn ndr_nspi_get_ids_from_names_in, ndr_nspi_get_ids_from_names_out;
ndr_fn ndr_nspi_resolve_names_in, ndr_nspi_resolve_names_out;
ndr_fn ndr_nspi_resolve_names_w_in; /* its out is ndr_nspi_resolve_names_out */

#endif
