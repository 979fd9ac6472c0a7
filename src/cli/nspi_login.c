#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/nspi.h"

enum {
	MAX_PASSWORD = 1024,
	AUTH_BASIC = 256, /* beside the types of auth/auth.h */
};

static const struct name_row {
	const char *name;
	int value;
} auth_names[] =
	{
		{"ntlm",   AUTH_TYPE_NTLM  },
		{"spnego", AUTH_TYPE_SPNEGO},
		{"basic",  AUTH_BASIC      },
		{"none",   AUTH_TYPE_NONE  },
},
  level_names[] = {
	  {"connect", AUTH_LEVEL_CONNECT},
	  {"packet", AUTH_LEVEL_PACKET},
	  {"integrity", AUTH_LEVEL_INTEGRITY},
	  {"privacy", AUTH_LEVEL_PRIVACY},
};

static bool look_up(const struct name_row *rows, size_t count, const char *option, const char *name,
                    int *value)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(rows[i].name, name)) {
			*value = rows[i].value;
			return true;
		}
	}
	fprintf(stderr, "nspi: --%s has no value '%s'; see nspi --help\n", option, name);
	return false;
}

static bool read_port(const char *text, uint16_t *port)
{
	char *end = NULL;
	unsigned long v = strtoul(text, &end, 10);

	if (end == text || *end || v == 0 || v > 65535) {
		fprintf(stderr, "nspi: '%s' is no port\n", text);
		return false;
	}
	*port = (uint16_t)v;
	return true;
}

/* HOST, HOST:PORT, [V6]:PORT, [V6], V6. */
static bool read_server(const char *text, struct client_config *config)
{
	const char *host = text, *end = text + strlen(text), *port = NULL;

	if (text[0] == '[' && strchr(text, ']')) {
		host = text + 1;
		end = strchr(text, ']');
		port = end[1] == ':' ? end + 2 : NULL;
	} else if (strchr(text, ':') && strchr(text, ':') == strrchr(text, ':')) {
		end = strchr(text, ':');
		port = end + 1;
	}
	if (end == host) {
		fprintf(stderr, "nspi: '%s' names no server; -s wants HOST or HOST:PORT\n", text);
		return false;
	}
	config->host = xstrndup(host, (size_t)(end - host));
	return !port || read_port(port, &config->port);
}

/* https://HOST[:PORT][/PATH], or http://. */
static bool read_url(const char *text, struct client_config *config)
{
	const char *host = strstr(text, "://");

	config->tls = strncasecmp(text, "https://", 8) == 0;
	if (!host || (!config->tls && strncasecmp(text, "http://", 7) != 0)) {
		fprintf(stderr, "nspi: '%s' is no URL; --http wants https://HOST/mapi/nspi/\n",
		        text);
		return false;
	}
	host += 3;
	size_t size = strcspn(host, "/?");
	const char *path = host + size;
	char *server = xstrndup(host, size);
	bool good = read_server(server, config);
	free(server);
	config->http_path = xstrdup(*path == '/' && path[1] ? path : "/mapi/nspi/");
	return good;
}

/* DOMAIN\user, user@domain or user. */
static void read_user(const char *text, struct auth_initiator_config *auth)
{
	const char *backslash = strchr(text, '\\');

	auth->domain = backslash ? xstrndup(text, (size_t)(backslash - text)) : xstrdup("");
	auth->user = xstrdup(backslash ? backslash + 1 : text);
}

/* The first line of a file; NULL with the reason on standard error. */
static char *first_line(FILE *in, const char *name)
{
	char line[MAX_PASSWORD + 2];
	char *password = NULL;

	if (!fgets(line, sizeof line, in))
		fprintf(stderr, "nspi: no password in %s\n", name);
	else if (!strchr(line, '\n') && !feof(in))
		fprintf(stderr, "nspi: the password in %s is longer than %d bytes\n", name,
		        MAX_PASSWORD);
	else
		password = xstrndup(line, strcspn(line, "\r\n"));
	wipe(line, sizeof line);
	return password;
}

