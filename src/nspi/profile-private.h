#ifndef NSPI_PROFILE_PRIVATE_H
#define NSPI_PROFILE_PRIVATE_H

/*
 * Where a domain controller (MS-NSPI) and an Exchange server (MS-OXNSPI, or what such servers are
 * seen to do) answer differently. An operation asks for the one difference that it means, never for
 * the profile.
 */

#include "nspi/nspi.h"

struct nspi_profile_rules {
	bool anonymous_flag_refused;     /* NspiBind: fAnonymousLogin is NotSupported */
	bool reserved_must_be_zero;      /* SeekEntries, GetMatches, ResolveNames, ModProps */
	bool hierarchy_version_matters;  /* GetSpecialTable: an equal lpVersion is answered with no
	                                    rows */
	bool prop_list_checks_codepage;  /* GetPropList: InvalidCodepage */
	bool prop_list_unicode_for_1200; /* GetPropList: CP_WINUNICODE asks for PtypString */
	bool prop_list_of_nobody_is_columns; /* GetPropList: MId 0 has every known property */
	bool props_need_container;           /* GetProps: InvalidBookmark */
	bool props_refuse_string8_for_1200;  /* GetProps: the call fails, not only the values */
	bool object_is_its_container; /* PidTagAddressBookContainerId of an object is its own MId */
	bool seek_by_phonetic_name;   /* SeekEntries: SortTypePhoneticDisplayName is tried */
	bool seek_empty_table_is_none;      /* SeekEntries: lpETable of no MIds counts as NULL */
	bool matches_reserved_needs_filter; /* GetMatches: pReserved is TooComplex only beside a
	                                       Filter */
	bool matches_links_need_container;  /* GetMatches without a Filter: InvalidBookmark */
	bool matches_own_container; /* GetMatches: ContainerID may be the MId an earlier answer put
	                               there */
	bool resort_takes_1200;     /* ResortRestriction: CP_WINUNICODE is nothing special */
	bool resort_always_sorts; /* ResortRestriction: an order that is not kept is by display name
	                           */
	uint32_t mod_link_wrong_type; /* ModLinkAtt: status for a display type that is never changed
	                               */
};

const struct nspi_profile_rules *nspi_profile_rules(enum nspi_profile profile);

#endif
