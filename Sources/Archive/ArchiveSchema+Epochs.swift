extension ArchiveSchema {
  /// Numbers of transactions and records are given again when a journal is put back to an earlier state, and so are handles.
  static let version2 = """
    -- Version 2: epochs. The number of a transaction, or of a record, is unique in its epoch. Ids of transactions and records
    -- are EPOCH_INDEX << 40 | NUMBER, so that they rise in the order of history: epochs.id = id >> 40. Of workers, jobs and
    -- tasks, id - (epochs.generation_base << 32) is the handle, and of peers, the number.
    DROP VIEW events;
    DROP VIEW named_actions;

    CREATE TABLE epochs (
      id INTEGER PRIMARY KEY,             -- from 0, in the order of history
      epoch INTEGER NOT NULL,             -- as results and ringctl tell it: the start of a dispatcher, in milliseconds since
                                          -- 1970; 0 in a journal from before there were epochs
      journal TEXT NOT NULL,              -- the journal's id
      generation_base INTEGER NOT NULL,   -- epochs that share it share their entities
      first_transaction INTEGER NOT NULL, -- the number that its first transaction has, or would have
      cause TEXT NOT NULL,                -- first (of the archive), start (of a dispatcher), lost_tail (the journal had lost
                                          -- its end, or was restored from a copy), other_journal (--adopt)
      superseded_after INTEGER            -- transactions with greater numbers were lost from the journal after they had been
                                          -- archived: the state did not come from them
    ) STRICT;
    INSERT INTO epochs SELECT 0, 0, journal, 0, 1, 'first', NULL FROM archive;

    ALTER TABLE transactions RENAME COLUMN number TO id;
    ALTER TABLE transactions ADD COLUMN number INTEGER GENERATED ALWAYS AS (id & 0xffffffffff) VIRTUAL;
    ALTER TABLE actions RENAME COLUMN transaction_number TO transaction_id;
    ALTER TABLE kills RENAME COLUMN transaction_number TO transaction_id;
    ALTER TABLE worker_transactions RENAME COLUMN transaction_number TO transaction_id;
    ALTER TABLE job_transactions RENAME COLUMN transaction_number TO transaction_id;
    ALTER TABLE task_transactions RENAME COLUMN transaction_number TO transaction_id;
    ALTER TABLE unhandled_events RENAME COLUMN record TO id;
    ALTER TABLE unhandled_events ADD COLUMN record INTEGER GENERATED ALWAYS AS (id & 0xffffffffff) VIRTUAL;
    ALTER TABLE settings RENAME COLUMN record TO id;
    ALTER TABLE settings ADD COLUMN record INTEGER GENERATED ALWAYS AS (id & 0xffffffffff) VIRTUAL;

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
        iif(actions.task IS NULL, NULL, workers.name) AS worker, actions.cause
      FROM actions JOIN transactions ON transactions.id = actions.transaction_id
        JOIN epochs ON epochs.id = actions.transaction_id >> 40
        LEFT JOIN jobs ON jobs.id = actions.job
        LEFT JOIN tasks ON tasks.id = actions.task LEFT JOIN jobs AS task_jobs ON task_jobs.id = tasks.job
        LEFT JOIN workers ON workers.id = actions.worker;
    """
}
