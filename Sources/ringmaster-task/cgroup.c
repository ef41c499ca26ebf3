#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task.h"

static int put(int cgroup, const char *name, const char *text) {
  int file = openat(cgroup, name, O_WRONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t written = write(file, text, strlen(text));
  close(file);
  return written == (ssize_t)strlen(text) ? 0 : -1;
}

static int put_number(int cgroup, const char *name, int64_t value) {
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)value);
  return put(cgroup, name, text);
}

int cgroup_make(const struct launch *launch) {
  if (launch->cgroup == NULL) return -1;
  if (mkdir(launch->cgroup, 0755) != 0 && errno != EEXIST) return -1;
  int cgroup = open(launch->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (cgroup < 0) return -1;
  // Files of controllers that are not there are no fault here: the worker says what it can limit.
  if (launch->memory > 0) {
    put_number(cgroup, "memory.max", launch->memory);
    put(cgroup, "memory.swap.max", "0");
  }
  put(cgroup, "memory.oom.group", "1");
  if (launch->tasks > 0) put_number(cgroup, "pids.max", launch->tasks);
  if (launch->millicpu > 0) {
    // 100 is the kernel's usual weight: that of one processor.
    int64_t weight = launch->millicpu / 10;
    put_number(cgroup, "cpu.weight", weight < 1 ? 1 : weight > 10000 ? 10000 : weight);
  }
  return cgroup;
}

void cgroup_kill(int cgroup) {
  if (cgroup >= 0) put(cgroup, "cgroup.kill", "1");
}

int cgroup_number(int cgroup, const char *name, const char *key, uint64_t *value) {
  int file = cgroup >= 0 ? openat(cgroup, name, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return 0;
  char text[4096];
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return 0;
  text[count] = 0;
  const char *at = text;
  size_t length = strlen(key);
  while (length > 0 && !(strncmp(at, key, length) == 0 && at[length] == ' ')) {
    at = strchr(at, '\n');
    if (at == NULL) return 0;
    at++;
  }
  char *end;
  errno = 0;
  *value = strtoull(at + length, &end, 10);
  return errno == 0 && end != at + length;
}

// Waits until no process is in it: one that has ended counts until its parent has taken it out of the table.
void cgroup_remove(int cgroup, const char *path) {
  if (cgroup < 0) return;
  uint64_t populated = 0;
  struct pollfd events = {.fd = openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC), .events = POLLPRI};
  while (events.fd >= 0 && cgroup_number(cgroup, "cgroup.events", "populated", &populated) && populated != 0) {
    cgroup_kill(cgroup);
    char byte;
    // A read first: what changed before it does not count.
    if (pread(events.fd, &byte, 1, 0) != 1) break;
    if (cgroup_number(cgroup, "cgroup.events", "populated", &populated) && populated != 0) poll(&events, 1, 1000);
  }
  if (events.fd >= 0) close(events.fd);
  rmdir(path);
}
