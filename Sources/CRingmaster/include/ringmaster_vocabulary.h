// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// Part of ringmaster.h, which includes it: every code, limit, tag and flag.
#ifndef RINGMASTER_VOCABULARY_H
#define RINGMASTER_VOCABULARY_H

// Limits. Bytes are of UTF-8.
#define RM_LIMIT_NAME_BYTES 255u  // the name of a worker, job or endpoint, an incarnation or an address
#define RM_LIMIT_TASK_NAME_BYTES 271u  // the name of a task: its job's name and /task-INDEX
#define RM_LIMIT_ERROR_BYTES 4096u  // an error or a reason
#define RM_LIMIT_OBSERVATION_BYTES 4096u  // what an observer returns or throws on one event
#define RM_LIMIT_METADATA_BYTES 255u  // a key or a value of a worker's metadata
#define RM_LIMIT_METADATA_ENTRIES 32u  // entries of a worker's metadata
#define RM_LIMIT_ROW_ATTRIBUTES_BYTES 8192u  // the attributes in a worker's row, which has the first of them as far as they fit
#define RM_LIMIT_REPORTED_TASKS 1024u  // tasks in one reconciliation report
#define RM_LIMIT_JOB_DEPTH 64u  // depth of a tree of jobs: a root job has depth 0
#define RM_LIMIT_REPLICAS_MIN 1  // tasks of a job; a request outside is answered by a job that has failed
#define RM_LIMIT_REPLICAS_MAX 10000
#define RM_LIMIT_MILLI_CPU_MIN 0  // thousandths of a cpu
#define RM_LIMIT_MILLI_CPU_MAX 1000000000
#define RM_LIMIT_MEMORY_BYTES_MIN 0ll  // memory of a worker or a task, up to 1 PiB
#define RM_LIMIT_MEMORY_BYTES_MAX 1125899906842624ll
#define RM_LIMIT_DEVICE_COUNT_MIN 0  // devices of one kind
#define RM_LIMIT_DEVICE_COUNT_MAX 1000000
#define RM_LIMIT_DEVICE_BYTES 63u  // the name of a kind of device
#define RM_LIMIT_DEVICE_KINDS 12u  // kinds of devices that the workers and the unfinished jobs of a cluster name together
#define RM_LIMIT_RETRIES_MIN 0  // a retry budget
#define RM_LIMIT_RETRIES_MAX 1000000
#define RM_LIMIT_PRIORITY_MIN -100  // the priority of a job
#define RM_LIMIT_PRIORITY_MAX 100
#define RM_LIMIT_ENDPOINTS 16u  // endpoints of a task
#define RM_LIMIT_CONSTRAINTS_BYTES 2048u  // what a job requires and forbids, as a record holds it: of each value the bytes of its attribute and its own, and 6 more
#define RM_LIMIT_SPECIFICATION_BYTES 24576u  // what a job says for its worker alone, as a record holds it: the bytes of all its texts and 4 more for each
#define RM_LIMIT_TASKS_MAX_MIN 1  // processes and threads of a task
#define RM_LIMIT_TASKS_MAX_MAX 1000000
#define RM_LIMIT_UID_MIN -1ll  // the number of a user
#define RM_LIMIT_UID_MAX 4294967295ll
#define RM_LIMIT_TIME_MS_MIN 0ll  // milliseconds since 1970, and spans of them: up to the end of the year 9999, so that sums stay far from overflow
#define RM_LIMIT_TIME_MS_MAX 253402300799999ll
#define RM_LIMIT_SOURCE_NUMBER_MIN 0ll  // an incarnation or a sequence of a source
#define RM_LIMIT_SOURCE_NUMBER_MAX 9007199254740991ll
#define RM_LIMIT_SOURCE_WINDOW 32u  // events that a source may have unanswered: what is further behind its newest one is held to be said again
#define RM_LIMIT_USAGE_MIN 1ll  // what a program used, in its unit: up to what any reader of JSON takes for an integer
#define RM_LIMIT_USAGE_MAX 9007199254740991ll

