#define _GNU_SOURCE
#include "platform.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

long rm_send_packet(int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count,
                    int nonblocking) {
  if (descriptor_count > RM_MAX_DESCRIPTORS) return -EINVAL;
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
  union {
    char bytes[CMSG_SPACE(sizeof(int) * RM_MAX_DESCRIPTORS)];
    struct cmsghdr align;
  } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor_count > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptor_count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * descriptor_count);
    memcpy(CMSG_DATA(header), descriptors, sizeof(int) * descriptor_count);
  }
  long sent;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL | (nonblocking ? MSG_DONTWAIT : 0));
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

long rm_receive_packet(int socket, void *bytes, size_t room, int *descriptors, size_t descriptor_room,
                       size_t *descriptor_count, int nonblocking) {
  struct iovec part = {.iov_base = bytes, .iov_len = room};
  union {
    char bytes[CMSG_SPACE(sizeof(int) * RM_MAX_DESCRIPTORS)];
    struct cmsghdr align;
  } control;
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  // Descriptors that nobody asked for never become this process's: to close one can wait for a file system of its
  // sender's.
  if (descriptor_room == 0) message = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
  *descriptor_count = 0;
  long received;
  do {
    received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (nonblocking ? MSG_DONTWAIT : 0));
  } while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  if (descriptor_room == 0 && message.msg_flags & MSG_CTRUNC) return -EBADMSG;
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h != NULL; h = CMSG_NXTHDR(&message, h)) {
    if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
    size_t n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < n; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof fd);
      if (*descriptor_count < descriptor_room) {
        descriptors[(*descriptor_count)++] = fd;
      } else {
        close(fd);
      }
    }
  }
  if (message.msg_flags & MSG_TRUNC) {
    for (size_t i = 0; i < *descriptor_count; i++) close(descriptors[i]);
    *descriptor_count = 0;
    return -EMSGSIZE;
  }
  return received;
}
