// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// Part of ringmaster.h, which includes it: each kind of record with its fields, but for rows.
#ifndef RINGMASTER_RECORDS_H
#define RINGMASTER_RECORDS_H

// Kinds of event, and where a record holds each field: a member of rm_event_head, a flag of its flags, or fields of its
// text by their tags. A handle of 0 says that the text has the name.

// Of ingest and control peers. A worker joins, or joins again. With another incarnation than before, the tasks of its
// old life are lost first.
//   worker_id: RM_TAG_SUBJECT_NAME, required: its name
//   address: RM_TAG_ADDRESS: where it can be reached
//   metadata.cpu: value, in thousandths, required: cpus that tasks may hold on it, to the thousandth
//   metadata.memory_bytes: extra: memory that tasks may hold on it
//   metadata.devices: RM_TAG_DEVICE: devices that tasks may hold on it, by name
//   metadata.confirms_stops: RM_FLAG_CONFIRMS_STOPS: it says of each task that it stopped when the process has ended;
//     until then the task holds what it holds
//   metadata.*: RM_TAG_ATTRIBUTE_KEY, RM_TAG_ATTRIBUTE_VALUE: anything else, each key once: a zone, an image, labels
//   incarnation: RM_TAG_INCARNATION: names one life of its process
#define RM_EVENT_WORKER_REGISTERED 1u

// Of ingest and control peers. A worker lives. It makes no transaction unless it changes more than the time it was last
// heard of.
//   worker_id: subject or RM_TAG_SUBJECT_NAME, required: the worker
#define RM_EVENT_WORKER_HEARTBEAT 2u

// Of ingest and control peers. A check of a worker failed. Enough in a row and the worker is lost.
//   worker_id: subject or RM_TAG_SUBJECT_NAME, required: the worker
//   error: RM_TAG_ERROR: what went wrong
#define RM_EVENT_WORKER_HEARTBEAT_FAILED 3u

// Of ingest and control peers. A worker is lost, and its tasks with it. The dispatcher says so itself of one that was
// silent too long, with the times that it went by.
//   worker_id: subject or RM_TAG_SUBJECT_NAME, required: the worker
//   error: RM_FLAG_TIMED_OUT, RM_TAG_ERROR: what went wrong; of a silent worker, last_heartbeat_ms and timeout_ms too
#define RM_EVENT_WORKER_FAILED 4u

// Of ingest and control peers. A worker's account of all that it runs. What it does not list is lost; what it should
// not run is to be stopped.
//   worker_id: subject or RM_TAG_SUBJECT_NAME, required: the worker
//   reported: RM_TAG_REPORTED_TASK, RM_TAG_REPORTED_NAME, required: pairs of a task and its attempt
#define RM_EVENT_WORKER_RECONCILED 5u

