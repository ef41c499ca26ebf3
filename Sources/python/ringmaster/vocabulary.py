# Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
"""Codes, tags, limits and layouts of Ringmaster's records, as its C headers have them."""

from enum import IntEnum, IntFlag

LIMIT_NAME_BYTES = 255  # the name of a worker, job or endpoint, an incarnation or an address
LIMIT_TASK_NAME_BYTES = 271  # the name of a task: its job's name and /task-INDEX
LIMIT_ERROR_BYTES = 4096  # an error or a reason
LIMIT_OBSERVATION_BYTES = 4096  # what an observer returns or throws on one event
LIMIT_METADATA_BYTES = 255  # a key or a value of a worker's metadata
LIMIT_METADATA_ENTRIES = 32  # entries of a worker's metadata
LIMIT_ROW_ATTRIBUTES_BYTES = 8192  # the attributes in a worker's row, which has the first of them as far as they fit
LIMIT_REPORTED_TASKS = 1024  # tasks in one reconciliation report
LIMIT_JOB_DEPTH = 64  # depth of a tree of jobs: a root job has depth 0
LIMIT_REPLICAS = range(1, 10000 + 1)  # tasks of a job; a request outside is answered by a job that has failed
LIMIT_MILLI_CPU = range(0, 1000000000 + 1)  # thousandths of a cpu
LIMIT_MEMORY_BYTES = range(0, 1125899906842624 + 1)  # memory of a worker or a task, up to 1 PiB
LIMIT_DEVICE_COUNT = range(0, 1000000 + 1)  # devices of one kind
LIMIT_DEVICE_BYTES = 63  # the name of a kind of device
LIMIT_DEVICE_KINDS = 12  # kinds of devices that the workers and the unfinished jobs of a cluster name together
LIMIT_RETRIES = range(0, 1000000 + 1)  # a retry budget
LIMIT_PRIORITY = range(-100, 100 + 1)  # the priority of a job
LIMIT_ENDPOINTS = 16  # endpoints of a task
LIMIT_CONSTRAINTS_BYTES = 2048  # what a job requires and forbids, as a record holds it: of each value the bytes of its attribute and its own, and 6 more
LIMIT_SPECIFICATION_BYTES = 24576  # what a job says for its worker alone, as a record holds it: the bytes of all its texts and 4 more for each
LIMIT_TASKS_MAX = range(1, 1000000 + 1)  # processes and threads of a task
LIMIT_UID = range(-1, 4294967295 + 1)  # the number of a user
LIMIT_TIME_MS = range(0, 253402300799999 + 1)  # milliseconds since 1970, and spans of them: up to the end of the year 9999, so that sums stay far from overflow
LIMIT_SOURCE_NUMBER = range(0, 9007199254740991 + 1)  # an incarnation or a sequence of a source
LIMIT_SOURCE_WINDOW = 32  # events that a source may have unanswered: what is further behind its newest one is held to be said again
LIMIT_USAGE = range(1, 9007199254740991 + 1)  # what a program used, in its unit: up to what any reader of JSON takes for an integer
NO_STATE = 255  # in the place of a state: none
NO_ATTEMPT = 0xffffffff  # in the place of an attempt: none
NO_CURSOR = 0xffffffffffffffff  # in the place of a cursor: the end
SLOT_PAYLOAD = 56  # bytes of a slot for records
TOKEN_BYTES = 32  # of the token that a peer attaches again with
CONTROL_TEXT = 192  # bytes of the text of a reply
COUNTER_LABEL = 56  # bytes of the label of a counter
JOURNAL_ID_BYTES = 16  # of the id of a journal
JOURNAL_HASH_BYTES = 32  # of a SHA-256
TAG_SKIPPABLE = 32768  # the first tag whose field may be left unread


class TaskState(IntEnum):
    """The state of a task, and of each of its attempts."""

    PENDING = 0  # waits for a worker
    ASSIGNED = 1  # has a worker, which has not begun
    BUILDING = 2  # its worker prepares it
    RUNNING = 3  # its process runs
    SUCCEEDED = 4  # ended well
    FAILED = 5  # ended badly
    KILLED = 6  # was stopped because its job was cancelled or ended
    WORKER_FAILED = 7  # its worker was lost too often
    UNSCHEDULABLE = 8  # found no worker before its deadline
    PREEMPTED = 9  # was preempted too often
    COSCHED_FAILED = 10  # another member of its gang failed


class JobState(IntEnum):
    """The state of a job: a total function of its tasks' states, never recomputed once terminal."""

    PENDING = 0  # no task has begun
    RUNNING = 1  # a task is at work
    SUCCEEDED = 2  # all tasks succeeded
    FAILED = 3  # too many tasks failed
    KILLED = 4  # was cancelled, or ended with its parent
    WORKER_FAILED = 5  # lost too many tasks with their workers
    UNSCHEDULABLE = 6  # a task found no worker before the deadline


class Action(IntEnum):
    """The kinds of action that a transaction lists."""

    WORKER_REGISTERED = 1  # a worker is new, or new again
    WORKER_HEARTBEAT = 2  # a registered worker has registered once more
    HEARTBEAT = 3  # a worker was heard of
    HEARTBEAT_FAILED = 4  # a check of a worker failed
    WORKER_FAILED = 5  # a worker is lost
    WORKER_PRUNED = 6  # a lost worker is forgotten
    TASK_CREATED = 7  # a task of a new job
    JOB_SUBMITTED = 8  # a job is new
    JOB_VALIDATION_FAILED = 9  # a job cannot be: it failed at once
    JOB_CANCELLED = 10  # a job was cancelled
    JOB_PRUNED = 11  # a finished job is forgotten
    TASK_ASSIGNED = 12  # a task has a worker
    TASK_STATE_CHANGED = 13  # a task has another state
    TASK_UNASSIGNED = 14  # a task has lost its worker
    TASK_REQUEUED = 15  # a task waits again
    TASK_KILLED = 16  # a task is stopped
    COSCHEDULED_SIBLING_KILLED = 17  # a member is stopped with its gang
    COSCHEDULED_SIBLING_REQUEUED = 18  # a member waits again with its gang
    STALE_ATTEMPT_IGNORED = 19  # a report of an attempt that is over
    DUPLICATE_TERMINAL_IGNORED = 20  # a report of a task that is finished
    ENDPOINT_REGISTERED = 21  # a task can be reached at an endpoint
    TASK_STOPPED = 22  # the process of an attempt that was over has ended
    WORKER_DRAINING = 23  # a worker gets no more tasks
    WORKER_DRAIN_PASSED = 24  # the grace of a draining worker's tasks is over
    WORKER_RESUMED = 25  # a worker gets tasks again
    ENDPOINT_TAKEN = 26  # an endpoint is another task's now
    ENDPOINT_REMOVED = 27  # a task can be reached at an endpoint no more


