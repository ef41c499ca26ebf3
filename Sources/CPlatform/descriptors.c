#define _GNU_SOURCE
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

// A pipe that is a doorbell holds no more: the least that the kernel gives.
enum { BELL_BYTES = 4096 };

int rm_accept_packet_socket(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) return fd;
  return errno == EINTR || errno == ECONNABORTED ? -EAGAIN : -errno;
}

int rm_peer_credentials(int socket, int *pid, unsigned *uid, unsigned *gid) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -errno;
  *pid = peer.pid;
  *uid = peer.uid;
  *gid = peer.gid;
  return 0;
}

int rm_peer_groups(int socket, unsigned *groups, size_t room) {
  socklen_t bytes = (socklen_t)(room * sizeof *groups);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &bytes) != 0 && errno != ERANGE) return -errno;
  return (int)(bytes / sizeof *groups);
}

int rm_unread_bytes(int socket) {
  int bytes = 0;
  return ioctl(socket, SIOCOUTQ, &bytes) == 0 ? bytes : -errno;
}

int rm_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno; }

int rm_memfd(const char *name) {
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  return fd < 0 ? -errno : fd;
}

int rm_seal_size(int descriptor) {
  return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0 ? 0 : -errno;
}

int rm_seal_writing(int descriptor) {
  int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;
  return fcntl(descriptor, F_ADD_SEALS, seals) == 0 ? 0 : -errno;
}

int rm_eventfd(void) {
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int rm_reopen(int descriptor) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int rm_pipe_bell(void) {
  int ends[2];
  if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return -errno;
  // Reading and writing in one: a bell whose other holders are gone raises no SIGPIPE.
  int fd = rm_reopen(ends[0]);
  close(ends[0]);
  close(ends[1]);
  // One page holds more rings than anybody needs; a refusal leaves a larger pipe.
  if (fd >= 0) (void)fcntl(fd, F_SETPIPE_SZ, BELL_BYTES);
  return fd;
}

void rm_ring_bell(int descriptor) {
  uint64_t one = 1;
  (void)!write(descriptor, &one, sizeof one);
}

void rm_answer_bell(int descriptor) {
  char rings[BELL_BYTES];
  (void)!read(descriptor, rings, sizeof rings);
}

int rm_bell_set(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int rm_bell_set_add(int set, int eventfd) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};
  return epoll_ctl(set, EPOLL_CTL_ADD, eventfd, &event) == 0 ? 0 : -errno;
}

void rm_bell_set_answer(int set) {
  struct epoll_event rung[64];
  // Whoever rings all the time is not waited for: what is left rings on.
  for (int i = 0; i < 16 && epoll_wait(set, rung, 64, 0) == 64; i++) {}
}

int rm_signalfd(const int *signals, size_t count) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
  int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
  if (error != 0) return -error;
  int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

int rm_signalfd_next(int descriptor) {
  struct signalfd_siginfo info;
  return read(descriptor, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

int64_t rm_random_bytes(void *bytes, size_t count) {
  ssize_t got = getrandom(bytes, count, 0);
  return got < 0 ? -errno : got;
}