// The state of a task, and of each of its attempts.
#define RM_TASK_STATE_PENDING 0u  // waits for a worker
#define RM_TASK_STATE_ASSIGNED 1u  // has a worker, which has not begun
#define RM_TASK_STATE_BUILDING 2u  // its worker prepares it
#define RM_TASK_STATE_RUNNING 3u  // its process runs
#define RM_TASK_STATE_SUCCEEDED 4u  // ended well
#define RM_TASK_STATE_FAILED 5u  // ended badly
#define RM_TASK_STATE_KILLED 6u  // was stopped because its job was cancelled or ended
#define RM_TASK_STATE_WORKER_FAILED 7u  // its worker was lost too often
#define RM_TASK_STATE_UNSCHEDULABLE 8u  // found no worker before its deadline
#define RM_TASK_STATE_PREEMPTED 9u  // was preempted too often
#define RM_TASK_STATE_COSCHED_FAILED 10u  // another member of its gang failed

// The state of a job: a total function of its tasks' states, never recomputed once terminal.
#define RM_JOB_STATE_PENDING 0u  // no task has begun
#define RM_JOB_STATE_RUNNING 1u  // a task is at work
#define RM_JOB_STATE_SUCCEEDED 2u  // all tasks succeeded
#define RM_JOB_STATE_FAILED 3u  // too many tasks failed
#define RM_JOB_STATE_KILLED 4u  // was cancelled, or ended with its parent
#define RM_JOB_STATE_WORKER_FAILED 5u  // lost too many tasks with their workers
#define RM_JOB_STATE_UNSCHEDULABLE 6u  // a task found no worker before the deadline

// The kinds of action that a transaction lists.
#define RM_ACTION_WORKER_REGISTERED 1u  // a worker is new, or new again
#define RM_ACTION_WORKER_HEARTBEAT 2u  // a registered worker has registered once more
#define RM_ACTION_HEARTBEAT 3u  // a worker was heard of
#define RM_ACTION_HEARTBEAT_FAILED 4u  // a check of a worker failed
#define RM_ACTION_WORKER_FAILED 5u  // a worker is lost
#define RM_ACTION_WORKER_PRUNED 6u  // a lost worker is forgotten
#define RM_ACTION_TASK_CREATED 7u  // a task of a new job
#define RM_ACTION_JOB_SUBMITTED 8u  // a job is new
#define RM_ACTION_JOB_VALIDATION_FAILED 9u  // a job cannot be: it failed at once
#define RM_ACTION_JOB_CANCELLED 10u  // a job was cancelled
#define RM_ACTION_JOB_PRUNED 11u  // a finished job is forgotten
#define RM_ACTION_TASK_ASSIGNED 12u  // a task has a worker
#define RM_ACTION_TASK_STATE_CHANGED 13u  // a task has another state
#define RM_ACTION_TASK_UNASSIGNED 14u  // a task has lost its worker
#define RM_ACTION_TASK_REQUEUED 15u  // a task waits again
#define RM_ACTION_TASK_KILLED 16u  // a task is stopped
#define RM_ACTION_COSCHEDULED_SIBLING_KILLED 17u  // a member is stopped with its gang
#define RM_ACTION_COSCHEDULED_SIBLING_REQUEUED 18u  // a member waits again with its gang
#define RM_ACTION_STALE_ATTEMPT_IGNORED 19u  // a report of an attempt that is over
#define RM_ACTION_DUPLICATE_TERMINAL_IGNORED 20u  // a report of a task that is finished
#define RM_ACTION_ENDPOINT_REGISTERED 21u  // a task can be reached at an endpoint
#define RM_ACTION_TASK_STOPPED 22u  // the process of an attempt that was over has ended
#define RM_ACTION_WORKER_DRAINING 23u  // a worker gets no more tasks
#define RM_ACTION_WORKER_DRAIN_PASSED 24u  // the grace of a draining worker's tasks is over
#define RM_ACTION_WORKER_RESUMED 25u  // a worker gets tasks again
#define RM_ACTION_ENDPOINT_TAKEN 26u  // an endpoint is another task's now
#define RM_ACTION_ENDPOINT_REMOVED 27u  // a task can be reached at an endpoint no more

// What became of an event.
#define RM_OUTCOME_APPLIED 0u  // it changed something
#define RM_OUTCOME_IGNORED 1u  // accepted, and nothing changed: a stale attempt, a second cancel
#define RM_OUTCOME_REJECTED 2u  // refused, for the reason given

