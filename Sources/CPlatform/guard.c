#define _GNU_SOURCE
#include "platform.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

// Written by the thread that maps and unmaps rings, read by a signal handler in whichever thread faults. `base` is
// stored last on the way in and cleared first on the way out; the handler loads it first.
struct guarded_range {
  uintptr_t base;
  size_t bytes;
  int in_use;
  int poisoned;
};

enum { MAX_RANGES = 4096 };
static struct guarded_range ranges[MAX_RANGES];
static struct sigaction previous;
static int installed;

static void on_sigbus(int signal, siginfo_t *info, void *context) {
  uintptr_t address = (uintptr_t)info->si_addr;
  for (int i = 0; i < MAX_RANGES; i++) {
    uintptr_t base = __atomic_load_n(&ranges[i].base, __ATOMIC_ACQUIRE);
    if (base == 0 || address < base || address - base >= ranges[i].bytes) continue;
    void *zeros = mmap((void *)base, ranges[i].bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (zeros == MAP_FAILED) break;
    __atomic_store_n(&ranges[i].poisoned, 1, __ATOMIC_RELEASE);
    return;
  }
  if ((previous.sa_flags & SA_SIGINFO) && previous.sa_sigaction != NULL) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    sigaction(SIGBUS, &previous, NULL);  // the access faults again and ends the process as it would have
  }
}

int rm_guard_install(void) {
  if (__atomic_exchange_n(&installed, 1, __ATOMIC_ACQ_REL)) return 0;
  struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  return sigaction(SIGBUS, &action, &previous) == 0 ? 0 : -errno;
}

int rm_guard_add(void *base, size_t bytes) {
  for (int i = 0; i < MAX_RANGES; i++) {
    if (__atomic_exchange_n(&ranges[i].in_use, 1, __ATOMIC_ACQ_REL)) continue;
    ranges[i].bytes = bytes;
    __atomic_store_n(&ranges[i].poisoned, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&ranges[i].base, (uintptr_t)base, __ATOMIC_RELEASE);
    return i;
  }
  return -ENOSPC;
}

void rm_guard_remove(int guard) {
  if (guard < 0 || guard >= MAX_RANGES) return;
  __atomic_store_n(&ranges[guard].base, 0, __ATOMIC_RELEASE);
  __atomic_store_n(&ranges[guard].in_use, 0, __ATOMIC_RELEASE);
}

int rm_guard_is_poisoned(int guard) {
  return guard >= 0 && guard < MAX_RANGES && __atomic_load_n(&ranges[guard].poisoned, __ATOMIC_ACQUIRE);
}
