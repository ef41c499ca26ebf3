// The life of the task: what the shim waits for, and what it does then.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"
#include "task_launch.h"

static const uint64_t never = UINT64_MAX;
// Processes that were born while the others got a signal are looked for again, ever less often.
static const uint64_t first_sweep_ns = 10 * 1000000, longest_sweep_ns = 1000 * 1000000;

static uint64_t after_ms(uint64_t now, int64_t ms) {
  const int64_t longest_ms = INT64_MAX / 2000000;
  return now + (uint64_t)(ms < longest_ms ? ms : longest_ms) * 1000000u;
}

static void plan_sweep(struct task *task) {
  task->sweep_ns = task->sweep_ns == 0 ? first_sweep_ns : task->sweep_ns * 2;
  if (task->sweep_ns > longest_sweep_ns) task->sweep_ns = longest_sweep_ns;
  task->sweep_at_ns = clock_ns() + task->sweep_ns;
}

static void kill_all(struct task *task) {
  if (!task->is_killing) task->sweep_ns = 0;
  task->is_killing = 1;
  cgroup_kill(task->cgroup);
  tree_signal(SIGKILL);
  plan_sweep(task);
}

static void ask_all(struct task *task) {
  tree_signal_others(task->stop_signal, &task->reached);
  // One that sleeps in SIGSTOP hears nothing else.
  tree_signal(SIGCONT);
  plan_sweep(task);
}

static void stop(struct task *task, enum cause cause, int64_t signal, int64_t timeout_ms) {
  // What had ended already was not ended by this.
  if (task->cause == NOTHING && !task->main_ended) task->cause = cause;
  uint64_t deadline = after_ms(clock_ns(), timeout_ms);
  if (deadline < task->kill_ns) task->kill_ns = deadline;
  if (task->is_killing) return;
  if (timeout_ms == 0 || signal == SIGKILL) {
    kill_all(task);
    return;
  }
  task->stop_signal = (int)signal;
  task->reached.count = 0;
  task->sweep_ns = 0;
  ask_all(task);
}

// What the worker asks for in the stop file; one that is torn or strange asks to stop as the launch says.
static int stop_asked(const struct task *task, int64_t *signal, int64_t *timeout_ms) {
  int file = openat(task->folder, "stop", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return 0;
  char text[64];
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  text[count > 0 ? count : 0] = 0;
  long long number, ms;
  if (sscanf(text, "%lld %lld\n", &number, &ms) != 2 || number < 1 || number >= NSIG || ms < 0) {
    number = task->launch->stop_signal;
    ms = task->launch->stop_timeout_ms;
  }
  *signal = number;
  *timeout_ms = ms;
  return 1;
}

static void look_at_stop(struct task *task) {
  int64_t signal, timeout_ms;
  if (stop_asked(task, &signal, &timeout_ms)) stop(task, STOPPED, signal, timeout_ms);
}

static void look_at_time(struct task *task) {
  uint64_t now = clock_ns();
  if (task->cause == NOTHING && now >= task->timeout_ns) {
    stop(task, TIMEOUT, task->launch->stop_signal, task->launch->stop_timeout_ms);
  }
  if (task->cause == NOTHING && now >= task->lease_ns) {
    task->lease_ns = lease_deadline(task->lease, task->lease_ns);
    if (now >= task->lease_ns) {
      // Counted from the end of the lease: the machine may have slept since.
      uint64_t end = after_ms(task->lease_ns, task->launch->stop_timeout_ms);
      stop(task, FENCED, task->launch->stop_signal, now < end ? (int64_t)((end - now) / 1000000) : 0);
    }
  }
  if (!task->is_killing && now >= task->kill_ns) {
    task->was_killed_late = 1;
    kill_all(task);
  }
  if (now < task->sweep_at_ns) return;
  if (task->is_killing) {
    kill_all(task);
  } else if (task->stop_signal != 0) {
    ask_all(task);
  }
}

static uint64_t next_ns(const struct task *task) {
  if (task->is_killing) return task->sweep_at_ns;
  if (task->cause != NOTHING) return task->kill_ns < task->sweep_at_ns ? task->kill_ns : task->sweep_at_ns;
  return task->lease_ns < task->timeout_ns ? task->lease_ns : task->timeout_ns;
}

static void look_at_failure(struct task *task) {
  struct child_failure failure;
  ssize_t count = read(task->child.failures, &failure, sizeof failure);
  if (count < 0 && errno == EINTR) return;
  close(task->child.failures);
  task->child.failures = -1;
  if (count != sizeof failure) {
    if (pwrite(task->lock, RM_LOCK_RUNNING, strlen(RM_LOCK_RUNNING), 0) < 0) { /* it runs all the same */
    }
    return;
  }
  const struct launch *launch = task->launch;
  const char *program = launch->script != NULL ? "the script" : launch->arguments[0];
  const char *reason = strerror(failure.error);
  char *error = task->outcome->error;
  size_t room = sizeof task->outcome->error;
  task->has_failed = 1;
  switch (failure.step) {
    case CHILD_USER: snprintf(error, room, "cannot become the user %u: %s", launch->ids[0], reason); break;
    case CHILD_FOLDER: snprintf(error, room, "cannot enter the folder %s: %s", launch->folder, reason); break;
    case CHILD_RUN: snprintf(error, room, "cannot run %s: %s", program, reason); break;
    default: snprintf(error, room, "cannot prepare the process: %s", reason); break;
  }
}

static void reap(struct task *task) {
  while (1) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
    if (pid < 0 && errno == EINTR) continue;
    if (pid == 0) break;
    if (pid < 0) {
      task->all_ended = 1;
      return;
    }
    if (pid == task->child.pid) {
      task->main_ended = 1;
      task->main_status = status;
    }
  }
  // Others have until the end of the stop that is under way.
  if (task->main_ended && !task->is_killing && task->cause == NOTHING) kill_all(task);
}

