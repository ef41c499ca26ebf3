#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "task.h"

void signal_text(int signal, char *text, size_t room) {
  const char *name = sigabbrev_np(signal);
  if (name != NULL) {
    snprintf(text, room, "%d (SIG%s)", signal, name);
  } else {
    snprintf(text, room, "%d", signal);
  }
}

int outcome_write(int folder, const struct outcome *outcome) {
  char line[1024];
  size_t length = 0;
  // Each piece is far shorter than the line, and the error's buffer is half of it.
  length += (size_t)snprintf(line, sizeof line, "reason=%s", outcome->reason);
  if (outcome->exit_code >= 0) {
    length += (size_t)snprintf(line + length, sizeof line - length, " exit_code=%d", outcome->exit_code);
  }
  if (outcome->has_usage) {
    length += (size_t)snprintf(line + length, sizeof line - length, " peak_memory=%llu cpu_ns=%llu",
                               (unsigned long long)outcome->peak_memory, (unsigned long long)outcome->cpu_ns);
  }
  if (outcome->error[0] != 0) {
    size_t start = length;
    length += (size_t)snprintf(line + length, sizeof line - length, " error=%s", outcome->error);
    for (size_t at = start; at < length; at++) {
      if (line[at] == '\n' || line[at] == '\r') line[at] = ' ';
    }
  }
  line[length++] = '\n';
  int file = openat(folder, "outcome.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return errno;
  if (write(file, line, length) != (ssize_t)length) return errno != 0 ? errno : ENOSPC;
  // Not synced: the worker writes down what it reports, many ends at once, and what a loss of power takes before that was
  // reported to nobody.
  if (renameat(folder, "outcome.new", folder, "outcome") != 0) return errno;
  return 0;
}
