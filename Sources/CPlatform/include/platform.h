// platform.h: what Swift cannot say: variadic calls, macros over ancillary data, a signal handler.
//
// For the Platform module alone: no part of the layout, and nothing another program needs. Functions return 0 or a result
// on success and -errno on failure.
#ifndef RINGMASTER_PLATFORM_H
#define RINGMASTER_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

int rm_shm_create(const char *name, uint64_t bytes);  // exclusive, 0600, all pages reserved; returns the descriptor
int rm_shm_open(const char *name, int writable);
int rm_shm_unlink(const char *name);
// Lets these read an object of the caller's, and nobody else but its owner. Both lists in rising order, without repetition.
int rm_let_read(int fd, const uint32_t *users, size_t user_count, const uint32_t *groups, size_t group_count);

#define RM_MAX_DESCRIPTORS 8
// One packet with descriptors. `rm_send_packet` never raises SIGPIPE and never blocks when `nonblocking`.
// Both return bytes; 0 from `rm_receive_packet` means the other side closed.
long rm_send_packet(int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count,
                    int nonblocking);
// Descriptors beyond `descriptor_room` are closed, not leaked; where there is none, a packet with descriptors is -EBADMSG.
// -EMSGSIZE when the packet is longer than `room`.
long rm_receive_packet(int socket, void *bytes, size_t room, int *descriptors, size_t descriptor_room,
                       size_t *descriptor_count, int nonblocking);

int rm_accept_packet_socket(int listener);  // non-blocking, close-on-exec; -EAGAIN when none waits
int rm_peer_credentials(int socket, int *pid, unsigned *uid, unsigned *gid);
// The supplementary groups of whoever is at the other end; returns how many there are, of which `room` are written.
int rm_peer_groups(int socket, unsigned *groups, size_t room);
int rm_unread_bytes(int socket);  // of a local socket: what the other end has yet to read; -errno
int rm_memfd(const char *name);
int rm_pipe(int ends[2]);  // closed on exec: no process that another thread starts meanwhile inherits it
int rm_seal_size(int descriptor);  // of a memfd: nobody changes its size or its seals any more
int rm_seal_writing(int descriptor);  // the same, and only what maps it for writing already can write to it
// Bytes from the kernel's random number generator; -errno.
int64_t rm_random_bytes(void *bytes, size_t count);
int rm_eventfd(void);                                        // non-blocking
// The same object by an open file description of its own, non-blocking: whether it blocks is then its holder's alone.
int rm_reopen(int descriptor);
int rm_pipe_bell(void);  // a pipe, open for reading and writing, that `rm_reopen` can open once more
void rm_ring_bell(int descriptor);    // an eventfd or a pipe
void rm_answer_bell(int descriptor);
// Several bells to wait for at once: an epoll descriptor, readable while one rings that has not been answered. A bell that
// was added stays as long as anybody holds it. Answering reads from no bell: edges alone count.
int rm_bell_set(void);
int rm_bell_set_add(int set, int eventfd);
void rm_bell_set_answer(int set);
int rm_signalfd(const int *signals, size_t count);           // blocks them in the calling thread
int rm_signalfd_next(int descriptor);                        // a signal, or 0 when none came

// membarrier(2), global expedited: a barrier on every thread of every registered process, so that those need none.
int rm_membarrier_register(void);
int rm_membarrier(void);

// What the clocks say to one thread in the place of the machine's: a simulation's time. NULL: the machine's.
struct rm_simulated_time {
  uint64_t boot_ns;  // CLOCK_BOOTTIME and CLOCK_MONOTONIC
  int64_t wall_ms;
  _Bool is_synchronized;
};
const struct rm_simulated_time *rm_simulated_time(void);
void rm_simulate_time(const struct rm_simulated_time *time);  // of the calling thread; NULL ends it

int rm_clock_is_synchronized(void);  // 0 also where the process may not ask
int rm_wait_readable(int descriptor, int64_t timeout_us);    // 1 readable, 0 timed out or interrupted
void rm_name_thread(const char *name);                       // the calling thread; at most 15 bytes
int rm_set_parent_death_signal(int signal);
// Has the allocator keep freed memory up to `bytes` instead of giving it back to the kernel, large blocks too.
void rm_keep_freed_memory(size_t bytes);

// A peer can truncate the object under a ring, and touching the missing pages raises SIGBUS. The handler puts zero pages
// in their place and marks the range, so that its reader sees an empty ring and then the mark. Faults elsewhere go on to
// the handler that was there before. Thread-safe; ranges are few (one a ring).
int rm_guard_install(void);
int rm_guard_add(void *base, size_t bytes);  // returns a guard, or -ENOSPC
void rm_guard_remove(int guard);
int rm_guard_is_poisoned(int guard);

// Lets the kernel begin to write a part of a file out, without waiting for it. A hint: nothing is durable by it.
int rm_start_writeback(int fd, uint64_t offset, uint64_t bytes);
// How many bytes there are up to the last one that is not zero. `bytes` is aligned to 8, and `count` a multiple of it.
size_t rm_used_bytes(const void *bytes, size_t count);

// Receives up to `messages` datagrams in one call without waiting. Buffers are `stride` bytes apart.
struct rm_datagram_info {
  uint32_t bytes;
  uint32_t truncated;
  uint32_t address_bytes;
  uint32_t dropped;        // by the kernel for lack of buffer, since the socket was opened
  uint8_t address[32];     // struct sockaddr
};
int rm_receive_datagrams(int socket, void *buffers, size_t stride, struct rm_datagram_info *infos, unsigned messages);
// Sends `messages` datagrams of `bytes[i]` each to the connected peer; returns how many the kernel took.
int rm_send_datagrams(int socket, const void *buffers, size_t stride, const uint32_t *bytes, unsigned messages);

#ifdef __cplusplus
}
#endif
#endif
