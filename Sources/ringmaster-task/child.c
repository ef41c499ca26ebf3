// The process that becomes the program. Between its birth and the program it calls only what is async-signal-safe; all
// memory it needs was taken before.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "task.h"

enum { SCRIPT_DESCRIPTOR = 3 };
static const char usual_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct plan {
  const struct launch *launch;
  char **candidates;  // paths of the program, in the order of PATH
  char **arguments;
  int output, script, failures, procs;
  pid_t shim;
};

static void fail(const struct plan *plan, enum child_step step, int error) {
  struct child_failure failure = {.step = step, .error = error};
  ssize_t written;
  do written = write(plan->failures, &failure, sizeof failure);
  while (written < 0 && errno == EINTR);
  _exit(127);
}

static void reset_signals(void) {
  // The kernel's own call: the library's leaves out two signals, which its posix_spawn ignores. All zero is SIG_DFL.
  const unsigned long usual[8] = {0};
  for (int number = 1; number < NSIG; number++) syscall(SYS_rt_sigaction, number, usual, NULL, 8);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static void become_user(const struct plan *plan) {
  const uint32_t *ids = plan->launch->ids;
  if (ids == NULL) return;
  if (setgroups(plan->launch->id_count - 2, ids + 2) != 0 || setresgid(ids[1], ids[1], ids[1]) != 0 ||
      setresuid(ids[0], ids[0], ids[0]) != 0) {
    fail(plan, CHILD_USER, errno);
  }
}

static void open_streams(const struct plan *plan) {
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(plan->output, STDOUT_FILENO) < 0 ||
      dup2(plan->output, STDERR_FILENO) < 0) {
    fail(plan, CHILD_PREPARE, errno);
  }
}

static void become_program(const struct plan *plan) {
  int error = ENOENT;
  for (char **candidate = plan->candidates; *candidate != NULL; candidate++) {
    execve(*candidate, plan->arguments, plan->launch->variables);
    if (errno == ENOENT || errno == ENOTDIR) continue;
    error = errno;
    if (errno != EACCES) break;
  }
  fail(plan, CHILD_RUN, error);
}

static void run(const struct plan *plan) {
  if (plan->procs >= 0 && write(plan->procs, "0", 1) != 1) fail(plan, CHILD_PREPARE, errno);
  setsid();
  umask(022);
  open_streams(plan);
  become_user(plan);
  // A change of the user would undo it. The main process goes with a shim that was killed; the worker ends the rest.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (getppid() != plan->shim) _exit(127);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(plan, CHILD_PREPARE, errno);
  if (plan->launch->folder != NULL && chdir(plan->launch->folder) != 0) fail(plan, CHILD_FOLDER, errno);
  if (plan->script >= 0 && dup2(plan->script, SCRIPT_DESCRIPTOR) < 0) fail(plan, CHILD_PREPARE, errno);
  // All but the script is, but for what a library may have opened.
  unsigned first = plan->script >= 0 ? SCRIPT_DESCRIPTOR + 1 : SCRIPT_DESCRIPTOR;
  syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC);
  reset_signals();
  become_program(plan);
}

static char **find_candidates(const struct launch *launch, const char *program) {
  const char *path = launch_variable(launch, "PATH");
  if (path == NULL) path = usual_path;
  size_t count = 2;
  for (const char *at = path; *at != 0; at++) count += *at == ':';
  char **candidates = calloc(count + 1, sizeof *candidates);
  if (candidates == NULL) return NULL;
  if (strchr(program, '/') != NULL || *program == 0) {
    candidates[0] = strdup(program);
    return candidates;
  }
  for (size_t index = 0; index + 1 < count; index++) {
    size_t length = strcspn(path, ":");
    if (asprintf(&candidates[index], "%.*s%s%s", (int)length, path, length > 0 ? "/" : "", program) < 0) return NULL;
    path += length;
    if (*path == ':') path++;
  }
  return candidates;
}

// A script in memory that nobody can change. Its interpreter opens it by its number.
static int script_open(const char *script) {
  int file = memfd_create("script", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  size_t left = strlen(script);
  while (file >= 0 && left > 0) {
    ssize_t written = write(file, script, left);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      close(file);
      return -1;
    }
    script += written;
    left -= (size_t)written;
  }
  if (file >= 0) fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  // Above the number that it gets in the child, so that the copy there is not closed on exec.
  int higher = file >= 0 ? fcntl(file, F_DUPFD_CLOEXEC, SCRIPT_DESCRIPTOR + 1) : -1;
  if (file >= 0) close(file);
  return higher;
}

static int prepare(struct plan *plan) {
  static char script_path[] = "/proc/self/fd/3", shell[] = "/bin/sh", shell_name[] = "sh";
  static char *own[] = {script_path, NULL}, *by_shell[] = {shell_name, script_path, NULL};
  const char *script = plan->launch->script;
  if (script == NULL) {
    plan->arguments = plan->launch->arguments;
    plan->candidates = find_candidates(plan->launch, plan->arguments[0]);
    return plan->candidates != NULL ? 0 : ENOMEM;
  }
  int has_interpreter = strncmp(script, "#!", 2) == 0;
  plan->script = script_open(script);
  if (plan->script < 0) return errno;
  plan->arguments = has_interpreter ? own : by_shell;
  static char *paths[2];
  paths[0] = has_interpreter ? script_path : shell;
  plan->candidates = paths;
  return 0;
}

// Born into its control group where the kernel can do that, else it goes there itself.
static pid_t spawn(int cgroup, struct plan *plan) {
  if (cgroup < 0) return fork();
  struct clone_args request = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)cgroup};
  pid_t pid = (pid_t)syscall(SYS_clone3, &request, sizeof request);
  if (pid >= 0) return pid;
  // Refused by a filter of system calls, or by an older kernel.
  plan->procs = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  return plan->procs < 0 ? -1 : fork();
}

int child_start(const struct launch *launch, int output, int cgroup, struct child *child) {
  struct plan plan = {.launch = launch, .output = output, .script = -1, .procs = -1, .shim = getpid()};
  int error = prepare(&plan);
  if (error != 0) return error;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  // Out of the way of the script's number.
  plan.failures = fcntl(ends[1], F_DUPFD_CLOEXEC, SCRIPT_DESCRIPTOR + 1);
  if (plan.failures < 0) return errno;
  close(ends[1]);
  child->pid = spawn(cgroup, &plan);
  if (child->pid == 0) run(&plan);
  error = child->pid < 0 ? errno : 0;
  close(plan.failures);
  if (plan.script >= 0) close(plan.script);
  if (plan.procs >= 0) close(plan.procs);
  child->failures = ends[0];
  return error;
}
