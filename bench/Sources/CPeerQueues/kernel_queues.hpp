// Queues of the kernel, and ZeroMQ over a socket of it.
#pragma once
#ifdef RINGPERF_COMPARE

#include "messages.hpp"
#include "peer_queues.h"

#include <fcntl.h>
#include <mqueue.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#if __has_include(<zmq.h>)
#include <zmq.h>
#define HAVE_ZEROMQ 1
#endif

namespace peer_queues {

// A named pipe: the same object as a pipe, and needs no inherited descriptor. Opened for both directions, so that
// neither end waits for the other to open.
class NamedPipe {
 public:
  static size_t bytes(unsigned) { return 0; }

  NamedPipe(int side, char *, unsigned, const char *path) : name(std::string(path) + ".pipe"), side(side) {
    if (side == PQ_RECEIVER && mkfifo(name.c_str(), 0600) != 0 && errno != EEXIST) failure = errno;
    fd = open(name.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) failure = errno;
    // Room for 4096 messages, as the rings have.
    if (fd >= 0) fcntl(fd, F_SETPIPE_SZ, 4096 * int(sizeof(Message)));
  }
  ~NamedPipe() {
    if (fd >= 0) close(fd);
    if (side == PQ_RECEIVER) unlink(name.c_str());
  }

  bool offer(const Message &message) { return offer_burst(&message, 1) == 1; }
  bool take(Message &message) { return take_burst(&message, 1) == 1; }

  unsigned offer_burst(const Message *messages, unsigned count) {
    size_t bytes = count * sizeof(Message), done = 0;
    while (done < bytes) {
      ssize_t n = write(fd, reinterpret_cast<const char *>(messages) + done, bytes - done);
      if (n < 0 && errno != EINTR) return failure = errno, 0;
      if (n > 0) done += size_t(n);
    }
    return count;
  }

  unsigned take_burst(Message *messages, unsigned count) {
    size_t wanted = count * sizeof(Message), done = 0;
    do {
      ssize_t n = read(fd, reinterpret_cast<char *>(messages) + done, wanted - done);
      if (n < 0 && errno != EINTR) return failure = errno, 0;
      if (n > 0) done += size_t(n);
    } while (done % sizeof(Message) != 0);  // a read may end inside a message
    return unsigned(done / sizeof(Message));
  }
  int error() { return failure; }
  int opening_error() { return failure; }

 private:
  std::string name;
  int side, fd = -1, failure = 0;
};

template <int type>
class UnixSocket {
 public:
  static size_t bytes(unsigned) { return 0; }

  UnixSocket(int side, char *, unsigned, const char *path)
      : name(std::string(path) + (type == SOCK_DGRAM ? ".dgram" : ".seqpacket")), side(side) {
    fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (name.size() >= sizeof address.sun_path) {
      failure = ENAMETOOLONG;
      return;
    }
    memcpy(address.sun_path, name.c_str(), name.size());
    auto raw = reinterpret_cast<sockaddr *>(&address);
    int size = 4096 * 1024;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (side == PQ_SENDER) {
      if (connect(fd, raw, sizeof address) != 0) failure = errno;
      return;
    }
    unlink(name.c_str());
    if (bind(fd, raw, sizeof address) != 0 || (type != SOCK_DGRAM && listen(fd, 1) != 0)) failure = errno;
  }
  ~UnixSocket() {
    if (connection >= 0) close(connection);
    if (fd >= 0) close(fd);
    if (side == PQ_RECEIVER) unlink(name.c_str());
  }

  bool offer(const Message &message) {
    ssize_t n;
    do n = ::send(fd, &message, sizeof message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0) failure = errno;
    return n == ssize_t(sizeof message);
  }
  bool take(Message &message) {
    ssize_t n;
    do n = recv(receiving(), &message, sizeof message, 0);
    while (n < 0 && errno == EINTR);
    if (n <= 0) failure = n < 0 ? errno : EPIPE;
    return n == ssize_t(sizeof message);
  }
  unsigned offer_burst(const Message *messages, unsigned count) { return transfer<true>(messages, count); }
  unsigned take_burst(Message *messages, unsigned count) { return transfer<false>(messages, count); }
  int error() { return failure; }
  int opening_error() { return failure; }

 private:
  static constexpr unsigned max_messages = 64;
  std::string name;
  int side, fd = -1, connection = -1, failure = 0;