// Of control peers. A job is to be run. Its tasks are JOB/task-0, JOB/task-1 and so on.
//   job_id: RM_TAG_SUBJECT_NAME, required: its name
//   request: RM_TAG_JOB_NUMBERS, required: what a client asks for when it submits a job
//   request.replicas: RM_TAG_JOB_NUMBERS.replicas: number of its tasks, 1 to 10000; with another number the job fails
//     at once
//   request.max_retries_failure: RM_TAG_JOB_NUMBERS.max_retries_failure: failures of one task that are retried
//   request.max_retries_preemption: RM_TAG_JOB_NUMBERS.max_retries_preemption: losses of one task that are retried
//   request.max_task_failures: RM_TAG_JOB_NUMBERS.max_task_failures: tasks that may fail before the job does
//   request.coscheduled: RM_FLAG_COSCHEDULED: a gang: its members live and die together
//   request.cpu: RM_TAG_JOB_NUMBERS.milli_cpu: cpus that each task holds
//   request.memory_bytes: RM_TAG_JOB_NUMBERS.memory_bytes: memory that each task holds
//   request.devices: RM_TAG_DEVICE: devices that each task holds, by name; what it asks 0 of is not looked at
//   request.priority: RM_TAG_JOB_NUMBERS.priority: what has a higher one is placed first, -100 to 100; a job below
//     another has its own
//   request.require: RM_TAG_CONSTRAINT: a value, or a list of values, by attribute: the worker has one of them
//   request.forbid: RM_TAG_CONSTRAINT: the same: the worker has none of them, or has no such attribute
//   request.scheduling_timeout_ms: RM_TAG_JOB_NUMBERS.scheduling_timeout_ms, RM_FLAG_HAS_DEADLINE: a task that was
//     never assigned by then becomes UNSCHEDULABLE; without it, it waits for ever
//   request.run_timeout_ms: RM_TAG_JOB_NUMBERS.run_timeout_ms: a task that runs longer has failed and is not retried; 0
//     = as long as it likes
//   request.retry_delay_ms: RM_TAG_JOB_NUMBERS.retry_delay_ms: how long a task waits after its first failure, after
//     each further one twice as long
//   request.retry_delay_max_ms: RM_TAG_JOB_NUMBERS.retry_delay_max_ms: the longest that it waits
//   request.if_exists: RM_TAG_JOB_NUMBERS.if_exists: when there is a job of this name: reject, replace_finished or keep
//   request.parent: object or RM_TAG_PARENT_NAME: the job it belongs to: its end ends this one too, unless it succeeded
//   request.owner: RM_TAG_OWNER: who answers for it
//   request.submitter: RM_TAG_SUBMITTER: the user who submitted it: the dispatcher says it, whatever the record says
//   request.submitter_uid: RM_TAG_JOB_NUMBERS.submitter_uid: the user's number, which the dispatcher says too; -1 = not
//     known
//   request.reason: RM_TAG_REASON: why it was submitted
//   request.command: RM_TAG_SPECIFICATION: the program and its arguments
//   request.script: RM_TAG_SPECIFICATION: a script instead of a command
//   request.environment: RM_TAG_SPECIFICATION: variables by name
//   request.working_directory: RM_TAG_SPECIFICATION: where it runs
//   request.user: RM_TAG_SPECIFICATION: as whom it runs
//   request.stop_timeout_ms: RM_TAG_SPECIFICATION: from its stop signal to its kill
//   request.stop_signal: RM_TAG_SPECIFICATION: the signal that asks it to end
//   request.when_cut_off: RM_TAG_SPECIFICATION: what its worker does with it while it is cut off: stop or continue
//   request.tasks_max: RM_TAG_SPECIFICATION: processes and threads that it may have
//   request.credentials: RM_TAG_SPECIFICATION: names of secrets of its worker that it may read
//   request.sandbox: RM_TAG_SPECIFICATION: how far it is kept from its machine: default or strict
#define RM_EVENT_JOB_SUBMITTED 6u

// Of control peers. A job is to end, with its tasks and with the jobs that belong to it.
//   job_id: subject or RM_TAG_SUBJECT_NAME, required: the job
//   reason: RM_TAG_REASON: why
#define RM_EVENT_JOB_CANCELLED 7u

// Of control peers. A waiting task gets a worker. The dispatcher's scheduler says it too.
//   task_id: subject or RM_TAG_SUBJECT_NAME, required: the task
//   worker_id: object or RM_TAG_OBJECT_NAME, required: the worker
#define RM_EVENT_TASK_ASSIGNED 8u

// Of ingest and control peers. A worker says what became of an attempt of a task.
//   task_id: subject or RM_TAG_SUBJECT_NAME, required: the task
//   attempt_id: attempt, required: of its attempts, which one; a stale report is ignored
//   new_state: state, required: BUILDING, RUNNING, SUCCEEDED, FAILED, ...
//   error: RM_TAG_ERROR: what went wrong
//   exit_code: exit_code, RM_FLAG_HAS_EXIT_CODE: of its process
//   end_reason: end_reason: how its process ended
//   cpu_ms: value: processor time that it used
//   peak_memory_bytes: extra: the most memory that it held at once, where that is known
#define RM_EVENT_TASK_STATE_CHANGED 9u

// Of control peers. A task gives up its worker, and waits again while its budget lasts.
//   task_id: subject or RM_TAG_SUBJECT_NAME, required: the task
//   reason: RM_TAG_REASON: why
#define RM_EVENT_TASK_PREEMPTED 10u

// Of ingest and control peers. A running task can be reached.
//   task_id: subject or RM_TAG_SUBJECT_NAME, required: the task
//   endpoint: RM_TAG_ENDPOINT, required: where
#define RM_EVENT_ENDPOINT_REGISTERED 11u

// Of the dispatcher alone. The clock moves.
#define RM_EVENT_TICK 12u

// Of control peers. Forget the jobs that finished and the workers that were lost long enough ago.
#define RM_EVENT_PRUNE 13u

// Of the dispatcher alone. A task still waits when its job's scheduling deadline has passed.
//   task_id: subject or RM_TAG_SUBJECT_NAME, required: the task
#define RM_EVENT_SCHEDULING_DEADLINE_PASSED 14u

// Of the dispatcher alone. The controller did not run for a while, up to the event's time: all liveness deadlines shift
// by that.
//   stalled_ms: value, required: for how long
#define RM_EVENT_CONTROLLER_STALLED 15u

