#ifndef MAPI_ERRORS_H
#define MAPI_ERRORS_H

/* Status codes of NSPI (MS-NSPI 2.2.2, MS-OXCDATA 2.4). They are answers, not failures of ours. */

#include <stdint.h>

enum {
	MAPI_SUCCESS = 0,
	MAPI_UNBIND_SUCCESS = 1,
	MAPI_UNBIND_FAILURE = 2,
	MAPI_W_ERRORS_RETURNED = 0x00040380,
};

#define MAPI_E_CALL_FAILED          UINT32_C(0x80004005) /* GeneralFailure */
#define MAPI_E_NO_SUPPORT           UINT32_C(0x80040102) /* NotSupported */
#define MAPI_E_INVALID_OBJECT       UINT32_C(0x80040108)
#define MAPI_E_NOT_ENOUGH_RESOURCES UINT32_C(0x8004010E) /* OutOfResources */
#define MAPI_E_NOT_FOUND            UINT32_C(0x8004010F)
#define MAPI_E_LOGON_FAILED         UINT32_C(0x80040111)
#define MAPI_E_TOO_COMPLEX          UINT32_C(0x80040117)
#define MAPI_E_UNKNOWN_CPID         UINT32_C(0x8004011E) /* InvalidCodepage */
#define MAPI_E_UNKNOWN_LCID         UINT32_C(0x8004011F) /* InvalidLocale */
#define MAPI_E_TOO_BIG              UINT32_C(0x80040305)
#define MAPI_E_TABLE_TOO_BIG        UINT32_C(0x80040403)
#define MAPI_E_INVALID_BOOKMARK     UINT32_C(0x80040405)
#define MAPI_E_AMBIGUOUS_RECIP      UINT32_C(0x80040700)
#define MAPI_E_NO_ACCESS            UINT32_C(0x80070005) /* AccessDenied */
#define MAPI_E_NOT_ENOUGH_MEMORY    UINT32_C(0x8007000E)
#define MAPI_E_INVALID_PARAMETER    UINT32_C(0x80070057)

/* "MAPI_E_LOGON_FAILED"; NULL for a code that has no name. */
const char *mapi_error_name(uint32_t code);

#endif
