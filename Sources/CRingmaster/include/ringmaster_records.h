// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// Part of ringmaster.h, which includes it: the records that are no events.
#ifndef RINGMASTER_RECORDS_H
#define RINGMASTER_RECORDS_H


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
