#ifndef MAPI_ATTRIBUTES_H
#define MAPI_ATTRIBUTES_H

/*
 * Which LDAP attribute is which property: an allow-list (mapi/attributes.c), so that nothing that
 * is not named there ever leaves. A second table (rows with `visible` false) names attributes that
 * the directory needs and no client sees (objectClass, showInAddressBook, ...).
 */

#include "mapi/value.h"

enum attribute_conversion {
	CONVERT_TEXT,     /* UTF-8 as it is */
	CONVERT_INTEGER,  /* decimal, signed 32 bits */
	CONVERT_BOOLEAN,  /* TRUE, FALSE */
	CONVERT_TIME,     /* generalized time -> FILETIME */
	CONVERT_BINARY,   /* octets as they are */
	CONVERT_LINK,     /* a DN, to another object of the book */
	CONVERT_BACKLINK, /* made from the links of others, never stored */
};

/* Ids of what the directory keeps for itself; real properties have higher ones. */
enum attribute_private_id {
	ATTRIBUTE_OTHER_MAIL = 0x01, /* the values of mail behind the first one */
	ATTRIBUTE_OBJECT_CLASS = 0x10,
	ATTRIBUTE_ACCOUNT_NAME, /* sAMAccountName */
	ATTRIBUTE_UID,
	ATTRIBUTE_PRINCIPAL_NAME, /* userPrincipalName */
	ATTRIBUTE_HIDE,           /* msExchHideFromAddressLists */
	ATTRIBUTE_SHOW_IN,        /* showInAddressBook */
	ATTRIBUTE_RECIPIENT_TYPE, /* msExchRecipientTypeDetails, which has 64 bits */
	ATTRIBUTE_SYSTEM_OBJECT,  /* isCriticalSystemObject */
	ATTRIBUTE_PRIVATE_END = 0x100,
};

struct attribute {
	const char *ldap_name; /* as the schema spells it; compared without case */
	mapi_tag tag;          /* native type; multi-valued ones with PT_MV_* (links: PT_OBJECT) */
	enum attribute_conversion conversion;
	bool visible;       /* to clients */
	bool anr;           /* part of ambiguous name resolution */
	uint16_t source_id; /* of a back link: the property id of the link it is made from. Of a
	                       property that shows another one's value (0x3A1A shows 0x3A08): that
	                       one's. Else 0 */
};

/* By name without case; NULL when it is not in the tables. OpenLDAP's spellings (jpegPhoto,
 * uniqueMember ...) find the row of the attribute they stand for. Of several properties of one
 * attribute the one that is stored. */
const struct attribute *attribute_by_name(struct slice ldap_name);

/* By property id, visible rows only; NULL when no client may ask for it. */
const struct attribute *attribute_by_id(uint16_t property_id);

/* By id, private ones too; for the directory, never for what a client asks. */
const struct attribute *attribute_stored(uint16_t id);

/* All rows in order of id, private ones too. */
const struct attribute *attributes_stored(size_t *count);

/* All visible rows in order of property id, for NspiQueryColumns. */
const struct attribute *attributes_visible(size_t *count);

/* Names for tools: "PR_DISPLAY_NAME" (the type does not matter); NULL when the tag has none here.
 */
const char *mapi_tag_name(mapi_tag tag);
/* "PR_DISPLAY_NAME", "0x3001001F" or an LDAP name. */
bool mapi_tag_parse(const char *name, mapi_tag *tag);

#endif
