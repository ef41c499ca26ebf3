import EventModel
import SQLite

/// Whether the database tells the same as the journal.
extension Round {
  func checkArchive(_ evidence: JournalEvidence) throws {
    let database = try SQLiteConnection.open(archive.database, .readOnly)
    if try database.text("PRAGMA integrity_check") != "ok" { findings.object("the archive's database is damaged") }
    let last = try database.integer("SELECT last_transaction FROM archive") ?? 0
    if UInt64(last) != evidence.lastTransaction {
      findings.object("the archive ends with transaction \(last), the journal with \(evidence.lastTransaction)")
    }
    try checkTransactions(database, evidence)
    try checkStates(database, evidence)
  }

  /// One row for each, with the event that made it.
  private func checkTransactions(_ database: borrowing SQLiteConnection, _ evidence: JournalEvidence) throws {
    var rows = try database.prepare("SELECT number, peer, position, outcome FROM transactions ORDER BY number")
    var count = 0
    while try rows.step() {
      count += 1
      let id = EventID(peer: UInt32(truncatingIfNeeded: rows.integer(1)), position: rows.unsigned(2))
      let outcome = rows.text(3)
      guard let handled = evidence.events[id]?.first, handled.transaction == rows.unsigned(0),
        handled.outcome.name == outcome
      else {
        findings.object("the archive has transaction \(rows.integer(0)), \(outcome), of event \(id); the journal not")
        continue
      }
    }
    if count < evidence.events.count {
      findings.lose("\(evidence.events.count - count) transactions are not in the archive")
    } else if count > evidence.events.count {
      findings.duplicate("\(count - evidence.events.count) transactions in the archive that are not in the journal")
    }
  }

  private func checkStates(_ database: borrowing SQLiteConnection, _ evidence: JournalEvidence) throws {
    var lines: [String] = []
    var jobs = try database.prepare("SELECT name, state FROM jobs WHERE pruned_ms IS NULL")
    while try jobs.step() { lines.append("job \(jobs.text(0)) \(jobs.text(1))") }
    var tasks = try database.prepare(
      """
      SELECT jobs.name, tasks.task_index, tasks.state, tasks.attempts FROM tasks JOIN jobs ON jobs.id = tasks.job
      WHERE jobs.pruned_ms IS NULL
      """)
    while try tasks.step() {
      lines.append(
        "task \(TaskName(job: tasks.text(0), index: Int(tasks.integer(1)))) \(tasks.text(2)), \(tasks.integer(3)) attempts"
      )
    }
    var workers = try database.prepare("SELECT name, address FROM workers WHERE lost_ms IS NULL")
    while try workers.step() { lines.append("worker \(workers.text(0)) at \(workers.text(1))") }
    if let difference = StateLines.difference(between: lines.sorted(), and: evidence.entities) {
      findings.object("the archive's state is not the journal's: \(difference)")
    }
  }
}
