#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task.h"
#include "task_launch.h"

static char *read_all(int folder, size_t *count) {
  int file = openat(folder, "launch", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat status;
  if (file < 0) return NULL;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > RM_LAUNCH_MAX_BYTES) {
    close(file);
    return NULL;
  }
  size_t size = (size_t)status.st_size;
  char *bytes = malloc(size + 1);
  size_t filled = 0;
  while (bytes != NULL && filled < size) {
    ssize_t got = read(file, bytes + filled, size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    filled += (size_t)got;
  }
  close(file);
  *count = filled;
  return bytes;
}

static int append(char ***texts, size_t *count, char *text) {
  char **larger = realloc(*texts, (*count + 2) * sizeof **texts);
  if (larger == NULL) return 0;
  *texts = larger;
  larger[(*count)++] = text;
  larger[*count] = NULL;
  return 1;
}

static char **text_field(struct launch *launch, uint32_t kind) {
  switch (kind) {
    case RM_LAUNCH_START: return &launch->start;
    case RM_LAUNCH_ID: return &launch->id;
    case RM_LAUNCH_SCRIPT: return &launch->script;
    case RM_LAUNCH_FOLDER: return &launch->folder;
    case RM_LAUNCH_LEASE: return &launch->lease;
    case RM_LAUNCH_CGROUP: return &launch->cgroup;
    default: return NULL;
  }
}

static int64_t *number_field(struct launch *launch, uint32_t kind) {
  switch (kind) {
    case RM_LAUNCH_MEMORY: return &launch->memory;
    case RM_LAUNCH_TASKS: return &launch->tasks;
    case RM_LAUNCH_MILLICPU: return &launch->millicpu;
    case RM_LAUNCH_RUN_TIMEOUT_MS: return &launch->run_timeout_ms;
    case RM_LAUNCH_STOP_TIMEOUT_MS: return &launch->stop_timeout_ms;
    case RM_LAUNCH_STOP_SIGNAL: return &launch->stop_signal;
    default: return NULL;
  }
}

static int take(struct launch *launch, size_t *arguments, size_t *variables, uint32_t kind, const char *value,
                uint32_t length) {
  int64_t *number = number_field(launch, kind);
  if (number != NULL) {
    if (length != sizeof *number) return 0;
    memcpy(number, value, sizeof *number);
    return *number >= 0;
  }
  if (kind == RM_LAUNCH_USER) {
    if (launch->ids != NULL || length % 4 != 0 || length < 8) return 0;
    launch->ids = malloc(length);
    if (launch->ids == NULL) return 0;
    memcpy(launch->ids, value, length);
    launch->id_count = length / 4;
    return 1;
  }
  if (memchr(value, 0, length) != NULL) return 0;
  char *text = strndup(value, length);
  if (text == NULL) return 0;
  if (kind == RM_LAUNCH_ARGUMENT) return append(&launch->arguments, arguments, text);
  if (kind == RM_LAUNCH_VARIABLE) return append(&launch->variables, variables, text);
  char **field = text_field(launch, kind);
  if (field == NULL || *field != NULL) return 0;
  *field = text;
  return 1;
}

static int parse(struct launch *launch, const char *bytes, size_t count) {
  if (count < RM_LAUNCH_MARK_BYTES || memcmp(bytes, RM_LAUNCH_MARK, RM_LAUNCH_MARK_BYTES) != 0) return 0;
  size_t arguments = 0, variables = 0;
  for (size_t at = RM_LAUNCH_MARK_BYTES; count - at >= 8;) {
    uint32_t kind, length;
    memcpy(&kind, bytes + at, 4);
    memcpy(&length, bytes + at + 4, 4);
    at += 8;
    if (length > count - at) return 0;
    if (kind == RM_LAUNCH_END) return length == 0 && at == count;
    if (!take(launch, &arguments, &variables, kind, bytes + at, length)) return 0;
    at += length;
  }
  return 0;
}

struct launch *launch_read(int folder) {
  size_t count = 0;
  char *bytes = read_all(folder, &count);
  struct launch *launch = calloc(1, sizeof *launch);
  if (bytes == NULL || launch == NULL || !parse(launch, bytes, count)) return NULL;
  free(bytes);
  if (launch->start == NULL || launch->id == NULL || launch->variables == NULL) return NULL;
  return (launch->script == NULL) != (launch->arguments == NULL) ? launch : NULL;
}

const char *launch_variable(const struct launch *launch, const char *name) {
  size_t length = strlen(name);
  for (char **variable = launch->variables; *variable != NULL; variable++) {
    if (strncmp(*variable, name, length) == 0 && (*variable)[length] == '=') return *variable + length + 1;
  }
  return NULL;
}
