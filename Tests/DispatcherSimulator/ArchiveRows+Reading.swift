import EventJSON
import EventModel
import SQLite

/// The rows that an archive has.
extension ArchiveRows {
  /// A row that differs: nil where there is none.
  struct Difference: CustomStringConvertible {
    let table: Table
    let key: Key
    let expected: Row?
    let found: Row?

    var description: String {
      "\(table.rawValue) \(key.first) \(key.second): expected \(expected.map { "\($0)" } ?? "no row"), found "
        + "\(found.map { "\($0)" } ?? "none")"
    }
  }

  /// Reads a table, and compares it row by row.
  ///
  /// - Parameters:
  ///   - isWhole: these are all rows that there can be; else only those here are looked for.
  ///   - prunes: old history goes from it, with what is gone since and nothing tells of any more.
  func firstDifference(
    from path: String, isWhole: Bool, prunes: Bool
  ) throws -> Difference? {
    let connection = try SQLiteConnection.open(path, .readOnly)
    let oldest = try connection.unsigned("SELECT min(id) FROM transactions")
    let oldestUnhandled = try connection.unsigned("SELECT min(id) FROM unhandled_events")
    for table in Table.allCases {
      let found = try Self.read(table, connection)
      let expected = rows[table] ?? [:]
      for (key, row) in found where expected[key] != row {
        guard let wanted = expected[key] else {
          if isWhole { return Difference(table: table, key: key, expected: nil, found: row) }
          continue
        }
        return Difference(table: table, key: key, expected: wanted, found: row)
      }
      guard found.count < expected.count || !isWhole else { continue }
      for (key, row) in expected where found[key] == nil {
        if prunes, mayBeGone(table, key, row, oldest: oldest, oldestUnhandled: oldestUnhandled) { continue }
        return Difference(table: table, key: key, expected: row, found: nil)
      }
    }
    return nil
  }

  private func mayBeGone(_ table: Table, _ key: Key, _ row: Row, oldest: UInt64, oldestUnhandled: UInt64) -> Bool {
    switch table {
    case .transactions, .actions, .kills: key.first < oldest
    case .workerLinks, .jobLinks, .taskLinks: key.second < oldest
    case .unhandled: key.first < oldestUnhandled
    case .workers, .jobs, .peers: row.last != .null
    case .tasks: isPruned(row)
    case .attempts: (rows[.tasks]?[Key(first: key.first)]).map { isPruned($0) } ?? true
    case .epochs: false
    }
  }

  private func isPruned(_ task: Row) -> Bool {
    guard case .integer(let job) = task.first else { return false }
    return rows[.jobs]?[Key(first: UInt64(bitPattern: job))]?.last != .null
  }

  private static func read(_ table: Table, _ connection: borrowing SQLiteConnection) throws -> [Key: Row] {
    let (keys, select) = table.selection
    var statement = try connection.prepare("SELECT \(select) FROM \(table.rawValue) \(table.condition)")
    var rows: [Key: Row] = [:]
    while try statement.step() {
      let key = Key(first: statement.unsigned(0), second: keys > 1 ? statement.unsigned(1) : 0)
      rows[key] = try (keys..<statement.columnCount).map { column in
        let value = statement.value(column)
        guard statement.columnName(column) == "event", case .text(let text) = value else { return value }
        return try .text(sorted(JSONValue(parsing: Array(text.utf8))).text)
      }
    }
    return rows
  }
}

extension ArchiveRows.Table {
  /// How many columns are the key, and all columns.
  fileprivate var selection: (keys: Int, columns: String) {
    switch self {
    case .transactions:
      (1, "id, record, time_ms, peer, position, kind, event, outcome, reason, missing, needed, free, job, task, worker")
    case .actions:
      (2, "transaction_id, position, kind, job, task, worker, from_state, to_state, attempt, cause")
    case .kills: (2, "transaction_id, position, task, attempt, worker, name")
    case .workerLinks: (2, "worker, transaction_id")
    case .jobLinks: (2, "job, transaction_id")
    case .taskLinks: (2, "task, transaction_id")
    case .workers:
      (
        1,
        """
        id, name, incarnation, registered_ms, registered_by, address, milli_cpu, memory_bytes, devices, zone, metadata,
        lost_ms, lost_by
        """
      )
    case .jobs:
      (
        1,
        """
        id, name, state, error, tasks, \(JobRequest.columns), parent_name, depth, submitted_ms, ended_ms, changed_by,
        pruned_ms, pruned_by
        """
      )
    case .tasks:
      (
        1,
        """
        id, job, task_index, state, error, exit_code, failures, preemptions, deliveries, attempts, worker, changed_by
        """
      )
    case .attempts: (2, "task, number, state, worker, started_ms, ended_ms, exit_code, error")
    case .peers: (1, "id, name, role, uid, pid, submission_slots, result_slots, attached_ms, removed_ms")
    case .unhandled: (1, "id, time_ms, peer, position, kind, event, reason, detail")
    case .epochs: (1, "id, epoch, first_transaction")
    }
  }

  /// Where times are in a row.
  var timeColumns: [Int] {
    let (keys, columns) = selection
    let names = columns.split { $0 == "," || $0.isWhitespace }
    let spans: Set<Substring> = ["scheduling_timeout_ms", "run_timeout_ms", "retry_delay_ms", "retry_delay_max_ms"]
    return names.indices.filter { names[$0].hasSuffix("_ms") && !spans.contains(names[$0]) }.map { $0 - keys }
  }

  fileprivate var condition: String { self == .epochs ? "WHERE cause = 'start'" : "" }
}

extension ArchiveRows {
  /// An event: the order of its members means nothing.
  static func sorted(_ event: JSONValue) -> JSONValue {
    guard case .object(let members) = event else { return event }
    return .object(members.sorted { $0.name < $1.name })
  }
}

extension SQLiteConnection {
  fileprivate borrowing func unsigned(_ query: String) throws -> UInt64 {
    UInt64(bitPattern: try integer(query) ?? -1)
  }
}