class Outcome(IntEnum):
    """What became of an event."""

    APPLIED = 0  # it changed something
    IGNORED = 1  # accepted, and nothing changed: a stale attempt, a second cancel
    REJECTED = 2  # refused, for the reason given


class Rejection(IntEnum):
    """Why an event was refused."""

    UNKNOWN_WORKER = 1  # no such worker
    UNKNOWN_JOB = 2  # no such job
    UNKNOWN_TASK = 3  # no such task
    DUPLICATE_JOB = 4  # a job of this name exists
    TASK_NOT_SCHEDULABLE = 5  # the task does not wait for a worker
    INSUFFICIENT_CAPACITY = 6  # the worker has not enough left
    TASK_FINISHED = 7  # the task is finished
    MALFORMED = 8  # it cannot be understood
    FORBIDDEN = 9  # this peer may not say that
    WORKER_DRAINING = 10  # the worker gets no more tasks
    REQUIREMENT_NOT_MET = 11  # the worker has not the attributes that the job requires, or one that it forbids


class EndReason(IntEnum):
    """How the process of an attempt ended, as its worker says."""

    EXITED = 1  # by itself
    SIGNAL = 2  # by a signal that neither its worker nor the controller sent
    OOM = 3  # killed because there was not enough memory
    TIMEOUT = 4  # ran longer than it may
    STOPPED = 5  # stopped by its worker, as it was asked to
    START_FAILED = 6  # could not be started
    REFUSED = 7  # its worker did not take it
    FENCED = 8  # stopped by its worker, which was cut off
    UNKNOWN = 9  # it is not known


class IfExists(IntEnum):
    """What becomes of a submission when there is a job of its name."""

    REJECT = 0  # it is refused
    REPLACE_FINISHED = 1  # a job that is over makes way for it
    KEEP = 2  # it is ignored


class WhenCutOff(IntEnum):
    """What a worker does with a task while it is cut off from the controller."""

    STOP = 1  # stops it before it can be started elsewhere
    CONTINUE = 2  # lets it run on


class Sandbox(IntEnum):
    """How far a task is kept from the machine that it runs on."""

    DEFAULT = 1  # it gains no privileges and sees nothing of other tasks or of the controller
    STRICT = 2  # further, it writes to its own folders alone and has no devices


class Specification(IntEnum):
    """The fields inside a SPECIFICATION field, each at most once unless it says otherwise: texts, or numbers of the size given."""

    ARGUMENT = 1  # of the command, one field each, in order
    SCRIPT = 2  # instead of a command
    VARIABLE = 3  # NAME=value, one field for each variable of the environment
    WORKING_DIRECTORY = 4  # where it runs
    USER = 5  # as whom it runs
    STOP_TIMEOUT_MS = 6  # i64: from its stop signal to its kill
    STOP_SIGNAL = 7  # the signal that asks it to end
    WHEN_CUT_OFF = 8  # u8: RM_WHEN_CUT_OFF_*
    TASKS_MAX = 9  # i64: processes and threads that it may have
    CREDENTIAL = 10  # the name of a secret that it may read, one field each
    SANDBOX = 11  # u8: RM_SANDBOX_*


class Constraint(IntEnum):
    """What a CONSTRAINT field says about a value of an attribute."""

    REQUIRE = 1  # the worker has one of the values required of this attribute
    FORBID = 2  # the worker has none of those forbidden


class DeadLetter(IntEnum):
    """Why a letter is dead."""

    NO_HANDLER = 1  # of a kind that this dispatcher does not know
    MALFORMED = 2  # not an event
    FORBIDDEN = 3  # this peer may not say that
    UNKNOWN_ENTITY = 4  # names something that does not exist
    HANDLER_ERROR = 5  # a middleware failed
    OVERFLOW = 6  # there was no room
    REPEATED = 7  # of an event of its source that was handled before
    REFUSED_BEFORE = 8  # the same, and it was not accepted then
    OUT_OF_SEQUENCE = 9  # of a source that has said another event with its sequence, or later ones


class Disposition(IntEnum):
    """How far an event came."""

    HANDLED = 0  # it made a transaction
    DROPPED = 1  # a middleware dropped it
    DEAD_LETTERED = 2  # it could not be handled


class Promise(IntEnum):
    """How safe an event is when its result is published."""

    VOLATILE = 0  # in the dispatcher's memory: ends with it
    ACCEPTED = 1  # in the ring and replayed from there: survives the death of any process
    DURABLE = 2  # journaled and synced: survives loss of power


class Role(IntEnum):
    """What a peer may do."""

    INGEST = 1  # reports what happens outside: registrations, heartbeats, task states
    CONTROL = 2  # all of that, and asks for things: submits, cancels, assigns
    OBSERVE = 3  # reads only
    WORKER = 4  # speaks for the worker that has its name, and for that alone


class Reach(IntEnum):
    """How far back an explanation goes."""

    CREATION = 0  # to how the entity began
    LOG = 1  # to the oldest transaction that is still in the log
    STEP_LIMIT = 2  # to the largest number of steps that an explanation has


class Obstacle(IntEnum):
    """Why a task is not placed, in the first row of its explanation."""

    NONE = 0  # it is placed, or no task
    NO_WORKERS = 1  # no worker is registered
    NO_CAPACITY = 2  # no worker has enough free
    GANG = 3  # its gang has no room as a whole
    BRAKE = 4  # there is room only on silent workers of a zone whose brake is engaged
    NOT_CONSIDERED = 5  # the scheduler has not come to it yet
    POLICY = 6  # the scheduling policy leaves it waiting
    BACK_OFF = 7  # it failed and waits before it is tried again
    STOPPING = 8  # the process of its newest attempt may still run
    REQUIREMENT = 9  # no worker has the attributes that its job asks for
    DRAINING = 10  # there is room only on draining workers
    RESERVED = 11  # there is room only on workers that are kept for another job
    TOO_LARGE = 12  # no worker that it may use could hold it, even an empty one
    GANG_TOO_LARGE = 13  # empty workers could not hold its gang


class Subscribe(IntEnum):
    """Which results a peer gets beside those of its own events: a set of these."""

    TRANSACTIONS = 1  # all transactions
    ASSIGNMENTS = 2  # only transactions that place or stop a task; of a worker: on it


class Control(IntEnum):
    """The types of message on the control socket."""

    ATTACH = 1  # peer to dispatcher: rm_attach_request
    ATTACHED = 2  # dispatcher to peer: rm_attach_reply, with file descriptors
    REFUSED = 3  # dispatcher to peer: rm_attach_reply; then it closes
    CLOSED = 4  # dispatcher to peer: rm_attach_reply: disconnected, with the reason


