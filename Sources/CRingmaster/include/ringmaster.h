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

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
#define RM_STATIC_ASSERT static_assert
#else
#define RM_STATIC_ASSERT _Static_assert
#endif

// Changes whenever any structure or constant of this file changes its meaning.
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
#define RM_SLOT_PAYLOAD 56u
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

struct rm_ring_geometry {
  uint64_t magic;
  uint32_t abi_version;
  uint32_t slot_size;
  uint64_t capacity;  // slots, a power of two
  uint32_t slots_offset;
  uint32_t peer;
  uint32_t direction;  // RM_SUBMISSION or RM_RESULT
  uint32_t reserved;
  uint64_t epoch;      // of the dispatcher, in which the peer attached
  uint64_t journal[2]; // the id of the journal that the peer is in; 0 without one
};

#define RM_SUBMISSION 0u  // peer -> dispatcher
#define RM_RESULT 1u      // dispatcher -> peer

struct rm_ring_producer_counters {
  uint64_t full;  // times a record did not fit
  uint64_t shed;  // records given up because of that
  // CLOCK_BOOTTIME in nanoseconds: all that had come to this producer by then is published. An ingest stores it, with release
  // order, at least every RM_HEARD_INTERVAL_MS while it is well; while it is older, the silence of the workers that were
  // heard of through it may be the ingest's. 0 = it does not say.
  uint64_t heard_ns;
};
#define RM_HEARD_INTERVAL_MS 200u

// How far the dispatcher that reads the ring has come: another one that goes on with it must know as much.
struct rm_ring_consumer_stamp {
  uint64_t epoch;
  uint64_t transaction;  // the newest that is durable, when slots were last given back
};

// A slot is published when its sequence equals its position + 1 and all slots before it are published. The sequence is
// stored last, with release order; a record of several slots, or a batch of records, is published by its first slot, whose
// sequence is stored after all the others, and is at most a quarter of the ring and RM_RECORD_MAX_SLOTS long. So a
// consumer reads in order, and what a producer wrote behind the first slot that is not published is nothing yet.
//
// Between publication and release a slot is the consumer's. It stores the sequence it has just read once more: the line is
// then the consumer's alone, and the producer's prefetch for write of a later lap is a plain miss, of which a core has many
// under way, and not an upgrade of a line both hold, of which it has few.
struct rm_slot {
  uint64_t sequence;
  uint8_t payload[RM_SLOT_PAYLOAD];
};

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
// length of the head. Which of them a reader may skip, ringmaster_vocabulary.h says by their tags.

struct rm_field {
  uint16_t tag;
  uint16_t length;
};

// A record of any other kind is no dead letter: its peer is disconnected, and what it wrote behind it is not read.
// The id of an event or request is its peer's number and the position of its head in the submission ring; results name it.
// Submission ring: events, by the kinds of ringmaster_vocabulary.h, and requests of the peer about itself.
#define RM_KIND_QUERY 128u
#define RM_KIND_SUBSCRIBE 129u
// Of a control peer, about the dead letter with the number in subject, with RM_TAG_REASON: handle its event once more, in
// the name of this peer; or forget it.
#define RM_KIND_RETRY_LETTER 130u
#define RM_KIND_DROP_LETTER 131u

// All heads begin alike: kind, a byte by kind, slots of the whole record, bytes of its text.
struct rm_event_head {
  uint8_t kind;
  uint8_t flags;
  uint16_t slots;         // of the whole record, this one included
  uint16_t text_bytes;    // in the continuation slots
  uint8_t state;          // RM_TASK_STATE_* of a report
  uint8_t end_reason;     // RM_END_REASON_* of a report; 0 = it does not say
  // CLOCK_BOOTTIME when it was received; 0 = on arrival at the dispatcher, which is so for everything but the heartbeats and
  // registrations of workers.
  uint64_t timestamp_ns;
  uint64_t subject;       // handle of the worker, job or task; 0 = named by a field
  uint64_t object;        // handle of a second entity; 0 = none or named by a field
  int64_t value;          // by kind: milli-cpu of a worker, its last heartbeat, silent workers of a zone, ms of a stall or a grace
  int64_t extra;          // by kind: memory_bytes of a worker, the timeout it missed, all workers of a zone
  uint32_t attempt;
  int32_t exit_code;
};
RM_STATIC_ASSERT(sizeof(struct rm_event_head) == RM_SLOT_PAYLOAD, "a head is one payload");

// JOB_SUBMITTED carries its numbers in one field, so that the head stays one size.
struct rm_job_numbers {
  int64_t milli_cpu;
  int64_t memory_bytes;
  int64_t scheduling_timeout_ms;
  int64_t run_timeout_ms;
  int64_t retry_delay_ms;
  int64_t retry_delay_max_ms;
  int32_t replicas;
  int32_t max_retries_failure;
  int32_t max_retries_preemption;
  int32_t max_task_failures;
  int32_t priority;
  uint32_t if_exists;  // RM_IF_EXISTS_*
};

