#include "ringmaster_crc32c.h"

#include <pthread.h>
#include <string.h>

#if defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif
#elif defined(__x86_64__)
#include <cpuid.h>
#include <nmmintrin.h>
#endif

// The polynomial 0x1edc6f41 with its bits in reverse.
#define POLYNOMIAL 0x82f63b78u

static uint32_t table[256];
static int has_instruction;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
    table[byte] = crc;
  }
#if defined(__aarch64__)
  has_instruction = (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#elif defined(__x86_64__)
  unsigned eax, ebx, ecx, edx;
  has_instruction = __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_SSE4_2) != 0;
#endif
}

uint32_t rm_crc32c_by_table(uint32_t crc, const void *bytes, size_t count) {
  pthread_once(&once, prepare);
  const uint8_t *at = bytes;
  crc = ~crc;
  while (count--) crc = crc >> 8 ^ table[(crc ^ *at++) & 0xff];
  return ~crc;
}

#if defined(__aarch64__)
#define BY_INSTRUCTION __attribute__((target("+crc")))
#define STEP8(crc, word) __crc32cd((uint32_t)(crc), word)
#define STEP1(crc, byte) __crc32cb((uint32_t)(crc), byte)
#elif defined(__x86_64__)
#define BY_INSTRUCTION __attribute__((target("sse4.2")))
#define STEP8(crc, word) _mm_crc32_u64(crc, word)
#define STEP1(crc, byte) _mm_crc32_u8((uint32_t)(crc), byte)
#endif

#ifdef BY_INSTRUCTION
BY_INSTRUCTION static uint32_t by_instruction(uint32_t seed, const void *bytes, size_t count) {
  const uint8_t *at = bytes;
  uint64_t crc = (uint32_t)~seed;
  for (; count >= 8; count -= 8, at += 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    crc = STEP8(crc, word);
  }
  while (count--) crc = STEP1(crc, *at++);
  return ~(uint32_t)crc;
}
#endif

uint32_t rm_crc32c(uint32_t crc, const void *bytes, size_t count) {
  pthread_once(&once, prepare);
#ifdef BY_INSTRUCTION
  if (has_instruction) return by_instruction(crc, bytes, count);
#endif
  return rm_crc32c_by_table(crc, bytes, count);
}