// Why an event was refused.
#define RM_REJECTION_UNKNOWN_WORKER 1u  // no such worker
#define RM_REJECTION_UNKNOWN_JOB 2u  // no such job
#define RM_REJECTION_UNKNOWN_TASK 3u  // no such task
#define RM_REJECTION_DUPLICATE_JOB 4u  // a job of this name exists
#define RM_REJECTION_TASK_NOT_SCHEDULABLE 5u  // the task does not wait for a worker
#define RM_REJECTION_INSUFFICIENT_CAPACITY 6u  // the worker has not enough left
#define RM_REJECTION_TASK_FINISHED 7u  // the task is finished
#define RM_REJECTION_MALFORMED 8u  // it cannot be understood
#define RM_REJECTION_FORBIDDEN 9u  // this peer may not say that
#define RM_REJECTION_WORKER_DRAINING 10u  // the worker gets no more tasks
#define RM_REJECTION_REQUIREMENT_NOT_MET 11u  // the worker has not the attributes that the job requires, or one that it forbids

// How the process of an attempt ended, as its worker says.
#define RM_END_REASON_EXITED 1u  // by itself
#define RM_END_REASON_SIGNAL 2u  // by a signal that neither its worker nor the controller sent
#define RM_END_REASON_OOM 3u  // killed because there was not enough memory
#define RM_END_REASON_TIMEOUT 4u  // ran longer than it may
#define RM_END_REASON_STOPPED 5u  // stopped by its worker, as it was asked to
#define RM_END_REASON_START_FAILED 6u  // could not be started
#define RM_END_REASON_REFUSED 7u  // its worker did not take it
#define RM_END_REASON_FENCED 8u  // stopped by its worker, which was cut off
#define RM_END_REASON_UNKNOWN 9u  // it is not known

// What becomes of a submission when there is a job of its name.
#define RM_IF_EXISTS_REJECT 0u  // it is refused
#define RM_IF_EXISTS_REPLACE_FINISHED 1u  // a job that is over makes way for it
#define RM_IF_EXISTS_KEEP 2u  // it is ignored

// What a worker does with a task while it is cut off from the controller.
#define RM_WHEN_CUT_OFF_STOP 1u  // stops it before it can be started elsewhere
#define RM_WHEN_CUT_OFF_CONTINUE 2u  // lets it run on

// How far a task is kept from the machine that it runs on.
#define RM_SANDBOX_DEFAULT 1u  // it gains no privileges and sees nothing of other tasks or of the controller
#define RM_SANDBOX_STRICT 2u  // further, it writes to its own folders alone and has no devices

// The fields inside a SPECIFICATION field, each at most once unless it says otherwise: texts, or numbers of the size
// given.
#define RM_SPECIFICATION_ARGUMENT 1u  // of the command, one field each, in order
#define RM_SPECIFICATION_SCRIPT 2u  // instead of a command
#define RM_SPECIFICATION_VARIABLE 3u  // NAME=value, one field for each variable of the environment
#define RM_SPECIFICATION_WORKING_DIRECTORY 4u  // where it runs
#define RM_SPECIFICATION_USER 5u  // as whom it runs
#define RM_SPECIFICATION_STOP_TIMEOUT_MS 6u  // i64: from its stop signal to its kill
#define RM_SPECIFICATION_STOP_SIGNAL 7u  // the signal that asks it to end
#define RM_SPECIFICATION_WHEN_CUT_OFF 8u  // u8: RM_WHEN_CUT_OFF_*
#define RM_SPECIFICATION_TASKS_MAX 9u  // i64: processes and threads that it may have
#define RM_SPECIFICATION_CREDENTIAL 10u  // the name of a secret that it may read, one field each
#define RM_SPECIFICATION_SANDBOX 11u  // u8: RM_SANDBOX_*

// What a CONSTRAINT field says about a value of an attribute.
#define RM_CONSTRAINT_REQUIRE 1u  // the worker has one of the values required of this attribute
#define RM_CONSTRAINT_FORBID 2u  // the worker has none of those forbidden

// Why a letter is dead.
#define RM_DEAD_LETTER_NO_HANDLER 1u  // of a kind that this dispatcher does not know
#define RM_DEAD_LETTER_MALFORMED 2u  // not an event
#define RM_DEAD_LETTER_FORBIDDEN 3u  // this peer may not say that
#define RM_DEAD_LETTER_UNKNOWN_ENTITY 4u  // names something that does not exist
#define RM_DEAD_LETTER_HANDLER_ERROR 5u  // a middleware failed
#define RM_DEAD_LETTER_OVERFLOW 6u  // there was no room
#define RM_DEAD_LETTER_REPEATED 7u  // of an event of its source that was handled before
#define RM_DEAD_LETTER_REFUSED_BEFORE 8u  // the same, and it was not accepted then
#define RM_DEAD_LETTER_OUT_OF_SEQUENCE 9u  // of a source that has said another event with its sequence, or later ones

