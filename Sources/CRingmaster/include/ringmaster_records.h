// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// Part of ringmaster.h, which includes it: the heads of records, and the records that are no events.
#ifndef RINGMASTER_RECORDS_H
#define RINGMASTER_RECORDS_H

#include <stdint.h>

#define RM_NO_STATE 255u  // in the place of a state: none
#define RM_NO_ATTEMPT 0xffffffffu  // in the place of an attempt: none
#define RM_NO_CURSOR 0xffffffffffffffffull  // in the place of a cursor: the end

// A field of a record's text, with its bytes behind it. Unaligned, in any order.
struct rm_field {
  uint16_t tag;  // RM_TAG_*
  uint16_t length;  // of its bytes
};

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
  uint8_t reserved;  // 0
};

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

// The numbers of a job: one field, so that the head stays one size.
struct rm_job_numbers {
  int64_t milli_cpu;  // thousandths of a cpu that each task holds
  int64_t memory_bytes;  // memory that each task holds
  int64_t scheduling_timeout_ms;  // counts with RM_FLAG_HAS_DEADLINE
  int64_t run_timeout_ms;  // how long an attempt may run; 0 = as long as it likes
  int64_t retry_delay_ms;  // how long a task waits behind its first failure
  int64_t retry_delay_max_ms;  // how long it waits at the most
  int32_t replicas;  // its tasks
  int32_t max_retries_failure;  // failures of one task that are retried
  int32_t max_retries_preemption;  // losses of one task that are retried
  int32_t max_task_failures;  // tasks that may fail before the job does
  int32_t priority;  // the higher ones first
  uint32_t if_exists;  // RM_IF_EXISTS_*
};

// A value of an attribute that a job requires or forbids. Behind it the attribute, and up to the end of the field the
// value.
struct rm_constraint {
  uint8_t rule;  // RM_CONSTRAINT_*
  uint8_t attribute_bytes;  // of the attribute
};

// Devices of one kind, of a worker or of each task of a job. Behind it, up to the end of the field: the name of the
// kind.
struct rm_device {
  int64_t count;  // how many
};

// What a worker has too little of. Cpu in thousandths, memory in bytes. Behind it, up to the end of the field: the name
// of the resource.
struct rm_shortage {
  int64_t needed;  // by the task
  int64_t free;  // on the worker
};

// WORKER_RECONCILED: one for each task the worker runs.
struct rm_reported_task {
  uint64_t task;  // handle; 0 = named by the RM_TAG_REPORTED_NAME field that follows
  uint32_t attempt;  // which it runs
  uint32_t reserved;  // 0
};

// Requests: records of a submission ring that are no events. Where a record holds each field, as of events.

// Asks for rows. ROW records are the answer, and QUERY_DONE ends it; both name the request by its position.
//   head: rm_event_head
//   entity: subject: RM_ENTITY_* of the rows
//   cursor: object: 0 for the first page, then what QUERY_DONE said
//   rows: extra: rows wanted at the most
//   about: state, value, RM_TAG_SUBJECT_NAME: of an explanation, and of the tasks of one job: RM_ENTITY_* of that
//     entity in state, and its handle in value or its name in the text
#define RM_KIND_QUERY 128u

// Asks for the results of other peers' events from now on. QUERY_DONE confirms it.
//   head: rm_event_head
//   results: subject: a set of RM_SUBSCRIBE_*
#define RM_KIND_SUBSCRIBE 129u

// Of a control peer: the event of a dead letter is to be handled once more, in the name of this peer. Its result is
// that of an event with the request's id.
//   head: rm_event_head
//   letter: subject: its number
//   reason: RM_TAG_REASON: why
#define RM_KIND_RETRY_LETTER 130u

// Of a control peer: a dead letter is to be forgotten. Its row is the answer, and QUERY_DONE ends it.
//   head: rm_event_head
//   letter: subject: its number
//   reason: RM_TAG_REASON: why
#define RM_KIND_DROP_LETTER 131u

// Records of a result ring. Where a record holds each field, as of events.