class Refused(IntEnum):
    """Why a peer may not attach. FULL, RESOURCES, SILENT and NAME_TAKEN pass: try again later. The others are final for this request."""

    ABI = 1  # another version of the ABI
    FORBIDDEN = 2  # its user may not have that role
    FULL = 3  # as many peers as there may be
    MALFORMED = 4  # a field makes no sense
    RESOURCES = 5  # no memory or no descriptors for its rings
    UNKNOWN_PEER = 6  # resumed: no such peer, or not with this token
    SILENT = 7  # did not say in time who it is; it may try again
    NAME_TAKEN = 8  # a worker of this name is attached


class Closed(IntEnum):
    """Why the dispatcher disconnects a peer."""

    PROTOCOL = 16  # it wrote something that makes no sense
    SHUTDOWN = 17  # the dispatcher ends
    FORBIDDEN = 18  # its role was taken from it


class Entity(IntEnum):
    """The entity that a row, a request or the subject of a result is about."""

    NONE = 0  # No entity.
    WORKER = 1  # A registered worker.
    JOB = 2  # A job and how far its tasks are.
    TASK = 3  # A task and how far it is.
    COUNTER = 4  # A counter of the dispatcher, or a sum over the state.
    PEER = 5  # A process attached to the dispatcher.
    BRAKE = 6  # The mass-failure brake of one zone, from BRAKE_ENGAGED to BRAKE_RELEASED.
    DEAD_LETTER = 7  # A dead letter as it is kept.
    EXPLANATION = 8  # The first row of an explanation: what it is about, how far back it goes, and what a task may still spend and waits for. The row of the entity as it is, its newest attempts and the steps follow.
    ATTEMPT = 9  # One try of a task on one worker; a row of an explanation only.
    STEP = 10  # One step of an explanation: an action, or the external event that it leads back to; a row of an explanation only.
    SPECIFICATION = 11  # What a job says for its worker alone, whole; the answer about one job only.


class Event(IntEnum):
    """Kinds of event."""

    WORKER_REGISTERED = 1  # A worker joins, or joins again. With another incarnation than before, the tasks of its old life are lost first.
    WORKER_HEARTBEAT = 2  # A worker lives. It makes no transaction unless it changes more than the time it was last heard of.
    WORKER_HEARTBEAT_FAILED = 3  # A check of a worker failed. Enough in a row and the worker is lost.
    WORKER_FAILED = 4  # A worker is lost, and its tasks with it. The dispatcher says so itself of one that was silent too long, with the times that it went by.
    WORKER_RECONCILED = 5  # A worker's account of all that it runs. What it does not list is lost; what it should not run is to be stopped.
    JOB_SUBMITTED = 6  # A job is to be run. Its tasks are JOB/task-0, JOB/task-1 and so on.
    JOB_CANCELLED = 7  # A job is to end, with its tasks and with the jobs that belong to it.
    TASK_ASSIGNED = 8  # A waiting task gets a worker. The dispatcher's scheduler says it too.
    TASK_STATE_CHANGED = 9  # A worker says what became of an attempt of a task.
    TASK_PREEMPTED = 10  # A task gives up its worker, and waits again while its budget lasts.
    ENDPOINT_REGISTERED = 11  # A running task can be reached.
    TICK = 12  # The clock moves.
    PRUNE = 13  # Forget the jobs that finished and the workers that were lost long enough ago.
    SCHEDULING_DEADLINE_PASSED = 14  # A task still waits when its job's scheduling deadline has passed.
    CONTROLLER_STALLED = 15  # The controller did not run for a while, up to the event's time: all liveness deadlines shift by that.
    BRAKE_ENGAGED = 16  # Too large a share of a zone is silent at once to be dead machines: its workers are lost slowly, or not at all.
    BRAKE_RELEASED = 17  # Enough of a zone has been heard of again, or none of it is left to wait for.
    BRAKE_OVERRIDDEN = 18  # An operator says that a zone's silent workers are lost indeed: they expire at once until the brake is released.
    CLOCK_CORRECTED = 19  # The controller's clock was ahead of the machine's and goes back to the event's time. What was noted later counts as noted then.
    WORKER_DRAIN = 20  # A worker gets no more tasks, until it is resumed; it may be away meanwhile. What it runs may run on, or for a while.
    WORKER_RESUMED = 21  # A worker that was drained gets tasks again.
    WORKER_DRAIN_PASSED = 22  # The grace of a draining worker is over: its tasks are cut off, at no charge to them.
    TASK_STOPPED = 23  # A worker says that the process of an attempt that was over has ended.
    TASK_TIMED_OUT = 24  # An attempt has run for longer than its job allows.
    ASSIGNMENT_TIMED_OUT = 25  # Nothing was heard of an attempt since it was assigned: it is taken back.


class Request(IntEnum):
    """Requests: records of a submission ring that are no events."""

    QUERY = 128  # Asks for rows. ROW records are the answer, and QUERY_DONE ends it; both name the request by its position.
    SUBSCRIBE = 129  # Asks for the results of other peers' events from now on. QUERY_DONE confirms it.
    RETRY_LETTER = 130  # Of a control peer: the event of a dead letter is to be handled once more, in the name of this peer. Its result is that of an event with the request's id.
    DROP_LETTER = 131  # Of a control peer: a dead letter is to be forgotten. Its row is the answer, and QUERY_DONE ends it.


class Result(IntEnum):
    """Records of a result ring."""

    TRANSACTION = 1  # What an event did. Its actions, its kills and what its observers had to say follow, each a record of its own.
    UNHANDLED = 4  # Of an event that made no transaction, or a record that could not be read as one; its observations follow. It has no number: after attaching again it may come once more, with the same id.
    ACTION = 2  # One thing that a transaction did.
    KILL = 3  # A process that a worker has to stop.
    OBSERVATION = 9  # What an observer returned or threw, or the middleware that threw on the event.
    OVERRUN = 5  # Results that the ring had no room for.
    ROW = 6  # One row of a query's answer: see the rows.
    QUERY_DONE = 7  # Ends the answer to a request.
    HEARTBEAT_REFUSED = 8  # A heartbeat named a worker that is not registered any more: it has to register again.


class Flag(IntFlag):
    """Flags of an event's head."""

    WANTS_RESULT = 1  # publish the result on this peer's result ring
    TIMED_OUT = 2  # lost by the clock: value is its last heartbeat, extra the timeout
    COSCHEDULED = 4  # a gang
    HAS_DEADLINE = 8  # scheduling_timeout_ms counts
    HAS_EXIT_CODE = 16  # exit_code counts
    CONFIRMS_STOPS = 32  # the worker says of each task that it stopped when its process has ended
    HAS_GRACE = 64  # value is the grace of a drain


