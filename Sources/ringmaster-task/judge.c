#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "run.h"

static void measure(struct task *task) {
  struct outcome *outcome = task->outcome;
  struct rusage usage;
  if (getrusage(RUSAGE_CHILDREN, &usage) != 0) return;
  outcome->has_usage = 1;
  // Without a control group the largest process counts.
  outcome->peak_memory = (uint64_t)usage.ru_maxrss * 1024;
  outcome->cpu_ns = ((uint64_t)usage.ru_utime.tv_sec + (uint64_t)usage.ru_stime.tv_sec) * 1000000000u +
                    ((uint64_t)usage.ru_utime.tv_usec + (uint64_t)usage.ru_stime.tv_usec) * 1000u;
  uint64_t value;
  if (cgroup_number(task->cgroup, "memory.peak", "", &value)) outcome->peak_memory = value;
  if (cgroup_number(task->cgroup, "cpu.stat", "usage_usec", &value)) outcome->cpu_ns = value * 1000;
}

void task_judge(struct task *task) {
  static const char *const causes[] = {[STOPPED] = "stopped", [TIMEOUT] = "timeout", [FENCED] = "fenced"};
  struct outcome *outcome = task->outcome;
  if (task->has_failed) {
    outcome->reason = "start_failed";
    return;
  }
  measure(task);
  char name[32];
  if (WIFEXITED(task->main_status)) {
    outcome->exit_code = WEXITSTATUS(task->main_status);
  } else {
    signal_text(WTERMSIG(task->main_status), name, sizeof name);
    snprintf(outcome->error, sizeof outcome->error, "killed by signal %s", name);
  }
  if (task->cause == TIMEOUT) {
    snprintf(outcome->error, sizeof outcome->error, "ran longer than %lld ms",
             (long long)task->launch->run_timeout_ms);
  }
  if (task->cause == FENCED) {
    snprintf(outcome->error, sizeof outcome->error, "its worker was cut off from the controller");
  }
  if (task->was_killed_late) {
    size_t length = strlen(outcome->error);
    snprintf(outcome->error + length, sizeof outcome->error - length, "%sdid not end when asked to, and was killed",
             length > 0 ? "; " : "");
  }
  uint64_t kills = 0;
  if (task->cause != NOTHING) {
    outcome->reason = causes[task->cause];
  } else if (WIFEXITED(task->main_status)) {
    outcome->reason = "exited";
  } else if (WTERMSIG(task->main_status) == SIGKILL && cgroup_number(task->cgroup, "memory.events", "oom_kill", &kills) &&
             kills > 0) {
    outcome->reason = "oom";
    snprintf(outcome->error, sizeof outcome->error, "needed more memory than %lld bytes",
             (long long)task->launch->memory);
  } else {
    outcome->reason = "signal";
  }
}
