#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/nspictl.h"

#define MAX_PASSWORD 1024

/* One line without its end; NULL when there is none, or a longer one than a password may be. */
static char *read_line(FILE *in)
{
	char *line = xcalloc(1, MAX_PASSWORD + 2);
	bool whole = fgets(line, MAX_PASSWORD + 2, in) && (strchr(line, '\n') || feof(in));
	line[strcspn(line, "\r\n")] = 0;
	if (whole && line[0])
		return line;
	wipe(line, MAX_PASSWORD + 2);
	free(line);
	return NULL;
}

/* false when a signal came instead, which is still to be delivered. */
static bool wait_for_line(int terminal, int signals)
{
	struct pollfd p[] = {
		{.fd = signals,  .events = POLLIN},
		{.fd = terminal, .events = POLLIN},
	};
	return poll(p, 2, -1) > 0 && !(p[0].revents & POLLIN);
}

/* Whoever interrupts a prompt gets a terminal back that shows what is typed. */
static char *read_silently(FILE *terminal, const struct termios *before)
{
	struct termios silent = *before;
	sigset_t ends, mask;
	char *line = NULL;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGQUIT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, &mask);
	int signals = signalfd(-1, &ends, SFD_CLOEXEC);
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fileno(terminal), TCSAFLUSH, &silent);
	if (wait_for_line(fileno(terminal), signals))
		line = read_line(terminal);
	tcsetattr(fileno(terminal), TCSAFLUSH, before);
	close(signals);
	fputc('\n', terminal);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return line;
}

static char *ask(FILE *terminal, const char *prompt)
{
	struct termios before;
	if (tcgetattr(fileno(terminal), &before))
		return NULL;
	fputs(prompt, terminal);
	return read_silently(terminal, &before);
}

void password_forget(char *password)
{
	if (password)
		wipe(password, strlen(password));
	free(password);
}

static char *ask_twice(FILE *terminal)
{
	char *first = ask(terminal, "Password: ");
	char *second = first ? ask(terminal, "Again: ") : NULL;
	bool equal = first && second && strcmp(first, second) == 0;

	password_forget(second);
	if (equal)
		return first;
	fputs(first ? "nspictl: the two passwords differ\n"
	            : "nspictl: the password is empty or too long\n",
	      stderr);
	password_forget(first);
	return NULL;
}

static char *ask_once(FILE *terminal)
{
	char *password = ask(terminal, "Password: ");

	if (!password)
		fputs("nspictl: the password is empty or too long\n", stderr);
	return password;
}

static char *read_with(char *(*prompt)(FILE *terminal), bool from_stdin)
{
	if (from_stdin) {
		char *password = read_line(stdin);
		if (!password)
			fputs("nspictl: no password on standard input (one line, at most 1024 "
			      "bytes)\n",
			      stderr);
		return password;
	}
	FILE *terminal = fopen("/dev/tty", "r+");
	if (!terminal) {
		fputs("nspictl: there is no terminal to ask for the password; use --stdin\n",
		      stderr);
		return NULL;
	}
	setvbuf(terminal, NULL, _IONBF, 0);
	char *password = prompt(terminal);
	fclose(terminal);
	return password;
}

char *password_read(bool from_stdin)
{
	return read_with(ask_twice, from_stdin);
}

char *password_read_once(bool from_stdin)
{
	return read_with(ask_once, from_stdin);
}
