// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// Part of ringmaster.h, which includes it: every struct that two processes share.
#ifndef RINGMASTER_STRUCTS_H
#define RINGMASTER_STRUCTS_H

#include <stdint.h>

#ifdef __cplusplus
#define RM_STATIC_ASSERT static_assert
#else
#define RM_STATIC_ASSERT _Static_assert
#endif

#define RM_NO_STATE 255u  // in the place of a state: none
#define RM_NO_ATTEMPT 0xffffffffu  // in the place of an attempt: none
#define RM_NO_CURSOR 0xffffffffffffffffull  // in the place of a cursor: the end
#define RM_SLOT_PAYLOAD 56u  // bytes of a slot for records
#define RM_TOKEN_BYTES 32u  // of the token that a peer attaches again with
#define RM_CONTROL_TEXT 192u  // bytes of the text of a reply
#define RM_COUNTER_LABEL 56u  // bytes of the label of a counter
#define RM_JOURNAL_ID_BYTES 16u  // of the id of a journal
#define RM_JOURNAL_HASH_BYTES 32u  // of a SHA-256

// A field of a record's text, with its bytes behind it. Unaligned, in any order.
struct rm_field {
  uint16_t tag;  // RM_TAG_*
  uint16_t length;  // of its bytes
};
RM_STATIC_ASSERT(sizeof(struct rm_field) == 4, "its size is fixed");

// The head of an event or a request. All heads begin alike: kind, a byte by kind, slots, text_bytes.
struct rm_event_head {
  uint8_t kind;  // RM_EVENT_* or RM_KIND_*
  uint8_t flags;  // RM_FLAG_*
  uint16_t slots;  // of the whole record, this one included
  uint16_t text_bytes;  // in the continuation slots
  uint8_t state;  // RM_TASK_STATE_* of a report
  uint8_t end_reason;  // RM_END_REASON_* of a report; 0 = it does not say
  uint64_t timestamp_ns;  // CLOCK_BOOTTIME when it was received; 0 = on arrival at the dispatcher, which is so for
      // everything but the heartbeats and registrations of workers
  uint64_t subject;  // handle of the worker, job or task; 0 = named by a field
  uint64_t object;  // handle of a second entity; 0 = none or named by a field
  int64_t value;  // by kind
  int64_t extra;  // by kind
  uint32_t attempt;  // of a report
  int32_t exit_code;  // of a report
};
RM_STATIC_ASSERT(sizeof(struct rm_event_head) == 56, "its size is fixed");

// The head of what became of an event.
struct rm_transaction_head {
  uint8_t kind;  // RM_KIND_TRANSACTION or RM_KIND_UNHANDLED
  uint8_t event_kind;  // RM_EVENT_*
  uint16_t slots;  // of the whole record, this one included
  uint16_t text_bytes;  // in the continuation slots
  uint8_t promise;  // RM_PROMISE_*
  uint8_t subject_type;  // RM_ENTITY_* of the entity that the event was about
  uint64_t number;  // of the transaction; 0 = none
  uint64_t subject;  // handle of that entity; 0 = none
  uint64_t origin_position;  // with origin_peer the event's id
  int64_t timestamp_ms;  // milliseconds since 1970
  uint32_t origin_peer;  // 0 = the dispatcher itself
  uint32_t action_count;  // ACTION records that follow
  uint32_t kill_count;  // KILL records that follow those
  uint8_t outcome;  // RM_OUTCOME_*
  uint8_t reason;  // RM_REJECTION_* of a rejected one, RM_DEAD_LETTER_* of a dead letter
  uint8_t disposition;  // RM_DISPOSITION_*
  uint8_t abridged;  // 1 = the event is without its lists, which are too long
};
RM_STATIC_ASSERT(sizeof(struct rm_transaction_head) == 56, "its size is fixed");

// The head of every other record of a result ring.
struct rm_result_head {
  uint8_t kind;  // RM_KIND_*
  uint8_t code;  // RM_ACTION_* of an action, RM_ENTITY_* of a row
  uint16_t slots;  // of the whole record, this one included
  uint16_t text_bytes;  // in the continuation slots
  uint8_t from_state;  // RM_TASK_STATE_*
  uint8_t to_state;  // RM_TASK_STATE_*
  uint64_t number;  // of a transaction, a request or a position
  uint64_t subject;  // handle of an entity
  uint64_t object;  // handle of a worker
  int32_t task_index;  // -1 when the subject is not a task
  uint32_t attempt;  // of a task
  int32_t cause;  // index of an earlier action, -1 = the event
  uint32_t index;  // among its like
  uint8_t subject_type;  // RM_ENTITY_* of the subject
  uint8_t reserved[7];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_result_head) == 56, "its size is fixed");

