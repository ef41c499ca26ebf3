// client SOCKET: a control peer in C, from the installed headers alone. It registers a worker, heartbeats, submits a job, and
// says what became of each; at the end of the dispatcher it attaches again as the same peer and cancels the job.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <ringmaster/ringmaster.h>
#include <ringmaster/ringmaster_atomics.h>

struct ring { char *base; uint64_t capacity, next; };

static struct ring submission, results;
static char *board, *status;
static int control = -1, dispatcher_bell = -1, own_bell = -1;
static struct rm_attach_reply me;
static uint64_t last_transaction;

static void fail(const char *why) { fprintf(stderr, "client: %s\n", why); exit(1); }

static char *map(int fd, int protection, size_t *size) {
  struct stat info;
  if (fstat(fd, &info) != 0) fail("fstat");
  void *base = mmap(NULL, (size_t)info.st_size, protection, MAP_SHARED, fd, 0);
  close(fd);
  if (base == MAP_FAILED) fail("mmap");
  if (size) *size = (size_t)info.st_size;
  return (char *)base;
}

static struct ring map_ring(int fd) {
  size_t size;
  struct ring ring = {map(fd, PROT_READ | PROT_WRITE, &size), 0, 0};
  const struct rm_ring_geometry *geometry = (const struct rm_ring_geometry *)ring.base;
  if (geometry->magic != RM_RING_MAGIC || geometry->abi_version != RM_ABI_VERSION) fail("not a ring of this version");
  ring.capacity = geometry->capacity;
  if (size < RM_SLOTS_OFFSET + ring.capacity * RM_SLOT_SIZE) fail("a ring cut short");
  return ring;
}

static char *slot(const struct ring *ring, uint64_t position) {
  return ring->base + RM_SLOTS_OFFSET + (position & (ring->capacity - 1)) * RM_SLOT_SIZE;
}

// Attaches, or attaches again when `me` is a peer already. Returns 0 when it is to be tried again.
static int attach(const char *path) {
  struct sockaddr_un address = {AF_UNIX, {0}};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  control = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (connect(control, (struct sockaddr *)&address, sizeof address) != 0) return close(control), 0;
  struct rm_attach_request request;
  memset(&request, 0, sizeof request);
  request.magic = RM_CONTROL_MAGIC, request.abi_version = RM_ABI_VERSION, request.type = RM_CONTROL_ATTACH;
  request.role = RM_ROLE_CONTROL, request.submission_capacity = 256, request.result_capacity = RM_RESULT_MIN_CAPACITY;
  request.resumed_peer = me.peer, request.last_transaction = last_transaction, request.epoch = me.epoch;
  memcpy(request.token, me.token, sizeof request.token);
  snprintf(request.name, sizeof request.name, "client-in-c");
  if (send(control, &request, sizeof request, MSG_NOSIGNAL) != sizeof request) return close(control), 0;
  int fds[6];
  char room[CMSG_SPACE(sizeof fds)];
  struct rm_attach_reply reply;
  struct iovec bytes = {&reply, sizeof reply};
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = &bytes, message.msg_iovlen = 1, message.msg_control = room, message.msg_controllen = sizeof room;
  if (recvmsg(control, &message, MSG_CMSG_CLOEXEC) != sizeof reply) return close(control), 0;
  if (reply.type != RM_CONTROL_ATTACHED) {
    int may_retry = reply.code == RM_REFUSED_FULL || reply.code == RM_REFUSED_RESOURCES || reply.code == RM_REFUSED_SILENT;
    return may_retry ? (close(control), 0) : (fail(reply.text), 0);
  }
  const struct cmsghdr *passed = CMSG_FIRSTHDR(&message);
  if (!passed || passed->cmsg_len != CMSG_LEN(sizeof fds)) fail("other descriptors than six");
  memcpy(fds, CMSG_DATA(passed), sizeof fds);
  // The ring that was written to before is still that of this peer; the way back is new.
  if (submission.base) close(fds[0]); else submission = map_ring(fds[0]);
  results = map_ring(fds[1]);
  board = map(fds[2], PROT_READ | PROT_WRITE, NULL), status = map(fds[3], PROT_READ, NULL);
  dispatcher_bell = fds[4], own_bell = fds[5];
  me = reply;
  return 1;
}

static void wake_dispatcher(void) {
  rm_fence_seq_cst();
  if (!rm_load_relaxed_u32(submission.base + RM_CONSUMER_PARKED_OFFSET)) return;
  rm_store_release_u8(board + RM_BOARD_ATTENTION_OFFSET + me.lane, 1);
  rm_fence_seq_cst();
  uint64_t one = 1;
  if (rm_load_relaxed_u32(status + RM_STATUS_SLEEPING_OFFSET) && write(dispatcher_bell, &one, sizeof one) < 0) return;
}

