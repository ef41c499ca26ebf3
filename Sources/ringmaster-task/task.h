// task.h: the shim of one task. It starts the program, outlives the worker, and writes down how the task ended once no
// process of it is left.
#ifndef RINGMASTER_TASK_H
#define RINGMASTER_TASK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct launch {
  char *start, *id, *script, *folder, *lease, *cgroup;
  uint32_t *ids;  // of the user: uid, gid, groups; NULL: stays as it is
  size_t id_count;
  char **arguments, **variables;  // both end with NULL
  int64_t memory, tasks, millicpu, run_timeout_ms, stop_timeout_ms, stop_signal;
};

// Reads the launch file in a folder. NULL when it is missing, torn or no launch file.
struct launch *launch_read(int folder);
// In its variables; NULL when it is not there.
const char *launch_variable(const struct launch *launch, const char *name);

// What the child says when it cannot become the program: where it failed, and errno.
enum child_step { CHILD_PREPARE = 1, CHILD_USER, CHILD_FOLDER, CHILD_RUN };
struct child_failure {
  int32_t step, error;
};
struct child {
  pid_t pid;
  int failures;  // a pipe: ends without a word when the program runs
};
// Starts the program. Returns 0 or errno.
int child_start(const struct launch *launch, int output, int cgroup, struct child *child);

// Processes that got a signal; a number that comes again is told by when its process started.
struct reached {
  struct reached_process {
    pid_t pid;
    unsigned long long start;
    int is_fork;
  } * processes;
  size_t count;
};
// Sends a signal to all descendants of this process, each by a name that cannot be another's.
void tree_signal(int signal);
// The same for those that it has not reached yet, until no more are found: they may be born meanwhile. One that was reached
// between its birth and its program may have had its parent's handler, which ended with that, so it gets it once more.
void tree_signal_others(int signal, struct reached *reached);

// A control group of the task's own; all of it does nothing for a descriptor of -1.
int cgroup_make(const struct launch *launch);  // returns its folder, or -1
void cgroup_kill(int cgroup);
int cgroup_number(int cgroup, const char *file, const char *key, uint64_t *value);  // 1 when there is one
void cgroup_remove(int cgroup, const char *path);

// The deadline by CLOCK_BOOTTIME in a lease file: the last one that was read well, so 0 when none ever was.
uint64_t lease_deadline(int file, uint64_t last_ns);

uint64_t clock_ns(void);

struct outcome {
  const char *reason;
  int exit_code;  // -1: none
  int has_usage;
  uint64_t peak_memory, cpu_ns;
  char error[512];
};
// Puts it on the medium. Returns 0 or errno.
int outcome_write(int folder, const struct outcome *outcome);
// "9 (SIGKILL)"
void signal_text(int signal, char *text, size_t room);

// Runs the task to its end.
void task_run(int folder, int lock, const struct launch *launch, struct outcome *outcome);

#endif
