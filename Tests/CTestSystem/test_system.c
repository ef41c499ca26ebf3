#define _GNU_SOURCE
#include "test_system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

static int can_map_writable(int descriptor, long bytes) {
  void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (mapped != MAP_FAILED) return 1;
  // What is mapped for reading stays so.
  mapped = mmap(NULL, bytes, PROT_READ, MAP_SHARED, descriptor, 0);
  return mapped != MAP_FAILED && mprotect(mapped, bytes, PROT_READ | PROT_WRITE) == 0;
}

static int can_write(int descriptor) {
  unsigned word = 1;
  return pwrite(descriptor, &word, sizeof word, 0) >= 0;
}

int test_write_shared(int descriptor, long bytes) {
  if (can_map_writable(descriptor, bytes)) return 1;
  if (can_write(descriptor)) return 2;
  if (ftruncate(descriptor, 0) == 0) return 3;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  int again = open(path, O_RDWR | O_CLOEXEC);
  if (again < 0) return 0;
  int reached = can_map_writable(again, bytes) ? 4 : can_write(again) ? 5 : 0;
  close(again);
  return reached;
}
