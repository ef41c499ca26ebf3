/// The tables of an archive, documented where they are made: `ringmaster-archive schema` prints this.
public enum ArchiveSchema {
  /// `PRAGMA application_id` of an archive: "RMAR".
  static let applicationID: Int64 = 0x524D_4152

  /// `PRAGMA user_version` of an archive that has all migrations.
  public static var version: Int { migrations.count }

  /// The statements that bring an archive from each version to the next one, the first from nothing. What was released is
  /// never changed: a new version is a new element.
  static let migrations = [version1, version2]

  /// The whole of it, as a new archive gets it.
  public static var documentation: String { migrations.joined(separator: "\n") }

  private static let version1 = """
    -- Times (…_ms) are milliseconds since 1970 by the controller's clock. The ids of workers, jobs and tasks are their
    -- handles, GENERATION << 32 | INDEX: (id & 0xffffffff) || '.' || (id >> 32) is a handle as ringctl writes it. An id is
    -- never given twice, a name may be: a worker that registers again is a new row. What is gone says when.

    -- How far the journal has been taken over: one row, written in the same transaction as the rows that it speaks of.
    CREATE TABLE archive (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      journal TEXT NOT NULL,              -- the journal's id
      commit_number INTEGER NOT NULL,     -- the last commit that was taken over
      commit_hash BLOB NOT NULL,          -- its SHA-256, which vouches for all commits before
      last_record INTEGER NOT NULL,
      last_transaction INTEGER NOT NULL,
      state_hash INTEGER NOT NULL,        -- of the state machine then
      segment INTEGER NOT NULL,           -- where it ends: the first commit of its segment, and a byte offset there
      segment_offset INTEGER NOT NULL,
      commit_offset INTEGER NOT NULL      -- where it begins
    ) STRICT;

    -- What each external event did. One event makes exactly one transaction.
    CREATE TABLE transactions (
      number INTEGER PRIMARY KEY,         -- counts from 1; gaps are in "losses"
      record INTEGER NOT NULL,            -- the number of the event's record in the journal
      time_ms INTEGER NOT NULL,           -- never falls from one number to the next
      peer INTEGER NOT NULL,              -- the event's id: its peer, 0 for the dispatcher itself, …
      position INTEGER NOT NULL,          -- … and the position in its submission ring
      kind TEXT NOT NULL,                 -- of the event: WORKER_FAILED, …
      event TEXT NOT NULL,                -- all of it, as JSON: json_extract(event, '$.reason')
      outcome TEXT NOT NULL,              -- applied, ignored or rejected
      reason TEXT,                        -- of a rejection
      worker INTEGER REFERENCES workers,  -- what the event was about: one of the three, or none of them
      job INTEGER REFERENCES jobs,
      task INTEGER REFERENCES tasks
    ) STRICT;
    CREATE INDEX transactions_by_time ON transactions (time_ms);

    -- What a transaction did, in order.
    CREATE TABLE actions (
      transaction_number INTEGER NOT NULL REFERENCES transactions,
      position INTEGER NOT NULL,          -- in the transaction, from 0
      kind TEXT NOT NULL,                 -- task_assigned, …
      job INTEGER REFERENCES jobs,        -- the subject of an action about a job,
      task INTEGER REFERENCES tasks,      -- or about a task,
      worker INTEGER REFERENCES workers,  -- or about a worker; with a task: the worker it was assigned to or taken from
      from_state TEXT,
      to_state TEXT,
      attempt INTEGER,
      cause INTEGER,                      -- the position of the action that led to this one; NULL: the event itself
      PRIMARY KEY (transaction_number, position)
    ) STRICT, WITHOUT ROWID;

    -- Processes that a worker was told to stop.
    CREATE TABLE kills (
      transaction_number INTEGER NOT NULL REFERENCES transactions,
      position INTEGER NOT NULL,
      task INTEGER NOT NULL REFERENCES tasks,
      attempt INTEGER NOT NULL,
      worker INTEGER NOT NULL REFERENCES workers,
      PRIMARY KEY (transaction_number, position)
    ) STRICT, WITHOUT ROWID;

    -- Which transactions tell of a worker, of a job or of one of its tasks, of a task.
    CREATE TABLE worker_transactions (
      worker INTEGER NOT NULL REFERENCES workers,
      transaction_number INTEGER NOT NULL REFERENCES transactions,
      PRIMARY KEY (worker, transaction_number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE job_transactions (
      job INTEGER NOT NULL REFERENCES jobs,
      transaction_number INTEGER NOT NULL REFERENCES transactions,
      PRIMARY KEY (job, transaction_number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE task_transactions (
      task INTEGER NOT NULL REFERENCES tasks,
      transaction_number INTEGER NOT NULL REFERENCES transactions,
      PRIMARY KEY (task, transaction_number)
    ) STRICT, WITHOUT ROWID;

    -- Every registration of a worker. Heartbeats are in no journal: who is alive now, the dispatcher knows.
    CREATE TABLE workers (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      address TEXT NOT NULL,
      incarnation TEXT,
      milli_cpu INTEGER NOT NULL,
      zone TEXT NOT NULL,                 -- empty when it has none
      metadata TEXT NOT NULL,             -- JSON
      registered_ms INTEGER,              -- NULL when that is lost
      registered_by INTEGER REFERENCES transactions,
      lost_ms INTEGER,                    -- NULL while it is registered
      lost_by INTEGER REFERENCES transactions
    ) STRICT;
    CREATE INDEX workers_by_name ON workers (name);

    CREATE TABLE jobs (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      state TEXT NOT NULL,
      error TEXT,                         -- why it was cancelled, or the error of its first task that has one
      tasks INTEGER NOT NULL,
      milli_cpu INTEGER NOT NULL,         -- of each task
      coscheduled INTEGER NOT NULL,       -- 1: its tasks live and die together
      max_retries_failure INTEGER NOT NULL,
      max_retries_preemption INTEGER NOT NULL,
      max_task_failures INTEGER NOT NULL,
      scheduling_timeout_ms INTEGER,
      parent_name TEXT,
      depth INTEGER NOT NULL,             -- 0 without a parent
      owner TEXT,
      reason TEXT,
      submitted_ms INTEGER NOT NULL,
      ended_ms INTEGER,
      changed_by INTEGER REFERENCES transactions,  -- the newest transaction that tells of it
      pruned_ms INTEGER,                  -- when the dispatcher forgot it
      pruned_by INTEGER REFERENCES transactions
    ) STRICT;
    CREATE INDEX jobs_by_name ON jobs (name);

    -- The task's name is JOB/task-INDEX.
    CREATE TABLE tasks (
      id INTEGER PRIMARY KEY,
      job INTEGER NOT NULL REFERENCES jobs,
      task_index INTEGER NOT NULL,
      state TEXT NOT NULL,
      error TEXT,
      exit_code INTEGER,
      failures INTEGER NOT NULL,          -- attempts that failed
      preemptions INTEGER NOT NULL,       -- attempts lost or preempted after they had started
      deliveries INTEGER NOT NULL,        -- attempts lost before that
      attempts INTEGER NOT NULL,
      worker INTEGER REFERENCES workers,  -- while it is active
      changed_by INTEGER REFERENCES transactions
    ) STRICT;
    CREATE UNIQUE INDEX tasks_by_job ON tasks (job, task_index);

    -- Every try of a task on a worker.
    CREATE TABLE attempts (
      task INTEGER NOT NULL REFERENCES tasks,
      number INTEGER NOT NULL,            -- from 0
      state TEXT NOT NULL,
      worker INTEGER NOT NULL REFERENCES workers,
      started_ms INTEGER NOT NULL,
      ended_ms INTEGER,
      exit_code INTEGER,
      error TEXT,
      PRIMARY KEY (task, number)
    ) STRICT, WITHOUT ROWID;

    -- Processes that attached to the dispatcher.
    CREATE TABLE peers (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      role TEXT NOT NULL,                 -- ingest, control or observe
      uid INTEGER NOT NULL,
      pid INTEGER NOT NULL,
      submission_slots INTEGER NOT NULL,
      result_slots INTEGER NOT NULL,      -- 0: it wants no results
      attached_ms INTEGER,                -- the first time; NULL when that is lost
      removed_ms INTEGER
    ) STRICT;

    -- What came in and never entered the state machine, and so made no transaction.
    CREATE TABLE unhandled_events (
      record INTEGER PRIMARY KEY,         -- its number in the journal
      time_ms INTEGER NOT NULL,
      peer INTEGER NOT NULL,              -- the event's id
      position INTEGER NOT NULL,
      kind TEXT,                          -- NULL: it was no event
      event TEXT,                         -- as JSON
      reason TEXT NOT NULL,               -- dropped (by a middleware), request (a query), or why it is a dead letter
      detail TEXT                         -- the name of the middleware, or what was wrong
    ) STRICT;

    -- The state machine's settings, from this record on.
    CREATE TABLE settings (
      record INTEGER PRIMARY KEY,
      time_ms INTEGER NOT NULL,
      settings TEXT NOT NULL              -- JSON
    ) STRICT;

    -- Parts of the journal that could not be taken over, because they were damaged or gone. Only with --salvage.
    CREATE TABLE losses (
      id INTEGER PRIMARY KEY,
      noticed_ms INTEGER NOT NULL,        -- by the machine's clock
      file TEXT NOT NULL,                 -- what was wrong, and where
      file_offset INTEGER NOT NULL,
      expected TEXT NOT NULL,
      found TEXT NOT NULL,
      first_commit INTEGER NOT NULL,      -- what is missing here; nothing is where the first is greater than the last
      last_commit INTEGER NOT NULL,
      first_record INTEGER NOT NULL,
      last_record INTEGER NOT NULL,
      first_transaction INTEGER NOT NULL,
      last_transaction INTEGER NOT NULL
    ) STRICT;

    -- Every event that came in, with what became of it.
    CREATE VIEW events AS
      SELECT record, time_ms, peer, position, kind, event, outcome, reason, number AS transaction_number FROM transactions
      UNION ALL
      SELECT record, time_ms, peer, position, kind, event, 'unhandled', reason, NULL FROM unhandled_events;

    -- Actions with names instead of ids.
    CREATE VIEW named_actions AS
      SELECT actions.transaction_number, actions.position, transactions.time_ms, actions.kind,
        coalesce(jobs.name, task_jobs.name || '/task-' || tasks.task_index, workers.name) AS subject,
        actions.from_state, actions.to_state, actions.attempt,
        iif(actions.task IS NULL, NULL, workers.name) AS worker, actions.cause
      FROM actions JOIN transactions ON transactions.number = actions.transaction_number
        LEFT JOIN jobs ON jobs.id = actions.job
        LEFT JOIN tasks ON tasks.id = actions.task LEFT JOIN jobs AS task_jobs ON task_jobs.id = tasks.job
        LEFT JOIN workers ON workers.id = actions.worker;
    """
}
