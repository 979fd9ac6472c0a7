#ifndef MAIN_PRIVILEGES_H
#define MAIN_PRIVILEGES_H

#include <stdint.h>

#include "base/error.h"
#include "conf/conf.h"

/* As many open files as that many connections need, if the system lets us; warns when it does not.
 */
void privileges_raise_files(uint32_t connections);

/* Started as root with run_as: gives that user the directories that are not there yet, and becomes
 * it for good. */
int privileges_drop(const struct conf *c, struct error *e);

/* 0 when the user of run_as exists, or none is named. */
int privileges_check(const struct conf *c, struct error *e);

#endif
