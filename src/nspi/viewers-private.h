#ifndef NSPI_VIEWERS_PRIVATE_H
#define NSPI_VIEWERS_PRIVATE_H

/* Who looks at the book: found out when a session is opened, and what that account may see again
 * when the configuration says it anew. */

#include "nspi/nspi-private.h"

/* Kept with a session, whose calls may come from several loops at once. */
struct known_viewer {
	_Atomic struct audience audience;
	uint32_t own_mid;
};

/* Kept with the session of the call, which is a new one. */
void nspi_viewer_remember(struct nspi_call *call);

/* The view of the call, by its session if it has one; its snapshot is known. */
void nspi_viewer_look(struct nspi_call *call);

#endif
