// DPDK's rte_ring with elements of 64 bytes, one producer and one consumer, in shared memory that we give it. It needs
// no environment layer that way.
#pragma once
#if defined(RINGPERF_COMPARE) && defined(RINGPERF_DPDK)

#include "messages.hpp"
#include "peer_queues.h"

#include <rte_config.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>
#include <rte_ring_peek_zc.h>
#define HAVE_DPDK 1

namespace peer_queues {

class DPDKRing {
 public:
  static size_t bytes(unsigned capacity) { return size_t(rte_ring_get_memsize_elem(sizeof(Message), capacity)) + 64; }

  DPDKRing(int side, char *memory, unsigned capacity, const char *) : ring(reinterpret_cast<rte_ring *>(memory)) {
    if (side == PQ_RECEIVER) rte_ring_init(ring, "ringperf", capacity, RING_F_SP_ENQ | RING_F_SC_DEQ);
  }

  bool offer(const Message &message) {
    return rte_ring_sp_enqueue_elem(ring, const_cast<Message *>(&message), sizeof message) == 0;
  }
  bool take(Message &message) { return rte_ring_sc_dequeue_elem(ring, &message, sizeof message) == 0; }
  unsigned offer_burst(const Message *messages, unsigned count) {
    return rte_ring_sp_enqueue_burst_elem(ring, messages, sizeof(Message), count, nullptr);
  }
  unsigned take_burst(Message *messages, unsigned count) {
    return rte_ring_sc_dequeue_burst_elem(ring, messages, sizeof(Message), count, nullptr);
  }
  int error() { return 0; }
  int opening_error() { return 0; }

 protected:
  rte_ring *ring;
};

// The same ring, its slots written and read in place.
class DPDKZeroCopyRing : public DPDKRing {
 public:
  using DPDKRing::DPDKRing;

  unsigned offer_burst(const Message *messages, unsigned count) {
    rte_ring_zc_data room;
    unsigned n = rte_ring_enqueue_zc_burst_elem_start(ring, sizeof(Message), count, &room, nullptr);
    if (n == 0) return 0;
    memcpy(room.ptr1, messages, room.n1 * sizeof(Message));
    if (n > room.n1) memcpy(room.ptr2, messages + room.n1, (n - room.n1) * sizeof(Message));
    rte_ring_enqueue_zc_elem_finish(ring, n);
    return n;
  }

  unsigned take_burst(Message *messages, unsigned count) {
    rte_ring_zc_data filled;
    unsigned n = rte_ring_dequeue_zc_burst_elem_start(ring, sizeof(Message), count, &filled, nullptr);
    if (n == 0) return 0;
    memcpy(messages, filled.ptr1, filled.n1 * sizeof(Message));
    if (n > filled.n1) memcpy(messages + filled.n1, filled.ptr2, (n - filled.n1) * sizeof(Message));
    rte_ring_dequeue_zc_elem_finish(ring, n);
    return n;
  }
};

}  // namespace peer_queues
#endif