// A value of an attribute that a job requires or forbids.
struct rm_constraint {
  uint8_t rule;             // RM_CONSTRAINT_*
  uint8_t attribute_bytes;  // behind it the attribute, and up to the end of the field the value
};

// Devices of one kind, of a worker or of each task of a job.
struct rm_device {
  int64_t count;  // behind it, up to the end of the field: the name of the kind
};

// What a worker has too little of. Cpu in thousandths, memory in bytes.
struct rm_shortage {
  int64_t needed;
  int64_t free;  // behind it, up to the end of the field: the name of the resource
};

#include "ringmaster_rows.h"

// WORKER_RECONCILED: one for each task the worker runs.
struct rm_reported_task {
  uint64_t task;  // handle; 0 = named by the RM_TAG_REPORTED_NAME field that follows
  uint32_t attempt;
  uint32_t reserved;  // 0
};

// Result ring.
// rm_transaction_head, then its actions, its kills and what its observers had to say, each a record of its own
#define RM_KIND_TRANSACTION 1u
#define RM_KIND_ACTION 2u
#define RM_KIND_KILL 3u
// rm_transaction_head of an event that made no transaction (dropped, dead letter), then its observations. It has no number:
// after attaching again it may come once more, with the same origin_position.
#define RM_KIND_UNHANDLED 4u
// Results that the ring had no room for: those of the transactions subject...object. number = a position in the peer's
// submission ring: the result of an event before it that has not come will not come.
#define RM_KIND_OVERRUN 5u
#define RM_KIND_ROW 6u            // one row of a query's answer
#define RM_KIND_QUERY_DONE 7u     // object = the cursor of the next page, UINT64_MAX = the end
#define RM_KIND_HEARTBEAT_REFUSED 8u  // subject = a handle that names no worker any more
// What an observer returned (RM_TAG_VALUE) or threw (RM_TAG_ERROR), or the middleware that threw on the event. index = its
// place in the list of all observations, in which those that the head names by RM_TAG_OBSERVER fill the rest.
#define RM_KIND_OBSERVATION 9u

struct rm_transaction_head {
  uint8_t kind;
  uint8_t event_kind;
  uint16_t slots;
  uint16_t text_bytes;
  uint8_t promise;
  uint8_t subject_type;
  uint64_t number;           // of the transaction; 0 when there is none
  uint64_t subject;          // handle of the entity the event was about; 0 = none
  uint64_t origin_position;  // with origin_peer the event's id
  int64_t timestamp_ms;
  uint32_t origin_peer;
  uint32_t action_count;     // ACTION records that follow
  uint32_t kill_count;       // KILL records that follow those
  uint8_t outcome;           // RM_OUTCOME_*
  uint8_t reason;            // RM_REJECTION_* of a rejected one, RM_DEAD_LETTER_* of a dead letter
  uint8_t disposition;
  uint8_t reserved;
};
RM_STATIC_ASSERT(sizeof(struct rm_transaction_head) == RM_SLOT_PAYLOAD, "a head is one payload");

// ACTION, KILL, OBSERVATION, ROW, OVERRUN, QUERY_DONE and HEARTBEAT_REFUSED.
struct rm_result_head {
  uint8_t kind;
  uint8_t code;           // RM_ACTION_*, or the entity type of a row
  uint16_t slots;
  uint16_t text_bytes;
  uint8_t from_state;     // RM_NO_STATE = none
  uint8_t to_state;
  uint64_t number;        // transaction of an action, a kill or an observation (0 = none), request of a row, position of an overrun
  uint64_t subject;
  uint64_t object;        // handle of the worker an action concerns
  int32_t task_index;     // -1 when the subject is not a task
  uint32_t attempt;       // RM_NO_ATTEMPT = none
  int32_t cause;          // index of an earlier action, -1 = the event
  uint32_t index;         // of this action in its transaction, of this observation among all of its event
  uint8_t subject_type;
  uint8_t reserved[7];
};
RM_STATIC_ASSERT(sizeof(struct rm_result_head) == RM_SLOT_PAYLOAD, "a head is one payload");

#define RM_NO_STATE 255u
#define RM_NO_ATTEMPT UINT32_MAX

// Why a task is not placed, in the first row of its explanation.
#define RM_OBSTACLE_NONE 0u
#define RM_OBSTACLE_NO_WORKERS 1u
#define RM_OBSTACLE_NO_CAPACITY 2u
#define RM_OBSTACLE_GANG 3u
#define RM_OBSTACLE_BRAKE 4u
#define RM_OBSTACLE_NOT_CONSIDERED 5u
#define RM_OBSTACLE_POLICY 6u
#define RM_OBSTACLE_BACK_OFF 7u
#define RM_OBSTACLE_STOPPING 8u
#define RM_OBSTACLE_REQUIREMENT 9u
#define RM_OBSTACLE_DRAINING 10u
#define RM_OBSTACLE_RESERVED 11u

