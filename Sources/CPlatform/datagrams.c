#define _GNU_SOURCE
#include "platform.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum { MAX_MESSAGES = 64 };

int rm_receive_datagrams(int socket, void *buffers, size_t stride, struct rm_datagram_info *infos, unsigned messages) {
  if (messages > MAX_MESSAGES) messages = MAX_MESSAGES;
  struct mmsghdr headers[MAX_MESSAGES];
  struct iovec parts[MAX_MESSAGES];
  union {
    char bytes[CMSG_SPACE(sizeof(uint32_t))];
    struct cmsghdr align;
  } control[MAX_MESSAGES];
  for (unsigned i = 0; i < messages; i++) {
    parts[i] = (struct iovec){.iov_base = (char *)buffers + i * stride, .iov_len = stride};
    headers[i].msg_hdr = (struct msghdr){.msg_name = infos[i].address,
                                         .msg_namelen = sizeof infos[i].address,
                                         .msg_iov = &parts[i],
                                         .msg_iovlen = 1,
                                         .msg_control = control[i].bytes,
                                         .msg_controllen = sizeof control[i].bytes};
  }
  int received;
  do {
    received = recvmmsg(socket, headers, messages, MSG_DONTWAIT, NULL);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
  for (int i = 0; i < received; i++) {
    struct msghdr *m = &headers[i].msg_hdr;
    infos[i].bytes = headers[i].msg_len;
    infos[i].truncated = (m->msg_flags & MSG_TRUNC) != 0;
    infos[i].address_bytes = m->msg_namelen;
    infos[i].dropped = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
      if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SO_RXQ_OVFL) {
        memcpy(&infos[i].dropped, CMSG_DATA(h), sizeof infos[i].dropped);
      }
    }
  }
  return received;
}

int rm_send_datagrams(int socket, const void *buffers, size_t stride, const uint32_t *bytes, unsigned messages) {
  if (messages > MAX_MESSAGES) messages = MAX_MESSAGES;
  struct mmsghdr headers[MAX_MESSAGES];
  struct iovec parts[MAX_MESSAGES];
  for (unsigned i = 0; i < messages; i++) {
    parts[i] = (struct iovec){.iov_base = (char *)buffers + i * stride, .iov_len = bytes[i]};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  int sent;
  do {
    sent = sendmmsg(socket, headers, messages, 0);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}
