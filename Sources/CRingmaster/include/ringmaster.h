// ringmaster.h: everything that two processes of Ringmaster must agree on.
//
// The single source of truth for the layout of rings and records and for the control-socket handshake. Swift imports
// it; a producer or consumer in any other language needs nothing else. All integers are little-endian and naturally
// aligned. There are no pointers in shared memory.
#ifndef RINGMASTER_H
#define RINGMASTER_H

#include <stddef.h>
#include <stdint.h>

#include "ringmaster_vocabulary.h"
#include "ringmaster_structs.h"
#include "ringmaster_records.h"
#include "ringmaster_rows.h"

#ifdef __cplusplus
extern "C" {
#endif

// Changes whenever any structure or constant of this file, or of those that it includes, changes its meaning.
#define RM_ABI_VERSION 2u

// ---------------------------------------------------------------------------------------------------------------------
// The ring: one producer, one consumer, one POSIX shared-memory object.
//
//   offset 0      geometry, one page, written once before the object is shared; neither side reads it after attach
//   offset 4096   positions and counters, one page, each on its own pair of cache lines
//   offset 8192   slots
//
// Positions count slots from 0 and never wrap (64 bits). The slot of position p is p & (capacity - 1).

#define RM_RING_MAGIC 0x32474e49524d52ull  // "RMRING2"
#define RM_PAGE_SIZE 4096u
#define RM_LINE_PAIR 128u  // adjacent-line prefetch moves lines in pairs
#define RM_SLOT_SIZE 64u
#define RM_RING_MIN_CAPACITY 64u
#define RM_RING_MAX_CAPACITY (1u << 20)
#define RM_RESULT_MIN_CAPACITY 1024u  // a quarter of it holds the longest result record
// A record never needs more slots than this: its length can be checked before it is trusted.
#define RM_RECORD_MAX_SLOTS 512u
#define RM_RECORD_MAX_BYTES (RM_RECORD_MAX_SLOTS * RM_SLOT_PAYLOAD)

#define RM_RELEASED_OFFSET 4096u         // u64, written by the consumer: slots below it may be overwritten
// u64, written by the producer at least every RM_PUBLISHED_LAG slots or a quarter of the ring, whichever is less: for
// inspection and recovery only. It lags: records are published by their sequences, and whoever wants to know how far
// the producer came follows these from here.
#define RM_PUBLISHED_OFFSET 4224u
#define RM_PUBLISHED_LAG 64u
#define RM_CONSUMER_PARKED_OFFSET 4352u  // u32, the consumer sleeps: whoever publishes rings its doorbell
#define RM_PRODUCER_COUNTERS_OFFSET 4480u  // struct rm_ring_producer_counters, written by the producer
#define RM_CONSUMER_STAMP_OFFSET 4608u     // struct rm_ring_consumer_stamp, written by the consumer
#define RM_SLOTS_OFFSET 8192u

#define RM_SUBMISSION 0u  // peer -> dispatcher
#define RM_RESULT 1u      // dispatcher -> peer

// heard_ns of rm_ring_producer_counters: an ingest stores it, with release order, at least this often while it is well; while
// it is older, the silence of the workers that were heard of through it may be the ingest's.
#define RM_HEARD_INTERVAL_MS 200u

// A slot is published when its sequence equals its position + 1 and all slots before it are published. The sequence is
// stored last, with release order; a record of several slots, or a batch of records, is published by its first slot, whose
// sequence is stored after all the others, and is at most a quarter of the ring and RM_RECORD_MAX_SLOTS long. So a
// consumer reads in order, and what a producer wrote behind the first slot that is not published is nothing yet.
//
// Between publication and release a slot is the consumer's. It may store the sequence it has read once more: the line is
// then the consumer's alone, and the producer's prefetch for write of a later lap is a plain miss, of which a core has many
// under way, and not an upgrade of a line both hold. It does where rm_upgrades_few_lines of ringmaster_atomics.h says so.

RM_STATIC_ASSERT(sizeof(struct rm_slot) == RM_SLOT_SIZE, "a slot is one cache line");
RM_STATIC_ASSERT(sizeof(struct rm_ring_geometry) <= RM_PAGE_SIZE, "the geometry fits its page");

// ---------------------------------------------------------------------------------------------------------------------
// The attention board: one shared-memory object of the dispatcher, mapped by every peer. The dispatcher polls only the
// rings that are awake; it puts a ring to sleep by its parked word. A producer that finds its ring asleep after publishing
// raises its byte here, and if the dispatcher itself sleeps, rings its doorbell. Looking at the bytes of a thousand rings
// costs a few cache lines. The board is a hint that any peer can spoil: the dispatcher looks at every ring now and then.
// Whether the dispatcher sleeps is on its status page, an object of its own that peers can map for reading alone.

#define RM_STATUS_SLEEPING_OFFSET 0u   // u32: the dispatcher waits for its doorbells
#define RM_STATUS_SIZE 4096u
#define RM_BOARD_ATTENTION_OFFSET 0u   // u8 for each lane
#define RM_BOARD_LANES 1024u
#define RM_BOARD_SIZE 4096u

// ---------------------------------------------------------------------------------------------------------------------
// Records. A record is a head of one payload (56 bytes) and, when it has text, the payloads of its continuation slots,
// read as one run of bytes: fields of { uint16 tag, uint16 length, bytes }, unaligned, in any order, ended by the text
// length of the head. ringmaster_structs.h has the heads, ringmaster_records.h each kind of event, request and result with its
// fields, ringmaster_rows.h each kind of row, and ringmaster_vocabulary.h says by their tags which fields a reader may skip.
//
// A record of any other kind is no dead letter: its peer is disconnected, and what it wrote behind it is not read.
// The id of an event or request is its peer's number and the position of its head in the submission ring; results name it.

// ---------------------------------------------------------------------------------------------------------------------
// The control socket: AF_UNIX, SOCK_SEQPACKET, one message a packet: a rm_attach_request, and what comes back is a
// rm_attach_reply. The connection lives as long as the peer does: closing it detaches the peer.

#define RM_CONTROL_MAGIC 0x434d5232u  // "2RMC"
#define RM_CONTROL_MAGIC_1 0x434d5231u  // "1RMC": of the ABIs before version 2, whatever number they bear

// With ATTACHED come, in this order: submission ring, result ring (if wanted), the attention board, the dispatcher's status
// page, a doorbell of the dispatcher's for this peer alone (an eventfd: write the u64 1 to ring it), the peer's own (with
// results; a non-blocking pipe: read all there is to answer).
//
// Waking the dispatcher. After publishing, once for a burst: fence (rm_fence_seq_cst), and if the submission ring's parked word
// is not 0, store 1 in this peer's byte of the board, fence, and if the status page's sleeping word is not 0, ring the
// dispatcher's doorbell. The first fence may be left out by a process that has registered with
// membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED), unless RM_ATTACH_MUST_FENCE is set: the dispatcher has no
// membarrier(2) then.
//
// Sleeping for results. Store 1 in the result ring's parked word, fence, and look for a published slot once more before
// polling the own doorbell and the control socket; store 0 after.
#define RM_ATTACH_MUST_FENCE 1u
// The dispatcher keeps a journal. When it ends, the submission ring stays as it is: the peer may go on writing, and
// attaches again as the same peer, with its token. It reads its result ring to the end first; the next one is new.
#define RM_ATTACH_RECOVERABLE 2u

// ---------------------------------------------------------------------------------------------------------------------
// Counter pages: one shared-memory object a process, readable when the process hangs or is dead.

#define RM_COUNTERS_MAGIC 0x32544e434d52ull  // "RMCNT2"
#define RM_COUNTERS_MAGIC_1 0x31544e434d52ull  // "RMCNT1": likewise
#define RM_COUNTERS_MAX 255u

#ifdef __cplusplus
}
#endif
#endif
