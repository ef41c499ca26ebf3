// The table of designs and the C interface over it.
#include "peer_queues.h"

#ifdef RINGPERF_COMPARE

#include "dpdk_queues.hpp"
#include "kernel_queues.hpp"
#include "memory_queues.hpp"

#include <new>

namespace peer_queues {
namespace {

struct Design {
  const char *name;
  bool between_processes, bursts, in_kernel;
  size_t (*bytes)(unsigned);
  End *(*open)(int side, char *memory, unsigned capacity, const char *path, int &failure);
};

template <typename Queue>
End *open_end(int side, char *memory, unsigned capacity, const char *path, int &failure) {
  auto end = new (std::nothrow) Loops<Queue>(side, memory, capacity, path);
  failure = end == nullptr ? ENOMEM : end->opening_error();
  if (end != nullptr && failure != 0) {
    delete end;
    end = nullptr;
  }
  return end;
}

template <typename Queue>
constexpr Design design(const char *name, bool between_processes, bool bursts, bool in_kernel) {
  return {name, between_processes, bursts, in_kernel, Queue::bytes, open_end<Queue>};
}

const Design designs[] = {
    design<ReferenceRing>("C reference ring", true, true, false),
#ifdef HAVE_DPDK
    design<DPDKRing>("DPDK rte_ring", true, true, false),
    design<DPDKZeroCopyRing>("DPDK rte_ring zero-copy", true, true, false),
#endif
#ifdef HAVE_BOOST
    design<BoostQueue>("Boost.Lockfree spsc_queue", true, true, false),
#endif
#ifdef HAVE_MOODYCAMEL
    design<MoodycamelQueue>("moodycamel ReaderWriterQueue", false, false, false),
#endif
    design<NamedPipe>("pipe", true, true, true),
    design<UnixSocket<SOCK_SEQPACKET>>("AF_UNIX SEQPACKET", true, true, true),
    design<UnixSocket<SOCK_DGRAM>>("AF_UNIX DGRAM", true, true, true),
    design<MessageQueue>("POSIX message queue", true, false, true),
#ifdef HAVE_ZEROMQ
    design<ZeroMQ>("ZeroMQ ipc", true, false, true),
#endif
};

constexpr int count = int(sizeof designs / sizeof designs[0]);

End *end(pq_end *end) { return reinterpret_cast<End *>(end); }

}  // namespace
}  // namespace peer_queues

using namespace peer_queues;

int pq_design_count(void) { return count; }
const char *pq_design_name(int design) { return designs[design].name; }
int pq_works_between_processes(int design) { return designs[design].between_processes; }
int pq_takes_bursts(int design) { return designs[design].bursts; }
int pq_is_kernel_queue(int design) { return designs[design].in_kernel; }
size_t pq_memory_bytes(int design, unsigned capacity) { return designs[design].bytes(capacity); }

pq_end *pq_open(int design, int side, void *memory, unsigned capacity, const char *path) {
  int failure = 0;
  auto opened = designs[design].open(side, static_cast<char *>(memory), capacity, path, failure);
  errno = failure;
  return reinterpret_cast<pq_end *>(opened);
}

void pq_close(pq_end *closing) { delete end(closing); }
int pq_send(pq_end *out, uint64_t messages, unsigned burst) { return end(out)->send(messages, burst); }
int pq_receive(pq_end *in, uint64_t messages, unsigned burst, uint64_t *sum) {
  return end(in)->receive(messages, burst, *sum);
}
int pq_ask(pq_end *out, pq_end *in, uint64_t rounds, uint64_t *ticks) { return end(out)->ask(*end(in), rounds, ticks); }
int pq_answer(pq_end *in, pq_end *out, uint64_t rounds) { return end(in)->answer(*end(out), rounds); }

#else

// A source file may not be empty, and the declarations of the header still have to be met.
int pq_design_count(void) { return 0; }

#endif
