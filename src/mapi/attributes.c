#include "mapi/attributes.h"

#include <strings.h>

/* Kept for the directory; shown to clients; part of name resolution; made from others' links;
 * another's value. */
#define PRIVATE(name, id, type, conversion, anr)                                                   \
	{                                                                                          \
		name, (uint32_t)(id) << 16 | (type), CONVERT_##conversion, false, anr, 0           \
	}
#define VISIBLE(name, tag, conversion)                                                             \
	{                                                                                          \
		name, tag, CONVERT_##conversion, true, false, 0                                    \
	}
#define SEARCHED(name, tag, conversion)                                                            \
	{                                                                                          \
		name, tag, CONVERT_##conversion, true, true, 0                                     \
	}
#define BACK_LINK(name, tag, link_id)                                                              \
	{                                                                                          \
		name, tag, CONVERT_BACKLINK, true, false, link_id                                  \
	}
#define SHOWS(name, tag, source_id)                                                                \
	{                                                                                          \
		name, tag, CONVERT_TEXT, true, false, source_id                                    \
	}

/*
 * In order of property id. The ids are the mAPIIDs of Active Directory's and Exchange's schema and
 * the properties of MS-OXOABK; what is not here (passwords, security descriptors, SIDs, host names)
 * never leaves.
 */
