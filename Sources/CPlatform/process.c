#define _GNU_SOURCE
#include "platform.h"

#include <errno.h>
#include <limits.h>
#include <linux/membarrier.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

int rm_set_parent_death_signal(int signal) {
  return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0) == 0 ? 0 : -errno;
}

static _Thread_local const struct rm_simulated_time *simulated_time;

const struct rm_simulated_time *rm_simulated_time(void) { return simulated_time; }

void rm_simulate_time(const struct rm_simulated_time *time) { simulated_time = time; }

int rm_clock_is_synchronized(void) {
  struct timex request = {0};
  int state = adjtimex(&request);
  return state >= 0 && state != TIME_ERROR;
}

int rm_wait_readable(int descriptor, int64_t timeout_us) {
  struct pollfd entry = {.fd = descriptor, .events = POLLIN};
  struct timespec timeout = {.tv_sec = timeout_us / 1000000, .tv_nsec = timeout_us % 1000000 * 1000};
  return ppoll(&entry, 1, &timeout, NULL) > 0;
}

void rm_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int rm_membarrier_register(void) {
  return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) == 0 ? 0 : -errno;
}

int rm_membarrier(void) {
  return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0) == 0 ? 0 : -errno;
}

void rm_keep_freed_memory(size_t bytes) {
  enum { LARGEST_MMAP_THRESHOLD = 32 << 20 };  // that glibc takes
  int limit = bytes > INT_MAX ? INT_MAX : (int)bytes;
  mallopt(M_MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD);
  mallopt(M_TRIM_THRESHOLD, limit);
}
