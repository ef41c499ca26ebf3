#define _GNU_SOURCE
#include "ringperf.h"

#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

size_t rp_heap_bytes_in_use(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

long rp_empty_syscall(void) { return syscall(SYS_getppid); }

int rp_allowed_cpus(int *cpus, int room) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return -errno;
  int count = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE && count < room; cpu++) {
    if (CPU_ISSET(cpu, &set)) cpus[count++] = cpu;
  }
  return count;
}

int rp_set_affinity(const int *cpus, int count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < count; i++) CPU_SET(cpus[i], &set);
  return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : -errno;
}

enum { MAX_MESSAGES = 64 };

long rp_receive_discarding(int socket, void *buffers, size_t stride, unsigned messages) {
  if (messages > MAX_MESSAGES) messages = MAX_MESSAGES;
  struct mmsghdr headers[MAX_MESSAGES];
  struct iovec parts[MAX_MESSAGES];
  for (unsigned i = 0; i < messages; i++) {
    parts[i] = (struct iovec){.iov_base = (char *)buffers + i * stride, .iov_len = stride};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  int received = recvmmsg(socket, headers, messages, MSG_DONTWAIT, NULL);
  if (received < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
  long bytes = 0;
  for (int i = 0; i < received; i++) bytes += headers[i].msg_len;
  return bytes;
}
