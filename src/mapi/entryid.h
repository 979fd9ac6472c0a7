#ifndef MAPI_ENTRYID_H
#define MAPI_ENTRYID_H

/* Permanent and ephemeral entry ids (MS-NSPI 2.3.8). */

#include "base/arena.h"
#include "base/guid.h"
#include "mapi/tags.h"

extern const struct guid GUID_NSPI;
extern const struct guid PS_MAPI;

struct entryid {
	bool ephemeral;
	uint32_t display_type;
	uint32_t mid;    /* ephemeral form */
	struct slice dn; /* permanent form; borrowed from the input */
};

/* data is NULL when memory is out. */
struct slice entryid_permanent(struct arena *a, uint32_t display_type, struct slice dn);
struct slice entryid_ephemeral(struct arena *a, const struct guid *server, uint32_t display_type,
                               uint32_t mid);

/* false when it is neither form, or another provider's or server's. */
bool entryid_parse(struct slice id, const struct guid *server, struct entryid *out);

#endif