  int receiving() {
    if (type == SOCK_DGRAM) return fd;
    if (connection < 0) connection = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) failure = errno;
    return connection;
  }

  template <bool sends, typename Pointer>
  unsigned transfer(Pointer messages, unsigned count) {
    if (count > max_messages) count = max_messages;
    mmsghdr headers[max_messages]{};
    iovec parts[max_messages];
    for (unsigned i = 0; i < count; i++) {
      parts[i] = {const_cast<Message *>(messages + i), sizeof(Message)};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    int n = sends ? sendmmsg(fd, headers, count, MSG_NOSIGNAL) : recvmmsg(receiving(), headers, count, MSG_WAITFORONE, nullptr);
    if (n < 0 && errno != EINTR) failure = errno;
    return n < 0 ? 0 : unsigned(n);
  }
};

class MessageQueue {
 public:
  static size_t bytes(unsigned) { return 0; }

  MessageQueue(int side, char *, unsigned, const char *path) : name(path), side(side) {
    for (auto &c : name) {
      if (c == '/') c = '.';
    }
    name = "/" + name;
    mq_attr attributes{};
    attributes.mq_maxmsg = 10;  // all that an unprivileged process may have by default
    attributes.mq_msgsize = sizeof(Message);
    if (side == PQ_RECEIVER) mq_unlink(name.c_str());
    queue = side == PQ_RECEIVER ? mq_open(name.c_str(), O_RDONLY | O_CREAT | O_EXCL, 0600, &attributes)
                                : mq_open(name.c_str(), O_WRONLY);
    if (queue == mqd_t(-1)) failure = errno;
  }
  ~MessageQueue() {
    if (queue != mqd_t(-1)) mq_close(queue);
    if (side == PQ_RECEIVER) mq_unlink(name.c_str());
  }

  bool offer(const Message &message) {
    int rc;
    do rc = mq_send(queue, reinterpret_cast<const char *>(&message), sizeof message, 0);
    while (rc != 0 && errno == EINTR);
    if (rc != 0) failure = errno;
    return rc == 0;
  }
  bool take(Message &message) {
    ssize_t n;
    do n = mq_receive(queue, reinterpret_cast<char *>(&message), sizeof message, nullptr);
    while (n < 0 && errno == EINTR);
    if (n < 0) failure = errno;
    return n == ssize_t(sizeof message);
  }
  unsigned offer_burst(const Message *, unsigned) { return failure = ENOTSUP, 0; }
  unsigned take_burst(Message *, unsigned) { return failure = ENOTSUP, 0; }
  int error() { return failure; }
  int opening_error() { return failure; }

 private:
  std::string name;
  int side;
  mqd_t queue;
  int failure = 0;
};

#ifdef HAVE_ZEROMQ
class ZeroMQ {
 public:
  static size_t bytes(unsigned) { return 0; }

  ZeroMQ(int side, char *, unsigned capacity, const char *path) : side(side), file(std::string(path) + ".zmq") {
    context = zmq_ctx_new();
    socket = zmq_socket(context, side == PQ_SENDER ? ZMQ_PUSH : ZMQ_PULL);
    int mark = int(capacity);
    // Closing waits by default until everything has been handed over.
    zmq_setsockopt(socket, side == PQ_SENDER ? ZMQ_SNDHWM : ZMQ_RCVHWM, &mark, sizeof mark);
    std::string endpoint = "ipc://" + file;
    int rc = side == PQ_SENDER ? zmq_connect(socket, endpoint.c_str()) : zmq_bind(socket, endpoint.c_str());
    if (rc != 0) failure = errno;
  }
  ~ZeroMQ() {
    zmq_close(socket);
    zmq_ctx_term(context);
    if (side == PQ_RECEIVER) unlink(file.c_str());
  }

  bool offer(const Message &message) {
    int n;
    do n = zmq_send(socket, &message, sizeof message, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0) failure = errno;
    return n == int(sizeof message);
  }
  bool take(Message &message) {
    int n;
    do n = zmq_recv(socket, &message, sizeof message, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0) failure = errno;
    return n == int(sizeof message);
  }
  unsigned offer_burst(const Message *, unsigned) { return failure = ENOTSUP, 0; }
  unsigned take_burst(Message *, unsigned) { return failure = ENOTSUP, 0; }
  int error() { return failure; }
  int opening_error() { return failure; }

 private:
  int side;
  std::string file;
  void *context, *socket;
  int failure = 0;
};
#endif

}  // namespace peer_queues
#endif
