#ifndef RPC_EPM_NDR_H
#define RPC_EPM_NDR_H

/* The calls of the endpoint mapper, both directions (C706 appendix O, MS-RPCE 2.2.1.2). */

#include "ndr/ndr.h"

enum {
	EPT_INSERT = 0,
	EPT_DELETE = 1,
	EPT_LOOKUP = 2,
	EPT_MAP = 3,
	EPT_LOOKUP_HANDLE_FREE = 4,
};

#define EPT_OK             UINT32_C(0)
#define EPT_CANT_PERFORM   UINT32_C(0x16C9A0CD)
#define EPT_NOT_REGISTERED UINT32_C(0x16C9A0D6) /* no entries, or no more */

enum { EPT_MAX_ENTRIES = 500, EPT_MAX_TOWER = 2000, EPT_MAX_ANNOTATION = 64 };

struct ept_handle {
	uint32_t attributes;
	struct guid id; /* zero: none */
};

struct ept_octets { /* twr_t */
	uint32_t size;
	const uint8_t *data;
};

struct ept_interface { /* rpc_if_id_t */
	struct guid uuid;
	uint16_t major, minor;
};

struct ept_map_in {
	struct guid *object;      /* may be NULL */
	struct ept_octets *tower; /* may be NULL */
	struct ept_handle handle;
	uint32_t max_towers;
};

struct ept_map_out {
	struct ept_handle handle;
	uint32_t count, max;
	struct ept_octets *towers;
	uint32_t status;
};

struct ept_lookup_in {
	uint32_t inquiry;                /* 0 all, 1 by interface, 2 by object, 3 both */
	struct guid *object;             /* may be NULL */
	struct ept_interface *interface; /* may be NULL */
	uint32_t version_option;
	struct ept_handle handle;
	uint32_t max_entries;
};

struct ept_entry {
	struct guid object;
	struct ept_octets tower;
	struct slice annotation;
};

struct ept_lookup_out {
	struct ept_handle handle;
	uint32_t count, max;
	struct ept_entry *entries;
	uint32_t status;
};

struct ept_free_in {
	struct ept_handle handle;
};

struct ept_free_out {
	struct ept_handle handle;
	uint32_t status;
};

ndr_fn ept_map_in, ept_map_out, ept_lookup_in, ept_lookup_out, ept_free_in, ept_free_out;

#endif
