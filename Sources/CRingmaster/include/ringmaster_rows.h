// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// Part of ringmaster.h, which includes it: the rows of a query's answer.
#ifndef RINGMASTER_ROWS_H
#define RINGMASTER_ROWS_H

// The entity that a row, a request or the subject of a result is about.
#define RM_ENTITY_NONE 0u
#define RM_ENTITY_WORKER 1u
#define RM_ENTITY_JOB 2u
#define RM_ENTITY_TASK 3u
#define RM_ENTITY_COUNTER 4u
#define RM_ENTITY_PEER 5u
#define RM_ENTITY_BRAKE 6u
#define RM_ENTITY_DEAD_LETTER 7u
#define RM_ENTITY_EXPLANATION 8u
#define RM_ENTITY_ATTEMPT 9u
#define RM_ENTITY_STEP 10u
#define RM_ENTITY_SPECIFICATION 11u

// Rows: the code of a row's head is one of these; its text holds the fields named here by their tags, and in
// RM_TAG_ROW_NUMBERS the struct.

// A registered worker.
//   handle: subject: its handle
//   name: RM_TAG_SUBJECT_NAME: its name
//   address: RM_TAG_ADDRESS: where it can be reached
//   metadata: RM_TAG_DEVICE, RM_TAG_ATTRIBUTE_KEY, RM_TAG_ATTRIBUTE_VALUE: what tasks may hold on it, and its
//     attributes
//   incarnation: RM_TAG_INCARNATION: the present life of its process
//   committed: RM_TAG_COMMITTED_DEVICE: what its tasks hold
//   drain_reason: RM_TAG_REASON: why it is drained
//   drained_by: RM_TAG_SUBMITTER: the user who drained it
struct rm_worker_row {
  int64_t last_heartbeat_ms;  // when it was last heard of, by the controller's clock
  int64_t drain_ends_ms;  // when the tasks that it still runs are cut off; null when they may run on
  int64_t timeout_ms;  // how long it may be silent before it is lost
  int64_t milli_cpu;  // thousandths of a cpu that tasks may hold on it
  int64_t memory_bytes;  // memory that tasks may hold on it
  int64_t committed_milli_cpu;  // thousandths of a cpu that its tasks hold
  int64_t committed_memory_bytes;  // memory that its tasks hold
  uint32_t running_tasks;  // its active tasks
  uint32_t stopping_tasks;  // attempts that are over and whose processes may still run on it: they hold what they held
  int16_t consecutive_failures;  // failed heartbeats in a row
  uint8_t draining;  // it gets no more tasks
  uint8_t has_drain_ends_ms;  // 0 = no drain_ends_ms
  uint8_t confirms_stops;  // 1 = it says of each task that it stopped when the process has ended
  uint8_t reserved[3];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_worker_row) == 72, "its size is fixed");

// A job and how far its tasks are.
//   handle: subject: its handle
//   name: RM_TAG_SUBJECT_NAME: its name
//   error: RM_TAG_ERROR: the reason it was cancelled for, or the error of its first task that has one
//   request: RM_TAG_DEVICE, RM_TAG_CONSTRAINT, RM_TAG_OWNER, RM_TAG_SUBMITTER, RM_TAG_REASON, RM_TAG_SPECIFICATION:
//     what was asked for
//   parent: RM_TAG_PARENT_NAME: the job it belongs to, also after that was pruned
struct rm_job_row {
  int64_t submitted_ms;  // when it was submitted
  int64_t ended_ms;  // when it ended
  uint64_t number;  // counts the jobs in the order of their submission, from 1
  struct rm_job_numbers request;  // what was asked for
  uint32_t depth;  // in the tree of jobs: 0 for a root job
  uint32_t tasks;  // its tasks, finished ones too
  uint32_t specification_bytes;  // size of its program: command or script, environment and so on; beyond 2048 the row's
      // request leaves it out
  uint32_t tasks_by_state[11];  // its tasks, by RM_TASK_STATE_*
  uint8_t state;  // its state
  uint8_t has_ended_ms;  // 0 = no ended_ms
  uint8_t request_flags;  // RM_FLAG_* of it
  uint8_t reserved[5];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_job_row) == 168, "its size is fixed");

