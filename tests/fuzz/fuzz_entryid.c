/* Sixteen bytes of server GUID, then an entry id. What parses is made again, but for the reserved
 * bytes, and parses to the same. */

#include "mapi/entryid.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guid server = {{0}};
	struct entryid first, second;
	struct arena a;

	if (size < sizeof server.bytes)
		return 0;
	memcpy(server.bytes, data, sizeof server.bytes);
	struct slice id = slice_of(data + sizeof server.bytes, size - sizeof server.bytes);
	if (!entryid_parse(id, &server, &first))
		return 0;
	arena_init(&a, 1 << 20);
	id = first.ephemeral ? entryid_ephemeral(&a, &server, first.display_type, first.mid)
	                     : entryid_permanent(&a, first.display_type, first.dn);
	if (!entryid_parse(id, &server, &second) || second.mid != first.mid ||
	    second.display_type != first.display_type || !slice_equal(first.dn, second.dn))
		abort();
	arena_free(&a);
	return 0;
}