class Tag(IntEnum):
    """Tags of the fields of a record's text."""

    SUBJECT_NAME = 1  # the entity that the record is about, where no handle names it
    OBJECT_NAME = 2  # the second entity, where no handle names it
    ADDRESS = 3  # where a worker can be reached
    INCARNATION = 4  # one life of a worker's process
    ATTRIBUTE_KEY = 5  # a key of a worker's metadata; its value follows
    ATTRIBUTE_VALUE = 6  # the value of the key before it
    ERROR = 7  # what went wrong
    REASON = 8  # why somebody asks for it
    ENDPOINT = 9  # where a task can be reached
    OWNER = 10  # who answers for a job
    SUBMITTER = 32768  # the user who submitted a job
    SOURCE = 32769  # rm_source and the name of the source: an event with one that was handled before has the answer of the first
    REPEATED = 32770  # result: u32, 1 = the event was handled before, and the transaction is that of the first time
    JOB_NUMBERS = 11  # the numbers of a job
    REPORTED_TASK = 12  # a task that the worker runs
    REPORTED_NAME = 13  # the task before it, where no handle names it
    OBSERVER = 14  # result: an observer, which succeeded unless its OBSERVATION record says more
    STAGE = 15  # result: the middleware that dropped the event
    COUNTER_NAME = 16  # row: a counter
    CONSTRAINT = 17  # a value of an attribute that a job requires or forbids, the attribute before it
    ROW_NUMBERS = 18  # row: its numbers, a struct of ringmaster_rows.h
    WORKER_NAME = 19  # result: the worker that an action concerns
    PARENT_NAME = 20  # the job that a job belongs to, where no handle names it
    TASK_INDEX = 21  # result: u32, the index of a task that SUBJECT_NAME names by its job
    EVENT = 22  # result: a whole record, head and text
    ZONE = 23  # a part of the fleet that fails together; may be empty
    RECORD = 24  # row: the bytes of a record that was no event
    EPOCH = 25  # result: u64, the epoch of its transaction where that is not the connection's
    OBSERVATIONS = 26  # result: u32, the OBSERVATION records of it; none without this
    VALUE = 27  # OBSERVATION: what the observer returned
    DEVICE = 28  # devices of one kind: how many, and the name of the kind
    COMMITTED_DEVICE = 29  # row: the same of those that tasks hold
    MISSING = 30  # result or row: rm_shortage and the name of the resource: cpu, memory_bytes or devices.NAME
    SPECIFICATION = 31  # what a job says for its worker alone: fields like these, by RM_SPECIFICATION_*


# Structs: the format that the module struct reads, the size, and where each member begins. A member
# that is a struct or an array is several values of the format.

# What the state machine's decisions depend on.
JOURNAL_SETTINGS_FORMAT = "<qqqqqqqqqqqqqqq"
JOURNAL_SETTINGS_SIZE = 120
JOURNAL_SETTINGS_OFFSETS = {
    "worker_timeout_ms": 0,  # A worker whose last heartbeat is older than this is lost.
    "heartbeat_failure_threshold": 8,  # Failed heartbeats in a row that make a worker lost.
    "job_retention_ms": 16,  # How long a job is kept after its end, until the next PRUNE.
    "delivery_retries": 24,  # Times that a task may be lost before it started and still be tried again.
    "gang_retry_delay_ms": 32,  # How long a gang that did not fit as a whole waits before it is proposed again.
    "stall_threshold_ms": 40,  # A dispatcher that did not run for longer than this was stalled: every deadline shifts by that. At least four sweep intervals are allowed whatever this says.
    "restart_grace_ms": 48,  # How much longer than worker_timeout_ms a worker that was not heard of since a restart may be silent.
    "restart_spread_ms": 56,  # The expiries of workers that are not heard of after a restart are spread over this span.
    "silent_share_percent": 64,  # The silence after which a worker counts as silent for the brake. Heartbeats must come more often than that.
    "brake_engage_share_percent": 72,  # When a larger share than this is silent at once, the zone's brake engages.
    "brake_release_share_percent": 80,  # When no larger share than this is silent any more, the brake is released. At most engage_share_percent.
    "brake_minimum_workers": 88,  # A zone with fewer workers than this is judged together with all others of which that is true; with fewer in all, no brake engages.
    "brake_expiries_per_minute": 96,  # Workers of a braked zone that may be lost in a minute while not all of them are silent. At 0, none.
    "assignment_timeout_ms": 104,  # A task of which nothing is heard for longer than this after it was assigned is taken back. At 0, never.
    "reservation_after_ms": 112,  # The first task or gang that does not fit and has waited for longer than this reserves the workers that it could use.
}

# A field of a record's text, with its bytes behind it. Unaligned, in any order.
FIELD_FORMAT = "<HH"
FIELD_SIZE = 4
FIELD_OFFSETS = {
    "tag": 0,  # RM_TAG_*
    "length": 2,  # of its bytes
}

# The head of an event or a request. All heads begin alike: kind, a byte by kind, slots, text_bytes.
EVENT_HEAD_FORMAT = "<BBHHBBQQQqqIi"
EVENT_HEAD_SIZE = 56
EVENT_HEAD_OFFSETS = {
    "kind": 0,  # RM_EVENT_* or RM_KIND_*
    "flags": 1,  # RM_FLAG_*
    "slots": 2,  # of the whole record, this one included
    "text_bytes": 4,  # in the continuation slots
    "state": 6,  # RM_TASK_STATE_* of a report
    "end_reason": 7,  # RM_END_REASON_* of a report; 0 = it does not say
    "timestamp_ns": 8,  # CLOCK_BOOTTIME when it was received; 0 = on arrival at the dispatcher, which is so for everything but the heartbeats and registrations of workers
    "subject": 16,  # handle of the worker, job or task; 0 = named by a field
    "object": 24,  # handle of a second entity; 0 = none or named by a field
    "value": 32,  # by kind
    "extra": 40,  # by kind
    "attempt": 48,  # of a report
    "exit_code": 52,  # of a report
}

# The head of what became of an event.
TRANSACTION_HEAD_FORMAT = "<BBHHBBQQQqIIIBBBB"
TRANSACTION_HEAD_SIZE = 56
TRANSACTION_HEAD_OFFSETS = {
    "kind": 0,  # RM_KIND_TRANSACTION or RM_KIND_UNHANDLED
    "event_kind": 1,  # RM_EVENT_*
    "slots": 2,  # of the whole record, this one included
    "text_bytes": 4,  # in the continuation slots
    "promise": 6,  # RM_PROMISE_*
    "subject_type": 7,  # RM_ENTITY_* of the entity that the event was about
    "number": 8,  # of the transaction; 0 = none
    "subject": 16,  # handle of that entity; 0 = none
    "origin_position": 24,  # with origin_peer the event's id
    "timestamp_ms": 32,  # milliseconds since 1970
    "origin_peer": 40,  # 0 = the dispatcher itself
    "action_count": 44,  # ACTION records that follow
    "kill_count": 48,  # KILL records that follow those
    "outcome": 52,  # RM_OUTCOME_*
    "reason": 53,  # RM_REJECTION_* of a rejected one, RM_DEAD_LETTER_* of a dead letter
    "disposition": 54,  # RM_DISPOSITION_*
    "abridged": 55,  # 1 = the event is without its lists, which are too long
}

