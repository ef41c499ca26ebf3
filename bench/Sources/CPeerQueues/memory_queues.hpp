// Queues in shared memory.
#pragma once
#ifdef RINGPERF_COMPARE

#include "messages.hpp"
#include "peer_queues.h"

#include <ringmaster.h>
#include <ringmaster_atomics.h>
#if __has_include(<boost/lockfree/spsc_queue.hpp>)
#include <boost/lockfree/spsc_queue.hpp>
#define HAVE_BOOST 1
#endif
#if __has_include(<readerwriterqueue/readerwriterqueue.h>)
#include <readerwriterqueue/readerwriterqueue.h>
#define HAVE_MOODYCAMEL 1
#endif

namespace peer_queues {

// The plain C ring of Ringmaster's own design, without Swift: sequence in slot, slots written in wide stores from their
// end, prefetch for write ahead of the producer, positions stored every 64 slots,
// lines taken over by the consumer where that pays, cached opposite position. 56 bytes of payload and the sequence.
class ReferenceRing {
 public:
  static size_t bytes(unsigned capacity) { return RM_SLOTS_OFFSET + size_t(capacity) * 64; }

  ReferenceRing(int side, char *memory, unsigned capacity, const char *)
      : base(memory), slots(memory + RM_SLOTS_OFFSET), capacity(capacity), mask(capacity - 1) {
    // Sequences of an earlier round would be taken for records.
    if (side == PQ_RECEIVER) memset(memory, 0, bytes(capacity));
  }

  bool offer(const Message &message) { return offer_burst(&message, 1) == 1; }

  bool take(Message &message) {
    char *here = slot(next);
    if (rm_load_acquire_u64(here) != next + 1) return false;
    rm_copy_payload(message.words, here);
    next++;
    if (next - released >= interval) release();
    return true;
  }

  unsigned offer_burst(const Message *messages, unsigned count) {
    if (next + count - released > capacity) {
      released = rm_load_acquire_u64(base + RM_RELEASED_OFFSET);
      uint64_t room = capacity - (next - released);
      if (room == 0) return 0;
      if (count > room) count = unsigned(room);
    }
    for (unsigned i = 0; i < count; i++) put(next + i, messages[i]);
    next += count;
    if (next - announced >= interval) {
      announced = next;
      rm_store_relaxed_u64(base + RM_PUBLISHED_OFFSET, next);
    }
    return count;
  }

  unsigned take_burst(Message *messages, unsigned count) {
    unsigned done = 0;
    while (done < count && take(messages[done])) done++;
    return done;
  }

  int error() { return 0; }
  int opening_error() { return 0; }

 private:
  static constexpr uint64_t prefetch_distance = 16;
  static constexpr uint64_t interval = 64;
  bool upgrades_few_lines = rm_upgrades_few_lines();
  char *base, *slots;
  uint64_t capacity, mask, next = 0, released = 0, announced = 0;

  char *slot(uint64_t position) { return slots + (position & mask) * 64; }
  void put(uint64_t position, const Message &message) {
    uint64_t ahead = position + prefetch_distance;
    if (ahead - released < capacity) rm_prefetch_for_write(slot(ahead));
    const uint64_t *w = message.words;
    rm_store_slot(slot(position), rm_payload{{w[0], w[1], w[2], w[3], w[4], w[5], w[6]}}, position + 1);
  }
  void release() {
    if (upgrades_few_lines)
      for (uint64_t position = released; position != next; position++) rm_store_relaxed_u64(slot(position), position + 1);
    released = next;
    rm_store_release_u64(base + RM_RELEASED_OFFSET, next);
  }
};

#ifdef HAVE_BOOST
// The fixed capacity puts the elements in the object itself, so that it works in shared memory.
class BoostQueue {
  using Queue = boost::lockfree::spsc_queue<Message, boost::lockfree::capacity<4096>>;

 public:
  static size_t bytes(unsigned) { return sizeof(Queue) + 64; }

  BoostQueue(int side, char *memory, unsigned, const char *)
      : queue(side == PQ_RECEIVER ? new (memory) Queue : reinterpret_cast<Queue *>(memory)) {}

  bool offer(const Message &message) { return queue->push(message); }
  bool take(Message &message) { return queue->pop(message); }
  unsigned offer_burst(const Message *messages, unsigned count) { return unsigned(queue->push(messages, count)); }
  unsigned take_burst(Message *messages, unsigned count) { return unsigned(queue->pop(messages, count)); }
  int error() { return 0; }
  int opening_error() { return 0; }

 private:
  Queue *queue;
};
#endif

#ifdef HAVE_MOODYCAMEL
// Its blocks are linked by pointers: both ends in one process.
class MoodycamelQueue {
  using Queue = moodycamel::ReaderWriterQueue<Message>;

 public:
  static size_t bytes(unsigned) { return sizeof(Queue *) + 64; }

  MoodycamelQueue(int side, char *memory, unsigned capacity, const char *) {
    auto shared = reinterpret_cast<Queue **>(memory);
    if (side == PQ_RECEIVER) *shared = new Queue(capacity);
    queue = *shared;
  }

  bool offer(const Message &message) { return queue->try_enqueue(message); }
  bool take(Message &message) { return queue->try_dequeue(message); }
  unsigned offer_burst(const Message *, unsigned) { return 0; }
  unsigned take_burst(Message *, unsigned) { return 0; }
  int error() { return 0; }
  int opening_error() { return 0; }

 private:
  Queue *queue;
};
#endif

}  // namespace peer_queues
#endif
