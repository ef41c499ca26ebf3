#define _GNU_SOURCE
#include <errno.h>
#include <stdalign.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "task_process.h"

int rm_task_set_open(void) {
  int set = epoll_create1(EPOLL_CLOEXEC);
  return set >= 0 ? set : -errno;
}

int rm_task_set_add(int set, int descriptor, uint64_t key) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = key};
  return epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : -errno;
}

void rm_task_set_remove(int set, int descriptor) { epoll_ctl(set, EPOLL_CTL_DEL, descriptor, NULL); }

int rm_task_set_next(int set, uint64_t *keys, size_t room) {
  struct epoll_event events[64];
  if (room > 64) room = 64;
  int count;
  do count = epoll_wait(set, events, (int)room, 0);
  while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  for (int index = 0; index < count; index++) keys[index] = events[index].data.u64;
  return count;
}

int rm_task_notices_open(void) {
  int notices = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  return notices >= 0 ? notices : -errno;
}

int rm_task_notices_add(int notices, const char *path) {
  int file = inotify_add_watch(notices, path, IN_MODIFY | IN_DONT_FOLLOW);
  return file >= 0 ? file : -errno;
}

void rm_task_notices_remove(int notices, int file) { inotify_rm_watch(notices, file); }

int rm_task_notices_next(int notices, int *files, size_t room) {
  // Events of watched files have no names: each is as long as its head.
  alignas(struct inotify_event) char bytes[64 * sizeof(struct inotify_event)];
  if (room > 64) room = 64;
  while (1) {
    ssize_t count = read(notices, bytes, room * sizeof(struct inotify_event));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN ? 0 : -errno;
    int found = 0;
    for (char *at = bytes; at + sizeof(struct inotify_event) <= bytes + count;) {
      const struct inotify_event *event = (const struct inotify_event *)at;
      if (event->mask & (IN_MODIFY | IN_Q_OVERFLOW)) files[found++] = event->mask & IN_Q_OVERFLOW ? -1 : event->wd;
      at += sizeof(struct inotify_event) + event->len;
    }
    if (found > 0) return found;
  }
}