// A head and its text, published by the first slot, which is written last.
static uint64_t publish(struct rm_event_head head, const void *text, size_t bytes) {
  char record[1024] = {0};
  uint64_t count = 1 + (bytes + RM_SLOT_PAYLOAD - 1) / RM_SLOT_PAYLOAD, first = submission.next;
  if (first + count - rm_load_acquire_u64(submission.base + RM_RELEASED_OFFSET) > submission.capacity) fail("full");
  head.slots = (uint16_t)count, head.text_bytes = (uint16_t)bytes, head.flags |= RM_FLAG_WANTS_RESULT;
  memcpy(record, &head, sizeof head);
  if (bytes) memcpy(record + sizeof head, text, bytes);
  for (uint64_t i = count; i-- > 0;) {
    struct rm_payload payload;
    memcpy(&payload, record + i * RM_SLOT_PAYLOAD, sizeof payload);
    rm_store_slot(slot(&submission, first + i), payload, first + i + 1);
  }
  submission.next = first + count;
  wake_dispatcher();
  return first;
}

static size_t add_field(char *text, size_t at, uint16_t tag, const void *bytes, size_t count) {
  struct rm_field field = {tag, (uint16_t)count};
  memcpy(text + at, &field, sizeof field);
  memcpy(text + at + sizeof field, bytes, count);
  return at + sizeof field + count;
}

// The head of the result of the event at `position`; waits for it, over the end of a dispatcher too.
static struct rm_transaction_head await(const char *path, uint64_t position) {
  for (;;) {
    while (rm_load_acquire_u64(slot(&results, results.next)) == results.next + 1) {
      struct rm_payload payload = rm_load_payload(slot(&results, results.next) + 8);
      struct rm_transaction_head head;
      memcpy(&head, &payload, sizeof head);
      results.next += head.slots;
      rm_store_release_u64(results.base + RM_RELEASED_OFFSET, results.next);
      if (head.kind != RM_KIND_TRANSACTION && head.kind != RM_KIND_UNHANDLED) continue;
      if (head.number) last_transaction = head.number;
      if (head.origin_peer == me.peer && head.origin_position == position) return head;
    }
    rm_store_relaxed_u32(results.base + RM_CONSUMER_PARKED_OFFSET, 1);
    rm_fence_seq_cst();
    struct pollfd waits[2] = {{control, POLLIN, 0}, {own_bell, POLLIN, 0}};
    if (rm_load_acquire_u64(slot(&results, results.next)) != results.next + 1) poll(waits, 2, -1);
    rm_store_relaxed_u32(results.base + RM_CONSUMER_PARKED_OFFSET, 0);
    char drained[64];
    while (waits[1].revents && read(own_bell, drained, sizeof drained) > 0) {}
    if (!waits[0].revents) continue;
    if (!(me.flags & RM_ATTACH_RECOVERABLE)) fail("the dispatcher is gone");
    close(control);
    while (!attach(path)) poll(NULL, 0, 20);
    wake_dispatcher();
  }
}

static struct rm_transaction_head say(const char *path, const char *what, uint64_t position) {
  struct rm_transaction_head head = await(path, position);
  printf("%s: disposition %u, outcome %u, reason %u, promise %u\n", what, head.disposition, head.outcome, head.reason,
         head.promise);
  fflush(stdout);
  return head;
}

int main(int count, char **arguments) {
  if (count != 2) fail("usage: client SOCKET");
  const char *path = arguments[1];
  if (!attach(path)) fail("no dispatcher");
  char text[512];
  struct rm_event_head event;
  memset(&event, 0, sizeof event);
  event.kind = RM_EVENT_WORKER_REGISTERED, event.value = 4000, event.extra = 1 << 30;
  size_t bytes = add_field(text, 0, RM_TAG_SUBJECT_NAME, "c1", 2);
  bytes = add_field(text, bytes, RM_TAG_ADDRESS, "10.0.0.9:1", 10);
  char gpus[sizeof(struct rm_device) + 3];
  struct rm_device device = {2};
  memcpy(gpus, &device, sizeof device), memcpy(gpus + sizeof device, "gpu", 3);
  bytes = add_field(text, bytes, RM_TAG_DEVICE, gpus, sizeof gpus);
  uint64_t worker = say(path, "registered", publish(event, text, bytes)).subject;

  memset(&event, 0, sizeof event);
  event.kind = RM_EVENT_WORKER_HEARTBEAT, event.subject = worker;
  say(path, "heartbeat", publish(event, NULL, 0));

  memset(&event, 0, sizeof event);
  event.kind = RM_EVENT_JOB_SUBMITTED;
  struct rm_job_numbers numbers;
  memset(&numbers, 0, sizeof numbers);
  numbers.milli_cpu = 1000, numbers.memory_bytes = 1 << 20, numbers.replicas = 2, numbers.max_retries_preemption = 100;
  bytes = add_field(text, 0, RM_TAG_SUBJECT_NAME, "from-c", 6);
  bytes = add_field(text, bytes, RM_TAG_JOB_NUMBERS, &numbers, sizeof numbers);
  uint64_t job = say(path, "submitted", publish(event, text, bytes)).subject;

  // Whoever reads this ends the dispatcher, starts another, and answers with a line.
  printf("ready\n"), fflush(stdout);
  if (!fgets(text, sizeof text, stdin)) fail("no answer");
  memset(&event, 0, sizeof event);
  event.kind = RM_EVENT_JOB_CANCELLED, event.subject = job;
  bytes = add_field(text, 0, RM_TAG_REASON, "restarted", 9);
  uint32_t before = me.peer;
  say(path, "cancelled", publish(event, text, bytes));
  printf("peer %s\n", before == me.peer ? "kept" : "lost");
  return 0;
}