// How far an event came.
#define RM_DISPOSITION_HANDLED 0u  // it made a transaction
#define RM_DISPOSITION_DROPPED 1u  // a middleware dropped it
#define RM_DISPOSITION_DEAD_LETTERED 2u  // it could not be handled

// How safe an event is when its result is published.
#define RM_PROMISE_VOLATILE 0u  // in the dispatcher's memory: ends with it
#define RM_PROMISE_ACCEPTED 1u  // in the ring and replayed from there: survives the death of any process
#define RM_PROMISE_DURABLE 2u  // journaled and synced: survives loss of power

// What a peer may do.
#define RM_ROLE_INGEST 1u  // reports what happens outside: registrations, heartbeats, task states
#define RM_ROLE_CONTROL 2u  // all of that, and asks for things: submits, cancels, assigns
#define RM_ROLE_OBSERVE 3u  // reads only
#define RM_ROLE_WORKER 4u  // speaks for the worker that has its name, and for that alone

// How far back an explanation goes.
#define RM_REACH_CREATION 0u  // to how the entity began
#define RM_REACH_LOG 1u  // to the oldest transaction that is still in the log
#define RM_REACH_STEP_LIMIT 2u  // to the largest number of steps that an explanation has

// Why a task is not placed, in the first row of its explanation.
#define RM_OBSTACLE_NONE 0u  // it is placed, or no task
#define RM_OBSTACLE_NO_WORKERS 1u  // no worker is registered
#define RM_OBSTACLE_NO_CAPACITY 2u  // no worker has enough free
#define RM_OBSTACLE_GANG 3u  // its gang has no room as a whole
#define RM_OBSTACLE_BRAKE 4u  // there is room only on silent workers of a zone whose brake is engaged
#define RM_OBSTACLE_NOT_CONSIDERED 5u  // the scheduler has not come to it yet
#define RM_OBSTACLE_POLICY 6u  // the scheduling policy leaves it waiting
#define RM_OBSTACLE_BACK_OFF 7u  // it failed and waits before it is tried again
#define RM_OBSTACLE_STOPPING 8u  // the process of its newest attempt may still run
#define RM_OBSTACLE_REQUIREMENT 9u  // no worker has the attributes that its job asks for
#define RM_OBSTACLE_DRAINING 10u  // there is room only on draining workers
#define RM_OBSTACLE_RESERVED 11u  // there is room only on workers that are kept for another job
#define RM_OBSTACLE_TOO_LARGE 12u  // no worker that it may use could hold it, even an empty one
#define RM_OBSTACLE_GANG_TOO_LARGE 13u  // empty workers could not hold its gang

// Which results a peer gets beside those of its own events: a set of these.
#define RM_SUBSCRIBE_TRANSACTIONS 1u  // all transactions
#define RM_SUBSCRIBE_ASSIGNMENTS 2u  // only transactions that place or stop a task; of a worker: on it

// The types of message on the control socket.
#define RM_CONTROL_ATTACH 1u  // peer to dispatcher: rm_attach_request
#define RM_CONTROL_ATTACHED 2u  // dispatcher to peer: rm_attach_reply, with file descriptors
#define RM_CONTROL_REFUSED 3u  // dispatcher to peer: rm_attach_reply; then it closes
#define RM_CONTROL_CLOSED 4u  // dispatcher to peer: rm_attach_reply: disconnected, with the reason

// Why a peer may not attach. FULL, RESOURCES, SILENT and NAME_TAKEN pass: try again later. The others are final for
// this request.
#define RM_REFUSED_ABI 1u  // another version of the ABI
#define RM_REFUSED_FORBIDDEN 2u  // its user may not have that role
#define RM_REFUSED_FULL 3u  // as many peers as there may be
#define RM_REFUSED_MALFORMED 4u  // a field makes no sense
#define RM_REFUSED_RESOURCES 5u  // no memory or no descriptors for its rings
#define RM_REFUSED_UNKNOWN_PEER 6u  // resumed: no such peer, or not with this token
#define RM_REFUSED_SILENT 7u  // did not say in time who it is; it may try again
#define RM_REFUSED_NAME_TAKEN 8u  // a worker of this name is attached

