#ifndef MAIN_TEMPLATES_H
#define MAIN_TEMPLATES_H

/* The display templates that a configuration names. */

#include "conf/conf.h"
#include "template/template.h"

/* *out is NULL, and a warning logged, when none are named and none were installed. */
int templates_of_conf(const struct conf *c, const char *organization, struct templates **out,
                      struct error *e);

#endif
