#ifndef NSPI_TYPES_H
#define NSPI_TYPES_H

/*
 * What goes in and out of each operation, in the order of the IDL (MS-NSPI 3.1.4). Pointers that
 * may be NULL on the wire may be NULL here. Decoded values live in the call's arena.
 *
 * Behind the status of an answer stands what only MAPI over HTTP tells: the code page of its
 * strings; the columns of its rows, as they were asked for.
 */

#include "base/guid.h"
#include "mapi/restriction.h"
#include "mapi/value.h"

struct nspi_stat { /* STAT, 2.3.7 */
	uint32_t sort_type;
	uint32_t container_id;
	uint32_t current_rec; /* a MId or one of: */
	int32_t delta;
	uint32_t num_pos;
	uint32_t total_recs;
	uint32_t codepage;
	uint32_t template_locale;
	uint32_t sort_locale;
};

enum { MID_BEGINNING_OF_TABLE = 0, MID_CURRENT = 1, MID_END_OF_TABLE = 2, MID_FIRST = 0x10 };

enum { NSPI_ANONYMOUS_LOGIN = 0x20 };                         /* NspiBind */
enum { NSPI_SKIP_OBJECTS = 0x01, NSPI_EPHEMERAL_IDS = 0x02 }; /* GetPropList, GetProps, QueryRows */
enum { NSPI_CREATION_TEMPLATES = 0x02, NSPI_UNICODE_STRINGS = 0x04 }; /* GetSpecialTable */
#define NSPI_UNICODE_PROPTYPES 0x80000000u                            /* QueryColumns */
enum { NSPI_VERIFY_NAMES = 0x02 };                                    /* GetIDsFromNames */
enum { NSPI_TI_TEMPLATE = 0x01, NSPI_TI_SCRIPT = 0x04 };              /* GetTemplateInfo */
enum { NSPI_DELETE = 0x01 };                                          /* ModLinkAtt */

struct nspi_handle {         /* NSPI_HANDLE */
	uint32_t attributes; /* 0 */
	struct guid id;
};

struct nspi_name { /* PropertyName_r */
	const struct guid *guid;
	uint32_t reserved;
	int32_t id;
};

struct nspi_names {
	uint32_t count;
	struct nspi_name *items;
};

struct nspi_strings { /* StringsArray_r (bytes) or WStringsArray_r (UTF-8 here); data NULL: NULL
	                 pointer */
	uint32_t count;
	struct slice *items;
};

struct nspi_bind_in {
	uint32_t flags;
	struct nspi_stat stat;
	struct guid *server_guid;
};
struct nspi_bind_out {
	struct guid *server_guid;
	struct nspi_handle handle;
	uint32_t status;
};

struct nspi_unbind_in {
	struct nspi_handle handle;
	uint32_t reserved;
};
struct nspi_unbind_out {
	struct nspi_handle handle;
	uint32_t status;
};

struct nspi_update_stat_in {
	struct nspi_handle handle;
	uint32_t reserved;
	struct nspi_stat stat;
	int32_t *delta;
};
struct nspi_update_stat_out {
	struct nspi_stat stat;
	int32_t *delta;
	uint32_t status;
};

struct nspi_query_rows_in {
	struct nspi_handle handle;
	uint32_t flags;
	struct nspi_stat stat;
	uint32_t table_count; /* dwETableCount */
	uint32_t *table;      /* lpETable */
	uint32_t count;
	struct mapi_tags *tags; /* pPropTags */
};
struct nspi_query_rows_out {
	struct nspi_stat stat;
	struct mapi_rows *rows;
	uint32_t status;
	const struct mapi_tags *columns;
};

struct nspi_seek_entries_in {
	struct nspi_handle handle;
	uint32_t reserved;
	struct nspi_stat stat;
	struct mapi_value target;
	struct mapi_tags *table; /* lpETable: MIds */
	struct mapi_tags *tags;
};
struct nspi_seek_entries_out {
	struct nspi_stat stat;
	struct mapi_rows *rows;
	uint32_t status;
	const struct mapi_tags *columns;
};

