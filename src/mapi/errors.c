#include "mapi/errors.h"

#include <stddef.h>

static const struct {
	uint32_t code;
	const char *name;
} errors[] = {
	{MAPI_SUCCESS,                "MAPI_SUCCESS"               },
	{MAPI_UNBIND_SUCCESS,         "UnbindSuccess"              },
	{MAPI_UNBIND_FAILURE,         "UnbindFailure"              },
	{MAPI_W_ERRORS_RETURNED,      "MAPI_W_ERRORS_RETURNED"     },
	{MAPI_E_CALL_FAILED,          "MAPI_E_CALL_FAILED"         },
	{MAPI_E_NO_SUPPORT,           "MAPI_E_NO_SUPPORT"          },
	{MAPI_E_INVALID_OBJECT,       "MAPI_E_INVALID_OBJECT"      },
	{MAPI_E_NOT_ENOUGH_RESOURCES, "MAPI_E_NOT_ENOUGH_RESOURCES"},
	{MAPI_E_NOT_FOUND,            "MAPI_E_NOT_FOUND"           },
	{MAPI_E_LOGON_FAILED,         "MAPI_E_LOGON_FAILED"        },
	{MAPI_E_TOO_COMPLEX,          "MAPI_E_TOO_COMPLEX"         },
	{MAPI_E_UNKNOWN_CPID,         "MAPI_E_UNKNOWN_CPID"        },
	{MAPI_E_UNKNOWN_LCID,         "MAPI_E_UNKNOWN_LCID"        },
	{MAPI_E_TOO_BIG,              "MAPI_E_TOO_BIG"             },
	{MAPI_E_TABLE_TOO_BIG,        "MAPI_E_TABLE_TOO_BIG"       },
	{MAPI_E_INVALID_BOOKMARK,     "MAPI_E_INVALID_BOOKMARK"    },
	{MAPI_E_AMBIGUOUS_RECIP,      "MAPI_E_AMBIGUOUS_RECIP"     },
	{MAPI_E_NO_ACCESS,            "MAPI_E_NO_ACCESS"           },
	{MAPI_E_NOT_ENOUGH_MEMORY,    "MAPI_E_NOT_ENOUGH_MEMORY"   },
	{MAPI_E_INVALID_PARAMETER,    "MAPI_E_INVALID_PARAMETER"   },
};

const char *mapi_error_name(uint32_t code)
{
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (errors[i].code == code)
			return errors[i].name;
	return NULL;
}