// Of the dispatcher alone. Too large a share of a zone is silent at once to be dead machines: its workers are lost
// slowly, or not at all.
//   zone: RM_TAG_ZONE, required: the zone; may be empty
//   silent_workers: value, required: its silent workers
//   workers: extra, required: all its workers
#define RM_EVENT_BRAKE_ENGAGED 16u

// Of the dispatcher alone. Enough of a zone has been heard of again, or none of it is left to wait for.
//   zone: RM_TAG_ZONE, required: the zone; may be empty
//   silent_workers: value, required: its silent workers
//   workers: extra, required: all its workers
#define RM_EVENT_BRAKE_RELEASED 17u

// Of control peers. An operator says that a zone's silent workers are lost indeed: they expire at once until the brake
// is released.
//   zone: RM_TAG_ZONE, required: the zone; may be empty
//   reason: RM_TAG_REASON: why
#define RM_EVENT_BRAKE_OVERRIDDEN 18u

// Of the dispatcher alone. The controller's clock was ahead of the machine's and goes back to the event's time. What
// was noted later counts as noted then.
//   ahead_ms: value, required: by how much
#define RM_EVENT_CLOCK_CORRECTED 19u

// Of control peers. A worker gets no more tasks, until it is resumed; it may be away meanwhile. What it runs may run
// on, or for a while.
//   worker_id: subject or RM_TAG_SUBJECT_NAME, required: the worker
//   reason: RM_TAG_REASON: why
//   submitter: RM_TAG_SUBMITTER: the user who drains it: the dispatcher says it, whatever the record says
//   grace_ms: value, RM_FLAG_HAS_GRACE: how long its tasks may run on; without it, as long as they like
#define RM_EVENT_WORKER_DRAIN 20u

// Of control peers. A worker that was drained gets tasks again.
//   worker_id: subject or RM_TAG_SUBJECT_NAME, required: the worker
//   reason: RM_TAG_REASON: why
#define RM_EVENT_WORKER_RESUMED 21u

// Of the dispatcher alone. The grace of a draining worker is over: its tasks are cut off, at no charge to them.
//   worker_id: subject or RM_TAG_SUBJECT_NAME, required: the worker
#define RM_EVENT_WORKER_DRAIN_PASSED 22u

// Of ingest and control peers. A worker says that the process of an attempt that was over has ended.
//   task_id: subject or RM_TAG_SUBJECT_NAME, required: the task
//   attempt_id: attempt, required: of its attempts, which one
//   error: RM_TAG_ERROR: what went wrong
//   exit_code: exit_code, RM_FLAG_HAS_EXIT_CODE: of its process
//   end_reason: end_reason: how its process ended
//   cpu_ms: value: processor time that it used
//   peak_memory_bytes: extra: the most memory that it held at once, where that is known
#define RM_EVENT_TASK_STOPPED 23u

// Of the dispatcher alone. An attempt has run for longer than its job allows.
//   task_id: subject or RM_TAG_SUBJECT_NAME, required: the task
//   attempt_id: attempt, required: of its attempts, which one
#define RM_EVENT_TASK_TIMED_OUT 24u

// Of the dispatcher alone. Nothing was heard of an attempt since it was assigned: it is taken back.
//   task_id: subject or RM_TAG_SUBJECT_NAME, required: the task
//   attempt_id: attempt, required: of its attempts, which one
#define RM_EVENT_ASSIGNMENT_TIMED_OUT 25u

// Requests: records of a submission ring that are no events. Where a record holds each field, as of events.

// Asks for rows. ROW records are the answer, and QUERY_DONE ends it; both name the request by its position.
//   head: rm_event_head
//   entity: subject: RM_ENTITY_* of the rows
//   cursor: object: 0 for the first page, then what QUERY_DONE said
//   rows: extra: rows wanted at the most
//   about: state, value, RM_TAG_SUBJECT_NAME: of an explanation, of the tasks of one job or worker, of one worker, job
//     or task alone, and of a job's specification: RM_ENTITY_* of that entity in state, and its handle in value or its
//     name in the text
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
//   abridged: abridged: it is without its lists: they are too long
//   id: origin_position, origin_peer: the event's id
//   promise: promise: how safe the event is
//   number: number: the transaction's
//   epoch: RM_TAG_EPOCH: the transaction's, where that is not the connection's
//   repeated: RM_TAG_REPEATED: 1 = the event was handled before: the transaction is that of the first time, and may be
//     older than others before it
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
//   abridged: abridged: it is without its lists: they are too long
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
