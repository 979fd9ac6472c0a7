#ifndef WEB_ROUTE_PRIVATE_H
#define WEB_ROUTE_PRIVATE_H

/* Which path goes where. */

#include "web/service-private.h"

/* Resolves escapes. false for a path that a proxy before us could have read differently: with
 * escapes that are none, escaped slashes, dot segments, control characters. data of *out is NULL
 * beyond the arena's ceiling. */
bool web_path_unescape(struct arena *a, struct slice path, struct slice *out);

/* NULL when nobody serves it. *rest is what follows the route's path. */
const struct web_route *web_route_find(const struct web_service *s, struct slice path,
                                       struct slice *rest);

#endif
