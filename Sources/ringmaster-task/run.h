// run.h: what the shim knows of its task while that runs.
#ifndef RINGMASTER_RUN_H
#define RINGMASTER_RUN_H

#include "task.h"

enum cause { NOTHING, STOPPED, TIMEOUT, FENCED };

struct task {
  const struct launch *launch;
  struct outcome *outcome;
  int folder, lock, lease, cgroup, signals, timer;
  struct child child;
  enum cause cause;
  int is_killing, was_killed_late, main_ended, main_status, all_ended, has_failed;
  int stop_signal;
  struct reached reached;
  uint64_t lease_ns, timeout_ns, kill_ns, sweep_at_ns, sweep_ns;
};

// Fills in the outcome of a task of which no process is left.
void task_judge(struct task *task);

#endif
