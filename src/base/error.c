#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int code;
	const char *text;
} error_texts[] = {
	{0,	       "success"           },
	{ERR_NO_MEMORY,   "out of memory"     },
	{ERR_INVALID,     "invalid input"     },
	{ERR_NOT_FOUND,   "not found"         },
	{ERR_EXISTS,      "exists already"    },
	{ERR_LIMIT,       "limit exceeded"    },
	{ERR_SYSTEM,      "system error"      },
	{ERR_FULL,        "no space left"     },
	{ERR_CORRUPT,     "damaged data"      },
	{ERR_DENIED,      "access denied"     },
	{ERR_BUSY,        "busy"              },
	{ERR_CLOSED,      "closed by the peer"},
	{ERR_UNSUPPORTED, "not supported"     },
	{ERR_TIMEOUT,     "timed out"         },
};

const char *err_text(int err)
{
	for (size_t i = 0; i < sizeof error_texts / sizeof error_texts[0]; i++)
		if (error_texts[i].code == err)
			return error_texts[i].text;
	return "unknown error";
}

int error_set(struct error *e, int code, const char *format, ...)
{
	if (!e)
		return code;
	va_list args;
	va_start(args, format);
	vsnprintf(e->text, sizeof e->text, format, args);
	va_end(args);
	e->code = code;
	return code;
}

void error_prefix(struct error *e, const char *format, ...)
{
	if (!e)
		return;
	char text[sizeof e->text];
	va_list args;
	va_start(args, format);
	int used = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (used < 0 || (size_t)used >= sizeof text)
		return;
	snprintf(text + used, sizeof text - (size_t)used, ": %s", e->text);
	memcpy(e->text, text, sizeof text);
}
