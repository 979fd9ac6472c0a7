#include "nspi/profile-private.h"

#include "mapi/errors.h"

static const struct nspi_profile_rules rules[] = {
	[NSPI_PROFILE_DIRECTORY] =
		{
					  .anonymous_flag_refused = false,
					  .reserved_must_be_zero = true,
					  .hierarchy_version_matters = true,
					  .prop_list_checks_codepage = true,
					  .prop_list_unicode_for_1200 = true,
					  .prop_list_of_nobody_is_columns = false,
					  .props_refuse_string8_for_1200 = true,
					  .object_is_its_container = false,
					  .seek_by_phonetic_name = true,
					  .seek_empty_table_is_none = false,
					  .matches_reserved_needs_filter = false,
					  .matches_links_need_container = true,
					  .matches_own_container = false,
					  .resort_takes_1200 = false,
					  .resort_always_sorts = false,
					  .props_no_container = MAPI_E_INVALID_BOOKMARK,
					  .mod_link_wrong_type = MAPI_SUCCESS,
					  },
	[NSPI_PROFILE_EXCHANGE] =
		{
					  .anonymous_flag_refused = true,
					  .reserved_must_be_zero = false,
					  .hierarchy_version_matters = false,
					  .prop_list_checks_codepage = false,
					  .prop_list_unicode_for_1200 = false,
					  .prop_list_of_nobody_is_columns = true,
					  .props_refuse_string8_for_1200 = false,
					  .object_is_its_container = true,
					  .seek_by_phonetic_name = false,
					  .seek_empty_table_is_none = true,
					  .matches_reserved_needs_filter = true,
					  .matches_links_need_container = false,
					  .matches_own_container = true,
					  .resort_takes_1200 = true,
					  .resort_always_sorts = true,
					  .props_no_container = MAPI_W_ERRORS_RETURNED,
					  .mod_link_wrong_type = MAPI_E_NO_ACCESS,
					  },
};

const struct nspi_profile_rules *nspi_profile_rules(enum nspi_profile profile)
{
	return &rules[profile];
}
