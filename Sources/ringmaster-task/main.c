// ringmaster-task FOLDER START: runs the attempt whose folder it is.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "task.h"
#include "task_launch.h"

// Takes the lock for the rest of this process's life. The kernel tells its holder to whoever asks, and no child has it.
static int lock_take(int folder) {
  int lock = openat(folder, "lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (lock < 0) return -1;
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  char byte;
  // One that says something was a shim's before, or was made void: the program may have run.
  if (fcntl(lock, F_SETLK, &whole) != 0 || pread(lock, &byte, 1, 0) != 0) return -1;
  return lock;
}

int main(int count, char **arguments) {
  if (count != 3) return EXIT_FAILURE;
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  syscall(SYS_close_range, 3U, ~0U, 0);
  int folder = open(arguments[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (folder < 0 || chdir("/") != 0) return EXIT_FAILURE;
  struct launch *launch = launch_read(folder);
  // Late, and the folder is another start's by now: that one has a shim of its own.
  if (launch == NULL || strcmp(launch->start, arguments[2]) != 0) return EXIT_FAILURE;
  int lock = lock_take(folder);
  if (lock < 0) return EXIT_FAILURE;
  // Before anything runs, so that nothing runs twice.
  if (pwrite(lock, RM_LOCK_STARTED, strlen(RM_LOCK_STARTED), 0) != (ssize_t)strlen(RM_LOCK_STARTED)) {
    return EXIT_FAILURE;
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  struct outcome outcome = {.exit_code = -1};
  task_run(folder, lock, launch, &outcome);
  return outcome_write(folder, &outcome) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
