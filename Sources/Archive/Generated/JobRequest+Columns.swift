// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import EventModel
import SQLite

extension JobRequest {
  /// The columns of the table of jobs that hold it.
  package static let columns = "replicas, max_retries_failure, max_retries_preemption, max_task_failures, coscheduled, milli_cpu, scheduling_timeout_ms, owner, reason"

  static let columnDeclarations = """
    replicas INTEGER NOT NULL,          -- number of its tasks, 1 to 10000; with another number the job fails at once
      max_retries_failure INTEGER NOT NULL, -- failures of one task that are retried
      max_retries_preemption INTEGER NOT NULL, -- losses of one task that are retried
      max_task_failures INTEGER NOT NULL, -- tasks that may fail before the job does
      coscheduled INTEGER NOT NULL,       -- a gang: its members live and die together
      milli_cpu INTEGER NOT NULL,         -- cpus that each task holds
      scheduling_timeout_ms INTEGER,      -- a task that waits longer becomes UNSCHEDULABLE; without it, it waits for ever
      owner TEXT,                         -- who answers for it
      reason TEXT,                        -- why it was submitted
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
      .integer(Int64(milliCPU)),
      schedulingTimeoutMs.map { .integer(Int64($0)) } ?? .null,
      owner.map { .text($0) } ?? .null,
      reason.map { .text($0) } ?? .null,
    ]
  }
}
