import EventJSON
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

  /// What adds names to an archive that a program made with fewer.
  static let names = """
    INSERT OR IGNORE INTO names VALUES
      \((rows("event", EventKind.self) + rows("action", ActionKind.self) + rows("state", TaskState.self)
        + Outcome.names.enumerated().map { "('outcome', \($0.offset), '\($0.element)')" }).joined(separator: ", "))
    """

  private static func rows<Code: NamedCode>(_ vocabulary: String, _ codes: Code.Type) -> [String] {
    codes.allCases.map { "('\(vocabulary)', \($0.rawValue), '\($0.name)')" }
  }

  private static func name(_ vocabulary: String, _ number: String) -> String {
    "(SELECT name FROM names WHERE vocabulary = '\(vocabulary)' AND number = \(number))"
  }

  /// Where an event's JSON has its time.
  static let timePath: String = {
    let others = EventKind.allCases.filter { $0.timeMember != "timestamp_ms" }.map { "\($0.rawValue)" }
    return "iif(kind IN (\(others.joined(separator: ", "))), '$.now_ms', '$.timestamp_ms')"
  }()
  /// Bytes of a task's list in its own row.
  private static let longestList = 400

  private static func transactions(of entity: LinkedEntity) -> String {
    """
    SELECT \(entity.rawValue), transaction_id FROM (
        SELECT entity AS \(entity.rawValue), last - sum(value) OVER (PARTITION BY entity, last ORDER BY key) AS transaction_id
        FROM \(entity.lists) JOIN json_each('[0' || back || ']'))
      WHERE transaction_id >= (SELECT min(id) FROM stored_transactions)
    """
  }

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

    -- Kinds, states and outcomes are stored as numbers: what a number of a vocabulary (event, outcome, action, state) is called.
    CREATE TABLE names (
      vocabulary TEXT NOT NULL,
      number INTEGER NOT NULL,
      name TEXT NOT NULL,
      PRIMARY KEY (vocabulary, number)
    ) STRICT, WITHOUT ROWID;

    -- What the views transactions, actions and kills show.
    CREATE TABLE stored_transactions (
      id INTEGER PRIMARY KEY,
      record INTEGER NOT NULL,
      time_ms INTEGER NOT NULL,
      peer INTEGER NOT NULL,
      position INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      outcome INTEGER NOT NULL,
      worker INTEGER REFERENCES workers,
      job INTEGER REFERENCES jobs,
      task INTEGER REFERENCES stored_tasks,
      event TEXT NOT NULL,                -- without its type, its time if that is time_ms, and its subject's handle
      actions TEXT,                       -- [[KIND, TASK, TO, FROM, WORKER, ATTEMPT, CAUSE, JOB, NAME], …] without nulls at
                                          -- the end; TASK is 0 in an action about the event's subject
      kills TEXT,                         -- [[TASK, ATTEMPT, WORKER, NAME], …]
      reason TEXT,
      shortage TEXT                       -- [MISSING, NEEDED, FREE]
    ) STRICT;

    -- What each external event did. One event makes exactly one transaction.
    CREATE VIEW transactions AS
      SELECT id,                          -- numbers count from 1; gaps are in "losses"
        record,                           -- the number of the event's record in the journal
        time_ms,                          -- never falls from one number to the next
        peer,                             -- the event's id: its peer, 0 for the dispatcher itself, …
        position,                         -- … and the position in its submission ring
        \(name("event", "kind")) AS kind, -- of the event: WORKER_FAILED, …
        json_insert(event, '$.type', \(name("event", "kind")),
          \(timePath), time_ms,
          CASE WHEN task IS NOT NULL THEN '$.task_id' WHEN job IS NOT NULL THEN '$.job_id'
            WHEN worker IS NOT NULL THEN '$.worker_id' END,
          '#' || (coalesce(task, job, worker) & 0xffffffff) || '.' || ((coalesce(task, job, worker) >> 32)
            - (SELECT generation_base FROM epochs WHERE epochs.id = stored_transactions.id >> 40))
        ) AS event,                       -- all of it, as JSON: json_extract(event, '$.reason')
        \(name("outcome", "outcome")) AS outcome, -- applied, ignored or rejected
        reason,                           -- of a rejection
        json_extract(shortage, '$[0]') AS missing, -- of insufficient_capacity: cpu, memory_bytes or devices.NAME
        json_extract(shortage, '$[1]') AS needed, -- of it; cpu in thousandths
        json_extract(shortage, '$[2]') AS free, -- of it, on the worker
        worker,                           -- what the event was about: one of the three, or none of them
        job,
        task,
        id & 0xffffffffff AS number
      FROM stored_transactions;

    -- What a transaction did, in order.
    CREATE VIEW actions AS
      SELECT stored_transactions.id AS transaction_id,
        key AS position,                  -- in the transaction, from 0
        \(name("action", "json_extract(value, '$[0]')")) AS kind, -- task_assigned, …
        iif(json_extract(value, '$[1]') = 0, job, json_extract(value, '$[7]')
        ) AS job,                         -- the subject of an action about a job,
        iif(json_extract(value, '$[1]') = 0, task, json_extract(value, '$[1]')
        ) AS task,                        -- or about a task,
        coalesce(json_extract(value, '$[4]'), iif(json_extract(value, '$[1]') = 0, worker, NULL)
        ) AS worker,                      -- or about a worker; with a task: the worker it was assigned to or taken from
        \(name("state", "json_extract(value, '$[3]')")) AS from_state,
        \(name("state", "json_extract(value, '$[2]')")) AS to_state,
        json_extract(value, '$[5]') AS attempt,
        json_extract(value, '$[6]') AS cause, -- the position of the action that led to this one; NULL: the event itself
        json_extract(value, '$[8]') AS name -- of the endpoint that it is about, or of a worker that was not registered
      FROM stored_transactions JOIN json_each(actions);

    -- Processes that a worker was told to stop.
    CREATE VIEW kills AS
      SELECT stored_transactions.id AS transaction_id, key AS position, json_extract(value, '$[0]') AS task,
        json_extract(value, '$[1]') AS attempt, json_extract(value, '$[2]') AS worker,
        json_extract(value, '$[3]') AS name -- as the worker reported it, where there is no such task
      FROM stored_transactions JOIN json_each(kills);

    -- What the views of which transactions tell of what show: the last of some, and how much lower the id of each before it
    -- is than that of the next, backwards, each with a comma before it. Of a task, most are in its own row.
    CREATE TABLE worker_lists (
      worker INTEGER NOT NULL REFERENCES workers,
      last INTEGER NOT NULL REFERENCES stored_transactions,
      back TEXT NOT NULL,
      PRIMARY KEY (worker, last)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE job_lists (
      job INTEGER NOT NULL REFERENCES jobs,
      last INTEGER NOT NULL REFERENCES stored_transactions,
      back TEXT NOT NULL,
      PRIMARY KEY (job, last)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE task_lists (
      task INTEGER NOT NULL REFERENCES stored_tasks,
      last INTEGER NOT NULL REFERENCES stored_transactions,
      back TEXT NOT NULL,
      PRIMARY KEY (task, last)
    ) STRICT, WITHOUT ROWID;

    -- Which transactions tell of a worker, of a job or of one of its tasks, of a task.
    CREATE VIEW worker_transactions AS \(transactions(of: .worker));
    CREATE VIEW job_transactions AS \(transactions(of: .job));
    CREATE VIEW task_transactions AS \(transactions(of: .task));

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

    -- What the views tasks and attempts show: a task with its newest attempt, and the attempts before it.
    CREATE TABLE stored_tasks (
      id INTEGER PRIMARY KEY,
      job INTEGER NOT NULL REFERENCES jobs,
      task_index INTEGER NOT NULL,
      state INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      worker INTEGER REFERENCES workers,
      changed_by INTEGER REFERENCES stored_transactions,
      back TEXT,                          -- as in the lists, of which changed_by is the last; NULL when all are there
      attempt_state INTEGER,              -- NULL when it has no attempt
      attempt_worker INTEGER,             -- NULL when it is the worker
      started_ms INTEGER,
      ended_ms INTEGER,
      failures INTEGER NOT NULL,
      preemptions INTEGER NOT NULL,
      deliveries INTEGER NOT NULL,
      exit_code INTEGER,
      error TEXT,
      attempt_exit_code INTEGER,
      end_reason TEXT,
      attempt_error TEXT
    ) STRICT;
    CREATE UNIQUE INDEX tasks_by_job ON stored_tasks (job, task_index);
    -- Its row stays short.
    CREATE TRIGGER long_list AFTER UPDATE ON stored_tasks WHEN length(new.back) > \(longestList) BEGIN
      INSERT INTO task_lists VALUES (new.id, new.changed_by, new.back);
      UPDATE stored_tasks SET back = NULL WHERE id = new.id;
    END;
    CREATE TABLE earlier_attempts (
      task INTEGER NOT NULL REFERENCES stored_tasks,
      number INTEGER NOT NULL,
      state INTEGER NOT NULL,
      worker INTEGER NOT NULL REFERENCES workers,
      started_ms INTEGER NOT NULL,
      ended_ms INTEGER,
      exit_code INTEGER,
      end_reason TEXT,
      error TEXT,
      PRIMARY KEY (task, number)
    ) STRICT, WITHOUT ROWID;

    -- The task's name is JOB/task-INDEX.
    CREATE VIEW tasks AS
      SELECT id, job, task_index, \(name("state", "state")) AS state, error, exit_code,
        failures,                         -- attempts that failed
        preemptions,                      -- attempts lost or preempted after they had started
        deliveries,                       -- attempts lost before that
        attempts,
        worker,                           -- while it is active
        changed_by
      FROM stored_tasks;

    -- Every try of a task on a worker.
    CREATE VIEW attempts AS
      SELECT task,
        number,                           -- from 0
        \(name("state", "state")) AS state, worker, started_ms, ended_ms, exit_code,
        end_reason,                       -- how its process ended, where the worker or a time limit says it
        error
      FROM earlier_attempts
      UNION ALL
      SELECT id, attempts - 1, \(name("state", "attempt_state")), coalesce(attempt_worker, worker), started_ms, ended_ms,
        attempt_exit_code, end_reason, attempt_error
      FROM stored_tasks WHERE attempt_state IS NOT NULL;

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

/// What has a list of the transactions that tell of it.
enum LinkedEntity: String {
  case worker, job, task

  /// Its rows.
  var table: String { "\(rawValue)s" }

  /// Its lists: entity, last and back.
  var lists: String {
    let own = self == .task ? " UNION ALL SELECT id, changed_by, back FROM stored_tasks WHERE back IS NOT NULL" : ""
    return "(SELECT \(rawValue) AS entity, last, back FROM \(rawValue)_lists\(own))"
  }
}
