#ifndef ADMIN_CONTROL_H
#define ADMIN_CONTROL_H

/* One connection to the control socket: requests one after the other, each answered before the next
 * is read. */

#include "admin/admin.h"

/* Until the other side closes, breaks the form, or neither reads nor writes for a minute. The fd
 * stays open. */
void control_serve(struct admin_context *a, int fd, uid_t caller);

/* An error as the only answer, without waiting for anybody. */
void control_refuse(int fd, const char *why);

#endif
