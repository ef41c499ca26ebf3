// The processes of the task: all descendants of this one, which is their subreaper.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pidfd.h"
#include "task.h"

struct seen {
  pid_t pid, parent;
  unsigned long long start;
  int is_fork;  // has not become a program of its own
};
struct member {
  const struct seen *seen;
  int pidfd;
};

static int read_status(const char *pid, struct seen *seen) {
  char path[300], text[512];
  snprintf(path, sizeof path, "/proc/%s/stat", pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return 0;
  text[count] = 0;
  enum { FORKED_WITHOUT_EXEC = 0x40 };
  unsigned flags = 0;
  // PID (NAME) STATE PARENT, three numbers, TERMINAL'S GROUP, FLAGS and 12 numbers before the time of its start.
  const char *end = strrchr(text, ')');
  seen->pid = (pid_t)atoi(pid);
  if (end == NULL) return 0;
  int fields = sscanf(end + 1, " %*c %d %*s %*s %*s %*s %u %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
                      &seen->parent, &flags, &seen->start);
  seen->is_fork = (flags & FORKED_WITHOUT_EXEC) != 0;
  return fields == 3;
}

static struct seen *look(size_t *count) {
  DIR *directory = opendir("/proc");
  struct seen *all = NULL;
  size_t filled = 0, room = 0;
  struct dirent *entry;
  while (directory != NULL && (entry = readdir(directory)) != NULL) {
    if (atoi(entry->d_name) <= 0) continue;
    if (filled == room) {
      struct seen *larger = realloc(all, (room = room * 2 + 256) * sizeof *all);
      if (larger == NULL) break;
      all = larger;
    }
    if (read_status(entry->d_name, &all[filled])) filled++;
  }
  if (directory != NULL) closedir(directory);
  *count = filled;
  return all;
}

// From the parents down, each held by its descriptor while its children are asked for their parent: so a number that
// became a stranger's meanwhile is seen.
static size_t hold(struct member *members, size_t room, const struct seen *all, size_t count) {
  size_t held = 0;
  for (size_t next = 0; next <= held; next++) {
    pid_t parent = next == 0 ? getpid() : members[next - 1].seen->pid;
    for (size_t index = 0; index < count && held < room; index++) {
      if (all[index].parent != parent) continue;
      int pidfd = rm_pidfd_open(all[index].pid);
      if (pidfd < 0) continue;
      int is_ours = rm_pidfd_parent_is(pidfd, all[index].pid, parent) &&
                    (next == 0 || rm_pidfd_signal(members[next - 1].pidfd, 0) == 0);
      if (is_ours) {
        members[held++] = (struct member){.seen = &all[index], .pidfd = pidfd};
      } else {
        close(pidfd);
      }
    }
  }
  return held;
}

static struct reached_process *find(const struct reached *reached, const struct seen *seen) {
  for (size_t index = 0; index < reached->count; index++) {
    struct reached_process *process = &reached->processes[index];
    if (process->pid == seen->pid && process->start == seen->start) return process;
  }
  return NULL;
}

static int has_reached(const struct reached *reached, const struct seen *seen) {
  const struct reached_process *process = find(reached, seen);
  return process != NULL && !(process->is_fork && !seen->is_fork);
}

static void remember(struct reached *reached, const struct seen *seen) {
  struct reached_process *known = find(reached, seen);
  if (known != NULL) {
    known->is_fork = seen->is_fork;
    return;
  }
  struct reached_process *larger =
      realloc(reached->processes, (reached->count + 1) * sizeof *reached->processes);
  if (larger == NULL) return;
  reached->processes = larger;
  larger[reached->count++] = (struct reached_process){.pid = seen->pid, .start = seen->start, .is_fork = seen->is_fork};
}

// Returns how many got it.
static size_t pass(int signal, struct reached *reached) {
  size_t count = 0, sent = 0;
  struct seen *all = look(&count);
  struct member *members = count > 0 ? malloc(count * sizeof *members) : NULL;
  if (members != NULL) {
    // One descriptor each. The limit is put back: the program inherits it.
    struct rlimit limit, raised;
    int can_raise = getrlimit(RLIMIT_NOFILE, &limit) == 0;
    raised = (struct rlimit){.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    if (can_raise) setrlimit(RLIMIT_NOFILE, &raised);
    size_t held = hold(members, count, all, count);
    for (size_t index = 0; index < held; index++) {
      int is_new = reached == NULL || !has_reached(reached, members[index].seen);
      if (is_new && rm_pidfd_signal(members[index].pidfd, signal) == 0) {
        sent++;
        if (reached != NULL) remember(reached, members[index].seen);
      }
      close(members[index].pidfd);
    }
    if (can_raise) setrlimit(RLIMIT_NOFILE, &limit);
  }
  free(members);
  free(all);
  return sent;
}

void tree_signal(int signal) { pass(signal, NULL); }

void tree_signal_others(int signal, struct reached *reached) {
  // A task that has ever more is killed at the end of its time.
  for (int passes = 0; passes < 16 && pass(signal, reached) > 0; passes++) {
  }
}