// A task and how far it is.
//   handle: subject: its handle
//   name: task_index, RM_TAG_SUBJECT_NAME: its name, beside it the job_id; in a record its job's, and its index
//   error: RM_TAG_ERROR: what went wrong
//   worker: object, RM_TAG_WORKER_NAME: the worker it is on while it is active
struct rm_task_row {
  uint64_t job;  // its job
  int64_t retry_ms;  // of a PENDING task that failed: when it may be assigned again, if that is later than now
  int64_t assigned_ms;  // when its newest attempt was assigned, by the clock of then: part of the attempt's id
  int32_t exit_code;  // of its newest attempt, once that ended with one
  int32_t failures;  // attempts that failed
  int32_t preemptions;  // attempts lost or preempted after they had started
  int32_t deliveries;  // attempts lost before they had started
  uint32_t attempts;  // all attempts so far
  uint8_t state;  // its state
  uint8_t has_exit_code;  // 0 = no exit_code
  uint8_t end_reason;  // how the process of its newest attempt ended, as its worker said
  uint8_t has_end_reason;  // 0 = no end_reason
  uint8_t stopping;  // its newest attempt is over, and its process may still run
  uint8_t has_retry_ms;  // 0 = no retry_ms
  uint8_t has_assigned_ms;  // 0 = no assigned_ms
  uint8_t reserved[5];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_task_row) == 56, "its size is fixed");

// A counter of the dispatcher, or a sum over the state.
//   name: RM_TAG_COUNTER_NAME: its name
//   value: subject: its value

// A process attached to the dispatcher.
//   peer: subject: its number
//   name: RM_TAG_SUBJECT_NAME: its name
struct rm_peer_row {
  uint64_t received;  // records received on its submission ring: events and requests
  uint64_t ring_full;  // times that its submission ring was full, by its own word
  uint64_t shed;  // records that it gave up because of that, by its own word
  uint64_t result_overruns;  // results that its result ring had no room for
  uint32_t role;  // what it may do
  uint8_t reserved[4];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_peer_row) == 40, "its size is fixed");

// The mass-failure brake of one zone, from BRAKE_ENGAGED to BRAKE_RELEASED.
//   zone: RM_TAG_ZONE: empty for the workers that name no zone and those of zones too small to be judged by themselves
struct rm_brake_row {
  int64_t engaged_ms;  // when it engaged
  int32_t silent_workers;  // silent workers then
  int32_t workers;  // all workers of the zone then
  int32_t expired_workers;  // workers of the zone lost since; they count as silent, so that the brake's own slow
      // expiries do not release it
  uint8_t overridden;  // an operator lets workers expire at full speed
  uint8_t reserved[3];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_brake_row) == 24, "its size is fixed");

// A dead letter as it is kept.
//   number: subject: counts the letters of a dispatcher, from 1
//   detail: RM_TAG_ERROR: what was wrong, for people
//   peer_name: RM_TAG_SUBJECT_NAME: that peer's name; empty for the dispatcher itself
//   event: RM_TAG_EVENT: null when it could not be read as one
//   record_hex: RM_TAG_RECORD: the first bytes of a record that was no event
struct rm_dead_letter_row {
  int64_t timestamp_ms;  // when it came
  uint64_t origin_position;  // where it came from: the position in the ring of origin_peer
  uint32_t role;  // that peer's role; 0 for the dispatcher itself
  uint32_t retries;  // times it was retried in vain
  uint32_t record_bytes;  // and how many it had
  uint32_t origin_peer;  // 0 for the dispatcher itself
  uint8_t reason;  // why it is dead
  uint8_t abridged;  // the event comes without its lists; a retry has them
  uint8_t reserved[6];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_dead_letter_row) == 40, "its size is fixed");

