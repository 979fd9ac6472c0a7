#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "main/privileges.h"
#include "main/server.h"
#include "main/templates.h"

static const char usage[] =
	"usage: nspid [-c FILE]           serve in the foreground\n"
	"       nspid [-c FILE] --check   check the configuration and print what is in force\n"
	"       nspid --version | --help\n"
	"\n"
	"FILE is " NSPID_CONF " by default. SIGHUP reads it again, SIGTERM ends in order.\n";

static int check(const char *path)
{
	struct templates *templates = NULL;
	struct conf *c = NULL;
	struct error e = {0};
	struct buffer text;

	if (conf_load(path, &c, &e) || privileges_check(c, &e) || server_check(c, &e) ||
	    templates_of_conf(c, c->organization, &templates, &e)) {
		fprintf(stderr, "nspid: %s\n", e.text);
		conf_free(c);
		return EXIT_FAILURE;
	}
	templates_free(templates);
	buffer_init(&text, SIZE_MAX);
	conf_describe(c, &text);
	fwrite(text.data, 1, text.size, stdout);
	buffer_free(&text);
	conf_free(c);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void reload(struct server *s)
{
	struct error e = {0};

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, clock_mono_us());
	if (server_reload(s, &e))
		log_error("reload failed, everything stays as it was: %s", e.text);
	sd_notify(0, "READY=1");
}

/* Before the first thread is made, so that all have them blocked. */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigprocmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int serve(const char *path)
{
	struct server *s = NULL;
	struct error e = {0};
	sigset_t set;
	int signal_number = 0;

	umask(077);
	block_signals(&set);
	if (server_start(path, &s, &e)) {
		log_error("%s", e.text);
		return EXIT_FAILURE;
	}
	sd_notify(0, "READY=1");
	while (sigwait(&set, &signal_number) == 0 && signal_number == SIGHUP)
		reload(s);
	log_info("ending on %s", signal_number == SIGINT ? "SIGINT" : "SIGTERM");
	sd_notify(0, "STOPPING=1");
	server_stop(s);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"check",   no_argument, NULL, 'k'},
		{"help",    no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL,      0,           NULL, 0  },
	};
	const char *path = NSPID_CONF;
	bool only_check = false;
	int option = 0;

	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c': path = optarg; break;
		case 'k': only_check = true; break;
		case 'V': puts("nspid " NSPID_VERSION); return EXIT_SUCCESS;
		case 'h': fputs(usage, stdout); return EXIT_SUCCESS;
		default: fputs(usage, stderr); return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "nspid: unexpected argument %s\n%s", argv[optind], usage);
		return 2;
	}
	return only_check ? check(path) : serve(path);
}
