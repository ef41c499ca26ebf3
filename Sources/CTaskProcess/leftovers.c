// What a shim that was killed left: found by its control group and by the mark in its environment.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pidfd.h"
#include "task_process.h"

// All of a file of the kernel's, with a NUL behind it; NULL when it cannot be read.
static char *contents(const char *path, size_t *count) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return NULL;
  size_t room = 4096, filled = 0;
  char *bytes = malloc(room);
  while (bytes != NULL) {
    ssize_t got = read(file, bytes + filled, room - filled - 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    filled += (size_t)got;
    if (room - filled > 1) continue;
    char *larger = realloc(bytes, room *= 2);
    if (larger == NULL) free(bytes);
    bytes = larger;
  }
  close(file);
  if (bytes != NULL) bytes[filled] = 0;
  *count = filled;
  return bytes;
}

static int is_marked(int pid, const char *marker) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/environ", pid);
  size_t count = 0;
  char *bytes = contents(path, &count);
  if (bytes == NULL) return 0;
  int found = 0;
  for (size_t at = 0; at < count && !found; at += strlen(bytes + at) + 1) found = strcmp(bytes + at, marker) == 0;
  free(bytes);
  return found;
}

// The numbers in cgroup.procs, each as long as the process is there.
static int is_in_cgroup(int pid, const char *procs) {
  size_t count = 0;
  char *bytes = contents(procs, &count);
  if (bytes == NULL) return 0;
  int found = 0;
  for (char *line = bytes; *line != 0 && !found; line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
    found = atoi(line) == pid;
  }
  free(bytes);
  return found;
}

static int kill_one(int pid, const char *procs, const char *marker) {
  int pidfd = rm_pidfd_open(pid);
  if (pidfd < 0) return pidfd;
  // Again, now that the number cannot become another's without the signal below going nowhere.
  if (!(procs != NULL && is_in_cgroup(pid, procs)) && !is_marked(pid, marker)) {
    close(pidfd);
    return -ESRCH;
  }
  if (rm_pidfd_signal(pidfd, SIGKILL) == 0) return pidfd;
  close(pidfd);
  return -ESRCH;
}

int rm_task_kill_leftovers(const char *cgroup, const char *marker, int *pidfds, size_t room) {
  size_t found = 0;
  char *procs = NULL;
  if (cgroup != NULL && asprintf(&procs, "%s/cgroup.procs", cgroup) >= 0) {
    char *killer = NULL;
    if (asprintf(&killer, "%s/cgroup.kill", cgroup) >= 0) {
      int file = open(killer, O_WRONLY | O_CLOEXEC);
      if (file >= 0) {
        if (write(file, "1", 1) != 1) { /* each is killed below */
        }
        close(file);
      }
      free(killer);
    }
    size_t count = 0;
    char *bytes = contents(procs, &count);
    for (char *line = bytes; line != NULL && *line != 0 && found < room;) {
      int pidfd = kill_one(atoi(line), procs, marker);
      if (pidfd >= 0) pidfds[found++] = pidfd;
      line += strcspn(line, "\n");
      if (*line == '\n') line++;
    }
    free(bytes);
  }
  DIR *directory = opendir("/proc");
  int error = directory == NULL ? errno : 0;
  struct dirent *entry;
  while (directory != NULL && found < room && (entry = readdir(directory)) != NULL) {
    int pid = atoi(entry->d_name);
    if (pid <= 0 || pid == getpid() || !is_marked(pid, marker)) continue;
    int pidfd = kill_one(pid, NULL, marker);
    if (pidfd >= 0) pidfds[found++] = pidfd;
  }
  if (directory != NULL) closedir(directory);
  free(procs);
  return error != 0 ? -error : (int)found;
}