static void look_at_signals(struct task *task) {
  struct signalfd_siginfo signal;
  int is_woken = 0;
  while (read(task->signals, &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo == RM_WAKE_SIGNAL) is_woken = 1;
    if (signal.ssi_signo == RM_SEND_SIGNAL && signal.ssi_int > 0 && signal.ssi_int < NSIG) {
      tree_signal(signal.ssi_int);
    }
  }
  // After the signals were read, so that none is missed; before a stop, which ends only what has not ended itself.
  reap(task);
  if (is_woken) look_at_stop(task);
}

static void wait_for_end(struct task *task) {
  uint64_t armed_ns = 0;
  while (!task->all_ended) {
    uint64_t wanted_ns = next_ns(task);
    if (wanted_ns != armed_ns) {
      // A time that has passed fires at once; none at all disarms.
      struct itimerspec time = {0};
      if (wanted_ns != never) {
        if (wanted_ns == 0) wanted_ns = 1;
        time.it_value.tv_sec = (time_t)(wanted_ns / 1000000000u);
        time.it_value.tv_nsec = (long)(wanted_ns % 1000000000u);
      }
      timerfd_settime(task->timer, TFD_TIMER_ABSTIME, &time, NULL);
      armed_ns = wanted_ns;
    }
    struct pollfd entries[] = {{.fd = task->signals, .events = POLLIN},
                               {.fd = task->timer, .events = POLLIN},
                               {.fd = task->child.failures, .events = POLLIN}};
    if (poll(entries, 3, -1) < 0) continue;
    if (entries[2].revents != 0) look_at_failure(task);
    if (entries[0].revents != 0) look_at_signals(task);
    if (entries[1].revents != 0) {
      uint64_t count;
      if (read(task->timer, &count, sizeof count) > 0) armed_ns = 0;
      look_at_time(task);
    }
  }
  if (task->child.failures >= 0) look_at_failure(task);
}

// Returns 0, or fills in the outcome of a task that does not start.
static int prepare(struct task *task, int *output) {
  const struct launch *launch = task->launch;
  struct outcome *outcome = task->outcome;
  int64_t signal, timeout_ms;
  uint64_t now = clock_ns();
  if (stop_asked(task, &signal, &timeout_ms)) {
    outcome->reason = "stopped";
    snprintf(outcome->error, sizeof outcome->error, "stopped before it was started");
    return -1;
  }
  if (launch->lease != NULL) {
    task->lease = open(launch->lease, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    task->lease_ns = lease_deadline(task->lease, 0);
    if (now >= task->lease_ns) {
      outcome->reason = "fenced";
      snprintf(outcome->error, sizeof outcome->error, "its worker was cut off before it was started");
      return -1;
    }
  }
  if (launch->run_timeout_ms > 0) task->timeout_ns = after_ms(now, launch->run_timeout_ms);
  outcome->reason = "start_failed";
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGCHLD);
  sigaddset(&wanted, RM_WAKE_SIGNAL);
  sigaddset(&wanted, RM_SEND_SIGNAL);
  task->signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  task->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  *output = openat(task->folder, "output", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (task->signals < 0 || task->timer < 0 || *output < 0 ||
      (launch->ids != NULL && fchown(*output, launch->ids[0], launch->ids[1]) != 0)) {
    snprintf(outcome->error, sizeof outcome->error, "cannot prepare its output: %s", strerror(errno));
    return -1;
  }
  task->cgroup = cgroup_make(launch);
  if (launch->cgroup != NULL && task->cgroup < 0) {
    snprintf(outcome->error, sizeof outcome->error, "cannot make the control group %s: %s", launch->cgroup,
             strerror(errno));
    return -1;
  }
  return 0;
}

void task_run(int folder, int lock, const struct launch *launch, struct outcome *outcome) {
  struct task task = {.launch = launch,
                      .outcome = outcome,
                      .folder = folder,
                      .lock = lock,
                      .lease = -1,
                      .cgroup = -1,
                      .lease_ns = never,
                      .timeout_ns = never,
                      .kill_ns = never};
  int output = -1;
  if (prepare(&task, &output) != 0) return;
  int error = child_start(launch, output, task.cgroup, &task.child);
  if (error != 0) {
    snprintf(outcome->error, sizeof outcome->error, "cannot start a process: %s", strerror(error));
  } else {
    close(output);
    wait_for_end(&task);
    task_judge(&task);
  }
  cgroup_remove(task.cgroup, launch->cgroup);
}
