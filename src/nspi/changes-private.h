#ifndef NSPI_CHANGES_PRIVATE_H
#define NSPI_CHANGES_PRIVATE_H

/*
 * Operations that change an entry: one makes a change, hands it to the writer, and waits until that
 * is done with it. What the operation says then is what became of the change.
 */

#include "nspi/nspi-private.h"

/* A change of an entry by the caller; NULL when memory is out. */
struct change *nspi_change_new(struct nspi_call *call, uint32_t mid);

/* Takes the change. AccessDenied when the caller has not the right to all of it. */
enum nspi_run nspi_change_submit(struct nspi_call *call, struct change *c);

/* Of a call that has submitted a change: its outcome, or that it has to wait on. */
enum nspi_run nspi_change_outcome(struct nspi_call *call);

/* Can clients change this link of objects of this type at all? */
bool nspi_link_changes(uint16_t property_id, enum display_type type);

/* The call goes, the change does not. */
void nspi_wait_abandon(struct nspi_wait *w); /* NULL is fine */

#endif
