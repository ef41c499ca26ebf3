import EventModel

/// The tables of an archive, documented where they are made: `ringmaster-archive schema` prints this.
public enum ArchiveSchema {
  /// `PRAGMA application_id` of an archive: "RMA2".
  static let applicationID: Int64 = 0x524D_4132
  /// That of an archive from before version 2: "RMAR".
  static let earlierApplicationID: Int64 = 0x524D_4152

  /// `PRAGMA user_version` of an archive that has all migrations.
  public static var version: Int { version(with: migrations) }

  /// The one that the first of the migrations makes.
  static let firstVersion = 2

  static func version(with migrations: [String]) -> Int { firstVersion + migrations.count - 1 }

  /// The statements that bring an archive from each version to the next one, the first from nothing. What was released is
  /// never changed: a new version is a new element.
  static let migrations = [version2] + JobRequest.columnMigrations

  /// The whole of it, as a new archive gets it.
  public static var documentation: String { migrations.joined(separator: "\n") }

  private static let version2 = """
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

    -- The number of a transaction, or of a record, is unique in its epoch. Ids of transactions and records are
    -- EPOCH_INDEX << 40 | NUMBER, so that they rise in the order of history: epochs.id = id >> 40. Of workers, jobs and
    -- tasks, id - (epochs.generation_base << 32) is the handle, and of peers, the number.
    CREATE TABLE epochs (
      id INTEGER PRIMARY KEY,             -- from 0, in the order of history
      epoch INTEGER NOT NULL,             -- as results and ringctl tell it: the start of a dispatcher, in milliseconds since
                                          -- 1970
      journal TEXT NOT NULL,              -- the journal's id
      generation_base INTEGER NOT NULL,   -- epochs that share it share their entities
      first_transaction INTEGER NOT NULL, -- the number that its first transaction has, or would have
      cause TEXT NOT NULL,                -- first (of the archive), start (of a dispatcher), lost_tail (the journal had lost
                                          -- its end, or was restored from a copy), other_journal (--adopt)
      superseded_after INTEGER            -- transactions with greater numbers were lost from the journal after they had been
                                          -- archived: the state did not come from them
    ) STRICT;

    -- What each external event did. One event makes exactly one transaction.
    CREATE TABLE transactions (
      id INTEGER PRIMARY KEY,             -- numbers count from 1; gaps are in "losses"
      record INTEGER NOT NULL,            -- the number of the event's record in the journal
      time_ms INTEGER NOT NULL,           -- never falls from one number to the next
      peer INTEGER NOT NULL,              -- the event's id: its peer, 0 for the dispatcher itself, …
      position INTEGER NOT NULL,          -- … and the position in its submission ring
      kind TEXT NOT NULL,                 -- of the event: WORKER_FAILED, …
      event TEXT NOT NULL,                -- all of it, as JSON: json_extract(event, '$.reason')
      outcome TEXT NOT NULL,              -- applied, ignored or rejected
      reason TEXT,                        -- of a rejection
      missing TEXT,                       -- of insufficient_capacity: cpu, memory_bytes or devices.NAME
      needed INTEGER,                     -- of it; cpu in thousandths
      free INTEGER,                       -- of it, on the worker
      worker INTEGER REFERENCES workers,  -- what the event was about: one of the three, or none of them
      job INTEGER REFERENCES jobs,
      task INTEGER REFERENCES tasks,
      number INTEGER GENERATED ALWAYS AS (id & 0xffffffffff) VIRTUAL
    ) STRICT;
    CREATE INDEX transactions_by_time ON transactions (time_ms);

    -- What a transaction did, in order.
    CREATE TABLE actions (
      transaction_id INTEGER NOT NULL REFERENCES transactions,
      position INTEGER NOT NULL,          -- in the transaction, from 0
      kind TEXT NOT NULL,                 -- task_assigned, …
      job INTEGER REFERENCES jobs,        -- the subject of an action about a job,
      task INTEGER REFERENCES tasks,      -- or about a task,
      worker INTEGER REFERENCES workers,  -- or about a worker; with a task: the worker it was assigned to or taken from
      from_state TEXT,
      to_state TEXT,
      attempt INTEGER,
      cause INTEGER,                      -- the position of the action that led to this one; NULL: the event itself
      name TEXT,                          -- of the endpoint that it is about, or of a worker that was not registered
      PRIMARY KEY (transaction_id, position)
    ) STRICT, WITHOUT ROWID;

    -- Processes that a worker was told to stop.
    CREATE TABLE kills (
      transaction_id INTEGER NOT NULL REFERENCES transactions,
      position INTEGER NOT NULL,
      task INTEGER NOT NULL REFERENCES tasks,
      attempt INTEGER NOT NULL,
      worker INTEGER NOT NULL REFERENCES workers,
      name TEXT,                          -- as the worker reported it, where there is no such task
      PRIMARY KEY (transaction_id, position)
    ) STRICT, WITHOUT ROWID;

    -- Which transactions tell of a worker, of a job or of one of its tasks, of a task.
    CREATE TABLE worker_transactions (
      worker INTEGER NOT NULL REFERENCES workers,
      transaction_id INTEGER NOT NULL REFERENCES transactions,
      PRIMARY KEY (worker, transaction_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE job_transactions (
      job INTEGER NOT NULL REFERENCES jobs,
      transaction_id INTEGER NOT NULL REFERENCES transactions,
      PRIMARY KEY (job, transaction_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE task_transactions (
      task INTEGER NOT NULL REFERENCES tasks,
      transaction_id INTEGER NOT NULL REFERENCES transactions,
      PRIMARY KEY (task, transaction_id)
    ) STRICT, WITHOUT ROWID;

    -- Every registration of a worker. Heartbeats are in no journal: who is alive now, the dispatcher knows.
    CREATE TABLE workers (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      address TEXT NOT NULL,
      incarnation TEXT,
      milli_cpu INTEGER NOT NULL,
      memory_bytes INTEGER NOT NULL,
      devices TEXT NOT NULL,              -- JSON: {"gpu":2}
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
      \(JobRequest.columnDeclarations)
      parent_name TEXT,
      depth INTEGER NOT NULL,             -- 0 without a parent
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
      end_reason TEXT,                    -- how its process ended, where the worker or a time limit says it
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
      id INTEGER PRIMARY KEY,             -- of its record in the journal
      time_ms INTEGER NOT NULL,
      peer INTEGER NOT NULL,              -- the event's id
      position INTEGER NOT NULL,
      kind TEXT,                          -- NULL: it was no event
      event TEXT,                         -- as JSON
      reason TEXT NOT NULL,               -- dropped (by a middleware), request (a query), or why it is a dead letter
      detail TEXT,                        -- the name of the middleware, or what was wrong
      record INTEGER GENERATED ALWAYS AS (id & 0xffffffffff) VIRTUAL
    ) STRICT;

    -- The state machine's settings, from this record on.
    CREATE TABLE settings (
      id INTEGER PRIMARY KEY,             -- of its record in the journal
      time_ms INTEGER NOT NULL,
      settings TEXT NOT NULL,             -- JSON
      record INTEGER GENERATED ALWAYS AS (id & 0xffffffffff) VIRTUAL
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

    -- What retention looks through: what is gone, the oldest first. It removes old transactions with all that tells of them,
    -- and what is gone when nothing tells of it any more.
    CREATE INDEX jobs_gone ON jobs (pruned_ms) WHERE pruned_ms IS NOT NULL;
    CREATE INDEX workers_gone ON workers (lost_ms) WHERE lost_ms IS NOT NULL;
    CREATE INDEX peers_gone ON peers (removed_ms) WHERE removed_ms IS NOT NULL;

    -- Every event that came in, with what became of it.
    CREATE VIEW events AS
      SELECT epochs.epoch, record, time_ms, peer, position, kind, event, outcome, reason, number AS transaction_number,
        coalesce(number > superseded_after, 0) AS superseded
      FROM transactions JOIN epochs ON epochs.id = transactions.id >> 40
      UNION ALL
      SELECT epochs.epoch, record, time_ms, peer, position, kind, event, 'unhandled', reason, NULL, 0
      FROM unhandled_events JOIN epochs ON epochs.id = unhandled_events.id >> 40;

    -- Actions with names instead of ids.
    CREATE VIEW named_actions AS
      SELECT epochs.epoch, actions.transaction_id, actions.transaction_id & 0xffffffffff AS transaction_number,
        actions.position, transactions.time_ms, actions.kind,
        coalesce(jobs.name, task_jobs.name || '/task-' || tasks.task_index, workers.name) AS subject,
        actions.from_state, actions.to_state, actions.attempt,
        iif(actions.task IS NULL, NULL, workers.name) AS worker, actions.cause, actions.name
      FROM actions JOIN transactions ON transactions.id = actions.transaction_id
        JOIN epochs ON epochs.id = actions.transaction_id >> 40
        LEFT JOIN jobs ON jobs.id = actions.job
        LEFT JOIN tasks ON tasks.id = actions.task LEFT JOIN jobs AS task_jobs ON task_jobs.id = tasks.job
        LEFT JOIN workers ON workers.id = actions.worker;
    """
}