static const struct attribute attributes[] = {
	PRIVATE("objectClass", ATTRIBUTE_OBJECT_CLASS, PT_MV_UNICODE, TEXT, false),
	PRIVATE("sAMAccountName", ATTRIBUTE_ACCOUNT_NAME, PT_UNICODE, TEXT, true),
	PRIVATE("uid", ATTRIBUTE_UID, PT_UNICODE, TEXT, true),
	PRIVATE("userPrincipalName", ATTRIBUTE_PRINCIPAL_NAME, PT_UNICODE, TEXT, false),
	PRIVATE("msExchHideFromAddressLists", ATTRIBUTE_HIDE, PT_BOOLEAN, BOOLEAN, false),
	PRIVATE("showInAddressBook", ATTRIBUTE_SHOW_IN, PT_MV_UNICODE, TEXT, false),
	PRIVATE("msExchRecipientTypeDetails", ATTRIBUTE_RECIPIENT_TYPE, PT_UNICODE, TEXT, false),
	PRIVATE("isCriticalSystemObject", ATTRIBUTE_SYSTEM_OBJECT, PT_BOOLEAN, BOOLEAN, false),
	VISIBLE("msExchResourceSearchProperties", 0x0806101F, TEXT),
	VISIBLE("msExchResourceCapacity", 0x08070003, INTEGER),
	VISIBLE("msExchResourceMetaData", 0x0808101F, TEXT),
	VISIBLE("msExchResourceDisplay", 0x0809001F, TEXT),
	SEARCHED("displayName", 0x3001001F, TEXT),
	SEARCHED("legacyExchangeDN", 0x3003001F, TEXT),
	VISIBLE("info", 0x3004001F, TEXT),
	VISIBLE("whenCreated", 0x30070040, TIME),
	VISIBLE("whenChanged", 0x30080040, TIME),
	VISIBLE("msExchRecipientDisplayType", 0x39050003, INTEGER),
	SEARCHED("mail", 0x39FE001F, TEXT),
	VISIBLE("displayNamePrintable", 0x39FF001E, TEXT),
	SEARCHED("mailNickname", 0x3A00001F, TEXT),
	SEARCHED("givenName", 0x3A06001F, TEXT),
	VISIBLE("telephoneNumber", 0x3A08001F, TEXT),
	VISIBLE("homePhone", 0x3A09001F, TEXT),
	VISIBLE("initials", 0x3A0A001F, TEXT),
	VISIBLE("cn", 0x3A0F001F, TEXT),
	SEARCHED("sn", 0x3A11001F, TEXT),
	SHOWS("displayName", 0x3A13001F, 0x3001),
	VISIBLE("company", 0x3A16001F, TEXT),
	VISIBLE("title", 0x3A17001F, TEXT),
	VISIBLE("department", 0x3A18001F, TEXT),
	SEARCHED("physicalDeliveryOfficeName", 0x3A19001F, TEXT),
	SHOWS("telephoneNumber", 0x3A1A001F, 0x3A08),
	VISIBLE("otherTelephone", 0x3A1B101F, TEXT),
	VISIBLE("mobile", 0x3A1C001F, TEXT),
	SHOWS("displayName", 0x3A20001F, 0x3001),
	VISIBLE("pager", 0x3A21001F, TEXT),
	VISIBLE("userCert", 0x3A220102, BINARY),
	VISIBLE("facsimileTelephoneNumber", 0x3A23001F, TEXT),
	VISIBLE("co", 0x3A26001F, TEXT),
	VISIBLE("l", 0x3A27001F, TEXT),
	VISIBLE("st", 0x3A28001F, TEXT),
	VISIBLE("streetAddress", 0x3A29001F, TEXT),
	VISIBLE("postalCode", 0x3A2A001F, TEXT),
	VISIBLE("postOfficeBox", 0x3A2B101F, TEXT),
	VISIBLE("telephoneAssistant", 0x3A2E001F, TEXT),
	VISIBLE("otherHomePhone", 0x3A2F101F, TEXT),
	VISIBLE("msExchAssistantName", 0x3A30001F, TEXT),
	VISIBLE("mAPIRecipient", 0x3A40000B, BOOLEAN),
	VISIBLE("homePostalAddress", 0x3A5D001F, TEXT),
	VISIBLE("userSMIMECertificate", 0x3A701102, BINARY),
	VISIBLE("internetEncoding", 0x3A710003, INTEGER),
	VISIBLE("folderPathname", 0x8004001F, TEXT),
	VISIBLE("manager", 0x8005000D, LINK),
	BACK_LINK("memberOf", 0x8008000D, 0x8009),
	VISIBLE("member", 0x8009000D, LINK),
	VISIBLE("managedBy", 0x800C000D, LINK),
	BACK_LINK("directReports", 0x800E000D, 0x8005),
	SEARCHED("proxyAddresses", 0x800F101F, TEXT),
	VISIBLE("targetAddress", 0x8011001F, TEXT),
	VISIBLE("publicDelegates", 0x8015000D, LINK),
	BACK_LINK("managedObjects", 0x8024000D, 0x800C),
	VISIBLE("extensionAttribute1", 0x802D001F, TEXT),
	VISIBLE("extensionAttribute2", 0x802E001F, TEXT),
	VISIBLE("extensionAttribute3", 0x802F001F, TEXT),
	VISIBLE("extensionAttribute4", 0x8030001F, TEXT),
	VISIBLE("extensionAttribute5", 0x8031001F, TEXT),
	VISIBLE("extensionAttribute6", 0x8032001F, TEXT),
	VISIBLE("extensionAttribute7", 0x8033001F, TEXT),
	VISIBLE("extensionAttribute8", 0x8034001F, TEXT),
	VISIBLE("extensionAttribute9", 0x8035001F, TEXT),
	VISIBLE("extensionAttribute10", 0x8036001F, TEXT),
	VISIBLE("pFContacts", 0x8038000D, LINK),
	SHOWS("legacyExchangeDN", 0x803C001F, 0x3003),
	VISIBLE("businessCategory", 0x8057101F, TEXT),
	VISIBLE("c", 0x8069001F, TEXT),
	VISIBLE("delivContLength", 0x806A0003, INTEGER),
	VISIBLE("description", 0x806F101F, TEXT),
	VISIBLE("hideDLMembership", 0x80B8000B, BOOLEAN),
	VISIBLE("o", 0x8101101F, TEXT),
	VISIBLE("ou", 0x8102101F, TEXT),
	VISIBLE("postalAddress", 0x810C101F, TEXT),
	BACK_LINK("publicDelegatesBL", 0x8110000D, 0x8015),
	VISIBLE("roleOccupant", 0x8125000D, LINK),
	VISIBLE("seeAlso", 0x812F000D, LINK),
	VISIBLE("street", 0x813A001F, TEXT),
	VISIBLE("url", 0x8175101F, TEXT),
	VISIBLE("msExchLabeledURI", 0x8C51101F, TEXT),
	VISIBLE("generationQualifier", 0x8C53001F, TEXT),
	VISIBLE("msExchHouseIdentifier", 0x8C54001F, TEXT),
	VISIBLE("extensionAttribute11", 0x8C57001F, TEXT),
	VISIBLE("extensionAttribute12", 0x8C58001F, TEXT),
	VISIBLE("extensionAttribute13", 0x8C59001F, TEXT),
	VISIBLE("extensionAttribute14", 0x8C60001F, TEXT),
	VISIBLE("extensionAttribute15", 0x8C61001F, TEXT),
	VISIBLE("userCertificate", 0x8C6A1102, BINARY),
	VISIBLE("personalTitle", 0x8C6B001F, TEXT),
	VISIBLE("language", 0x8C6C001F, TEXT),
	VISIBLE("objectGUID", 0x8C6D0102, BINARY),
	VISIBLE("otherPager", 0x8C6E101F, TEXT),
	VISIBLE("textEncodedORAddress", 0x8C81001F, TEXT),
	SEARCHED("msDS-PhoneticFirstName", 0x8C8E001F, TEXT),
	SEARCHED("msDS-PhoneticLastName", 0x8C8F001F, TEXT),
	VISIBLE("msDS-PhoneticDepartment", 0x8C90001F, TEXT),
	VISIBLE("msDS-PhoneticCompanyName", 0x8C91001F, TEXT),
	SEARCHED("msDS-PhoneticDisplayName", 0x8C92001F, TEXT),
	VISIBLE("msExchHABShowInDepartments", 0x8C94000D, LINK),
	BACK_LINK("msExchHABShowInDepartmentsBL", 0x8C97000D, 0x8C94),
	BACK_LINK("msExchHABChildDepartmentsBL", 0x8C99000D, 0x8C9A),
	VISIBLE("msExchHABChildDepartmentsLink", 0x8C9A000D, LINK),
	VISIBLE("thumbnailPhoto", 0x8C9E0102, BINARY),
	VISIBLE("msExchUserCulture", 0x8C9F001F, TEXT),
	VISIBLE("msDS-HABSeniorityIndex", 0x8CA00003, INTEGER),
	VISIBLE("msExchModeratedByLink", 0x8CAD000D, LINK),
	VISIBLE("msExchCoManagedByLink", 0x8CAE000D, LINK),
	BACK_LINK("msExchModeratedObjectsBL", 0x8CAF000D, 0x8CAD),
	BACK_LINK("msExchCoManagedObjectsBL", 0x8CB0000D, 0x8CAE),
	VISIBLE("msExchGroupJoinRestriction", 0x8CB30003, INTEGER),
	VISIBLE("msExchGroupDepartRestriction", 0x8CB40003, INTEGER),
	VISIBLE("msExchEnableModeration", 0x8CB5000B, BOOLEAN),
	VISIBLE("msExchUMSpokenName", 0x8CC20102, BINARY),
	BACK_LINK("msOrg-LeadersBL", 0x8CDC000D, 0x8CDE),
	VISIBLE("msOrg-IsOrganizational", 0x8CDD000B, BOOLEAN),
	VISIBLE("msOrg-Leaders", 0x8CDE000D, LINK),
	VISIBLE("msOrg-GroupSubtypeName", 0x8CDF001F, TEXT),
	VISIBLE("msOrg-OtherDisplayNames", 0x8CE0101F, TEXT),
	VISIBLE("msExchGroupMemberCount", 0x8CE20003, INTEGER),
	VISIBLE("msExchGroupExternalMemberCount", 0x8CE30003, INTEGER),
};

