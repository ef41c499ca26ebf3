// ringmaster_atomics.h: the atomics and hints that rings are driven with. Inline, so that Swift compiles them to the bare
// instruction.
#ifndef RINGMASTER_ATOMICS_H
#define RINGMASTER_ATOMICS_H

#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "ringmaster.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline uint64_t rm_load_acquire_u64(const void *p) { return __atomic_load_n((const uint64_t *)p, __ATOMIC_ACQUIRE); }
static inline uint64_t rm_load_relaxed_u64(const void *p) { return __atomic_load_n((const uint64_t *)p, __ATOMIC_RELAXED); }
static inline void rm_store_release_u64(void *p, uint64_t v) { __atomic_store_n((uint64_t *)p, v, __ATOMIC_RELEASE); }
static inline void rm_store_relaxed_u64(void *p, uint64_t v) { __atomic_store_n((uint64_t *)p, v, __ATOMIC_RELAXED); }
static inline uint32_t rm_load_relaxed_u32(const void *p) { return __atomic_load_n((const uint32_t *)p, __ATOMIC_RELAXED); }
static inline uint32_t rm_load_acquire_u32(const void *p) { return __atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE); }
static inline void rm_store_relaxed_u32(void *p, uint32_t v) { __atomic_store_n((uint32_t *)p, v, __ATOMIC_RELAXED); }
static inline void rm_store_release_u32(void *p, uint32_t v) { __atomic_store_n((uint32_t *)p, v, __ATOMIC_RELEASE); }
// Keeps a store of this side from passing a later load of the other side's word: both sides of the parking protocol
// need it between the two.
static inline void rm_fence_seq_cst(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// Keeps the compiler from moving a load before a store; the processor's own reordering is the other side's business
// (membarrier).
static inline void rm_compiler_barrier(void) { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
static inline uint8_t rm_load_acquire_u8(const void *p) { return __atomic_load_n((const uint8_t *)p, __ATOMIC_ACQUIRE); }
static inline void rm_store_release_u8(void *p, uint8_t v) { __atomic_store_n((uint8_t *)p, v, __ATOMIC_RELEASE); }

static inline void rm_pause(void) {
#if defined(__x86_64__)
  __asm__ __volatile__("pause");
#elif defined(__aarch64__)
  __asm__ __volatile__("isb");
#endif
}

// Takes the line for writing ahead of the store that needs it. By inline assembly: clang turns __builtin_prefetch(p, 1)
// into a prefetch for reading unless told -mprfchw, and that costs more than no prefetch.
static inline void rm_prefetch_for_write(const void *p) {
#if defined(__x86_64__)
  __asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)p));
#elif defined(__aarch64__)
  __asm__ __volatile__("prfm pstl1keep, [%0]" : : "r"(p));
#else
  (void)p;
#endif
}

// Does a core upgrade few lines at a time that another core holds as well? Then the consumer takes over the lines of what
// it has read, as ringmaster.h has it: worth a factor of 4 on a Zen 4, and costing one of 2 on a Cascade Lake.
static inline int rm_upgrades_few_lines(void) {
#if defined(__x86_64__)
  unsigned highest = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0, &highest, &b, &c, &d) && c == signature_AMD_ecx;
#else
  return 0;
#endif
}

static inline void rm_prefetch_for_read(const void *p) { __builtin_prefetch(p, 0); }

// Seven words of a slot. Memory that another process can write at any time is read by these volatile loads and nothing
// else: each word is read exactly once, so what was checked is what is used.
struct rm_payload {
  uint64_t words[7];
};

static inline struct rm_payload rm_load_payload(const void *from) {
  const volatile uint64_t *w = (const volatile uint64_t *)from;
  return (struct rm_payload){{w[0], w[1], w[2], w[3], w[4], w[5], w[6]}};
}

// Two words that are moved as one.
typedef uint64_t rm_word_pair __attribute__((vector_size(16), may_alias));

// Copies the payload of a slot to memory, in four moves where `rm_load_payload` has seven; each word is read once.
static inline void rm_copy_payload(void *to, const void *slot) {
  const volatile rm_word_pair *pairs = (const volatile rm_word_pair *)slot;
  struct {
    uint64_t first;
    rm_word_pair rest[3];
  } __attribute__((packed, aligned(8))) payload = {((const volatile uint64_t *)slot)[1], {pairs[1], pairs[2], pairs[3]}};
  memcpy(to, &payload, sizeof payload);
}

// Writes a whole slot, from its end to its beginning, in five stores; the sequence is the last and alone has release
// order, which is all that publication needs. Measured on a Zen 4: a core has about four lines under way for its stores if
// these are few and go downwards, three if the same five go upwards or there are eight of them, and two if a store
// elsewhere comes between; one line's upgrade takes as long as half an exchange between cores.
static inline void rm_store_slot(void *slot, struct rm_payload payload, uint64_t sequence) {
  volatile rm_word_pair *pairs = (volatile rm_word_pair *)slot;
  pairs[3] = (rm_word_pair){payload.words[5], payload.words[6]};
  pairs[2] = (rm_word_pair){payload.words[3], payload.words[4]};
  pairs[1] = (rm_word_pair){payload.words[1], payload.words[2]};
  ((volatile uint64_t *)slot)[1] = payload.words[0];
  __atomic_store_n((uint64_t *)slot, sequence, __ATOMIC_RELEASE);
}

#ifdef __cplusplus
}
#endif
#endif