// What an event did. Its actions, its kills and what its observers had to say follow, each a record of its own.
//   head: rm_transaction_head
//   event_kind: event_kind: RM_EVENT_*
//   event: RM_TAG_EVENT: the event; without its lists if it is long
//   id: origin_position, origin_peer: the event's id
//   promise: promise: how safe the event is
//   number: number: the transaction's
//   epoch: RM_TAG_EPOCH: the transaction's, where that is not the connection's
//   timestamp_ms: timestamp_ms: the controller's clock when it was made
//   ending: disposition, outcome, reason: applied, ignored, or rejected and why
//   missing: RM_TAG_MISSING: of insufficient_capacity: the first resource that the worker has too little of
//   subject: subject_type, subject, RM_TAG_SUBJECT_NAME, RM_TAG_TASK_INDEX: the entity that the event was about; of a
//     task, the name of its job and its index
//   actions: action_count: ACTION records that follow
//   kills: kill_count: KILL records that follow those
//   observers: RM_TAG_OBSERVER: one field for each observer that succeeded and has no record of its own
//   observations: RM_TAG_OBSERVATIONS: OBSERVATION records that follow
#define RM_KIND_TRANSACTION 1u

// Of an event that made no transaction, or a record that could not be read as one; its observations follow. It has no
// number: after attaching again it may come once more, with the same id.
//   head: rm_transaction_head
//   event_kind: event_kind: RM_EVENT_*; 0 of a record that is no event
//   event: RM_TAG_EVENT: the event; none of a record that is no event
//   id: origin_position, origin_peer: its id
//   promise: promise: how safe the event is
//   timestamp_ms: timestamp_ms: the event's time
//   ending: disposition, reason: dropped, or a dead letter and why
//   stage: RM_TAG_STAGE: the middleware that dropped the event
//   error: RM_TAG_ERROR: what is wrong with a record that is no event
//   observers: RM_TAG_OBSERVER: as of a TRANSACTION
//   observations: RM_TAG_OBSERVATIONS: as of a TRANSACTION
#define RM_KIND_UNHANDLED 4u

// One thing that a transaction did.
//   head: rm_result_head
//   transaction: number: its number
//   index: index: in the transaction, from 0
//   action: code: RM_ACTION_*
//   subject: subject_type, subject, task_index, RM_TAG_SUBJECT_NAME: the entity; of a task, the name of its job
//   from_state: from_state, RM_NO_STATE = none: the task's state before
//   to_state: to_state, RM_NO_STATE = none: and after
//   attempt: attempt, RM_NO_ATTEMPT = none: the attempt that it concerns
//   worker: object, RM_TAG_WORKER_NAME: the worker that a task was assigned to or taken from
//   endpoint: RM_TAG_ENDPOINT: of an action about an endpoint
//   cause: cause: index of the action that led to it, -1 = the event
#define RM_KIND_ACTION 2u

// A process that a worker has to stop.
//   head: rm_result_head
//   transaction: number: its number
//   index: index: in the transaction, from 0
//   task: subject_type, subject, task_index, RM_TAG_SUBJECT_NAME: the task, and the name of its job
//   attempt: attempt: the attempt to stop
//   worker: object, RM_TAG_WORKER_NAME: the worker that runs it
#define RM_KIND_KILL 3u

// What an observer returned or threw, or the middleware that threw on the event.
//   head: rm_result_head
//   transaction: number: its number; 0 = none
//   index: index: in the list of all observations of the event; those that its head names by RM_TAG_OBSERVER fill the
//     rest
//   observer: RM_TAG_OBSERVER: its name
//   value: RM_TAG_VALUE: what it returned
//   error: RM_TAG_ERROR: what it threw
#define RM_KIND_OBSERVATION 9u

// Results that the ring had no room for.
//   head: rm_result_head
//   first: subject: the number of the first transaction
//   last: object: and of the last
//   settled_before: number: a position in the peer's submission ring: the result of an event before it that has not
//     come will not come
#define RM_KIND_OVERRUN 5u

// One row of a query's answer: see the rows.
//   head: rm_result_head
//   request: number: the query's position
//   row: RM_TAG_ROW_NUMBERS: its numbers; code has RM_ENTITY_* of it, which says the other members and fields
#define RM_KIND_ROW 6u

// Ends the answer to a request.
//   head: rm_result_head
//   request: number: its position
//   next: object, RM_NO_CURSOR = none: the cursor of the next page
#define RM_KIND_QUERY_DONE 7u

// A heartbeat named a worker that is not registered any more: it has to register again.
//   head: rm_result_head
//   worker: subject: the handle
#define RM_KIND_HEARTBEAT_REFUSED 8u

#endif