// Why the dispatcher disconnects a peer.
#define RM_CLOSED_PROTOCOL 16u  // it wrote something that makes no sense
#define RM_CLOSED_SHUTDOWN 17u  // the dispatcher ends
#define RM_CLOSED_FORBIDDEN 18u  // its role was taken from it

// Flags of an event's head.
#define RM_FLAG_WANTS_RESULT 1u  // publish the result on this peer's result ring
#define RM_FLAG_TIMED_OUT 2u  // lost by the clock: value is its last heartbeat, extra the timeout
#define RM_FLAG_COSCHEDULED 4u  // a gang
#define RM_FLAG_HAS_DEADLINE 8u  // scheduling_timeout_ms counts
#define RM_FLAG_HAS_EXIT_CODE 16u  // exit_code counts
#define RM_FLAG_CONFIRMS_STOPS 32u  // the worker says of each task that it stopped when its process has ended
#define RM_FLAG_HAS_GRACE 64u  // value is the grace of a drain

// Tags of the fields of a record's text. A field whose tag is RM_TAG_SKIPPABLE or more may be left unread: a program of
// the same version that does not know the tag skips the field, and what the record says holds without it. An event with
// any other unknown tag is refused; readers of requests, results and rows skip those, too. Programs of one version
// differ in nothing else. What came later than version 2 says since when.
#define RM_TAG_SKIPPABLE 32768u  // the first of them
#define RM_TAG_SUBJECT_NAME 1u  // the entity that the record is about, where no handle names it
#define RM_TAG_OBJECT_NAME 2u  // the second entity, where no handle names it
#define RM_TAG_ADDRESS 3u  // where a worker can be reached
#define RM_TAG_INCARNATION 4u  // one life of a worker's process
#define RM_TAG_ATTRIBUTE_KEY 5u  // a key of a worker's metadata; its value follows
#define RM_TAG_ATTRIBUTE_VALUE 6u  // the value of the key before it
#define RM_TAG_ERROR 7u  // what went wrong
#define RM_TAG_REASON 8u  // why somebody asks for it
#define RM_TAG_ENDPOINT 9u  // where a task can be reached
#define RM_TAG_OWNER 10u  // who answers for a job
#define RM_TAG_SUBMITTER 32768u  // the user who submitted a job
#define RM_TAG_SOURCE 32769u  // rm_source and the name of the source: an event with one that was handled before has the answer of the first
#define RM_TAG_REPEATED 32770u  // result: u32, 1 = the event was handled before, and the transaction is that of the first time
#define RM_TAG_JOB_NUMBERS 11u  // the numbers of a job
#define RM_TAG_REPORTED_TASK 12u  // a task that the worker runs
#define RM_TAG_REPORTED_NAME 13u  // the task before it, where no handle names it
#define RM_TAG_OBSERVER 14u  // result: an observer, which succeeded unless its OBSERVATION record says more
#define RM_TAG_STAGE 15u  // result: the middleware that dropped the event
#define RM_TAG_COUNTER_NAME 16u  // row: a counter
#define RM_TAG_CONSTRAINT 17u  // a value of an attribute that a job requires or forbids, the attribute before it
#define RM_TAG_ROW_NUMBERS 18u  // row: its numbers, a struct of ringmaster_rows.h
#define RM_TAG_WORKER_NAME 19u  // result: the worker that an action concerns
#define RM_TAG_PARENT_NAME 20u  // the job that a job belongs to, where no handle names it
#define RM_TAG_TASK_INDEX 21u  // result: u32, the index of a task that SUBJECT_NAME names by its job
#define RM_TAG_EVENT 22u  // result: a whole record, head and text
#define RM_TAG_ZONE 23u  // a part of the fleet that fails together; may be empty
#define RM_TAG_RECORD 24u  // row: the bytes of a record that was no event
#define RM_TAG_EPOCH 25u  // result: u64, the epoch of its transaction where that is not the connection's
#define RM_TAG_OBSERVATIONS 26u  // result: u32, the OBSERVATION records of it; none without this
#define RM_TAG_VALUE 27u  // OBSERVATION: what the observer returned
#define RM_TAG_DEVICE 28u  // devices of one kind: how many, and the name of the kind
#define RM_TAG_COMMITTED_DEVICE 29u  // row: the same of those that tasks hold
#define RM_TAG_MISSING 30u  // result or row: rm_shortage and the name of the resource: cpu, memory_bytes or devices.NAME
#define RM_TAG_SPECIFICATION 31u  // what a job says for its worker alone: fields like these, by RM_SPECIFICATION_*

#endif