struct nspi_get_matches_in {
	struct nspi_handle handle;
	uint32_t reserved1;
	struct nspi_stat stat;
	struct mapi_tags *reserved; /* pReserved */
	uint32_t reserved2;
	struct mapi_restriction *filter;
	struct nspi_name *name; /* lpPropName */
	uint32_t requested;
	struct mapi_tags *tags;
};
struct nspi_get_matches_out {
	struct nspi_stat stat;
	struct mapi_tags *mids;
	struct mapi_rows *rows;
	uint32_t status;
	const struct mapi_tags *columns;
};

struct nspi_resort_restriction_in {
	struct nspi_handle handle;
	uint32_t reserved;
	struct nspi_stat stat;
	struct mapi_tags mids;
	struct mapi_tags *out_mids; /* ignored */
};
struct nspi_resort_restriction_out {
	struct nspi_stat stat;
	struct mapi_tags *mids;
	uint32_t status;
};

struct nspi_dn_to_mid_in {
	struct nspi_handle handle;
	uint32_t reserved;
	struct nspi_strings names;
};
struct nspi_dn_to_mid_out {
	struct mapi_tags *mids;
	uint32_t status;
};

struct nspi_get_prop_list_in {
	struct nspi_handle handle;
	uint32_t flags, mid, codepage;
};
struct nspi_get_prop_list_out {
	struct mapi_tags *tags;
	uint32_t status;
};

struct nspi_get_props_in {
	struct nspi_handle handle;
	uint32_t flags;
	struct nspi_stat stat;
	struct mapi_tags *tags;
};
struct nspi_get_props_out {
	struct mapi_row *row;
	uint32_t status;
	uint32_t codepage;
};

struct nspi_compare_mids_in {
	struct nspi_handle handle;
	uint32_t reserved;
	struct nspi_stat stat;
	uint32_t mid1, mid2;
};
struct nspi_compare_mids_out {
	int32_t result;
	uint32_t status;
};

struct nspi_mod_props_in {
	struct nspi_handle handle;
	uint32_t reserved;
	struct nspi_stat stat;
	struct mapi_tags *tags;
	struct mapi_row row;
};
struct nspi_mod_props_out {
	uint32_t status;
};

struct nspi_get_special_table_in {
	struct nspi_handle handle;
	uint32_t flags;
	struct nspi_stat stat;
	uint32_t version;
};
struct nspi_get_special_table_out {
	uint32_t version;
	struct mapi_rows *rows;
	uint32_t status;
	uint32_t codepage;
};

struct nspi_get_template_info_in {
	struct nspi_handle handle;
	uint32_t flags, type;
	struct slice dn; /* data NULL: pDN is NULL */
	uint32_t codepage, locale;
};
struct nspi_get_template_info_out {
	struct mapi_row *row;
	uint32_t status;
	uint32_t codepage;
};

struct nspi_mod_link_att_in {
	struct nspi_handle handle;
	uint32_t flags, tag, mid;
	struct mapi_slices entry_ids;
};
struct nspi_mod_link_att_out {
	uint32_t status;
};

struct nspi_query_columns_in {
	struct nspi_handle handle;
	uint32_t reserved, flags;
};
struct nspi_query_columns_out {
	struct mapi_tags *columns;
	uint32_t status;
};

struct nspi_get_names_from_ids_in {
	struct nspi_handle handle;
	uint32_t reserved;
	struct guid *guid;
	struct mapi_tags *tags;
};
struct nspi_get_names_from_ids_out {
	struct mapi_tags *tags;
	struct nspi_names *names;
	uint32_t status;
};

struct nspi_get_ids_from_names_in {
	struct nspi_handle handle;
	uint32_t reserved, flags;
	uint32_t count;
	struct nspi_name **names;
};
struct nspi_get_ids_from_names_out {
	struct mapi_tags *tags;
	uint32_t status;
};

struct nspi_resolve_names_in { /* NspiResolveNames and, with UTF-8 strings, NspiResolveNamesW */
	struct nspi_handle handle;
	uint32_t reserved;
	struct nspi_stat stat;
	struct mapi_tags *tags;
	struct nspi_strings names;
};
struct nspi_resolve_names_out {
	struct mapi_tags *mids;
	struct mapi_rows *rows;
	uint32_t status;
	uint32_t codepage;
	const struct mapi_tags *columns;
};

#endif