// The numbers of a job: one field, so that the head stays one size.
struct rm_job_numbers {
  int64_t milli_cpu;  // thousandths of a cpu that each task holds
  int64_t memory_bytes;  // memory that each task holds
  int64_t scheduling_timeout_ms;  // counts with RM_FLAG_HAS_DEADLINE
  int64_t run_timeout_ms;  // how long an attempt may run; 0 = as long as it likes
  int64_t retry_delay_ms;  // how long a task waits behind its first failure
  int64_t retry_delay_max_ms;  // how long it waits at the most
  int64_t submitter_uid;  // of the user who submitted it, as the dispatcher says; -1 = not known
  int32_t replicas;  // its tasks
  int32_t max_retries_failure;  // failures of one task that are retried
  int32_t max_retries_preemption;  // losses of one task that are retried
  int32_t max_task_failures;  // tasks that may fail before the job does
  int32_t priority;  // the higher ones first
  uint32_t if_exists;  // RM_IF_EXISTS_*
};
RM_STATIC_ASSERT(sizeof(struct rm_job_numbers) == 80, "its size is fixed");

// A value of an attribute that a job requires or forbids. Behind it the attribute, and up to the end of the field the
// value.
struct rm_constraint {
  uint8_t rule;  // RM_CONSTRAINT_*
  uint8_t attribute_bytes;  // of the attribute
};
RM_STATIC_ASSERT(sizeof(struct rm_constraint) == 2, "its size is fixed");

// Devices of one kind, of a worker or of each task of a job. Behind it, up to the end of the field: the name of the
// kind.
struct rm_device {
  int64_t count;  // how many
};
RM_STATIC_ASSERT(sizeof(struct rm_device) == 8, "its size is fixed");

// Which event of its source an event is. Behind it, up to the end of the field: the name of the source.
struct rm_source {
  uint64_t incarnation;  // the life of the source, rising
  uint64_t sequence;  // of the events of that life, from 1
};
RM_STATIC_ASSERT(sizeof(struct rm_source) == 16, "its size is fixed");

// What a worker has too little of. Cpu in thousandths, memory in bytes. Behind it, up to the end of the field: the name
// of the resource.
struct rm_shortage {
  int64_t needed;  // by the task
  int64_t free;  // on the worker
};
RM_STATIC_ASSERT(sizeof(struct rm_shortage) == 16, "its size is fixed");

// WORKER_RECONCILED: one for each task the worker runs.
struct rm_reported_task {
  uint64_t task;  // handle; 0 = named by the RM_TAG_REPORTED_NAME field that follows
  uint32_t attempt;  // which it runs
  uint32_t reserved;  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_reported_task) == 16, "its size is fixed");

// A slot of a ring: one cache line.
struct rm_slot {
  uint64_t sequence;  // its position + 1, once it is published
  uint8_t payload[RM_SLOT_PAYLOAD];  // a head, or a part of a record's text
};
RM_STATIC_ASSERT(sizeof(struct rm_slot) == 64, "its size is fixed");

// The first page of a ring.
struct rm_ring_geometry {
  uint64_t magic;  // RM_RING_MAGIC
  uint32_t abi_version;  // RM_ABI_VERSION
  uint32_t slot_size;  // RM_SLOT_SIZE
  uint64_t capacity;  // slots, a power of two
  uint32_t slots_offset;  // RM_SLOTS_OFFSET
  uint32_t peer;  // whose ring it is
  uint32_t direction;  // RM_SUBMISSION or RM_RESULT
  uint32_t reserved;  // 0
  uint64_t epoch;  // of the dispatcher, in which the peer attached
  uint64_t journal[2];  // the id of the journal that the peer is in; 0 without one
};
RM_STATIC_ASSERT(sizeof(struct rm_ring_geometry) == 64, "its size is fixed");

// What the producer of a ring says of itself.
struct rm_ring_producer_counters {
  uint64_t full;  // times a record did not fit
  uint64_t shed;  // records given up because of that
  uint64_t heard_ns;  // CLOCK_BOOTTIME: all that had come to this producer by then is published; 0 = it does not say
};
RM_STATIC_ASSERT(sizeof(struct rm_ring_producer_counters) == 24, "its size is fixed");

// How far the dispatcher that reads a ring has come: another one that takes the ring over must know as much.
struct rm_ring_consumer_stamp {
  uint64_t epoch;  // of the dispatcher
  uint64_t transaction;  // the newest that is durable, when slots were last given back
};
RM_STATIC_ASSERT(sizeof(struct rm_ring_consumer_stamp) == 16, "its size is fixed");