/* In order of name without case: LDAP names, and under them the spellings of other schemas (RFC
 * 4519, RFC 2798). */
/* clang-format off */
static const struct {
	const char *name;
	uint16_t id;
} names[] = {
	{ "businessCategory", 0x8057 },
	{ "c", 0x8069 },
	{ "cn", 0x3A0F },
	{ "co", 0x3A26 },
	{ "commonName", 0x3A0F },
	{ "company", 0x3A16 },
	{ "countryName", 0x8069 },
	{ "createTimestamp", 0x3007 },
	{ "delivContLength", 0x806A },
	{ "department", 0x3A18 },
	{ "departmentNumber", 0x3A18 },
	{ "description", 0x806F },
	{ "directReports", 0x800E },
	{ "displayName", 0x3001 },
	{ "displayNamePrintable", 0x39FF },
	{ "extensionAttribute1", 0x802D },
	{ "extensionAttribute10", 0x8036 },
	{ "extensionAttribute11", 0x8C57 },
	{ "extensionAttribute12", 0x8C58 },
	{ "extensionAttribute13", 0x8C59 },
	{ "extensionAttribute14", 0x8C60 },
	{ "extensionAttribute15", 0x8C61 },
	{ "extensionAttribute2", 0x802E },
	{ "extensionAttribute3", 0x802F },
	{ "extensionAttribute4", 0x8030 },
	{ "extensionAttribute5", 0x8031 },
	{ "extensionAttribute6", 0x8032 },
	{ "extensionAttribute7", 0x8033 },
	{ "extensionAttribute8", 0x8034 },
	{ "extensionAttribute9", 0x8035 },
	{ "facsimileTelephoneNumber", 0x3A23 },
	{ "fax", 0x3A23 },
	{ "folderPathname", 0x8004 },
	{ "friendlyCountryName", 0x3A26 },
	{ "generationQualifier", 0x8C53 },
	{ "givenName", 0x3A06 },
	{ "gn", 0x3A06 },
	{ "hideDLMembership", 0x80B8 },
	{ "homePhone", 0x3A09 },
	{ "homePostalAddress", 0x3A5D },
	{ "homeTelephoneNumber", 0x3A09 },
	{ "houseIdentifier", 0x8C54 },
	{ "info", 0x3004 },
	{ "initials", 0x3A0A },
	{ "internetEncoding", 0x3A71 },
	{ "isCriticalSystemObject", ATTRIBUTE_SYSTEM_OBJECT },
	{ "jpegPhoto", 0x8C9E },
	{ "l", 0x3A27 },
	{ "labeledURI", 0x8C51 },
	{ "language", 0x8C6C },
	{ "legacyExchangeDN", 0x3003 },
	{ "localityName", 0x3A27 },
	{ "mail", 0x39FE },
	{ "mailNickname", 0x3A00 },
	{ "managedBy", 0x800C },
	{ "managedObjects", 0x8024 },
	{ "manager", 0x8005 },
	{ "mAPIRecipient", 0x3A40 },
	{ "member", 0x8009 },
	{ "memberOf", 0x8008 },
	{ "mobile", 0x3A1C },
	{ "mobileTelephoneNumber", 0x3A1C },
	{ "modifyTimestamp", 0x3008 },
	{ "msDS-HABSeniorityIndex", 0x8CA0 },
	{ "msDS-PhoneticCompanyName", 0x8C91 },
	{ "msDS-PhoneticDepartment", 0x8C90 },
	{ "msDS-PhoneticDisplayName", 0x8C92 },
	{ "msDS-PhoneticFirstName", 0x8C8E },
	{ "msDS-PhoneticLastName", 0x8C8F },
	{ "msExchAssistantName", 0x3A30 },
	{ "msExchCoManagedByLink", 0x8CAE },
	{ "msExchCoManagedObjectsBL", 0x8CB0 },
	{ "msExchEnableModeration", 0x8CB5 },
	{ "msExchGroupDepartRestriction", 0x8CB4 },
	{ "msExchGroupExternalMemberCount", 0x8CE3 },
	{ "msExchGroupJoinRestriction", 0x8CB3 },
	{ "msExchGroupMemberCount", 0x8CE2 },
	{ "msExchHABChildDepartmentsBL", 0x8C99 },
	{ "msExchHABChildDepartmentsLink", 0x8C9A },
	{ "msExchHABShowInDepartments", 0x8C94 },
	{ "msExchHABShowInDepartmentsBL", 0x8C97 },
	{ "msExchHideFromAddressLists", ATTRIBUTE_HIDE },
	{ "msExchHouseIdentifier", 0x8C54 },
	{ "msExchLabeledURI", 0x8C51 },
	{ "msExchModeratedByLink", 0x8CAD },
	{ "msExchModeratedObjectsBL", 0x8CAF },
	{ "msExchRecipientDisplayType", 0x3905 },
	{ "msExchRecipientTypeDetails", ATTRIBUTE_RECIPIENT_TYPE },
	{ "msExchResourceCapacity", 0x0807 },
	{ "msExchResourceDisplay", 0x0809 },
	{ "msExchResourceMetaData", 0x0808 },
	{ "msExchResourceSearchProperties", 0x0806 },
	{ "msExchUMSpokenName", 0x8CC2 },
	{ "msExchUserCulture", 0x8C9F },
	{ "msOrg-GroupSubtypeName", 0x8CDF },
	{ "msOrg-IsOrganizational", 0x8CDD },
	{ "msOrg-Leaders", 0x8CDE },
	{ "msOrg-LeadersBL", 0x8CDC },
	{ "msOrg-OtherDisplayNames", 0x8CE0 },
	{ "o", 0x8101 },
	{ "objectClass", ATTRIBUTE_OBJECT_CLASS },
	{ "organizationalUnitName", 0x8102 },
	{ "organizationName", 0x8101 },
	{ "otherHomePhone", 0x3A2F },
	{ "otherPager", 0x8C6E },
	{ "otherTelephone", 0x3A1B },
	{ "ou", 0x8102 },
	{ "owner", 0x800C },
	{ "pager", 0x3A21 },
	{ "pagerTelephoneNumber", 0x3A21 },
	{ "personalTitle", 0x8C6B },
	{ "pFContacts", 0x8038 },
	{ "physicalDeliveryOfficeName", 0x3A19 },
	{ "postalAddress", 0x810C },
	{ "postalCode", 0x3A2A },
	{ "postOfficeBox", 0x3A2B },
	{ "preferredLanguage", 0x8C6C },
	{ "proxyAddresses", 0x800F },
	{ "publicDelegates", 0x8015 },
	{ "publicDelegatesBL", 0x8110 },
	{ "rfc822Mailbox", 0x39FE },
	{ "roleOccupant", 0x8125 },
	{ "roomNumber", 0x3A19 },
	{ "sAMAccountName", ATTRIBUTE_ACCOUNT_NAME },
	{ "seeAlso", 0x812F },
	{ "showInAddressBook", ATTRIBUTE_SHOW_IN },
	{ "sn", 0x3A11 },
	{ "st", 0x3A28 },
	{ "stateOrProvinceName", 0x3A28 },
	{ "street", 0x813A },
	{ "streetAddress", 0x3A29 },
	{ "surname", 0x3A11 },
	{ "targetAddress", 0x8011 },
	{ "telephoneAssistant", 0x3A2E },
	{ "telephoneNumber", 0x3A08 },
	{ "textEncodedORAddress", 0x8C81 },
	{ "thumbnailPhoto", 0x8C9E },
	{ "title", 0x3A17 },
	{ "uid", ATTRIBUTE_UID },
	{ "uniqueMember", 0x8009 },
	{ "url", 0x8175 },
	{ "userCert", 0x3A22 },
	{ "userCertificate", 0x8C6A },
	{ "userid", ATTRIBUTE_UID },
	{ "userPrincipalName", ATTRIBUTE_PRINCIPAL_NAME },
	{ "userSMIMECertificate", 0x3A70 },
	{ "whenChanged", 0x3008 },
	{ "whenCreated", 0x3007 },
	{ "wWWHomePage", 0x8175 },
};
/* clang-format on */

