#define _GNU_SOURCE
#include "test_system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int is_named(int pid, int thread, const char *name) {
  char path[64], line[64] = "";
  snprintf(path, sizeof path, "/proc/%d/task/%d/comm", pid, thread);
  FILE *file = fopen(path, "re");
  if (file == NULL) return 0;
  char *read = fgets(line, sizeof line, file);
  fclose(file);
  if (read == NULL) return 0;
  line[strcspn(line, "\n")] = 0;
  return strcmp(line, name) == 0;
}

static int find_thread(int pid, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *tasks = opendir(path);
  if (tasks == NULL) return -errno;
  int found = -ESRCH;
  for (struct dirent *entry; found < 0 && (entry = readdir(tasks)) != NULL;) {
    int thread = atoi(entry->d_name);
    if (thread > 0 && is_named(pid, thread, name)) found = thread;
  }
  closedir(tasks);
  return found;
}

int test_hold_thread(int pid, const char *name) {
  int thread = find_thread(pid, name);
  if (thread < 0) return thread;
  if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0) return -errno;
  if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0) return -errno;
  int status;
  if (waitpid(thread, &status, __WALL) != thread) return -errno;
  return WIFSTOPPED(status) ? thread : -ESRCH;
}

int test_await_end_of_thread(int thread) {
  // As long as it is not waited for, nobody learns that its process has ended.
  for (int status = 0;;) {
    if (waitpid(thread, &status, __WALL) != thread) return errno == ECHILD ? 0 : -errno;
    if (WIFEXITED(status) || WIFSIGNALED(status)) return 0;
  }
}

int test_become_user(unsigned uid) {
  // The C library's own function changes every thread.
  return syscall(SYS_setresuid, -1, uid, -1) == 0 ? 0 : -errno;
}

int test_make_blocking(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  return flags >= 0 && fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0 ? 0 : -errno;
}

int test_limit_descriptors(int pid, unsigned count) {
  struct rlimit limit;
  if (prlimit(pid, RLIMIT_NOFILE, NULL, &limit) != 0) return -errno;
  limit.rlim_cur = count;
  return prlimit(pid, RLIMIT_NOFILE, &limit, NULL) == 0 ? 0 : -errno;
}