// What a peer says first on the control socket.
struct rm_attach_request {
  uint32_t magic;  // RM_CONTROL_MAGIC
  uint32_t abi_version;  // RM_ABI_VERSION
  uint32_t type;  // RM_CONTROL_ATTACH
  uint32_t role;  // RM_ROLE_*
  uint32_t submission_capacity;  // slots, a power of two
  uint32_t result_capacity;  // the same, at least RM_RESULT_MIN_CAPACITY; 0 = no results are wanted
  uint32_t resumed_peer;  // the peer that this process was before the dispatcher ended; 0 = a new peer
  uint32_t subscription;  // RM_SUBSCRIBE_*, in force from the first transaction after last_transaction
  uint64_t last_transaction;  // resumed: the results of later transactions come again, whole
  uint64_t epoch;  // resumed: of the connection on which that came
  uint8_t token[RM_TOKEN_BYTES];  // resumed: what the dispatcher gave that peer
  char name[64];  // of the peer, for people; NUL-terminated
};
RM_STATIC_ASSERT(sizeof(struct rm_attach_request) == 144, "its size is fixed");

// What the dispatcher says on the control socket. Every start of a dispatcher begins an epoch, which is higher than all
// before. A transaction is named by its epoch and its number: a number that was published and then lost with a part of
// the journal may come again, in another epoch.
struct rm_attach_reply {
  uint32_t magic;  // RM_CONTROL_MAGIC
  uint32_t abi_version;  // RM_ABI_VERSION
  uint32_t type;  // RM_CONTROL_*
  uint32_t code;  // RM_REFUSED_* or RM_CLOSED_*
  uint32_t peer;  // the peer's number
  uint32_t submission_capacity;  // slots
  uint32_t result_capacity;  // slots
  uint32_t lane;  // its byte on the attention board
  uint32_t flags;  // RM_ATTACH_*
  uint32_t reserved;  // 0
  uint64_t last_transaction;  // the newest whose result does not come on this result ring
  uint64_t epoch;  // of this connection
  uint64_t cluster[2];  // the id of the journal, or without one a number of this dispatcher alone: handles mean
      // something in one cluster only
  uint8_t token[RM_TOKEN_BYTES];  // secret: who knows it can take this peer's place
  char text[RM_CONTROL_TEXT];  // why, for people; NUL-terminated
};
RM_STATIC_ASSERT(sizeof(struct rm_attach_reply) == 296, "its size is fixed");

// Begins a counter page; as long as a counter.
struct rm_counters_header {
  uint64_t magic;  // RM_COUNTERS_MAGIC
  uint32_t abi_version;  // RM_ABI_VERSION
  uint32_t count;  // stored after the counters it covers are labelled
  uint32_t pid;  // of the process
  uint32_t reserved;  // 0
  char process[32];  // its name
  uint8_t padding[8];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_counters_header) == 64, "its size is fixed");

// A counter: one cache line.
struct rm_counter {
  uint64_t value;  // its value
  char label[RM_COUNTER_LABEL];  // its name; NUL-terminated
};
RM_STATIC_ASSERT(sizeof(struct rm_counter) == 64, "its size is fixed");

// Begins a datagram.
struct rm_datagram_header {
  uint32_t magic;  // RM_DATAGRAM_MAGIC
  uint8_t version;  // RM_DATAGRAM_VERSION
  uint8_t kind;  // RM_DATAGRAM_*
  uint16_t count;  // entries that follow
  uint64_t reserved;  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_datagram_header) == 16, "its size is fixed");

// A worker joins. Behind it, first its devices, each kind as { uint8 name length, uint32 count, name }; then, up to the
// end of the datagram: attributes of the worker, its zone among them as "zone", each as { uint8 key length, uint8 value
// length, key, value }, UTF-8 without NUL.
struct rm_datagram_register {
  uint64_t request;  // chosen by the worker, returned in the acknowledgement
  int64_t milli_cpu;  // thousandths of a cpu
  int64_t memory_bytes;  // memory that tasks may hold
  uint32_t devices;  // kinds of devices that follow
  uint32_t reserved;  // 0
  char name[256];  // UTF-8, NUL-terminated
  char address[256];  // UTF-8, NUL-terminated
  char incarnation[256];  // UTF-8, NUL-terminated; empty = none
};
RM_STATIC_ASSERT(sizeof(struct rm_datagram_register) == 800, "its size is fixed");

// The answer to a registration.
struct rm_datagram_registered {
  uint64_t request;  // the worker's
  uint64_t worker;  // handle; 0 = refused
  uint32_t reason;  // RM_REJECTION_* when refused
  uint32_t reserved;  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_datagram_registered) == 24, "its size is fixed");

#endif