# The head of every other record of a result ring.
RESULT_HEAD_FORMAT = "<BBHHBBQQQiIiIB7s"
RESULT_HEAD_SIZE = 56
RESULT_HEAD_OFFSETS = {
    "kind": 0,  # RM_KIND_*
    "code": 1,  # RM_ACTION_* of an action, RM_ENTITY_* of a row
    "slots": 2,  # of the whole record, this one included
    "text_bytes": 4,  # in the continuation slots
    "from_state": 6,  # RM_TASK_STATE_*
    "to_state": 7,  # RM_TASK_STATE_*
    "number": 8,  # of a transaction, a request or a position
    "subject": 16,  # handle of an entity
    "object": 24,  # handle of a worker
    "task_index": 32,  # -1 when the subject is not a task
    "attempt": 36,  # of a task
    "cause": 40,  # index of an earlier action, -1 = the event
    "index": 44,  # among its like
    "subject_type": 48,  # RM_ENTITY_* of the subject
    "reserved": 49,  # 0
}

# The numbers of a job: one field, so that the head stays one size.
JOB_NUMBERS_FORMAT = "<qqqqqqqiiiiiI"
JOB_NUMBERS_SIZE = 80
JOB_NUMBERS_OFFSETS = {
    "milli_cpu": 0,  # thousandths of a cpu that each task holds
    "memory_bytes": 8,  # memory that each task holds
    "scheduling_timeout_ms": 16,  # counts with RM_FLAG_HAS_DEADLINE
    "run_timeout_ms": 24,  # how long an attempt may run; 0 = as long as it likes
    "retry_delay_ms": 32,  # how long a task waits behind its first failure
    "retry_delay_max_ms": 40,  # how long it waits at the most
    "submitter_uid": 48,  # of the user who submitted it, as the dispatcher says; -1 = not known
    "replicas": 56,  # its tasks
    "max_retries_failure": 60,  # failures of one task that are retried
    "max_retries_preemption": 64,  # losses of one task that are retried
    "max_task_failures": 68,  # tasks that may fail before the job does
    "priority": 72,  # the higher ones first
    "if_exists": 76,  # RM_IF_EXISTS_*
}

# A value of an attribute that a job requires or forbids. Behind it the attribute, and up to the end
# of the field the value.
CONSTRAINT_FORMAT = "<BB"
CONSTRAINT_SIZE = 2
CONSTRAINT_OFFSETS = {
    "rule": 0,  # RM_CONSTRAINT_*
    "attribute_bytes": 1,  # of the attribute
}

# Devices of one kind, of a worker or of each task of a job. Behind it, up to the end of the field:
# the name of the kind.
DEVICE_FORMAT = "<q"
DEVICE_SIZE = 8
DEVICE_OFFSETS = {
    "count": 0,  # how many
}

# Which event of its source an event is. Behind it, up to the end of the field: the name of the
# source.
SOURCE_FORMAT = "<QQ"
SOURCE_SIZE = 16
SOURCE_OFFSETS = {
    "incarnation": 0,  # the life of the source, rising
    "sequence": 8,  # of the events of that life, from 1
}

# What a worker has too little of. Cpu in thousandths, memory in bytes. Behind it, up to the end of
# the field: the name of the resource.
SHORTAGE_FORMAT = "<qq"
SHORTAGE_SIZE = 16
SHORTAGE_OFFSETS = {
    "needed": 0,  # by the task
    "free": 8,  # on the worker
}

# WORKER_RECONCILED: one for each task the worker runs.
REPORTED_TASK_FORMAT = "<QII"
REPORTED_TASK_SIZE = 16
REPORTED_TASK_OFFSETS = {
    "task": 0,  # handle; 0 = named by the RM_TAG_REPORTED_NAME field that follows
    "attempt": 8,  # which it runs
    "reserved": 12,  # 0
}

# A slot of a ring: one cache line.
SLOT_FORMAT = "<Q56s"
SLOT_SIZE = 64
SLOT_OFFSETS = {
    "sequence": 0,  # its position + 1, once it is published
    "payload": 8,  # a head, or a part of a record's text
}

# The first page of a ring.
RING_GEOMETRY_FORMAT = "<QIIQIIIIQ2Q"
RING_GEOMETRY_SIZE = 64
RING_GEOMETRY_OFFSETS = {
    "magic": 0,  # RM_RING_MAGIC
    "abi_version": 8,  # RM_ABI_VERSION
    "slot_size": 12,  # RM_SLOT_SIZE
    "capacity": 16,  # slots, a power of two
    "slots_offset": 24,  # RM_SLOTS_OFFSET
    "peer": 28,  # whose ring it is
    "direction": 32,  # RM_SUBMISSION or RM_RESULT
    "reserved": 36,  # 0
    "epoch": 40,  # of the dispatcher, in which the peer attached
    "journal": 48,  # the id of the journal that the peer is in; 0 without one
}

# What the producer of a ring says of itself.
RING_PRODUCER_COUNTERS_FORMAT = "<QQQ"
RING_PRODUCER_COUNTERS_SIZE = 24
RING_PRODUCER_COUNTERS_OFFSETS = {
    "full": 0,  # times a record did not fit
    "shed": 8,  # records given up because of that
    "heard_ns": 16,  # CLOCK_BOOTTIME: all that had come to this producer by then is published; 0 = it does not say
}

# How far the dispatcher that reads a ring has come: another one that takes the ring over must know
# as much.
RING_CONSUMER_STAMP_FORMAT = "<QQ"
RING_CONSUMER_STAMP_SIZE = 16
RING_CONSUMER_STAMP_OFFSETS = {
    "epoch": 0,  # of the dispatcher
    "transaction": 8,  # the newest that is durable, when slots were last given back
}

# What a peer says first on the control socket.
ATTACH_REQUEST_FORMAT = "<IIIIIIIIQQ32s64s"
ATTACH_REQUEST_SIZE = 144
ATTACH_REQUEST_OFFSETS = {
    "magic": 0,  # RM_CONTROL_MAGIC
    "abi_version": 4,  # RM_ABI_VERSION
    "type": 8,  # RM_CONTROL_ATTACH
    "role": 12,  # RM_ROLE_*
    "submission_capacity": 16,  # slots, a power of two
    "result_capacity": 20,  # the same, at least RM_RESULT_MIN_CAPACITY; 0 = no results are wanted
    "resumed_peer": 24,  # the peer that this process was before the dispatcher ended; 0 = a new peer
    "subscription": 28,  # RM_SUBSCRIBE_*, in force from the first transaction after last_transaction
    "last_transaction": 32,  # resumed: the results of later transactions come again, whole
    "epoch": 40,  # resumed: of the connection on which that came
    "token": 48,  # resumed: what the dispatcher gave that peer
    "name": 80,  # of the peer, for people; NUL-terminated
}

