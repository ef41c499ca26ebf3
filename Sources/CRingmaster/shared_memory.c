#define _GNU_SOURCE
#include "platform.h"
#include "ringmaster.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int rm_shm_create(const char *name, uint64_t bytes) {
  int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  // ftruncate alone would leave a full /dev/shm to be found by SIGBUS at the first touch.
  int error = posix_fallocate(fd, 0, (off_t)bytes);
  if (error != 0) {
    close(fd);
    shm_unlink(name);
    return -error;
  }
  return fd;
}

int rm_shm_open(const char *name, int writable) {
  int fd = shm_open(name, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

int rm_shm_unlink(const char *name) { return shm_unlink(name) == 0 ? 0 : -errno; }
