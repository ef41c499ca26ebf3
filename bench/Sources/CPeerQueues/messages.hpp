// What all designs share: the message, and the loops that drive any of them.
#pragma once
#ifdef RINGPERF_COMPARE

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ringperf.h>
#include <type_traits>

namespace peer_queues {

struct alignas(64) Message {
  uint64_t words[8];
};
static_assert(sizeof(Message) == 64, "one cache line");

constexpr unsigned max_burst = 1024;

inline void pause_briefly() {
#if defined(__x86_64__)
  __asm__ __volatile__("pause");
#elif defined(__aarch64__)
  __asm__ __volatile__("isb");
#endif
}

// One end of a queue. `offer` and `take` move one message, or none when there is no room or nothing there. The burst
// forms return how many they moved.
class End {
 public:
  virtual ~End() = default;
  virtual int send(uint64_t messages, unsigned burst) = 0;
  virtual int receive(uint64_t messages, unsigned burst, uint64_t &sum) = 0;
  virtual int ask(End &in, uint64_t rounds, uint64_t *ticks) = 0;
  virtual int answer(End &out, uint64_t rounds) = 0;
};

// Gives a design its loops, compiled for it alone: no virtual call for each message. `Queue` has
//   bool offer(const Message &), bool take(Message &),
//   unsigned offer_burst(const Message *, unsigned), unsigned take_burst(Message *, unsigned),
//   int error(), int opening_error().
template <typename Queue>
class Loops final : public End {
 public:
  template <typename... Arguments>
  explicit Loops(Arguments... arguments) : queue(arguments...) {}

  int opening_error() { return queue.opening_error(); }

  int send(uint64_t messages, unsigned burst) override {
    return with_local([&](Queue &queue) { return send_over(queue, messages, burst); });
  }

  int receive(uint64_t messages, unsigned burst, uint64_t &sum) override {
    return with_local([&](Queue &queue) { return receive_over(queue, messages, burst, sum); });
  }

 private:
  Queue queue;

  // A queue that is plain data is driven from a local copy, so that its positions live in registers, as the ring's do.
  template <typename Body>
  int with_local(Body body) {
    if constexpr (std::is_trivially_copyable_v<Queue>) {
      Queue local = queue;
      int code = body(local);
      queue = local;
      return code;
    } else {
      return body(queue);
    }
  }

  static int send_over(Queue &queue, uint64_t messages, unsigned burst) {
    if (burst <= 1) {
      Message message{};
      for (uint64_t i = 0; i < messages; i++) {
        message.words[0] = i;
        while (!queue.offer(message)) {
          if (queue.error()) return queue.error();
          pause_briefly();
        }
      }
      return 0;
    }
    static thread_local Message batch[max_burst] = {};
    if (burst > max_burst) burst = max_burst;
    uint64_t next = 0;
    while (next < messages) {
      unsigned count = messages - next < burst ? unsigned(messages - next) : burst;
      for (unsigned i = 0; i < count; i++) batch[i].words[0] = next + i;
      unsigned sent = 0;
      while (sent < count) {
        unsigned now = queue.offer_burst(batch + sent, count - sent);
        if (now == 0) {
          if (queue.error()) return queue.error();
          pause_briefly();
        }
        sent += now;
      }
      next += count;
    }
    return 0;
  }

  static int receive_over(Queue &queue, uint64_t messages, unsigned burst, uint64_t &sum) {
    uint64_t total = 0;
    if (burst <= 1) {
      Message message;
      for (uint64_t i = 0; i < messages; i++) {
        while (!queue.take(message)) {
          if (queue.error()) return queue.error();
          pause_briefly();
        }
        total += message.words[0];
        rp_use(&message);
      }
    } else {
      static thread_local Message batch[max_burst];
      if (burst > max_burst) burst = max_burst;
      uint64_t next = 0;
      while (next < messages) {
        unsigned wanted = messages - next < burst ? unsigned(messages - next) : burst;
        unsigned count = queue.take_burst(batch, wanted);
        if (count == 0) {
          if (queue.error()) return queue.error();
          pause_briefly();
        }
        for (unsigned i = 0; i < count; i++) total += batch[i].words[0];
        rp_use(batch);
        next += count;
      }
    }
    sum = total;
    return 0;
  }

 public:
  int ask(End &in, uint64_t rounds, uint64_t *ticks) override {
    Queue &back = static_cast<Loops &>(in).queue;
    Message message{};
    uint64_t before = rp_ticks();
    for (uint64_t i = 0; i < rounds; i++) {
      message.words[0] = i;
      while (!queue.offer(message)) {
        if (queue.error()) return queue.error();
      }
      while (!back.take(message)) {
        if (back.error()) return back.error();
        pause_briefly();
      }
      uint64_t now = rp_ticks();
      ticks[i] = now - before;
      before = now;
    }
    return 0;
  }

  int answer(End &out, uint64_t rounds) override {
    Queue &back = static_cast<Loops &>(out).queue;
    Message message;
    for (uint64_t i = 0; i < rounds; i++) {
      while (!queue.take(message)) {
        if (queue.error()) return queue.error();
        pause_briefly();
      }
      while (!back.offer(message)) {
        if (back.error()) return back.error();
      }
    }
    return 0;
  }
};

}  // namespace peer_queues
#endif
