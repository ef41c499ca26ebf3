// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import EventJSON
import EventModel
import SQLite

extension JobRequest {
  /// The columns of the table of jobs that hold it.
  package static let columns = "replicas, max_retries_failure, max_retries_preemption, max_task_failures, coscheduled, milli_cpu, memory_bytes, devices, priority, constraints, scheduling_timeout_ms, run_timeout_ms, retry_delay_ms, retry_delay_max_ms, if_exists, owner, submitter, submitter_uid, reason, specification"

  static let columnDeclarations = """
    replicas INTEGER NOT NULL,          -- number of its tasks, 1 to 10000; with another number the job fails at once
      max_retries_failure INTEGER NOT NULL, -- failures of one task that are retried
      max_retries_preemption INTEGER NOT NULL, -- losses of one task that are retried
      max_task_failures INTEGER NOT NULL, -- tasks that may fail before the job does
      coscheduled INTEGER NOT NULL,       -- a gang: its members live and die together
      milli_cpu INTEGER NOT NULL,         -- cpus that each task holds
      memory_bytes INTEGER NOT NULL,      -- memory that each task holds
      devices TEXT NOT NULL,              -- devices that each task holds, by name; what it asks 0 of is not looked at
      priority INTEGER NOT NULL,          -- what has a higher one is placed first, -100 to 100; a job below another has its own
      constraints TEXT NOT NULL,          -- a value, or a list of values, by attribute: the worker has one of them
      scheduling_timeout_ms INTEGER,      -- a task that was never assigned by then becomes UNSCHEDULABLE; without it, it waits for ever
      run_timeout_ms INTEGER NOT NULL,    -- a task that runs longer has failed and is not retried; 0 = as long as it likes
      retry_delay_ms INTEGER NOT NULL,    -- how long a task waits after its first failure, after each further one twice as long
      retry_delay_max_ms INTEGER NOT NULL, -- the longest that it waits
      if_exists TEXT NOT NULL,            -- when there is a job of this name: reject, replace_finished or keep
      owner TEXT,                         -- who answers for it
      submitter TEXT,                     -- the user who submitted it: the dispatcher says it, whatever the record says
      submitter_uid INTEGER NOT NULL,     -- the user's number, which the dispatcher says too; -1 = not known
      reason TEXT,                        -- why it was submitted
      specification TEXT NOT NULL,        -- the program and its arguments
    """

  /// What brings the table to each later version.
  static let columnMigrations: [String] = [
  ]

  /// Their values.
  package var columnValues: [SQLiteStatement.Value] {
    [
      .integer(Int64(replicas)),
      .integer(Int64(maxRetriesFailure)),
      .integer(Int64(maxRetriesPreemption)),
      .integer(Int64(maxTaskFailures)),
      .integer(coscheduled ? 1 : 0),
      .integer(Int64(resources.milliCPU)),
      .integer(Int64(resources.memoryBytes)),
      .text(resources.devices.json.text),
      .integer(Int64(priority)),
      .text(constraints.json.text),
      schedulingTimeoutMs.map { .integer(Int64($0)) } ?? .null,
      .integer(Int64(runTimeoutMs)),
      .integer(Int64(retryDelayMs)),
      .integer(Int64(retryDelayMaxMs)),
      .text(ifExists.name),
      owner.map { .text($0) } ?? .null,
      submitter.map { .text($0) } ?? .null,
      .integer(Int64(submitterUid)),
      reason.map { .text($0) } ?? .null,
      .text(specification.json.text),
    ]
  }
}
