#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "http/head-private.h"

const char *http_reason(uint16_t status)
{
	static const struct {
		uint16_t status;
		const char *reason;
	} reasons[] = {
		{100, "Continue"                       },
		{200, "OK"			     },
		{204, "No Content"                     },
		{302, "Found"                          },
		{304, "Not Modified"                   },
		{400, "Bad Request"                    },
		{401, "Unauthorized"                   },
		{403, "Forbidden"                      },
		{404, "Not Found"                      },
		{405, "Method Not Allowed"             },
		{408, "Request Timeout"                },
		{411, "Length Required"                },
		{413, "Content Too Large"              },
		{414, "URI Too Long"                   },
		{415, "Unsupported Media Type"         },
		{417, "Expectation Failed"             },
		{429, "Too Many Requests"              },
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"          },
		{501, "Not Implemented"                },
		{503, "Service Unavailable"            },
		{505, "HTTP Version Not Supported"     },
	};
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

static void format_date(time_t seconds, char text[HTTP_DATE_SIZE])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm t;
	gmtime_r(&seconds, &t);
	snprintf(text, HTTP_DATE_SIZE, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
	         days + 3 * t.tm_wday, t.tm_mday, months + 3 * t.tm_mon, t.tm_year + 1900,
	         t.tm_hour, t.tm_min, t.tm_sec);
}

/* Made once a second and thread: nearly all are of this one. */
void http_date(uint64_t wall_ms, char text[HTTP_DATE_SIZE])
{
	static _Thread_local char made[HTTP_DATE_SIZE];
	static _Thread_local uint64_t second;
	if (second != wall_ms / 1000 || !made[0]) {
		second = wall_ms / 1000;
		format_date((time_t)second, made);
	}
	memcpy(text, made, HTTP_DATE_SIZE);
}

struct slice http_digits(uint64_t number, char text[HTTP_DIGITS])
{
	size_t at = HTTP_DIGITS;
	do {
		text[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return slice_of(text + at, HTTP_DIGITS - at);
}

void http_put_status(struct buffer *out, uint16_t status)
{
	char text[HTTP_DATE_SIZE];
	struct slice code = http_digits(status, text);
	buffer_put_string(out, "HTTP/1.1 ");
	buffer_put(out, code.data, code.size);
	buffer_put(out, " ", 1);
	buffer_put_string(out, http_reason(status));
	buffer_put(out, "\r\n", 2);
	if (status == 100)
		return;
	http_date(clock_wall_ms(), text);
	http_put_header_text(out, "Date", text);
	http_put_header_text(out, "Server", "nspid");
}

void http_put_request(struct buffer *out, const char *method, const char *target, const char *host)
{
	buffer_printf(out, "%s %s HTTP/1.1\r\n", method, target);
	http_put_header_text(out, "Host", host);
}

void http_put_header(struct buffer *out, const char *name, struct slice value)
{
	size_t size = strlen(name);
	uint8_t *p = http_is_value(value) ? buffer_extend(out, size + value.size + 4) : NULL;
	if (!p)
		return;
	memcpy(p, name, size);
	memcpy(p + size, ": ", 2);
	if (value.size)
		memcpy(p + size + 2, value.data, value.size);
	memcpy(p + size + 2 + value.size, "\r\n", 2);
}

void http_put_header_text(struct buffer *out, const char *name, const char *value)
{
	http_put_header(out, name, slice_of_string(value));
}

void http_put_header_number(struct buffer *out, const char *name, uint64_t value)
{
	char digits[HTTP_DIGITS];
	http_put_header(out, name, http_digits(value, digits));
}

void http_put_end_of_head(struct buffer *out)
{
	buffer_put(out, "\r\n", 2);
}

/* The size is written later, with leading zeros. */
enum { CHUNK_DIGITS = 8, CHUNK_LINE = CHUNK_DIGITS + 2 };

size_t http_chunk_begin(struct buffer *out)
{
	size_t offset = out->size;
	buffer_put_zeros(out, CHUNK_LINE);
	return offset;
}

static void put_chunk_size(uint8_t *line, size_t size)
{
	char text[CHUNK_LINE + 1];
	snprintf(text, sizeof text, "%08x\r\n", (unsigned)size);
	memcpy(line, text, CHUNK_LINE);
}

void http_chunk_end(struct buffer *out, size_t offset)
{
	if (out->failed)
		return;
	size_t size = out->size - offset - CHUNK_LINE;
	if (size == 0) {
		out->size = offset;
		return;
	}
	put_chunk_size(out->data + offset, size);
	buffer_put(out, "\r\n", 2);
}

void http_put_last_chunk(struct buffer *out)
{
	buffer_put_string(out, "0\r\n\r\n");
}
