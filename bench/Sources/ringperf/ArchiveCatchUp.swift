import EventJSON
import Foundation
import Platform

/// How fast `ringmaster-archive` takes over a journal that is there already, into a new database beside it.
final class ArchiveCatchUp {
  private let fixture: JournalFixture

  private static let workers = 10_000
  private static let tasks = 50_000

  init(folder: String) throws {
    fixture = try JournalFixture(workers: Self.workers, tasks: Self.tasks, tailEvents: 0, parent: folder)
  }

  /// - Returns: events taken over a second, from the start of the process to its end.
  func round() throws -> Double {
    let database = "\(fixture.folder)/archive.sqlite"
    defer { for suffix in ["", "-wal", "-shm", ".lock"] { unlink(database + suffix) } }
    let startNs = Clock.monotonicNs()
    let outcome = try ProcessLaunch.run([
      try Executable.sibling("ringmaster-archive"), "--journal", fixture.folder, "--database", database, "--once",
      "--json", "--log-level", "error",
    ])
    let seconds = Double(Clock.monotonicNs() - startNs) / 1e9
    let report = try JSONValue(parsing: Array(outcome.output.utf8))
    guard outcome.end == .code(0), report["transactions"] == .integer(fixture.events) else {
      throw BenchmarkError("ringmaster-archive came to \(report.text), \(fixture.events) events were there")
    }
    return Double(fixture.events) / seconds
  }
}