static char *password_from_file(const char *path)
{
	FILE *in = fopen(path, "re");

	if (!in) {
		fprintf(stderr, "nspi: cannot open %s: %s\n", path, strerror(errno));
		return NULL;
	}
	char *password = first_line(in, path);
	fclose(in);
	return password;
}

static char *password_from_terminal(const char *user)
{
	struct termios before, silent;
	FILE *terminal = fopen("/dev/tty", "r+e");

	if (!terminal || tcgetattr(fileno(terminal), &before)) {
		fputs("nspi: no terminal to ask for the password; use --password-file or "
		      "NSPI_PASSWORD\n",
		      stderr);
		if (terminal)
			fclose(terminal);
		return NULL;
	}
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fileno(terminal), TCSAFLUSH, &silent);
	fprintf(terminal, "Password of %s: ", user);
	fflush(terminal);
	char *password = first_line(terminal, "the terminal");
	tcsetattr(fileno(terminal), TCSAFLUSH, &before);
	dprintf(fileno(terminal), "\n");
	fclose(terminal);
	return password;
}

static char *read_password(const struct nspi_options *o)
{
	if (o->password_file)
		return password_from_file(o->password_file);
	if (getenv("NSPI_PASSWORD"))
		return xstrdup(getenv("NSPI_PASSWORD"));
	return password_from_terminal(o->user);
}

/* The operator of the server sees it in the list of sessions. */
static char *host_name(void)
{
	char name[256] = "";

	if (gethostname(name, sizeof name - 1))
		name[0] = '\0';
	return xstrdup(name);
}

static enum nspi_exit read_login(const struct nspi_options *o, struct client_config *config)
{
	struct auth_initiator_config *auth = &config->auth;
	int type = 0, level = 0;

	if (!look_up(auth_names, sizeof auth_names / sizeof auth_names[0], "auth", o->auth,
	             &type) ||
	    !look_up(level_names, sizeof level_names / sizeof level_names[0], "level", o->level,
	             &level))
		return NSPI_EXIT_USAGE;
	if (!o->user || type == AUTH_TYPE_NONE)
		return NSPI_EXIT_OK;
	config->basic = type == AUTH_BASIC;
	if (config->basic && !config->http_path) {
		fputs("nspi: --auth basic is for --http\n", stderr);
		return NSPI_EXIT_USAGE;
	}
	auth->type = config->basic ? AUTH_TYPE_NTLM : (enum auth_type)type;
	auth->level = (enum auth_level)level;
	auth->workstation = host_name();
	read_user(o->user, auth);
	auth->password = read_password(o);
	return auth->password ? NSPI_EXIT_OK : NSPI_EXIT_USAGE;
}

enum nspi_exit nspi_make_config(const struct nspi_options *o, struct client_config *config)
{
	*config = (struct client_config){
		.endpoint_mapper_port = (uint16_t)o->mapper_port,
		.timeout_ms = o->timeout_s * 1000,
		.ca_file = o->ca_file,
		.insecure = o->insecure,
	};
	if (!o->server == !o->http) {
		fputs("nspi: which server? -s HOST[:PORT], or --http https://HOST/mapi/nspi/\n",
		      stderr);
		return NSPI_EXIT_USAGE;
	}
	if (o->http ? !read_url(o->http, config) : !read_server(o->server, config))
		return NSPI_EXIT_USAGE;
	return read_login(o, config);
}

static void forget(const char *text)
{
	char *own = (char *)(uintptr_t)text; /* made here, lent out as const */

	if (own)
		wipe(own, strlen(own));
	free(own);
}

void nspi_free_config(struct client_config *config)
{
	forget(config->host);
	forget(config->http_path);
	forget(config->auth.user);
	forget(config->auth.domain);
	forget(config->auth.workstation);
	forget(config->auth.password);
}