enum { ATTRIBUTE_COUNT = sizeof attributes / sizeof attributes[0] };
enum { NAME_COUNT = sizeof names / sizeof names[0] };

/* Asked for each value that is read: a search without branches that depend on the id. */
const struct attribute *attribute_stored(uint16_t id)
{
	const struct attribute *first = attributes;
	for (size_t left = ATTRIBUTE_COUNT; left > 1;) {
		size_t half = left / 2;
		first += tag_id(first[half - 1].tag) < id ? half : 0;
		left -= half;
	}
	return tag_id(first->tag) == id ? first : NULL;
}

const struct attribute *attribute_by_id(uint16_t property_id)
{
	const struct attribute *a = attribute_stored(property_id);
	return a && a->visible ? a : NULL;
}

static int compare_name(struct slice name, const char *row)
{
	size_t size = strlen(row);
	int order = strncasecmp((const char *)name.data, row, name.size < size ? name.size : size);
	return order ? order : (name.size > size) - (name.size < size);
}

const struct attribute *attribute_by_name(struct slice ldap_name)
{
	size_t low = 0, high = NAME_COUNT;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare_name(ldap_name, names[middle].name);
		if (order == 0)
			return attribute_stored(names[middle].id);
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct attribute *attributes_stored(size_t *count)
{
	*count = ATTRIBUTE_COUNT;
	return attributes;
}

const struct attribute *attributes_visible(size_t *count)
{
	size_t first = 0;
	while (!attributes[first].visible)
		first++;
	*count = ATTRIBUTE_COUNT - first;
	return &attributes[first];
}