# What the dispatcher says on the control socket. Every start of a dispatcher begins an epoch, which
# is higher than all before. A transaction is named by its epoch and its number: a number that was
# published and then lost with a part of the journal may come again, in another epoch.
ATTACH_REPLY_FORMAT = "<IIIIIIIIIIQQ2Q32s192s"
ATTACH_REPLY_SIZE = 296
ATTACH_REPLY_OFFSETS = {
    "magic": 0,  # RM_CONTROL_MAGIC
    "abi_version": 4,  # RM_ABI_VERSION
    "type": 8,  # RM_CONTROL_*
    "code": 12,  # RM_REFUSED_* or RM_CLOSED_*
    "peer": 16,  # the peer's number
    "submission_capacity": 20,  # slots
    "result_capacity": 24,  # slots
    "lane": 28,  # its byte on the attention board
    "flags": 32,  # RM_ATTACH_*
    "reserved": 36,  # 0
    "last_transaction": 40,  # the newest whose result does not come on this result ring
    "epoch": 48,  # of this connection
    "cluster": 56,  # the id of the journal, or without one a number of this dispatcher alone: handles mean something in one cluster only
    "token": 72,  # secret: who knows it can take this peer's place
    "text": 104,  # why, for people; NUL-terminated
}

# Begins a counter page; as long as a counter.
COUNTERS_HEADER_FORMAT = "<QIIII32s8s"
COUNTERS_HEADER_SIZE = 64
COUNTERS_HEADER_OFFSETS = {
    "magic": 0,  # RM_COUNTERS_MAGIC
    "abi_version": 8,  # RM_ABI_VERSION
    "count": 12,  # stored after the counters it covers are labelled
    "pid": 16,  # of the process
    "reserved": 20,  # 0
    "process": 24,  # its name
    "padding": 56,  # 0
}

# A counter: one cache line.
COUNTER_FORMAT = "<Q56s"
COUNTER_SIZE = 64
COUNTER_OFFSETS = {
    "value": 0,  # its value
    "label": 8,  # its name; NUL-terminated
}

# Begins a datagram.
DATAGRAM_HEADER_FORMAT = "<IBBHQ"
DATAGRAM_HEADER_SIZE = 16
DATAGRAM_HEADER_OFFSETS = {
    "magic": 0,  # RM_DATAGRAM_MAGIC
    "version": 4,  # RM_DATAGRAM_VERSION
    "kind": 5,  # RM_DATAGRAM_*
    "count": 6,  # entries that follow
    "reserved": 8,  # 0
}

# A worker joins. Behind it, first its devices, each kind as { uint8 name length, uint32 count, name
# }; then, up to the end of the datagram: attributes of the worker, its zone among them as "zone",
# each as { uint8 key length, uint8 value length, key, value }, UTF-8 without NUL.
DATAGRAM_REGISTER_FORMAT = "<QqqII256s256s256s"
DATAGRAM_REGISTER_SIZE = 800
DATAGRAM_REGISTER_OFFSETS = {
    "request": 0,  # chosen by the worker, returned in the acknowledgement
    "milli_cpu": 8,  # thousandths of a cpu
    "memory_bytes": 16,  # memory that tasks may hold
    "devices": 24,  # kinds of devices that follow
    "reserved": 28,  # 0
    "name": 32,  # UTF-8, NUL-terminated
    "address": 288,  # UTF-8, NUL-terminated
    "incarnation": 544,  # UTF-8, NUL-terminated; empty = none
}

# The answer to a registration.
DATAGRAM_REGISTERED_FORMAT = "<QQII"
DATAGRAM_REGISTERED_SIZE = 24
DATAGRAM_REGISTERED_OFFSETS = {
    "request": 0,  # the worker's
    "worker": 8,  # handle; 0 = refused
    "reason": 16,  # RM_REJECTION_* when refused
    "reserved": 20,  # 0
}

# Begins a segment, on a page of its own. Magic, version and checksum have these offsets in every
# version, and the checksum covers the same page: so a newer version differs from damage.
JOURNAL_SEGMENT_HEADER_FORMAT = "<QIIQQQQq16s32s"
JOURNAL_SEGMENT_HEADER_SIZE = 104
JOURNAL_SEGMENT_HEADER_OFFSETS = {
    "magic": 0,  # RM_JOURNAL_SEGMENT_MAGIC
    "version": 8,  # RM_JOURNAL_VERSION
    "page_crc": 12,  # CRC32C of the whole page with zero here
    "segment_bytes": 16,  # of the file, a multiple of the page
    "segment_number": 24,  # counts from 1
    "first_commit": 32,  # number of the first commit here; commits count from 1
    "first_record": 40,  # number of its first record; records count from 1
    "created_ms": 48,  # since 1970
    "journal_id": 56,  # of the journal, random
    "previous_hash": 72,  # of the last commit of the segment before; zeros in the first one
}

# Begins a commit. The hash of a commit is the SHA-256 of its header and its body, without the
# padding. Each header holds that of the commit before, so the last hash vouches for the whole
# journal.
JOURNAL_COMMIT_HEADER_FORMAT = "<QIIQQIIQQq16s32sQII"
JOURNAL_COMMIT_HEADER_SIZE = 128
JOURNAL_COMMIT_HEADER_OFFSETS = {
    "magic": 0,  # RM_JOURNAL_COMMIT_MAGIC
    "body_bytes": 8,  # records, a multiple of 8
    "body_crc": 12,  # CRC32C
    "number": 16,  # of the commit
    "first_record": 24,  # number of the first record of the body
    "record_count": 32,  # records of the body
    "reserved0": 36,  # 0
    "state_hash": 40,  # of the state machine after the last record
    "last_transaction": 48,  # made by then
    "time_ms": 56,  # the controller's clock then
    "journal_id": 64,  # of the journal, random
    "previous_hash": 80,  # of the commit before
    "reserved1": 112,  # 0
    "reserved2": 120,  # 0
    "header_crc": 124,  # CRC32C of the bytes before it
}

# The head of every record.
JOURNAL_RECORD_FORMAT = "<IBBBB"
JOURNAL_RECORD_SIZE = 8
JOURNAL_RECORD_OFFSETS = {
    "bytes": 0,  # of the record with this head, without the padding behind it
    "kind": 4,  # RM_JOURNAL_*
    "flags": 5,  # RM_JOURNAL_FLAG_*
    "code": 6,  # by kind
    "reserved": 7,  # 0
}

# RM_JOURNAL_EVENT and RM_JOURNAL_UNHANDLED.
JOURNAL_EVENT_FORMAT = "<IBBBBIIQqBBHHBBQQQqqIi"
JOURNAL_EVENT_SIZE = 88
JOURNAL_EVENT_OFFSETS = {
    "record": 0,  # its head
    "peer": 8,  # with position the event's id; 0 = the dispatcher itself
    "slots": 12,  # that it took in the peer's submission ring; 0 of the dispatcher's own
    "position": 16,  # in the peer's submission ring; of the dispatcher's own: their number
    "timestamp_ms": 24,  # the event's time
    "head": 32,  # as in a ring, its timestamp_ns zero; the text (head.text_bytes) follows
}

