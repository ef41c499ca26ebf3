// ringperf.h: what the benchmark needs and Swift cannot say: the processor's tick counter, single instructions to be
// timed, system calls without a wrapper.
#ifndef RINGPERF_H
#define RINGPERF_H

#include <stddef.h>
#include <stdint.h>

// Ticks of a counter that runs at one rate on all processors (TSC, CNTVCT). Not ordered with the loads around it: off
// by a few ns at the most, for a tenth of what a clock call costs.
static inline uint64_t rp_ticks(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  uint64_t ticks;
  __asm__ __volatile__("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
#error "ringperf knows the tick counters of x86-64 and arm64"
#endif
}

// A store that a later load may not pass.
static inline void rp_store_then_fence(uint64_t *word, uint64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELAXED);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  __asm__ __volatile__("" : : "r"(word) : "memory");
}

// The same memory as if its content had become unknown: keeps a timed loop from being optimised away.
static inline void rp_use(const void *memory) { __asm__ __volatile__("" : : "r"(memory) : "memory"); }

size_t rp_heap_bytes_in_use(void);  // by the C library's own account
long rp_empty_syscall(void);   // getppid, past the C library
int rp_allowed_cpus(int *cpus, int room);  // that this process may run on, in order; returns how many
int rp_set_affinity(const int *cpus, int count);  // of the calling thread
long rp_receive_discarding(int socket, void *buffers, size_t stride, unsigned messages);  // recvmmsg; bytes, or -errno
#endif
