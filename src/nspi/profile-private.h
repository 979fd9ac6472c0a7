#ifndef NSPI_PROFILE_PRIVATE_H
#define NSPI_PROFILE_PRIVATE_H

/*
 * Where a domain controller (MS-NSPI) and an Exchange server (MS-OXNSPI, or what such servers are
 * seen to do) answer differently. An operation asks for the one difference that it means, never for
 * the profile.
 */

#include "nspi/nspi.h"

struct nspi_profile_rules {
	/* NspiBind: fAnonymousLogin is NotSupported. */
	bool anonymous_flag_refused;
	/* SeekEntries, GetMatches, ResolveNames, ModProps: a Reserved that is not 0 is refused. */
	bool reserved_must_be_zero;
	/* GetSpecialTable: lpVersion is answered, and an equal one gets no rows. */
	bool hierarchy_version_matters;
	/* GetPropList: InvalidCodepage; strings of CP_WINUNICODE are PtypString; MId 0 has all. */
	bool prop_list_checks_codepage;
	bool prop_list_unicode_for_1200;
	bool prop_list_of_nobody_is_columns;
	/* GetProps: 8-bit strings in CP_WINUNICODE fail the call, not only their values. */
	bool props_refuse_string8_for_1200;
	/* GetProps: the status for an unknown ContainerID; ErrorsReturned is a warning. */
	uint32_t props_no_container;
	/* PidTagAddressBookContainerId of an object is its own MId. */
	bool object_is_its_container;
	/* SeekEntries: SortTypePhoneticDisplayName is tried; lpETable of no MIds counts as NULL. */
	bool seek_by_phonetic_name;
	bool seek_empty_table_is_none;
	/* GetMatches: pReserved is TooComplex only beside a Filter; without one the container is
	 * checked; ContainerID may be the MId that an earlier answer put there. */
	bool matches_reserved_needs_filter;
	bool matches_links_need_container;
	bool matches_own_container;
	/* ResortRestriction: CP_WINUNICODE is nothing special; by display name where the order
	 * asked for is not kept. */
	bool resort_takes_1200;
	bool resort_always_sorts;
	/* ModLinkAtt: the status for a display type that is never changed. */
	uint32_t mod_link_wrong_type;
};

const struct nspi_profile_rules *nspi_profile_rules(enum nspi_profile profile);

#endif