# RM_JOURNAL_SKIPPED. Behind it: text in UTF-8.
JOURNAL_SKIP_FORMAT = "<IBBBBIIQ"
JOURNAL_SKIP_SIZE = 24
JOURNAL_SKIP_OFFSETS = {
    "record": 0,  # its head
    "peer": 8,  # with position the record's id
    "slots": 12,  # that it took in the peer's submission ring
    "position": 16,  # in that ring
}

# RM_JOURNAL_PEER_ATTACHED. Behind it: its name in UTF-8.
JOURNAL_PEER_FORMAT = "<IBBBBIIIIiIIIQ32s"
JOURNAL_PEER_SIZE = 80
JOURNAL_PEER_OFFSETS = {
    "record": 0,  # its head
    "peer": 8,  # its number
    "lane": 12,  # its byte on the attention board
    "role": 16,  # RM_ROLE_*
    "uid": 20,  # of its process
    "pid": 24,  # of its process
    "submission_capacity": 28,  # slots
    "result_capacity": 32,  # slots
    "reserved": 36,  # 0
    "epoch": 40,  # in which it attached
    "token_hash": 48,  # SHA-256 of its secret
}

# RM_JOURNAL_STARTED. Each start begins an epoch: its number is above those of all before it, and
# with it the number of a transaction is given only once, though a lost tail lets numbers be given
# again.
JOURNAL_START_FORMAT = "<IBBBBQII"
JOURNAL_START_SIZE = 24
JOURNAL_START_OFFSETS = {
    "record": 0,  # its head
    "epoch": 8,  # that it begins
    "peer_numbers_up_to": 16,  # numbers of peers up to it may have been given: none of them is given by a later start
    "machine": 20,  # version of the controller's rules by which the events behind it, up to the next start, were handled
}

# RM_JOURNAL_PEER_NUMBERS.
JOURNAL_PEER_NUMBERS_FORMAT = "<IBBBBII"
JOURNAL_PEER_NUMBERS_SIZE = 16
JOURNAL_PEER_NUMBERS_OFFSETS = {
    "record": 0,  # its head
    "up_to": 8,  # as peer_numbers_up_to
    "reserved": 12,  # 0
}

# RM_JOURNAL_SALVAGED. What is between the commit that it names and the one that holds it is lost: a
# reader that comes upon damage there continues here. Numbers of commits, records and transactions
# that what is lost may have had are not given again.
JOURNAL_SALVAGE_FORMAT = "<IBBBBQQ"
JOURNAL_SALVAGE_SIZE = 24
JOURNAL_SALVAGE_OFFSETS = {
    "record": 0,  # its head
    "last_commit": 8,  # the last one that could be read; 0 for none
    "last_transaction": 16,  # numbers up to it may have been given
}

# RM_JOURNAL_PEER_REMOVED.
JOURNAL_PEER_REMOVED_FORMAT = "<IBBBBII"
JOURNAL_PEER_REMOVED_SIZE = 16
JOURNAL_PEER_REMOVED_OFFSETS = {
    "record": 0,  # its head
    "peer": 8,  # its number
    "reserved": 12,  # 0
}

# RM_JOURNAL_CONFIGURED.
JOURNAL_CONFIGURATION_FORMAT = "<IBBBBqqqqqqqqqqqqqqq"
JOURNAL_CONFIGURATION_SIZE = 128
JOURNAL_CONFIGURATION_OFFSETS = {
    "record": 0,  # its head
    "settings": 8,  # from here on
}

# RM_JOURNAL_TURN.
JOURNAL_TURN_FORMAT = "<IBBBBQQQq"
JOURNAL_TURN_SIZE = 40
JOURNAL_TURN_OFFSETS = {
    "record": 0,  # its head
    "record_number": 8,  # its own
    "state_hash": 16,  # of the state machine then
    "last_transaction": 24,  # made by then
    "time_ms": 32,  # the controller's clock then
}

# Begins a snapshot. Magic, version and checksum stand at these offsets in every version.
JOURNAL_SNAPSHOT_HEADER_FORMAT = "<QIIQIIQQQQQQQq16s32s"
JOURNAL_SNAPSHOT_HEADER_SIZE = 144
JOURNAL_SNAPSHOT_HEADER_OFFSETS = {
    "magic": 0,  # RM_JOURNAL_SNAPSHOT_MAGIC
    "version": 8,  # RM_JOURNAL_SNAPSHOT_VERSION
    "header_crc": 12,  # CRC32C of this header with zero here
    "payload_bytes": 16,  # behind the header, up to the end of the file
    "payload_crc": 24,  # CRC32C
    "machine": 28,  # version of the rules of the newest start before it
    "commit": 32,  # the newest that is in it
    "last_record": 40,  # of that commit
    "last_transaction": 48,  # made by then
    "state_hash": 56,  # of the state
    "segment": 64,  # first commit of the segment that the commit lies in
    "segment_offset": 72,  # behind the commit
    "commit_offset": 80,  # of the commit; 0 when it lies in an earlier segment
    "created_ms": 88,  # since 1970
    "journal_id": 96,  # of the journal, random
    "commit_hash": 112,  # of the commit
}

# A registered worker.
WORKER_ROW_FORMAT = "<qqqqqqqIIhBBB3s"
WORKER_ROW_SIZE = 72
WORKER_ROW_OFFSETS = {
    "last_heartbeat_ms": 0,  # when it was last heard of, by the controller's clock
    "drain_ends_ms": 8,  # when the tasks that it still runs are cut off; null when they may run on
    "timeout_ms": 16,  # how long it may be silent before it is lost
    "milli_cpu": 24,  # thousandths of a cpu that tasks may hold on it
    "memory_bytes": 32,  # memory that tasks may hold on it
    "committed_milli_cpu": 40,  # thousandths of a cpu that its tasks hold
    "committed_memory_bytes": 48,  # memory that its tasks hold
    "running_tasks": 56,  # its active tasks
    "stopping_tasks": 60,  # attempts that are over and whose processes may still run on it: they hold what they held
    "consecutive_failures": 64,  # failed heartbeats in a row
    "draining": 66,  # it gets no more tasks
    "has_drain_ends_ms": 67,  # 0 = no drain_ends_ms
    "confirms_stops": 68,  # 1 = it says of each task that it stopped when the process has ended
    "reserved": 69,  # 0
}

