#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "task_launch.h"
#include "task_process.h"

int rm_task_lock_look(const char *path, int *holder, char *content, size_t room) {
  *holder = 0;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return -errno;
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  // The lock first: once it is free, what the file says is final.
  int result = fcntl(file, F_GETLK, &lock) == 0 ? 0 : -errno;
  if (result == 0) {
    if (lock.l_type != F_UNLCK) *holder = lock.l_pid > 0 ? lock.l_pid : -1;
    ssize_t count = pread(file, content, room, 0);
    result = count < 0 ? -errno : (int)count;
  }
  close(file);
  return result;
}

int rm_task_lock_void(const char *path) {
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (file < 0) return -errno;
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  char content[RM_LOCK_MAX_BYTES];
  int result = 0;
  if (fcntl(file, F_SETLK, &lock) != 0) {
    result = errno == EACCES ? -EAGAIN : -errno;
  } else {
    ssize_t count = pread(file, content, sizeof content, 0);
    size_t length = strlen(RM_LOCK_VOID);
    if (count < 0) {
      result = -errno;
    } else if (count > 0 && ((size_t)count != length || memcmp(content, RM_LOCK_VOID, length) != 0)) {
      result = -EEXIST;
    } else if (pwrite(file, RM_LOCK_VOID, length, 0) != (ssize_t)length) {
      result = errno != 0 ? -errno : -ENOSPC;
    }
  }
  close(file);
  return result;
}
