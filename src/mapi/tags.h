#ifndef MAPI_TAGS_H
#define MAPI_TAGS_H

/* Property tags by their short names (MS-OXPROPS); string properties with type PT_UNICODE. */

#include "mapi/value.h"

#define PR_DISPLAY_NAME                 0x3001001Fu
#define PR_ADDRTYPE                     0x3002001Fu
#define PR_EMAIL_ADDRESS                0x3003001Fu
#define PR_DEPTH                        0x30050003u
#define PR_SEARCH_KEY                   0x300B0102u
#define PR_CONTAINER_FLAGS              0x36000003u
#define PR_SELECTABLE                   0x3609000Bu
#define PR_ANR                          0x360C001Fu
#define PR_CONTAINER_CONTENTS           0x360F000Du
#define PR_DISPLAY_TYPE                 0x39000003u
#define PR_TEMPLATEID                   0x39020102u
#define PR_DISPLAY_TYPE_EX              0x39050003u
#define PR_SMTP_ADDRESS                 0x39FE001Fu
#define PR_DISPLAY_NAME_PRINTABLE       0x39FF001Eu /* 7BitDisplayName */
#define PR_ACCOUNT                      0x3A00001Fu
#define PR_GIVEN_NAME                   0x3A06001Fu
#define PR_BUSINESS_TELEPHONE_NUMBER    0x3A08001Fu
#define PR_SURNAME                      0x3A11001Fu
#define PR_COMPANY_NAME                 0x3A16001Fu
#define PR_TITLE                        0x3A17001Fu
#define PR_DEPARTMENT_NAME              0x3A18001Fu
#define PR_OFFICE_LOCATION              0x3A19001Fu
#define PR_PRIMARY_TELEPHONE_NUMBER     0x3A1A001Fu
#define PR_TRANSMITTABLE_DISPLAY_NAME   0x3A20001Fu
#define PR_USER_X509_CERTIFICATE        0x3A701102u
#define PR_INITIAL_DETAILS_PANE         0x3F080003u
#define PR_EMS_AB_MANAGER               0x8005000Du
#define PR_EMS_AB_IS_MEMBER_OF_DL       0x8008000Du
#define PR_EMS_AB_MEMBER                0x8009000Du
#define PR_EMS_AB_OWNER                 0x800C000Du
#define PR_EMS_AB_REPORTS               0x800E000Du
#define PR_EMS_AB_PROXY_ADDRESSES       0x800F101Fu
#define PR_EMS_AB_PUBLIC_DELEGATES      0x8015000Du
#define PR_EMS_AB_OBJ_DIST_NAME         0x803C001Fu
#define PR_EMS_AB_HIDE_DL_MEMBERSHIP    0x80B8000Bu
#define PR_EMS_AB_OBJECT_GUID           0x8C6D0102u
#define PR_EMS_AB_X509_CERT             0x8C6A1102u
#define PR_EMS_AB_PHONETIC_DISPLAY_NAME 0x8C92001Fu
#define PR_EMS_AB_THUMBNAIL_PHOTO       0x8C9E0102u
#define PR_MAPPING_SIGNATURE            0x0FF80102u
#define PR_RECORD_KEY                   0x0FF90102u
#define PR_INSTANCE_KEY                 0x0FF60102u
#define PR_OBJECT_TYPE                  0x0FFE0003u
#define PR_ENTRYID                      0x0FFF0102u
#define PR_EMS_AB_IS_MASTER             0xFFFB000Bu
#define PR_EMS_AB_PARENT_ENTRYID        0xFFFC0102u
#define PR_EMS_AB_CONTAINERID           0xFFFD0003u

/* PidTagObjectType, MS-OXOABK 2.2.3.10 */
enum { MAPI_ABCONT = 4, MAPI_MAILUSER = 6, MAPI_DISTLIST = 8, MAPI_FOLDER = 3 };

/* Display types, MS-NSPI 2.2.3 */
enum display_type {
	DT_MAILUSER = 0,
	DT_DISTLIST = 1,
	DT_FORUM = 2,
	DT_AGENT = 3,
	DT_ORGANIZATION = 4,
	DT_PRIVATE_DISTLIST = 5,
	DT_REMOTE_MAILUSER = 6,
	DT_CONTAINER = 0x100,
	DT_TEMPLATE = 0x101,
	DT_ADDRESS_TEMPLATE = 0x102,
	DT_SEARCH = 0x200,
};

/* Container flags */
enum { AB_RECIPIENTS = 1, AB_SUBCONTAINERS = 2, AB_MODIFIABLE = 4, AB_UNMODIFIABLE = 8 };

#endif