# A job and how far its tasks are.
JOB_ROW_FORMAT = "<qqQqqqqqqqiiiiiIIII11IBBB5s"
JOB_ROW_SIZE = 168
JOB_ROW_OFFSETS = {
    "submitted_ms": 0,  # when it was submitted
    "ended_ms": 8,  # when it ended
    "number": 16,  # counts the jobs in the order of their submission, from 1
    "request": 24,  # what was asked for
    "depth": 104,  # in the tree of jobs: 0 for a root job
    "tasks": 108,  # its tasks, finished ones too
    "specification_bytes": 112,  # size of its program: command or script, environment and so on; beyond 2048 the row's request leaves it out
    "tasks_by_state": 116,  # its tasks, by RM_TASK_STATE_*
    "state": 160,  # its state
    "has_ended_ms": 161,  # 0 = no ended_ms
    "request_flags": 162,  # RM_FLAG_* of it
    "reserved": 163,  # 0
}

# A task and how far it is.
TASK_ROW_FORMAT = "<QqqiiiiIBBBBBBB5s"
TASK_ROW_SIZE = 56
TASK_ROW_OFFSETS = {
    "job": 0,  # its job
    "retry_ms": 8,  # of a PENDING task that failed: when it may be assigned again, if that is later than now
    "assigned_ms": 16,  # when its newest attempt was assigned, by the clock of then: part of the attempt's id
    "exit_code": 24,  # of its newest attempt, once that ended with one
    "failures": 28,  # attempts that failed
    "preemptions": 32,  # attempts lost or preempted after they had started
    "deliveries": 36,  # attempts lost before they had started
    "attempts": 40,  # all attempts so far
    "state": 44,  # its state
    "has_exit_code": 45,  # 0 = no exit_code
    "end_reason": 46,  # how the process of its newest attempt ended, as its worker said
    "has_end_reason": 47,  # 0 = no end_reason
    "stopping": 48,  # its newest attempt is over, and its process may still run
    "has_retry_ms": 49,  # 0 = no retry_ms
    "has_assigned_ms": 50,  # 0 = no assigned_ms
    "reserved": 51,  # 0
}

# A process attached to the dispatcher.
PEER_ROW_FORMAT = "<QQQQI4s"
PEER_ROW_SIZE = 40
PEER_ROW_OFFSETS = {
    "received": 0,  # records received on its submission ring: events and requests
    "ring_full": 8,  # times that its submission ring was full, by its own word
    "shed": 16,  # records that it gave up because of that, by its own word
    "result_overruns": 24,  # results that its result ring had no room for
    "role": 32,  # what it may do
    "reserved": 36,  # 0
}

# The mass-failure brake of one zone, from BRAKE_ENGAGED to BRAKE_RELEASED.
BRAKE_ROW_FORMAT = "<qiiiB3s"
BRAKE_ROW_SIZE = 24
BRAKE_ROW_OFFSETS = {
    "engaged_ms": 0,  # when it engaged
    "silent_workers": 8,  # silent workers then
    "workers": 12,  # all workers of the zone then
    "expired_workers": 16,  # workers of the zone lost since; they count as silent, so that the brake's own slow expiries do not release it
    "overridden": 20,  # an operator lets workers expire at full speed
    "reserved": 21,  # 0
}

# A dead letter as it is kept.
DEAD_LETTER_ROW_FORMAT = "<qQIIIIBB6s"
DEAD_LETTER_ROW_SIZE = 40
DEAD_LETTER_ROW_OFFSETS = {
    "timestamp_ms": 0,  # when it came
    "origin_position": 8,  # where it came from: the position in the ring of origin_peer
    "role": 16,  # that peer's role; 0 for the dispatcher itself
    "retries": 20,  # times it was retried in vain
    "record_bytes": 24,  # and how many it had
    "origin_peer": 28,  # 0 for the dispatcher itself
    "reason": 32,  # why it is dead
    "abridged": 33,  # the event comes without its lists; a retry has them
    "reserved": 34,  # 0
}

# The first row of an explanation: what it is about, how far back it goes, and what a task may still
# spend and waits for. The row of the entity as it is, its newest attempts and the steps follow.
EXPLANATION_ROW_FORMAT = "<qQqqIIiiiiiiBBBB4s"
EXPLANATION_ROW_SIZE = 72
EXPLANATION_ROW_OFFSETS = {
    "now_ms": 0,  # the controller's clock when the explanation was made
    "first_transaction": 8,  # the oldest transaction in the log
    "scheduling_deadline_ms": 16,  # of a task; -1 = it may wait for ever
    "obstacle_ms": 24,  # when it may be assigned again
    "attempts": 32,  # of a task, those too old to be sent included
    "obstacle_count": 36,  # workers considered, members without room, or failures
    "failures_used": 40,  # of the budget of failures
    "failures_limit": 44,  # -1: no task
    "preemptions_used": 48,  # of the budget of preemptions
    "preemptions_limit": 52,  # -1: no task
    "deliveries_used": 56,  # of the budget of deliveries
    "deliveries_limit": 60,  # -1: no task
    "present": 64,  # when not, the entity is gone and only the transaction log has it
    "reach": 65,  # how far back it goes
    "has_first_transaction": 66,  # 0 = no first_transaction
    "obstacle": 67,  # RM_OBSTACLE_*
    "reserved": 68,  # 0
}

# One try of a task on one worker; a row of an explanation only.
ATTEMPT_ROW_FORMAT = "<qqIiBBBBBB2s"
ATTEMPT_ROW_SIZE = 32
ATTEMPT_ROW_OFFSETS = {
    "started_ms": 0,  # when it was assigned
    "ended_ms": 8,  # when it ended
    "attempt": 16,  # counts from 0
    "exit_code": 20,  # of its process
    "state": 24,  # its state
    "has_ended_ms": 25,  # 0 = no ended_ms
    "has_exit_code": 26,  # 0 = no exit_code
    "end_reason": 27,  # how its process ended, as its worker said
    "has_end_reason": 28,  # 0 = no end_reason
    "stopping": 29,  # it is over, and its process may still run
    "reserved": 30,  # 0
}

# One step of an explanation: an action, or the external event that it leads back to; a row of an
# explanation only.
STEP_ROW_FORMAT = "<QqQIIiBB2s"
STEP_ROW_SIZE = 40
STEP_ROW_OFFSETS = {
    "transaction": 0,  # the transaction that it belongs to
    "timestamp_ms": 8,  # the time of that
    "origin_position": 16,  # of an event: its position in the ring of origin_peer
    "cause_step": 24,  # the position among the steps of what led to this one; null for an event, which came from outside
    "origin_peer": 28,  # of an event: who sent it
    "cause_in_transaction": 32,  # of an action: 1 + the index of the action that led to it; 0 = the event
    "has_cause_step": 36,  # 0 = no cause_step
    "action": 37,  # RM_ACTION_*; 0 = the event
    "reserved": 38,  # 0
}

# What a job says for its worker alone, whole; the answer about one job only.
SPECIFICATION_ROW_FORMAT = "<I4s"
SPECIFICATION_ROW_SIZE = 8
SPECIFICATION_ROW_OFFSETS = {
    "bytes": 0,  # its size
    "reserved": 4,  # 0
}
