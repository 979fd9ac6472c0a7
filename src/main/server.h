#ifndef MAIN_SERVER_H
#define MAIN_SERVER_H

/* The running server: everything that is started, in order, and stopped the other way round. */

#include "base/error.h"
#include "conf/conf.h"

struct server;

/* What only the rooms that use a setting can say of it; 0 when a server could start with it. */
int server_check(const struct conf *c, struct error *e);

/* Reads the file and starts all steps; what had been started is stopped again on failure. */
int server_start(const char *conf_path, struct server **out, struct error *e);

/* Reads the file again. On failure all stays as it was. From any thread. */
int server_reload(struct server *s, struct error *e);

void server_stop(struct server *s); /* NULL is fine */

#endif
