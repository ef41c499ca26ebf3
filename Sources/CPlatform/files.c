#define _GNU_SOURCE
#include "platform.h"

#include <errno.h>
#include <fcntl.h>

int rm_start_writeback(int fd, uint64_t offset, uint64_t bytes) {
  return sync_file_range(fd, (off_t)offset, (off_t)bytes, SYNC_FILE_RANGE_WRITE) == 0 ? 0 : -errno;
}

size_t rm_used_bytes(const void *bytes, size_t count) {
  const uint64_t *words = bytes;
  const uint8_t *octets = bytes;
  while (count % 8 > 0 && octets[count - 1] == 0) count--;
  if (count % 8 > 0) return count;
  size_t left = count / 8;
  while (left >= 8) {
    const uint64_t *w = words + left - 8;
    if (w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7]) break;
    left -= 8;
  }
  while (left > 0 && words[left - 1] == 0) left--;
  size_t used = left * 8;
  while (used > 0 && octets[used - 1] == 0) used--;
  return used;
}
