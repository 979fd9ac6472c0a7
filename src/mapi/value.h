#ifndef MAPI_VALUE_H
#define MAPI_VALUE_H

/*
 * Property tags, types and values (MS-NSPI 2.2.1, 2.3.1). A value borrows what it points to: from a
 * call's arena or from a snapshot that the call pins.
 *
 * PtypString (001F, 101F) is kept as UTF-8 and becomes UTF-16 only in the wire filter, so that text
 * is copied once. PtypString8 (001E, 101E) is bytes in the call's code page. Neither includes the
 * NUL.
 */

#include "base/guid.h"
#include "base/slice.h"

enum mapi_type {
	PT_UNSPECIFIED = 0x0000,
	PT_NULL = 0x0001,
	PT_SHORT = 0x0002,
	PT_LONG = 0x0003,
	PT_ERROR = 0x000A,
	PT_BOOLEAN = 0x000B,
	PT_OBJECT = 0x000D, /* PtypEmbeddedTable */
	PT_STRING8 = 0x001E,
	PT_UNICODE = 0x001F,
	PT_SYSTIME = 0x0040,
	PT_CLSID = 0x0048,
	PT_BINARY = 0x0102,
	PT_MV_SHORT = 0x1002,
	PT_MV_LONG = 0x1003,
	PT_MV_STRING8 = 0x101E,
	PT_MV_UNICODE = 0x101F,
	PT_MV_SYSTIME = 0x1040,
	PT_MV_CLSID = 0x1048,
	PT_MV_BINARY = 0x1102,
};

#define MAPI_MV_FLAG 0x1000u

typedef uint32_t mapi_tag; /* property id << 16 | type */

static inline uint16_t tag_id(mapi_tag tag)
{
	return (uint16_t)(tag >> 16);
}

static inline uint16_t tag_type(mapi_tag tag)
{
	return (uint16_t)tag;
}

static inline mapi_tag tag_with_type(mapi_tag tag, uint16_t type)
{
	return (tag & 0xFFFF0000u) | type;
}

struct mapi_shorts {
	uint32_t count;
	const int16_t *items;
};
struct mapi_longs {
	uint32_t count;
	const int32_t *items;
};
struct mapi_times {
	uint32_t count;
	const uint64_t *items;
};
struct mapi_slices {
	uint32_t count;
	const struct slice *items;
}; /* strings or binaries */
struct mapi_guids {
	uint32_t count;
	const struct guid *const *items;
};

struct mapi_value {
	mapi_tag tag;
	union {
		int16_t short_value;
		int32_t long_value; /* PT_LONG, PT_OBJECT and PT_NULL (reserved, 0) */
		uint32_t error;     /* PT_ERROR */
		uint16_t boolean;
		uint64_t filetime;   /* 100 ns since 1601-01-01 */
		struct slice string; /* PT_STRING8, PT_UNICODE; data NULL is a NULL pointer on the
		                        wire */
		struct slice binary;
		const struct guid *guid;
		struct mapi_shorts shorts;
		struct mapi_longs longs;
		struct mapi_times times;
		struct mapi_slices slices; /* PT_MV_STRING8, PT_MV_UNICODE, PT_MV_BINARY */
		struct mapi_guids guids;
	};
};

struct mapi_row {
	uint32_t count; /* cValues */
	struct mapi_value *values;
};

struct mapi_rows {
	uint32_t count; /* cRows */
	struct mapi_row *rows;
};

struct mapi_tags {
	uint32_t count;
	uint32_t *items;
};

#endif