// The first row of an explanation: what it is about, how far back it goes, and what a task may still spend and waits
// for. The row of the entity as it is, its newest attempts and the steps follow.
//   subject: subject, RM_TAG_SUBJECT_NAME: the entity
//   obstacle: object, RM_TAG_ZONE, RM_TAG_WORKER_NAME, RM_TAG_OBJECT_NAME, RM_TAG_MISSING, RM_TAG_REASON,
//     RM_TAG_SUBMITTER: why a PENDING task is not placed
struct rm_explanation_row {
  int64_t now_ms;  // the controller's clock when the explanation was made
  uint64_t first_transaction;  // the oldest transaction in the log
  int64_t scheduling_deadline_ms;  // of a task; -1 = it may wait for ever
  int64_t obstacle_ms;  // when it may be assigned again
  uint32_t attempts;  // of a task, those too old to be sent included
  uint32_t obstacle_count;  // workers considered, members without room, or failures
  int32_t failures_used;  // of the budget of failures
  int32_t failures_limit;  // -1: no task
  int32_t preemptions_used;  // of the budget of preemptions
  int32_t preemptions_limit;  // -1: no task
  int32_t deliveries_used;  // of the budget of deliveries
  int32_t deliveries_limit;  // -1: no task
  uint8_t present;  // when not, the entity is gone and only the transaction log has it
  uint8_t reach;  // how far back it goes
  uint8_t has_first_transaction;  // 0 = no first_transaction
  uint8_t obstacle;  // RM_OBSTACLE_*
  uint8_t reserved[4];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_explanation_row) == 72, "its size is fixed");

// One try of a task on one worker; a row of an explanation only.
//   worker: object, RM_TAG_WORKER_NAME: the worker it ran on, which may be gone since
//   error: RM_TAG_ERROR: what went wrong
struct rm_attempt_row {
  int64_t started_ms;  // when it was assigned
  int64_t ended_ms;  // when it ended
  uint32_t attempt;  // counts from 0
  int32_t exit_code;  // of its process
  uint8_t state;  // its state
  uint8_t has_ended_ms;  // 0 = no ended_ms
  uint8_t has_exit_code;  // 0 = no exit_code
  uint8_t end_reason;  // how its process ended, as its worker said
  uint8_t has_end_reason;  // 0 = no end_reason
  uint8_t stopping;  // it is over, and its process may still run
  uint8_t reserved[2];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_attempt_row) == 32, "its size is fixed");

// One step of an explanation: an action, or the external event that it leads back to; a row of an explanation only.
//   content: subject, RM_TAG_SUBJECT_NAME, RM_TAG_WORKER_NAME, RM_TAG_ENDPOINT, RM_TAG_EVENT: the action, or the event
//     and its entity
struct rm_step_row {
  uint64_t transaction;  // the transaction that it belongs to
  int64_t timestamp_ms;  // the time of that
  uint64_t origin_position;  // of an event: its position in the ring of origin_peer
  uint32_t cause_step;  // the position among the steps of what led to this one; null for an event, which came from
      // outside
  uint32_t origin_peer;  // of an event: who sent it
  int32_t cause_in_transaction;  // of an action: 1 + the index of the action that led to it; 0 = the event
  uint8_t has_cause_step;  // 0 = no cause_step
  uint8_t action;  // RM_ACTION_*; 0 = the event
  uint8_t reserved[2];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_step_row) == 40, "its size is fixed");

// What a job says for its worker alone, whole; the answer about one job only.
//   handle: subject: the job's handle
//   name: RM_TAG_SUBJECT_NAME: the job's name
//   specification: RM_TAG_SPECIFICATION: command or script, environment and so on
struct rm_specification_row {
  uint32_t bytes;  // its size
  uint8_t reserved[4];  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_specification_row) == 8, "its size is fixed");

#endif
