import EventJSON
import EventModel
import Foundation
import Journal
import Platform
import RingmasterClient
import SQLite

/// Heartbeats that a dispatcher applies while somebody else changes state all the time, so that its journal, if it keeps
/// one, commits all the time.
final class JournalHeartbeats {
  private let dispatcher: DispatcherUnderTest
  private var feeder: HeartbeatFeeder
  private var changer: Attachment
  private let changed: WorkerHandle
  private var underWay = 0
  private(set) var changes = 0

  private static let workerCount = 100_000
  private static let settleNs: UInt64 = 100_000_000
  /// Between two looks at the results of the changes.
  private static let sliceNs: UInt64 = 500_000

  init(folder: String?, cpus: CPUList) throws {
    dispatcher = try DispatcherUnderTest(cpus: cpus.other, journalParent: folder)
    let handles = try dispatcher.registerWorkers(Self.workerCount + 1)
    changed = handles[Self.workerCount]
    feeder = try HeartbeatFeeder(
      socketPath: dispatcher.socketPath, handles: Array(handles.dropLast()), peers: 1, capacity: 4096, seed: 1)
    changer = try dispatcher.attach(role: .control, name: "ringperf-changer")
  }

  /// - Returns: heartbeats applied a second.
  func round(durationNs: UInt64) throws -> Double {
    try feed(forNs: Self.settleNs)
    let before = try dispatcher.counter("heartbeats_applied")
    let startNs = Clock.monotonicNs()
    try feed(forNs: durationNs)
    let seconds = Double(Clock.monotonicNs() - startNs) / 1e9
    return Double(try dispatcher.counter("heartbeats_applied") - before) / seconds
  }

  private func feed(forNs durationNs: UInt64) throws {
    let endNs = Clock.monotonicNs() + durationNs
    while Clock.monotonicNs() < endNs {
      feeder.feed(untilNs: Clock.monotonicNs() + Self.sliceNs)
      while let message = try changer.results.next() {
        guard case .result = message else { continue }
        underWay -= 1
        changes += 1
      }
      guard underWay == 0 else { continue }
      if try changer.submission.publish(.workerHeartbeatFailed(.handle(changed)), wantsResult: true) != nil {
        underWay += 1
      }
      changer.submission.flush()
    }
  }
}

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

/// What this disk takes for a write of a commit's size and an fdatasync, in a file that was made and filled with zeros
/// before: nothing that keeps its promise in one file can be faster.
final class SyncFloor {
  private let path: String
  private let file: File
  private let bytes: UnsafeMutableRawBufferPointer
  private let fileBytes: Int
  private var offset = 0

  /// - Parameters:
  ///   - writeBytes: of one write.
  ///   - fileBytes: of the file, written from its beginning on and then again.
  init(folder: String, writeBytes: Int, fileBytes: Int = JournalConfiguration().segmentBytes) throws {
    let path = "\(folder)/\(ObjectNames.folderPrefix)sync-\(Machine.processID())"
    let file = try File.create(path)
    self.path = path
    self.fileBytes = fileBytes
    try File.allocate(file.rawDescriptor, bytes: fileBytes)
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    for offset in stride(from: 0, to: fileBytes, by: zeros.count) {
      try zeros.withUnsafeBytes { chunk in
        _ = try File.write(chunk, .init(start: nil, count: 0), to: file.rawDescriptor, at: offset)
      }
    }
    try File.syncData(file.rawDescriptor)
    self.file = file
    bytes = .allocate(byteCount: writeBytes, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 0x55)
  }

  deinit {
    bytes.deallocate()
    unlink(path)
  }

  func latencies(writes: Int) throws -> LatencyRecorder {
    var recorder = LatencyRecorder()
    for _ in 0..<writes {
      if offset + bytes.count > fileBytes { offset = 0 }
      let startNs = Clock.monotonicNs()
      _ = try File.write(
        UnsafeRawBufferPointer(bytes), .init(start: nil, count: 0), to: file.rawDescriptor, at: offset)
      try File.syncData(file.rawDescriptor)
      recorder.record(ns: Clock.monotonicNs() - startNs)
      offset += bytes.count
    }
    return recorder
  }
}

/// The same work as a table of SQLite: events as rows, so many in a transaction, which a synced write-ahead log makes
/// durable.
final class SQLiteJournal {
  private let path: String
  private let connection: SQLiteConnection
  private var insert: SQLiteStatement
  private var next: Int64 = 0
  /// As long as the journal's record of an event.
  private let payload: String

  init(folder: String, rowBytes: Int) throws {
    path = "\(folder)/\(ObjectNames.folderPrefix)sqlite-\(Machine.processID()).db"
    connection = try SQLiteConnection.open(path, .readWrite)
    try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    try connection.execute("CREATE TABLE event (position INTEGER PRIMARY KEY, time_ms INTEGER, record TEXT) STRICT")
    insert = try connection.prepare("INSERT INTO event VALUES (?, ?, ?)")
    payload = String(repeating: "x", count: rowBytes)
  }

  deinit {
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
  }

  private func commit(_ rows: Int) throws {
    try connection.execute("BEGIN IMMEDIATE")
    for _ in 0..<rows {
      insert.bind(next)
      insert.bind(Int64(next))
      insert.bind(payload)
      try insert.run()
      next += 1
    }
    try connection.execute("COMMIT")
  }

  func latencies(commits: Int) throws -> LatencyRecorder {
    var recorder = LatencyRecorder()
    for _ in 0..<commits {
      let startNs = Clock.monotonicNs()
      try commit(1)
      recorder.record(ns: Clock.monotonicNs() - startNs)
    }
    return recorder
  }

  /// - Returns: rows made durable a second.
  func round(durationNs: UInt64, batch: Int) throws -> Double {
    let startNs = Clock.monotonicNs()
    var rows = 0
    while Clock.monotonicNs() < startNs + durationNs {
      try commit(batch)
      rows += batch
    }
    return Double(rows) / (Double(Clock.monotonicNs() - startNs) / 1e9)
  }
}
