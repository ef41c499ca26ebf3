#define _GNU_SOURCE
#include <time.h>
#include <unistd.h>

#include "task.h"

uint64_t clock_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int read_once(int file, uint64_t *value) { return pread(file, value, sizeof *value, 0) == sizeof *value; }

uint64_t lease_deadline(int file, uint64_t last_ns) {
  // No lease is as long: such a number is not the worker's.
  const uint64_t longest_ns = 24ull * 3600 * 1000000000u;
  // The file is written in place, so it is believed when it says the same twice.
  for (int attempt = 0; attempt < 3; attempt++) {
    uint64_t first, second;
    if (!read_once(file, &first) || !read_once(file, &second) || first != second) continue;
    if (first > clock_ns() + longest_ns) continue;
    return first;
  }
  return last_ns;
}
