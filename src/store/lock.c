#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/memory.h"

static int fail_held(int fd, const char *state_dir, struct error *e)
{
	char pid[24] = "";
	ssize_t n = pread(fd, pid, sizeof pid - 1, 0);
	pid[n > 0 ? n : 0] = 0;
	pid[strcspn(pid, "\n")] = 0;
	return error_set(e, ERR_BUSY,
	                 "%s is in use by process %s: stop it, or go through its control socket",
	                 state_dir, pid[0] ? pid : "(unknown)");
}

/* For people: on a full disk it may fail, and the lock holds all the same. */
static void write_pid(int fd)
{
	if (ftruncate(fd, 0) == 0)
		(void)!dprintf(fd, "%ld\n", (long)getpid());
}

int lock_acquire(const char *state_dir, struct error *e)
{
	char *path = xasprintf("%s/lock", state_dir);
	int err = 0;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		err = error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	else if (flock(fd, LOCK_EX | LOCK_NB))
		err = errno == EWOULDBLOCK
		            ? fail_held(fd, state_dir, e)
		            : error_set(e, ERR_SYSTEM, "cannot lock %s: %s", path, strerror(errno));
	else
		write_pid(fd);
	if (err && fd >= 0)
		close(fd);
	free(path);
	return err ? err : fd;
}