// QUERY: subject = entity type in the low byte; object = cursor; extra = rows wanted at the most. Of an explanation, and of
// the tasks of one job, the type of that entity is in state; value is its handle, or 0 when RM_TAG_SUBJECT_NAME names it.
// SUBSCRIBE: subject = a set of these.
#define RM_SUBSCRIBE_TRANSACTIONS 1u
#define RM_SUBSCRIBE_ASSIGNMENTS 2u  // only transactions that place or stop a task

// ---------------------------------------------------------------------------------------------------------------------
// The control socket: AF_UNIX, SOCK_SEQPACKET, one message a packet. The connection lives as long as the peer does:
// closing it detaches the peer.

#define RM_CONTROL_MAGIC 0x434d5232u  // "2RMC"
#define RM_CONTROL_MAGIC_1 0x434d5231u  // "1RMC": of the ABIs before version 2, whatever number they bear
#define RM_CONTROL_ATTACH 1u    // peer -> dispatcher
#define RM_CONTROL_ATTACHED 2u  // dispatcher -> peer, with file descriptors
#define RM_CONTROL_REFUSED 3u   // dispatcher -> peer, then it closes
#define RM_CONTROL_CLOSED 4u    // dispatcher -> peer: disconnected, with the reason

// FULL, RESOURCES and SILENT pass: try again later. The others are final for this request.
#define RM_REFUSED_ABI 1u
#define RM_REFUSED_FORBIDDEN 2u
#define RM_REFUSED_FULL 3u
#define RM_REFUSED_MALFORMED 4u
#define RM_REFUSED_RESOURCES 5u
#define RM_REFUSED_UNKNOWN_PEER 6u  // resumed: no such peer, or not with this token
#define RM_REFUSED_SILENT 7u        // did not say in time who it is; it may try again
#define RM_CLOSED_PROTOCOL 16u
#define RM_CLOSED_SHUTDOWN 17u
#define RM_CLOSED_FORBIDDEN 18u  // its role was taken from it

#define RM_CONTROL_TEXT 192u
#define RM_TOKEN_BYTES 32u

struct rm_attach_request {
  uint32_t magic;
  uint32_t abi_version;
  uint32_t type;
  uint32_t role;
  uint32_t submission_capacity;  // slots, a power of two
  uint32_t result_capacity;      // the same, at least RM_RESULT_MIN_CAPACITY; 0 = no results are wanted
  uint32_t resumed_peer;         // the peer that this process was before the dispatcher ended; 0 = a new peer
  uint32_t subscription;         // RM_SUBSCRIBE_*, in force from the first transaction after last_transaction
  uint64_t last_transaction;     // resumed: the results of later transactions come again, whole
  uint64_t epoch;                // resumed: of the connection on which that came
  uint8_t token[RM_TOKEN_BYTES]; // resumed: what the dispatcher gave that peer
  char name[64];  // of the peer, for people; NUL-terminated
};

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

struct rm_attach_reply {
  uint32_t magic;
  uint32_t abi_version;
  uint32_t type;
  uint32_t code;
  uint32_t peer;
  uint32_t submission_capacity;
  uint32_t result_capacity;
  uint32_t lane;   // its byte on the attention board
  uint32_t flags;  // RM_ATTACH_*
  uint32_t reserved;
  uint64_t last_transaction;      // the newest whose result does not come on this result ring
  // Every start of a dispatcher begins an epoch, which is higher than all before. A transaction is named by its epoch and
  // its number: a number that was told and then lost with a part of the journal may come again, in another epoch.
  uint64_t epoch;
  uint8_t token[RM_TOKEN_BYTES];  // secret: who knows it can take this peer's place
  char text[RM_CONTROL_TEXT];  // why, for people; NUL-terminated
};

// ---------------------------------------------------------------------------------------------------------------------
// Counter pages: one shared-memory object a process, readable when the process hangs or is dead.

#define RM_COUNTERS_MAGIC 0x32544e434d52ull  // "RMCNT2"
#define RM_COUNTERS_MAGIC_1 0x31544e434d52ull  // "RMCNT1": likewise
#define RM_COUNTER_LABEL 56u
#define RM_COUNTERS_MAX 255u

struct rm_counters_header {
  uint64_t magic;
  uint32_t abi_version;
  uint32_t count;     // stored after the counters it covers are labelled
  uint32_t pid;
  uint32_t reserved;
  char process[32];
  uint8_t padding[8];
};

struct rm_counter {
  uint64_t value;
  char label[RM_COUNTER_LABEL];
};
RM_STATIC_ASSERT(sizeof(struct rm_counters_header) == 64, "one cache line");
RM_STATIC_ASSERT(sizeof(struct rm_counter) == 64, "one cache line");

#ifdef __cplusplus
}
#endif
#endif
