#ifndef MAIN_POLICY_H
#define MAIN_POLICY_H

#include "conf/conf.h"
#include "directory/policy.h"

/* Who sees what by the configuration's sections view and withhold. */
int policy_of_conf(const struct conf *c, struct policy **out, struct error *e);

#endif
