#ifndef MAPI_RESTRICTION_H
#define MAPI_RESTRICTION_H

/* Restrictions (MS-NSPI 2.3.2, MS-OXCDATA 2.12) as decoded: borrowed from a call's arena. */

#include "mapi/value.h"

enum restriction_type {
	RES_AND = 0,
	RES_OR = 1,
	RES_NOT = 2,
	RES_CONTENT = 3,
	RES_PROPERTY = 4,
	RES_COMPAREPROPS = 5,
	RES_BITMASK = 6,
	RES_SIZE = 7,
	RES_EXIST = 8,
	RES_SUBRESTRICTION = 9,
};

enum { FL_FULLSTRING = 0, FL_SUBSTRING = 1, FL_PREFIX = 2 };     /* low word of fuzzy */
enum { FL_IGNORECASE = 1, FL_IGNORENONSPACE = 2, FL_LOOSE = 4 }; /* high word */
enum {
	RELOP_LT,
	RELOP_LE,
	RELOP_GT,
	RELOP_GE,
	RELOP_EQ,
	RELOP_NE,
	RELOP_RE,
	RELOP_MEMBER_OF_DL = 0x64
};
enum { BMR_EQZ = 0, BMR_NEZ = 1 };

struct mapi_restriction {
	uint32_t type; /* enum restriction_type, checked by the decoder */
	union {
		struct {
			uint32_t count;
			struct mapi_restriction *items;
		} list;                         /* And, Or */
		struct mapi_restriction *child; /* Not; NULL is allowed */
		struct {
			uint32_t fuzzy;
			mapi_tag tag;
			struct mapi_value *value;
		} content;
		struct {
			uint32_t relop;
			mapi_tag tag;
			struct mapi_value *value;
		} property;
		struct {
			uint32_t relop;
			mapi_tag tag1, tag2;
		} compare;
		struct {
			uint32_t relation;
			mapi_tag tag;
			uint32_t mask;
		} bitmask;
		struct {
			uint32_t relop;
			mapi_tag tag;
			uint32_t bytes;
		} size;
		struct {
			uint32_t reserved1;
			mapi_tag tag;
			uint32_t reserved2;
		} exist;
		struct {
			uint32_t subobject;
			struct mapi_restriction *child;
		} sub;
	};
};

#define RESTRICTION_MAX_DEPTH 32 /* the decoder stops there; deeper is nothing a client needs */

#endif
