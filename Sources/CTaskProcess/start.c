#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "task_process.h"

int rm_task_make_folder(const char *path) { return mkdir(path, 0700) == 0 ? 0 : -errno; }

int rm_task_remove_empty_folder(const char *path) { return rmdir(path) == 0 ? 0 : -errno; }

int rm_task_is_delegated(const char *cgroup) {
  char value[2];
  int is_marked = getxattr(cgroup, "trusted.delegate", value, sizeof value) > 0 ||
                  getxattr(cgroup, "user.delegate", value, sizeof value) > 0;
  return is_marked || (geteuid() != 0 && access(cgroup, W_OK) == 0);
}

int rm_task_is_writable(const char *path) { return access(path, W_OK) == 0 ? 0 : -errno; }

int rm_task_write_file(const char *path, const void *bytes, size_t count) {
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return -errno;
  const char *rest = bytes;
  int error = 0;
  while (count > 0) {
    ssize_t written = write(file, rest, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      error = written < 0 ? errno : ENOSPC;
      break;
    }
    rest += written;
    count -= (size_t)written;
  }
  if (close(file) != 0 && error == 0) error = errno;
  return -error;
}

int rm_task_spawn(const char *program, const char *folder, const char *start) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) return -error;
  error = posix_spawnattr_init(&attributes);
  if (error != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return -error;
  }
  for (int number = 0; number < 3 && error == 0; number++) {
    error = posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0);
  }
  if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &all);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  char *const arguments[] = {(char *)program, (char *)folder, (char *)start, NULL}, *const environment[] = {NULL};
  pid_t pid = 0;
  if (error == 0) {
    error = posix_spawn(&pid, program, &actions, &attributes, arguments, environment);
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -error;
}
