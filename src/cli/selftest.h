#ifndef CLI_SELFTEST_H
#define CLI_SELFTEST_H

/* `nspictl selftest`: what is found to be wrong, or not, in sentences. */

#include <jansson.h>

#include "client/client.h"
#include "conf/conf.h"

enum finding { FINDING_OK, FINDING_ODD, FINDING_WRONG };

struct selftest {
	const struct conf *conf;
	const char *account;  /* NULL: what can be tested without one */
	const char *password; /* of it */
	const char *ca_file;  /* NULL: those whom the system trusts */
	const json_t *book;   /* what the server says about it */
	json_t *findings;     /* rows of the answer */
	bool wrong;
};

void selftest_add(struct selftest *t, enum finding finding, const char *what, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));

/* selftest_listener.c: asks at one listener, a row of `nspictl status`, as clients do. */
void selftest_listener(struct selftest *t, const json_t *listener);

#endif
